"""Makes of cameras and the addresses of their streams: the table that is shipped, and the user's.

Knows no file: the caller gives the tables' bytes. Format: docs/file-formats.md.
"""

import logging
import re
from dataclasses import dataclass
from enum import StrEnum

from vms_desktop.core.base import ConfigError, DefectError, Reason, parse_object
from vms_desktop.core.config.address import check_address
from vms_desktop.core.config.declared import flag, member, of_type, text

log = logging.getLogger(__name__)

_HOST = "{host}"
_EXAMPLE = "192.0.2.1"  # RFC 5737: an address for documentation.
_PATTERN_HOST = re.compile(r"\{host\}(:\d+)?")
_HAS_PORT = re.compile(r"^([^:\[\]]+|\[.*\]):\d+$")


class MakeNote(StrEnum):
    """A fact that the owner of such a camera has to know; `ui` has the words."""

    # The user and password are those of a camera account made in the maker's app.
    ACCOUNT_IN_APP = "account_in_app"
    # The address is copied from UniFi Protect, whose certificate is its own.
    ADDRESS_FROM_PROTECT = "address_from_protect"
    # A right password that is refused: digest/basic with MD5 is set in the camera.
    DIGEST_IN_CAMERA = "digest_in_camera"
    # Set the camera to H.264 and switch its smart coding off.
    SMART_CODING_OFF = "smart_coding_off"
    # The stream has to be switched on in the camera or its app first.
    SWITCH_ON_RTSP = "switch_on_rtsp"
    # The password is the verification code on the camera's label.
    CODE_ON_LABEL = "code_on_label"
    # The stream's name, as it is called on the bridge, is added at the end.
    ADD_STREAM_NAME = "add_stream_name"
    # These cameras have no address; a bridge (go2rtc, MediaMTX) can give them one.
    NO_RTSP = "no_rtsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """A maker's cameras, and how their streams are addressed.

    Attributes:
        key: Its name in the table.
        url_sd, url_hd: Patterns with `{host}`, and with `{username}` and `{password}`
            where they belong into path or query; `url_hd` is empty where only one
            stream is known, both where cameras of this make have no address.
        verified: Whether the maker or a well-kept project documents the addresses.

    Raises:
        ConfigError: A value cannot be taken; `field` is its key in the table.
    """

    key: str
    name: str
    url_sd: str = ""
    url_hd: str = ""
    note: MakeNote | None = None
    verified: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ConfigError("name", Reason.EMPTY)
        if not self.url_sd and self.note is not MakeNote.NO_RTSP:
            raise ConfigError("url_sd", Reason.EMPTY)
        for key in ("url_sd", "url_hd"):
            if pattern := getattr(self, key):
                if _HOST not in pattern:
                    raise ConfigError(key, Reason.BAD_ADDRESS)
                check_address(key, _with_host(pattern, _EXAMPLE))


def load_makes(shipped: bytes, own: bytes | None = None) -> tuple[Make, ...]:
    """The makes of the shipped table in its order, the user's own before them.

    An own entry with a shipped key takes its place. What cannot be taken of the
    own table goes to the log, the rest stands.

    Raises:
        ConfigError: The shipped table is wrong, which a test would find.
        DefectError: Likewise.
    """
    table = {key: _make(key, entry) for key, entry in parse_object(shipped).entries.items()}
    added: dict[str, Make] = {}
    for make in _own_makes(own) if own is not None else []:
        (table if make.key in table else added)[make.key] = make
    return (*added.values(), *table.values())


def filled_addresses(make: Make, host_and_port: str) -> tuple[str, str]:
    """The SD and HD address of a camera on this host, without its login.

    A port given with the host goes before that of the pattern; placeholders of
    the login stay, for the opener to fill when it connects.
    """
    host = host_and_port.strip()
    if host.count(":") > 1 and "[" not in host:  # IPv6 as people write it.
        host = f"[{host}]"
    return _with_host(make.url_sd, host), _with_host(make.url_hd, host)


def _with_host(pattern: str, host: str) -> str:
    has_port = _HAS_PORT.match(host)
    return _PATTERN_HOST.sub(lambda found: host if has_port else host + (found[1] or ""), pattern)


def _own_makes(own: bytes) -> list[Make]:
    try:
        entries = parse_object(own).entries
    except DefectError as err:
        log.warning("the own makes.json is not used: %s", err)
        return []
    makes = []
    for key, entry in entries.items():
        try:
            makes.append(_make(key, entry))
        except ConfigError as err:
            log.warning("own makes.json, %s: %s", key, err)
    return makes


def _make(key: str, entry: object) -> Make:
    values = of_type(dict, key, entry)
    texts = {name: text(name, values.get(name) or "") for name in ("name", "url_sd", "url_hd")}
    note = values.get("note")
    return Make(
        key=key,
        **texts,
        note=member(MakeNote)("note", note) if note else None,
        verified=flag("verified", values.get("verified", False)),
    )
