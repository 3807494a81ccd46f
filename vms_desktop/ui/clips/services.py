"""The services that the pages with recordings work with, made by `app`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vms_desktop.workers.jobs import LibraryJobs
    from vms_desktop.workers.library import GapReader, LibraryIndex, Playback, ThumbnailReader


@dataclass(frozen=True, slots=True)
class LibraryServices:
    """The library and its players, the same for every page that is made.

    Attributes:
        index: Knows what lies in the library.
        playback: Plays for the Playback page.
        jobs: Archives, deletes and exports.
        gaps: Reads when nothing was watched.
        thumbnails: Reads them, for every page.
        hover: Finds the frame under the pointer on the timeline.
    """

    index: "LibraryIndex"
    playback: "Playback"
    jobs: "LibraryJobs"
    gaps: "GapReader"
    thumbnails: "ThumbnailReader"
    hover: "Playback"
