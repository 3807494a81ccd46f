"""A day's clips as pictures, grouped by the hour: beside the player, or as wide as the page."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.ui.base import icons, open_path
from vms_desktop.ui.playback.gallery.bars import GalleryHeader, GallerySelection
from vms_desktop.ui.playback.gallery.delegate import COMPACT, GAP_PX, WIDE
from vms_desktop.ui.playback.gallery.model import ClipFilter, GalleryModel
from vms_desktop.ui.playback.gallery.view import GalleryView
from vms_desktop.ui.widgets import PlainLabel

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme
    from vms_desktop.ui.clips import ClipThumbnails

_PAD_PX = 12


class ClipGallery(QWidget):
    """Shows the clips that it is given; copes with thousands of them.

    Args:
        thumbnails: Whoever made them stops them.
        compact: For the panel beside the player: one clip is selected, and a
            click plays it. Else several can be, and a double click plays.

    Attributes:
        view: The list.

    Signals:
        clip_activated: A clip is to be played; never one that cannot be.
        selection_changed: The clips that are selected now.
        delete_wanted, archive_wanted, export_wanted: For these clips; a person
            still has to be asked before they are deleted.
    """

    clip_activated = Signal(object)
    selection_changed = Signal(object)
    delete_wanted = Signal(object)
    archive_wanted = Signal(object)
    export_wanted = Signal(object)

    def __init__(
        self,
        theme: "Theme",
        thumbnails: "ClipThumbnails",
        parent: QWidget | None = None,
        *,
        compact: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("galleryPanel" if compact else "galleryPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._thumbnails = thumbnails
        self._compact = compact
        self._model = GalleryModel(self)
        self.view = GalleryView(self._model, theme, thumbnails, COMPACT if compact else WIDE)
        self.view.setAccessibleName(self.tr("Recordings by hour"))
        self._make_actions(theme)
        self._header = GalleryHeader(compact=compact)
        self._bar = GallerySelection((self._play, self._archive, self._export, self._delete), theme)
        self._empty = PlainLabel(quiet=True)
        self._show_all = QPushButton(self.tr("Show all"))
        self._stack = QStackedLayout()
        self._place()
        self._connect()
        self._show_state()

    def set_clips(self, clips: tuple[IndexedClip, ...]) -> None:
        """Show these clips; what is selected, closed and in sight stays so."""
        for clip in self._model.show(clips):
            self._thumbnails.forget(clip)
        self._show_state()

    def set_current(self, path: Path | None) -> None:
        """Outline the clip that is in the player."""
        self.view.show_as_current(path)

    def selected(self) -> tuple[IndexedClip, ...]:
        """The clips that are selected, newest first."""
        return self.view.selected()

    def select(self, paths: Collection[Path]) -> None:
        """Select these clips as well, as far as they are shown."""
        self.view.select_also(paths)

    def clear_selection(self) -> bool:
        """Select nothing; whether anything was selected."""
        had_any = self.view.selectionModel().hasSelection()
        self.view.clearSelection()
        return had_any

    def _make_actions(self, theme: "Theme") -> None:
        self._play = self._action(self.tr("Play"), "play", self.tr("Play (Enter)"), theme)
        self._archive = self._action(
            self.tr("Archive"), "archive", self.tr("Keep for good, in the archives"), theme
        )
        self._export = self._action(
            self.tr("Export…"), "export", self.tr("Save copies of these clips"), theme
        )
        self._delete = self._action(self.tr("Delete…"), "trash", self.tr("Delete (Del)"), theme)
        self._folder = self._action(
            self.tr("Show in folder"), "folder", self.tr("Show the file in its folder"), theme
        )

    def _action(self, text: str, icon: str, tip: str, theme: "Theme") -> QAction:
        action = QAction(icons.icon(icon, theme), text, self)
        action.setToolTip(tip)
        return action

    def _place(self) -> None:
        self._stack.addWidget(self._padded_list())
        self._stack.addWidget(self._made_empty())
        column = QVBoxLayout(self)
        column.setContentsMargins(1 if self._compact else 0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(self._stack, 1)
        column.addWidget(self._bar)

    def _padded_list(self) -> QWidget:
        page = QWidget()
        row = QVBoxLayout(page)
        row.setContentsMargins(_PAD_PX - GAP_PX, 0, 0, 0)
        row.addWidget(self.view)
        return page

    def _made_empty(self) -> QWidget:
        page = QWidget()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 40, 24, 24)
        column.setSpacing(12)
        column.addWidget(self._empty)
        column.addWidget(self._show_all, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _connect(self) -> None:
        view = self.view
        view.opened.connect(self._open)
        view.chosen.connect(self._show_selection)
        view.delete_pressed.connect(self._delete.trigger)
        view.delete_hour_wanted.connect(lambda hour: self.delete_wanted.emit(hour.deletable))
        view.menu_wanted.connect(self._show_menu)
        self._header.filter_changed.connect(self._filter)
        self._show_all.clicked.connect(self._header.show_all)
        self._play.triggered.connect(self._open_first)
        self._folder.triggered.connect(self._open_folder)
        self._archive.triggered.connect(self._want_archive)
        self._export.triggered.connect(lambda: self.export_wanted.emit(self.selected()))
        self._delete.triggered.connect(lambda: self.delete_wanted.emit(self.selected()))

    def _show_state(self) -> None:
        clips = self._model.clips()
        self._header.show_clips(clips)
        self._stack.setCurrentIndex(0 if clips else 1)
        self._show_all.setVisible(self._model.has_any)
        if self._model.has_any:
            self._empty.setText(self.tr("No clip is that long, or moves that much."))
        else:
            self._empty.setText(self.tr("Nothing was recorded. The clips of a day appear here."))
        self._show_selection()

    def _show_selection(self) -> None:
        clips = self.selected()
        self._bar.setVisible(bool(clips) and not self._compact)
        self._bar.show_clips(clips)
        self._play.setEnabled(any(map(_can_play, clips)))
        self._archive.setEnabled(any(not clip.is_archived for clip in clips))
        self._export.setEnabled(any(map(_can_play, clips)))
        self.selection_changed.emit(clips)

    def _filter(self, chosen: ClipFilter) -> None:
        self._model.set_filter(chosen)
        self._show_state()

    def _open(self, clip: IndexedClip) -> None:
        if _can_play(clip):
            self.clip_activated.emit(clip)

    def _open_first(self) -> None:
        """Play what is selected, from its oldest clip on."""
        playable = [clip for clip in self.selected() if _can_play(clip)]
        if playable:
            self.clip_activated.emit(playable[-1])

    def _open_folder(self) -> None:
        for folder in {clip.path.parent for clip in self.selected()}:
            open_path(folder)

    def _want_archive(self) -> None:
        self.archive_wanted.emit(tuple(clip for clip in self.selected() if not clip.is_archived))

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions([self._play, self._archive, self._export, self._folder])
        menu.addSeparator()
        menu.addAction(self._delete)
        menu.popup(at)


def _can_play(clip: IndexedClip) -> bool:
    return clip.state is not ClipState.UNREADABLE
