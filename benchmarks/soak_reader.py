"""What lies on the disk: the numbers of the pictures in every clip, read by PyAV alone.

Knows nothing of the program but the ending of its clips, whole and unfinished.
"""

from binascii import crc32
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.soak_cameras import Told, told


class Recorded:
    """Which pictures of which camera are in a file; each whole clip is read once.

    Attributes:
        times: By camera: how often picture n was found, at n (255 at most).
        damaged: Pictures whose bytes are not those that were sent.
        unreadable: Files that PyAV does not read.
        of: How many pictures came from each stream.
    """

    def __init__(self) -> None:
        self.times: dict[int, NDArray[np.uint8]] = {}
        self.damaged = 0
        self.of: Counter[str] = Counter()
        self.unreadable: list[str] = []
        self._known: set[tuple[int, int, int]] = set()

    def look(self, folder: Path) -> "Recorded":
        """Read what is new; what is known with the clips that are being written."""
        for path in sorted(folder.rglob("*.mp4")):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue  # renamed with its camera; found there at the next look
            key = (found.st_ino, found.st_mtime_ns, found.st_size)
            if key not in self._known and self._take(path):
                self._known.add(key)
        now = self._copy()
        for path in sorted(folder.rglob("*.part")):
            now._take(path)
        return now

    def count(self, camera: int, length: int) -> NDArray[np.uint8]:
        """How often each of the first `length` pictures of a camera was found."""
        known = self.times.get(camera, np.zeros(0, np.uint8))[:length]
        return np.pad(known, (0, length - len(known)))

    def _copy(self) -> "Recorded":
        other = Recorded()
        other.times = {camera: times.copy() for camera, times in self.times.items()}
        other.damaged, other.unreadable = self.damaged, list(self.unreadable)
        other.of = self.of.copy()
        return other

    def _take(self, path: Path) -> bool:
        try:
            for one, is_whole in pictures(path):
                self._add(one.camera, one.number)
                self.damaged += not is_whole
                self.of[one.stream] += 1
        except FileNotFoundError:
            return False
        except av.FFmpegError as err:
            if path.suffix == ".mp4":
                self.unreadable.append(f"{path.name}: {err.strerror}")
        return True

    def _add(self, camera: int, number: int) -> None:
        times = self.times.get(camera, np.zeros(0, np.uint8))
        if number >= len(times):
            times = np.pad(times, (0, number - len(times) + 10_000))
            self.times[camera] = times
        times[number] = min(255, times[number] + 1)


def pictures(path: Path) -> Iterator[tuple[Told, bool]]:
    """What each picture of a clip says of itself, and whether its bytes are those.

    Raises:
        av.FFmpegError: PyAV cannot read it.
    """
    with av.open(str(path), metadata_errors="ignore") as clip:
        for packet in clip.demux(video=0):
            nals = list(_units(bytes(packet)))
            if nals and (one := told(nals)):
                yield one, crc32(nals[-1]) == one.crc


def _units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a sample, each behind its length."""
    place = 0
    while place + 4 < len(data):
        size = int.from_bytes(data[place : place + 4])
        yield data[place + 4 : place + 4 + size]
        place += 4 + size
