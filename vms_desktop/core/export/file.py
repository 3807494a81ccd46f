"""The file that an export writes: hidden behind `.part` until the disk has all of it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from vms_desktop.core.base import StorageError, StorageProblem, storage_error, sync_folder
from vms_desktop.core.clips import ClipFile
from vms_desktop.core.export.record import ExportRecord, hidden_name


class ExportFile(ClipFile):
    """A file of a name that nobody has, made with its first byte.

    Args:
        wanted: Its path; `-2`, `-3`, … where that is taken.
        record: Remembers it while it is hidden.

    Attributes:
        error: The disk's word when it first refused something; what FFmpeg makes of
            that tells less.
        reached_bytes: The size of the file then.
    """

    def __init__(self, wanted: Path, record: ExportRecord | None = None) -> None:
        super().__init__(self._claimed, lambda: False)
        self._wanted = wanted
        self._record = record
        self.error: StorageError | None = None
        self.reached_bytes = 0

    def write(self, data: bytes) -> int:
        with self._noted():
            return super().write(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with self._noted():
            return super().seek(offset, whence)

    def finish(self) -> Path:
        """Have the disk keep the file and give it its name.

        Raises:
            StorageError: The disk's word; the `.part` is still there.
        """
        with self._noted():
            self.sync()
            self.close()
            assert self.path is not None
            target = next(path for path in _names(self._wanted) if not path.exists())
            self.path.rename(target)
        self._forget()
        sync_folder(target.parent)
        return target

    def discard(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):
            self.close()
        if self.path is None:
            return
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            self._forget()

    def _claimed(self) -> tuple[int, Path]:
        make_folder(self._wanted.parent)
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
        part = self._wanted.with_name(hidden_name(self._wanted.name))
        if self._record is not None:
            self._record.begin(part)
        self.path = part
        return os.open(part, flags | getattr(os, "O_BINARY", 0), 0o600), part

    def _forget(self) -> None:
        if self._record is not None and self.path is not None:
            self._record.end(self.path)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except (OSError, StorageError) as err:
            if self.error is None:
                self.error = storage_error(err)
                self.reached_bytes = self._size_bytes()
            raise self.error from None

    def _size_bytes(self) -> int:
        with suppress(OSError):
            return os.fstat(self._descriptor).st_size if self._descriptor >= 0 else 0
        return 0


def make_folder(folder: Path) -> None:
    """Create the folder that a person chose, where only it is missing.

    Never its parents: a stick that was pulled would become a folder on the disk below it.

    Raises:
        StorageError: It is not there, and cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as err:
        if err.errno in (errno.EACCES, errno.EPERM) and not folder.exists():
            raise StorageError(StorageProblem.MISSING, err.strerror or "") from None
        raise storage_error(err) from None


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    yield from (wanted.with_stem(f"{wanted.stem}-{number}") for number in count(2))
