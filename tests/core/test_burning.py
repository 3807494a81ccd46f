"""What is written into a picture."""

from datetime import datetime

import numpy as np
import pytest

from vms_desktop.core.burning import TimeStamp


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
    TimeStamp("Door").draw(picture, at_us)
    return picture[:360]
