"""The demo cameras: four short scenes that come with the program, shown as cameras."""

import json
from collections.abc import Collection
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from vms_desktop.core.config import CameraConfig, LoadedCameras, camera_from_json
from vms_desktop.resources import demo_folder


def demo_cameras() -> tuple[CameraConfig, ...]:
    """The cameras of the demo, their addresses absolute."""
    entries = json.loads((demo_folder() / "cameras.json").read_text(encoding="utf-8"))
    cameras = (camera_from_json(key, entry) for key, entry in entries.items())
    return tuple(replace(camera, url_sd=str(demo_folder() / camera.url_sd)) for camera in cameras)


class DemoSource(QObject):
    """Gives the fleet the demo cameras in place of `cameras.json`; keeps changes in memory.

    Signals:
        cameras_loaded: `LoadedCameras`.
        save_failed: Never sent: nothing is written.
    """

    cameras_loaded = Signal(object)
    save_failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cameras: tuple[CameraConfig, ...] | None = None
        self._saves = 0

    def read_cameras(self) -> None:
        """Give the cameras; the signal follows from the event loop."""
        QTimer.singleShot(0, self, self._tell)

    def save_cameras(
        self, cameras: tuple[CameraConfig, ...], deleted: Collection[str] = ()
    ) -> None:
        """Show these instead, until the program ends."""
        self._cameras = cameras
        self._saves += 1
        self.read_cameras()

    def _tell(self) -> None:
        if self._cameras is None:
            self._cameras = demo_cameras()
        self.cameras_loaded.emit(LoadedCameras(self._cameras, saves=self._saves))
