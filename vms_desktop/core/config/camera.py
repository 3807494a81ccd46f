"""One camera as it is configured, and its form in `cameras.json`.

Knows nothing of files, folders or streams. The JSON keys are those of the web
version of this system, with optional ones added; see docs/file-formats.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.address import check_address
from vms_desktop.core.config.schedule import ScheduleRange
from vms_desktop.core.config.zones import Point, Zone, ZoneKind

MAX_NAME_CHARS = 200


class RecordingMode(StrEnum):
    """What starts a recording."""

    MOTION = "motion"
    ALWAYS = "always"
    MANUAL = "manual"


class Transport(StrEnum):
    """How RTP travels."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraConfig:
    """One camera, valid by construction.

    Frozen on purpose: a running worker is handed a whole new one, never a changed one.

    Attributes:
        password_in_keyring: Whether the system's keyring keeps the password, and
            the file does not.
        tls_verify: False takes the certificate of an `rtsps` or `https` camera unseen.
        sensitivity: The smallest moving area that counts, in px² of the SD
            picture after blurring and dilating; 0 lets the program choose.
        retention_days: Days after which clips are deleted; 0 keeps them.
        extra: Keys of `cameras.json` that this version does not know; kept when saved.

    Raises:
        ConfigError: A value is out of its bounds; `field` is its key in the file.
    """

    id: str
    name: str
    # Addresses may hold a password: out of `repr`, which stack traces and logs quote.
    url_sd: str = field(repr=False)
    url_hd: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    password_in_keyring: bool = False
    transport: Transport = Transport.TCP
    tls_verify: bool = True
    is_active: bool = False
    is_recording_enabled: bool = True
    show_detection: bool = True
    record_audio: bool = True
    sensitivity: float = 0
    recording_mode: RecordingMode = RecordingMode.MOTION
    schedule: tuple[ScheduleRange, ...] = ()
    zones: tuple[Zone, ...] = ()
    pre_record_seconds: float = 5
    post_record_seconds: float = 10
    min_recording_time: float = 15
    retention_days: float = 0
    rotation: int = 0
    extra: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), hash=False, repr=False
    )

    def __post_init__(self) -> None:
        self._check_texts()
        if not self.url_sd and not self.url_hd:
            raise ConfigError("url_sd", Reason.EMPTY)
        for key in ("url_sd", "url_hd"):
            if address := getattr(self, key):
                check_address(key, address)
        for key, (lowest, highest) in BOUNDS.items():
            if not lowest <= getattr(self, key) <= highest:
                raise ConfigError(key, Reason.OUT_OF_RANGE)
        if self.rotation not in (0, 90, 180, 270):
            raise ConfigError("rotation", Reason.UNKNOWN_VALUE)

    def _check_texts(self) -> None:
        if not self.name.strip():
            raise ConfigError("name", Reason.EMPTY)
        if len(self.name) > MAX_NAME_CHARS:
            raise ConfigError("name", Reason.TOO_LONG)
        for key in ("name", "url_sd", "url_hd", "username", "password"):
            if not is_text(getattr(self, key)):
                raise ConfigError(key, Reason.WRONG_TYPE)

    @property
    def watched_url(self) -> str:
        """The address that is decoded: SD, or HD for a camera that has only that."""
        return self.url_sd or self.url_hd

    @property
    def recorded_url(self) -> str:
        """The address of a second connection for recording; empty where one stream does both."""
        return self.url_hd if self.url_hd != self.watched_url else ""

    def same_streams(self, other: "CameraConfig") -> bool:
        """Whether the running connections serve the other configuration too."""
        return all(getattr(self, key) == getattr(other, key) for key in _STREAM_FIELDS)


def with_edits(camera: CameraConfig, opened: CameraConfig, saved: CameraConfig) -> CameraConfig:
    """The camera as it is now, with what a form changed between opening and saving.

    What became of it elsewhere meanwhile stays: a switch, an edit of the file
    by hand, a password that the keyring gave at last.
    """
    keys = [each.name for each in fields(CameraConfig)]
    edits = {key: getattr(saved, key) for key in keys}
    edits = {key: value for key, value in edits.items() if value != getattr(opened, key)}
    try:
        return replace(camera, **edits)
    except ConfigError:  # Both together are no camera; the form alone is one.
        return saved


# Key: lowest and highest value. The web version knew no bounds; these refuse only what
# cannot be meant (a pre-roll is held in memory).
BOUNDS: Mapping[str, tuple[float, float]] = {
    "sensitivity": (0, 10_000_000),
    "pre_record_seconds": (0, 60),
    "post_record_seconds": (0, 600),
    "min_recording_time": (0, 600),
    "retention_days": (0, 36_500),
}

_STREAM_FIELDS = ("url_sd", "url_hd", "username", "password", "transport", "tls_verify")


