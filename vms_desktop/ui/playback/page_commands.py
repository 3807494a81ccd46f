"""What a person orders on the Playback page that needs a dialog or a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vms_desktop.core.base import Clock, Layout, snapshot_path
from vms_desktop.core.export import ExportTrack
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.playback.area_search import AreaSearches, SearchCamera
from vms_desktop.ui.playback.bar import RECORDINGS

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme
    from vms_desktop.ui.clips import ClipTasks, LibraryServices
    from vms_desktop.ui.playback.day_clips import DayClips
    from vms_desktop.ui.playback.day_player import DayPlayer
    from vms_desktop.ui.playback.page_parts import PlaybackParts


class PageCommands(QObject):
    """Snapshots, exports and the search in an area, of what is shown now.

    Args:
        wanted: The clips that are meant: selected ones, or the one that is shown.

    Signals:
        play_wanted: A clip that was found, and the moment in it.
    """

    play_wanted = Signal(object, object)

    def __init__(
        self,
        parts: "PlaybackParts",
        days: "DayClips",
        player: "DayPlayer",
        tasks: "ClipTasks",
        review: "LibraryServices",
        wanted: Callable[[], tuple[IndexedClip, ...]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._days = days
        self._player = player
        self._tasks = tasks
        self._review = review
        self._wanted = wanted
        self._window = parent
        self._searches: AreaSearches | None = None

    def stop(self) -> None:
        """Close what is open."""
        if self._searches is not None:
            self._searches.stop()

    def snapshot(self, pictures: Path) -> None:
        """Save the frame that the chosen view shows."""
        key, playback = self._parts.players.chosen, self._review.playback
        if key is None:
            return
        at = self._parts.players.view(key).at or playback.position
        playback.snapshot(key, snapshot_path(pictures, self._player.name(key), at))

    def export(self) -> None:
        """The marked range of all cameras that play; without marks the clips that are meant.

        Marks that are not seen, beside the recordings, do not count.
        """
        start, end = self._parts.timeline.marks
        if (start is None and end is None) or self._parts.mode == RECORDINGS:
            self._tasks.export_clips(self._wanted() or self._player.clips())
            return
        keys = [camera.key for camera in self._player.played()]
        tracks = [self._track(key, self._player.clips_of(key)) for key in keys]
        self._tasks.export(tracks, start, end)

    def search_area(self, layout: Layout, clock: Clock, theme: "Theme") -> None:
        """Search what moved in a part of the picture that is shown."""
        if self._days.day is None:
            return
        player, chosen = self._player, self._parts.players.chosen or ""
        cameras = [SearchCamera(folder, player.name(folder)) for folder in player.order()]
        if self._searches is None:
            self._searches = AreaSearches(
                self._review.index, self._review.thumbnails, layout, clock, theme, self._window
            )
            self._searches.play_wanted.connect(self.play_wanted)
        self._searches.open(cameras, chosen, self._days.day, self._parts.players.image(chosen))

    def _track(self, folder: str, clips: tuple[IndexedClip, ...]) -> ExportTrack:
        return ExportTrack(self._player.name(folder), clips, self._player.rotation(folder))
