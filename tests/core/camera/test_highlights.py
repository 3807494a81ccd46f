"""The strongest moments of motion are kept as small pictures."""

from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vms_desktop.core.camera.highlights import FRESH_S, KEPT_S, Highlights
from vms_desktop.core.media.frame import SQUARE_PIXELS, Frame
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.motion_grid import NO_CELLS


def frame(grey):
    pixels = np.full((360, 640, 3), grey, np.uint8)
    return Frame(av.VideoFrame.from_ndarray(pixels, format="bgr24"), SQUARE_PIXELS)


def motion(at, area_px):
    return Motion(at, at, (), area_px, 100, NO_CELLS)


def decoded(jpeg: bytes) -> NDArray[Any]:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture


def grey_of(jpeg: bytes) -> int:
    return int(decoded(jpeg).mean())


def offered(*moments):
    highlights = Highlights()
    for at, area_px, grey in moments:
        highlights.offer(motion(at, area_px), frame(grey), 0)
    return highlights


@pytest.mark.parametrize(
    "start, end, grey",
    [(0, 10, 90), (0, 1, 30), (3, 10, None)],
    ids=["strongest", "of the span", "none in it"],
)
def test_the_strongest_moment_of_a_span_is_given(start, end, grey):
    jpeg = offered((1, 200, 30), (2, 900, 90)).best(start, end)
    assert (grey_of(jpeg) if jpeg else None) == (grey and pytest.approx(grey, abs=2))


def test_a_hardly_stronger_moment_is_not_worth_a_picture():
    assert grey_of(offered((1, 200, 30), (2, 220, 90)).best(0, 10)) == pytest.approx(30, abs=2)


def test_a_weaker_moment_much_later_is_kept_for_the_next_clip():
    later = 2 + FRESH_S
    assert offered((1, 900, 30), (later, 200, 90)).best(2, later)


def test_what_no_clip_can_hold_any_more_is_forgotten():
    assert not offered((1, 200, 30), (2 + KEPT_S, 200, 90)).best(0, 2)


@pytest.mark.parametrize("rotation, shape", [(0, (180, 320)), (90, (569, 320))])
def test_a_picture_is_small_and_turned_as_its_camera(rotation, shape):
    highlights = Highlights()
    highlights.offer(motion(1, 200), frame(90), rotation)
    assert decoded(highlights.best(0, 2)).shape == shape
