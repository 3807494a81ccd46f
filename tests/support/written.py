"""What stands in a clip, read by FFmpeg alone: its pictures as the camera sent them."""

from pathlib import Path

import av

from tests.support.fakes import nal_units
from tests.support.video import Encoded

# Of H.264: slices, which are what is seen; all else may be added or moved by who writes.
_SLICES = {1, 5}


def written_pictures(path: Path) -> list[bytes]:
    """The slices of each picture in a clip of H.264, in the file's order."""
    with av.open(str(path)) as clip:
        return [
            _slices(_prefixed(bytes(packet))) for packet in clip.demux(video=0) if packet.size > 0
        ]


def sent_pictures(video: Encoded) -> list[bytes]:
    """The slices of each picture of a video of H.264."""
    return [_slices(nal_units(unit)) for unit in video.units]


def written_numbers(path: Path, sent: list[bytes]) -> list[int]:
    """Which of the pictures that were sent stand in a clip, each of them being unlike the others.

    Raises:
        KeyError: One is not as it was sent.
    """
    number_of = {picture: number for number, picture in enumerate(sent)}
    assert len(number_of) == len(sent)
    return [number_of[picture] for picture in written_pictures(path)]


def _slices(nals: list[bytes]) -> bytes:
    return b"|".join(nal for nal in nals if nal[0] & 31 in _SLICES)


def _prefixed(data: bytes) -> list[bytes]:
    """The units of a packet in an MP4, each behind its length."""
    nals = []
    while data:
        size = int.from_bytes(data[:4])
        nals.append(data[4 : 4 + size])
        data = data[4 + size :]
    return nals
