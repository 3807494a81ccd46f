"""Calls that make files safer or more private, and that many disks refuse.

Shares, exFAT and bind mounts keep no modes, some disks know no `fsync`. What is
not vital is told once per disk, with what follows from it, and done without.
"""

import errno
import logging
import os
import stat
import sys
import tempfile
from contextlib import suppress
from enum import Enum
from pathlib import Path

log = logging.getLogger(__name__)


class DiskService(Enum):
    """A service that a disk may refuse, and what follows from that."""

    MODES = "takes no file modes: others on this machine may read what is written there"
    SYNC = "knows no fsync: a power cut may cost more than the last second"
    NAMES_SYNC = "knows no fsync of folders: after a power cut a file may have its old name"
    TIMES = "sets no times of change: a copied clip without description has that of its copy"
    LOCKS = "knows no locks: a file that the running program keeps changing stands in"
    FOLDER_TIMES = "does not change the times of folders: the library is read whole at each start"
    RENAME_OVER = "replaces no file by renaming: files are written anew where they lie"


# What a call says that a file system, or a server behind it, does not have or does not let
# anybody do. Anything else (EIO, ENOSPC, ESTALE, …) is a disk in trouble.
DISK_REFUSALS = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.EINVAL,
        errno.ENOSYS,
        errno.ENOTSUP,
        errno.EOPNOTSUPP,
        errno.ENOTTY,
    }
)

_LONG_AGO_S = 1_000_000_000

_told: set[tuple[int, DiskService]] = set()


def set_mode(path: Path, mode: int) -> bool:
    """Give a file this mode; True if nobody else can read or write it than `mode` lets."""
    if os.name != "posix":  # Windows has no such modes.
        return True
    with suppress(OSError):  # Who may not is told below; a disk in trouble says so next.
        if stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode)
    is_kept = not _mode_of(path) & 0o066 & ~mode
    if not is_kept:
        tell_refusal(DiskService.MODES, path)
    return is_kept


def tighten(path: Path) -> bool:
    """Close a file to others where they may use it; True if that was needed and is done."""
    if os.name != "posix" or not _mode_of(path) & 0o066:
        return False
    return set_mode(path, 0o600)


def sync_file(descriptor: int, path: Path) -> None:
    """Wait until the disk has a file, where it can say so.

    Raises:
        OSError: The disk is in trouble.
    """
    try:
        os.fsync(descriptor)
    except OSError as err:
        if err.errno not in DISK_REFUSALS:
            raise
        tell_refusal(DiskService.SYNC, path)


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows the names in a folder; nothing where a system cannot."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        tell_refusal(DiskService.NAMES_SYNC, folder)


def set_times(path: Path, accessed_ns: int, changed_ns: int) -> None:
    """Give a file these times, where the disk lets anybody."""
    try:
        os.utime(path, ns=(accessed_ns, changed_ns))
    except OSError:
        tell_refusal(DiskService.TIMES, path)


def has_folder_times(folder: Path) -> bool:
    """True if a folder there changes its time when something is put into it; tried out."""
    try:
        with tempfile.TemporaryDirectory(prefix=".probe-", dir=folder) as name:
            scratch = Path(name)
            os.utime(scratch, (_LONG_AGO_S, _LONG_AGO_S))
            before = scratch.stat().st_mtime_ns
            (scratch / "x").touch()
            tells = scratch.stat().st_mtime_ns != before
    except OSError:  # Not there, or nothing can be put into it by this program.
        return True
    if not tells:
        tell_refusal(DiskService.FOLDER_TIMES, folder)
    return tells


def tell_refusal(service: DiskService, path: Path) -> None:
    """Log what the disk of `path` does not do, unless that was said."""
    with suppress(OSError):  # A disk that is gone has nothing to be told of.
        key = path.stat().st_dev, service
        if key not in _told:
            _told.add(key)
            folder = path if path.is_dir() else path.parent
            log.warning("the disk of %s %s", folder, service.value)


def has_locks(folder: Path) -> bool:
    """True if ranges of files can be locked there, as databases do."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        return err.errno not in DISK_REFUSALS and err.errno != errno.ENOLCK
    return True


def _mode_of(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0
