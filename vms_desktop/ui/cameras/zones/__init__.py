"""The areas of a camera's picture, drawn and changed by mouse or by keyboard.

Zones come in and go out in shares of the picture; what can be undone is kept while they are edited.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.cameras.zones.bar import ZoneBar
    from vms_desktop.ui.cameras.zones.editor import ZoneEditor

__all__ = [
    "ZoneBar",
    "ZoneEditor",
]

__getattr__ = late_names(
    __name__,
    {
        "bar": ("ZoneBar",),
        "editor": ("ZoneEditor",),
    },
)
