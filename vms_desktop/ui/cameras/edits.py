"""The changes that a person makes to cameras, one or several at once.

The fleet runs what is changed at once, and undoes what could not be saved.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vms_desktop.core.config import CameraConfig, with_edits

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet


class CameraEdits:
    """Changes the fleet's cameras; what stays as it is costs nothing."""

    def __init__(self, fleet: "Fleet") -> None:
        self._fleet = fleet

    def cameras(self) -> tuple[CameraConfig, ...]:
        """All cameras in their order."""
        return self._fleet.cameras()

    def camera(self, camera_id: str | None) -> CameraConfig | None:
        """One camera by its id."""
        return next((each for each in self.cameras() if each.id == camera_id), None)

    def set_flag(self, camera_ids: Collection[str], key: str, on: bool) -> None:
        """Switch `is_active`, `is_recording_enabled` or `show_detection` of cameras."""
        chosen = [camera for camera in self.cameras() if camera.id in camera_ids]
        flag: dict[str, Any] = {key: on}
        self.put([replace(camera, **flag) for camera in chosen if getattr(camera, key) != on])

    def put(self, cameras: Iterable[CameraConfig]) -> None:
        """Save cameras that are new or changed; new ones come last."""
        new = {camera.id: camera for camera in cameras}
        if new:
            known = {camera.id: camera for camera in self.cameras()}
            self._fleet.save_cameras(tuple((known | new).values()))

    def put_edited(self, opened: CameraConfig | None, saved: CameraConfig) -> None:
        """Save what was edited of a camera since a dialog opened it; None for a new one."""
        known = self.camera(saved.id)
        self.put([with_edits(known, opened, saved) if known and opened else saved])

    def arrange(self, moved: Collection[str], before: int) -> None:
        """Put cameras, in their order, before what is at this place now."""
        cameras = self.cameras()
        carried = [camera for camera in cameras if camera.id in moved]
        ahead = [camera for camera in cameras[:before] if camera.id not in moved]
        behind = [camera for camera in cameras[before:] if camera.id not in moved]
        order = (*ahead, *carried, *behind)
        if order != cameras:
            self._fleet.save_cameras(order)

    def step(self, moved: Collection[str], way: int) -> None:
        """Put cameras one place up (-1) or down (1)."""
        places = [place for place, camera in enumerate(self.cameras()) if camera.id in moved]
        if places:
            self.arrange(moved, max(0, places[0] - 1) if way < 0 else places[-1] + 2)

    def delete(self, camera_ids: Iterable[str], *, with_recordings: bool) -> None:
        """Remove cameras; their archives stay."""
        for camera_id in camera_ids:
            self._fleet.delete_camera(camera_id, with_recordings=with_recordings)

    def forget_refused(self, ids: Sequence[str]) -> None:
        """Remove entries of the file that cannot be run."""
        if ids:
            self._fleet.save_cameras(self.cameras(), deleted=tuple(ids))
