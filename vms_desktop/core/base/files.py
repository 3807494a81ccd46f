"""The disk: writing files whole, telling its failures apart."""

import errno
import os
import re
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vms_desktop.core.base.disk_service import (
    DISK_REFUSALS,
    DiskService,
    set_mode,
    sync_file,
    sync_folder,
    tell_refusal,
)
from vms_desktop.core.base.errors import StorageError, StorageProblem

_KINDS = {
    StorageProblem.FULL: (errno.ENOSPC, errno.EDQUOT),
    StorageProblem.READ_ONLY: (errno.EROFS,),
    StorageProblem.FORBIDDEN: (errno.EACCES, errno.EPERM),
    StorageProblem.MISSING: (errno.ENOENT, errno.ENODEV, errno.ESTALE, errno.ENOTCONN),
    StorageProblem.TOO_LARGE: (errno.EFBIG,),
    # What FAT answers to `:` and the like.
    StorageProblem.BAD_NAME: (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ),
}
_KIND_OF = {number: kind for kind, numbers in _KINDS.items() for number in numbers}

# `.NAME.RANDOM.RUN.tmp`. Earlier versions left out the run, and both for a clip that was copied.
_UNFINISHED = re.compile(r"\..+\.[a-z0-9_]{8}(\.[0-9a-f]{8})?\.tmp|\.[\d-]+\.mp4\.tmp")


class DiskUsage(NamedTuple):
    """Size of a disk and what this user may still write to it, in bytes.

    A total of 0 is that of a share that does not say: nothing follows from `free`.
    """

    total: int
    free: int


def storage_error(err: OSError | StorageError) -> StorageError:
    """A failure of the system in this program's terms, told already or not; it names no path."""
    if isinstance(err, StorageError):
        return err
    kind = _KIND_OF.get(err.errno or 0, StorageProblem.FAILING)
    return StorageError(kind, err.strerror or type(err).__name__)


def disk_usage(path: Path) -> DiskUsage:
    """Size and free bytes of the disk that holds `path`.

    Raises:
        StorageError: The folder or its disk is not there.
    """
    try:
        usage = shutil.disk_usage(path)
    except OSError as err:
        if err.errno in DISK_REFUSALS:
            return DiskUsage(0, 0)
        raise storage_error(err) from None
    return DiskUsage(usage.total, usage.free)


def make_private(folder: Path) -> None:
    """Create a folder and its missing parents for this user alone (0700).

    One that exists keeps its mode.

    Raises:
        StorageError: It cannot be created.
    """
    try:
        missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
    except OSError as err:
        raise storage_error(err) from None


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """A file that a person chose, at most so much of it; nothing of what is no file.

    Raises:
        StorageError: The disk does not give it.
    """
    try:
        if not path.is_file():  # A pipe, or a device, might never end.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with path.open("rb") as file:
            return file.read(most_bytes)
    except OSError as err:
        raise storage_error(err) from None


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, sync: bool = True) -> None:
    """Replace a file at once, so that a reader finds the old or the new content, never half.

    Its folder is created where it is missing. `sync` waits until the disk has
    it: without it a power cut may bring the old content back.

    Raises:
        StorageError: Nothing has changed.
    """
    target = path.resolve()  # a link to the file stays one
    make_private(target.parent)
    try:
        _replace(target, data, mode, sync)
    except OSError as err:
        raise storage_error(err) from None


def unfinished_file(target: Path) -> tuple[int, Path]:
    """Create the file that is written in place of `target`, beside it; its descriptor and path.

    It is for this user alone. The one who asked renames it, or removes it. Raises OSError.
    """
    name = f".{target.name}."
    handle, path = tempfile.mkstemp(prefix=name, suffix=_suffix_of(os.getpid()), dir=target.parent)
    return handle, Path(path)


def clear_unfinished(folder: Path) -> int:
    """Remove from a folder what a kill has left of `unfinished_file`; how many went.

    What this very process writes stays; nobody else may be writing there. A file that the
    disk does not give up is left for the next start.
    """
    own, count = _suffix_of(os.getpid()), 0
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names, not paths: there may be many
    except OSError:
        return 0
    for name in names:
        if _UNFINISHED.fullmatch(name) and not name.endswith(own):
            with suppress(OSError):
                (folder / name).unlink()
                count += 1
    return count


@cache
def _suffix_of(_pid: int) -> str:
    """The ending of what a process writes: another one's, and an earlier one's, is another."""
    return f".{os.urandom(4).hex()}.tmp"


def _replace(target: Path, data: bytes, mode: int, sync: bool) -> None:
    handle, temporary = unfinished_file(target)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                sync_file(file.fileno(), temporary)
        set_mode(temporary, mode)
        _put_in_place(temporary, target, data)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        sync_folder(target.parent)


def _put_in_place(temporary: Path, target: Path, data: bytes) -> None:
    """Rename over the file; write it anew where a disk does not rename over files."""
    try:
        temporary.replace(target)
    except OSError as err:
        refused = err.errno in DISK_REFUSALS or err.errno in (errno.EEXIST, errno.EBUSY)
        if not refused or not target.is_file():
            raise
        _overwrite(target, data)
        tell_refusal(DiskService.RENAME_OVER, target)
        temporary.unlink(missing_ok=True)  # Last: until here it was a whole copy.


def _overwrite(target: Path, data: bytes) -> None:
    before = target.read_bytes()
    try:
        _write_over(target, data)
    except OSError:
        with suppress(OSError):  # Nothing is to have changed: it had its place until now.
            _write_over(target, before)
        raise


def _write_over(target: Path, data: bytes) -> None:
    with target.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        sync_file(file.fileno(), target)
