"""The folder that holds cameras and recordings, and its lock: one instance may use it."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
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
    if found := checkout():
        return found
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


@contextmanager
def folder_lock(path: Path) -> Iterator[bool]:
    """Held as long as this instance uses the data folder; the system frees it with the process.

    Gives True where the disk has no locks, and a file that changes stands in.

    Raises:
        FolderInUseError: Another instance holds it.
    """
    with ExitStack() as stack:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, descriptor)
        is_by_pulse = False
        try:
            _lock(descriptor)
        except OSError as err:
            if err.errno in _HELD:
                raise FolderInUseError(path.parent) from None
            stack.callback(_taken_pulse(path).release)
            is_by_pulse = True
        yield is_by_pulse


def _taken_pulse(path: Path) -> "PulseLock":
    # The parent process, which imports this module, stays small.
    from vms_desktop.core.base import HeldError, PulseLock

    pulse = PulseLock(path.with_suffix(".running"))
    try:
        pulse.acquire()
    except HeldError:
        raise FolderInUseError(path.parent) from None
    return pulse


if sys.platform == "win32":
    import msvcrt

    _HELD = (errno.EACCES, errno.EDEADLK)

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    # Any other error is that of a disk, or a server behind it, that has no locks.
    _HELD = (errno.EAGAIN,)

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
