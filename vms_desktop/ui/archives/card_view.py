"""The cards of the archives by day; only those in sight are widgets, however many there are."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.archives.card import ArchiveCard
from vms_desktop.ui.archives.shelf import GAP_PX, Day, Plan, plan
from vms_desktop.ui.base import long_day
from vms_desktop.ui.clips import ClipPainter

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme
    from vms_desktop.ui.clips import ClipThumbnails

# Cards are made this far beyond what is in sight: the Tab key finds the next row.
_BEYOND_PX = 400


class CardView(QScrollArea):
    """Shows days of archived clips as cards.

    Signals:
        selection_changed: Other clips are selected.
        play_wanted: An `IndexedClip`.
        export_wanted, restore_wanted, delete_wanted: The clips it is about:
            all that are selected, where the one that was asked for is among them.
        commented: An `IndexedClip`, and its new comment.
    """

    selection_changed = Signal()
    play_wanted = Signal(object)
    export_wanted = Signal(object)
    restore_wanted = Signal(object)
    delete_wanted = Signal(object)
    commented = Signal(object, str)

    def __init__(
        self, theme: "Theme", thumbnails: "ClipThumbnails", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("archivesView")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme = theme
        self._thumbnails = thumbnails
        self._painter = ClipPainter(theme)
        self._days: tuple[Day, ...] = ()
        self._clips: dict[Path, IndexedClip] = {}
        self._cards: dict[Path, ArchiveCard] = {}
        self._headings: dict[date, QLabel] = {}
        self._selected: set[Path] = set()
        self._anchor: Path | None = None
        self._page = QWidget()
        self._page.setObjectName("archivesShelf")
        self.setWidget(self._page)
        self._plan = plan((), 0)
        self.verticalScrollBar().valueChanged.connect(self._refresh)

    def show_days(self, days: tuple[Day, ...]) -> None:
        """Show these clips; what is selected and in sight stays so."""
        number = self._number_of_focused()
        self._days = days
        self._clips = {clip.path: clip for day in days for clip in day.clips}
        gone = self._selected - self._clips.keys()
        self._selected -= gone
        self._lay_out()
        for path, card in self._cards.items():
            card.show_clip(self._clips[path])
        if gone:
            self.selection_changed.emit()
        if number is not None and self._number_of_focused() is None and self._plan.order:
            self.go_to(self._plan.order[min(number, len(self._plan.order) - 1)].path)

    def _number_of_focused(self) -> int | None:
        """The number of the card that has the keyboard; None where none has."""
        focused = QApplication.focusWidget()
        if focused is None:
            return None
        for number, path in enumerate(self._plan.cards):
            if path in self._cards and self._cards[path].isAncestorOf(focused):
                return number
        return None

    def selected(self) -> tuple[IndexedClip, ...]:
        """The clips that are selected, newest first."""
        return tuple(clip for clip in self._plan.order if clip.path in self._selected)

    def select(self, paths: Iterable[Path]) -> None:
        """Select these clips and no other."""
        self._selected = set(paths) & self._clips.keys()
        for path, card in self._cards.items():
            card.picture.set_selected(path in self._selected)
        self.selection_changed.emit()

    def card(self, path: Path) -> ArchiveCard | None:
        """The card of a clip, where it is in sight or near."""
        return self._cards.get(path)

    def go_to(self, path: Path) -> None:
        """Bring a clip's card into sight and give it the keyboard."""
        place = self._plan.cards.get(path)
        if place is None:
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if place.bottom() + GAP_PX > bar.value() + height:
            bar.setValue(place.bottom() + GAP_PX - height)
        if place.y() - GAP_PX < bar.value():
            bar.setValue(place.y() - GAP_PX)
        self._cards[path].picture.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_keyboard(self) -> None:
        """Give the keyboard to the first card that is selected, or to the first of all."""
        first = next(iter(self.selected() or self._plan.order), None)
        if first is not None:
            self.go_to(first.path)

    def save_comments(self) -> None:
        """Have every comment saved that is still being written."""
        for card in self._cards.values():
            card.comment.save()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select(self._clips)
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        # The bar keeps its room where it is not wanted: no card moves as it comes and goes.
        width = self.maximumViewportSize().width() - self.verticalScrollBar().sizeHint().width()
        self._plan = plan(self._days, width)
        self._page.resize(width, self._plan.height_px)
        self._refresh()

    def _refresh(self) -> None:
        """Make what has come into sight, and let go of what is far from it."""
        top = self.verticalScrollBar().value() - _BEYOND_PX
        near = QRect(0, top, self.width(), self.viewport().height() + 2 * _BEYOND_PX)
        self._show_headings(self._plan, near)
        wanted = {path for path, place in self._plan.cards.items() if place.intersects(near)}
        for path in [path for path in self._cards if path not in wanted]:
            if path not in self._clips or not self._is_in_use(self._cards[path]):
                self._drop(path)
        missing = wanted - self._cards.keys()
        for path in missing:
            self._cards[path] = self._made(self._clips[path])
        for path, card in self._cards.items():
            card.set_picture_height(self._plan.picture_px)
            card.setGeometry(self._plan.cards[path])
            card.show()
        if missing:
            self._order_tabs()

    def _show_headings(self, planned: Plan, near: QRect) -> None:
        wanted = {day: place for day, place in planned.headings.items() if place.intersects(near)}
        for day in [day for day in self._headings if day not in wanted]:
            self._headings.pop(day).deleteLater()
        for day, place in wanted.items():
            if day not in self._headings:
                self._headings[day] = QLabel(long_day(day), self._page)
                self._headings[day].setObjectName("archivesDay")
            self._headings[day].setGeometry(place)
            self._headings[day].show()

    def _is_in_use(self, card: ArchiveCard) -> bool:
        return card.isAncestorOf(QApplication.focusWidget() or self) or card.comment.is_edited

    def _drop(self, path: Path) -> None:
        card = self._cards.pop(path)
        card.comment.save()
        card.hide()
        card.deleteLater()

    def _made(self, clip: IndexedClip) -> ArchiveCard:
        card = ArchiveCard(clip, self._thumbnails, self._painter, self._theme, self._page)
        path = clip.path
        card.picture.set_selected(path in self._selected)
        card.picture.clicked.connect(lambda modifiers: self._click(path, modifiers))
        card.picture.moved.connect(lambda key: self._move(path, key))
        card.play_wanted.connect(lambda: self.play_wanted.emit(card.clip))
        card.commented.connect(lambda text: self.commented.emit(card.clip, text))
        card.export_wanted.connect(lambda: self.export_wanted.emit(self._with_selected(card)))
        card.restore_wanted.connect(lambda: self.restore_wanted.emit(self._with_selected(card)))
        card.delete_wanted.connect(lambda: self.delete_wanted.emit(self._with_selected(card)))
        return card

    def _with_selected(self, card: ArchiveCard) -> tuple[IndexedClip, ...]:
        return self.selected() if card.clip.path in self._selected else (card.clip,)

    def _order_tabs(self) -> None:
        cards = [self._cards[path] for path in self._plan.cards if path in self._cards]
        for before, after in pairwise(stop for card in cards for stop in card.tab_stops()):
            QWidget.setTabOrder(before, after)

    def _click(self, path: Path, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier and self._anchor in self._clips:
            self.select(self._between(self._anchor, path))
            return
        self._anchor = path
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.select(self._selected ^ {path})
        else:
            self.select({path})

    def _between(self, one: Path, other: Path) -> Iterator[Path]:
        paths = list(self._plan.cards)
        first, last = sorted((paths.index(one), paths.index(other)))
        yield from paths[first : last + 1]

    def _move(self, path: Path, key: Qt.Key) -> None:
        other = self._plan.neighbour(path, key)
        if other is not None:
            self.go_to(other)
