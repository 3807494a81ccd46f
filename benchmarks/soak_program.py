"""The program as a soak runs it: its process, its cameras.json, its disk."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.camera_entries import write_cameras
from tests.support.numbered_cameras import Camera
from tests.support.program import ROOT, environment

STOP_TIMEOUT_S = 30.0
_MB = 1_000_000


class Program:
    """The program without a window, and the process in it that does the work.

    Attributes:
        lives: How many processes have done the work so far.
    """

    def __init__(self, folder: Path, logs: Path) -> None:
        self._folder = folder
        self._logs = logs
        self._process: subprocess.Popen[bytes] | None = None
        self._worker: psutil.Process | None = None
        self.lives = 0

    def start(self) -> None:
        """Start it; what it prints is added to what it printed before."""
        command = [sys.executable, "-m", "vms_desktop", "--headless", "--log-format", "json"]
        with (self._logs / "out.txt").open("ab") as out, (self._logs / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data-dir", str(self._folder)],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def worker(self) -> psutil.Process | None:
        """The process that does the work, while there is one."""
        assert self._process is not None
        if self._worker is None or not self._worker.is_running():
            self._worker = None
            with suppress(psutil.Error):
                if children := psutil.Process(self._process.pid).children():
                    self._worker = children[0]
                    self.lives += 1
        return self._worker

    def measure(self) -> dict[str, float] | None:
        """What the worker holds at the moment, and its age."""
        worker = self.worker()
        if worker is None:
            return None
        try:
            place = Path("/proc") / str(worker.pid)
            rollup = (line.split() for line in (place / "smaps_rollup").read_text().splitlines())
            memory = {line[0]: int(line[1]) * 1024 / _MB for line in rollup if line[-1] == "kB"}
            spent = worker.cpu_times()
            return {
                "life": self.lives,
                "age_s": round(time.time() - worker.create_time(), 1),
                "rss_mb": round(memory["Rss:"], 3),
                "pss_mb": round(memory["Pss:"], 3),
                "anonymous_mb": round(memory["Pss_Anon:"], 3),
                "descriptors": len(list((place / "fd").iterdir())),
                "threads": len(list((place / "task").iterdir())),
                "cpu_s": round(spent.user + spent.system, 2),
            }
        except (OSError, psutil.Error, KeyError):
            return None  # It is ending just now.

    def end(self) -> tuple[int, float]:
        """Ask it to end; its exit code, and the seconds that it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return code, time.monotonic() - began


class Configuration:
    """`cameras.json`, as a person edits it: replaced whole."""

    def __init__(self, folder: Path, cameras: Sequence[Camera]) -> None:
        self._folder = folder
        self._entries = {each.number: each.entry(f"Camera {each.number}") for each in cameras}
        self.wanted = set(self._entries)

    def name(self, camera: Camera) -> str:
        """What the camera is called at the moment."""
        return str(self._entries[camera.number]["name"])

    def rename(self, camera: Camera, name: str) -> None:
        self._entries[camera.number]["name"] = name
        self.write()

    def write(self) -> None:
        """Write the cameras that are wanted."""
        entries = {
            f"00000000-0000-4000-8000-{number:012}": entry
            for number, entry in self._entries.items()
            if number in self.wanted
        }
        write_cameras(self._folder, entries)


class FreezableDisk:
    """A disk of its own for the recordings that can be made to hang: ext4 in a file, frozen.

    Whoever writes to it waits until it is thawed, as with a disk that spins up.
    """

    SIZE_BYTES = 16_000_000_000

    def __init__(self, folder: Path) -> None:
        self.path = folder / "disk"
        self._image = folder / "disk.img"
        self._is_frozen = self._is_ours = False

    @staticmethod
    def lacks() -> str:
        """Why there can be none here; empty where there can."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            return "mounting a disk of its own needs root"
        missing = [name for name in ("mkfs.ext4", "mount", "fsfreeze") if not shutil.which(name)]
        return f"{', '.join(missing)} not installed" if missing else ""

    def mount(self, *, takes_over: bool = True) -> None:
        """Make it where it is not there, and mount it.

        One that is mounted already is left by a soak that was killed, and taken over; or a
        soak runs on it, of which somebody wants the figures. Never twice: that would spoil it.

        Raises:
            subprocess.CalledProcessError: The system does not let us.
        """
        self.path.mkdir(exist_ok=True)
        is_mounted = self.path.is_mount()
        self._is_ours = takes_over or not is_mounted
        if is_mounted:
            if takes_over:
                subprocess.run(["fsfreeze", "-u", str(self.path)], check=False, capture_output=True)
            return
        if not self._image.exists():
            with self._image.open("wb") as image:
                image.truncate(self.SIZE_BYTES)
            _run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        _run("mount", "-o", "loop", str(self._image), str(self.path))

    def unmount(self) -> None:
        """Let it go, thawed, where it is ours."""
        self.thaw()
        if self._is_ours:
            _run("umount", str(self.path))

    async def freeze(self) -> None:
        """From now on it does not answer who writes."""
        self._is_frozen = True
        await asyncio.to_thread(_run, "fsfreeze", "-f", str(self.path))

    def thaw(self) -> None:
        """It answers again."""
        if self._is_frozen:
            self._is_frozen = False
            _run("fsfreeze", "-u", str(self.path))

    def waiting(self, pid: int) -> int:
        """How many threads of a process wait for a disk, and can do nothing else."""
        count = 0
        for task in (Path("/proc") / str(pid) / "task").iterdir():
            with suppress(OSError):
                count += (task / "stat").read_text().rpartition(")")[2].split()[0] == "D"
        return count


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
