"""A camera's picture on the screen, and what lies on it.

Frames come in made at the size at which they are painted; where a picture lies, digital zoom, and
the pills on it are arithmetic here. Pictures are asked for only while they can be seen.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.picture.burn_in_line import paint_burn_in_line
    from vms_desktop.ui.picture.camera_surface import BORDER_PX, CameraSurface
    from vms_desktop.ui.picture.fit import WHOLE_PICTURE, Area, PillPlaces, pill_places
    from vms_desktop.ui.picture.images import to_image
    from vms_desktop.ui.picture.picture_wall import PictureWall, show_dark
    from vms_desktop.ui.picture.pills import PILL_HEIGHT_PX, Pill, Pills, cut_words, paint_message
    from vms_desktop.ui.picture.surface import PictureSurface
    from vms_desktop.ui.picture.thumbnails import Thumbnails, paint_thumbnail
    from vms_desktop.ui.picture.zoom import NO_ZOOM, Zoom

__all__ = [
    "BORDER_PX",
    "NO_ZOOM",
    "PILL_HEIGHT_PX",
    "WHOLE_PICTURE",
    "Area",
    "CameraSurface",
    "PictureSurface",
    "PictureWall",
    "Pill",
    "PillPlaces",
    "Pills",
    "Thumbnails",
    "Zoom",
    "cut_words",
    "paint_burn_in_line",
    "paint_message",
    "paint_thumbnail",
    "pill_places",
    "show_dark",
    "to_image",
]

__getattr__ = late_names(
    __name__,
    {
        "burn_in_line": ("paint_burn_in_line",),
        "camera_surface": (
            "BORDER_PX",
            "CameraSurface",
        ),
        "fit": (
            "WHOLE_PICTURE",
            "Area",
            "PillPlaces",
            "pill_places",
        ),
        "images": ("to_image",),
        "picture_wall": (
            "PictureWall",
            "show_dark",
        ),
        "pills": (
            "PILL_HEIGHT_PX",
            "Pill",
            "Pills",
            "cut_words",
            "paint_message",
        ),
        "surface": ("PictureSurface",),
        "thumbnails": (
            "Thumbnails",
            "paint_thumbnail",
        ),
        "zoom": (
            "NO_ZOOM",
            "Zoom",
        ),
    },
)
