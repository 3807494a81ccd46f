"""The Cameras page: what is configured, what runs, and what lies on the disk for it.

The list with its bars and what is done with cameras through a dialog; the dialog of one camera has
a room of its own. Edits are handed to the fleet.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.cameras.edits import CameraEdits
    from vms_desktop.ui.cameras.list_model import CamerasModel
    from vms_desktop.ui.cameras.page import CamerasPage
    from vms_desktop.ui.cameras.tasks import CameraTasks

__all__ = [
    "CameraEdits",
    "CameraTasks",
    "CamerasModel",
    "CamerasPage",
]

__getattr__ = late_names(
    __name__,
    {
        "edits": ("CameraEdits",),
        "list_model": ("CamerasModel",),
        "page": ("CamerasPage",),
        "tasks": ("CameraTasks",),
    },
)
