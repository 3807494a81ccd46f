"""NAL units in Annex B streams of H.264 and H.265: just enough to find parameter sets.

Unit types: ITU-T H.264 table 7-1, H.265 table 7-1.
"""

from collections.abc import Iterator

_START = b"\x00\x00\x01"
_H264_PARAMETERS = frozenset({7, 8})  # SPS, PPS
_H265_PARAMETERS = frozenset({32, 33, 34})  # VPS, SPS, PPS
_H264_PICTURE = frozenset(range(1, 6))
_H265_PICTURE = frozenset(range(32))


def is_annex_b(data: bytes) -> bool:
    """Whether units are led by start codes rather than by their length."""
    return data.startswith((b"\x00\x00\x00\x01", _START))


def parameter_sets(data: bytes, codec: str) -> bytes:
    """The parameter sets that lead a keyframe, each with a start code; empty where none do.

    Reads only up to the first slice of the picture.
    """
    parameters, picture = (
        (_H265_PARAMETERS, _H265_PICTURE) if codec == "hevc" else (_H264_PARAMETERS, _H264_PICTURE)
    )
    found = bytearray()
    for unit_type, start, end in _units(data, codec):
        if unit_type in picture:
            break
        if unit_type in parameters:
            found += b"\x00" + _START + data[start:end].rstrip(b"\x00")
    return bytes(found)


def _units(data: bytes, codec: str) -> Iterator[tuple[int, int, int]]:
    """Type, first and past-the-last byte of each unit.

    Lazy: who stops at the picture's first slice never has it searched.
    """
    start = data.find(_START) + len(_START)
    while len(_START) <= start < len(data):
        unit_type = (data[start] >> 1) & 0x3F if codec == "hevc" else data[start] & 0x1F
        if unit_type in (_H265_PICTURE if codec == "hevc" else _H264_PICTURE):
            yield unit_type, start, len(data)
        end = data.find(_START, start)
        yield unit_type, start, end if end >= 0 else len(data)
        start = end + len(_START) if end >= 0 else len(data)
