"""A disk that hangs on order: FUSE over an ordinary folder. Run as a process of its own.

Orders come as lines of JSON on standard input, each answered with one on standard output:
`{"hang": [operation, …], "path": part of the path}`, `{"answer": errno}` (0 where all is well;
else calls that are held fail, and for ever those of files that are open), `{"rate": bytes}` a
second that are taken, `{}`; the answer tells how many calls are held now.
"""

import errno
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import mfusepy


class Gate:
    """Holds the calls that are to hang."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._hang: frozenset[str] = frozenset()
        self._path = ""
        self._held = 0
        self._error = 0
        self._rate = 0.0
        self._busy_until = 0.0
        self._open: set[int] = set()
        self._stale: dict[int, int] = {}

    def set(self, operations: frozenset[str], path: str, error: int = 0) -> None:
        with self._changed:
            self._hang, self._path, self._error = operations, path, error
            if error:
                self._stale |= dict.fromkeys(self._open, error)
            self._changed.notify_all()

    def limit(self, rate: float) -> None:
        """So many bytes a second are taken from now on; 0 for all that come."""
        with self._changed:
            self._rate = rate

    def opened(self, handle: int) -> int:
        with self._changed:
            self._open.add(handle)
        return handle

    def closed(self, handle: int) -> None:
        with self._changed:
            self._open.discard(handle)
            self._stale.pop(handle, None)

    def use(self, handle: int, size_bytes: int = 0) -> None:
        """Take the time that so many bytes take; OSError for a file that is known no more."""
        with self._changed:
            if error := self._stale.get(handle):
                raise OSError(error, os.strerror(error))
            if not self._rate:
                return
            now = time.monotonic()
            self._busy_until = max(now, self._busy_until) + size_bytes / self._rate
            rest_s = self._busy_until - now
        threading.Event().wait(rest_s)

    def counts(self) -> dict[str, int]:
        with self._changed:
            return {"held": self._held}

    def pass_through(self, operation: str, path: str) -> None:
        with self._changed:
            if not self._holds(operation, path):
                return
            self._held += 1
            self._changed.wait_for(lambda: not self._holds(operation, path))
            self._held -= 1
            if self._error:
                raise OSError(self._error, os.strerror(self._error))

    def _holds(self, operation: str, path: str) -> bool:
        return operation in self._hang and self._path in path


GATE = Gate()


class Folder(mfusepy.Operations):  # type: ignore[misc]
    """Everything is done in a folder beside."""

    use_ns = True

    def __init__(self, backing: str) -> None:
        self._backing = backing

    def _at(self, operation: str, path: str) -> str:
        GATE.pass_through(operation, path)
        return self._backing + path

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        found = os.lstat(self._at("getattr", path))
        names = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_blocks")
        told = {name: getattr(found, name) for name in names}
        times = ("st_atime", "st_mtime", "st_ctime")
        return told | {name: getattr(found, f"{name}_ns") for name in times}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._at("readdir", path))]  # noqa: PTH208

    def create(self, path: str, mode: int, flags: int) -> int:
        return GATE.opened(os.open(self._at("create", path), flags | os.O_CREAT, mode))

    def open(self, path: str, flags: int) -> int:
        return GATE.opened(os.open(self._at("open", path), flags))

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self._at("read", path)
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._at("write", path)
        GATE.use(fh, len(data))
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        os.truncate(self._at("truncate", path), length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._at("fsync", path)
        GATE.use(fh)
        os.fsync(fh)
        return 0

    def release(self, path: str, fh: int) -> int:
        GATE.closed(fh)
        os.close(fh)
        return 0

    def rename(self, old: str, new: str) -> int:
        Path(self._at("rename", old)).replace(self._backing + new)
        return 0

    def unlink(self, path: str) -> int:
        Path(self._at("unlink", path)).unlink()
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        Path(self._at("mkdir", path)).mkdir(mode)
        return 0

    def rmdir(self, path: str) -> int:
        Path(self._at("rmdir", path)).rmdir()
        return 0

    def readlink(self, path: str) -> str:
        return str(Path(self._at("readlink", path)).readlink())

    def chmod(self, path: str, mode: int) -> int:
        Path(self._at("chmod", path)).chmod(mode)
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        now = time.time_ns()
        os.utime(self._at("utimens", path), ns=times or (now, now))
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._at("statfs", path))
        names = ("bsize", "frsize", "blocks", "bfree", "bavail", "files", "ffree", "favail")
        return {f"f_{name}": getattr(found, f"f_{name}") for name in (*names, "namemax")}

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        raise mfusepy.FuseOSError(errno.ENOTSUP)


def obey() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "hang" in order:
            GATE.set(frozenset(order["hang"]), order.get("path", ""))
        elif "answer" in order:
            GATE.set(frozenset(), "", order["answer"])
        elif "rate" in order:
            GATE.limit(order["rate"])
        print(json.dumps(GATE.counts()), flush=True)


def main() -> None:
    backing, mount = sys.argv[1:]
    threading.Thread(target=obey, daemon=True).start()
    # Nothing is remembered by the system: each call comes here.
    mfusepy.FUSE(
        Folder(backing),
        mount,
        foreground=True,
        fsname="hanging-disk",
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
    )


if __name__ == "__main__":
    main()
