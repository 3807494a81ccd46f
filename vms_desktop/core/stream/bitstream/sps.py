"""Sequence parameter sets: what kind of picture a stream holds, read as far as that stands.

ITU-T H.264, 7.3.2.1.1, E.1.1 and E.1.2; H.265, 7.3.2.2 and 7.3.3.
"""

from typing import NamedTuple

from vms_desktop.core.base import Size
from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, payload

_H264_WITH_CHROMA = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244})
_OWN_ASPECT = 255  # The width and height of a pixel follow.
_MACROBLOCK_PX = 16
_SUB_LAYERS = 8


class Shape(NamedTuple):
    """The kind of picture that a file is made for: pictures of another shape need another one.

    Attributes:
        profile: The codec's number of it.
        chroma: 0 for grey, 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4.
        luma_bits, chroma_bits: Depth of a sample.
        size: What is seen of the picture.
    """

    profile: int
    chroma: int
    luma_bits: int
    chroma_bits: int
    size: Size


class SequenceSet(NamedTuple):
    """A sequence parameter set.

    Attributes:
        number: Its id.
        video_set: That of the VPS it refers to (H.265).
        reordered: How many pictures may come before one that is shown earlier; 0 where it
            does not say.
    """

    number: int
    video_set: int
    shape: Shape
    reordered: int = 0


def h264_sequence_set(unit: bytes) -> SequenceSet:
    """Read an SPS of H.264. Raises BitsError where it is cut off."""
    reader = BitReader(payload(unit[1:]))
    profile = reader.bits(8)
    reader.bits(16)  # Constraints, level.
    number = reader.unsigned()
    chroma, luma_bits, chroma_bits = 1, 8, 8
    if profile in _H264_WITH_CHROMA:
        chroma = reader.unsigned()
        if chroma == 3:
            reader.flag()
        luma_bits, chroma_bits = 8 + reader.unsigned(), 8 + reader.unsigned()
        reader.flag()
        if reader.flag():
            _skip_scaling_lists(reader, 12 if chroma == 3 else 8)
    reader.unsigned()  # The length of a frame's number.
    _skip_h264_order(reader)
    reader.unsigned()  # Reference frames.
    reader.flag()
    size = _h264_size(reader, chroma)
    shape = Shape(profile, chroma, luma_bits, chroma_bits, size)
    try:
        return SequenceSet(number, 0, shape, _h264_reordered(reader))
    except BitsError:  # What stands behind the size is of use only where it is whole.
        return SequenceSet(number, 0, shape)


def _h264_reordered(reader: BitReader) -> int:
    """The usability information's word on it: at its end, as good as always."""
    if not reader.flag():
        return 0
    if reader.flag() and reader.bits(8) == _OWN_ASPECT:
        reader.bits(32)
    if reader.flag():  # Overscan.
        reader.flag()
    if reader.flag():  # What kind of signal.
        reader.bits(4)
        if reader.flag():
            reader.bits(24)
    if reader.flag():  # Where chroma lies.
        reader.unsigned()
        reader.unsigned()
    if reader.flag():  # The rate of pictures.
        reader.bits(65)
    has_buffers = [_skip_h264_buffers(reader) for _ in range(2)]
    reader.bits(1 + any(has_buffers))
    if not reader.flag():
        return 0
    reader.flag()
    for _ in range(4):  # Bytes and bits of a picture, lengths of motion.
        reader.unsigned()
    return reader.unsigned()


def _skip_h264_buffers(reader: BitReader) -> bool:
    """A hypothetical decoder's buffers; whether there were some."""
    if not reader.flag():
        return False
    count = reader.unsigned() + 1
    reader.bits(8)
    for _ in range(count):
        reader.unsigned()
        reader.unsigned()
        reader.flag()
    reader.bits(20)
    return True


def _skip_scaling_lists(reader: BitReader, count: int) -> None:
    for index in range(count):
        if not reader.flag():
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + reader.signed()) % 256
            last = following or last


def _skip_h264_order(reader: BitReader) -> None:
    """The three ways to tell in which order pictures are shown."""
    match reader.unsigned():
        case 0:
            reader.unsigned()
        case 1:
            reader.flag()
            reader.signed()
            reader.signed()
            for _ in range(reader.unsigned()):
                reader.signed()


def _h264_size(reader: BitReader, chroma: int) -> Size:
    across, down = reader.unsigned() + 1, reader.unsigned() + 1
    fields = 1 if reader.flag() else 2  # Two where pictures may come as fields.
    if fields == 2:
        reader.flag()
    reader.flag()
    width, height = _MACROBLOCK_PX * across, _MACROBLOCK_PX * down * fields
    return _cropped(reader, width, height, chroma, rows=fields)


def _cropped(reader: BitReader, width: int, height: int, chroma: int, *, rows: int = 1) -> Size:
    """The size that is left of the coded picture; the margins count in samples of chroma."""
    if not reader.flag():
        return Size(width, height)
    left, right, top, bottom = (reader.unsigned() for _ in range(4))
    across = 2 if chroma in (1, 2) else 1
    down = (2 if chroma == 1 else 1) * rows
    return Size(width - across * (left + right), height - down * (top + bottom))


def h265_sequence_set(unit: bytes) -> SequenceSet:
    """Read an SPS of H.265. Raises BitsError where it is cut off."""
    reader = BitReader(payload(unit[2:]))
    video_set, sub_layers = reader.bits(4), reader.bits(3)
    reader.flag()
    profile = _h265_profile(reader, sub_layers)
    number, chroma = reader.unsigned(), reader.unsigned()
    if chroma == 3:
        reader.flag()
    size = _cropped(reader, reader.unsigned(), reader.unsigned(), chroma)
    luma_bits, chroma_bits = 8 + reader.unsigned(), 8 + reader.unsigned()
    shape = Shape(profile, chroma, luma_bits, chroma_bits, size)
    try:
        return SequenceSet(number, video_set, shape, _h265_reordered(reader, sub_layers))
    except BitsError:
        return SequenceSet(number, video_set, shape)


def _h265_reordered(reader: BitReader, sub_layers: int) -> int:
    """The number for the whole stream: for the last of its sub-layers."""
    reader.unsigned()  # The length of a picture's number.
    reordered = 0
    for _ in range(sub_layers + 1 if reader.flag() else 1):
        _buffers, reordered, _latency = (reader.unsigned() for _ in range(3))
    return reordered


def _h265_profile(reader: BitReader, sub_layers: int) -> int:
    """The profile; past all that is told of profiles and levels."""
    reader.bits(3)
    profile = reader.bits(5)
    reader.bits(32 + 48 + 8)
    told = [(reader.flag(), reader.flag()) for _ in range(sub_layers)]
    if sub_layers:
        reader.bits(2 * (_SUB_LAYERS - sub_layers))
    for has_profile, has_level in told:
        reader.bits(88 * has_profile + 8 * has_level)
    return profile
