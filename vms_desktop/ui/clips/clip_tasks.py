"""Tasks on clips that a person gives, on whatever page: archive, delete, export."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vms_desktop.core.export import ExportTrack
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.clips.clip_results import job_result_banner
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.ui.clips.export_dialog import ExportDialog
from vms_desktop.ui.clips.export_progress import ExportLine, ExportsBar, ExportState

if TYPE_CHECKING:
    from vms_desktop.ui.base import Preferences, Theme
    from vms_desktop.workers.camera import Fleet
    from vms_desktop.workers.jobs import JobResult, LibraryJobs

FOLDER_KEY = "export_folder"


class KeptTasks(NamedTuple):
    """Tasks that go on while the window's content is made anew: jobs to be told of, and exports."""

    begun: frozenset[int]
    exports: tuple[ExportState, ...]


class ClipTasks(QObject):
    """Asks, has tasks done, and tells what has come of them.

    Attributes:
        exports: Shows the exports that go on after their dialog was closed.

    Signals:
        told: A `Banner`.
        deleting: The paths of clips that will be gone.
    """

    told = Signal(object)
    deleting = Signal(object)

    def __init__(
        self,
        jobs: "LibraryJobs",
        fleet: "Fleet",
        preferences: "Preferences",
        theme: "Theme",
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._fleet = fleet
        self._preferences = preferences
        self._theme = theme
        self._window = parent
        self._begun: set[int] = set()
        self.exports = ExportsBar()
        jobs.finished.connect(self._tell)

    def stop(self) -> None:
        """Let go of the jobs; what is under way goes on."""
        self._jobs.finished.disconnect(self._tell)

    def keep(self) -> KeptTasks:
        """The jobs under way, and the exports that were told of and not yet closed."""
        return KeptTasks(frozenset(self._begun), tuple(x.state for x in self.exports.lines()))

    def bring_back(self, kept: KeptTasks) -> None:
        """Go on with what the tasks before these have begun."""
        self._begun |= kept.begun
        for state in kept.exports:
            self.exports.adopt(ExportLine(state, self._jobs, self._theme))

    def archive(self, clips: Sequence[IndexedClip]) -> None:
        """Keep clips for good."""
        self._begin(self._jobs.archive, tuple(clip.path for clip in clips if not clip.is_archived))

    def delete(self, clips: Sequence[IndexedClip]) -> None:
        """Delete clips once a person has said so."""
        if not clips:
            return
        dialog = DeleteClipsDialog(clips, self._window)
        dialog.delete_chosen.connect(self._delete)
        dialog.archive_chosen.connect(lambda paths: self._begin(self._jobs.archive, paths))
        dialog.open()

    def export_clips(self, clips: Iterable[IndexedClip]) -> None:
        """Ask how these clips, whole, are to be exported, and begin."""
        by_folder: dict[str, list[IndexedClip]] = {}
        for clip in sorted(clips, key=lambda clip: clip.start_at):
            by_folder.setdefault(clip.folder, []).append(clip)
        tracks = [self._track(tuple(each)) for each in by_folder.values()]
        comments = {clip.comment for each in by_folder.values() for clip in each}
        if tracks:
            self.export(tracks, comment=comments.pop() if len(comments) == 1 else "")

    def export(
        self,
        tracks: Sequence[ExportTrack],
        start: datetime | None = None,
        end: datetime | None = None,
        comment: str = "",
    ) -> None:
        """Ask how these clips are to be exported, and begin; `comment` is proposed."""
        kept = self._preferences.value.window.get(FOLDER_KEY, "")
        folder = Path(kept) if kept else None
        dialog = ExportDialog(tracks, start, end, self._jobs, folder, self._theme, self._window)
        dialog.comment.setText(" ".join(comment.split()))
        dialog.folder_chosen.connect(self._keep_folder)
        dialog.left_running.connect(self.exports.adopt)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _track(self, clips: tuple[IndexedClip, ...]) -> ExportTrack:
        """One camera's clips, called and turned as it is now."""
        camera_id = clips[0].camera_id
        config = next((each for each in self._fleet.cameras() if each.id == camera_id), None)
        name = config.name if config else clips[0].camera_name
        return ExportTrack(name, clips, config.rotation if config else 0)

    def _delete(self, paths: tuple[Path, ...]) -> None:
        self.deleting.emit(paths)
        self._begin(self._jobs.delete, paths)

    def _begin(self, job: Callable[[tuple[Path, ...]], int], paths: tuple[Path, ...]) -> None:
        if paths:
            self._begun.add(job(paths))

    def _keep_folder(self, folder: Path) -> None:
        window = dict(self._preferences.value.window) | {FOLDER_KEY: str(folder)}
        self._preferences.change(window=window)

    def _tell(self, number: int, result: "JobResult") -> None:
        if number not in self._begun:
            return
        self._begun.discard(number)
        banner = job_result_banner(result)
        if banner is not None:
            self.told.emit(banner)
