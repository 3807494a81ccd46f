"""The settings of the program and their form in `settings.json`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vms_desktop.core.base import Clock, ConfigError, JsonFile, Reason
from vms_desktop.core.config.declared import (
    check_all,
    declarations,
    declared,
    flag,
    items,
    number,
    of_type,
    text,
    unknown,
    whole,
    written,
)

LANGUAGES = ("en", "fr")
GRID_LAYOUTS = ("auto", "1", "2x2", "3x3", "4x4", "1+5")
THEMES = ("dark", "light")


@dataclass(frozen=True, slots=True)
class View:
    """A group of cameras with a name."""

    name: str
    camera_ids: tuple[str, ...]


def _check_folder(key: str, path: str) -> None:
    """Refuse what no system takes for a path."""
    try:
        is_path = b"\0" not in os.fsencode(path)  # Bytes that are no text may be a path.
    except UnicodeEncodeError:
        is_path = False
    if not is_path:
        raise ConfigError(key, Reason.BAD_ADDRESS)


def _view(key: str, value: object) -> View:
    entry = of_type(dict, key, value)
    return View(text(key, entry.get("name")), items(text)(key, entry.get("cameras", [])))


def _views_to_json(views: tuple[View, ...]) -> object:
    return [{"name": view.name, "cameras": list(view.camera_ids)} for view in views]


def _text_map(key: str, value: object) -> Mapping[str, str]:
    entries = of_type(dict, key, value)
    return MappingProxyType({name: text(key, each) for name, each in entries.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices of a person, valid by construction.

    Attributes:
        purge_hour: Local hour at which clips too old begin to be deleted.
        language: `en`, `fr`, or empty to follow the system.
        recordings_folder: Where recordings lie; empty for the data folder's own.
        recordings_mark: The id in the mark of that folder (see `storage`).
        quota_gb: Most that recordings may take, in 10⁹ bytes; 0 for no limit.
        reserve_gb: What stays free on their disk; 0 lets the program choose.
        disk_buffer_mb: Most that waits in memory for a disk that does not answer, in 10⁶ bytes,
            over all cameras.
        pictures_folder: Where snapshots go; empty for the system's pictures.
        fill: Tiles crop the picture rather than fit it.
        view: Name of the view that is shown; empty for all cameras.
        order: Ids of the cameras in the grid; others follow.
        window: Places and sizes of windows and splitters, as Qt gives them.
        extra: Keys of `settings.json` that this version does not know; kept.

    Raises:
        ConfigError: A value is out of its bounds; `field` is its key in the file.
    """

    # In the order of the file.
    purge_hour: int = field(default=3, metadata=declared(whole, bounds=(0, 23)))
    language: str = field(default="", metadata=declared(text, choices=("", *LANGUAGES)))
    theme: str = field(default="dark", metadata=declared(text, choices=THEMES))
    recordings_folder: str = field(default="", metadata=declared(text, check=_check_folder))
    recordings_mark: str = field(default="", metadata=declared(text))
    quota_gb: float = field(default=0, metadata=declared(number, bounds=(0, 1_000_000)))
    reserve_gb: float = field(default=0, metadata=declared(number, bounds=(0, 1_000_000)))
    disk_buffer_mb: int = field(default=256, metadata=declared(whole, bounds=(1, 100_000)))
    pictures_folder: str = field(default="", metadata=declared(text, check=_check_folder))
    layout: str = field(default="auto", metadata=declared(text, choices=GRID_LAYOUTS))
    fill: bool = field(default=False, metadata=declared(flag))
    view: str = field(default="", metadata=declared(text))
    order: tuple[str, ...] = field(default=(), metadata=declared(items(text)))
    muted: bool = field(default=True, metadata=declared(flag))
    volume: float = field(default=1.0, metadata=declared(number, bounds=(0, 1)))
    events_panel: bool = field(default=True, metadata=declared(flag))
    window: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), hash=False, metadata=declared(_text_map, dict)
    )
    page: str = field(default="live", metadata=declared(text))
    views: tuple[View, ...] = field(default=(), metadata=declared(items(_view), _views_to_json))
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        check_all(self)

    @property
    def recordings_root(self) -> Path | None:
        """The folder of the recordings; None for the data folder's own."""
        return Path(self.recordings_folder) if self.recordings_folder else None


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The content of `settings.json`; defaults replaced the values that are `invalid`."""

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
        return settings_from_json(parsed.entries)

    def save(self, settings: Settings) -> None:
        """Write the settings.

        Raises:
            StorageError: Nothing has changed.
        """
        self._file.save(written(settings) | dict(settings.extra))


def settings_from_json(entries: Mapping[str, Any]) -> LoadedSettings:
    """Settings from the file's object, and what is wrong in it."""
    values: dict[str, Any] = {}
    invalid = []
    for key, declaration in declarations(Settings).items():
        if key not in entries:
            continue
        try:
            value = declaration.read(key, entries[key])
            declaration.refuse(key, value)
        except ConfigError as err:
            invalid.append(err)
        else:
            values[key] = value
    return LoadedSettings(Settings(**values, extra=unknown(Settings, entries)), tuple(invalid))
