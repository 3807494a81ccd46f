"""A camera without a network: what it answers to each request, and what it sends by itself."""

import struct
from collections import deque
from collections.abc import Callable
from threading import Event

Answer = Callable[["Asked"], bytes]


class Asked:
    """A request as the camera reads it."""

    def __init__(self, text: str) -> None:
        first, *lines = text.split("\r\n")
        self.method, self.url, _ = first.split(" ")
        self.headers = dict(line.split(": ", 1) for line in lines if line)


class Wire:
    """Stands in for a connected socket.

    Args:
        answer: What the camera sends for a request; b"" for nothing.
        piece_bytes: How much of it one `recv` hands out at most.
        pause_s: How long a `recv` waits where nothing has come.

    Attributes:
        requests, replies, frames: What the client asked, answered, and sent interleaved.
    """

    def __init__(self, answer: Answer, piece_bytes: int = 65536, pause_s: float = 0.005) -> None:
        self._answer = answer
        self._piece_bytes = piece_bytes
        self._pause_s = pause_s
        self._coming: deque[bytes] = deque()
        self._partial = b""
        self.sent: list[bytes] = []
        self.frames: list[tuple[int, bytes]] = []
        self.replies: list[str] = []
        self.requests: list[Asked] = []
        self.is_over = False
        self.is_closed = False

    @property
    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [asked.method for asked in self.requests]

    def ask(self, method: str, headers: str = "", url: str = "*") -> None:
        """The camera asks the client."""
        self.feed(f"{method} {url} RTSP/1.0\r\nCSeq: 7\r\n{headers}\r\n".encode())

    def feed(self, data: bytes) -> None:
        """The camera sends this by itself."""
        self._coming.append(data)

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)
        if data.startswith(b"$"):
            self.frames.append((data[1], data[4:]))
            return
        if data.startswith(b"RTSP/"):
            self.replies.append(data.decode())
            return
        asked = Asked(data.decode("utf-8", "surrogateescape").removesuffix("\r\n\r\n"))
        self.requests.append(asked)
        if answer := self._answer(asked):
            self._coming.append(answer)

    def recv_into(self, room: memoryview) -> int:
        if not self._partial and self._coming:
            self._partial = self._coming.popleft()
        if not self._partial:
            if self.is_over:
                return 0
            Event().wait(self._pause_s)
            raise TimeoutError
        piece = self._partial[: min(len(room), self._piece_bytes)]
        self._partial = self._partial[len(piece) :]
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self.is_closed = True


def reply(
    status: int = 200, headers: dict[str, str] | None = None, body: str = "", *, end: str = "\r\n"
) -> bytes:
    """An answer, with the length of its body where it has one."""
    lines = [f"RTSP/1.0 {status} Word", "CSeq: 1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body and "Content-Length" not in (headers or {}):
        lines.append(f"Content-Length: {len(body.encode())}")
    return end.join([*lines, "", body]).encode()


def rtp(
    payload: bytes,
    sequence: int,
    timestamp: int = 0,
    *,
    marker: bool = True,
    payload_type: int = 96,
) -> bytes:
    """An RTP packet."""
    second = payload_type | (128 if marker else 0)
    head = struct.pack(">BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7)
    return head + payload


def framed(channel: int, data: bytes) -> bytes:
    """The data as it travels between answers."""
    return struct.pack(">cBH", b"$", channel, len(data)) + data


def sender_report(at_s: float, timestamp: int) -> bytes:
    """The camera says which RTP time is which time of its clock."""
    seconds = int(at_s)
    fraction = round((at_s - seconds) * 2**32)
    return struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, seconds, fraction, timestamp, 0, 0)
