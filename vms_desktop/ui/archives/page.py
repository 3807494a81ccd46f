"""The Archives page: the clips that are kept for good, by day, with what was written to them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from vms_desktop.core.index import ArchivesQuery, IndexedClip
from vms_desktop.ui.archives.bar import ArchivesBar
from vms_desktop.ui.archives.camera_checks import CameraChecks, CameraEntry
from vms_desktop.ui.archives.card_view import CardView
from vms_desktop.ui.archives.shelf import by_day, found
from vms_desktop.ui.base import Actions, Page, PageConnection, PageKey, Theme
from vms_desktop.ui.clips import ClipThumbnails, DeleteClipsDialog, job_result_banner
from vms_desktop.ui.widgets import EmptyPage, primary_button

if TYPE_CHECKING:
    from vms_desktop.ui.clips import LibraryServices
    from vms_desktop.workers.camera import Fleet
    from vms_desktop.workers.jobs import JobResult

_CHANNEL = "archives"


class _Kept(NamedTuple):
    """The state that a page takes over from the one before, and what goes on meanwhile."""

    searched: str
    hidden: frozenset[str]
    clips: tuple[IndexedClip, ...]
    selected: tuple[Path, ...]
    scrolled: int
    own_jobs: set[int]
    comments: "dict[int, _Comment]"
    written: dict[Path, str]


class _Comment(NamedTuple):
    """A comment on its way to the disk."""

    path: Path
    old: str
    new: str


class ArchivesPage(Page):
    """Shows the archives.

    Attributes:
        view: The cards.

    Signals:
        play_wanted: An `IndexedClip` is to be played.
        export_wanted: Copies of these `IndexedClip`s are to be saved.
        told: A `Banner` about what has come of something.
    """

    bar: ArchivesBar
    play_wanted = Signal(object)
    export_wanted = Signal(object)
    told = Signal(object)

    def __init__(
        self,
        review: "LibraryServices",
        fleet: "Fleet",
        actions: Actions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._index, self._jobs, self._fleet = review.index, review.jobs, fleet
        self._actions, self._theme = actions, theme
        self._clips: tuple[IndexedClip, ...] = ()
        self._asked = 0
        self._is_stale = True
        self._own_jobs: set[int] = set()
        self._comments: dict[int, _Comment] = {}
        self._written: dict[Path, str] = {}
        self._thumbnails = ClipThumbnails(review.thumbnails, fleet.layout, self)
        self.bar = ArchivesBar(theme)
        self.view = CardView(theme, self._thumbnails)
        self.cameras = CameraChecks()
        self._nothing = self._made_nothing()
        self._empty = self._made_empty()
        self._stack = QStackedWidget()
        self._place()
        self._connect()

    def enter(self) -> None:
        if self._is_stale:
            self._ask()
        if self._clips:
            self.view.take_keyboard()
        else:
            self._empty.setFocus()

    def stop(self) -> None:
        self.view.save_comments()
        self._thumbnails.stop()
        for signal, slot in self._connections():
            signal.disconnect(slot)

    def go_back(self) -> bool:
        """Esc: from what is searched for, then from what is selected."""
        if self.bar.search.text():
            self.bar.search.clear()
        elif self.view.selected():
            self.view.select(())
        else:
            return False
        self.view.take_keyboard()
        return True

    def keep(self) -> object:
        self.view.save_comments()
        return _Kept(
            self.bar.search.text(),
            self.cameras.hidden,
            self._clips,
            tuple(clip.path for clip in self.view.selected()),
            self.view.verticalScrollBar().value(),
            set(self._own_jobs),
            dict(self._comments),
            dict(self._written),
        )

    def bring_back(self, kept: object) -> None:
        assert isinstance(kept, _Kept)
        self._clips = kept.clips
        self._own_jobs, self._comments, self._written = kept.own_jobs, kept.comments, kept.written
        self.cameras.hide_folders(kept.hidden)
        self.bar.search.setText(kept.searched)
        self._show()
        self.view.select(kept.selected)
        self.view.verticalScrollBar().setValue(kept.scrolled)

    def _place(self) -> None:
        for page in (self._empty, self.view, self._nothing):
            self._stack.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.cameras)
        row.addWidget(self._stack, 1)
        self._show()

    def _made_nothing(self) -> QLabel:
        label = QLabel(self.tr("No archived clip matches."))
        label.setProperty("quiet", True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _made_empty(self) -> EmptyPage:
        purpose = self.tr("Clips that you archive in Playback are kept here until you delete them.")
        way = primary_button(
            self._actions.pages[PageKey.PLAYBACK], self.tr("Choose clips in Playback")
        )
        page = EmptyPage()
        page.tell(self._theme, "archive", self.tr("Nothing is archived yet"), purpose, way)
        return page

    def _connections(self) -> list[PageConnection]:
        """The signals that outlive this page, and its slots."""
        return [
            (self._index.answered, self._take_answer),
            (self._index.indexer.library_changed, self._follow_library),
            (self._jobs.finished, self._finish),
            (self._fleet.cameras_changed, self._show_cameras),
        ]

    def _connect(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)
        view, bar = self.view, self.bar
        view.play_wanted.connect(self.play_wanted)
        view.export_wanted.connect(self.export_wanted)
        view.restore_wanted.connect(self._restore)
        view.delete_wanted.connect(self._ask_to_delete)
        view.commented.connect(self._save_comment)
        view.selection_changed.connect(self._show_selection)
        bar.search.textChanged.connect(self._show)
        bar.search.left.connect(view.take_keyboard)
        bar.export.clicked.connect(lambda: self.export_wanted.emit(view.selected()))
        self.cameras.changed.connect(self._show)
        self._actions.find_archived.triggered.connect(self.bar.search.take_keyboard)

    def _ask(self) -> None:
        self._is_stale = False
        self._asked = self._index.ask(ArchivesQuery(), _CHANNEL)

    def _follow_library(self, _changed: object) -> None:
        self._is_stale = True
        if self.isVisible():
            self._ask()

    def _take_answer(self, number: int, answer: tuple[IndexedClip, ...]) -> None:
        if number != self._asked:
            return
        had_none = not self._clips
        self._clips = tuple(map(self._with_comment, answer))
        self._show()
        if had_none and self.isVisible() and not self.bar.search.hasFocus():
            self.view.take_keyboard()

    def _with_comment(self, clip: IndexedClip) -> IndexedClip:
        """The clip with the comment that was written last: the index may not have heard of it."""
        text = self._written.get(clip.path)
        if text is None or text == clip.comment:
            self._written.pop(clip.path, None)
            return clip
        return replace(clip, comment=text)

    def _show(self, *_told: object) -> None:
        shown = found(self._clips, self.bar.search.text(), self.cameras.hidden)
        self.view.show_days(by_day(shown))
        self.bar.show_clips(self._clips)
        self._actions.find_archived.setEnabled(bool(self._clips))
        self.cameras.setVisible(bool(self._clips))
        self._stack.setCurrentWidget(
            self.view if shown else self._nothing if self._clips else self._empty
        )
        self._show_cameras()
        self._show_selection()

    def _show_cameras(self, *_told: object) -> None:
        names = {clip.folder: self._camera_name(clip) for clip in self._clips}
        counts = Counter(clip.folder for clip in self._clips)
        entries = [CameraEntry(folder, name, counts[folder]) for folder, name in names.items()]
        self.cameras.show_cameras(sorted(entries, key=lambda entry: entry.name.casefold()))

    def _camera_name(self, clip: IndexedClip) -> str:
        """Its name, and what keeps it from recording on."""
        cameras = {camera.id: camera for camera in self._fleet.cameras()}
        camera = cameras.get(clip.camera_id)
        if camera is None:
            return self.tr("{name} (deleted)").format(name=clip.camera_name)
        if not camera.is_active:
            return self.tr("{name} (inactive)").format(name=camera.name)
        return camera.name

    def _show_selection(self) -> None:
        self.bar.export.setEnabled(bool(self.view.selected()))

    def _restore(self, clips: tuple[IndexedClip, ...]) -> None:
        self._own_jobs.add(self._jobs.restore(tuple(clip.path for clip in clips)))

    def _ask_to_delete(self, clips: tuple[IndexedClip, ...]) -> None:
        dialog = DeleteClipsDialog(clips, self)
        dialog.delete_chosen.connect(self._delete)
        dialog.open()

    def _delete(self, paths: tuple[Path, ...]) -> None:
        self._own_jobs.add(self._jobs.delete(paths))

    def _save_comment(self, clip: IndexedClip, text: str) -> None:
        known = {each.path: each.comment for each in self._clips}
        if clip.path not in known:
            return  # It was deleted while it was written to.
        old = known[clip.path]
        self._keep_comment(clip.path, text)
        job = self._jobs.comment(clip.path, text)
        self._own_jobs.add(job)
        self._comments[job] = _Comment(clip.path, old, text)

    def _keep_comment(self, path: Path, text: str) -> None:
        self._written[path] = text
        self._clips = tuple(map(self._with_comment, self._clips))
        self._written[path] = text

    def _finish(self, job: int, result: "JobResult") -> None:
        if job not in self._own_jobs:
            return
        self._own_jobs.discard(job)
        comment = self._comments.pop(job, None)
        if comment is not None and result.failed:
            self._take_back(comment)
        banner = job_result_banner(result)
        if banner is not None:
            self.told.emit(banner)

    def _take_back(self, comment: _Comment) -> None:
        """It is not on the disk: show what is, unless more was written meanwhile."""
        if self._written.get(comment.path) == comment.new:
            self._keep_comment(comment.path, comment.old)
            del self._written[comment.path]
        card = self.view.card(comment.path)
        if card is not None:
            card.comment.take_back(comment.new, comment.old)
