"""The units of H.264 in a file, as whoever compares them with what was sent needs them."""

from collections.abc import Iterable, Iterator

# What is seen; all other units may be added, moved or left out by who writes.
SLICES = (1, 5)


def sample_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a packet in an MP4, each behind four bytes of length; a torn one too."""
    while data:
        size = int.from_bytes(data[:4])
        if unit := data[4 : 4 + size]:
            yield unit
        data = data[4 + size :]


def slices_of(units: Iterable[bytes]) -> bytes:
    """The slices among the units of a picture. Zeros at a unit's end are padding."""
    return b"|".join(unit.rstrip(b"\0") for unit in units if unit and unit[0] & 31 in SLICES)
