"""The JSON files of the data folder, read and written whole; `cameras.json` among them.

A file that cannot be read is set aside, never overwritten, and the last good
version takes its place.
"""

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from vms_desktop.core.camera import CameraConfig, camera_from_json, camera_to_json
from vms_desktop.core.camera_passwords import CameraPasswords, follow_moves
from vms_desktop.core.clock import Clock
from vms_desktop.core.errors import ConfigError, StorageError
from vms_desktop.core.keyring_store import SystemKeyring
from vms_desktop.core.storage import storage_error, write_whole

log = logging.getLogger(__name__)

KEPT_VERSIONS = 5


class Defect(StrEnum):
    """What is wrong with a file."""

    TORN = "torn"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class StoreNotice:
    """A file was not usable.

    Attributes:
        kind: Torn (no JSON) or invalid (JSON, but not an object).
        set_aside: Where it lies now; None if it could not be moved.
        restored_from: The version that took its place; None where there was none.
    """

    kind: Defect
    set_aside: Path | None
    restored_from: Path | None


@dataclass(frozen=True, slots=True)
class InvalidCamera:
    """An entry of `cameras.json` that cannot be run, and why.

    Attributes:
        name: Empty where it has none.
        number: Its place among all entries of the file, from 1.
    """

    id: str
    name: str
    error: ConfigError
    number: int


@dataclass(frozen=True, slots=True)
class LoadedCameras:
    """What `cameras.json` holds, in its order.

    Attributes:
        locked: Cameras (ids) whose password the keyring does not give.
        refused: Those whose password it does not take, so that the file keeps it.
        saves: How many times the cameras had been saved in this run when this was read.
    """

    cameras: tuple[CameraConfig, ...] = ()
    invalid: tuple[InvalidCamera, ...] = ()
    notice: StoreNotice | None = None
    locked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    saves: int = 0


class DefectError(ValueError):
    """A JSON file does not hold an object."""

    def __init__(self, kind: Defect) -> None:
        super().__init__(str(kind))
        self.kind = kind


def write_json(path: Path, data: Any, *, mode: int = 0o600) -> None:
    """Write a JSON file for people to read: whole, and on the disk when this returns.

    Raises:
        StorageError: Nothing has changed.
    """
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    write_whole(path, text.encode("utf-8", "backslashreplace"), mode=mode)


def parse_object(data: bytes) -> dict[str, Any]:
    """The JSON object in a file's bytes, whichever Unicode or Western encoding an editor chose.

    Raises:
        DefectError: There is none.
    """
    try:
        entries = json.loads(_text(data))
    except (ValueError, RecursionError):
        raise DefectError(Defect.TORN) from None
    if not isinstance(entries, dict):
        raise DefectError(Defect.INVALID)
    return entries


