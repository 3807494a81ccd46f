"""The Live page: the grid of cameras and today's events.

Statuses, pictures and events of the fleet come in; layouts, named views and sound are chosen here.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.live.event_pictures import EventPictures
    from vms_desktop.ui.live.events_model import EventsModel
    from vms_desktop.ui.live.events_panel import EVENT_THUMBNAIL_SIZE
    from vms_desktop.ui.live.grid import CameraGrid
    from vms_desktop.ui.live.page import LivePage
    from vms_desktop.ui.live.paint_log import PaintLog

__all__ = [
    "EVENT_THUMBNAIL_SIZE",
    "CameraGrid",
    "EventPictures",
    "EventsModel",
    "LivePage",
    "PaintLog",
]

__getattr__ = late_names(
    __name__,
    {
        "event_pictures": ("EventPictures",),
        "events_model": ("EventsModel",),
        "events_panel": ("EVENT_THUMBNAIL_SIZE",),
        "grid": ("CameraGrid",),
        "page": ("LivePage",),
        "paint_log": ("PaintLog",),
    },
)
