"""Reaching a camera before FFmpeg is asked to open it.

FFmpeg's opening cannot be interrupted and mixes all failures into a few error
codes. A plain socket can be both interrupted and precise: refused, unknown
host, no answer, a certificate that is not trusted.
"""

import errno
import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from vms_desktop.core.base.errors import ConfigError, Problem, StreamError
from vms_desktop.core.config.address import NetworkAddress, parse_network

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT_S = 4.0
_STEP_S = 0.1  # How long a wait goes on before stopping is looked at.
_KNOCK_S = 1.0
_MAX_REPLY_BYTES = 8192
_ENCRYPTED = frozenset({"rtsps", "https", "rtmps"})

Stopped = Callable[[], bool]
_Found = tuple[int, int, int, str, tuple[object, ...]]

_KINDS = {
    errno.ECONNREFUSED: Problem.REFUSED,
    errno.ETIMEDOUT: Problem.TIMED_OUT,
    errno.EHOSTUNREACH: Problem.UNREACHABLE,
    errno.ENETUNREACH: Problem.UNREACHABLE,
    errno.EHOSTDOWN: Problem.UNREACHABLE,
    errno.ECANCELED: Problem.ENDED,
}


def connect(address: NetworkAddress, stopped: Stopped, timeout_s: float) -> socket.socket:
    """A connected socket whose calls return after a short while.

    Raises:
        StreamError: Unknown host, refused, unreachable or timed out; `ENDED` when stopped.
    """
    end = monotonic() + timeout_s
    failure = StreamError(Problem.UNKNOWN_HOST, address.host)
    found = _resolve(address, stopped, end)
    for tried, (family, kind, protocol, _, place) in enumerate(found):
        # Each of a host's addresses has its share: a dead IPv6 one leaves time for IPv4.
        share_s = (end - monotonic()) / (len(found) - tried)
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        code = _connect_one(sock, place, stopped, monotonic() + share_s)
        if code == 0:
            sock.settimeout(_STEP_S)
            return sock
        sock.close()
        failure = StreamError(_KINDS.get(code, Problem.UNREACHABLE), address.host)
    raise failure


def reach(
    address: NetworkAddress,
    stopped: Stopped,
    timeout_s: float = CONNECT_TIMEOUT_S,
    *,
    verify: bool = True,
    answer_s: float | None = None,
) -> None:
    """Make sure that the camera can be opened, quickly and without harm.

    Its port answers; its certificate is trusted (where `verify` asks for it);
    over RTSP it says something, so that one that hangs holds up nobody; and
    with a password to protect, it does not send us to another host (FFmpeg
    before 9.0.1 carries the password along). Once it is connected it has `answer_s`,
    or what is left of the time, for its answers.

    Raises:
        StreamError: With the kind of what is wrong.
    """
    end = monotonic() + timeout_s
    sock = connect(address, stopped, timeout_s)
    end = end if answer_s is None else monotonic() + answer_s
    try:
        if address.scheme in _ENCRYPTED:
            sock = _shake_hands(sock, address, stopped, end, verify=verify)
        if address.scheme in ("rtsp", "rtsps"):
            _speak(sock, address, stopped, end)
    except StreamError as err:
        err.answered = True
        raise
    finally:
        sock.close()


def connected(
    address: NetworkAddress,
    stopped: Stopped,
    timeout_s: float = CONNECT_TIMEOUT_S,
    *,
    verify: bool = True,
    answer_s: float,
) -> socket.socket:
    """A connection to talk over, encrypted where the scheme says so.

    Once it is connected the camera has `answer_s` for that.

    Raises:
        StreamError: With the kind of what is wrong.
    """
    sock = connect(address, stopped, timeout_s)
    end = monotonic() + answer_s
    if address.scheme not in _ENCRYPTED:
        return sock
    try:
        return _shake_hands(sock, address, stopped, end, verify=verify)
    except StreamError as err:
        sock.close()
        err.answered = True
        raise


def knock(address: NetworkAddress, stopped: Stopped) -> bool:
    """Whether the camera's port answers within a second."""
    try:
        connect(address, stopped, _KNOCK_S).close()
    except StreamError:
        return False
    return True


