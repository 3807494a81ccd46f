"""The keyring's entries of one data folder: two with the same cameras do not share them.

A folder has an id of its own, which its entries are named by. A copy of a
folder gets another one and goes on reading the entries of the first, and so
those that earlier versions named by the camera alone; neither changes them.
"""

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from vms_desktop.core.base import StorageError, load_json, write_whole
from vms_desktop.core.config.keyring import KeyringError, SystemKeyring

log = logging.getLogger(__name__)

# Stands for the entries of earlier versions, which name no folder.
NO_FOLDER = ""


@dataclass(frozen=True, slots=True)
class _Names:
    """The content of `keyring.json`.

    Attributes:
        id: Of this folder, in its entries' names.
        place: Where the folder lay: a copy is told by it.
        before: Ids by which entries are looked for that it has not of its own.
        own: Cameras (ids) whose entry is this folder's, even where there is none.
    """

    id: str
    place: str
    before: tuple[str, ...] = (NO_FOLDER,)
    own: tuple[str, ...] = ()


class FolderKeyring:
    """The passwords of one data folder's cameras, by their ids; belongs to one thread.

    Args:
        path: `keyring.json` in the data folder; made with the first password.
    """

    def __init__(self, system: SystemKeyring, path: Path) -> None:
        self._system = system
        self._path = path
        self._known: _Names | None = None

    def get(self, camera_id: str) -> str:
        """The password, empty where there is none.

        Raises:
            KeyringError: The keyring does not tell.
        """
        names = self._names()
        password = self._system.get(_entry(names.id, camera_id))
        if password or camera_id in names.own:
            return password
        inherited = (self._system.get(_entry(each, camera_id)) for each in names.before)
        password = next(filter(None, inherited), "")
        if password:
            try:
                self.put(camera_id, password)
            except KeyringError as err:  # Read from there the next time, too.
                log.info("a password keeps its old name in the keyring: %s", err)
        return password

    def put(self, camera_id: str, password: str) -> None:
        """Keep a password; it was read back when this returns.

        Raises:
            KeyringError: It may or may not be kept.
        """
        self._own(camera_id)
        self._system.put(_entry(self._names().id, camera_id), password)

    def drop(self, camera_id: str) -> None:
        """Forget a password, if there is one; another folder's stays.

        Raises:
            KeyringError: It may still be there.
        """
        self._own(camera_id)
        self._system.drop(_entry(self._names().id, camera_id))

    def _own(self, camera_id: str) -> None:
        """Have this camera's password not looked for elsewhere any more; the id is kept then."""
        names = self._names()
        if camera_id in names.own:
            return
        names = replace(names, own=(*names.own, camera_id))
        try:
            write_whole(self._path, json.dumps(asdict(names)).encode())
        except StorageError as err:
            # Under an id that is forgotten nobody would find it again.
            raise KeyringError(f"keyring.json not written: {err}") from None
        self._known = names

    def _names(self) -> _Names:
        if self._known is None:
            self._known = self._found()
        return self._known

    def _found(self) -> _Names:
        here = str(self._path.parent.resolve())
        try:
            found = _read(self._path)
        except OSError as err:
            raise KeyringError(f"keyring.json not read: {err.strerror}") from None
        if found is None:
            return _Names(uuid4().hex, here)
        if found.place == here:
            return found
        first = None
        with suppress(OSError, KeyringError):
            first = _read(Path(found.place) / self._path.name)
        if first is None or first.id != found.id:
            return replace(found, place=here)  # It was moved; written with the next password.
        return _Names(uuid4().hex, here, (found.id, *found.before))


def _entry(folder_id: str, camera_id: str) -> str:
    """The name of an entry in the keyring."""
    return f"{folder_id}/{camera_id}" if folder_id else camera_id


def _read(path: Path) -> _Names | None:
    """The content of the file; None where there is none.

    Raises:
        OSError: It is there and cannot be read.
        KeyringError: Nor understood. A new one would leave every password without its name.
    """
    try:
        entry: Any = load_json(path.read_bytes())
        texts = [entry["id"], entry["place"], *entry["before"], *entry["own"]]
        "".join(texts).encode()  # Text, or an error.
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as err:
        raise KeyringError(f"keyring.json not usable: {err}") from None
    return _Names(entry["id"], entry["place"], tuple(entry["before"]), tuple(entry["own"]))
