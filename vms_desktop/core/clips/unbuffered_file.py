"""The file of a clip that is being written, as the muxer sees it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from vms_desktop.core.base import (
    DiskCalls,
    StorageError,
    StorageProblem,
    storage_error,
    sync_file,
)

MAKE_ROOM_TRIES = 10
_FRAGMENT = b"moof"


class ClipFile:
    """An unbuffered file that exists from its first written byte on.

    PyAV writes into it: its `os.write` leaves Python's lock free where FFmpeg's
    own would hold it, so a hung disk stops one thread and not the window. Where
    the disk is full it asks for room and goes on with the same bytes.

    Args:
        claim: Creates the file, for nobody else; returns its descriptor and path.
        make_room: Frees space, waiting a while; False where there is none to be had.
        calls: Told when the disk is asked for something, and when it has answered.

    Attributes:
        path: The file, None before its first byte.
        has_pictures: Whether more than the header of an MP4 was written.
        written_bytes: How much the disk has taken.
    """

    def __init__(
        self,
        claim: Callable[[], tuple[int, Path]],
        make_room: Callable[[], bool],
        calls: DiskCalls | None = None,
    ) -> None:
        self._claim = claim
        self._make_room = make_room
        self.calls = calls or DiskCalls()
        self._descriptor = -1
        self.path: Path | None = None
        self.has_pictures = False
        self.written_bytes = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        """Write all of it. Raises OSError as the system gives it, StorageError as `claim` does."""
        if self.closed:
            # The descriptor's number may be another file's by now.
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        rest = memoryview(data)
        tries = 0
        while rest:
            try:
                with self.calls:
                    written = os.write(self._opened(), rest)
            except (OSError, StorageError) as err:
                tries += 1
                is_full = storage_error(err).kind is StorageProblem.FULL
                if not is_full or tries > MAKE_ROOM_TRIES or not self._make_room():
                    raise
            else:
                rest = rest[written:]
        self.has_pictures = self.has_pictures or _FRAGMENT in bytes(data)
        self.written_bytes += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; the muxer goes back to complete headers when it closes."""
        if self.closed or self._descriptor < 0:
            return 0
        return os.lseek(self._descriptor, offset, whence)

    def tell(self) -> int:
        """The place of the next byte."""
        return self.seek(0, os.SEEK_CUR)

    def sync(self) -> None:
        """Have the disk keep what was written."""
        if self.path is not None and self._descriptor >= 0:
            with self.calls:
                sync_file(self._descriptor, self.path)

    def close(self) -> None:
        """Let go of the file. PyAV's own closing is done by then."""
        descriptor, self._descriptor = self._descriptor, -1
        self.closed = True  # Also where closing fails: the number is no longer this file's.
        if descriptor >= 0:
            with self.calls:
                os.close(descriptor)

    def _opened(self) -> int:
        if self._descriptor < 0:
            self._descriptor, self.path = self._claim()
        return self._descriptor
