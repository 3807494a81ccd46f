"""Starts the real RTSP server as a process, tells it what to do, and ends it."""

import json
import selectors
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from tests.support.video import Encoded, crossing, encode, numbered

SYSTEM_PYTHON = "/usr/bin/python3"
PROCESS = Path(__file__).with_name("rtsp_server_process.py")
ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One address of the server.

    Attributes:
        video: Played in a loop, its timestamps going on; from the start for each client.
        audio: "aac", "stereo" (AAC), "opus", "pcma" or empty; a steady tone of 440 Hz.
        user: Where given, the server asks for a digest with it and `password`.
        first: The picture that the loop starts with, so that cameras can share a video.
    """

    path: str
    video: Encoded
    audio: str = ""
    user: str = ""
    password: str = ""
    first: int = 0


@cache
def missing_parts() -> str:
    """What this machine lacks to run the server; empty where nothing does."""
    if not Path(SYSTEM_PYTHON).exists():
        return "no system Python"
    check = subprocess.run(
        [SYSTEM_PYTHON, str(PROCESS), "--check"], capture_output=True, text=True, check=False
    )
    return check.stdout.strip() if check.returncode == 0 else check.stderr.strip()[-200:]


class RtspServer:
    """A running server on a free port of the loopback interface; a context manager.

    Attributes:
        port: Where it listens.
        pid: Its process, so that a benchmark can leave it out.

    Raises:
        RuntimeError: The server does not start or does not answer.
    """

    def __init__(self, mounts: Sequence[Mount]) -> None:
        self._mounts = {mount.path: mount for mount in mounts}
        self._folder = tempfile.TemporaryDirectory(prefix="rtsp-server-")
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(PROCESS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.port: int = self._ask(self._description())["port"]

    def url(self, path: str, *, credentials: bool = True) -> str:
        """The address of a mount, with its user and password where it has them."""
        mount = self._mounts[path]
        login = ""
        if mount.user and credentials:
            login = f"{quote(mount.user, safe='')}:{quote(mount.password, safe='')}@"
        return f"rtsp://{login}127.0.0.1:{self.port}{path}"

    def pause(self, path: str) -> None:
        """Make a mount fall silent without closing a connection."""
        self._ask({"pause": path})

    def resume(self, path: str) -> None:
        """Let a paused mount go on, with the timestamps of the time gone by."""
        self._ask({"resume": path})

    def kill_clients(self) -> None:
        """Close every connection."""
        self._ask({"kill_clients": True})

    def clients(self) -> int:
        """How many connections are open."""
        return int(self._ask({})["clients"])

    def connected(self) -> int:
        """How many connections there have been."""
        return int(self._ask({})["connected"])

    def stop(self) -> None:
        """End the server; a second time does nothing."""
        if self._process.stdin is None or self._process.stdin.closed:
            return
        self._process.stdin.close()
        try:
            self._process.wait(ANSWER_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.cleanup()

    def __enter__(self) -> "RtspServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _description(self) -> list[dict[str, Any]]:
        files: dict[int, str] = {}
        for mount in self._mounts.values():
            if id(mount.video) not in files:
                path = Path(self._folder.name) / f"{len(files)}.{mount.video.codec}"
                path.write_bytes(mount.video.annex_b)
                files[id(mount.video)] = str(path)
        return [
            {
                "path": mount.path,
                "file": files[id(mount.video)],
                "sizes": [len(unit) for unit in mount.video.units],
                "codec": mount.video.codec,
                "fps": mount.video.fps,
                "audio": mount.audio,
                "user": mount.user,
                "password": mount.password,
                "first": mount.first,
            }
            for mount in self._mounts.values()
        ]

    def _ask(self, order: object) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answered = selector.select(ANSWER_TIMEOUT_S)
        line = process.stdout.readline() if answered else ""
        if not line:
            process.kill()
            process.wait()
            raise RuntimeError("the RTSP server does not answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


LOOP_S = 20
# When something crosses the scene of `/cam1`, in s since the client began to play.
CROSSING_S = (6, 10)
LOCKED_USER = "viewer"
LOCKED_PASSWORD = "p@ss:w/r#d?%1"


def default_mounts() -> list[Mount]:
    """What the `rtsp_server` fixture serves: small pictures, 15 a second.

    `/cam1` and `/cam2` have `sd` and `hd` and a scene that something crosses; `/numbered/sd`
    counts its pictures; `/aac/sd`, `/stereo/sd`, `/opus/sd` and `/pcma/sd` have
    sound, `/hevc/sd` is H.265, and
    `/locked/sd` wants `LOCKED_USER` and `LOCKED_PASSWORD`.
    """
    fps = 15
    first, last = (second * fps for second in CROSSING_S)
    scene = crossing([(first, last)])
    sd = encode(LOOP_S * fps, width=320, height=180, fps=fps, paint=scene)
    hd = encode(LOOP_S * fps, width=640, height=360, fps=fps, gop=30, paint=scene)
    counted = encode(LOOP_S * fps, width=160, height=96, fps=fps, paint=numbered)
    hevc = encode(2 * fps, width=160, height=96, fps=fps, codec="hevc", paint=numbered)
    return [
        Mount(path="/cam1/sd", video=sd),
        Mount(path="/cam1/hd", video=hd),
        Mount(path="/cam2/sd", video=sd, first=LOOP_S * fps // 2),
        Mount(path="/cam2/hd", video=hd, first=LOOP_S * fps // 2),
        Mount(path="/numbered/sd", video=counted),
        Mount(path="/aac/sd", video=counted, audio="aac"),
        Mount(path="/stereo/sd", video=counted, audio="stereo"),
        Mount(path="/opus/sd", video=counted, audio="opus"),
        Mount(path="/pcma/sd", video=counted, audio="pcma"),
        Mount(path="/hevc/sd", video=hevc),
        Mount(path="/locked/sd", video=counted, user=LOCKED_USER, password=LOCKED_PASSWORD),
    ]
