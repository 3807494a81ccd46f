"""The file that an export writes: hidden behind `.part` until the disk has all of it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from vms_desktop.core.clip_file import ClipFile
from vms_desktop.core.comfort import sync_folder
from vms_desktop.core.layout import part_path
from vms_desktop.core.storage import make_private


class ExportFile(ClipFile):
    """A file of a name that nobody has, made with its first byte.

    Args:
        wanted: Its path; `-2`, `-3`, … where that is taken.
    """

    def __init__(self, wanted: Path) -> None:
        super().__init__(self._claimed, lambda: False)
        self._wanted = wanted

    def finish(self) -> Path:
        """Have the disk keep the file and give it its name.

        Raises:
            OSError: The disk's word; the `.part` is still there.
        """
        self.sync()
        self.close()
        assert self.path is not None
        target = next(path for path in _names(self._wanted) if not path.exists())
        self.path.rename(target)
        sync_folder(target.parent)
        return target

    def discard(self) -> None:
        """Leave nothing."""
        with suppress(OSError):
            self.close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _claimed(self) -> tuple[int, Path]:
        make_private(self._wanted.parent)
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
        for path in _names(self._wanted):
            with suppress(FileExistsError):
                if not path.exists():
                    part = part_path(path)
                    return os.open(part, flags | getattr(os, "O_BINARY", 0), 0o600), part
        raise AssertionError("names never end")


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    yield from (wanted.with_stem(f"{wanted.stem}-{number}") for number in count(2))
