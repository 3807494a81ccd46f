"""The search for motion in an area: a rectangle on a picture in, clips out, best first.

Asks the index for heat maps and hits; a result that is chosen leaves as a clip and a moment.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.playback.area_search.dialog import AreaSearchDialog
    from vms_desktop.ui.playback.area_search.form import SearchCamera

__all__ = [
    "AreaSearchDialog",
    "SearchCamera",
]

__getattr__ = late_names(
    __name__,
    {
        "dialog": ("AreaSearchDialog",),
        "form": ("SearchCamera",),
    },
)
