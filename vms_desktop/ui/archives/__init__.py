"""The Archives page: the clips that are kept for good, by day, with what was written to them.

Only the cards in sight are widgets, however many clips there are.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.archives.page import ArchivesPage

__all__ = [
    "ArchivesPage",
]

__getattr__ = late_names(
    __name__,
    {
        "page": ("ArchivesPage",),
    },
)