def _resolve(address: NetworkAddress, stopped: Stopped, end: float) -> list[_Found]:
    """The host's addresses. The system's own search knows no limit, so a thread waits for it."""
    found: list[_Found] = []

    def search() -> None:
        host = address.host.strip("[]")
        with suppress(OSError, UnicodeError):
            found.extend(socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM))

    thread = Thread(target=search, name="resolve", daemon=True)
    thread.start()
    while thread.is_alive() and monotonic() < end:
        if stopped():
            raise StreamError(Problem.ENDED, address.host)
        thread.join(_STEP_S)
    if not found:
        raise StreamError(Problem.UNKNOWN_HOST, address.host)
    return found


def _connect_one(
    sock: socket.socket, place: tuple[object, ...], stopped: Stopped, end: float
) -> int:
    """0, or the errno of the failure."""
    code = sock.connect_ex(place)
    if code not in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
        return code
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while monotonic() < end:
            if stopped():
                return errno.ECANCELED
            if selector.select(_STEP_S):
                return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.ETIMEDOUT


def _shake_hands(
    sock: socket.socket, address: NetworkAddress, stopped: Stopped, end: float, *, verify: bool
) -> "ssl.SSLSocket":
    import ssl  # Takes 3 MB; few cameras encrypt.

    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    wrapped = context.wrap_socket(
        sock, server_hostname=address.host.strip("[]"), do_handshake_on_connect=False
    )
    problem = Problem.TIMED_OUT
    while monotonic() < end:
        if stopped():
            problem = Problem.ENDED
            break
        try:
            wrapped.do_handshake()
            return wrapped
        except TimeoutError:
            continue
        except ssl.SSLCertVerificationError:
            problem = Problem.BAD_CERTIFICATE
        except OSError:  # No TLS behind this port.
            problem = Problem.BAD_DATA
        break
    wrapped.close()
    raise StreamError(problem, address.host)


def _speak(sock: socket.socket, address: NetworkAddress, stopped: Stopped, end: float) -> None:
    """Ask for the stream without a password; any answer but a redirect abroad will do."""
    # Where the password belongs into the path, asking for it without one would be a wrong one;
    # FFmpeg has none of its own then that a redirect could carry along.
    path = "/" if address.holds_login else address.rest
    url = f"{address.scheme}://{address.host}:{address.port}{path}"
    protects = address.password and not address.holds_login
    asked = "DESCRIBE" if protects else "OPTIONS"
    request = f"{asked} {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    try:
        sock.sendall(request.encode())
        reply = _read_head(sock, address.host, stopped, end).decode("latin-1")
    except OSError:
        return  # Whatever is wrong here, opening the stream will tell it better.
    target = _redirect_in(reply)
    if target and address.password and _host_of(target) != address.host.lower():
        raise StreamError(Problem.REDIRECTED, address.host)


def _read_head(sock: socket.socket, host: str, stopped: Stopped, end: float) -> bytes:
    """The head of an answer, or what came of it before the end of the connection.

    Raises:
        StreamError: Nothing came in time.
    """
    reply = b""
    while b"\r\n\r\n" not in reply and len(reply) < _MAX_REPLY_BYTES:
        if stopped():
            raise StreamError(Problem.ENDED, host)
        if monotonic() > end:
            raise StreamError(Problem.TIMED_OUT, host)
        try:
            chunk = sock.recv(_MAX_REPLY_BYTES)
        except TimeoutError:
            continue
        if not chunk:
            break
        reply += chunk
    return reply


def _redirect_in(reply: str) -> str:
    """The address that an answer sends on to; empty where it does not."""
    status, *headers = reply.split("\r\n")
    if not status.startswith("RTSP/1.0 3"):
        return ""
    fields = dict(header.split(":", 1) for header in headers if ":" in header)
    found = (value for name, value in fields.items() if name.strip().lower() == "location")
    return next(found, "").strip()


def _host_of(target: str) -> str:
    try:
        return parse_network(target).host.lower()
    except ConfigError:
        return ""
