"""The widgets of the Playback page, and where they stand."""

import base64
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from vms_desktop.ui.base import PageKey
from vms_desktop.ui.clips import ClipThumbnails
from vms_desktop.ui.picture import show_dark
from vms_desktop.ui.playback.bar import TIMELINE, PlaybackBar
from vms_desktop.ui.playback.calendar import DayCalendar
from vms_desktop.ui.playback.camera_list import CameraList, KindChecks, SidePanel
from vms_desktop.ui.playback.gallery import ClipGallery
from vms_desktop.ui.playback.maintenance import LibraryMenu, MaintenanceLine
from vms_desktop.ui.playback.nothing_recorded import NothingRecorded
from vms_desktop.ui.playback.players import GAP_PX, Players
from vms_desktop.ui.playback.timeline import TimelineView
from vms_desktop.ui.playback.transport import Transport

if TYPE_CHECKING:
    from vms_desktop.ui.base import Actions, Theme
    from vms_desktop.ui.clips import LibraryServices
    from vms_desktop.workers.camera import Fleet

_SIDE_PX, _GALLERY_PX = 236, 300
_NARROW_PX = 1400
# In a page narrower than that the pictures keep their room.
_NARROW_SIDE_PX, _NARROW_GALLERY_PX = 208, 224
# In a page narrower than that the clips stand under *Recordings* alone.
_NO_GALLERY_PX = 1000
_SPLITTERS = ("playback_columns", "playback_rows")


class PlaybackParts:
    """Made once per page.

    Attributes:
        mode: `TIMELINE` or `RECORDINGS`.
        is_empty: Whether nothing was ever recorded.
    """

    def __init__(
        self,
        page: QWidget,
        fleet: "Fleet",
        review: "LibraryServices",
        actions: "Actions",
        theme: "Theme",
        today: date,
    ) -> None:
        self.mode = TIMELINE
        self.is_empty = False
        self._is_dragged = self._are_columns_placed = False
        self._is_full_screen = self._is_narrow = False
        self.bar = PlaybackBar(actions.playback, theme)
        self.calendar = DayCalendar(theme, today)
        self.cameras = CameraList()
        self.kinds = KindChecks()
        self.players = Players(review.playback, theme)
        self.transport = Transport(actions.playback, theme)
        self.timeline = TimelineView(theme)
        self.thumbnails = ClipThumbnails(review.thumbnails, fleet.layout, page)
        self.gallery = ClipGallery(theme, self.thumbnails, compact=True)
        self.recordings = ClipGallery(theme, self.thumbnails)
        self.maintenance = MaintenanceLine(review.index.indexer, fleet, theme)
        self._nothing = NothingRecorded(actions.pages[PageKey.LIVE], theme)
        self._side = SidePanel(self.calendar, self.cameras, self.kinds)
        self._centre = QStackedWidget()
        self._screen = self._made_screen()
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._columns = QSplitter()
        self._column = QVBoxLayout(page)
        self.bar.set_menu(LibraryMenu(self.maintenance, self.bar))
        self._place()

    def stop(self) -> None:
        """Let go of the player, and read no more thumbnails."""
        self.players.stop()
        self.thumbnails.stop()

    def set_mode(self, mode: str) -> None:
        """Show the players with the timeline, or the recordings alone."""
        self.mode = mode
        self.bar.show_mode(mode)
        is_timeline = mode == TIMELINE
        self._centre.setCurrentWidget(self._rows if is_timeline else self.recordings)
        self._show_sides()
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """Give the keyboard to what the mode is about."""
        if self.is_empty:
            self._nothing.setFocus()
        else:
            (self.players if self.mode == TIMELINE else self.recordings.view).setFocus()

    def set_empty(self, is_empty: bool) -> None:
        """Say what the page is for, where nothing was ever recorded."""
        self.is_empty = is_empty
        self._columns.setVisible(not is_empty)
        self._nothing.setVisible(is_empty)

    def set_full_screen(self, full: bool) -> None:
        """Nothing but pictures and transport is shown on a full screen."""
        self._is_full_screen = full
        show_dark(self._screen, full)
        self.timeline.setVisible(not full)
        self._show_sides()

    def _show_sides(self) -> None:
        has_room = not (self._is_full_screen or self._is_narrow)
        self._side.setVisible(not self._is_full_screen)
        self.gallery.setVisible(has_room and self.mode == TIMELINE)

    def fit_columns(self, width: int) -> None:
        """Hide what a narrow page has no room for; give the sides their first widths."""
        self._is_narrow = width < _NO_GALLERY_PX
        self._show_sides()
        if self._are_columns_placed:
            return
        self._are_columns_placed = True
        is_narrow = width < _NARROW_PX
        side = _NARROW_SIDE_PX if is_narrow else _SIDE_PX
        gallery = _NARROW_GALLERY_PX if is_narrow else _GALLERY_PX
        self._columns.setSizes([side, width - side - gallery, gallery])

    def fit_timeline(self) -> None:
        """Give the timeline the height of its rows, unless a person has chosen another."""
        if not self._is_dragged and (height := self._rows.height()):
            wanted = min(self.timeline.sizeHint().height(), height // 3)
            if self.timeline.height() != wanted:
                self._rows.setSizes([height - wanted, wanted])

    def _keep_dragged(self, *_place: int) -> None:
        self._is_dragged = True

    def places(self) -> dict[str, str]:
        """The splitters, to be kept."""
        splitters = zip(_SPLITTERS, (self._columns, self._rows), strict=True)
        return {
            name: base64.b64encode(splitter.saveState().data()).decode("ascii")
            for name, splitter in splitters
            if splitter is self._columns or self._is_dragged
        }

    def restore(self, kept: Mapping[str, str]) -> None:
        """Put the splitters where they were."""
        for name, splitter in zip(_SPLITTERS, (self._columns, self._rows), strict=True):
            if state := kept.get(name):
                splitter.restoreState(QByteArray.fromBase64(state.encode()))
        self._are_columns_placed, self._is_dragged = (name in kept for name in _SPLITTERS)

    def _place(self) -> None:
        self._rows.addWidget(self._screen)
        self._rows.addWidget(self.timeline)
        self._rows.setStretchFactor(0, 1)
        self._rows.setCollapsible(0, False)
        self._rows.splitterMoved.connect(self._keep_dragged)
        for widget in (self._rows, self.recordings):
            self._centre.addWidget(widget)
        for part in (self._side, self._centre, self.gallery):
            self._columns.addWidget(part)
        self._columns.setStretchFactor(1, 1)
        self._columns.setCollapsible(1, False)
        self.gallery.setMinimumWidth(220)
        for splitter in (self._rows, self._columns):
            splitter.setHandleWidth(1)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.maintenance)
        self._column.addWidget(self._columns, 1)
        self._column.addWidget(self._nothing, 1)

    def _made_screen(self) -> QWidget:
        """The pictures with their frame, and the transport below."""
        screen, frame = QWidget(), QWidget()
        around = QVBoxLayout(frame)
        around.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        around.addWidget(self.players)
        column = QVBoxLayout(screen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(frame, 1)
        column.addWidget(self.transport)
        return screen
