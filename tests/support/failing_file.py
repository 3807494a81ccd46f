"""A file that can be opened, and whose disk does not give the rest of it."""

import errno
import io
import os
from pathlib import Path
from typing import IO, Any, cast

import pytest

from vms_desktop.core.media import mp4


class FailingFile(io.BufferedIOBase):
    """Gives its first `reads`, then fails with the error of that number; `left` are to come."""

    def __init__(self, file: IO[bytes], reads: int, code: int = errno.EIO) -> None:
        self._file = file
        self.left = reads
        self._code = code

    def read(self, size: int | None = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError(self._code, os.strerror(self._code))
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def fail_behind_header(monkeypatch: pytest.MonkeyPatch, path: Path, code: int = errno.EIO) -> None:
    """Have the disk give a clip's header and then no more, whoever opens it."""
    opened = mp4.mp4_in

    def half_given(file: IO[bytes]) -> Any:
        is_it = os.fstat(file.fileno()).st_ino == path.stat().st_ino
        return opened(
            cast(IO[bytes], FailingFile(file, _reads_of_header(path), code)) if is_it else file
        )

    monkeypatch.setattr(mp4, "mp4_in", half_given)


def _reads_of_header(path: Path) -> int:
    """How often a file is read until it is open."""
    given = 10**6
    with path.open("rb") as file:
        counted = FailingFile(file, given)
        mp4.av.open(counted, mode="r", format="mp4", options=dict(mp4.OPEN_OPTIONS)).close()
        return given - counted.left
