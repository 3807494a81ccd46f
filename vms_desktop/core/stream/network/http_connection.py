"""HTTP as a camera's client speaks it: requests, logins, redirects, replies as they come.

One thread uses a connection. Every wait ends when the end is asked for, which `http.client`
alone cannot do; so it reads from a file that can. It is loaded once a camera needs it, since
it brings TLS and mail along.
"""

import io
import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from vms_desktop.core.base import Clock, Problem, StreamError
from vms_desktop.core.config import DEFAULT_PORTS, NetworkAddress
from vms_desktop.core.stream.network.connect import Stopped, open_socket
from vms_desktop.core.stream.network.login import (
    MOST_REDIRECTS,
    REDIRECT_STATUSES,
    USER_AGENT,
    Login,
    redirected,
    wire_bytes,
)
from vms_desktop.core.stream.packets import Patience

if TYPE_CHECKING:
    from http.client import HTTPResponse

# The text of a refusal that is read so that its connection can be kept.
MOST_PASSED_OVER = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_OLD_GREETING, _GREETING = b"ICY ", b"HTTP/1.0 "
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class HttpConnection:
    """A camera's web server, asked for one address again and again over one connection.

    Where the server closes it, the next request opens another. The password goes to no other
    host, and not from an encrypted connection to a plain one.

    Args:
        patience: How long it may take to connect, and to answer at first.

    Attributes:
        deadline: Monotonic time in s until which anything is waited for.
    """

    def __init__(
        self,
        address: NetworkAddress,
        stopped: Stopped,
        clock: Clock,
        patience: Patience,
        *,
        verify: bool,
    ) -> None:
        self.deadline = clock.monotonic() + patience.answer_s
        self._address = address
        self._stopped = stopped
        self._clock = clock
        self._patience = patience
        self._verify = verify
        self._login = Login(address)
        self._sock: socket.socket | None = None

    def close(self) -> None:
        """Let go of the connection. Returns at once."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def get(self) -> "HttpReply":
        """Ask for the address, log in where that is wanted, follow where it sends us.

        Raises:
            StreamError: No answer in time, a refused login, no HTTP; `REDIRECTED` for
                another host.
        """
        has_logged_in = False
        for _ in range(MOST_REDIRECTS + 2):
            reply = self._ask()
            if reply.status == 401:
                if has_logged_in or not self._login.challenged(reply.header("www-authenticate")):
                    raise self.error(Problem.WRONG_PASSWORD)
                has_logged_in = True
                reply.pass_over()
            elif reply.status in REDIRECT_STATUSES and reply.header("location"):
                reply.pass_over()
                self._follow(reply.header("location"))
            else:
                self._login.accepted()
                return reply
        raise self.error(Problem.BAD_DATA)

    def error(self, kind: Problem) -> StreamError:
        """A failure of this camera."""
        return StreamError(kind, self._address.host, answered=True)

    def receive_into(self, room: memoryview) -> int:
        """Wait for bytes; how many came, 0 at the end of the connection.

        Raises:
            StreamError: The end was asked for, or the time is up.
        """
        assert self._sock is not None
        while True:
            if self._stopped():
                raise self.error(Problem.ENDED)
            if self._clock.monotonic() > self.deadline:
                raise self.error(Problem.TIMED_OUT)
            with suppress(TimeoutError):
                return self._sock.recv_into(room)

    def _ask(self) -> "HttpReply":
        from http.client import HTTPException

        if self._sock is not None:
            # A connection that was kept may be gone, or out of step after a wrong length.
            with suppress(OSError, HTTPException):
                return self._exchange(self._sock)
            self.close()
        left_s = max(0.0, self.deadline - self._clock.monotonic())
        patience = Patience(connect_s=min(self._patience.connect_s, left_s), answer_s=left_s)
        self._sock = open_socket(self._address, self._stopped, patience, verify=self._verify)
        try:
            return self._exchange(self._sock)
        except OSError:
            raise self.error(Problem.ENDED) from None
        except HTTPException:
            raise self.error(Problem.BAD_DATA) from None

    def _exchange(self, sock: socket.socket) -> "HttpReply":
        from http.client import HTTPResponse

        target = _target(self._address)
        lines = [
            f"GET {target} HTTP/1.1",
            f"Host: {_host(self._address)}",
            f"User-Agent: {USER_AGENT}",
            "Accept: */*",
            "Accept-Encoding: identity",
        ]
        if authorization := self._login.authorization("GET", target):
            lines.append(f"Authorization: {authorization}")
        sock.sendall(wire_bytes("\r\n".join([*lines, "", ""])))
        incoming: Any = _Incoming(self)
        response = HTTPResponse(incoming, method="GET")
        response.begin()
        return HttpReply(response, self)

    def _follow(self, location: str) -> None:
        """Go where the camera sends us, if that is on the same host."""
        here = self._address
        base = f"{here.scheme}://{_host(here)}{_target(here)}"
        try:
            there = redirected(here, urljoin(base, location))
        except ValueError:
            raise self.error(Problem.BAD_DATA) from None
        if there.origin != here.origin:
            self.close()
        self._address = there


class HttpReply:
    """The answer to a request: its head, and its body while it comes.

    Attributes:
        media_type: What it says that it is, in small letters and without parameters.
        length: How many bytes it says that it has; None where it does not say.
    """

    def __init__(self, response: "HTTPResponse", connection: HttpConnection) -> None:
        self.status = response.status
        self.media_type = (response.getheader("content-type") or "").split(";")[0].strip().lower()
        self.length = response.length
        if self.media_type.startswith("multipart/"):
            # What has no end has no length, whatever is said.
            self.length = response.length = None
        self._response = response
        self._connection = connection

    def header(self, name: str) -> str:
        """A header; one that came several times in lines."""
        return "\n".join(self._response.headers.get_all(name) or ())

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, whatever it was packed in.

        Raises:
            StreamError: Nothing came in time, or the end was asked for.
        """
        encoding = self.header("content-encoding").strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):
            return self._unpacked()
        return self._received()

    def pass_over(self) -> None:
        """Be done with it; the connection is kept where nothing of it can come any more."""
        if self.length is not None and self.length <= MOST_PASSED_OVER:
            for _ in self._received():
                pass
        self.leave()

    def leave(self) -> None:
        """Be done with what has come of it."""
        if self._response.will_close or not self.is_complete:
            self._connection.close()

    @property
    def is_complete(self) -> bool:
        """Whether all of it was read; never where nothing tells how much that is."""
        response = self._response
        return response.length == 0 or bool(response.chunked and response.isclosed())

    def _received(self) -> Iterator[bytes]:
        from http.client import HTTPException

        while True:
            try:
                data = self._response.read1(_CHUNK_BYTES)
            except (OSError, HTTPException):
                return  # Cut off: what came of it has come.
            if not data:
                return
            yield data

    def _unpacked(self) -> Iterator[bytes]:
        unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
        for data in self._received():
            rest = data
            while rest:
                try:
                    unpacked = unpacking.decompress(rest, _CHUNK_BYTES)
                except zlib.error:
                    raise self._connection.error(Problem.BAD_DATA) from None
                yield unpacked
                rest = unpacking.unconsumed_tail


