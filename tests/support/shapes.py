"""Pictures whose pixels are not square, and how round a circle comes out in them."""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.video import Paint

ROUND = pytest.approx(1, abs=0.02)
# Width and height as stored, and how wide a pixel is for its height.
SHAPES = [
    pytest.param(352, 288, Fraction(16, 11), id="wide CIF"),
    pytest.param(352, 288, Fraction(12, 11), id="CIF"),
    pytest.param(352, 288, Fraction(1), id="CIF that is square"),
    pytest.param(704, 576, Fraction(12, 11), id="PAL"),
    pytest.param(704, 576, Fraction(16, 11), id="wide PAL"),
    pytest.param(720, 480, Fraction(8, 9), id="NTSC"),
    pytest.param(720, 480, Fraction(32, 27), id="wide NTSC"),
    pytest.param(960, 1080, Fraction(2), id="half the width"),
    pytest.param(1440, 1080, Fraction(4, 3), id="three quarters of the width"),
    pytest.param(640, 360, Fraction(1), id="square"),
]
TURNS = [0, 90, 180, 270]
# Width, height, how wide a pixel is, and by how much the picture is turned.
TURNED_SHAPES = [
    *(pytest.param(*case.values, 0, id=case.id) for case in SHAPES),
    *(pytest.param(352, 288, Fraction(16, 11), turn, id=f"turned by {turn}") for turn in TURNS[1:]),
    pytest.param(720, 480, Fraction(8, 9), 90, id="NTSC turned"),
]


def circle(pixel_aspect: Fraction) -> Paint:
    """Paints a light circle on black, upright and round once pixels are that wide."""

    @cache
    def painted(width: int, height: int) -> NDArray[np.uint8]:
        across = (np.arange(width) + 0.5 - width / 2) * float(pixel_aspect)
        down = np.arange(height) + 0.5 - height / 2
        radius = 0.35 * min(width * float(pixel_aspect), height)
        away = np.hypot(across[None, :], down[:, None])
        grey = ((radius - away + 0.5).clip(0, 1) * 200 + 20).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)

    return lambda _, width, height: painted(width, height)


def roundness(picture: NDArray[Any]) -> float:
    """Width to height of the circle in a picture of any size, one, three or four channels."""
    grey = picture[..., :3].mean(axis=2) if picture.ndim == 3 else picture
    rows, columns = np.nonzero(grey > 128)
    return float(columns.std() / rows.std())


def shape(picture: NDArray[Any]) -> float:
    """Width to height of a picture."""
    return picture.shape[1] / picture.shape[0]
