"""Reaching a camera over TCP before FFmpeg is asked to open it.

FFmpeg's opening cannot be interrupted and mixes all failures into a few error
codes. A plain socket can be both interrupted and precise: refused, unknown
host, no answer, a certificate that is not trusted.
"""

import errno
import select
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from time import monotonic

from vms_desktop.core.address import NetworkAddress, parse_network
from vms_desktop.core.errors import ConfigError, Problem, StreamError

CONNECT_TIMEOUT_S = 4.0
_STEP_S = 0.1  # How long a wait goes on before stopping is looked at.
_REDIRECT_WAIT_S = 1.5
_MAX_REPLY_BYTES = 8192

Stopped = Callable[[], bool]

_KINDS = {
    errno.ECONNREFUSED: Problem.REFUSED,
    errno.ETIMEDOUT: Problem.TIMED_OUT,
    errno.EHOSTUNREACH: Problem.UNREACHABLE,
    errno.ENETUNREACH: Problem.UNREACHABLE,
    errno.EHOSTDOWN: Problem.UNREACHABLE,
}


def problem_of(err: OSError) -> Problem:
    """The kind of a failure to connect."""
    return _KINDS.get(err.errno or 0, Problem.UNREACHABLE)


def connect(address: NetworkAddress, stopped: Stopped, timeout_s: float) -> socket.socket:
    """A connected, non-blocking socket.

    Raises:
        StreamError: Unknown host, refused, unreachable or timed out; `ENDED` when stopped.
    """
    end = monotonic() + timeout_s
    failure = StreamError(Problem.UNKNOWN_HOST, address.host)
    for family, kind, protocol, _, place in _resolve(address):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        code = _connect_one(sock, place, stopped, end)
        if code == 0:
            return sock
        sock.close()
        failure = StreamError(_KINDS.get(code, Problem.UNREACHABLE), address.host)
    raise failure


def reach(address: NetworkAddress, stopped: Stopped, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
    """Make sure that the camera can be opened without harm.

    Its port answers; its certificate is trusted; and with a password to
    protect, it does not send us to another host (FFmpeg before 9.0.1 carries
    the password along).

    Raises:
        StreamError: With the kind of what is wrong.
    """
    with closing(connect(address, stopped, timeout_s)) as sock:
        if address.scheme == "rtsp" and address.password:
            _refuse_foreign_redirect(sock, address, stopped)


def check_certificate(address: NetworkAddress, timeout_s: float) -> None:
    """Shake hands over TLS as a careful client does.

    Raises:
        StreamError: The certificate is not trusted, or the handshake fails.
    """
    context = ssl.create_default_context()
    host = address.host.strip("[]")
    try:
        with socket.create_connection((host, address.port), timeout_s) as plain:
            context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError:
        raise StreamError(Problem.BAD_CERTIFICATE, address.host) from None
    except OSError as err:
        raise StreamError(problem_of(err), address.host) from None


def knock(address: NetworkAddress, stopped: Stopped) -> bool:
    """Whether the camera's port answers within a second."""
    try:
        connect(address, stopped, timeout_s=1.0).close()
    except StreamError:
        return False
    return True


def _resolve(address: NetworkAddress) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(address.host.strip("[]"), address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise StreamError(Problem.UNKNOWN_HOST, address.host) from None
    return list(found)


def _connect_one(
    sock: socket.socket, place: tuple[object, ...], stopped: Stopped, end: float
) -> int:
    """0, or the errno of the failure."""
    code = sock.connect_ex(place)
    if code not in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
        return code
    while monotonic() < end:
        if stopped():
            return errno.ECANCELED
        if select.select([], [sock], [sock], _STEP_S)[1]:
            return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.ETIMEDOUT


def _refuse_foreign_redirect(
    sock: socket.socket, address: NetworkAddress, stopped: Stopped
) -> None:
    target = _redirect_of(sock, address, stopped)
    try:
        foreign = bool(target) and parse_network(target).host != address.host
    except ConfigError:
        foreign = True
    if foreign:
        raise StreamError(Problem.REDIRECTED, address.host)


def _redirect_of(sock: socket.socket, address: NetworkAddress, stopped: Stopped) -> str:
    """The address that the camera sends strangers on to; empty where it does not."""
    url = f"rtsp://{address.host}:{address.port}{address.rest}"
    request = f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    try:
        sock.send(request.encode())
        reply = _read_head(sock, stopped).decode("latin-1")
    except OSError:
        return ""  # Whatever is wrong here, opening the stream will tell it better.
    status, *headers = reply.split("\r\n")
    if not status.startswith("RTSP/1.0 3"):
        return ""
    fields = dict(header.lower().split(":", 1) for header in headers if ":" in header)
    return fields.get("location", "").strip()


def _read_head(sock: socket.socket, stopped: Stopped) -> bytes:
    reply, end = b"", monotonic() + _REDIRECT_WAIT_S
    while b"\r\n\r\n" not in reply and len(reply) < _MAX_REPLY_BYTES:
        if stopped() or monotonic() > end:
            break
        if select.select([sock], [], [], _STEP_S)[0]:
            chunk = sock.recv(_MAX_REPLY_BYTES)
            if not chunk:
                break
            reply += chunk
    return reply
