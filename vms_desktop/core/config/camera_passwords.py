"""The passwords of cameras, in the keyring or in `cameras.json`; moved without loss.

A password is dropped from one place only once it stands in the other.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.keyring import KeyringError
from vms_desktop.core.config.keyring_names import FolderKeyring

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """Cameras as the file has them, and what the keyring was given for that.

    Attributes:
        cameras: Without the passwords that the keyring keeps.
        before: What the keyring held for those that it was given anew; None
            where that is not known.
    """

    cameras: tuple[CameraConfig, ...]
    before: Mapping[str, str | None]


class CameraPasswords:
    """The passwords that the keyring keeps; belongs to the thread of the store.

    Attributes:
        locked: Ids of cameras whose password the keyring does not give.
        refused: Ids of cameras whose password it does not take: the file keeps it.
    """

    def __init__(self, keyring: FolderKeyring) -> None:
        self._keyring = keyring
        self.locked: set[str] = set()
        self.refused: set[str] = set()
        self._kept: dict[str, str] = {}

    def filled(self, cameras: Iterable[CameraConfig]) -> tuple[CameraConfig, ...]:
        """The cameras with their passwords, as far as the keyring gives them."""
        self.locked.clear()
        self.refused.clear()
        return tuple(
            self._filled(camera) if camera.password_in_keyring else camera for camera in cameras
        )

    def put(self, cameras: Iterable[CameraConfig]) -> Moved:
        """Give the keyring what it is to keep; the rest is for the file."""
        before: dict[str, str | None] = {}
        stored = tuple(self._stored(camera, before) for camera in cameras)
        return Moved(stored, before)

    def take_back(self, moved: Moved) -> None:
        """The file was not written: the keyring gets what it had."""
        for camera_id, password in moved.before.items():
            if password is None:
                continue  # Not known: what is there now is at least no less.
            try:
                self._keep(camera_id, password)
            except KeyringError as err:
                log.warning("keyring not restored: %s", err)

    def drop(self, camera_ids: Collection[str]) -> None:
        """Forget the passwords of cameras that are gone or have theirs in the file again."""
        for camera_id in camera_ids:
            self._kept.pop(camera_id, None)
            self.locked.discard(camera_id)
            try:
                self._keyring.drop(camera_id)
            except KeyringError as err:
                log.warning("a password stays in the keyring: %s", err)

    def _filled(self, camera: CameraConfig) -> CameraConfig:
        if camera.password:
            # Not moved yet, or typed into the file since: newer than what the keyring has.
            self._kept.pop(camera.id, None)
            self.refused.add(camera.id)
            return camera
        if camera.id not in self._kept:
            try:
                self._kept[camera.id] = self._keyring.get(camera.id)
            except KeyringError as err:
                log.warning("%s: its password is not read: %s", camera.name, err)
                self.locked.add(camera.id)
                return camera
        return replace(camera, password=self._kept[camera.id])

    def _stored(self, camera: CameraConfig, before: dict[str, str | None]) -> CameraConfig:
        """The camera for the file."""
        if camera.id in self.locked and not camera.password:
            # Nobody knows the password but the keyring, whatever was wished for.
            return replace(camera, password_in_keyring=True)
        if not camera.password_in_keyring:
            return camera
        known = self._kept.get(camera.id)
        try:
            if known != camera.password and (known or camera.password):
                before[camera.id] = known
                self._keep(camera.id, camera.password)
        except KeyringError as err:
            log.warning("%s: its password stays in the file: %s", camera.name, err)
            return camera
        return replace(camera, password="")

    def _keep(self, camera_id: str, password: str) -> None:
        self._kept.pop(camera_id, None)
        if password:
            self._keyring.put(camera_id, password)
        else:
            self._keyring.drop(camera_id)
        self._kept[camera_id] = password
        self.locked.discard(camera_id)


def follow_moves(
    entries: Mapping[str, Any], moved_in: Collection[str], moved_out: Mapping[str, str]
) -> dict[str, Any]:
    """Entries of an older `cameras.json` once passwords have moved.

    Those of `moved_in` are in the keyring and leave the older file too; those
    of `moved_out` (with their passwords) are not in the keyring any more.
    """

    def followed(camera_id: str, entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        if camera_id in moved_in and entry.get("password"):
            return entry | {"password": "", "password_in_keyring": True}
        if camera_id in moved_out and entry.get("password_in_keyring"):
            return entry | {"password": moved_out[camera_id], "password_in_keyring": False}
        return entry

    return {camera_id: followed(camera_id, entry) for camera_id, entry in entries.items()}
