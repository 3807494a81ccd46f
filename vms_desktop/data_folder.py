"""Which folder holds cameras and recordings, and the one instance that may use it."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

APP_NAME = "vms-desktop"
_PACKAGE = Path(__file__).resolve().parent


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

    def __enter__(self) -> "FolderLock":
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError:
            os.close(self._descriptor)
            raise FolderInUseError(self._path.parent) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
