"""Which archived clips are shown, and where their cards stand."""

import pytest

from tests.support.archive_clips import indexed
from vms_desktop.ui.archives.shelf import by_day, found, plan


@pytest.mark.parametrize(
    "searched, expected",
    [
        ("", 4),
        ("VAN", 1),
        ("alley", 2),
        ("alley parcel", 1),
        ("fox alley", 0),
        ("  ", 4),
    ],
)
def test_comments_and_cameras_are_searched(layout, searched, expected):
    clips = [
        indexed(layout, "03:14:27", camera="Garage", comment="Fox under the gate, again"),
        indexed(layout, "02:58:02", camera="Gone"),
        indexed(layout, "09:31:40", camera="Alley", comment="Delivery van"),
        indexed(layout, "16:02:11", camera="Alley", comment="Cyclist leaves parcel"),
    ]
    assert len(found(clips, searched)) == expected


@pytest.mark.parametrize("width, columns", [(300, 1), (640, 2), (1300, 4), (2500, 8)])
def test_cards_stand_in_as_many_columns_as_fit(layout, width, columns):
    clips = [indexed(layout, f"10:{n:02}:00", is_archived=True) for n in range(20)]
    planned = plan(by_day(clips), width)
    tops = [place.y() for place in planned.cards.values()]
    assert tops.count(tops[0]) == columns
    assert max(place.bottom() for place in planned.cards.values()) < planned.height_px
