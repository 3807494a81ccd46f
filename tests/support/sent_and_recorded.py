"""Compares what lies on the disk with what a scripted camera sent.

Files are read by PyAV alone, packet by packet: nothing of the program's own is asked.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import av

from tests.support.fakes import nal_units
from tests.support.h264 import sample_units, slices_of
from tests.support.video import Encoded, encode

FPS = 15
# Two minutes; no connection of a test lasts longer, so that an index is one picture.
PICTURES = 120 * FPS

# When a picture was sent, in monotonic s, and which it was.
Sent = tuple[float, int]


@cache
def fault_video() -> Encoded:
    """What the cameras of the fault suite send: a keyframe a second, each another picture."""
    return encode(PICTURES, width=160, height=96, fps=FPS)


@cache
def _slices() -> tuple[list[bytes], dict[bytes, int]]:
    """Every picture's slices, and which keyframe has these."""
    video = fault_video()
    slices = [slices_of(nal_units(unit)) for unit in video.units]
    keyframes = {slices[at]: at for at, is_key in enumerate(video.keyframes) if is_key}
    assert len(keyframes) == sum(video.keyframes), "keyframes that cannot be told apart"
    return slices, keyframes


def pictures_in(path: Path, *, may_be_torn: bool = False) -> list[int]:
    """Which of the camera's pictures a file has, in its order, bit for bit as they were sent.

    Args:
        may_be_torn: The file may end within a picture, which does not count.

    Raises:
        av.FFmpegError: It cannot be read.
        AssertionError: A packet is none that was sent after the one before.
    """
    slices, keyframes = _slices()
    found: list[int] = []
    ended = False
    for packet in _packets(path):
        assert not ended, f"{path.name} goes on behind a torn picture"
        if may_be_torn and packet.is_corrupt:
            ended = True
            continue
        data = slices_of(sample_units(bytes(packet)))
        at = keyframes.get(data)
        if at is None:
            assert found, f"{path.name} does not begin with a keyframe"
            later = range(found[-1] + 1, min(found[-1] + FPS, PICTURES))
            at = next((each for each in later if slices[each] == data), None)
        assert at is not None, f"{path.name}: packet {len(found)} was never sent"
        found.append(at)
    return found


def _packets(path: Path) -> Iterator[av.Packet]:
    with av.open(str(path)) as file:
        (stream,) = file.streams.video
        yield from (packet for packet in file.demux(stream) if packet.size)


def lost(sent: Iterable[Sent], files: Iterable[Path]) -> list[Sent]:
    """What was sent and is in none of the files."""
    there = {index for path in files for index in pictures_in(path, may_be_torn=True)}
    return [each for each in sent if each[1] not in there]


@dataclass(frozen=True, slots=True)
class Journalled:
    """A gap as it stands in a journal, in seconds since the epoch."""

    begins: float
    ends: float
    reason: str


def journalled(folder: Path, camera: str) -> list[Journalled]:
    """The gaps in a camera's journals, and what the last heartbeat has open of it."""
    found = []
    for journal in sorted((folder / "gaps" / camera).glob("*.jsonl")):
        for line in journal.read_text().splitlines():
            gap = json.loads(line)
            found.append(Journalled(_epoch(gap["from"]), _epoch(gap["to"]), gap["reason"]))
    return found


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()
