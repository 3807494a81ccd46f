"""Whether a camera can have a name; the folder that it makes may be another's already."""

from collections.abc import Iterable, Mapping

from vms_desktop.core.base.errors import Reason
from vms_desktop.core.base.layout import folder_name
from vms_desktop.core.config.camera import MAX_NAME_CHARS, CameraConfig


def name_problem(
    name: str, camera_id: str, cameras: Iterable[CameraConfig], folders: Mapping[str, str]
) -> Reason | None:
    """Why the camera `camera_id` cannot be called so; None where it can.

    `folders` are those marked on the disk (id: folder), deleted cameras' too.
    Compared without case, as some file systems do.
    """
    if not name.strip():
        return Reason.EMPTY
    if len(name.strip()) > MAX_NAME_CHARS:
        return Reason.TOO_LONG
    taken = [folder_name(camera.name) for camera in cameras if camera.id != camera_id]
    taken += [folder for owner, folder in folders.items() if owner != camera_id]
    wanted = folder_name(name.strip()).casefold()
    return Reason.TAKEN if wanted in {folder.casefold() for folder in taken} else None
