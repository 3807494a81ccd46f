"""What stands in a clip, read by FFmpeg alone: its pictures as the camera sent them."""

from pathlib import Path

import av

from tests.support.fakes import nal_units
from tests.support.h264 import sample_units, slices_of
from tests.support.video import Encoded


def written_pictures(path: Path) -> list[bytes]:
    """The slices of each picture in a clip of H.264, in the file's order."""
    with av.open(str(path)) as clip:
        packets = (packet for packet in clip.demux(video=0) if packet.size)
        return [slices_of(sample_units(bytes(packet))) for packet in packets]


def sent_pictures(video: Encoded) -> list[bytes]:
    """The slices of each picture of a video of H.264."""
    return [slices_of(nal_units(unit)) for unit in video.units]


def written_numbers(path: Path, sent: list[bytes]) -> list[int]:
    """Which of the pictures that were sent stand in a clip, each of them being unlike the others.

    Raises:
        KeyError: One is not as it was sent.
    """
    number_of = {picture: number for number, picture in enumerate(sent)}
    assert len(number_of) == len(sent)
    return [number_of[picture] for picture in written_pictures(path)]
