"""Addresses of streams: which are accepted, what they are, and how to say one without its secrets.

An address is RTSP(S), HTTP(S), RTMP(S), a file's path, or a webcam's number.
"""

import re
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote, unquote

from vms_desktop.core.errors import ConfigError, Reason

DEFAULT_PORTS = {
    "rtsp": 554,
    "rtsps": 322,
    "http": 80,
    "https": 443,
    "rtmp": 1935,
    "rtmps": 443,
}

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):(?=//|[^\\/0-9])")
_HOST = re.compile(
    r"^(?P<host>\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[^\s/?#@:\[\]]+)(?::(?P<port>\d{1,5}))?(?=[/?#]|$)"
)
_SURE_HOST = re.compile(r"^([^\s/?#@:]+:\d{1,5}|\d+\.\d+\.\d+\.\d+)(?=[/?#]|$)")
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)\S*@")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;/][\w.-]*(?:pass?\w*|pwd|token|auth|key|secret)=)[^\s&\"]+"
)


class AddressKind(Enum):
    """What is behind an address."""

    NETWORK = auto()
    FILE = auto()
    WEBCAM = auto()


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """An address on the network, its credentials apart and decoded.

    `rest` is everything behind host and port: path and query. What may be
    secret is left out of `repr`.
    """

    scheme: str
    host: str
    port: int
    rest: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The whole address with percent-encoded credentials. Secret: never log it."""
        login = _encoded(self.username)
        if self.password:
            login += ":" + _encoded(self.password)
        return f"{self.scheme}://{login}{'@' if login else ''}{self.host}:{self.port}{self.rest}"

    @property
    def shown(self) -> str:
        """The address without its credentials, for logs and messages."""
        return redact(f"{self.scheme}://{self.host}:{self.port}{self.rest}")


def kind_of(address: str) -> AddressKind:
    """What is behind the address, judged by its form alone."""
    if address.isascii() and address.isdigit():
        return AddressKind.WEBCAM
    scheme = _SCHEME.match(address)
    # One letter before a colon is a Windows drive.
    if scheme and len(scheme[1]) > 1:
        return AddressKind.NETWORK
    return AddressKind.FILE


def check_address(field: str, address: str) -> None:
    """Refuse what could never be opened.

    Raises:
        ConfigError: For `field`: an unknown scheme, no host, a port out of range,
            or characters that no address has.
    """
    if any(ord(character) < 32 or ord(character) == 127 for character in address):
        raise ConfigError(field, Reason.BAD_ADDRESS)
    if kind_of(address) is AddressKind.NETWORK:
        parse_network(address, field)


def parse_network(address: str, field: str = "url_sd") -> NetworkAddress:
    """Take a network address apart.

    Credentials may stand unencoded: a password may hold ``@ : / # ? %``. What
    FFmpeg would take for the host is believed first; where that is no host, or
    a surer one (with a port, or an IPv4 address) follows a later ``@``, the
    rest before it belongs to the password.

    Raises:
        ConfigError: For `field`, with the reason.
    """
    scheme, _, rest = address.partition("://")
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ConfigError(field, Reason.UNKNOWN_SCHEME)
    login, place = _split_login(rest)
    found = _HOST.match(place)
    if not found or any(character.isspace() for character in rest):
        raise ConfigError(field, Reason.BAD_ADDRESS)
    port = int(found["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ConfigError(field, Reason.OUT_OF_RANGE)
    username, _, password = login.partition(":")
    return NetworkAddress(
        scheme, found["host"], port, place[found.end() :], _decoded(username), _decoded(password)
    )


def network_address(address: str, username: str, password: str) -> NetworkAddress:
    """A network address with the camera's own credentials, which go before those inside it."""
    parsed = parse_network(address)
    return replace(
        parsed, username=username or parsed.username, password=password or parsed.password
    )


def file_path(address: str, data_folder: Path) -> Path:
    """The path of a file camera; a plain one is relative to the data folder."""
    return data_folder / Path(address).expanduser()


def redact(text: str) -> str:
    """The text without credentials.

    These are whatever stands before the ``@`` of an address, and the values of
    parameters that are named like secrets.
    """
    return _SECRET_PARAMETER.sub(r"\1***", _CREDENTIALS.sub(r"\g<scheme>***@", text))


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def _decoded(text: str) -> str:
    """The text behind percent signs; bytes that are no UTF-8 find their way back."""
    return unquote(text, errors="surrogateescape")


def _split_login(rest: str) -> tuple[str, str]:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    login, at, _ = authority.rpartition("@")
    place = rest[len(login) + len(at) :]
    for position in _ats(rest, start=len(login) + len(at)):
        candidate = rest[position + 1 :]
        surer = _SURE_HOST.match(candidate) and not _SURE_HOST.match(place)
        if surer or (_HOST.match(candidate) and not _HOST.match(place)):
            login, place = rest[:position], candidate
    return login, place


def _ats(text: str, start: int) -> list[int]:
    return [i for i in range(start, len(text)) if text[i] == "@"]
