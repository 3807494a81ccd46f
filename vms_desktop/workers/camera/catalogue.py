"""The configured cameras as a list: their names, what they take on the disk, import and export."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Reason
from vms_desktop.core.clips import camera_name_problem
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.library import DiskUse
from vms_desktop.workers import join_all
from vms_desktop.workers.camera.parts import FleetParts
from vms_desktop.workers.library import DiskUseWorker


class CameraCatalogue(QObject):
    """Says what is known of cameras that run or not; lives in the GUI thread, touches no disk.

    Args:
        cameras: Gives all configured cameras.

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
    """

    disk_use_changed = Signal(object)
    keyring_found = Signal(bool)
    import_read = Signal(object)
    exported = Signal(str, bool)

    def __init__(
        self,
        parts: FleetParts,
        cameras: Callable[[], tuple[CameraConfig, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.disk_use: dict[str, DiskUse] = {}
        self.keyring_available = False
        self._cameras = cameras
        self._folders: Mapping[str, str] = {}
        self._store = parts.store
        self._counter = DiskUseWorker(parts.layout, self)
        self._counter.counted.connect(self._take_disk_use)
        self._store.keyring_found.connect(self._take_keyring)
        self._store.import_read.connect(self.import_read)
        self._store.exported.connect(self.exported)
        parts.library.folders_known.connect(self._take_folders)
        parts.library.clips_deleted.connect(self._counter.recount)

    def name_problem(self, name: str, camera_id: str) -> Reason | None:
        """Why a camera cannot have a name; None where it can."""
        return camera_name_problem(name, camera_id, self._cameras(), self._folders)

    def count_disk_use(self) -> None:
        """Have the disk use counted, unless that was done a short while ago."""
        self._counter.count()

    def recount(self, clips: Iterable[Path]) -> None:
        """Tell of clips that have come or gone; by any thread."""
        self._counter.recount(clips)

    def look_for_keyring(self) -> None:
        """Find out whether there is a keyring; it may ask for a password of its own."""
        self._store.try_keyring()

    def import_cameras(self, path: Path) -> None:
        """Read another `cameras.json`; `import_read` follows, and nothing is changed."""
        self._store.import_cameras(path, self._cameras())

    def export_cameras(
        self, path: Path, cameras: tuple[CameraConfig, ...], with_passwords: bool
    ) -> None:
        """Write cameras into a file of their own; `exported` follows."""
        self._store.export_cameras(path, cameras, with_passwords=with_passwords)

    def stop(self) -> None:
        """Count no more. Returns at once; `wait()` for the end."""
        self._counter.stop()

    def wait(self, deadline: float) -> bool:
        """Wait for the counting thread's end until monotonic `deadline`; whether it is gone."""
        return join_all([self._counter], deadline, least_ms=100)

    def _take_folders(self, folders: Mapping[str, str]) -> None:
        self._folders = folders
        self._counter.take_folders(folders)

    def _take_disk_use(self, disk_use: dict[str, DiskUse]) -> None:
        self.disk_use = disk_use
        self.disk_use_changed.emit(disk_use)

    def _take_keyring(self, available: bool) -> None:
        self.keyring_available = available
        self.keyring_found.emit(available)
