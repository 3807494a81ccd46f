"""The thread that reads and writes the JSON files."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import DefectError, StorageError, read_at_most, write_whole
from vms_desktop.core.config import (
    IMPORT_MOST_BYTES,
    CameraConfig,
    CameraStore,
    Settings,
    SettingsStore,
    export_json,
    read_import,
)
from vms_desktop.core.library import Heartbeat
from vms_desktop.core.stream import HabitFile
from vms_desktop.workers.latest import Latest
from vms_desktop.workers.threads import Worker, run_guarded, run_until_done, run_with_restart

log = logging.getLogger(__name__)

# How often `cameras.json` is looked at for a change by hand.
LOOK_S = 1.0

# Unlike None, which is the stamp of a file that is not there.
_NEVER = object()
_FAILED = object()

Job = Callable[[], None]


class StoreWorker(Worker[Job]):
    """Reads `cameras.json` when asked and when it changes on disk; saves both files.

    Stopped, it ends when everything is written.

    Args:
        heartbeat: Beats here, for the library's thread may wait for the recordings' disk.

    Signals:
        cameras_loaded: What the file holds, as `LoadedCameras`.
        save_failed: Why a file could not be written, a `StorageProblem`; the
            cameras as they are follow.
        import_read: An `ImportReport`; the `Defect` or the `StorageProblem` of a
            file that holds none.
        exported: A path, and whether the file is there now.
        keyring_found: Whether the system's keyring keeps passwords.
    """

    cameras_loaded = Signal(object)
    save_failed = Signal(object)
    import_read = Signal(object)
    exported = Signal(str, bool)
    keyring_found = Signal(bool)

    def __init__(
        self,
        cameras: CameraStore,
        settings: SettingsStore,
        habits: HabitFile | None = None,
        heartbeat: Heartbeat | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__("store", parent)
        self._cameras = cameras
        self._settings = settings
        self._habits = habits
        self._heartbeat = heartbeat
        self._newest: Latest[Settings] = Latest()
        self._loaded: object = _NEVER
        self._seen: object = None
        self._saves = 0
        self._keyring_wanted = False

    def read_cameras(self) -> None:
        """Read the cameras; `cameras_loaded` follows."""
        self.post(self._load)

    def save_cameras(
        self, cameras: tuple[CameraConfig, ...], deleted: Collection[str] = ()
    ) -> None:
        """Write the cameras; `cameras_loaded` follows."""
        self.post(partial(self._save, cameras, deleted))

    def save_settings(self, settings: Settings) -> None:
        """Write the settings, unless others come before that is done."""
        if self._newest.put(settings):
            self.post(self._save_newest)

    def import_cameras(self, path: Path, present: tuple[CameraConfig, ...]) -> None:
        """Read another `cameras.json`; `import_read` follows."""
        self.post(partial(self._import, path, present))

    def export_cameras(
        self, path: Path, cameras: tuple[CameraConfig, ...], *, with_passwords: bool
    ) -> None:
        """Write cameras into a file of their own; `exported` follows."""
        self.post(partial(self._export, path, cameras, with_passwords))

    def try_keyring(self) -> None:
        """Find out whether there is a keyring; `keyring_found` follows, perhaps again later."""
        self.post(self._try_keyring)

    def run(self) -> None:
        run_guarded(self, self._load_habits)  # Before any camera is connected to.
        # Without this thread no setting is kept any more.
        run_with_restart(self, self._work, LOOK_S)
        run_until_done(self, self._obey_all)
        run_guarded(self, self._keep_habits)
        if self._heartbeat:
            run_guarded(self, self._heartbeat.flush)

    def _work(self) -> None:
        while not self.inbox.stopped:
            self._obey_all()
            self._keep_habits()
            self._look()
            if self._heartbeat:
                self._heartbeat.work(monotonic())
            self.inbox.wait(LOOK_S)

    def _load_habits(self) -> None:
        if self._habits:
            self._habits.load()

    def _keep_habits(self) -> None:
        if self._habits:
            self._habits.look()

    def _obey_all(self) -> None:
        while (job := self.inbox.take()) is not None:
            try:
                job()
            except StorageError as err:
                log.warning("not saved or read: %s", err)
                self.save_failed.emit(err.kind)

    def _save_newest(self) -> None:
        if (settings := self._newest.take()) is not None:
            self._settings.save(settings)

    def _try_keyring(self) -> None:
        self._keyring_wanted = True
        self.keyring_found.emit(self._cameras.keyring.works())

    def _save(self, cameras: tuple[CameraConfig, ...], deleted: Collection[str]) -> None:
        self._saves += 1
        try:
            self._cameras.save(cameras, deleted)
        finally:
            self._load()

    def _look(self) -> None:
        """Load a file that has changed, once its stamp stands still: nobody writes it now."""
        seen, self._seen = self._seen, self._cameras.file.stamp()
        has_changed = self._seen == seen and self._seen != self._loaded
        if (has_changed and self._loaded is not _NEVER) or self._cameras.file.is_due:
            self._load()
        if self._cameras.keyring.came_back():
            self._load()
            if self._keyring_wanted:
                self.keyring_found.emit(self._cameras.keyring.works())

    def _load(self) -> None:
        self._seen = self._cameras.file.stamp()
        try:
            loaded = self._cameras.load()
        except StorageError as err:
            if self._loaded is not _FAILED:  # Once; it is tried again and again.
                log.warning("cameras.json not read: %s", err)
            self._loaded = _FAILED
            return
        self._loaded = self._seen = self._cameras.file.loaded_stamp
        self.cameras_loaded.emit(replace(loaded, saves=self._saves))

    def _import(self, path: Path, present: tuple[CameraConfig, ...]) -> None:
        try:
            self.import_read.emit(read_import(read_at_most(path, IMPORT_MOST_BYTES), present))
        except (StorageError, DefectError) as err:
            self.import_read.emit(err.kind)

    def _export(self, path: Path, cameras: tuple[CameraConfig, ...], with_passwords: bool) -> None:
        try:
            write_whole(path, export_json(cameras, with_passwords=with_passwords))
        except StorageError as err:
            log.warning("cameras not exported: %s", err)
            self.exported.emit(str(path), False)
        else:
            self.exported.emit(str(path), True)
