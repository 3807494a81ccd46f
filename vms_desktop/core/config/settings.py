"""The settings of the program and their form in `settings.json`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.base.json_file import JsonFile

CHOICES: Mapping[str, tuple[str, ...]] = {
    "language": ("", "en", "fr"),
    "theme": ("dark", "light"),
    "layout": ("auto", "1", "2x2", "3x3", "4x4", "1+5"),
}

BOUNDS: Mapping[str, tuple[float, float]] = {
    "purge_hour": (0, 23),
    "quota_gb": (0, 1_000_000),
    "reserve_gb": (0, 1_000_000),
    "volume": (0, 1),
}


@dataclass(frozen=True, slots=True)
class View:
    """A group of cameras with a name."""

    name: str
    camera_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person has chosen, valid by construction.

    Attributes:
        purge_hour: Local hour at which clips too old begin to be deleted.
        language: `en`, `fr`, or empty to follow the system.
        recordings_folder: Where recordings lie; empty for the data folder's own.
        recordings_mark: The id in the mark of that folder (see `storage`).
        quota_gb: Most that recordings may take, in 10⁹ bytes; 0 for no limit.
        reserve_gb: What stays free on their disk; 0 lets the program choose.
        pictures_folder: Where snapshots go; empty for the system's pictures.
        fill: Tiles crop the picture rather than fit it.
        view: Name of the view that is shown; empty for all cameras.
        order: Ids of the cameras in the grid; others follow.
        window: Places and sizes of windows and splitters, as Qt gives them.
        extra: Keys of `settings.json` that this version does not know; kept.

    Raises:
        ConfigError: A value is out of its bounds; `field` is its key in the file.
    """

    purge_hour: int = 3
    language: str = ""
    theme: str = "dark"
    recordings_folder: str = ""
    recordings_mark: str = ""
    quota_gb: float = 0
    reserve_gb: float = 0
    pictures_folder: str = ""
    layout: str = "auto"
    fill: bool = False
    views: tuple[View, ...] = ()
    view: str = ""
    order: tuple[str, ...] = ()
    muted: bool = True
    volume: float = 1.0
    events_panel: bool = True
    window: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    page: str = "live"
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        for key, choices in CHOICES.items():
            if getattr(self, key) not in choices:
                raise ConfigError(key, Reason.UNKNOWN_VALUE)
        for key, (lowest, highest) in BOUNDS.items():
            if not lowest <= getattr(self, key) <= highest:
                raise ConfigError(key, Reason.OUT_OF_RANGE)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What `settings.json` holds; `invalid` are its values that the defaults replaced."""

    settings: Settings
    invalid: tuple[ConfigError, ...] = ()


class SettingsStore:
    """`settings.json`. Belongs to the thread that uses it."""

    def __init__(self, path: Path, backups: Path, clock: Clock | None = None) -> None:
        self._file = JsonFile(path, backups, clock)

    def load(self) -> LoadedSettings:
        """The settings; defaults for a missing file and for every value that is wrong.

        Raises:
            StorageError: The file is there and the disk does not give it.
        """
        parsed, _ = self._file.load()
        settings, invalid = settings_from_json(parsed.entries)
        return LoadedSettings(settings, invalid)

    def save(self, settings: Settings) -> None:
        """Write the settings.

        Raises:
            StorageError: Nothing has changed.
        """
        self._file.save(settings_to_json(settings))


def settings_from_json(entries: Mapping[str, Any]) -> tuple[Settings, tuple[ConfigError, ...]]:
    """Settings from the file's object, and what is wrong in it."""
    values: dict[str, Any] = {}
    invalid = []
    for key in entries.keys() & _READERS.keys():
        try:
            value = _READERS[key](key, entries[key])
            Settings(**{key: value})
        except ConfigError as err:
            invalid.append(err)
        else:
            values[key] = value
    extra = {key: value for key, value in entries.items() if key not in _READERS}
    return Settings(**values, extra=MappingProxyType(extra)), tuple(invalid)


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """The object of `settings.json`: every key, unknown ones as they were."""
    names = [key.name for key in fields(settings) if key.name not in ("extra", "views")]
    entries = {name: _plain(getattr(settings, name)) for name in names}
    entries["views"] = [
        {"name": view.name, "cameras": list(view.camera_ids)} for view in settings.views
    ]
    return entries | dict(settings.extra)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _of_type(kind: type, key: str, value: object) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(key, Reason.WRONG_TYPE)
    return value


def _text(key: str, value: object) -> str:
    return str(_of_type(str, key, value))


def _flag(key: str, value: object) -> bool:
    return bool(_of_type(bool, key, value))


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(key, Reason.WRONG_TYPE)
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise ConfigError(key, Reason.NOT_A_NUMBER) from None


def _whole(key: str, value: object) -> int:
    number = _number(key, value)
    if not number.is_integer():
        raise ConfigError(key, Reason.NOT_A_NUMBER)
    return int(number)


def _texts(key: str, value: object) -> tuple[str, ...]:
    texts: Iterable[object] = _of_type(list, key, value)
    return tuple(_text(key, text) for text in texts)


def _text_map(key: str, value: object) -> Mapping[str, str]:
    entries: dict[str, object] = _of_type(dict, key, value)
    return MappingProxyType({name: _text(key, text) for name, text in entries.items()})


def _views(key: str, value: object) -> tuple[View, ...]:
    entries: Iterable[object] = _of_type(list, key, value)
    views = (_of_type(dict, key, entry) for entry in entries)
    return tuple(
        View(_text(key, view.get("name")), _texts(key, view.get("cameras", []))) for view in views
    )


_READERS: Mapping[str, Any] = {
    "purge_hour": _whole,
    "language": _text,
    "theme": _text,
    "recordings_folder": _text,
    "recordings_mark": _text,
    "quota_gb": _number,
    "reserve_gb": _number,
    "pictures_folder": _text,
    "layout": _text,
    "fill": _flag,
    "views": _views,
    "view": _text,
    "order": _texts,
    "muted": _flag,
    "volume": _number,
    "events_panel": _flag,
    "window": _text_map,
    "page": _text,
}
