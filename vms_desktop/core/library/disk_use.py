"""The room that each camera's clips take, counted day by day and kept current.

A day that something happened in is counted anew: nothing is added up that
could drift away from what lies there.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vms_desktop.core.base import CLIP_SUFFIX, Layout, parse_day


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The clips of one camera.

    Attributes:
        recordings, archives: How many there are.
    """

    recordings_bytes: int = 0
    recordings: int = 0
    archives_bytes: int = 0
    archives: int = 0


_Days = dict[str, tuple[int, int]]


class DiskUseCount:
    """Counts; belongs to one background thread.

    Attributes:
        folders: The cameras' folders by id, as they are now.
    """

    def __init__(self, layout: Layout) -> None:
        self.folders: Mapping[str, str] = {}
        self._trees = (layout.recordings, layout.archives)
        self._counted: dict[str, tuple[_Days, _Days]] = {}
        self._stale: set[str] = set()

    def uncounted(self) -> list[str]:
        """The folders that are to be counted: not yet, or not since they have this name."""
        return sorted(set(self.folders.values()) - (self._counted.keys() - self._stale))

    def begin_anew(self) -> None:
        """Have everything counted again; what is known stands until then."""
        self._stale = set(self._counted)

    def count(self, folder: str) -> Iterator[None]:
        """Count a camera's folder, with a pause at every day for whoever wants to rest."""
        counted: tuple[_Days, _Days] = ({}, {})
        for tree, days in zip(self._trees, counted, strict=True):
            for day in _names(tree / folder):
                if parse_day(day):
                    days[day] = _measure(tree / folder / day)
                    yield
        self._counted[folder] = counted
        self._stale.discard(folder)

    def recount(self, clips: Iterable[Path]) -> None:
        """Count the days anew in which these clips lie or lay."""
        for folder, day in {clip.parts[-3:-1] for clip in clips if len(clip.parts) > 2}:
            for tree, days in zip(self._trees, self._counted.get(folder, ()), strict=False):
                days[day] = _measure(tree / folder / day)

    def result(self) -> dict[str, DiskUse]:
        """By camera id, as far as it is counted."""
        return {
            camera_id: _sum(*self._counted[folder])
            for camera_id, folder in self.folders.items()
            if folder in self._counted
        }


def _sum(recordings: _Days, archives: _Days) -> DiskUse:
    return DiskUse(
        recordings_bytes=sum(size for size, _ in recordings.values()),
        recordings=sum(number for _, number in recordings.values()),
        archives_bytes=sum(size for size, _ in archives.values()),
        archives=sum(number for _, number in archives.values()),
    )


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names, not paths: there may be many
    except OSError:
        return []


def _measure(day: Path) -> tuple[int, int]:
    """Bytes and number of a day's clips; a file that just vanished is none."""
    size = number = 0
    with suppress(OSError), os.scandir(day) as entries:
        for entry in entries:
            if entry.name.endswith(CLIP_SUFFIX):
                with suppress(OSError):
                    size += entry.stat().st_size
                    number += 1
    return size, number
