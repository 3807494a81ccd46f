"""The arithmetic of the timeline: scale, and clock times of long and short days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vms_desktop.core.base.local_day import day_end, day_start
from vms_desktop.ui.playback.timeline.scale import (
    SHORTEST_S,
    DayClock,
    TimeView,
    labels,
    step_s,
    ticks,
)

HOUR = 3600.0
WHOLE = TimeView.whole(0, 24 * HOUR, 960)


def clock_of(zone: str, year: int, month: int, day: int) -> DayClock:
    start = datetime(year, month, day, tzinfo=ZoneInfo(zone))
    end = start + timedelta(days=1)
    return DayClock(start.timestamp(), end.timestamp(), ZoneInfo(zone))


def view_of(clock: DayClock, width_px: float = 960) -> TimeView:
    return TimeView.whole(clock.first_s, clock.last_s, width_px)


def texts(clock: DayClock, hours: int = 1) -> list[str]:
    return [tick.text for tick in ticks(view_of(clock), clock, hours * 3600)]


@pytest.mark.parametrize("factor", [1.3, 4, 100, 1 / 1.3])
@pytest.mark.parametrize("hour", [0.5, 12, 23])
def test_zooming_keeps_what_is_under_the_pointer(factor, hour):
    before = WHOLE.zoomed(3, 12 * HOUR).panned((hour - 12) * HOUR)
    about_s = before.start_s + before.length_s / 4
    after = before.zoomed(factor, about_s)
    if factor > 1:
        assert after.x_of(about_s) == pytest.approx(before.x_of(about_s))
    assert after.first_s <= after.start_s < after.end_s <= after.last_s


def test_the_scale_goes_from_the_whole_day_to_a_minute():
    view = WHOLE
    for _ in range(60):
        view = view.zoomed(1.3, 5 * HOUR)
    assert view.length_s == SHORTEST_S
    for _ in range(60):
        view = view.zoomed(1 / 1.3, 5 * HOUR)
    assert view == WHOLE


@pytest.mark.parametrize(
    "first_h, last_h, seen",
    [
        (15, 15.9, (14.55, 16.35)),
        (15, 15.1, (14.8, 15.3)),
        (23.8, 23.9, (23.5, 24)),
        (0.2, 0.3, (0, 0.5)),
        (15, 16.1, (0, 24)),
    ],
)
def test_what_lies_within_an_hour_is_seen_close(first_h, last_h, seen):
    view = WHOLE.closing_in(first_h * HOUR, last_h * HOUR)
    assert (view.start_s / HOUR, view.end_s / HOUR) == pytest.approx(seen)


@pytest.mark.parametrize("by_s", [-100 * HOUR, 100 * HOUR])
def test_nothing_beyond_the_day_is_ever_seen(by_s):
    view = WHOLE.zoomed(6, 12 * HOUR).panned(by_s)
    assert (view.start_s == 0) is (by_s < 0)
    assert (view.end_s == 24 * HOUR) is (by_s > 0)
    assert view.length_s == pytest.approx(4 * HOUR)


@pytest.mark.parametrize(
    "at_h, start_h",
    [(12, 10), (14.5, 14.1), (9.5, 5.9), (23.9, 20)],
)
def test_following_turns_the_page_only_when_the_moment_has_left(at_h, start_h):
    view = WHOLE.zoomed(6, 10 * HOUR).panned(1.6667 * HOUR)
    assert view.start_s == pytest.approx(10 * HOUR, abs=1)
    assert view.following(at_h * HOUR).start_s == pytest.approx(start_h * HOUR, abs=1)


@pytest.mark.parametrize(
    "zone, day, hours",
    [
        ("Europe/Paris", (2026, 10, 25), 25),
        ("Europe/Paris", (2026, 3, 29), 23),
        ("America/New_York", (2026, 11, 1), 25),
        ("America/New_York", (2026, 3, 8), 23),
        ("Europe/Paris", (2026, 11, 22), 24),
    ],
)
def test_a_day_is_as_long_as_it_really_is(zone, day, hours):
    clock = clock_of(zone, *day)
    assert clock.last_s - clock.first_s == hours * HOUR
    assert view_of(clock).px_per_s == pytest.approx(960 / (hours * HOUR))
    hourly = ticks(view_of(clock), clock, 3600)
    assert [tick.at_s - clock.first_s for tick in hourly] == [HOUR * n for n in range(hours + 1)]


@pytest.mark.parametrize(
    "zone, day, first_hours",
    [
        ("Europe/Paris", (2026, 10, 25), ["00:00", "01:00", "02:00 +2", "02:00 +1", "03:00"]),
        ("Europe/Paris", (2026, 3, 29), ["00:00", "01:00", "03:00", "04:00", "05:00"]),
        ("America/New_York", (2026, 11, 1), ["00:00", "01:00 −4", "01:00 −5", "02:00", "03:00"]),
        ("America/New_York", (2026, 3, 8), ["00:00", "01:00", "03:00", "04:00", "05:00"]),
        ("Asia/Kolkata", (2026, 11, 22), ["00:00", "01:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_hours_are_told_in_local_time_and_a_repeated_one_twice(zone, day, first_hours):
    assert texts(clock_of(zone, *day))[:5] == first_hours


def test_a_repeated_half_hour_is_told_with_its_offsets():
    clock = clock_of("Australia/Lord_Howe", 2026, 4, 5)
    assert clock.last_s - clock.first_s == 24.5 * HOUR
    assert [text for text in texts(clock) if " " in text] == ["01:30 +11", "01:30 +10:30"]


@pytest.mark.parametrize(
    "zone, day, repeated",
    [
        ("Europe/Paris", (2026, 10, 25), ["02:00 +2", "02:00 +1"]),
        ("America/New_York", (2026, 11, 1), ["01:00 −4", "01:00 −5"]),
    ],
)
def test_at_the_scale_of_a_day_both_passes_have_room(zone, day, repeated):
    clock = clock_of(zone, *day)
    view = view_of(clock, 900)
    found = labels(ticks(view, clock, 7200), view, lambda text: 7.0 * len(text), 7)
    assert [label.tick.text for label in found if label.tick.pass_number] == repeated
    ends = [label.left_px + label.width_px for label in found]
    assert all(end < label.left_px for end, label in zip(ends, found[1:], strict=False))
    assert found[0].left_px >= 0
    assert ends[-1] <= 900


@pytest.mark.parametrize(
    "zone, day",
    [("Europe/Paris", (2026, 3, 29)), ("Europe/Paris", (2026, 10, 25)), ("UTC", (2026, 5, 1))],
)
def test_a_day_begins_at_0_and_ends_at_24(zone, day):
    shown = texts(clock_of(zone, *day), hours=2)
    assert (shown[0], shown[-1]) == ("00:00", "24:00")
    assert all(int(text[:2]) % 2 == 0 for text in shown)


@pytest.mark.parametrize(
    "zone, eve",
    [
        ("America/Santiago", date(2026, 9, 5)),
        ("Africa/Cairo", date(2026, 4, 23)),
        ("Atlantic/Azores", date(2026, 3, 28)),
        ("America/Havana", date(2026, 3, 7)),
    ],
)
def test_the_eve_of_a_missing_midnight_ends_at_24_and_the_day_begins_at_1(zone, eve):
    midnight = day_end(eve, ZoneInfo(zone)).timestamp()
    before = day_start(eve, ZoneInfo(zone)).timestamp()
    after = day_end(eve + timedelta(days=1), ZoneInfo(zone)).timestamp()
    eves, days = (
        DayClock(*span, ZoneInfo(zone)) for span in ((before, midnight), (midnight, after))
    )
    assert (texts(eves)[0], texts(eves)[-2:]) == ("00:00", ["23:00", "24:00"])
    assert (texts(days)[:2], texts(days)[-1]) == (["01:00", "02:00"], "24:00")
    assert (len(texts(eves)), len(texts(days))) == (25, 24)
    assert texts(days, hours=6) == ["01:00", "06:00", "12:00", "18:00", "24:00"]


def test_an_hour_that_comes_twice_at_the_end_of_a_day_is_told_twice():
    zone = ZoneInfo("America/Santiago")
    start, end = (day_start(date(2026, 4, day), zone).timestamp() for day in (4, 5))
    clock = DayClock(start, end, zone)
    assert texts(clock)[-3:] == ["23:00 −3", "23:00 −4", "24:00"]


@pytest.mark.parametrize("length_s, step", [(86_400, 7200), (3600, 300), (600, 60), (60, 5)])
def test_labels_stand_at_round_times_that_have_room(length_s, step):
    view = WHOLE.zoomed(86_400 / length_s, 12 * HOUR)
    assert step_s(view, lambda with_seconds: 75 if with_seconds else 54) == step


def test_seconds_are_told_where_steps_are_shorter_than_a_minute():
    view = WHOLE.zoomed(1440, 12 * HOUR)
    clock = DayClock(0, 24 * HOUR, UTC)
    assert ticks(view, clock, 5)[0].text.count(":") == 2
    assert ticks(view, clock, 60)[0].text == "12:00"
