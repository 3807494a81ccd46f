"""The cameras' folders: who owns which, found, renamed and marked.

Each folder of the recordings carries a file `.camera` with the camera's id, so
that it follows its camera through a change of name, where the disk renames
folders. Folders are never merged.
"""

import errno
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from threading import Lock
from typing import Any

from vms_desktop.core.base import (
    DISK_REFUSALS,
    Layout,
    Reason,
    folder_name,
    load_json,
    make_private,
    storage_error,
    write_json,
)
from vms_desktop.core.config import MAX_NAME_CHARS, CameraConfig

log = logging.getLogger(__name__)

# Layered disks move no folders; others do not while a player has a file open in them.
_STAYS = DISK_REFUSALS | {errno.EXDEV, errno.EBUSY, errno.ETXTBSY}


@dataclass(frozen=True, slots=True)
class Claim:
    """The folder of a camera.

    Attributes:
        folder: Its name, in the recordings as in the other trees.
        renamed_from: The name it had until now, where it followed its camera.
        shared: Whether the name's own folder belongs to another camera, so
            that this one has a number behind it.
    """

    folder: str
    renamed_from: str | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """The content of a `.camera` file.

    Attributes:
        moving_to: Where the folder is being moved.
        is_leaving: Whether the camera was deleted, and its recordings are to go too.
    """

    id: str
    name: str
    moving_to: str = ""
    is_leaving: bool = False


