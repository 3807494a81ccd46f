"""The disk: writing files whole, telling its failures apart, watching the recordings folder."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from vms_desktop.core.comfort import (
    REFUSALS,
    Comfort,
    set_mode,
    sync_file,
    sync_folder,
    tell_once,
)
from vms_desktop.core.errors import StorageError, StorageProblem
from vms_desktop.core.layout import Layout

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

PROBE_BYTES = 4096
"""One block: a full disk still takes the name of an empty file."""


class DiskUsage(NamedTuple):
    """Size of a disk and what this user may still write to it, in bytes.

    A total of 0 is that of a share that does not say: nothing follows from `free`.
    """

    total: int
    free: int


def storage_error(err: OSError) -> StorageError:
    """The failure of the system in this program's terms; the detail names no path."""
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
        if err.errno in REFUSALS:
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


def read_some(path: Path, most_bytes: int) -> bytes:
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


def _replace(target: Path, data: bytes, mode: int, sync: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
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
        refused = err.errno in REFUSALS or err.errno in (errno.EEXIST, errno.EBUSY)
        if not refused or not target.is_file():
            raise
        _overwrite(target, data)
        tell_once(Comfort.RENAME_OVER, target)
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


def probe_folder(folder: Path) -> None:
    """Write a small file into a folder and delete it; OSError where it cannot be written."""
    probe = folder / ".probe"
    try:
        probe.touch(mode=0o600)
        set_mode(probe, 0o600)  # Tells where the clips beside it are open to others.
        probe.write_bytes(bytes(PROBE_BYTES))
    finally:
        with suppress(OSError):  # Somebody looks at it, a virus scanner say: the next one goes.
            probe.unlink(missing_ok=True)


class StorageGuard:
    """Knows whether clips can be written into the recordings folder.

    The folder carries a mark, a file with an id that the settings remember: a
    folder without the mark that was remembered is a mount point whose disk is
    not there, and nothing is written into it. A folder never marked (the web
    version's) is adopted and marked.

    Belongs to one background thread that calls `check()` every few seconds. A
    hanging disk keeps `check()` from returning: whoever calls it watches that
    time and says `HANGING`.

    Attributes:
        mark: The id to remember in the settings; empty until the first
            successful `check()` of a folder never marked.
    """

    def __init__(
        self, layout: Layout, mark: str, probe: Callable[[Path], None] = probe_folder
    ) -> None:
        self.mark = mark
        self._layout = layout
        self._probe = probe
        self._checked = False

    def check(self) -> StorageProblem | None:
        """What keeps clips from being written at the moment; None if nothing does."""
        try:
            if not self._is_there():
                return StorageProblem.MISSING
            self._probe(self._layout.recordings)
        except OSError as err:
            return storage_error(err).kind
        except StorageError as err:
            return err.kind
        return None

    def adopt(self) -> None:
        """Take the folder as it is, marked or not: a person said that it is the right one.

        Raises:
            StorageError: It cannot be created or marked.
        """
        make_private(self._layout.recordings)
        found = self._mark_found()
        mark = found or self.mark or uuid4().hex
        if not found:
            write_whole(self._layout.recordings_mark, json.dumps({"id": mark}).encode())
        self.mark = mark

    def _is_there(self) -> bool:
        if not self.mark or self._was_deleted():
            # Never with its parents: they would be made on the disk below a missing mount.
            self._layout.recordings.mkdir(mode=0o700, exist_ok=True)
            self.adopt()
        self._checked = True
        return self._mark_found() == self.mark

    def _was_deleted(self) -> bool:
        """Whether a person deleted the folder while the program did not run.

        A mount point exists even when its disk does not; only at the start,
        and only where the folder lies in the data folder.
        """
        if self._checked or self._layout.recordings_root:
            return False
        return not os.path.lexists(self._layout.recordings)

    def _mark_found(self) -> str:
        """The id in the folder, empty where there is none; OSError for a disk that fails."""
        try:
            entry = json.loads(self._layout.recordings_mark.read_bytes())
        except (FileNotFoundError, ValueError):
            return ""
        return str(entry.get("id", "")) if isinstance(entry, dict) else ""
