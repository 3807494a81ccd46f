"""The commands of the Playback page that need a dialog or a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vms_desktop.core.base import Clock, Layout, snapshot_path
from vms_desktop.core.export import ExportTrack
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.playback.area_search import AreaSearchDialog, SearchCamera
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
        self._search: AreaSearchDialog | None = None

    def stop(self) -> None:
        """Close what is open."""
        if self._search is not None:
            self._search.reject()

    def snapshot(self, pictures: Path) -> None:
        """Save the frame that the chosen view shows."""
        key, playback = self._parts.players.chosen, self._review.playback
        if key is None:
            return
        at = self._parts.players.view(key).at or playback.position
        playback.snapshot(key, snapshot_path(pictures, self._player.name(key), at))

    def export(self) -> None:
        """Export the marked range of all cameras that play; without marks the clips meant.

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
        """Search what moved in a part of the picture that is shown.

        A search that has stepped aside comes back, unless cameras or day are others now.
        """
        day, player, chosen = self._days.day, self._player, self._parts.players.chosen or ""
        if day is None:
            return
        cameras = [SearchCamera(folder, player.name(folder)) for folder in player.order()]
        if self._search is not None and not self._search.is_about(cameras, day):
            self._search.reject()
        if self._search is None:
            self._search = AreaSearchDialog(
                self._review.index, self._review.thumbnails, layout, cameras, chosen, day, clock,
                theme, self._window,
            )  # fmt: skip
            self._search.play_wanted.connect(self.play_wanted)
            self._search.finished.connect(self._forget_search)
            if image := self._parts.players.image(chosen):
                self._search.set_picture(chosen, image)
        self._search.open()

    def _forget_search(self) -> None:
        if self._search is not None:
            self._search.deleteLater()
        self._search = None

    def _track(self, folder: str, clips: tuple[IndexedClip, ...]) -> ExportTrack:
        return ExportTrack(self._player.name(folder), clips, self._player.rotation(folder))
