"""Which folder holds cameras and recordings, and the one instance that may use it."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vms_desktop.core.base import PulseLock

APP_NAME = "vms-desktop"
_PACKAGE = Path(__file__).resolve().parents[1]


def checkout() -> Path | None:
    """The checkout that this code runs from; None where it is installed."""
    root = _PACKAGE.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "resources").is_dir()
    return root if is_checkout else None


def data_folder(chosen: Path | None) -> Path:
    """The data folder: as chosen, else the checkout, else the user's own. Absolute."""
    if chosen:
        return chosen.expanduser().absolute()
    return checkout() or _own_folder()


def _own_folder() -> Path:
    import platformdirs  # The parent process, which asks first, stays small.

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def leave_sample_alone(folder: Path) -> None:
    """Tell git to leave a checkout's `cameras.json` alone, so that nobody commits a password."""
    if folder != checkout() or not (folder / ".git").exists():
        return
    command = ["git", "-C", str(folder), "update-index", "--skip-worktree", "cameras.json"]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return  # Without git there is nothing to commit with.


class FolderInUseError(Exception):
    """Another instance uses the data folder."""


class FolderLock:
    """Held as long as this instance uses the data folder; the system frees it with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._pulse: PulseLock | None = None

    @property
    def by_pulse(self) -> bool:
        """Whether the disk has no locks, and a file that changes stands in."""
        return self._pulse is not None

    def __enter__(self) -> "FolderLock":
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take()
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def _take(self) -> None:
        try:
            _lock(self._descriptor)
        except OSError as err:
            if err.errno in _HELD:
                raise FolderInUseError(self._path.parent) from None
            self._take_by_pulse()

    def _take_by_pulse(self) -> None:
        # The parent process, which imports this module, stays small.
        from vms_desktop.core.base import HeldError, PulseLock

        pulse = PulseLock(self._path.with_suffix(".running"))
        try:
            pulse.acquire()
        except HeldError:
            raise FolderInUseError(self._path.parent) from None
        self._pulse = pulse

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pulse:
            self._pulse.release()
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    _HELD = (errno.EACCES, errno.EDEADLK)

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _HELD = (errno.EAGAIN,)
    """Any other error is that of a disk, or a server behind it, that has no locks."""

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
