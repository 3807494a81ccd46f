"""Whatever times packets carry, those that are given only grow and stay near arrival."""

from hypothesis import strategies as st

from tests.support.bounds import bounded
from tests.support.properties import given
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.stream.packets.timestamps import TimestampGuard

TICK_S = 1 / 90_000

stamps = st.one_of(
    st.none(), st.integers(-(1 << 62), 1 << 62), st.integers(0, 1_000_000), st.integers(0, 100)
)


@given(
    packets=st.lists(
        st.tuples(
            stamps, stamps, st.sampled_from([None, 0, 6000, 1 << 40]),
            st.floats(0, 20), st.sampled_from([None, True, False]),
        ),
        max_size=40,
    ),
    frame_ticks=st.sampled_from([0, 1, 6000, 90_000]),
)  # fmt: skip
def test_times_grow_whatever_a_camera_says(packets, frame_ticks):
    guard, now, last = TimestampGuard(TICK_S, frame_ticks), 1000.0, None
    with bounded(60 * len(packets)):
        for dts, pts, duration, after_s, follows in packets:
            now += after_s
            try:
                timed = guard.judge(dts, pts, duration, now, follows)
            except StreamError:
                return
            if timed is None:
                continue
            assert timed.pts >= timed.dts
            assert last is None or timed.dts > last
            last = timed.dts


@given(
    frame_ticks=st.sampled_from([3000, 6000, 9000]),
    jitter=st.lists(st.floats(0, 0.2), min_size=5, max_size=60),
    begins=st.integers(0, 1 << 40),
)
def test_a_clock_that_is_right_is_kept_to_the_tick(frame_ticks, jitter, begins):
    guard = TimestampGuard(TICK_S, frame_ticks)
    judged = [
        guard.judge(
            begins + n * frame_ticks, begins + n * frame_ticks, None,
            n * frame_ticks * TICK_S + late_s, True,
        )
        for n, late_s in enumerate(jitter)
    ]  # fmt: skip
    times = [timed.dts for timed in judged if timed]
    assert [dts - times[0] for dts in times] == [n * frame_ticks for n in range(len(jitter))]
