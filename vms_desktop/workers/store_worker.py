"""The thread that reads and writes the JSON files."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from vms_desktop.core.camera import CameraConfig
from vms_desktop.core.errors import StorageError
from vms_desktop.core.inbox import Inbox
from vms_desktop.core.settings import Settings, SettingsStore
from vms_desktop.core.store import CameraStore
from vms_desktop.workers.thread_names import name_thread

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often `cameras.json` is looked at for a change by hand."""


@dataclass(frozen=True, slots=True)
class _ReadCameras:
    pass


@dataclass(frozen=True, slots=True)
class _SaveCameras:
    cameras: tuple[CameraConfig, ...]
    deleted: Collection[str]


@dataclass(frozen=True, slots=True)
class _SaveSettings:
    settings: Settings


# Unlike None, which is the stamp of a file that is not there.
_NEVER = object()
_FAILED = object()
_Order = _ReadCameras | _SaveCameras | _SaveSettings


class StoreWorker(QThread):
    """Reads `cameras.json` when asked and when it changes on disk; saves both files.

    Signals:
        cameras_loaded: What the file holds, as `LoadedCameras`.
        save_failed: Why a file could not be written, a `StorageProblem`.
    """

    cameras_loaded = Signal(object)
    save_failed = Signal(object)

    def __init__(
        self, cameras: CameraStore, settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("store")
        self._cameras = cameras
        self._settings = settings
        self._inbox: Inbox[_Order] = Inbox()
        self._loaded: object = _NEVER
        self._seen: object = None

    def read_cameras(self) -> None:
        """Read the cameras; `cameras_loaded` follows."""
        self._inbox.post(_ReadCameras())

    def save_cameras(
        self, cameras: tuple[CameraConfig, ...], deleted: Collection[str] = ()
    ) -> None:
        """Write the cameras; `cameras_loaded` follows."""
        self._inbox.post(_SaveCameras(cameras, deleted))

    def save_settings(self, settings: Settings) -> None:
        """Write the settings."""
        self._inbox.post(_SaveSettings(settings))

    def stop(self) -> None:
        """Ask the thread to end when everything is written. Returns at once."""
        self._inbox.stop()

    def run(self) -> None:
        name_thread(self)
        while not self._inbox.stopped:
            self._guarded(self._obey_all)
            self._guarded(self._look)
            self._inbox.wait(LOOK_S)
        self._guarded(self._obey_all)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            # Without this thread no setting is kept any more: it goes on.
            log.critical("the store's thread crashed", exc_info=True)

    def _obey_all(self) -> None:
        orders = self._inbox.take_all()
        settings = [order for order in orders if isinstance(order, _SaveSettings)]
        for order in orders:
            try:
                match order:
                    case _ReadCameras():
                        self._load()
                    case _SaveCameras(cameras, deleted):
                        self._cameras.save(cameras, deleted)
                        self._load()
                    case _SaveSettings(newest) if order is settings[-1]:
                        self._settings.save(newest)
            except StorageError as err:
                log.warning("not saved or read: %s", err)
                self.save_failed.emit(err.kind)

    def _look(self) -> None:
        """Load a file that has changed, once its stamp stands still: nobody writes it now."""
        seen, self._seen = self._seen, self._cameras.stamp()
        if self._seen == seen and self._seen != self._loaded and self._loaded is not _NEVER:
            self._load()

    def _load(self) -> None:
        self._seen = self._cameras.stamp()
        try:
            loaded = self._cameras.load()
        except StorageError as err:
            if self._loaded is not _FAILED:  # Once; it is tried again and again.
                log.warning("cameras.json not read: %s", err)
            self._loaded = _FAILED
            return
        self._loaded = self._seen = self._cameras.stamp()
        self.cameras_loaded.emit(loaded)
