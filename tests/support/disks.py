"""Disks of a test's own, small and real, that fail when they are told to. Linux, as root."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.waiting import wait_until

SIZE_MB = 24


def no_disks() -> str:
    """Why there are none here; empty where there are."""
    if sys.platform != "linux":
        return "platform: disks of one's own need Linux"
    if os.geteuid() != 0:
        return "platform: only root mounts"
    if not (Path("/dev/loop-control").exists() and shutil.which("mkfs.ext4") and mounts()):
        return "platform: no disks of one's own in this container"
    return ""


@cache
def mounts() -> bool:
    """Whether this machine lets anything be mounted; a container may not."""
    with TemporaryDirectory() as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False
        )
        if tried.returncode == 0:
            _run("umount", folder)
        return tried.returncode == 0


class SmallDisk:
    """An ext4 file system in a file, mounted where `place` is; a context manager.

    It hangs on another mount, so that it can be away from its place and lose nothing, as a
    plug that was pulled and is put back.
    """

    def __init__(self, folder: Path) -> None:
        self.place = folder / "disk"
        self._image = folder / "disk.img"
        self._base = folder / "base"
        self._is_there = False

    def __enter__(self) -> "SmallDisk":
        for path in (self.place, self._base):
            path.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(SIZE_MB * 2**20)
        _run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self._mount()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_there:
            self.take_away()
        _run("umount", "-l", str(self._base))

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self._base))
        self.put_back()

    def take_away(self) -> None:
        """It is gone from its place; what is open stays open."""
        _run("umount", "-l", str(self.place))
        self._is_there = False

    def put_back(self) -> None:
        """It is at its place again."""
        _run("mount", "--bind", str(self._base), str(self.place))
        self._is_there = True

    def fill(self) -> None:
        """Something else takes all of its room."""
        with (self._base / "ballast").open("wb", buffering=0) as ballast:
            for piece_bytes in (2**20, 2**12, 1):
                with suppress(OSError):
                    while ballast.write(bytes(piece_bytes)):
                        pass

    def empty(self) -> None:
        """What took its room is gone."""
        (self._base / "ballast").unlink()

    def fail(self) -> None:
        """It is read only from now on, in the midst of a write, as after an error of the disk.

        What was written until now is on it; the system may still take some bytes, into a block
        that it has in memory, which are lost.
        """
        _run("sync", "-f", str(self._base))
        _run("mount", "-o", "remount,abort", str(self._base))

    def repair(self) -> None:
        """It was checked and is mounted anew, once nobody has a file open there any more."""
        self.take_away()
        wait_until(lambda: _tried("umount", str(self._base)))
        _tried("e2fsck", "-p", str(self._image))
        self._mount()

    def refuse(self) -> None:
        """No file there can be made, written, renamed or deleted, by root neither."""
        _run("chattr", "-R", "+i", str(self._base))

    def refuse_around(self) -> None:
        """No file or folder can be made right in it; in what is there they can."""
        _run("chattr", "+i", str(self._base))

    def refuse_inside(self) -> None:
        """Nothing can be done in the folders that are in it."""
        for folder in self._base.iterdir():
            if folder.is_dir() and not folder.name.startswith((".", "lost")):
                _run("chattr", "-R", "+i", str(folder))

    def allow(self) -> None:
        """They can again."""
        _run("chattr", "-R", "-i", str(self._base))


def _tried(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, check=True)
