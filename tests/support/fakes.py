"""A camera that misbehaves on order: RTSP and interleaved RTP on plain sockets.

The real server of `tests.live` proves that good cameras work; this one commits the faults
that a good server does not, each at an exact picture.
"""

import base64
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from urllib.parse import quote

from tests.support.video import Encoded

RTP_CLOCK_HZ = 90_000
RTP_PAYLOAD_BYTES = 1400
SEND_TIMEOUT_S = 5.0
# Five minutes of fifteen pictures a second, and then some.
SENT_KEPT = 5000
_REASONS = {
    200: "OK",
    302: "Moved",
    401: "Unauthorized",
    404: "Not Found",
    461: "Unsupported Transport",
}

# From a picture's index and its true time to the time that is claimed for it, in s.
Stamps = Callable[[int, float], float]


class Greeting(Enum):
    """What a connection meets before any RTSP is spoken."""

    ANSWER = auto()
    MUTE = auto()
    RESET = auto()


class Ending(Enum):
    """What happens once `Behaviour.pictures` have been sent."""

    SILENCE = auto()
    CLOSE = auto()
    RESET = auto()
    CUT = auto()


def true_stamps(_index: int, seconds: float) -> float:
    """Timestamps as a good camera sends them."""
    return seconds


def jump(at: int, by_s: float) -> Stamps:
    """Timestamps that are off by `by_s` from picture `at` on."""
    return lambda index, seconds: seconds + by_s if index >= at else seconds


