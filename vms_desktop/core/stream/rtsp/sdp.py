"""SDP (RFC 8866) as RTSP cameras write it: what they announce of their tracks."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vms_desktop.core.stream.bitstream import LONG_START_CODE

# Payload types that need no rtpmap (RFC 3551, table 4 and 5), as encoding/clock rate.
_STATIC = {0: "PCMU/8000", 8: "PCMA/8000", 26: "JPEG/90000"}
_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
_FASTEST = 240.0  # Frames per second; what is said beyond is no frame rate.
_ABSOLUTE = re.compile(r"(?i)rtsps?://")
_MEDIA = re.compile(r"m=([\w-]++)\S*+ +\S++ +(\S++)(?: +(\d{1,3})\b)?")
# Cameras have a picture, a sound or two, and data; what announces more announces nonsense.
_MOST_TRACKS = 32
_PLAIN = re.compile(r"RTP/AVPF?(?:/TCP)?$")  # What is encrypted (SAVP) needs its keys.


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a session.

    Attributes:
        media: ``video``, ``audio`` or another.
        encoding: RTP's name of the codec, in capitals: ``H264``, ``MPEG4-GENERIC``…;
            empty where it is sent in a way that is not read here.
        clock_hz: Ticks of its RTP timestamps per second; 0 where unknown.
        control: Its own address; as announced, absolute or not.
        parameters: The ``fmtp`` line, keys in small letters.
        frame_rate: As announced, frames per second; 0 where it is not.
        direction: ``recvonly``, ``sendonly``, ``sendrecv`` or ``inactive``, seen from whom the
            camera thinks that it is seen from; empty where it is not said.
    """

    media: str
    payload_type: int
    encoding: str
    clock_hz: int
    channels: int
    control: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    frame_rate: float = 0.0
    direction: str = ""

    @property
    def parameter_sets(self) -> bytes:
        """The parameter sets of H.264 or H.265, each with a start code; empty without."""
        listed = (self.parameters.get(key, "") for key in _SETS)
        units = (_decoded(unit) for text in listed for unit in text.split(",") if unit)
        return b"".join(LONG_START_CODE + unit for unit in units if unit)


@dataclass(frozen=True, slots=True)
class Session:
    """The tracks, and the address that controls all of them (empty: that of the session)."""

    tracks: tuple[Track, ...]
    control: str = ""


def parse_sdp(text: str) -> Session:
    """The session that is described; what cannot be read is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head, *sections = re.split(r"(?m)^(?=m=)", text, maxsplit=_MOST_TRACKS + 1)
    direction = _direction(head)
    listed = (_track(section, direction) for section in sections[:_MOST_TRACKS])
    found = tuple(track for track in listed if track)
    control = _attributes(head).get("control", "")
    return Session(found, "" if control == "*" else control)


def control_url(base: str, control: str) -> str:
    """The address to set up a track: its own, or a name below that of the session."""
    if not control or control == "*":
        return base
    if is_absolute(control):
        return control
    # Not as the web joins addresses: that takes the query away, and the path where the name
    # begins with a slash. Cameras are tried out with clients that only append.
    return f"{base.rstrip('/')}/{control.lstrip('/')}"


def is_absolute(control: str) -> bool:
    """True if it is a whole address."""
    return _ABSOLUTE.match(control) is not None


def _track(section: str, direction: str) -> Track | None:
    match = _MEDIA.match(section)
    if not match:
        return None
    payload_type = int(match[3] or -1)
    of_type = _of_type(section, payload_type)
    is_plain = _PLAIN.match(match[2]) is not None
    described = of_type.get("rtpmap", _STATIC.get(payload_type, ""))
    encoding, clock_hz, channels = _rtpmap(described if is_plain else "")
    return Track(
        match[1].lower(),
        payload_type,
        encoding,
        clock_hz,
        channels,
        _attributes(section).get("control", ""),
        MappingProxyType(_parameters(of_type.get("fmtp", ""))),
        _frame_rate(section),
        _direction(section) or direction,
    )


def _attributes(section: str) -> dict[str, str]:
    """Attributes by name; the first of each counts."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"(?m)^a=([\w-]+):?(.*)$", section):
        found.setdefault(name.lower(), value.strip())
    return found


def _of_type(section: str, payload_type: int) -> dict[str, str]:
    found = re.findall(r"(?m)^a=(rtpmap|fmtp): *(\d{1,3}) +(.*)$", section)
    return {name: value.strip() for name, number, value in found if int(number) == payload_type}


def _rtpmap(text: str) -> tuple[str, int, int]:
    encoding, *numbers = text.split("/")
    clock_hz, channels = (*map(_whole, numbers), 0, 0)[:2]
    return encoding.strip().upper(), clock_hz, channels or 1


def _whole(text: str) -> int:
    """A number of up to seven digits; 0 for anything else."""
    return int(text) if re.fullmatch(r" *[0-9]{1,7} *", text) else 0


def _parameters(text: str) -> dict[str, str]:
    pairs = (pair.split("=", 1) for pair in text.split(";") if "=" in pair)
    return {key.strip().lower(): value.strip(' "') for key, value in pairs}


def _frame_rate(section: str) -> float:
    """The first that is one: cameras say ``0S`` and the true one two lines below."""
    said = re.findall(r"(?m)^a=(?:x-)?framerate: *(\d+(?:\.\d+)?) *$", section)
    return next((rate for rate in map(float, said) if 0 < rate <= _FASTEST), 0.0)


def _direction(section: str) -> str:
    said = re.search(r"(?mi)^a=(recvonly|sendonly|sendrecv|inactive) *$", section)
    return said[1].lower() if said else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).removeprefix(LONG_START_CODE)
    except (binascii.Error, ValueError):
        return b""
