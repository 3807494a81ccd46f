"""The meaning of a picture's numbers as colours: matrix, range, primaries, transfer.

Cameras seldom say it whole. What is missing is filled in here once, as every decoded picture
passes, so that whoever converts one need not ask. The numbers are those of ITU-T H.273.
"""

from typing import Any, NamedTuple

import av
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from vms_desktop.core.base import Size

_UNSPECIFIED = 2
BT709, BT601 = 1, 6
# Matrices that swscale converts, under its own names of them; it refuses all others.
_SCALER_NAMES = {
    BT709: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    BT601: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
# From one matrix to another, at four times the cost: greys are off by 0.5 level and colours by
# 2.4 at most, without it by 2.2 and 4.1. Where the matrix stays it makes no difference.
_EXACT = (
    Interpolation.BILINEAR
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
_BT2020_CONSTANT = 10
_HD_WIDTH_PX, _HD_HEIGHT_PX = 1280, 720
# JPEGs (JFIF 1.02) and webcams that say nothing else (UVC 1.5, 3.9.2.6), of whatever size.
_ALWAYS_601 = frozenset({"rawvideo", "mjpeg"})


class Colour(NamedTuple):
    """The colours that a file tells where it is encoded: always at limited range.

    That costs a picture of full range less than one level of 255, and many players, above all
    those that leave decoding to the hardware, pass over the word for full range.

    Attributes:
        matrix: One that swscale converts.
        primaries, transfer: 2 where the source does not say.
    """

    matrix: int
    primaries: int = _UNSPECIFIED
    transfer: int = _UNSPECIFIED

    @classmethod
    def of(cls, image: av.VideoFrame) -> "Colour":
        """The colour of a decoded picture: only its range may be another."""
        size = Size(image.width, image.height)
        matrix = (
            image.colorspace if image.colorspace in _SCALER_NAMES else usual_colour_matrix(size)
        )
        return cls(
            matrix,
            _known(image.color_primaries, ColorPrimaries),
            _known(image.color_trc, ColorTrc),
        )

    def tell(self, encoder: Any) -> None:
        """Have an encoder (a codec context that is not open) write it into its stream."""
        encoder.color_range = ColorRange.MPEG
        encoder.colorspace = self.matrix
        encoder.color_primaries = self.primaries
        encoder.color_trc = self.transfer

    def converted(
        self, image: av.VideoFrame, size: Size, reformatter: VideoReformatter
    ) -> av.VideoFrame:
        """A decoded picture as 8-bit 4:2:0 of this colour and that size.

        Primaries and transfer stay the picture's own: what cameras mix differs by less than
        can be seen, and swscale takes a table for every pixel to convert them.
        """
        matrix = _SCALER_NAMES[self.matrix]
        is_same = _SCALER_NAMES.get(image.colorspace) == matrix
        return reformatter.reformat(
            image,
            size.width,
            size.height,
            format="yuv420p",
            dst_colorspace=matrix,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR if is_same else _EXACT,
            threads=1,
        )


def coloured(image: av.VideoFrame, codec: str) -> av.VideoFrame:
    """A decoded picture that says itself how its colours are meant; mostly the same object.

    Args:
        codec: FFmpeg's name of what it was decoded from.
    """
    if image.format.is_rgb:
        return image
    if image.colorspace == _BT2020_CONSTANT:
        image.colorspace = Colorspace.BT2020.value  # Near enough, and swscale has no other.
    elif image.colorspace not in _SCALER_NAMES:
        image.colorspace = usual_colour_matrix(Size(image.width, image.height), codec)
    if image.format.name.startswith("gray") and image.color_range == ColorRange.MPEG:
        return _with_colours(image)
    return image


def usual_colour_matrix(size: Size, codec: str = "") -> int:
    """The matrix of pictures of a size that tell none: players and cameras agree on it."""
    if codec in _ALWAYS_601:
        return BT601
    is_hd = size.width >= _HD_WIDTH_PX or size.height >= _HD_HEIGHT_PX
    return BT709 if is_hd else BT601


def _with_colours(image: av.VideoFrame) -> av.VideoFrame:
    """A grey picture of limited range as 4:2:0: swscale takes every grey one for full range."""
    full = ColorRange.JPEG
    found = image.reformat(format="yuv420p", src_color_range=full, dst_color_range=full, threads=1)
    found.color_range = ColorRange.MPEG
    return found


def _known(number: int, names: Any) -> int:
    """A number that has a meaning; encoders refuse some of those that have none."""
    return number if number in {name.value for name in names} else _UNSPECIFIED