class _Incoming(io.RawIOBase):
    """A file of what the camera sends, for `http.client`; also knows old servers' greeting.

    Closing it leaves the connection open.
    """

    def __init__(self, connection: HttpConnection) -> None:
        self._connection = connection
        self._begun = False
        self._waiting = b""

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The file that `http.client` asks a socket for."""
        return _Reader(self, _CHUNK_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer)
        if not self._begun:
            self._begun, self._waiting = True, self._greeting()
        if not self._waiting:
            return self._connection.receive_into(room)
        given, self._waiting = self._waiting[: len(room)], self._waiting[len(room) :]
        room[: len(given)] = given
        return len(given)

    def _greeting(self) -> bytes:
        first, room = b"", memoryview(bytearray(len(_OLD_GREETING)))
        while len(first) < len(room):
            size_bytes = self._connection.receive_into(room[len(first) :])
            if not size_bytes:
                break
            first += bytes(room[len(first) : len(first) + size_bytes])
        return _GREETING if first == _OLD_GREETING else first


class _Reader(io.BufferedReader):
    """Has nothing to flush, and so lets a reply be closed after it.

    That is the order in which the collector may close the two, and `http.client` flushes what
    it reads from; Python 3.13 tells of it where that fails.
    """

    def flush(self) -> None:
        pass


def _target(address: NetworkAddress) -> str:
    """Path and query, a login in a place of its own included. Secret where there is one."""
    url = address.bare_url.partition("#")[0]
    rest = url.removeprefix(address.origin)
    return rest if rest.startswith("/") else f"/{rest}"


def _host(address: NetworkAddress) -> str:
    is_usual = address.port == DEFAULT_PORTS[address.scheme]
    return address.host if is_usual else f"{address.host}:{address.port}"
