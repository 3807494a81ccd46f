"""What the gallery is made of: hours, the filter, pictures in their rooms, kept thumbnails."""

from datetime import timedelta, timezone

import pytest
from PySide6.QtCore import QRect, QSize

from tests.support.archive_clips import indexed, put_thumbnail
from tests.support.zones import local_zone
from vms_desktop.ui.clips.clip_picture import placed
from vms_desktop.ui.picture.thumbnails import Thumbnails
from vms_desktop.ui.playback.gallery.model import ClipFilter, by_hour


def test_the_repeated_hour_in_autumn_is_two_hours(layout):
    summer, winter = timezone(timedelta(hours=2), "CEST"), timezone(timedelta(hours=1), "CET")
    day = "2026-10-25"
    first = indexed(layout, "02:50:00", day=day, zone=summer)
    second = indexed(layout, "02:10:00", day=day, zone=winter)
    later = indexed(layout, "03:00:00", day=day, zone=winter)
    hours = by_hour((first, second, later))
    assert [hour.title for hour in hours] == ["03:00", "02:00 (CET)", "02:00 (CEST)"]


def test_an_hour_of_which_one_pass_has_clips_says_which(layout):
    with local_zone("Europe/Paris"):
        winter = timezone(timedelta(hours=1), "CET")
        [hour] = by_hour((indexed(layout, "02:10:00", day="2026-10-25", zone=winter),))
        assert hour.title == "02:00 (CET)"


@pytest.mark.parametrize(
    "chosen, expected",
    [
        (ClipFilter(), [5, 40, 70]),
        (ClipFilter(least_s=30), [40, 70]),
        (ClipFilter(least_strength=0.5), [5, 70]),
        (ClipFilter(least_s=60, least_strength=0.5), [70]),
    ],
)
def test_a_filter_takes_long_clips_with_much_motion(layout, chosen, expected):
    all_of_them = [
        indexed(layout, f"10:0{number}:00", seconds=seconds, strength=strength)
        for number, (seconds, strength) in enumerate([(5, 0.9), (40, 0.1), (70, 0.7)])
    ]
    assert [clip.duration_s for clip in filter(chosen.takes, all_of_them)] == expected


def test_only_so_many_thumbnails_are_kept(qtbot, layout, thumbnail_reader):
    source = Thumbnails(thumbnail_reader, QSize(160, 90), kept_bytes=200_000)
    paths = [layout.root / f"{number}.jpg" for number in range(5)]
    for path in paths:
        put_thumbnail(path)
        with qtbot.waitSignal(source.loaded):
            source.get(path, 1.0)
    assert [path for path in paths if source.get(path, 1.0) is not None] == paths[-3:]
    source.stop()


@pytest.mark.parametrize(
    "picture, shown_size, part",
    [
        (QSize(320, 180), QSize(160, 90), QSize(320, 180)),
        (QSize(320, 240), QSize(160, 90), QSize(320, 180)),
        (QSize(180, 320), QSize(50, 90), QSize(180, 320)),
    ],
)
def test_a_picture_covers_its_room_unless_it_would_lose_too_much(picture, shown_size, part):
    place, taken = placed(picture, QRect(10, 10, 160, 90))
    assert (place.size(), taken.size()) == (shown_size, part)
    assert abs(place.center().x() - 89) <= 1
