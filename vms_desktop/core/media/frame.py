"""A decoded frame and how it is seen: pixels need not be square, a file may turn it.

The one rule for whoever fits, shows or saves a picture. Files keep the pixels they have.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType

from vms_desktop.core.base import CLIP_START_TAG, Size
from vms_desktop.core.media.colour import coloured
from vms_desktop.core.stream import container_aspect

SQUARE_PIXELS = Fraction(1)

# H.264 and H.265 know no pixel wider than 32:11 (table E-1); what is told beyond is nonsense.
_WIDEST = 3
_ANALOGUE_SHAPE = Fraction(4, 3)
# How recorders and servers sample PAL and NTSC, whose picture is 4:3 in each of them.
_ANALOGUE_SIZES = frozenset(
    {(704, 576), (704, 480), (720, 576), (720, 480)}  # D1
    | {(960, 576), (960, 480), (928, 576), (928, 480)}  # 960H
    | {(704, 288), (704, 240), (352, 576), (352, 480)}  # 2CIF, half D1
    | {(352, 288), (352, 240), (176, 144), (176, 120)}  # CIF, QCIF
)


class Frame(NamedTuple):
    """A decoded frame.

    Attributes:
        image: Its pixels as they are stored, not turned; it says how its colours are meant.
        pixel_aspect: How wide a pixel is for its height.
        told_turn: By how much its file wants it turned, clockwise; None where that is
            left to its camera.
    """

    image: av.VideoFrame
    pixel_aspect: Fraction
    told_turn: int | None = None

    @property
    def size(self) -> Size:
        """Its stored size."""
        return Size(self.image.width, self.image.height)

    @property
    def shown_size(self) -> Size:
        """Its size in square pixels, not turned."""
        return shown_size(self.size, self.pixel_aspect)

    def turn(self, rotation: int) -> int:
        """The turn with which it is seen, clockwise, a multiple of 90°.

        Args:
            rotation: How its camera is turned now. What its file says counts more: the
                camera may have been turned since.
        """
        return rotation if self.told_turn is None else self.told_turn


class Framer:
    """Joins what is decoded of a file's stream with the shape of its pixels and its turn.

    Made before anything of the stream is decoded; owned by the thread that decodes it.
    """

    def __init__(self, source: av.VideoStream) -> None:
        self._decoder = source.codec_context
        self._container = container_aspect(source)
        # Every clip and export of this program says so, and then no turn means: none.
        self._is_ours = CLIP_START_TAG in source.container.metadata
        self._knows_turn = False
        self._turn: int | None = None

    @property
    def pixel_aspect(self) -> Fraction:
        """The newest frame's; before the first one what the header tells of it."""
        size = Size(self._decoder.width, self._decoder.height)
        return pixel_aspect(self._container or told_by_codec(self._decoder), size)

    def frames(self, images: Iterable[av.VideoFrame]) -> list[Frame]:
        """The pictures that the stream's decoder has just given, as frames."""
        found = framed(images, self._decoder, self._container)
        if found and not self._knows_turn:
            self._knows_turn = True
            self._turn = told_turn(found[0].image) or (0 if self._is_ours else None)
        return [frame._replace(told_turn=self._turn) for frame in found]


def told_turn(image: av.VideoFrame) -> int:
    """The turn of a file's display matrix, clockwise, a multiple of 90°.

    Of one that mirrors, too, it is the turn after which left and right alone are changed.
    """
    turn = -round(image.rotation / 90) * 90 % 360  # FFmpeg counts against the clock.
    said: Any = image.side_data  # Its stubs know names as keys alone.
    matrix = said.get(SideDataType.DISPLAYMATRIX)
    if matrix is None:
        return turn
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    return (180 - turn) % 360 if a * d < b * c else turn


def framed(
    images: Iterable[av.VideoFrame], decoder: av.VideoCodecContext, container: Fraction | None
) -> list[Frame]:
    """Gives decoded pictures the shape that their decoder knows now, and colours that are said.

    A stream may change that with any keyframe; what the container says of its pixels,
    where it says something, counts more.
    """
    told = container or told_by_codec(decoder)
    return [
        Frame(coloured(image, decoder.name), pixel_aspect(told, Size(image.width, image.height)))
        for image in images
    ]


def pixel_aspect(told: Fraction | None, size: Size) -> Fraction:
    """The width of a pixel for its height, in a picture of that stored size.

    Where nothing is told, or nonsense, they are square, but in the sizes of digitised
    television: there the picture is 4:3.
    """
    if told is not None and Fraction(1, _WIDEST) <= told <= _WIDEST:
        return told
    if size in _ANALOGUE_SIZES:
        return _ANALOGUE_SHAPE * size.height / size.width
    return SQUARE_PIXELS


def shown_size(size: Size, pixel_aspect: Fraction) -> Size:
    """A stored size in square pixels: one side grows, so that no pixel is lost."""
    if pixel_aspect == 1:
        return size
    if pixel_aspect > 1:
        return Size(round(size.width * pixel_aspect), size.height)
    return Size(size.width, round(size.height / pixel_aspect))


def told_by_codec(context: av.VideoCodecContext) -> Fraction | None:
    """The shape of its pixels that the newest frame tells; None where it does not."""
    told = context.sample_aspect_ratio
    # A JPEG says 1:1 where its encoder was told nothing, and RTP's JPEGs have no head to say it.
    return None if context.name == "mjpeg" and told == 1 else told
