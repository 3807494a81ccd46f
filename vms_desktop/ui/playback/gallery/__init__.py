"""A day's clips as pictures, grouped by the hour.

Indexed clips come in; which one is wanted, and what is to be done with several, leaves as signals.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.playback.gallery.gallery import ClipGallery

__all__ = [
    "ClipGallery",
]

__getattr__ = late_names(
    __name__,
    {
        "gallery": ("ClipGallery",),
    },
)
