"""The pictures of `numbered_cameras` in every clip on a disk, read by PyAV alone.

Knows nothing of the program but the ending of its clips, whole and unfinished.
"""

from binascii import crc32
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.support.h264 import sample_units
from tests.support.numbered_cameras import Told, told

# While cameras are renamed, and clips closed, files are no more where they were.
MOST_LOOKS = 5


@dataclass(frozen=True, slots=True)
class _File:
    """What was found in a file as it was then (its time of change and its size)."""

    version: tuple[int, int]
    numbers: dict[int, NDArray[np.int32]]
    damaged: int
    of: Counter[str]
    problem: str


class Recorded:
    """Which pictures of which camera are in which file; a file is read when it has changed.

    A file is known by its inode: cameras, and clips with them, change their names.
    """

    def __init__(self) -> None:
        self._files: dict[int, _File] = {}

    def look(self, folder: Path) -> "Recorded":
        """Read what is new or has changed, clips that are being written too."""
        for _ in range(MOST_LOOKS):
            if self._look(folder):
                break
        return self

    def _look(self, folder: Path) -> bool:
        """Whether every file stayed where it was meanwhile."""
        stayed = True
        there: dict[int, _File] = {}
        for path in sorted([*folder.rglob("*.mp4"), *folder.rglob("*.part")]):
            try:
                found = path.stat()
                version = (found.st_mtime_ns, found.st_size)
                known = self._files.get(found.st_ino)
                if known is None or known.version != version or known.problem:
                    known = _read(path, version)
                there[found.st_ino] = known
            except FileNotFoundError:
                stayed = False  # Renamed just now, or made a clip.
        self._files = there
        return stayed

    @property
    def damaged(self) -> int:
        """Pictures whose bytes are not those that were sent."""
        return sum(file.damaged for file in self._files.values())

    @property
    def problems(self) -> list[str]:
        """Files that PyAV does not read, or not to the end."""
        return [file.problem for file in self._files.values() if file.problem]

    @property
    def of(self) -> Counter[str]:
        """How many pictures came from each stream."""
        return sum((file.of for file in self._files.values()), Counter())

    def count(self, camera: int, length: int) -> NDArray[np.int64]:
        """How often each of the first `length` pictures of a camera was found."""
        parts = [file.numbers[camera] for file in self._files.values() if camera in file.numbers]
        numbers = np.concatenate(parts) if parts else np.zeros(0, np.int32)
        return np.bincount(numbers[numbers < length], minlength=length)


def _read(path: Path, version: tuple[int, int]) -> _File:
    numbers: dict[int, list[int]] = {}
    damaged, of, problem = 0, Counter[str](), ""
    try:
        for one, is_whole in pictures(path):
            numbers.setdefault(one.camera, []).append(one.number)
            damaged += not is_whole
            of[one.stream] += 1
    except av.FFmpegError as err:
        if isinstance(err, FileNotFoundError):
            raise
        problem = f"{path.name}: {err.strerror}"
    arrays = {camera: np.array(each, np.int32) for camera, each in numbers.items()}
    return _File(version, arrays, damaged, of, problem)


def pictures(path: Path) -> Iterator[tuple[Told, bool]]:
    """What each picture of a clip says of itself, and whether its bytes are those.

    Raises:
        av.FFmpegError: PyAV cannot read it.
    """
    with av.open(str(path), metadata_errors="ignore") as clip:
        for packet in clip.demux(video=0):
            nals = list(sample_units(bytes(packet)))
            if nals and (one := told(nals)):
                yield one, crc32(nals[-1]) == one.crc
