"""A camera's times as they are, and what is made of them; arrival is simulated."""

import itertools
import math
import random

import pytest

from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.stream.packets.timestamps import MAX_MISSING, Timed, TimestampGuard

HZ = 90_000
FPS = 10
STEP = HZ // FPS
TEN_MINUTES = 600 * FPS
GROUPED_S = 0.35
HOURS = 9800


def guard(fps=FPS):
    return TimestampGuard(1 / HZ, HZ // fps)


def judged(stamps, arrivals=None, *, follows=True, times=None):
    """What becomes of the stamps in s, by default a picture each tenth of a second."""
    times = times or guard()
    arrivals = arrivals or [number / FPS for number in range(len(stamps))]
    missing = follows if isinstance(follows, dict) else {}
    return [
        times.judge(ticks, ticks, None, now, missing.get(number, follows if not missing else True))
        for number, (stamp, now) in enumerate(zip(stamps, arrivals, strict=True))
        for ticks in [None if stamp is None else round(stamp * HZ)]
    ]


def seconds(timed):
    return [each and round(each.dts / HZ, 2) for each in timed]


def ramp(count, start=0.0, speed=1.0):
    return [start + speed * number / FPS for number in range(count)]


def in_groups(count, fps=FPS, every_s=GROUPED_S):
    """Arrival as it is read: in groups."""
    return [math.ceil(number / fps / every_s) * every_s for number in range(count)]


def with_strays(stamps, strays):
    """The stamps, those of the given numbers off by so many seconds."""
    return [stamp + strays.get(number, 0) for number, stamp in enumerate(stamps)]


STRAYS = {
    "ahead": {13: HOURS},
    "back": {13: -HOURS},
    "a little ahead": {13: 1.5},
    "a little back": {13: -0.5},
    "different ones": {13: HOURS, 14: -HOURS, 15: 77, 16: 5000},
    "two alike": {13: HOURS, 14: HOURS},
    "two alike back": {13: -0.7, 14: -0.7},
    "each twentieth": dict.fromkeys(range(13, 100, 20), HOURS),
    "the first ones": {1: HOURS, 2: -HOURS},
    "every second one": {number: HOURS + number for number in range(1, 100, 2)},
}


@pytest.mark.parametrize("strays", STRAYS.values(), ids=STRAYS)
@pytest.mark.parametrize("arrivals", [ramp(100), in_groups(100)], ids=["evenly", "in groups"])
def test_a_stray_is_stamped_by_its_arrival_and_all_others_to_the_tick(strays, arrivals):
    timed = judged(with_strays(ramp(100), strays), arrivals)
    assert None not in timed
    assert not any(each.breaks for each in timed)
    for number, each in enumerate(timed):
        assert abs(each.dts - number * STEP) <= (STEP * 0.6 if number in strays else 0)


def test_a_first_stamp_that_is_stray_moves_nothing_else():
    timed = judged(with_strays(ramp(50), {0: HOURS}))
    steps = [b.dts - a.dts for a, b in itertools.pairwise(timed)]
    assert all(0 < step < 1.5 * STEP for step in steps)
    assert steps[4:] == [STEP] * 45


@pytest.mark.parametrize("by_s", [HOURS, 60, 2, -0.4, -2, -30, -HOURS])
@pytest.mark.parametrize("arrivals", [ramp(200), in_groups(200)], ids=["evenly", "in groups"])
def test_a_clock_that_is_set_goes_on_in_the_same_timeline(by_s, arrivals):
    timed = judged(ramp(100) + ramp(100, 10 + by_s), arrivals)
    assert not any(each.breaks for each in timed)
    assert all(0 < b.dts - a.dts < 1.7 * STEP for a, b in itertools.pairwise(timed))
    assert timed[-1].dts == pytest.approx(199 * STEP, abs=0.6 * STEP)


@pytest.mark.parametrize(
    "follows, breaks",
    [(True, []), (None, [102]), ({100: False}, [102]), ({101: False}, []), ({50: False}, [])],
    ids=["numbers follow", "no numbers", "a gap at the jump", "a gap behind it", "one before"],
)
def test_a_timeline_breaks_only_where_numbers_and_time_do(follows, breaks):
    timed = judged(ramp(100) + ramp(100, 500), follows=follows)
    assert [number for number, each in enumerate(timed) if each.breaks] == breaks
    assert all(0 < b.dts - a.dts < 2 * STEP for a, b in itertools.pairwise(timed))


def test_a_gap_that_arrival_has_too_is_no_jump():
    whole = ramp(300)
    left = whole[:60] + whole[83:]
    timed = judged(left, left, follows={60: False})
    assert seconds(timed) == [round(each, 2) for each in left]
    assert not any(each.breaks for each in timed)


def test_pictures_that_were_held_back_keep_their_times():
    arrivals = [max(at, 8.3) if 6 <= at < 8.3 else at for at in ramp(200)]
    timed = judged(ramp(200), arrivals)
    assert [each.dts for each in timed] == [STEP * number for number in range(200)]


@pytest.mark.parametrize(
    "sent, given",
    [
        ([0, 100, 200], [0, 100, 200]),
        ([5000, 5100], [5000, 5100]),
        ([0, 0, 0, 100], [0, 1, 2, 100]),
        ([0, 100, 100, 101], [0, 100, 101, 102]),
        ([1000, 1100, 200, 1200], [1000, 1100, None, 1200]),
        ([1000, 0, 1100], [1000, None, 1100]),
        ([0, None, None, 300], [0, 100, 200, 300]),
        ([None, None, 200], [0, 100, 200]),
        ([0, None, 50, 200], [0, 100, None, 200]),
    ],
)
def test_without_numbers_what_comes_late_is_dropped(sent, given):
    times = TimestampGuard(1 / 1000, 100)
    timed = [times.judge(dts, dts, None, number / 10) for number, dts in enumerate(sent)]
    assert [each and each.dts for each in timed] == given


def test_without_numbers_a_clock_set_back_a_little_costs_two_pictures():
    timed = judged(ramp(50) + ramp(50, 4.3), follows=None)
    assert [number for number, each in enumerate(timed) if each is None] == [50, 51]
    assert timed[-1].dts == pytest.approx(99 * STEP, abs=3 * STEP)


def test_without_numbers_what_is_sent_again_at_once_is_dropped_whole():
    stamps = [*ramp(50), *ramp(8, 4.1), *ramp(50, 5)]
    timed = judged(stamps, ramp(50) + [4.95] * 8 + ramp(50, 5), follows=None)
    kept = [each for each in timed if each]
    assert [each.dts for each in kept] == [STEP * number for number in range(100)]


def test_what_is_given_grows_whatever_is_sent():
    chance = random.Random(7)
    times, now, last, missing = guard(), 0.0, -math.inf, 0
    for _ in range(5000):
        now += chance.choice([0, 0, 0.04, 0.1, 3])
        dts = chance.choice([None, 0, now * HZ, now * HZ * 2, chance.uniform(-(2**33), 2**33)])
        if dts is None and missing == MAX_MISSING:
            dts = now * HZ
        missing = missing + 1 if dts is None else 0
        dts = None if dts is None else round(dts)
        timed = times.judge(dts, None, None, now, True)
        assert timed.dts > last
        last = timed.dts


def test_six_packets_without_a_time_are_guessed_and_the_seventh_is_too_much():
    times = guard()
    times.judge(0, 0, None, 0.0)
    for number in range(MAX_MISSING):
        times.judge(None, None, None, number / FPS)
    with pytest.raises(StreamError) as caught:
        times.judge(None, None, None, 0.7)
    assert MAX_MISSING == 6
    assert caught.value.kind is Problem.BAD_DATA


def test_a_time_forgives_those_that_were_missing():
    stamps = [at if number % MAX_MISSING == 0 else None for number, at in enumerate(ramp(60))]
    assert seconds(judged(stamps)) == [round(at, 2) for at in ramp(60)]


def test_a_missing_time_is_the_last_one_and_its_duration():
    times = guard()
    times.judge(0, 0, None, 0.0)
    assert times.judge(None, None, 4000, 0.05) == Timed(4000, 4000)
    assert times.judge(None, None, None, 0.15) == Timed(4000 + STEP, 4000 + STEP)


@pytest.mark.parametrize("pts, given", [(None, 100), (180, 180), (50, 100), (2**40, 100)])
def test_a_picture_is_never_shown_before_it_is_decoded_nor_long_after(pts, given):
    assert guard().judge(100, pts, None, 0.0) == Timed(100, given)


def test_a_first_packet_without_decoding_time_takes_its_presentation_time():
    assert guard().judge(None, 700, None, 0.0) == Timed(700, 700)


class TestClock:
    """Over ten minutes the times say what arrived, whatever the camera's clock does."""

    def run(self, stamps, arrivals, **options):
        self.times = guard(options.pop("fps", FPS))
        self.timed = judged(stamps, arrivals, times=self.times, **options)
        assert None not in self.timed
        assert all(a.dts < b.dts for a, b in itertools.pairwise(self.timed))
        return [each.dts / HZ - now for each, now in zip(self.timed, arrivals, strict=True)]

    @pytest.mark.parametrize("speed", [0, 0.001, 0.5, 0.7, 1.4, 2, 10, -1])
    def test_one_that_is_wrong_is_replaced_by_arrival(self, speed):
        off_s = self.run(ramp(TEN_MINUTES, speed=speed), in_groups(TEN_MINUTES))
        assert not self.times.believed
        assert all(abs(each) < 0.5 for each in off_s[20 * FPS :])
        steps = [b.dts - a.dts for a, b in itertools.pairwise(self.timed[30 * FPS :])]
        assert STEP * 0.85 < min(steps) < max(steps) < STEP * 1.15

    @pytest.mark.parametrize("speed", [0.9, 0.95, 0.99, 1.01, 1.05, 1.1])
    def test_one_that_is_a_little_wrong_is_never_off_by_more_than_two_seconds(self, speed):
        off_s = self.run(ramp(TEN_MINUTES, speed=speed), in_groups(TEN_MINUTES))
        assert all(abs(each) < 2.0 for each in off_s)
        steps = [b.dts - a.dts for a, b in itertools.pairwise(self.timed)]
        assert STEP * 0.7 < min(steps) < max(steps) < STEP * 2

    @pytest.mark.parametrize(
        "arrivals",
        [
            ramp(TEN_MINUTES),
            in_groups(TEN_MINUTES),
            in_groups(TEN_MINUTES, every_s=6.0),
            [max(at, 4 + at / 500) for at in ramp(TEN_MINUTES)],
            [max(at, 10 + at / 3) for at in ramp(TEN_MINUTES)],
            [at // 15 * 15 + max(at % 15, 8.3 if at % 15 >= 6 else 0) for at in ramp(TEN_MINUTES)],
            [max(at, 60 + at / 20 if at > 60 else 0) for at in ramp(TEN_MINUTES)],
            [at + (2 if 60 < at < 80 else 0) for at in ramp(600)],
        ],
        ids=[
            "evenly", "groups", "segments", "kept 4 s", "kept 15 s",
            "hiccups", "trickle", "late for long",
        ],
    )  # fmt: skip
    def test_a_good_one_is_believed_to_the_tick_however_its_packets_arrive(self, arrivals):
        arrivals = list(itertools.accumulate(arrivals, max))
        self.run(ramp(len(arrivals)), arrivals)
        assert self.times.believed
        assert [each.dts for each in self.timed] == [STEP * n for n in range(len(arrivals))]

    @pytest.mark.parametrize("fps", [1, 25])
    def test_a_good_one_is_believed_at_any_rate(self, fps):
        count = 300 * fps
        self.run([n / fps for n in range(count)], in_groups(count, fps), fps=fps)
        assert [each.dts for each in self.timed] == [HZ // fps * n for n in range(count)]

    def test_a_picture_every_four_seconds_is_no_clock_that_stands(self):
        self.run([4 * n for n in range(200)], [4 * n for n in range(200)])
        assert [each.dts for each in self.timed] == [4 * HZ * n for n in range(200)]

    def test_one_that_becomes_sane_is_believed_again_and_goes_on(self):
        stamps = ramp(1000) + ramp(1000, 100, speed=0.5) + ramp(4000, 150)
        off_s = self.run(stamps, in_groups(6000))
        assert self.times.believed
        assert all(b.dts - a.dts == STEP for a, b in itertools.pairwise(self.timed[-1000:]))
        assert all(abs(each) < 0.6 for each in off_s[-1000:])

    def test_one_that_comes_and_goes_is_believed_ever_less(self):
        stamps, at = [], 0.0
        for minute in range(30):
            stamps += ramp(60 * FPS, at, speed := 0.5 if minute % 2 else 1.0)
            at += 60 * speed
        changes: list[bool] = []
        times = guard()
        for stamp, now in zip(stamps, in_groups(len(stamps)), strict=True):
            judged([stamp], [now], times=times)
            changes += [times.believed] if [times.believed] != changes[-1:] else []
        assert len(changes) < 10

    def test_one_that_jumps_ever_again_says_what_arrived(self):
        stamps = [at + number // 300 * 77 for number, at in enumerate(ramp(TEN_MINUTES))]
        off_s = self.run(stamps, in_groups(TEN_MINUTES))
        assert all(abs(each) < 0.6 for each in off_s)

    def test_stamps_by_chance_are_no_clock(self):
        chance = random.Random(3)
        stamps = [chance.uniform(0, 40_000) for _ in range(TEN_MINUTES)]
        off_s = self.run(stamps, in_groups(TEN_MINUTES))
        assert not self.times.believed
        assert all(abs(each - off_s[0]) < 1 for each in off_s[30 * FPS :])

    def test_one_that_drifts_for_days_stays_with_arrival(self):
        count = 36 * 3600 * 2
        arrivals = [number / 2 for number in range(count)]
        off_s = self.run([1.0001 * at for at in arrivals], arrivals, fps=2)
        assert all(abs(each) < 1.2 for each in off_s)
