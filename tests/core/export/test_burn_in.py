"""What is written into a picture."""

from datetime import datetime

import numpy as np
import pytest

from tests.support.exporting import blocks
from vms_desktop.core.export.encoder import TimeStamp


@pytest.mark.usefixtures("paris")
def test_the_two_passes_of_a_repeated_hour_can_be_told_apart():
    first, again, second = (
        burnt(f"2026-10-25T02:30:00{offset}") for offset in ("+02:00", "+02:00", "+01:00")
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def burnt(moment: str) -> np.ndarray:
    """A grey picture of 640 × 360 with a moment in it."""
    picture = np.full((540, 640), 128, np.uint8)
    at_us = round(datetime.fromisoformat(moment).timestamp() * 1_000_000)
    TimeStamp("Door", blocks).draw(picture, at_us)
    return picture[:360]


@pytest.mark.parametrize("size", [(640, 360), (96, 64), (32, 16), (360, 640)])
def test_a_line_of_any_size_stays_within_its_picture(size):
    width, height = size
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    TimeStamp("A long name " * 20, lambda *_: np.full((41, 3333), 255, np.uint8)).draw(picture, 0)
    assert picture[:height].max() == 235


def test_a_name_of_several_lines_is_written_as_one():
    named = []

    def note(_when, name, _letter_px, _room_px):
        named.append(name)
        return np.zeros((8, 8), np.uint8)

    TimeStamp("Yard\n  left", note).draw(np.full((540, 640), 128, np.uint8), 0)
    assert named == ["Yard left"]
