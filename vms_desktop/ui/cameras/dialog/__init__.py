"""The dialog that adds and edits a camera: its live picture at the left, the form at the right.

A `CameraConfig` goes in and another comes out; what it asks of the rest of the program is handed to
it as functions (`DialogServices`).
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.cameras.dialog.dialog import CameraDialog
    from vms_desktop.ui.cameras.dialog.services import DialogServices

__all__ = [
    "CameraDialog",
    "DialogServices",
]

__getattr__ = late_names(
    __name__,
    {
        "dialog": ("CameraDialog",),
        "services": ("DialogServices",),
    },
)
