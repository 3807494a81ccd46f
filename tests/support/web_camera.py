"""A camera that speaks HTTP on a clock that a test sets: no network, and no waiting."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.packets import HandClock
from tests.support.video import encode
from tests.support.wire import Asked
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.mjpeg_stream import MjpegStream, open_mjpeg
from vms_desktop.core.stream.network import http_connection
from vms_desktop.core.stream.packets.patience import Patience

URL = "http://10.0.0.9/cgi-bin/video.cgi?size=2"
SECRET = "s3cr3t"
JPEGS = encode(40, width=160, height=96, codec="mjpeg").units
_STEP_S = 0.1

# Seconds after the piece before, and what comes then; None closes the connection.
Piece = tuple[float, bytes | None]
Answer = Callable[[Asked], Sequence[Piece]]


def head(kind: str = "", status: str = "HTTP/1.1 200 OK", **headers: object) -> bytes:
    """The head of a reply; `content_length=4` is a header of that name."""
    lines = [status, *([f"Content-Type: {kind}"] if kind else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


MULTIPART = head("multipart/x-mixed-replace; boundary=frame")


def part(
    jpeg: bytes, boundary: str = "--frame", length: int | None = -1, end: str = "\r\n"
) -> bytes:
    """A picture as cameras send it; its length left out, or another than it has."""
    lines = [boundary, "Content-Type: image/jpeg"]
    if length is not None:
        lines.append(f"Content-Length: {len(jpeg) if length < 0 else length}")
    return end.join([*lines, "", ""]).encode() + jpeg + end.encode()


def still(jpeg: bytes, **headers: Any) -> list[Piece]:
    """A reply of one picture, over a connection that stays."""
    return [(0, head("image/jpeg", content_length=len(jpeg), **headers) + jpeg)]


class WebCamera:
    """Answers each request with pieces in time.

    Attributes:
        requests: In order; `asked_at` holds when each came.
        connections: How many were made.
    """

    def __init__(self, clock: HandClock, answer: Answer) -> None:
        self.clock = clock
        self.answer = answer
        self.requests: list[Asked] = []
        self.asked_at: list[float] = []
        self.addresses: list[str] = []

    @property
    def connections(self) -> int:
        return len(self.addresses)

    def connect(self, address: Any, *_: object, **__: object) -> "_Line":
        self.addresses.append(address.bare_url)
        return _Line(self)

    def ask(self, asked: Asked) -> Sequence[Piece]:
        self.requests.append(asked)
        self.asked_at.append(self.clock.time)
        return self.answer(asked)

    def rest(self, seconds: float) -> None:
        """Nobody works for so long."""
        self.clock.time += seconds


class _Line:
    """Stands in for a connected socket."""

    def __init__(self, camera: WebCamera) -> None:
        self._camera = camera
        self._coming: deque[tuple[float, bytes | None]] = deque()
        self.is_closed = False

    def sendall(self, data: bytes) -> None:
        if self._coming and self._coming[-1][1] is None:
            raise BrokenPipeError
        asked = Asked(data.decode().removesuffix("\r\n\r\n"))
        due = self._camera.clock.time
        for after_s, piece in self._camera.ask(asked):
            due += after_s
            self._coming.append((due, piece))

    def recv_into(self, room: memoryview) -> int:
        assert not self.is_closed
        clock = self._camera.clock
        due, piece = self._coming[0] if self._coming else (float("inf"), b"")
        if due > clock.time:
            clock.time = min(due, clock.time + _STEP_S)
            if due > clock.time:
                raise TimeoutError
        if piece is None:
            return 0
        given = piece[: len(room)]
        room[: len(given)] = given
        self._coming[0] = (due, piece[len(given) :])
        if not self._coming[0][1]:
            self._coming.popleft()
        return len(given)

    def close(self) -> None:
        self.is_closed = True


class Web:
    """Opens streams of scripted web cameras; `camera` is that of the last one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.clock = HandClock(100.0)

    def camera(self, answer: Answer) -> WebCamera:
        camera = WebCamera(self.clock, answer)
        self._monkeypatch.setattr(http_connection, "open_socket", camera.connect)
        return camera

    @contextmanager
    def stream(self, camera: WebCamera, url: str = URL, login: str = "me") -> Iterator[MjpegStream]:
        address = network_address(url, login, SECRET if login else "")
        opened = open_mjpeg(
            address, lambda: False, self.clock, camera.rest, verify=True, patience=Patience()
        )
        try:
            yield opened
        finally:
            opened.close()
