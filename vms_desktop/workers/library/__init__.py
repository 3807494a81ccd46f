"""The recordings looked after, found and played, each in a thread of its own.

A disk that hangs holds up nothing else. `LibraryWorker` deletes what may go; `LibraryIndex` keeps
the index and answers from it; `Playback` plays up to four cameras in step; gaps and thumbnails are
read, disk use is counted.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.workers.library.disk_use_worker import DiskUseWorker
    from vms_desktop.workers.library.gap_reader import GapReader
    from vms_desktop.workers.library.index_worker import IndexWorker
    from vms_desktop.workers.library.library_index import LibraryIndex
    from vms_desktop.workers.library.maintainer_worker import LibraryWorker
    from vms_desktop.workers.library.playback import Playback
    from vms_desktop.workers.library.thumbnails import ThumbnailReader

__all__ = [
    "DiskUseWorker",
    "GapReader",
    "IndexWorker",
    "LibraryIndex",
    "LibraryWorker",
    "Playback",
    "ThumbnailReader",
]

__getattr__ = late_names(
    __name__,
    {
        "disk_use_worker": ("DiskUseWorker",),
        "gap_reader": ("GapReader",),
        "index_worker": ("IndexWorker",),
        "library_index": ("LibraryIndex",),
        "maintainer_worker": ("LibraryWorker",),
        "playback": ("Playback",),
        "thumbnails": ("ThumbnailReader",),
    },
)
