"""The configured cameras, and what lies on the disk for them."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base.errors import Reason
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.clips.folders import name_problem
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.core.library.maintainer import AdoptFolder, Freed, PurgeNow
from vms_desktop.workers.disk_use_worker import DiskUseWorker
from vms_desktop.workers.fleet_parts import FleetParts


class ConfiguredCameras(QObject):
    """Names, folders, disk use, import and export; `Fleet` adds what runs.

    Lives in the GUI thread and touches no disk itself.

    Attributes:
        disk_use: What each camera's clips take (by id), as far as it is counted.
        keyring_available: Whether the system's keyring keeps passwords; false
            until it was found out.

    Signals:
        disk_use_changed: `disk_use`, another dict each time.
        keyring_found: `keyring_available`.
        import_read: An `ImportReport`; the `Defect` or `StorageProblem` of a file
            that holds none.
        exported: A path, and whether the file is there now.
        clips_deleted: Paths of clips that are gone.
        purged: A `Purged`, when a purge that was asked for has ended.
    """

    disk_use_changed = Signal(object)
    keyring_found = Signal(bool)
    import_read = Signal(object)
    exported = Signal(str, bool)
    clips_deleted = Signal(object)
    purged = Signal(object)

    def __init__(self, parts: FleetParts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layout = parts.layout
        self.disk_use: dict[str, DiskUse] = {}
        self.keyring_available = False
        self._cameras: dict[str, CameraConfig] = {}
        self._folders: Mapping[str, str] = {}
        self._library, self._store = parts.library, parts.store
        self._counter = DiskUseWorker(parts.layout, self)
        self._counter.counted.connect(self._take_disk_use)
        self._store.keyring_found.connect(self._take_keyring)
        self._store.import_read.connect(self.import_read)
        self._store.exported.connect(self.exported)
        self._library.folders_known.connect(self._take_folders)
        self._library.clips_deleted.connect(self.clips_deleted)
        self._library.clips_deleted.connect(self._counter.recount)
        self._library.purged.connect(self.purged)

    def cameras(self) -> tuple[CameraConfig, ...]:
        """All configured cameras, inactive ones too."""
        return tuple(self._cameras.values())

    def name_problem(self, name: str, camera_id: str) -> Reason | None:
        """Why a camera cannot have a name; None where it can."""
        return name_problem(name, camera_id, self._cameras.values(), self._folders)

    def count_disk_use(self) -> None:
        """Have the disk use counted, unless that was done a short while ago."""
        self._counter.count()

    def look_for_keyring(self) -> None:
        """Find out whether there is a keyring; it may ask for a password of its own."""
        self._store.try_keyring()

    def import_cameras(self, path: Path) -> None:
        """Read another `cameras.json`; `import_read` follows, and nothing is changed."""
        self._store.import_cameras(path, self.cameras())

    def export_cameras(
        self, path: Path, cameras: tuple[CameraConfig, ...], with_passwords: bool
    ) -> None:
        """Write cameras into a file of their own; `exported` follows."""
        self._store.export_cameras(path, cameras, with_passwords=with_passwords)

    def adopt_recordings(self) -> None:
        """Take the recordings folder as it is: a person says that it is the right one."""
        self._library.post(AdoptFolder())

    def purge_now(self) -> None:
        """Delete what retention, quota and reserve let go; `purged` follows."""
        self._library.post(PurgeNow())

    def cancel_purge(self) -> None:
        """Delete no more of it; `purged` follows."""
        self._library.post(PurgeNow(begin=False))

    def clips_changed(self, paths: tuple[Path, ...]) -> None:
        """A person's job has deleted, archived or put back clips; called by its thread."""
        self._counter.recount(paths)
        if gone := tuple(path for path in paths if not path.exists()):
            self.clips_deleted.emit(gone)

    def recordings_freed(self, size_bytes: int) -> None:
        """So much less is recorded, by a person's job; the quota counts on it."""
        self._library.post(Freed(size_bytes))

    def _count_clip(self, clip: Clip) -> None:
        self._counter.recount([clip.path])

    def _take_folders(self, folders: Mapping[str, str]) -> None:
        self._folders = folders
        self._counter.take_folders(folders)

    def _take_disk_use(self, disk_use: dict[str, DiskUse]) -> None:
        self.disk_use = disk_use
        self.disk_use_changed.emit(disk_use)

    def _take_keyring(self, available: bool) -> None:
        self.keyring_available = available
        self.keyring_found.emit(available)
