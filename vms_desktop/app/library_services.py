"""The library as the window works with it: its index, players, jobs; wired to the fleet."""

from typing import TYPE_CHECKING

from vms_desktop.core.base import Clock
from vms_desktop.core.clips import CameraFolders, Clip
from vms_desktop.ui.clips import LibraryServices
from vms_desktop.ui.picture import paint_burn_in_line
from vms_desktop.workers import SoundOutput, join_all
from vms_desktop.workers.jobs import JobResult, LibraryJobs
from vms_desktop.workers.library import GapReader, LibraryIndex, Playback, ThumbnailReader

if TYPE_CHECKING:
    from pathlib import Path

    from vms_desktop.workers.camera import Fleet


def review_parts(fleet: "Fleet", clock: Clock, folders: CameraFolders) -> LibraryServices:
    """Make what the pages need; the index hears of every clip, and is started by the caller."""
    layout = fleet.layout
    # Children of the fleet: Python's collector would destroy them in whichever thread it runs.
    index = LibraryIndex(layout, clock, folders.held, lambda: in_use(parts), fleet)
    indexer = index.indexer
    fleet.clip_closed.connect(indexer.take_clip)
    fleet.clips_deleted.connect(indexer.take_paths)
    fleet.cameras_changed.connect(indexer.set_cameras)

    def take_thumbnail(clip: Clip) -> None:
        indexer.take_paths((clip.path,))

    def take_changed(paths: "tuple[Path, ...]", gone: "tuple[Path, ...]") -> None:
        indexer.take_paths(paths)
        fleet.clips_changed(paths, gone)

    def take_result(_job: int, result: JobResult) -> None:
        if result.recordings_freed_bytes:
            fleet.recordings_freed(result.recordings_freed_bytes)

    fleet.thumbnail_ready.connect(take_thumbnail)
    jobs = LibraryJobs(layout, take_changed, paint_burn_in_line, clock, folders.held, fleet)
    jobs.finished.connect(take_result)
    parts = LibraryServices(
        index=index,
        # A sound device of its own: what Live plays is silenced, not taken over.
        playback=Playback(layout, SoundOutput(), clock, fleet),
        jobs=jobs,
        gaps=GapReader(layout, fleet),
        thumbnails=ThumbnailReader(fleet),
        hover=Playback(layout, SoundOutput(), clock, fleet),
    )
    return parts


def in_use(review: LibraryServices) -> "frozenset[Path]":
    """The clips, played or exported, that are neither purged nor mended; for any thread."""
    return review.playback.in_use() | review.hover.in_use() | review.jobs.in_use()


def stop_review(review: LibraryServices, deadline: float) -> bool:
    """End every thread by a monotonic time; False where one hangs in the system."""
    readers = (review.gaps, review.thumbnails)
    for reader in readers:
        reader.stop()
    ended = [
        part.stop(deadline) for part in (review.playback, review.hover, review.index, review.jobs)
    ]
    return join_all(readers, deadline) and all(ended)