class CameraFolders:
    """The cameras' folders, claimed one after the other; may be asked by any thread.

    Args:
        moved: Told a camera's id and its new folder when that followed a new name.
    """

    def __init__(self, layout: Layout, moved: Callable[[str, str], None]) -> None:
        self._layout = layout
        self._moved = moved
        self._lock = Lock()
        # Replaced whole: the lock is held while the disk works, and the window reads this.
        self._claims: Mapping[str, tuple[str, Claim]] = {}

    def folder(self, camera: CameraConfig) -> str:
        """The camera's folder; claims it, or follows a new name, on the first call for it."""
        return self.claim(camera).folder

    def claim(self, camera: CameraConfig) -> Claim:
        """The camera's claim. Never call it while a clip is open there under another name.

        Raises:
            StorageError: The disk does not do it.
        """
        if claim := self._claimed(camera):
            return claim  # Without the lock: a claim may wait for the disk.
        with self._lock:
            if claim := self._claimed(camera):
                return claim
            claim = claim_folder(self._layout, camera.id, camera.name, self.known())
            self._claims = {**self._claims, camera.id: (camera.name, claim)}
            if claim.renamed_from:
                self._moved(camera.id, claim.folder)
            return claim

    def has(self, camera: CameraConfig) -> bool:
        """True if its folder has followed its name; never waits for the disk."""
        return self._claimed(camera) is not None

    def _claimed(self, camera: CameraConfig) -> Claim | None:
        name, claim = self._claims.get(camera.id, ("", None))
        return claim if name == camera.name else None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every folder where it is meanwhile."""
        with self._lock:
            yield

    def known(self) -> dict[str, str]:
        """Folder by camera id, as far as they are claimed; never waits for the disk."""
        return {key: claim.folder for key, (_, claim) in self._claims.items()}

    def forget(self, camera_ids: Iterable[str]) -> None:
        """Drop the claims of cameras that are gone; their folders keep their mark."""
        gone = set(camera_ids)
        with self._lock:
            self._claims = {key: known for key, known in self._claims.items() if key not in gone}


def claim_folder(
    layout: Layout, camera_id: str, name: str, others: Mapping[str, str] | None = None
) -> Claim:
    """Find, rename or create the camera's folder and mark it.

    One that the disk does not rename keeps its name until another claim.

    `others` are folders that belong to further cameras (id: folder) whether
    they exist or not. Call it for one camera after the other, in the order of
    `cameras.json`, from one thread, and never while the camera writes there.

    Raises:
        StorageError: The disk does not do it.
    """
    taken = {folder.casefold() for other, folder in (others or {}).items() if other != camera_id}
    try:
        return _claim(layout, camera_id, name, taken)
    except OSError as err:
        raise storage_error(err) from None


def read_folder_owner(layout: Layout, folder: str) -> Owner | None:
    """The owner of a folder; None where it carries no mark."""
    try:
        entry = load_json(layout.camera_mark(folder).read_bytes())
        id_, name, moving_to = entry["id"], entry["name"], entry.get("moving_to", "")
        "".join((id_, name, moving_to)).encode()  # text, or an error
        return Owner(id_, name, moving_to, entry.get("leaving") is True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def mark_leaving(layout: Layout, camera_id: str, *, is_leaving: bool = True) -> None:
    """Note in a deleted camera's folders that its recordings are to go, or no more.

    A camera that claims its folder again takes such a note away.

    Raises:
        StorageError: The disk does not take it.
    """
    for folder, owner in read_folder_owners(layout).items():
        if owner.id == camera_id and owner.is_leaving is not is_leaving:
            _mark(layout, folder, replace(owner, is_leaving=is_leaving))


def read_folder_owners(layout: Layout) -> dict[str, Owner]:
    """The owners of the recordings' folders, by folder; those that carry no mark are left out.

    Raises:
        StorageError: The recordings are there and the disk does not give them.
    """
    found = {
        folder: read_folder_owner(layout, folder) for folder in camera_folders_in(layout.recordings)
    }
    return {folder: owner for folder, owner in found.items() if owner}


def camera_folders_in(tree: Path) -> list[str]:
    """All cameras' folders in recordings or archives, deleted ones' too, sorted; none without it.

    Raises:
        StorageError: It is there and the disk does not give it.
    """
    try:
        found = [path.name for path in tree.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as err:
        raise storage_error(err) from None
    return sorted(name for name in found if not name.startswith("."))


def _claim(layout: Layout, camera_id: str, name: str, taken: set[str]) -> Claim:
    owners = {
        folder: read_folder_owner(layout, folder) for folder in camera_folders_in(layout.recordings)
    }
    wanted = folder_name(name)
    own = _own_folder(owners, camera_id, wanted)
    if own and (owner := owners[own]) and owner.moving_to:
        own = _follow(layout, own, owner.moving_to)
        owners[own] = read_folder_owner(layout, own)
    used = taken | _used(layout, owners, own, wanted)
    folder = next(name for name in _candidates(wanted) if name.casefold() not in used)
    shared = folder != wanted
    if own and own != folder:
        _mark(layout, own, Owner(camera_id, name, moving_to=folder))
        folder = _follow(layout, own, folder)
        shared = shared and folder != own
    make_private(layout.recordings / folder)
    mark = Owner(camera_id, name)
    if owners.get(folder) != mark:
        _mark(layout, folder, mark)
    renamed_from = own if own != folder else None
    return Claim(folder, renamed_from, shared)


def _own_folder(owners: Mapping[str, Owner | None], camera_id: str, wanted: str) -> str | None:
    own = [folder for folder, owner in owners.items() if owner and owner.id == camera_id]
    return wanted if wanted in own else min(own, default=None)


def _used(
    layout: Layout, owners: Mapping[str, Owner | None], own: str | None, wanted: str
) -> set[str]:
    """Names, without case, that the camera cannot have.

    A camera that has a folder moves it only where nothing is yet. One that has
    none adopts a folder of its exact name that nobody has marked.
    """
    if own is None:
        adopted = wanted if owners.get(wanted, ...) is None else None
        return {folder.casefold() for folder in owners if folder != adopted}
    elsewhere = chain(*(tree.iterdir() for tree in layout.trees() if tree.is_dir()))
    return {path.name.casefold() for path in elsewhere} - {own.casefold()}


def _candidates(wanted: str) -> Iterator[str]:
    yield wanted
    yield from (f"{wanted}_{number}" for number in count(2))


def _move(layout: Layout, old: str, new: str) -> None:
    """Rename a camera's folders, its recordings last.

    Their mark says where they are going, so that a move cut short is finished
    by the next claim.
    """
    for tree in layout.trees():
        has, wants = tree / old, tree / new
        if has.is_dir() and (not wants.exists() or wants.samefile(has)):
            has.rename(wants)


def _follow(layout: Layout, old: str, new: str) -> str:
    """Move a camera's folders, or what of them a move cut short has left; gives the one it has.

    To record is vital and a folder's name is not: where the disk refuses, all
    of them have the old one.
    """
    try:
        _move(layout, old, new)
    except OSError as err:
        if err.errno not in _STAYS:
            raise
        log.warning("the folder %s is not renamed to %s: %s", old, new, err.strerror)
        _move(layout, new, old)
    return old if (layout.recordings / old).is_dir() else new


def _mark(layout: Layout, folder: str, owner: Owner) -> None:
    mark: dict[str, Any] = {"id": owner.id, "name": owner.name}
    if owner.moving_to:
        mark["moving_to"] = owner.moving_to
    if owner.is_leaving:
        mark["leaving"] = True
    write_json(layout.camera_mark(folder), mark)


def camera_name_problem(
    name: str, camera_id: str, cameras: Iterable[CameraConfig], folders: Mapping[str, str]
) -> Reason | None:
    """The reason why the camera `camera_id` cannot have a name; None where it can.

    `folders` are those marked on the disk (id: folder), deleted cameras' too.
    Compared without case, as some file systems do.
    """
    if not name.strip():
        return Reason.EMPTY
    if len(name.strip()) > MAX_NAME_CHARS:
        return Reason.TOO_LONG
    taken = [folder_name(camera.name) for camera in cameras if camera.id != camera_id]
    taken += [folder for owner, folder in folders.items() if owner != camera_id]
    wanted = folder_name(name.strip()).casefold()
    return Reason.TAKEN if wanted in {folder.casefold() for folder in taken} else None
