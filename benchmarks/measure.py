"""What a program costs, its children included: processor time and memory."""

import subprocess
import time
from dataclasses import dataclass
from threading import Event

import psutil

STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What was used within one stretch of time.

    Attributes:
        cpu_percent: User and system time, in % of one core.
        pss_bytes: Memory at the end, pages shared with others counted in part.
    """

    seconds: float
    cpu_percent: float
    rss_bytes: int
    pss_bytes: int


class Watch:
    """A process and its children, watched from one moment to another."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self.restart()

    def restart(self) -> None:
        """Measure from now on."""
        self._began = time.monotonic()
        self._before = self._processes()
        self._before_s = self._cpu_s()

    def cost(self) -> Cost:
        """What has been used since the start.

        Raises:
            RuntimeError: A process was replaced by another, so the figures would be wrong.
        """
        if self._processes() != self._before:
            raise RuntimeError("a process ended and was started again")
        seconds = time.monotonic() - self._began
        memory = [process.memory_full_info() for process in self._before]
        return Cost(
            seconds=seconds,
            cpu_percent=(self._cpu_s() - self._before_s) / seconds * 100,
            rss_bytes=sum(info.rss for info in memory),
            pss_bytes=sum(info.pss for info in memory),
        )

    def _processes(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    def _cpu_s(self) -> float:
        times = [process.cpu_times() for process in self._processes()]
        return sum(spent.user + spent.system for spent in times)


def wait(seconds: float, *processes: subprocess.Popen[bytes]) -> None:
    """Let time pass while the processes run.

    Raises:
        RuntimeError: One of them has ended.
    """
    deadline, pause = time.monotonic() + seconds, Event()
    while (remaining_s := deadline - time.monotonic()) > 0:
        pause.wait(min(0.5, remaining_s))
        if ended := [process.args for process in processes if process.poll() is not None]:
            raise RuntimeError(f"ended too early: {ended}")


def stop(process: subprocess.Popen[bytes]) -> float:
    """End a process by SIGTERM, by force if it does not listen; how long that took, in s."""
    began = time.monotonic()
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - began
