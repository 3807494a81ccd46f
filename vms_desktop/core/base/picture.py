"""Pictures and boxes on their way from a camera to the screen, and the room that awaits them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A rectangle in shares (0…1) of the picture, so that it fits SD and HD alike."""

    x: float
    y: float
    width: float
    height: float


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Viewport:
    """The room a tile has for a camera's picture, in device pixels.

    `hd` asks for the HD stream (a camera shown alone), `fill` for a picture
    that is cropped to the room rather than fitted into it.
    """

    width: int
    height: int
    hd: bool = False
    fill: bool = False


class Picture(NamedTuple):
    """A decoded frame as the screen wants it.

    Attributes:
        pixels: Shape (height, width, 4), uint8, B G R X; read-only.
        source: The stream's own size, before it was fitted to the tile.
        shown: The same in square pixels: its shape is that of `pixels`, unless they fill.
        boxes: What moves in this picture.
        decoded_at: Monotonic time at which the decoder gave the frame, in s.
        frame_rate: Frames per second over the last seconds.
        codec: The field's name of the codec: ``H.264``, ``H.265``, ``MJPEG``.
        hd: Whether it comes from the HD stream.
    """

    pixels: NDArray[np.uint8]
    source: Size
    shown: Size
    boxes: tuple[Box, ...]
    decoded_at: float
    frame_rate: float
    codec: str
    hd: bool = False