def _text(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class JsonFile:
    """A JSON object in a file, with its last versions.

    Belongs to the thread that uses it.
    """

    def __init__(self, path: Path, backups: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._backups = backups
        self._clock = clock or Clock()

    def load(self) -> tuple[dict[str, Any], StoreNotice | None]:
        """The object, and what had to be done to get one; a missing file is an empty one.

        Wait until `stamp()` stands still before loading a file that somebody
        edits: one half written is taken for torn.

        Raises:
            StorageError: The file is there and the disk does not give it.
        """
        data = self._read(self.path)
        if data is None:
            return {}, None
        try:
            entries = parse_object(data)
        except DefectError as err:
            return self._restore(err.kind)
        self._keep(data)
        return entries, None

    def save(self, entries: dict[str, Any]) -> None:
        """Replace the file and keep a copy.

        Raises:
            StorageError: Nothing has changed.
        """
        write_json(self.path, entries)
        try:
            self._keep(self.path.read_bytes())
        except OSError as err:
            log.warning("no copy of %s kept: %s", self.path.name, err)

    def change_versions(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change the kept versions too: what must not stand in any of them."""
        for version in self.versions():
            try:
                entries = parse_object(version.read_bytes())
                changed = change(entries)
                if changed != entries:
                    write_json(version, changed)
            except (DefectError, OSError, StorageError) as err:
                log.warning("%s not changed: %s", version.name, err)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes whenever the file does; None while there is none. Cheap."""
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def versions(self) -> list[Path]:
        """The kept versions, newest first: by number, since clocks jump."""
        name = re.compile(re.escape(self.path.stem) + r"\.(\d+)\.json")
        try:
            found = [(name.fullmatch(path.name), path) for path in self._backups.iterdir()]
        except OSError:
            return []
        numbered = [(int(match[1]), path) for match, path in found if match]
        return [path for _, path in sorted(numbered, reverse=True)]

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise storage_error(err) from None

    def _keep(self, data: bytes) -> None:
        """Copy a good version to the backups, where it is not the newest already."""
        versions = self.versions()
        number = int(versions[0].suffixes[-2][1:]) + 1 if versions else 1
        try:
            if versions and versions[0].read_bytes() == data:
                return
            write_whole(self._backups / f"{self.path.stem}.{number:06}.json", data)
            for old in versions[KEPT_VERSIONS - 1 :]:
                old.unlink(missing_ok=True)
        except (OSError, StorageError) as err:
            log.warning("no copy of %s kept: %s", self.path.name, err)

    def _restore(self, kind: Defect) -> tuple[dict[str, Any], StoreNotice]:
        aside = self._set_aside()
        for version in self.versions():
            try:
                entries = parse_object(version.read_bytes())
            except (OSError, DefectError):
                continue
            if aside:
                self._write_back(version)
            return entries, StoreNotice(kind, aside, version)
        return {}, StoreNotice(kind, aside, None)

    def _set_aside(self) -> Path | None:
        base = f"{self.path.name}.broken-{self._clock.now():%Y%m%d-%H%M%S}"
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, 1000))
        free = (self.path.with_name(name) for name in names)
        try:
            aside = self.path.rename(next(path for path in free if not path.exists()))
        except OSError as err:
            log.warning("%s could not be set aside: %s", self.path.name, err.strerror)
            return None
        try:
            aside.chmod(0o600)  # An editor may have left it open to all, passwords included.
        except OSError as err:
            log.warning("%s can be read by others: %s", aside.name, err.strerror)
        return aside

    def _write_back(self, version: Path) -> None:
        try:
            write_whole(self.path, version.read_bytes())
        except (OSError, StorageError) as err:
            log.warning("%s not written back: %s", self.path.name, err)


class CameraStore:
    """`cameras.json` and the passwords that the keyring keeps for it.

    Belongs to the thread that uses it.
    """

    def __init__(
        self,
        path: Path,
        backups: Path,
        clock: Clock | None = None,
        keyring: SystemKeyring | None = None,
    ) -> None:
        self._file = JsonFile(path, backups, clock)
        self._passwords = CameraPasswords(keyring or SystemKeyring())
        self._entries: dict[str, Any] = {}
        self._valid: frozenset[str] = frozenset()
        self._notice: StoreNotice | None = None

    @property
    def keyring(self) -> SystemKeyring:
        """Where passwords are kept that do not stand in the file."""
        return self._passwords.keyring

    def load(self) -> LoadedCameras:
        """The cameras in the file's order, those that cannot run apart; none without a file.

        Wait until `stamp()` stands still before loading a file that somebody
        edits: one half written is taken for torn.

        Raises:
            StorageError: The file is there and the disk does not give it.
        """
        self._entries, notice = self._file.load()
        notice, self._notice = notice or self._notice, None
        found, invalid = sorted_out(self._entries)
        cameras = self._passwords.filled(found)
        self._valid = frozenset(camera.id for camera in cameras)
        locked, refused = frozenset(self._passwords.locked), frozenset(self._passwords.refused)
        return LoadedCameras(cameras, invalid, notice, locked, refused)

    def save(self, cameras: Iterable[CameraConfig], deleted: Collection[str] = ()) -> None:
        """Write these cameras in their order; those loaded before and missing here are removed.

        Entries that could not be loaded, and those that came into the file
        since, stay as and where they are unless their id is among `deleted`. A
        file that was torn since is set aside, which the next `load` tells.

        Raises:
            StorageError: Nothing has changed: the file cannot be written, or is
                there and cannot be read.
        """
        found, self._notice = self._file.load()
        before = found or self._entries
        moved = self._passwords.put(cameras)
        wanted = {camera.id: camera for camera in moved.cameras}
        gone = (self._valid - wanted.keys()) | set(deleted)
        entries = dict(_placed(before, wanted, gone))
        try:
            self._file.save(entries)
        except StorageError:
            self._passwords.take_back(moved)
            raise
        self._entries, self._valid = entries, frozenset(wanted)
        self._settle_passwords(before, wanted, gone)

    def _settle_passwords(
        self, before: Mapping[str, Any], wanted: Mapping[str, CameraConfig], gone: Collection[str]
    ) -> None:
        """The file says now where each password is: it leaves the other place."""
        moved_in = {
            camera.id
            for camera in wanted.values()
            if camera.password_in_keyring and not camera.password
        }
        had = {key for key, entry in before.items() if _in_keyring(entry)}
        moved_out = {
            camera.id: camera.password
            for camera in wanted.values()
            if camera.id in had and not camera.password_in_keyring
        }
        if moved_in or moved_out:
            self._file.change_versions(lambda old: follow_moves(old, moved_in, moved_out))
        self._passwords.drop((had & set(gone)) | moved_out.keys())

    def stamp(self) -> object:
        """Changes whenever the file does; None while there is none. Cheap."""
        return self._file.stamp()


def sorted_out(
    entries: Mapping[str, Any],
) -> tuple[tuple[CameraConfig, ...], tuple[InvalidCamera, ...]]:
    """The cameras among the entries of a `cameras.json`, and those that are none."""
    cameras, invalid = [], []
    for number, (camera_id, entry) in enumerate(entries.items(), 1):
        try:
            cameras.append(camera_from_json(camera_id, entry))
        except ConfigError as err:
            invalid.append(InvalidCamera(camera_id, _name(entry), err, number))
    return tuple(cameras), tuple(invalid)


def _name(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _placed(
    before: Mapping[str, Any], wanted: Mapping[str, CameraConfig], gone: Collection[str]
) -> Iterator[tuple[str, Any]]:
    """The new entries: the wanted in their order, the others where they stood among them."""
    waiting = iter(wanted.values())
    for key, entry in before.items():
        if key in wanted:
            camera = next(waiting)
            yield camera.id, _entry(camera, before.get(camera.id))
        elif key not in gone:
            yield key, entry
    for camera in waiting:
        yield camera.id, _entry(camera, before.get(camera.id))


def _in_keyring(entry: object) -> bool:
    try:
        return camera_from_json("", entry).password_in_keyring
    except ConfigError:
        return False


def _entry(camera: CameraConfig, found: object) -> object:
    """The camera's new entry; the one in the file where that says the same already."""
    try:
        same = camera_from_json(camera.id, found) == camera
    except ConfigError:
        same = False
    return found if same else camera_to_json(camera)
