"""RTSP (RFC 2326) over TCP as a client speaks it: requests, logins, and what comes interleaved.

One thread uses a connection. Every wait ends when the end is asked for.
"""

import hashlib
import re
import secrets
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from vms_desktop.core.address import NetworkAddress
from vms_desktop.core.errors import Problem, StreamError

REPLY_TIMEOUT_S = 4.0
_MAX_REPLY_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_DOLLAR = 0x24
_RTSP = b"RTSP/"
_FRAME_OR_REPLY = re.compile(rb"\$|RTSP/")
_AGENT = "vms-desktop"
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; names of headers in small letters, those that came twice in lines."""

    status: int
    headers: Mapping[str, str]
    body: str = field(default="", repr=False)


class RtspConnection:
    """A connection to a camera; belongs to the thread that uses it.

    Args:
        sock: Connected; its calls return after a short while (`reach.connect`).
    """

    def __init__(self, sock: socket.socket, address: NetworkAddress, stopped: Stopped) -> None:
        self._sock = sock
        self._address = address
        self._stopped = stopped
        self._received = b""
        self._at = 0
        self._sequence = 0
        self._answers: list[Reply] = []
        self._challenge: _Challenge | None = None
        self.session = ""

    def close(self) -> None:
        """Let go of the connection. Returns at once."""
        self._sock.close()

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask, log in where that is wanted, and wait for the answer.

        Raises:
            StreamError: No answer in time, a refused login, or no RTSP.
        """
        self.send(method, url, headers)
        reply = self._reply()
        if reply.status == 401 and self._log_in(reply):
            self.send(method, url, headers)
            reply = self._reply()
        if reply.status == 401:
            raise self._error(Problem.WRONG_PASSWORD)
        return reply

    def _log_in(self, reply: Reply) -> bool:
        """Whether to ask again, with the password or with a fresh nonce; never twice with both."""
        answered, self._challenge = self._challenge, _challenge(reply)
        if self._challenge is None or not self._address.username:
            return False
        return answered is None or self._challenge.is_stale

    def send(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Ask without waiting: the answer comes among the packets, which pass it over."""
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {_AGENT}"]
        if self._challenge:
            lines.append(f"Authorization: {self._challenge.answer(method, url, self._address)}")
        if self.session:
            lines.append(f"Session: {self.session}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        try:
            self._sock.sendall("\r\n".join([*lines, "", ""]).encode())
        except TimeoutError:
            raise self._error(Problem.TIMED_OUT) from None
        except OSError:
            raise self._error(Problem.ENDED) from None

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """What has come interleaved: channel and bytes.

        Ends where nothing whole is left; `fill` then waits for more.
        """
        while self._at < len(self._received):
            received, start = self._received, self._at
            if received[start] != _DOLLAR:
                if not self._skip():
                    return
                continue
            if len(received) - start < 4:
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
            chunk = self._sock.recv(_CHUNK_BYTES)
        except TimeoutError:
            return False
        except OSError:
            raise self._error(Problem.ENDED) from None
        if not chunk:
            raise self._error(Problem.ENDED)
        self._received = self._received[self._at :] + chunk
        self._at = 0
        return True

    def _skip(self) -> bool:
        """Pass over an answer, or noise, before the next frame; False where more has to come."""
        if self._received.startswith(_RTSP, self._at):
            return self._take_reply()
        rest = len(self._received) - self._at
        if rest < len(_RTSP) and _RTSP.startswith(self._received[self._at :]):
            return False
        if not self.session:
            raise self._error(Problem.BAD_DATA)  # Nothing but answers can come yet.
        found = _FRAME_OR_REPLY.search(self._received, self._at + 1)
        self._at = found.start() if found else len(self._received)
        return True

    def _reply(self) -> Reply:
        end = monotonic() + REPLY_TIMEOUT_S
        self._answers.clear()
        while True:
            for _ in self.frames():  # What still comes of a stream that was asked for before.
                pass
            if self._answers:
                return self._answers.pop()
            if self._stopped():
                raise self._error(Problem.ENDED)
            if monotonic() > end:
                raise self._error(Problem.TIMED_OUT)
            self.fill()
            if len(self._received) > _MAX_REPLY_BYTES:
                raise self._error(Problem.BAD_DATA)

    def _take_reply(self) -> bool:
        """Take the answer that begins here; False while not all of it has come."""
        head_end = self._received.find(b"\r\n\r\n", self._at)
        if head_end < 0:
            return False
        first, *lines = self._received[self._at : head_end].decode("latin-1").split("\r\n")
        headers = _headers(lines)
        size = re.match(r"\d{1,6}$", headers.get("content-length", ""))
        body_end = head_end + 4 + (int(size[0]) if size else 0)
        if len(self._received) < body_end:
            return False
        body = self._received[head_end + 4 : body_end].decode("utf-8", "replace")
        self._at = body_end
        status = re.match(r"RTSP/\d\.\d +(\d{3})", first)
        self._answers.append(Reply(int(status[1]) if status else 0, headers, body))
        return True

    def _error(self, kind: Problem) -> StreamError:
        return StreamError(kind, self._address.host, answered=True)


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        found[key] = f"{found[key]}\n{value.strip()}" if key in found else value.strip()
    return found


@dataclass(slots=True)
class _Challenge:
    """How a camera wants to be told the password: Basic (RFC 7617) or Digest (RFC 7616)."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str = ""
    algorithm: str = ""
    quality: str = ""
    is_stale: bool = False
    count: int = 0

    def answer(self, method: str, url: str, address: NetworkAddress) -> str:
        if self.scheme == "basic":
            login = f"{address.username}:{address.password}".encode()
            return "Basic " + b64encode(login).decode()
        return self._digest(method, url, address)

    def _digest(self, method: str, url: str, address: NetworkAddress) -> str:
        self.count += 1

        def hashed(*parts: str) -> str:
            return _HASHES[self.algorithm or "MD5"](":".join(parts).encode()).hexdigest()

        secret = hashed(address.username, self.realm, address.password)
        asked = hashed(method, url)
        fields = {
            "username": address.username,
            "realm": self.realm,
            "nonce": self.nonce,
            "uri": url,
        }
        plain: dict[str, str] = {}
        if self.quality:
            plain = {"qop": "auth", "nc": f"{self.count:08x}"}
            fields["cnonce"] = secrets.token_hex(8)
            middle = (plain["nc"], fields["cnonce"], "auth")
            fields["response"] = hashed(secret, self.nonce, *middle, asked)
        else:
            fields["response"] = hashed(secret, self.nonce, asked)
        if self.algorithm:
            plain["algorithm"] = self.algorithm
        if self.opaque:
            fields["opaque"] = self.opaque
        quoted = [f'{name}="{value}"' for name, value in fields.items()]
        return "Digest " + ", ".join([*quoted, *(f"{n}={v}" for n, v in plain.items())])


def _challenge(reply: Reply) -> _Challenge | None:
    """The best form of login that is offered; None where none is that we know."""
    lines = reply.headers.get("www-authenticate", "").split("\n")
    offers = [offer for line in lines if (offer := _offer(line))]
    return next((offer for offer in offers if offer.scheme == "digest"), next(iter(offers), None))


def _offer(line: str) -> _Challenge | None:
    scheme, _, rest = line.partition(" ")
    given = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(rest)}
    if scheme.lower() == "basic":
        return _Challenge("basic", given.get("realm", ""))
    algorithm = given.get("algorithm", "").upper()
    if scheme.lower() != "digest" or algorithm not in ("", *_HASHES):
        return None
    return _Challenge(
        "digest",
        given.get("realm", ""),
        given.get("nonce", ""),
        given.get("opaque", ""),
        algorithm,
        "auth" if "auth" in re.split(r"[ ,]+", given.get("qop", "")) else "",
        given.get("stale", "").lower() == "true",
    )


_PAIR = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