def camera_from_json(camera_id: str, entry: object) -> CameraConfig:
    """A camera from its entry in `cameras.json`, as this or the web version wrote it.

    Numbers may be strings; an absent `is_active` is false.

    Raises:
        ConfigError: With the key that cannot be taken.
    """
    if not isinstance(entry, dict):
        raise ConfigError("camera", Reason.WRONG_TYPE)
    known = {key: value for key, value in entry.items() if key in _READERS and value is not None}
    values = {key: _READERS[key](key, value) for key, value in known.items()}
    values.setdefault("name", "")
    values.setdefault("url_sd", "")
    extra = {key: value for key, value in entry.items() if key not in _READERS}
    return CameraConfig(id=camera_id, extra=MappingProxyType(extra), **values)


def camera_to_json(camera: CameraConfig) -> dict[str, Any]:
    """The entry of `cameras.json`: every key, unknown ones as they were."""
    entry: dict[str, Any] = {
        key.name: _plain(getattr(camera, key.name))
        for key in fields(camera)
        if key.name not in ("id", "extra", "schedule", "zones")
    }
    entry["schedule"] = [
        {
            "days": sorted(span.days),
            "from": _hours(span.start),
            "to": _hours(span.end),
        }
        for span in camera.schedule
    ]
    entry["zones"] = [
        {
            "name": zone.name,
            "kind": str(zone.kind),
            "points": [list(point) for point in zone.points],
        }
        for zone in camera.zones
    ]
    return entry | dict(camera.extra)


def _plain(value: Any) -> Any:
    """A value as JSON shows it best: 15 rather than 15.0."""
    if isinstance(value, StrEnum):
        return str(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _hours(moment: time) -> str:
    """A time of day as people write it: seconds only where there are any."""
    return f"{moment:%H:%M:%S}".removesuffix(":00")


def is_text(text: str) -> bool:
    """Whether it is made of whole characters; half of one (a surrogate) is taken by no file."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _text(key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(key, Reason.WRONG_TYPE)
    text = str(value)
    if not is_text(text):
        raise ConfigError(key, Reason.WRONG_TYPE)
    return text.strip() if key != "password" else text


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(key, Reason.WRONG_TYPE)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ConfigError(key, Reason.NOT_A_NUMBER) from None
    if number != number:
        raise ConfigError(key, Reason.NOT_A_NUMBER)
    return number


def _whole(key: str, value: object) -> int:
    number = _number(key, value)
    if not number.is_integer():
        raise ConfigError(key, Reason.NOT_A_NUMBER)
    return int(number)


def _flag(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False, "1": True, "0": False, "on": True, "off": False}
    try:
        return words[str(value).strip().lower()]
    except KeyError:
        raise ConfigError(key, Reason.WRONG_TYPE) from None


E_co = TypeVar("E_co", bound=StrEnum)


def _choice(kind: type[E_co], key: str, value: object) -> E_co:
    try:
        return kind(str(value).strip().lower())
    except ValueError:
        raise ConfigError(key, Reason.UNKNOWN_VALUE) from None


def _entries(key: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ConfigError(key, Reason.WRONG_TYPE)
    return value


def _schedule(key: str, value: object) -> tuple[ScheduleRange, ...]:
    return tuple(
        ScheduleRange(
            days=frozenset(_whole(key, day) for day in _list(key, entry.get("days"))),
            start=_time(key, entry.get("from")),
            end=_time(key, entry.get("to")),
        )
        for entry in _entries(key, value)
    )


def _zones(key: str, value: object) -> tuple[Zone, ...]:
    return tuple(
        Zone(
            name=_text(key, entry.get("name", "")),
            kind=_choice(ZoneKind, key, entry.get("kind", "watch")),
            points=tuple(_point(key, point) for point in _list(key, entry.get("points"))),
        )
        for entry in _entries(key, value)
    )


def _list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ConfigError(key, Reason.WRONG_TYPE)
    return value


def _point(key: str, value: object) -> Point:
    pair = _list(key, value)
    if len(pair) != 2:
        raise ConfigError(key, Reason.WRONG_TYPE)
    return Point(_number(key, pair[0]), _number(key, pair[1]))


def _time(key: str, value: object) -> time:
    """A time of day; 24:00 is the midnight that ends the day."""
    text = _text(key, value)
    try:
        moment = time() if text == "24:00" else time.fromisoformat(text)
    except ValueError:
        raise ConfigError(key, Reason.WRONG_TYPE) from None
    if moment.tzinfo:
        raise ConfigError(key, Reason.WRONG_TYPE)
    return moment.replace(microsecond=0)


_READERS: Mapping[str, Any] = {
    "name": _text,
    "url_sd": _text,
    "url_hd": _text,
    "username": _text,
    "password": _text,
    "password_in_keyring": _flag,
    "transport": lambda key, value: _choice(Transport, key, value),
    "tls_verify": _flag,
    "is_active": _flag,
    "is_recording_enabled": _flag,
    "show_detection": _flag,
    "record_audio": _flag,
    "sensitivity": _number,
    "recording_mode": lambda key, value: _choice(RecordingMode, key, value),
    "schedule": _schedule,
    "zones": _zones,
    "pre_record_seconds": _number,
    "post_record_seconds": _number,
    "min_recording_time": _number,
    "retention_days": _number,
    "rotation": _whole,
}
