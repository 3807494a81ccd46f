"""One camera as it is configured, and its form in `cameras.json`.

Knows nothing of files, folders or streams. The JSON keys are those of the web
version of this system, with optional ones added; see docs/file-formats.md.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config.address import check_address
from vms_desktop.core.config.declared import (
    check_all,
    check_text,
    declarations,
    declared,
    flag,
    items,
    member,
    number,
    of_type,
    trimmed,
    typed_text,
    unknown,
    whole,
    written,
)
from vms_desktop.core.config.schedule import ScheduleRange
from vms_desktop.core.config.zones import Point, Zone, ZoneKind

MAX_NAME_CHARS = 200
ROTATIONS = (0, 90, 180, 270)


class RecordingMode(StrEnum):
    """The cause that starts a recording."""

    MOTION = "motion"
    ALWAYS = "always"
    MANUAL = "manual"


class Transport(StrEnum):
    """The way that RTP travels."""

    TCP = "tcp"
    UDP = "udp"


def _check_name(key: str, name: str) -> None:
    if not name.strip():
        raise ConfigError(key, Reason.EMPTY)
    if len(name) > MAX_NAME_CHARS:
        raise ConfigError(key, Reason.TOO_LONG)
    check_text(key, name)


def _check_address(key: str, address: str) -> None:
    check_text(key, address)
    if address:
        check_address(key, address)


def _range(key: str, value: object) -> ScheduleRange:
    entry = of_type(dict, key, value)
    return ScheduleRange(
        days=frozenset(items(whole)(key, entry.get("days"))),
        start=_time(key, entry.get("from")),
        end=_time(key, entry.get("to")),
    )


def _time(key: str, value: object) -> time:
    """A time of day; 24:00 is the midnight that ends the day."""
    text = trimmed(key, value)
    try:
        moment = time() if text == "24:00" else time.fromisoformat(text)
    except ValueError:
        raise ConfigError(key, Reason.WRONG_TYPE) from None
    if moment.tzinfo:
        raise ConfigError(key, Reason.WRONG_TYPE)
    return moment.replace(microsecond=0)


def _ranges_to_json(schedule: tuple[ScheduleRange, ...]) -> object:
    return [
        {"days": sorted(each.days), "from": _hours(each.start), "to": _hours(each.end)}
        for each in schedule
    ]


def _hours(moment: time) -> str:
    """A time of day as people write it: seconds only where there are any."""
    return f"{moment:%H:%M:%S}".removesuffix(":00")


def _zone(key: str, value: object) -> Zone:
    entry = of_type(dict, key, value)
    return Zone(
        name=trimmed(key, entry.get("name", "")),
        kind=member(ZoneKind)(key, entry.get("kind", "watch")),
        points=items(_point)(key, entry.get("points")),
    )


def _point(key: str, value: object) -> Point:
    pair = items(number)(key, value)
    if len(pair) != 2:
        raise ConfigError(key, Reason.WRONG_TYPE)
    return Point(*pair)


def _zones_to_json(zones: tuple[Zone, ...]) -> object:
    return [
        {
            "name": each.name,
            "kind": str(each.kind),
            "points": [list(point) for point in each.points],
        }
        for each in zones
    ]


_ADDRESS = declared(trimmed, check=_check_address, reconnects=True)


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

    # In the order of the file. The web version knew no bounds; these refuse only what
    # cannot be meant (a pre-roll is held in memory). Addresses may hold a password: out
    # of `repr`, which stack traces and logs quote.
    id: str
    name: str = field(metadata=declared(trimmed, check=_check_name))
    url_sd: str = field(repr=False, metadata=_ADDRESS)
    url_hd: str = field(default="", repr=False, metadata=_ADDRESS)
    username: str = field(default="", metadata=declared(trimmed, check=check_text, reconnects=True))
    password: str = field(
        default="", repr=False, metadata=declared(typed_text, check=check_text, reconnects=True)
    )
    password_in_keyring: bool = field(default=False, metadata=declared(flag))
    transport: Transport = field(
        default=Transport.TCP, metadata=declared(member(Transport), str, reconnects=True)
    )
    tls_verify: bool = field(default=True, metadata=declared(flag, reconnects=True))
    is_active: bool = field(default=False, metadata=declared(flag))
    is_recording_enabled: bool = field(default=True, metadata=declared(flag))
    show_detection: bool = field(default=True, metadata=declared(flag))
    record_audio: bool = field(default=True, metadata=declared(flag))
    sensitivity: float = field(default=0, metadata=declared(number, bounds=(0, 10_000_000)))
    recording_mode: RecordingMode = field(
        default=RecordingMode.MOTION, metadata=declared(member(RecordingMode), str)
    )
    pre_record_seconds: float = field(default=5, metadata=declared(number, bounds=(0, 60)))
    post_record_seconds: float = field(default=10, metadata=declared(number, bounds=(0, 600)))
    min_recording_time: float = field(default=15, metadata=declared(number, bounds=(0, 600)))
    retention_days: float = field(default=0, metadata=declared(number, bounds=(0, 36_500)))
    rotation: int = field(default=0, metadata=declared(whole, choices=ROTATIONS))
    schedule: tuple[ScheduleRange, ...] = field(
        default=(), metadata=declared(items(_range), _ranges_to_json)
    )
    zones: tuple[Zone, ...] = field(default=(), metadata=declared(items(_zone), _zones_to_json))
    extra: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), hash=False, repr=False
    )

    def __post_init__(self) -> None:
        check_all(self)
        if not self.url_sd and not self.url_hd:
            raise ConfigError("url_sd", Reason.EMPTY)

    @property
    def watched_url(self) -> str:
        """The address that is decoded: SD, or HD for a camera that has only that."""
        return self.url_sd or self.url_hd

    @property
    def recorded_url(self) -> str:
        """The address of a second connection for recording; empty where one stream does both."""
        return self.url_hd if self.url_hd != self.watched_url else ""

    def same_streams(self, other: "CameraConfig") -> bool:
        """True if the running connections serve the other configuration too."""
        return all(getattr(self, key) == getattr(other, key) for key in _RECONNECTING)

    def same_watched_stream(self, other: "CameraConfig") -> bool:
        """True if one connection serves the watching of both."""
        return self._watched_alone().same_streams(other._watched_alone())

    def _watched_alone(self) -> "CameraConfig":
        return replace(self, url_sd=self.watched_url, url_hd="")


_RECONNECTING = [key for key, each in declarations(CameraConfig).items() if each.reconnects]


def with_edits(camera: CameraConfig, opened: CameraConfig, saved: CameraConfig) -> CameraConfig:
    """The camera as it is now, with what a form changed between opening and saving.

    What became of it elsewhere meanwhile stays: a switch, an edit of the file
    by hand, a password that the keyring gave at last.
    """
    before, after = shown_values(opened), shown_values(saved)
    edits = {key: value for key, value in after.items() if value != before[key]}
    try:
        return replace(camera, **edits)
    except ConfigError:  # Both together are no camera; the form alone is one.
        return saved


def camera_from_json(camera_id: str, entry: object) -> CameraConfig:
    """A camera from its entry in `cameras.json`, as this or the web version wrote it.

    Numbers may be strings; an absent `is_active` is false.

    Raises:
        ConfigError: With the key that cannot be taken.
    """
    entry = of_type(dict, "camera", entry)
    known = declarations(CameraConfig)
    given = {key: value for key, value in entry.items() if key in known and value is not None}
    values: dict[str, Any] = {"name": "", "url_sd": ""}
    values |= {key: known[key].read(key, value) for key, value in given.items()}
    return CameraConfig(id=camera_id, extra=unknown(CameraConfig, entry), **values)


def camera_to_json(camera: CameraConfig) -> dict[str, Any]:
    """The entry of `cameras.json`: every key, unknown ones as they were."""
    return written(camera) | dict(camera.extra)


def shown_values(camera: CameraConfig | None) -> Mapping[str, Any]:
    """A camera's settings by their keys, as a form shows them; None is a new one, which runs."""
    every = fields(CameraConfig)
    if camera is not None:
        return {each.name: getattr(camera, each.name) for each in every}
    given = {each.name: each.default for each in every if each.default is not MISSING}
    return given | {"is_active": True}
