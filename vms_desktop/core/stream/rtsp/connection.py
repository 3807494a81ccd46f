"""RTSP (RFC 2326) over TCP as a client speaks it: requests, logins, and what comes interleaved.

One thread uses a connection. Every wait ends when the end is asked for.
"""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from urllib.parse import quote

from vms_desktop.core.base import Problem, StreamError
from vms_desktop.core.config import NetworkAddress
from vms_desktop.core.stream.network import USER_AGENT, Login, Stopped, open_socket, wire_bytes
from vms_desktop.core.stream.packets import Patience

# Channels are small numbers; a letter behind the sign of a frame is noise.
MOST_CHANNEL = 31
# What a session lasts where the camera does not say (RFC 2326, 12.37).
DEFAULT_TIMEOUT_S = 60.0
_MAX_REPLY_BYTES = 1024 * 1024
_MAX_HEAD_BYTES = 64 * 1024
_MAX_EARLY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_DOLLAR = 0x24
_RTSP = b"RTSP/"
_BLANK = re.compile(r"[\s\x00-\x20\x7f]")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_REQUEST = re.compile(rb"[A-Z_]{3,20} [!-~]{1,2000} RTSP/\d")
_MAYBE_REQUEST = re.compile(rb"[A-Z_]{1,20}( [!-~]{0,2000}( R?T?S?P?/?)?)?")
_NEXT = re.compile(rb"\$(?=[\x00-\x1f]|\Z)|RTSP/|" + _REQUEST.pattern)
# An answer that is shorter than it says is taken as it is once nothing more has come for this.
_CUT_SHORT_S = 3.0
# How long the answer to the end of a session is waited for: it frees a place at the camera.
_FAREWELL_S = 0.5
_HARMLESS = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE"})
_FAREWELLS = frozenset({"TEARDOWN", "REDIRECT"})
_OURS = frozenset({"DESCRIBE", "SETUP", "PLAY", "PAUSE", "RECORD"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; names of headers in small letters, those that came twice in lines."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # They repeat addresses, login included.
    body: str = field(default="", repr=False)


def rtsp_connection(
    address: NetworkAddress,
    stopped: Stopped,
    patience: Patience,
    *,
    verify: bool,
    anonymous: bool = False,
) -> "RtspConnection":
    """A connection to a camera, encrypted where its address says so.

    Raises:
        StreamError: With the kind of what is wrong.
    """
    sock = open_socket(address, stopped, patience, verify=verify)
    deadline = monotonic() + patience.answer_s
    return RtspConnection(sock, address, stopped, deadline, anonymous=anonymous)


class RtspConnection:
    """A connection to a camera; belongs to the thread that uses it.

    Args:
        sock: Connected; its calls return after a short while (`open_socket`).
        deadline: Monotonic time in s until which answers are waited for.
        anonymous: Whether it hears neither a password, whatever it answers, nor a name.

    Attributes:
        session: The camera's name of the session that was set up; sent with every request.
        timeout_s: After so long without a sign of life the camera ends the session.
        methods: What the camera has said that it can be asked.
    """

    def __init__(
        self,
        sock: socket.socket,
        address: NetworkAddress,
        stopped: Stopped,
        deadline: float,
        *,
        anonymous: bool = False,
    ) -> None:
        self._sock = sock
        self._address = address
        self._stopped = stopped
        self.deadline = deadline
        self.session = ""
        self.timeout_s = DEFAULT_TIMEOUT_S
        self.methods = ""
        self._received = b""
        self._at = 0
        # What `recv` makes of so much room is cut to what came, and leaves holes in the heap.
        self._chunk = memoryview(bytearray(_CHUNK_BYTES))
        self._early: list[tuple[int, bytes]] = []
        self._sequence = 0
        self._answer: Reply | None = None
        self._is_rtsp = False
        self._is_anonymous = anonymous
        self._login = Login(replace(address, username="", password="") if anonymous else address)
        self._is_cut_short = False
        self._may_have_head = True  # Whether a head may end in what has come.

    def close(self) -> None:
        """Let go of the connection. Returns at once."""
        self._sock.close()

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask, log in where that is wanted and allowed, and wait for the answer.

        Raises:
            StreamError: No answer in time, a refused login, or no RTSP.
        """
        reply = self._ask(method, url, headers)
        if reply.status == 401 and self._log_in(reply):
            reply = self._ask(method, url, headers)
        if reply.status == 401 and not self._is_anonymous:
            raise self.error(Problem.WRONG_PASSWORD)
        self._login.accepted()
        return reply

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None) -> Reply:
        self._answer = None
        self.send(method, url, headers)
        return self._reply()

    def _log_in(self, reply: Reply) -> bool:
        """True if it is to be asked again after this refusal."""
        return self._login.challenged(reply.headers.get("www-authenticate", ""))

    def take_answer(self) -> Reply | None:
        """The answer that has come among the packets; what is asked next has its new nonce."""
        answer, self._answer = self._answer, None
        if answer and answer.status == 401:
            self._log_in(answer)
        return answer

    def end_session(self, url: str) -> None:
        """Free the camera's place for us, and let go of the connection. Takes half a second."""
        end = monotonic() + _FAREWELL_S
        self._answer = None
        with suppress(StreamError):
            self.send("TEARDOWN", url)
            while not self._answer and monotonic() < end:
                self.fill()
                for _ in self.frames():
                    pass
        self.close()

    def send(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Ask without waiting: the answer comes among the packets, which pass it over."""
        self._sequence += 1
        # Cameras announce names with blanks in them, which would end the address.
        url = _BLANK.sub(lambda blank: quote(blank[0]), url)
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}"]
        if not self._is_anonymous:
            lines.append(f"User-Agent: {USER_AGENT}")
        if authorization := self._login.authorization(method, url):
            lines.append(f"Authorization: {authorization}")
        if self.session:
            lines.append(f"Session: {self.session}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._send(wire_bytes("\r\n".join([*lines, "", ""])))

    def send_frame(self, channel: int, data: bytes) -> None:
        """Send a packet interleaved."""
        self._send(bytes((_DOLLAR, channel)) + len(data).to_bytes(2) + data)

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise self.error(Problem.TIMED_OUT) from None
        except OSError:
            raise self.error(Problem.ENDED) from None

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """The frames that have come interleaved: channel and bytes.

        Ends where nothing whole is left; `fill` then waits for more.
        """
        if self._early:
            early, self._early = self._early, []
            yield from early
        yield from self._whole_frames()

    def _whole_frames(self) -> Iterator[tuple[int, bytes]]:
        while self._at < len(self._received):
            received, start = self._received, self._at
            left = len(received) - start
            if received[start] != _DOLLAR or (left > 1 and received[start + 1] > MOST_CHANNEL):
                if not self._skip():
                    return
                continue
            if left < 4:
                return
            end = start + 4 + (received[start + 2] << 8 | received[start + 3])
            if len(received) < end:
                return
            self._at = end
            yield received[start + 1], received[start + 4 : end]

    def fill(self) -> bool:
        """Wait a moment for more; whether something came.

        Raises:
            StreamError: The camera closed the connection.
        """
        try:
            size_bytes = self._sock.recv_into(self._chunk)
        except TimeoutError:
            return False
        except OSError:
            raise self.error(Problem.ENDED) from None
        if not size_bytes:
            raise self.error(Problem.ENDED)
        self._received = self._received[self._at :] + self._chunk[:size_bytes]
        self._at, self._may_have_head = 0, True
        return True

    def _skip(self) -> bool:
        """Pass over a message, or noise, before the next frame; False where more has to come."""
        if self._received.startswith(_RTSP, self._at) or _REQUEST.match(self._received, self._at):
            return self._take_message()
        rest = len(self._received) - self._at
        if rest < len(_RTSP) and _RTSP.startswith(self._received[self._at :]):
            return False
        # A camera may ask before it has answered, and what it asks may come in pieces.
        if _MAYBE_REQUEST.fullmatch(self._received, self._at):
            return False
        if not self._is_rtsp:
            raise self.error(Problem.BAD_DATA)
        found = _NEXT.search(self._received, self._at + 1)
        # The last bytes may be the beginning of an answer.
        end = max(self._at + 1, len(self._received) - len(_RTSP) + 1)
        self._at = found.start() if found else end
        return True

    def _reply(self) -> Reply:
        size_bytes, heard_at = 0, monotonic()
        self._is_cut_short = False
        while True:
            for frame in self._whole_frames():
                # Some cameras send the first picture before they say that they will.
                self._early.append(frame)
                size_bytes += len(frame[1])
            if self._answer:
                return self._answer
            if self._stopped():
                raise self.error(Problem.ENDED)
            if monotonic() > self.deadline:
                raise self.error(Problem.TIMED_OUT)
            if self.fill():
                heard_at = monotonic()
            self._is_cut_short = monotonic() - heard_at > _CUT_SHORT_S
            if len(self._received) > _MAX_REPLY_BYTES or size_bytes > _MAX_EARLY_BYTES:
                raise self.error(Problem.BAD_DATA)

    def _take_message(self) -> bool:
        """Take the answer, or request, that begins here; False while not all of it has come."""
        head_end = _HEAD_END.search(self._received, self._at) if self._may_have_head else None
        if head_end is None:
            self._may_have_head = False
            is_noise = len(self._received) - self._at > _MAX_HEAD_BYTES
            self._at += is_noise
            return is_noise
        head = self._received[self._at : head_end.start()].decode("utf-8", "surrogateescape")
        first, *lines = head.replace("\r", "").split("\n")
        headers = _headers(lines)
        size = re.match(r"\d{1,9}(?!\d)", headers.get("content-length", ""))
        body_end = head_end.end() + (int(size[0]) if size else 0)
        if body_end - self._at > _MAX_REPLY_BYTES:
            raise self.error(Problem.BAD_DATA)
        if len(self._received) < body_end and not self._is_cut_short:
            return False
        body = self._received[head_end.end() : body_end].decode("utf-8", "replace")
        self._at = min(body_end, len(self._received))
        if status := re.match(r"RTSP/\d\.\d +([2-9]\d\d)", first):
            self._is_rtsp = True
            self._answer = Reply(int(status[1]), headers, body)
            self.methods = headers.get("public", self.methods)
        elif _REQUEST.match(first.encode("utf-8", "surrogateescape")):
            self._reply_to(first.partition(" ")[0], headers.get("cseq", ""))
        return True

    def _reply_to(self, method: str, sequence: str) -> None:
        """Answer what the camera asks; where it ends the session, that is the end.

        Nothing that it sets or announces matters here: what it sends tells for itself.
        """
        word = "501 Not Implemented"
        if method in _HARMLESS | _FAREWELLS:
            word = "200 OK"
        elif method in _OURS:
            word = "405 Method Not Allowed"
        lines = [f"RTSP/1.0 {word}", f"CSeq: {sequence}", f"User-Agent: {USER_AGENT}"]
        if self.session:
            lines.append(f"Session: {self.session}")
        if method == "OPTIONS" or method in _OURS:
            name = "Public" if method == "OPTIONS" else "Allow"
            lines.append(f"{name}: {', '.join(sorted(_HARMLESS | _FAREWELLS))}")
        self._send(wire_bytes("\r\n".join([*lines, "", ""])))
        if method in _FAREWELLS:
            raise self.error(Problem.ENDED)

    def error(self, kind: Problem) -> StreamError:
        """A failure of this camera."""
        return StreamError(kind, self._address.host, answered=True)


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        found[key] = f"{found[key]}\n{value.strip()}" if key in found else value.strip()
    return found
