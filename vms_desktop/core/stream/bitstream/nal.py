"""NAL units of H.264 and H.265: their types, and where they stand in an Annex B picture.

Unit types: ITU-T H.264 table 7-1, H.265 table 7-1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

START_CODE = b"\x00\x00\x01"
# The start code before each unit that this program writes.
LONG_START_CODE = b"\x00" + START_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class NalTypes:
    """The unit types of one codec that matter here.

    Attributes:
        slices: What pictures are made of.
        keyframes: The slices of pictures that need no other one.
        closed: Those of the keyframes behind which nothing comes that is shown before them.
        decodable_leading: Pictures that are shown before their keyframe and need none but it.
        parameters: The parameter sets, each behind those that it refers to.
        recovery_sei: The type of SEI that may tell a recovery point.
        delimiter: What stands first where it stands at all (AUD).
        endings: What belongs to the picture before it: auxiliary and further layers' slices,
            suffix SEI, ends of sequence and stream, filler.
        aggregation, fragment: RTP's own: several units in one, and a piece of one.
        head_bytes: Length of a unit's head; a slice's own begins behind it.
        type_bits: Those of a type.
        is_h265: Which of both codecs it is.
    """

    slices: frozenset[int]
    keyframes: frozenset[int]
    closed: frozenset[int]
    decodable_leading: frozenset[int]
    parameters: tuple[int, ...]
    recovery_sei: int
    delimiter: int
    endings: frozenset[int]
    aggregation: int
    fragment: int
    head_bytes: int
    type_bits: int
    is_h265: bool

    def of(self, first_byte: int) -> int:
        """The type of a unit that begins with this byte."""
        return first_byte >> self.is_h265 & self.type_bits

    def head_as(self, kind: int, head: bytes) -> bytes:
        """A unit's head with this type in it."""
        kept = head[0] & ~(self.type_bits << self.is_h265)
        return bytes((kept | kind << self.is_h265, *head[1:]))


H264_TYPES = NalTypes(
    slices=frozenset(range(1, 6)),
    keyframes=frozenset({5}),
    closed=frozenset({5}),
    decodable_leading=frozenset(),
    parameters=(7, 8),  # SPS, PPS
    recovery_sei=6,
    delimiter=9,
    endings=frozenset({10, 11, 12, 19, 20, 21}),
    aggregation=24,  # STAP-A
    fragment=28,  # FU-A
    head_bytes=1,
    type_bits=0x1F,
    is_h265=False,
)
H265_TYPES = NalTypes(
    slices=frozenset(range(32)),
    keyframes=frozenset(range(16, 24)),
    closed=frozenset({19, 20}),  # IDR
    decodable_leading=frozenset({6, 7}),  # RADL
    parameters=(32, 33, 34),  # VPS, SPS, PPS
    recovery_sei=39,
    delimiter=35,
    endings=frozenset({36, 37, 38, 40}),
    aggregation=48,
    fragment=49,
    head_bytes=2,
    type_bits=0x3F,
    is_h265=True,
)


def nal_types(codec: str) -> NalTypes:
    """Those of FFmpeg's name of a codec."""
    return H265_TYPES if codec == "hevc" else H264_TYPES


class PictureHead(NamedTuple):
    """The head of a picture.

    Attributes:
        units: Type and bytes of each unit before its first slice.
        slice_type: The type of that slice; None where there is none.
        slice_at: Its first byte; the length of the data where there is none.
    """

    units: list[tuple[int, bytes]]
    slice_type: int | None
    slice_at: int


def is_annex_b(data: bytes) -> bool:
    """True if units are led by start codes rather than by their length."""
    return data.startswith((LONG_START_CODE, START_CODE))


def first_unit_at(data: bytes) -> int:
    """The place of the first unit; the length of the data where there is none."""
    found = data.find(START_CODE)
    return found + len(START_CODE) if found >= 0 else len(data)


def picture_head(data: bytes, types: NalTypes) -> PictureHead:
    """The head of the picture; reads only up to its first slice, which is nearly all of it."""
    units: list[tuple[int, bytes]] = []
    start = first_unit_at(data)
    while start < len(data):
        unit_type = types.of(data[start])
        if unit_type in types.slices:
            return PictureHead(units, unit_type, start)
        end = data.find(START_CODE, start)
        end = end if end >= 0 else len(data)
        if unit := data[start:end].rstrip(b"\x00"):
            units.append((unit_type, unit))
        start = end + len(START_CODE)
    return PictureHead(units, None, len(data))


def units_from(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The first and the past-the-last byte of the unit at `start` and of each behind it."""
    while start < len(data):
        end = data.find(START_CODE, start)
        yield start, end if end >= 0 else len(data)
        start = end + len(START_CODE) if end >= 0 else len(data)


def parameter_sets_of(data: bytes, codec: str) -> bytes:
    """The parameter sets that lead a keyframe, each with a start code; empty where none do."""
    types = nal_types(codec)
    units = picture_head(data, types).units
    return b"".join(LONG_START_CODE + unit for kind, unit in units if kind in types.parameters)
