"""`cameras.json`: what a person or this program wrote there, as cameras, and back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from vms_desktop.core.base import (
    Clock,
    ConfigError,
    Defect,
    DefectError,
    JsonFile,
    JsonOddity,
    JsonPairs,
    ParsedJson,
    StorageError,
    StoreNotice,
    parse_value,
)
from vms_desktop.core.config.camera import CameraConfig, camera_from_json, camera_to_json
from vms_desktop.core.config.camera_passwords import CameraPasswords, follow_moves
from vms_desktop.core.config.keyring import SystemKeyring
from vms_desktop.core.config.keyring_names import FolderKeyring

# Ids that the program gives come from what stands in the file: the same at every look.
_IDS = UUID("5f1f7f0c-3d0e-4c5a-9a43-0f6f5f7d1f2e")


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
    """The content of `cameras.json`, in its order.

    Attributes:
        locked: Cameras (ids) whose password the keyring does not give.
        refused: Those whose password it does not take, so that the file keeps it.
        repeated: Those whose own id another camera of the file has, so that they got a new one.
        saves: How many times the cameras had been saved in this run when this was read.
    """

    cameras: tuple[CameraConfig, ...] = ()
    invalid: tuple[InvalidCamera, ...] = ()
    notice: StoreNotice | None = None
    locked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    saves: int = 0


class CameraStore:
    """`cameras.json` and the passwords that the keyring keeps for it.

    Belongs to the thread that uses it.

    Attributes:
        file: Tells by its stamp when to load again.
        keyring: Where passwords are kept that do not stand in the file.
    """

    def __init__(
        self,
        path: Path,
        backups: Path,
        clock: Clock | None = None,
        keyring: SystemKeyring | None = None,
    ) -> None:
        self.file = JsonFile(path, backups, clock, parse_cameras)
        self.keyring = keyring or SystemKeyring()
        names = FolderKeyring(self.keyring, path.with_name("keyring.json"))
        self._passwords = CameraPasswords(names)
        self._entries: dict[str, Any] = {}
        self._valid: frozenset[str] = frozenset()
        self._notice: StoreNotice | None = None

    def load(self) -> LoadedCameras:
        """The cameras in the file's order, those that cannot run apart; none without a file.

        The last good ones while the file is torn or gone and `file.is_due` is false.

        Raises:
            StorageError: The file is there and the disk does not give it.
        """
        parsed, notice = self.file.load()
        self._entries = parsed.entries
        notice, self._notice = notice or self._notice, None
        found, invalid = sorted_out(self._entries)
        cameras = self._passwords.filled(found)
        self._valid = frozenset(camera.id for camera in cameras)
        locked, refused = frozenset(self._passwords.locked), frozenset(self._passwords.refused)
        repeated = self._valid & set(parsed.repeated)
        return LoadedCameras(cameras, invalid, notice, locked, refused, repeated)

    def save(self, cameras: Iterable[CameraConfig], deleted: Collection[str] = ()) -> None:
        """Write these cameras in their order; those loaded before and missing here are removed.

        Entries that could not be loaded, and those that came into the file
        since, stay as and where they are unless their id is among `deleted`. A
        file that was torn since is set aside, which the next `load` tells.

        Raises:
            StorageError: Nothing has changed: the file cannot be written, or is
                there and cannot be read.
        """
        found, self._notice = self.file.load(settle=True)
        before = found.entries or self._entries
        moved = self._passwords.put(cameras)
        wanted = {camera.id: camera for camera in moved.cameras}
        gone = (self._valid - wanted.keys()) | set(deleted)
        entries = dict(_placed(before, wanted, gone))
        try:
            self.file.save(entries)
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
        found = (_camera(*each) for each in before.items())
        had = {camera.id for camera in found if camera and camera.password_in_keyring}
        moved_out = {
            camera.id: camera.password
            for camera in wanted.values()
            if camera.id in had and not camera.password_in_keyring
        }
        if moved_in or moved_out:
            self.file.change_versions(lambda old: follow_moves(old, moved_in, moved_out))
        self._passwords.drop((had & set(gone)) | moved_out.keys())


def parse_cameras(data: bytes) -> ParsedJson:
    """The entries of a `cameras.json`; a list of them gets ids.

    Of two entries with one id, the first keeps it.

    Raises:
        DefectError: The file holds neither.
    """
    value, oddities = parse_value(data)
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        return _with_ids(_listed(value), oddities | {JsonOddity.LIST})
    if not isinstance(value, dict):
        raise DefectError(Defect.INVALID)
    pairs = value.pairs if isinstance(value, JsonPairs) else tuple(value.items())
    return _with_ids(pairs, oddities)


def _listed(entries: Iterable[dict[str, Any]]) -> list[tuple[str, Any]]:
    """A list's entries with their own `id`, or one made of their name."""
    pairs: list[tuple[str, Any]] = []
    made = _FreeIds(set())
    for entry in entries:
        given = entry.get("id")
        if not isinstance(given, str) or not given:
            given = made.next(str(entry.get("name")))
        pairs.append((given, {key: value for key, value in entry.items() if key != "id"}))
    return pairs


def _with_ids(pairs: Collection[tuple[str, Any]], oddities: frozenset[JsonOddity]) -> ParsedJson:
    """Every entry under an id of its own; the same entry twice counts once."""
    free = _FreeIds({key for key, _ in pairs})
    entries: dict[str, Any] = {}
    repeated = []
    for key, entry in pairs:
        if key not in entries:
            entries[key] = entry
        elif entries[key] != entry:
            new = free.next(key)
            entries[new] = entry
            repeated.append(new)
    return ParsedJson(entries, oddities, tuple(repeated))


class _FreeIds:
    """Ids made of what stands in the file, none of them taken, each given once."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))

    def next(self, seed: str) -> str:
        """The next id of a seed; numbers that it had already are not tried again."""
        ids = (str(uuid5(_IDS, f"{seed}#{number}")) for number in self._numbers[seed])
        found = next(each for each in ids if each not in self._taken)
        self._taken.add(found)
        return found


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


def _entry(camera: CameraConfig, found: object) -> object:
    """The camera's new entry; the one in the file where that says the same already."""
    return found if _camera(camera.id, found) == camera else camera_to_json(camera)


def _camera(camera_id: str, entry: object) -> CameraConfig | None:
    with suppress(ConfigError):
        return camera_from_json(camera_id, entry)
    return None
