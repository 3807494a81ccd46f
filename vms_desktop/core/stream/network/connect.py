"""A camera reached by a plain socket, before anybody speaks to it.

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

from vms_desktop.core.base import Problem, StreamError
from vms_desktop.core.config import NetworkAddress
from vms_desktop.core.stream.packets import Patience

if TYPE_CHECKING:
    import ssl

_STEP_S = 0.1  # How long a wait goes on before stopping is looked at.
_KNOCK_S = 1.0

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


def open_socket(
    address: NetworkAddress, stopped: Stopped, patience: Patience, *, verify: bool
) -> socket.socket:
    """A connection to talk over, encrypted where the scheme says so.

    Its certificate is trusted where `verify` asks for it.

    Raises:
        StreamError: With the kind of what is wrong.
    """
    sock = connect(address, stopped, patience.connect_s)
    end = monotonic() + patience.answer_s
    if not address.is_encrypted:
        return sock
    try:
        return _shake_hands(sock, address, stopped, end, verify=verify)
    except StreamError as err:
        sock.close()
        err.answered = True
        raise


def is_listening(address: NetworkAddress, stopped: Stopped) -> bool:
    """True if the camera's port answers within a second."""
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
