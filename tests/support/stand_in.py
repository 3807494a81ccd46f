"""A fleet for the window's tests: the real signals and values, and no thread."""

from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Reason
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Box, Picture, Size, Viewport
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.folders import camera_name_problem
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.workers.latest import Latest

NOON = datetime(2026, 11, 22, 14, 32, 7, tzinfo=timezone(timedelta(hours=1)))


class StillClock(Clock):
    """A clock that a test sets."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class CatalogueStandIn(QObject):
    """Takes the orders about the cameras as a list into the fleet's notes."""

    disk_use_changed = Signal(object)
    keyring_found = Signal(bool)
    import_read = Signal(object)
    exported = Signal(str, bool)

    def __init__(self, fleet: "FleetStandIn") -> None:
        super().__init__(fleet)
        self.disk_use: dict[str, DiskUse] = {}
        self.keyring_available = False
        self._fleet = fleet

    def name_problem(self, name: str, camera_id: str) -> Reason | None:
        return camera_name_problem(name, camera_id, self._fleet.cameras(), {})

    def count_disk_use(self) -> None:
        self._fleet.orders.append(("count",))

    def look_for_keyring(self) -> None:
        self._fleet.orders.append(("keyring",))

    def import_cameras(self, path: Path) -> None:
        self._fleet.orders.append(("import", path))

    def export_cameras(
        self, path: Path, cameras: tuple[CameraConfig, ...], with_passwords: bool
    ) -> None:
        self._fleet.orders.append(("export", path, cameras, with_passwords))


class FleetStandIn(QObject):
    """Takes the orders of a window and notes them; tests speak with its signals."""

    cameras_changed = Signal(object)
    status_changed = Signal(str, object)
    notice = Signal(object)
    event_began = Signal(str, object)
    clip_closed = Signal(object)
    thumbnail_ready = Signal(object)
    clips_deleted = Signal(object)
    today_loaded = Signal(object)
    snapshot_saved = Signal(str, str)
    machine_changed = Signal(object)
    question = Signal(object)
    purged = Signal(object)

    def __init__(self, cameras: tuple[CameraConfig, ...], root: Path) -> None:
        super().__init__()
        self.layout = Layout(root)
        self.sound_available = True
        self.orders: list[tuple[object, ...]] = []
        self.catalogue = CatalogueStandIn(self)
        self.viewports: dict[str, Viewport | None] = {}
        self._cameras = cameras
        self._statuses: dict[str, Status] = {}
        self._pictures: defaultdict[str, Latest[Picture]] = defaultdict(Latest)

    def cameras(self) -> tuple[CameraConfig, ...]:
        return self._cameras

    def status(self, camera_id: str) -> Status:
        return self._statuses.get(camera_id, status(CameraState.CONNECTING))

    def pictures(self, camera_id: str) -> Latest[Picture]:
        return self._pictures[camera_id]

    def set_viewport(self, camera_id: str, viewport: Viewport | None) -> None:
        self.viewports[camera_id] = viewport

    def record(self, camera_id: str, on: bool) -> None:
        self.orders.append(("record", camera_id, on))

    def pause(self, camera_id: str, on: bool) -> None:
        self.orders.append(("pause", camera_id, on))

    def snapshot(self, camera_id: str, folder: Path) -> None:
        self.orders.append(("snapshot", camera_id, folder))

    def listen(self, camera_id: str | None) -> None:
        self.orders.append(("listen", camera_id))

    def set_volume(self, volume: float) -> None:
        self.orders.append(("volume", volume))

    def answer(self, ask: object, yes: bool) -> None:
        self.orders.append(("answer", ask, yes))

    def sync_camera_threads(self) -> None:
        self.orders.append(("sync",))

    def save_cameras(self, cameras: tuple[CameraConfig, ...], deleted: object = ()) -> None:
        self.orders.append(("save", cameras, deleted))
        self.replace_cameras(cameras)

    def delete_camera(self, camera_id: str, *, with_recordings: bool) -> None:
        self.orders.append(("delete", camera_id, with_recordings))
        self.replace_cameras(tuple(each for each in self._cameras if each.id != camera_id))

    def adopt_recordings(self) -> None:
        self.orders.append(("adopt",))

    def purge_now(self) -> None:
        self.orders.append(("purge",))

    def clips_changed(self, paths: tuple[Path, ...], gone: tuple[Path, ...]) -> None:
        """Jobs tell of what they did."""

    def recordings_freed(self, size_bytes: int) -> None:
        """Jobs tell of what they did."""

    def cancel_purge(self) -> None:
        self.orders.append(("cancel purge",))

    def become(self, camera_id: str, state: CameraState, **facts: Any) -> None:
        """Let a camera be in another state, and say so."""
        self._statuses[camera_id] = status(state, **facts)
        self.status_changed.emit(camera_id, self._statuses[camera_id])

    def replace_cameras(self, cameras: tuple[CameraConfig, ...]) -> None:
        self._cameras = cameras
        self.cameras_changed.emit(cameras)


def status(state: CameraState, **facts: Any) -> Status:
    return Status(state=state, **{"since_at": NOON} | facts)


def camera(number: int, **fields: Any) -> CameraConfig:
    values: dict[str, Any] = {
        "id": f"cam{number}",
        "name": f"Camera {number}",
        "url_sd": "rtsp://camera/sd",
    }
    return CameraConfig(**values | {"is_active": True} | fields)


def picture(
    width: int = 320,
    height: int = 180,
    *,
    source: Size | None = None,
    shown: Size | None = None,
    boxes: tuple[Box, ...] = (),
    value: int = 200,
) -> Picture:
    """A grey picture; `shown` where the pixels of the source are not square."""
    pixels = np.full((height, width, 4), value, np.uint8)
    pixels.flags.writeable = False
    source = source or Size(640, 360)
    return Picture(pixels, source, shown or source, boxes, 0.0, 15.0, "H.264")


def clip(number: int, *, start_at: datetime = NOON, seconds: float = 42, **fields: Any) -> Clip:
    values: dict[str, Any] = {
        "camera_id": "cam1",
        "camera_name": "Camera 1",
        "path": Path(f"recordings/Camera_1/2026-11-22/{number}.mp4"),
        "start_at": start_at,
        "end_at": start_at + timedelta(seconds=seconds),
        "event_start_at": start_at + timedelta(seconds=5),
        "trigger": Trigger.MOTION,
        "codec": "H.264",
        "size": Size(640, 360),
        "size_bytes": 1_000_000,
    }
    return Clip(**values | fields)
