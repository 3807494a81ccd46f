"""Days that meet: a recording over midnight, and a midnight that does not exist."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt

from tests.support.library import DAY, at
from tests.support.playback_steps import number, press, seen_of, until
from tests.support.recorded import record
from tests.support.zones import local_zone
from vms_desktop.core.library.gaps import GapJournal

MIDNIGHT = at("00:00:00")


@pytest.fixture
def library(fleet):
    """A clip from the evening before that ends two seconds into the day, and one at noon."""
    return {
        "over": record(fleet.layout, 1, MIDNIGHT - timedelta(seconds=2), 0),
        "noon": record(fleet.layout, 1, "12:00:00", 100),
    }


def test_a_recording_over_midnight_is_played_and_drawn_on_the_day_that_it_reaches(
    open_window, library, review, qtbot
):
    with qtbot.waitSignal(review.index.indexer.maintained):
        review.index.start()
    page = open_window(page="playback").pages.current
    until(qtbot, lambda: page.days.day == DAY and number(page, "Camera_1") is not None)
    over, noon = library["over"].path, library["noon"].path
    assert [clip.path for clip in page.player.clips_of("Camera_1")] == [over, noon]
    assert [clip.path for clip in page.player.clips()] == [noon]
    assert [camera.clips for camera in page.player.listed()] == [1]
    review.playback.seek(MIDNIGHT + timedelta(seconds=1))
    until(qtbot, lambda: number(page, "Camera_1") == 45)
    page.parts.calendar.day_chosen.emit(DAY - timedelta(days=1))
    until(qtbot, lambda: page.days.day == DAY - timedelta(days=1))
    assert [clip.path for clip in page.player.clips()] == [over]


EVE = date(2026, 9, 5)
SANTIAGO = ZoneInfo("America/Santiago")


def there(text: str) -> datetime:
    """A moment by the clocks of Santiago, as the program has it."""
    return datetime.fromisoformat(text).replace(tzinfo=SANTIAGO).astimezone()


@pytest.fixture
def santiago():
    with local_zone("America/Santiago"):
        yield


@pytest.fixture
def night(santiago, fleet):
    """Clips around the midnight that does not exist, and a gap over it."""
    clips = [
        record(fleet.layout, 1, there(text), first)
        for first, text in enumerate(
            (
                "2026-09-05 10:00:00",
                "2026-09-05 23:30:00",
                "2026-09-05 23:59:58",
                "2026-09-06 01:00:05",
                "2026-09-06 12:00:00",
                "2026-09-07 00:00:00",
            )
        )
    ]
    journal = GapJournal(fleet.layout)
    journal.opened("cam1", "Camera_1", there("2026-09-05 22:00:00"), "paused")
    journal.closed("cam1", there("2026-09-06 02:00:00"))
    journal.flush(there("2026-09-06 02:00:00"))
    return clips


@pytest.fixture
def page(night, open_window, review, qtbot):
    with qtbot.waitSignal(review.index.indexer.maintained):
        review.index.start()
    shown = open_window(page="playback").pages.current
    until(qtbot, lambda: shown.days.day == EVE + timedelta(days=2))
    return shown


def test_a_missing_midnight_is_crossed_day_by_day_in_both_directions(page, qtbot):
    days = [EVE, EVE + timedelta(days=1), EVE + timedelta(days=2)]
    for key, expected in ((Qt.Key.Key_PageUp, days[1::-1]), (Qt.Key.Key_PageDown, days[1:])):
        for day in expected:
            press(page.window(), key)
            until(qtbot, lambda day=day: page.days.day == day)


def test_the_eve_of_a_missing_midnight_is_shown_whole_and_the_day_from_1_on(page, night, qtbot):
    page.parts.calendar.day_chosen.emit(EVE)
    until(qtbot, lambda: page.days.day == EVE and bool(page.days.gaps.get("Camera_1")))
    timeline = page.parts.timeline
    midnight = there("2026-09-06 01:00:00")
    assert seen_of(timeline) == (there("2026-09-05 00:00:00"), midnight)
    assert [clip.path for clip in page.player.clips()] == [clip.path for clip in night[:3]]
    [gap] = page.days.gaps["Camera_1"]
    assert (gap.start_at, gap.end_at) == (there("2026-09-05 22:00:00"), midnight)
    page.parts.calendar.day_chosen.emit(EVE + timedelta(days=1))
    until(
        qtbot,
        lambda: page.days.day == EVE + timedelta(days=1) and bool(page.days.gaps.get("Camera_1")),
    )
    assert seen_of(timeline) == (midnight, there("2026-09-07 00:00:00"))
    shown = [clip.path for clip in page.player.clips_of("Camera_1")]
    assert shown == [clip.path for clip in night[2:5]]
    [gap] = page.days.gaps["Camera_1"]
    assert (gap.start_at, gap.end_at) == (midnight, there("2026-09-06 02:00:00"))


def test_a_day_that_a_zone_left_out_can_be_looked_at(fleet, review, open_window, qtbot):
    with local_zone("Pacific/Apia"):
        left_out = date(2011, 12, 30)
        for day in (29, 31):
            record(fleet.layout, 1, at("12:00:00", date(2011, 12, day)))
        with qtbot.waitSignal(review.index.indexer.maintained):
            review.index.start()
        page = open_window(page="playback").pages.current
        until(qtbot, lambda: page.days.day == date(2011, 12, 31))
        page.parts.calendar.day_chosen.emit(left_out)
        until(qtbot, lambda: page.days.day == left_out)
        assert page.player.clips() == ()
        press(page.window(), Qt.Key.Key_PageUp)
        until(qtbot, lambda: page.days.day == date(2011, 12, 29))