def repeat(at: int, fps: int) -> Stamps:
    """Picture `at` claims the time of the one before."""
    return lambda index, seconds: seconds - 1 / fps if index == at else seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the camera treats one connection; by default well.

    Attributes:
        status: The answer to DESCRIBE: 200, 401, 404 or another.
        redirect: DESCRIBE is answered with this other address.
        login: User and password that DESCRIBE wants (Basic).
        codec: The video's name in the SDP; "" announces no video at all.
        audio_announced: The SDP names a sound track that never sends.
        nonsense: Sent in place of the first answer; then the connection closes.
        delay_s: Before every answer.
        pictures: How many are sent before `ending`; None: no end.
        drip_bytes: Pieces of this size, one at a time, instead of whole packets.
        switch_at, switch_to: From this picture on, the camera sends another video.
        stamps: The timestamps that it claims.
        over_udp: It sends by UDP and refuses TCP.
        sets_announced: Whether the SDP has the parameter sets of H.264.
    """

    greeting: Greeting = Greeting.ANSWER
    status: int = 200
    redirect: str = ""
    login: tuple[str, str] | None = None
    codec: str = "H264"
    audio_announced: bool = False
    nonsense: bytes = b""
    delay_s: float = 0
    pictures: int | None = None
    ending: Ending = Ending.SILENCE
    drip_bytes: int = 0
    switch_at: int | None = None
    switch_to: Encoded | None = None
    stamps: Stamps = true_stamps
    over_udp: bool = False
    sets_announced: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One RTSP request as it came."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)


class _HungUpError(Exception):
    """The connection is over, from whichever side."""


class FakeCamera:
    """A camera on a free port of the loopback interface; a context manager.

    Args:
        video: Played round and round.
        script: What each new client meets; the last one also all that follow. Who only
            tries the door (no `User-Agent` in its requests) uses none of it up.
        speed: Pictures come this many times faster than their timestamps say.

    Attributes:
        port: Where it listens.
        connections: When each connection came, in monotonic s.
        clients: When each client came that does more than try the door.
        requests: Every RTSP request, in order.
        endings: When each scripted ending came, likewise.
        pictures_sent: Over all connections.
        sent: The newest pictures over all connections: when each had been handed to the
            system, in monotonic s, and its index in the video.
    """

    def __init__(
        self, video: Encoded, script: Sequence[Behaviour] = (Behaviour(),), *, speed: float = 1
    ) -> None:
        self.video = video
        self.script = tuple(script)
        self.speed = speed
        self.port = 0
        self.connections: list[float] = []
        self.clients: list[float] = []
        self.endings: list[float] = []
        self.requests: list[Request] = []
        self.pictures_sent = 0
        self.sent: deque[tuple[float, int]] = deque(maxlen=SENT_KEPT)
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._stopped, self._stopping = socket.socketpair()
        self.listen()

    def url(self, user: str | None = None, password: str | None = None) -> str:
        """The camera's address, with credentials where they are given."""
        login = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
        return f"rtsp://{login}127.0.0.1:{self.port}/stream"

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def open_connections(self) -> int:
        """How many connections are open at the moment."""
        return sum(thread.is_alive() for thread in self._threads) - (self._listener is not None)

    def refuse(self) -> None:
        """Refuse connections as a machine without the service does; running ones stay."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone would leave the accepting thread asleep with the port still open.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def close(self) -> None:
        """End every connection and thread."""
        self.refuse()
        self._stopping.close()
        for thread in self._threads:
            thread.join()
        self._stopped.close()

    def __enter__(self) -> "FakeCamera":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="fake-camera")
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections.append(time.monotonic())
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(SEND_TIMEOUT_S)
        conversation = _Conversation(self, connection, self._stopped, self.upcoming)
        with connection, closing(conversation), suppress(_HungUpError, OSError):
            conversation.run()

    @property
    def upcoming(self) -> Behaviour:
        """What the next client meets."""
        return self.script[min(len(self.clients), len(self.script) - 1)]

    def enter(self) -> Behaviour:
        """Count a client; what it meets."""
        behaviour = self.upcoming
        self.clients.append(time.monotonic())
        return behaviour


class _Conversation:
    """One connection, from the first request to its scripted end."""

    def __init__(
        self,
        camera: FakeCamera,
        connection: socket.socket,
        stopped: socket.socket,
        behaviour: Behaviour,
    ) -> None:
        self._camera = camera
        self._connection = connection
        self._stopped = stopped
        self._behaviour = behaviour
        self._received = b""
        self._sequence = 0
        self._is_client = False
        self._playing = False
        self._datagrams: socket.socket | None = None

    def run(self) -> None:
        """Greet, answer until PLAY, send pictures.

        Raises:
            _HungUpError: The connection is over.
        """
        if self._behaviour.greeting is Greeting.RESET:
            self._reset()
        while self._behaviour.greeting is Greeting.MUTE:
            self._receive(None)
            self._next_request()
        while not self._playing:
            self._wait(None)
        self._play()

    def close(self) -> None:
        """Let go of what was made beside the connection."""
        if self._datagrams is not None:
            self._datagrams.close()

    def _reset(self) -> None:
        # A linger time of zero makes closing send RST.
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HungUpError

    def _wait(self, timeout_s: float | None) -> None:
        """Answer what comes; return after the timeout, or with None after one request."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            if request := self._next_request():
                self._answer(request)
                if deadline is None:
                    return
            remaining_s = None if deadline is None else deadline - time.monotonic()
            if remaining_s is not None and remaining_s <= 0:
                return
            if b"\r\n\r\n" not in self._received:
                self._receive(remaining_s)

    def _receive(self, timeout_s: float | None) -> None:
        readable, _, _ = select.select([self._connection, self._stopped], [], [], timeout_s)
        if self._stopped in readable:
            raise _HungUpError
        if readable:
            data = self._connection.recv(4096)
            if not data:
                raise _HungUpError
            self._received += data

    def _next_request(self) -> Request | None:
        """The next whole request, past the client's own RTCP packets."""
        while self._received.startswith(b"$") and len(self._received) >= 4:
            end = 4 + int.from_bytes(self._received[2:4])
            if len(self._received) < end:
                return None
            self._received = self._received[end:]
        head, end_of_head, rest = self._received.partition(b"\r\n\r\n")
        if not end_of_head or head.startswith(b"$"):
            return None
        self._received = rest
        first, *lines = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        request = Request(method, url, dict(line.split(": ", 1) for line in lines))
        self._camera.requests.append(request)
        if "User-Agent" in request.headers and not self._is_client:
            self._is_client = True
            self._behaviour = self._camera.enter()
        return request

    def _answer(self, request: Request) -> None:
        if self._behaviour.delay_s:
            self._pause(self._behaviour.delay_s)
        if self._behaviour.nonsense:
            self._connection.sendall(self._behaviour.nonsense)
            raise _HungUpError
        answers = {
            "DESCRIBE": self._describe,
            "SETUP": self._set_up,
            "OPTIONS": lambda _request: self._reply(
                200, {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"}
            ),
        }
        reply = answers.get(request.method, lambda _request: self._reply(200))(request)
        sequence = f"CSeq: {request.headers.get('CSeq', '0')}\r\n"
        head, _, tail = reply.partition("\r\n")
        self._connection.sendall(f"{head}\r\n{sequence}{tail}".encode())
        if request.method == "TEARDOWN":
            raise _HungUpError
        self._playing |= request.method == "PLAY"

    def _reply(self, status: int, headers: dict[str, str] | None = None, body: str = "") -> str:
        lines = {"Session": "1", **(headers or {})}
        if body:
            lines |= {"Content-Type": "application/sdp", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"RTSP/1.0 {status} {_REASONS.get(status, 'Error')}\r\n{head}\r\n{body}"

    def _describe(self, request: Request) -> str:
        if self._behaviour.redirect:
            return self._reply(302, {"Location": self._behaviour.redirect})
        status = self._behaviour.status if self._may_enter(request) else 401
        if status == 401:
            return self._reply(401, {"WWW-Authenticate": 'Basic realm="camera"'})
        return self._reply(status, body=self._sdp() if status == 200 else "")

    def _may_enter(self, request: Request) -> bool:
        if self._behaviour.login is None:
            return True
        expected = base64.b64encode(":".join(self._behaviour.login).encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    def _sdp(self) -> str:
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "t=0 0", "a=control:*"]
        codec = self._behaviour.codec
        if codec:
            lines += ["m=video 0 RTP/AVP 96", f"a=rtpmap:96 {codec}/{RTP_CLOCK_HZ}"]
            if codec == "H264" and self._behaviour.sets_announced:
                lines.append(
                    f"a=fmtp:96 packetization-mode=1;{_parameter_sets(self._camera.video)}"
                )
            lines.append("a=control:video")
        if self._behaviour.audio_announced or not codec:
            lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:audio"]
        return "\r\n".join(lines) + "\r\n"

    def _set_up(self, request: Request) -> str:
        transport = request.headers.get("Transport", "")
        if ("TCP" in transport) is self._behaviour.over_udp:
            return self._reply(461)
        if self._behaviour.over_udp:
            transport = self._set_up_udp(transport)
        return self._reply(200, {"Transport": transport})

    def _set_up_udp(self, transport: str) -> str:
        port = transport.partition("client_port=")[2].partition("-")[0]
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.connect(("127.0.0.1", int(port)))
        own = self._datagrams.getsockname()[1]
        return f"RTP/AVP;unicast;client_port={port}-{int(port) + 1};server_port={own}-{own + 1}"

    def _play(self) -> None:
        began = time.monotonic()
        for index, (unit, stamp_s) in enumerate(self._pictures()):
            due_s = began + index / (self._camera.video.fps * self._camera.speed)
            self._pause(due_s - time.monotonic())
            if index == self._behaviour.pictures:
                self._end(unit, stamp_s)
            self._send(self._packets(unit, stamp_s))
            self._camera.pictures_sent += 1
            self._camera.sent.append((time.monotonic(), index % len(self._camera.video.units)))

    def _pictures(self) -> Iterator[tuple[bytes, float]]:
        """Every picture's access unit with the time that is claimed for it, without end."""
        video, start, index = self._camera.video, 0, 0
        while True:
            if index == self._behaviour.switch_at and self._behaviour.switch_to is not None:
                video, start = self._behaviour.switch_to, index
            unit = video.units[(index - start) % len(video.units)]
            yield unit, self._behaviour.stamps(index, index / self._camera.video.fps)
            index += 1

    def _pause(self, seconds: float) -> None:
        """Let time pass, answering what comes."""
        self._wait(max(0.0, seconds))

    def _end(self, unit: bytes, stamp_s: float) -> None:
        ending = self._behaviour.ending
        self._camera.endings.append(time.monotonic())
        if ending is Ending.RESET:
            self._reset()
        if ending is Ending.CUT:
            whole = b"".join(self._packets(unit, stamp_s))
            self._connection.sendall(whole[: len(whole) // 2])
        if ending is not Ending.SILENCE:
            raise _HungUpError
        while True:
            self._wait(None)

    def _send(self, packets: Iterator[bytes]) -> None:
        for packet in packets:
            if self._datagrams is not None:
                with suppress(ConnectionRefusedError):  # Nobody listens any more.
                    self._datagrams.send(packet[4:])
                continue
            if not self._behaviour.drip_bytes:
                self._connection.sendall(packet)
                continue
            for place in range(0, len(packet), self._behaviour.drip_bytes):
                self._connection.sendall(packet[place : place + self._behaviour.drip_bytes])
                self._pause(0.001)

    def _packets(self, unit: bytes, stamp_s: float) -> Iterator[bytes]:
        """One access unit as interleaved RTP packets (RFC 6184)."""
        payloads = [payload for nal in nal_units(unit) for payload in _payloads(nal)]
        stamp = (round(stamp_s * RTP_CLOCK_HZ) + RTP_CLOCK_HZ) % 2**32
        for place, payload in enumerate(payloads):
            marker = 0x80 if place == len(payloads) - 1 else 0
            header = struct.pack(">BBHII", 0x80, marker | 96, self._sequence, stamp, 0x5EED)
            self._sequence = (self._sequence + 1) % 2**16
            yield struct.pack(">cBH", b"$", 0, len(header) + len(payload)) + header + payload


def nal_units(unit: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit, without start codes."""
    return [nal.rstrip(b"\0") for nal in unit.split(b"\0\0\1") if nal.strip(b"\0")]


def _payloads(nal: bytes) -> Iterator[bytes]:
    """A NAL unit whole, or in fragments (FU-A) where it is too long for a packet."""
    if len(nal) <= RTP_PAYLOAD_BYTES:
        yield nal
        return
    indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 0x1F
    starts = range(1, len(nal), RTP_PAYLOAD_BYTES)
    for start in starts:
        flags = (0x80 if start == 1 else 0) | (0x40 if start == starts[-1] else 0)
        yield bytes((indicator, flags | kind)) + nal[start : start + RTP_PAYLOAD_BYTES]


def _parameter_sets(video: Encoded) -> str:
    sets = [nal for nal in nal_units(video.units[0]) if nal[0] & 0x1F in (7, 8)]
    coded = ",".join(base64.b64encode(nal).decode() for nal in sets)
    return f"sprop-parameter-sets={coded};profile-level-id={sets[0][1:4].hex()}"
