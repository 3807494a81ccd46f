"""A recording over midnight is seen on both days, and counted on the first one alone."""

from datetime import timedelta

import pytest

from tests.library import DAY, at
from tests.ui.playback_steps import number, until
from tests.ui.recorded import record

MIDNIGHT = at("00:00:00")


@pytest.fixture
def library(fleet):
    """A clip from the evening before that ends two seconds into the day, and one at noon."""
    return {
        "over": record(fleet.layout, 1, MIDNIGHT - timedelta(seconds=2), 0),
        "noon": record(fleet.layout, 1, "12:00:00", 100),
    }


def test_it_is_played_and_drawn_on_the_day_that_it_reaches(open_window, library, review, qtbot):
    with qtbot.waitSignal(review.index.keeper.maintained):
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
