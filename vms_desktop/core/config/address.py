"""Addresses of streams: checked, taken apart, completed, and said without their secrets.

An address is RTSP(S), HTTP(S), RTMP(S), a file's path, or a webcam's number. Where a camera
wants its login inside path or query, `{username}` and `{password}` stand in its place.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote, unquote

from vms_desktop.core.base import ConfigError, Reason

DEFAULT_PORTS = {
    "rtsp": 554,
    "rtsps": 322,
    "http": 80,
    "https": 443,
    "rtmp": 1935,
    "rtmps": 443,
}

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):(?=//|[^\\/0-9])")
# What stands in a query is no name: it may be a secret, and a host is shown.
_HOST = re.compile(
    r"^(?P<host>\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[^\s\x00-\x1f\x7f/?#@:\[\]&=]+)"
    r"(?::(?P<port>\d{1,5}))?(?=[/?#]|$)"
)
_SURE_HOST = re.compile(r"^([^\s/?#@:]+:\d{1,5}|\d+\.\d+\.\d+\.\d+)(?=[/?#]|$)")
# Each of these looks at a letter once: what is redacted may be long, and anything.
_WORD = re.compile(r"\S++")
_KEY = re.compile(r"(?<![\w.-])([\w.-]++)=")
_VALUE = re.compile(r"[^\s&\"]++")
_SECRETS = ("pwd", "token", "auth", "key", "secret")

# Longer ones are none, and would be looked at for long.
MAX_ADDRESS_CHARS = 4096

_USERNAME, _PASSWORD = "{username}", "{password}"
_USERNAME_PARAMETER = re.compile(r"(?i)(?<=[?&;/])(username|user|usr|loginuse)=([^&\s]*)")
_PASSWORD_PARAMETER = re.compile(r"(?i)(?<=[?&;/])(password|passwd|pass|pwd|loginpas)=([^&\s]*)")
# UniFi Protect's addresses ask for SRTP inside TLS, which FFmpeg does not know.
_SRTP = re.compile(r"\?enableSrtp$")
_TYPED_SCHEME = re.compile(r"(?i)^(?P<scheme>rtsps?|https?|rtmps?):/*(?=[^/])")
_LIKELY_HOST = re.compile(
    r"^(\[[0-9A-Fa-f:.]+\]|localhost|[\w-]+(\.[\w-]+)+|[\w-]+(?=:\d))(:\d+)?(?=[/?#]|$)"
)
_FILM = re.compile(r"(?i)\.(mp4|m4v|mkv|mov|avi|webm|ts|mpe?g|flv|wmv|3gp|h26[45])$")


class AddressKind(Enum):
    """The kind of source behind an address."""

    NETWORK = auto()
    FILE = auto()
    WEBCAM = auto()


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """An address on the network, its credentials apart and decoded.

    `rest` is everything behind host and port: path and query, with placeholders
    where the camera wants its login there. What may be secret is left out of `repr`.
    """

    scheme: str
    host: str
    port: int
    rest: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def protocol(self) -> str:
        """The scheme, encrypted or not: ``rtsp``, ``http`` or ``rtmp``."""
        return self.scheme.removesuffix("s")

    @property
    def is_encrypted(self) -> bool:
        """Whether the camera is spoken to over TLS."""
        return self.scheme.endswith("s")

    @property
    def origin(self) -> str:
        """Scheme, host and port, without what is secret."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address with percent-encoded credentials. Secret: never log it.

        A login that has its place in path or query goes there only: offered
        twice, a wrong password would count twice.
        """
        username, password = _encoded(self.username), _encoded(self.password)
        rest = self.rest.replace(_USERNAME, username).replace(_PASSWORD, password)
        if self.holds_login or not (username or password):
            return f"{self.origin}{rest}"
        login = f"{username}:{password}@" if password else f"{username}@"
        return f"{self.scheme}://{login}{self.host}:{self.port}{rest}"

    @property
    def bare_url(self) -> str:
        """The address as it is asked for, user and password only in places of their own.

        Secret where it `holds_login`.
        """
        return replace(self, username="", password="").url if not self.holds_login else self.url

    @property
    def holds_login(self) -> bool:
        """Whether path or query have a place for the password."""
        return _PASSWORD in self.rest

    @property
    def shown(self) -> str:
        """The address without its credentials, for logs and messages."""
        return redact(f"{self.origin}{self.rest}")


@dataclass(frozen=True, slots=True)
class SplitAddress:
    """An address without its credentials, and these, decoded; empty where it had none."""

    address: str = field(repr=False)  # Its query may hold a token.
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def address_kind(address: str) -> AddressKind:
    """The kind of source behind an address, judged by its form alone."""
    if address.isascii() and address.isdigit():
        return AddressKind.WEBCAM
    scheme = _SCHEME.match(address)
    # One letter before a colon is a Windows drive.
    if scheme and len(scheme[1]) > 1:
        return AddressKind.NETWORK
    return AddressKind.FILE


def check_address(field: str, address: str) -> None:
    """Refuse an address that could never be opened.

    Raises:
        ConfigError: For `field`: an unknown scheme, no host, a port out of range,
            or characters that no address has.
    """
    if any(ord(character) < 32 or ord(character) == 127 for character in address):
        raise ConfigError(field, Reason.BAD_ADDRESS)
    if address_kind(address) is AddressKind.NETWORK:
        parse_network(address, field)


def parse_network(address: str, field: str = "url_sd") -> NetworkAddress:
    """Take a network address apart.

    Credentials may stand unencoded: a password may hold ``@ : / # ? %``. What
    FFmpeg would take for the host is believed first; where that is no host, or
    a surer one (with a port, an IPv4 address, or a ``#`` before it) follows a
    later ``@``, the rest before it belongs to the password.

    Raises:
        ConfigError: For `field`, with the reason.
    """
    if len(address) > MAX_ADDRESS_CHARS:
        raise ConfigError(field, Reason.TOO_LONG)
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
    parsed = NetworkAddress(
        scheme, found["host"], port, place[found.end() :], _decoded(username), _decoded(password)
    )
    # A login grows by its encoding: what is asked for is to be an address as well.
    if len(parsed.url) > MAX_ADDRESS_CHARS:
        raise ConfigError(field, Reason.TOO_LONG)
    return parsed


def network_address(address: str, username: str, password: str) -> NetworkAddress:
    """A network address with the camera's own credentials, which go before those inside it."""
    parsed = parse_network(address)
    return replace(
        parsed,
        username=username or _unless(_USERNAME, parsed.username),
        password=password or _unless(_PASSWORD, parsed.password),
    )


def split_login(text: str, field: str = "url_sd") -> SplitAddress:
    """Take the credentials out of an address as it was typed or pasted.

    A login in path or query leaves its placeholders behind. A file or a webcam
    has none, and placeholders are none.

    Raises:
        ConfigError: For `field`: a network address that cannot be taken.
    """
    text = text.strip()
    if address_kind(text) is not AddressKind.NETWORK:
        return SplitAddress(text)
    parsed = parse_network(text, field)
    scheme, _, rest = text.partition("://")
    login, place = _split_login(rest)
    username = _unless(_USERNAME, parsed.username)
    password = _unless(_PASSWORD, parsed.password)
    if not login:
        place, username, password = _without_parameters(place)
    elif not username and not password:
        place = f"{login}@{place}"
    return SplitAddress(f"{scheme}://{_SRTP.sub('', place)}", username, password)


def completed_address(text: str) -> str | None:
    """The address that was meant by one without its scheme; None where it needs nothing.

    Judged by its form: a host has a port, a dot, or brackets around it, and
    what ends like a film is a file.
    """
    text = text.strip()
    typed = _TYPED_SCHEME.match(text)
    scheme, rest = (typed["scheme"].lower(), text[typed.end() :]) if typed else ("rtsp", text)
    offered = f"{scheme}://{rest}"
    if text.lower().startswith(f"{scheme}://"):
        return None
    _, place = _split_login(rest)
    surely = typed or _SURE_HOST.match(place)
    if not surely and (not _LIKELY_HOST.match(place) or _FILM.search(place)):
        return None
    with suppress(ConfigError):
        parse_network(offered)
        return offered
    return None


def file_path(address: str, data_folder: Path) -> Path:
    """The path of a file camera; a plain one is relative to the data folder."""
    return data_folder / Path(address).expanduser()


def redact(text: str) -> str:
    """The text without credentials.

    These are whatever stands before the ``@`` of an address, and the values of
    parameters that are named like secrets.
    """
    return _without_values(_WORD.sub(_without_credentials, text))


def _without_credentials(word: re.Match[str]) -> str:
    text = word[0]
    start, end = text.find("://"), text.rfind("@")
    return f"{text[: start + 3]}***{text[end:]}" if 0 <= start < end else text


def _without_values(text: str) -> str:
    """The text without the values of parameters that are named like secrets."""
    kept, at = [], 0
    while key := _KEY.search(text, at):
        value = _VALUE.match(text, key.end()) if _is_secret(text, key) else None
        kept.append(f"{text[at : key.end()]}***" if value else text[at : key.end()])
        at = value.end() if value else key.end()
    return "".join([*kept, text[at:]])


def _is_secret(text: str, key: re.Match[str]) -> bool:
    """True if a name before an equals sign ends like a secret's, behind a sign that begins one."""
    name = key[1].lower()
    start = name.rfind("pas", 1 + max(name.rfind("."), name.rfind("-")))
    for ending in _SECRETS:
        if name.endswith(ending):
            start = max(start, len(name) - len(ending))
    before = text[key.start() - 1 : key.start()]
    return start >= 0 and (before in ("?", "&", ";", "/") or "_" in name[:start])


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def _decoded(text: str) -> str:
    """The text behind percent signs; bytes that are no UTF-8 find their way back."""
    return unquote(text, errors="surrogateescape")


def _unless(placeholder: str, text: str) -> str:
    return "" if text == placeholder else text


def _without_parameters(place: str) -> tuple[str, str, str]:
    """Host, path and query with placeholders for a login found in them; user and password."""
    username, password = _USERNAME_PARAMETER.search(place), _PASSWORD_PARAMETER.search(place)
    if not username or not password or _PASSWORD in place:
        return place, "", ""
    place = _USERNAME_PARAMETER.sub(rf"\1={_USERNAME}", place, count=1)
    place = _PASSWORD_PARAMETER.sub(rf"\1={_PASSWORD}", place, count=1)
    return place, _decoded(username[2]), _decoded(password[2])


def _split_login(rest: str) -> tuple[str, str]:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    login, at, _ = authority.rpartition("@")
    place = rest[len(login) + len(at) :]
    for found in re.compile("@").finditer(rest, len(login) + len(at)):
        candidate = rest[found.end() :]
        # Nobody writes a fragment with an @ behind a host; a password may look like that.
        fragment = login and "#" in rest[len(login) : found.start()] and _HOST.match(candidate)
        surer = (_SURE_HOST.match(candidate) or fragment) and not _SURE_HOST.match(place)
        if surer or (_HOST.match(candidate) and not _HOST.match(place)):
            login, place = rest[: found.start()], candidate
    return login, place
