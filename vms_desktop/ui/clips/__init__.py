"""A clip as it is shown, and what is done to it: for Playback, Archives and Live.

Thumbnails, captions and marks of clips; archiving, deleting and exporting them with their dialogs,
and what came of it in words. Jobs are handed to `workers`. `LibraryServices` is what a page that
shows recordings is given: index, thumbnails, jobs.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.clips.clip_picture import ClipMarks, ClipPainter, clip_tick_place
    from vms_desktop.ui.clips.clip_results import job_result_banner
    from vms_desktop.ui.clips.clip_tasks import ClipTasks
    from vms_desktop.ui.clips.clip_thumbnails import ClipThumbnails
    from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
    from vms_desktop.ui.clips.services import LibraryServices

__all__ = [
    "ClipMarks",
    "ClipPainter",
    "ClipTasks",
    "ClipThumbnails",
    "DeleteClipsDialog",
    "LibraryServices",
    "clip_captions",
    "clip_tick_place",
    "job_result_banner",
]

__getattr__ = late_names(
    __name__,
    {
        "clip_picture": (
            "ClipPainter",
            "ClipMarks",
            "clip_tick_place",
        ),
        "clip_results": ("job_result_banner",),
        "clip_tasks": ("ClipTasks",),
        "clip_thumbnails": ("ClipThumbnails",),
        "delete_dialog": ("DeleteClipsDialog",),
        "services": ("LibraryServices",),
    },
)
