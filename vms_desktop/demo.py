"""The demo cameras: four short scenes that come with the program, shown as cameras."""

import json
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from vms_desktop.core.camera import CameraConfig, camera_from_json
from vms_desktop.core.store import LoadedCameras
from vms_desktop.ui.resources import demo_folder


def demo_cameras() -> tuple[CameraConfig, ...]:
    """The cameras of the demo, their addresses absolute."""
    entries = json.loads((demo_folder() / "cameras.json").read_text(encoding="utf-8"))
    cameras = (camera_from_json(key, entry) for key, entry in entries.items())
    return tuple(replace(camera, url_sd=str(demo_folder() / camera.url_sd)) for camera in cameras)


class DemoSource(QObject):
    """Gives the fleet the demo cameras in place of `cameras.json`."""

    cameras_loaded = Signal(object)

    def read_cameras(self) -> None:
        """Give the cameras; the signal follows from the event loop."""
        QTimer.singleShot(0, self, self._tell)

    def _tell(self) -> None:
        self.cameras_loaded.emit(LoadedCameras(demo_cameras()))
