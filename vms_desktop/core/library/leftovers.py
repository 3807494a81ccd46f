"""What a kill has left of files that were being written: removed soon after the next start.

Clips are none of it: what there is of one is recovered (`tree.recover_parts`).
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from vms_desktop.core.base import Layout, clear_unfinished, parse_day
from vms_desktop.core.library.chores import Regular
from vms_desktop.core.library.storage_guard import StorageWatch

log = logging.getLogger(__name__)

# Folders looked at in one step; a large library has some ten thousand.
FOLDERS_A_STEP = 50


@dataclass(slots=True, eq=False)
class Leftovers(Regular):
    """Looks once through the data folder and the trees, where the newest days are first."""

    layout: Layout
    watch: StorageWatch
    _folders: Iterator[Path] | None = None
    _is_done: bool = False

    def due(self, now: float) -> bool:
        can = self.watch.ready and self.watch.problem is None
        return not self._is_done and can and Regular.due(self, now)

    def work(self, _now: float) -> None:
        self._folders = self._folders or _folders(self.layout)
        portion = list(islice(self._folders, FOLDERS_A_STEP))
        self._is_done = not portion
        if removed := sum(map(clear_unfinished, portion)):
            log.info("removed %d unfinished files of the last run", removed)


def _folders(layout: Layout) -> Iterator[Path]:
    cameras = [folder for tree in layout.trees() for folder in _below(tree)]
    days = [day for folder in cameras for day in _below(folder) if parse_day(day.name)]
    days.sort(key=lambda day: day.name, reverse=True)
    return chain((layout.root, layout.backups, *layout.trees()), cameras, days)


def _below(folder: Path) -> list[Path]:
    """The folders in a folder, but for hidden ones; none where it cannot be read."""
    with suppress(OSError):
        return [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    return []
