"""The timeline: a day of several cameras, to zoom, to search and to mark.

Knows no file and no player: it is given clips and moments, and tells what a person wants.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import Theme
from vms_desktop.ui.playback.timeline.drags import (
    CLICK_PX,
    Drag,
    drag_at,
    key_action,
    mark_at,
    on_handle,
)
from vms_desktop.ui.playback.timeline.hover import Hover, Spot
from vms_desktop.ui.playback.timeline.surface import TimelineSurface
from vms_desktop.ui.playback.timeline.words import clip_words, moment_words

NARROW_PX: Final = 6
# Before a clip's end there is still a picture.
EDGE_S: Final = 1.0
# Per notch of the wheel: 28 of them from a day to a minute.
ZOOM_STEP: Final = 1.3
PAN_SHARE: Final = 0.1
_NOTCH = 120
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TimelineView(TimelineSurface):
    """A timeline with hands: the wheel zooms, a drag seeks or pans, keys do the same.

    Attributes:
        is_key_focused: Whether the focus came by a key. After a click Up and Down
            remain the window's, and no frame is drawn.

    Signals:
        seek_wanted: A moment (aware, local), by click, drag or key.
        scrub_began, scrub_ended: Around the seeks of one drag.
        row_chosen: The key of the row that a person chose.
        hovered: Row and moment for which a picture is wanted (`show_hover_picture`).
        unhovered: It is wanted no more.
        clip_activated: A double-clicked clip, or Enter at the playhead.
        menu_wanted: Row (or empty), moment and place on the screen.
    """

    seek_wanted = Signal(object)
    scrub_began = Signal()
    scrub_ended = Signal()
    row_chosen = Signal(str)
    hovered = Signal(str, object)
    unhovered = Signal()
    clip_activated = Signal(object)
    menu_wanted = Signal(str, object, QPoint)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(theme, parent, zone)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._drag: Drag | None = None
        self._pressed_at = QPointF()
        self._is_click = False
        self._hover = Hover(self)
        self._hover.hovered.connect(self.hovered)
        self._hover.unhovered.connect(self.unhovered)

    def set_span(self, start: datetime, end: datetime, clips: Sequence[IndexedClip] = ()) -> None:
        before = self._clock
        super().set_span(start, end, clips)
        if self._clock is not before:
            self._unpoint()

    def set_position(self, at: datetime) -> None:
        """Playback is there; passed over while a person holds the playhead or the day."""
        if self._drag is None:
            super().set_position(at)

    def mark_start(self) -> None:
        """Mark I at the playhead; an end that is earlier is dropped."""
        end_s = self.marks_s[1]
        if self.position_s is not None:
            keeps = end_s is not None and end_s > self.position_s
            self.change_marks(self.position_s, end_s if keeps else None)

    def mark_end(self) -> None:
        """Mark O at the playhead; a start that is later is dropped."""
        start_s = self.marks_s[0]
        if self.position_s is not None:
            keeps = start_s is not None and start_s < self.position_s
            self.change_marks(start_s if keeps else None, self.position_s)

    def clear_marks(self) -> None:
        """Take both marks away."""
        self.change_marks(None, None)

    def show_hover_picture(
        self, key: str, at: datetime, picture: QImage | QPixmap | None, text: str = ""
    ) -> None:
        """Answer `hovered`; an answer that is too late is passed over.

        Args:
            key: The row that was asked for.
            at: The moment that was asked for.
            picture: May come twice: the thumbnail first, then the exact frame.
            text: What to say instead of time and length.
        """
        self._hover.show_picture(key, self._clip_at(key, at.timestamp()), picture, text)

    def seek(self, at_s: float) -> None:
        """Put the playhead somewhere, in sight, and tell."""
        self.position_s = self.view.held(at_s)
        self.look_at(self.view.reaching(self.position_s))
        self._describe()
        self.update()
        self.seek_wanted.emit(self._local(self.position_s))

    def change_marks(self, start_s: float | None, end_s: float | None) -> None:
        """Put the marks somewhere."""
        if (start_s, end_s) != self.marks_s:
            self.marks_s = (start_s, end_s)
            self._describe()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            return
        self._unpoint()
        self._pressed_at, self._is_click = event.position(), True
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose_at(event.position().y())
        self._drag = drag_at(self, event.position(), event.button())
        if self._drag is not None:
            self.setCursor(self._drag.cursor)
            if event.button() is Qt.MouseButton.LeftButton:
                self._press_playhead(event.position())

    def _press_playhead(self, at: QPointF) -> None:
        """On the tracks the playhead comes to the pointer at once, into a clip drawn there."""
        row = self.places.row_at(at.y())
        if self._drag is not None and self.places.tracks.contains(at.toPoint()):
            at_s = self.view.at(at.x() - self.places.tracks.left())
            clip = None if row is None else self._clip_at(self._rows[row].row.key, at_s)
            self.seek(_within(clip, at_s, self.view.px_per_s))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            self._point_at(event.position())
            return
        if (event.position() - self._pressed_at).manhattanLength() > CLICK_PX:
            self._is_click = False
        if not self._is_click:
            self._drag.move(event.position().x() - self.places.tracks.left())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            self.unsetCursor()
            x = event.position().x() - self.places.tracks.left()
            drag.end(x, was_click=self._is_click)
            self._describe()
        if self._is_click and event.button() is Qt.MouseButton.RightButton:
            self._want_menu(event.position(), event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        clip = self._clip_under(event.position())
        if clip is not None and event.button() is Qt.MouseButton.LeftButton:
            self.clip_activated.emit(clip)

    def leaveEvent(self, event: QEvent) -> None:
        self._unpoint()

    def hideEvent(self, event: QHideEvent) -> None:
        self._unpoint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        sideways = delta.x() if abs(delta.x()) > abs(delta.y()) else 0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways = sideways or delta.y()
        x = event.position().x() - self.places.tracks.left()
        if sideways:
            self.look_at(self.view.panned(-sideways / _NOTCH * PAN_SHARE * self.view.length_s))
        elif x < 0 and self.places.hidden_px:
            self._bar.setValue(self._bar.value() - delta.y() * self.places.pitch_px // _NOTCH)
        else:
            about_s = self.view.at(max(0.0, min(self.view.width_px, x)))
            self.look_at(self.view.zoomed(ZOOM_STEP ** (delta.y() / _NOTCH), about_s))
        if self._drag is None and self._hover.spot is not None:
            self._point_at(event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key; a click of the mouse is told at its release, since it may be a drag."""
        event.accept()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.position_s is not None:
            place = self.mapToGlobal(self.places.tracks.center())
            self.menu_wanted.emit(self._chosen, self._local(self.position_s), place)

    def event(self, event: QEvent) -> bool:
        """Its keys come here first, even where the window has them for something else."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and key_action(self, event) is not None
        ):
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = key_action(self, event)
        if action is None:
            super().keyPressEvent(event)
            return
        action()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.is_key_focused = event.reason() in _BY_KEY
        self.update()
        self._describe()
        super().focusInEvent(event)

    def choose_next_row(self, by: int) -> None:
        """Choose the row above or below, as a person does."""
        keys = [row.row.key for row in self._rows]
        if keys:
            number = keys.index(self._chosen) + by
            self._choose(keys[max(0, min(len(keys) - 1, number))])

    def turn_page(self, pages: int) -> None:
        """Look as much later as is seen, or earlier."""
        self.look_at(self.view.panned(pages * self.view.length_s))

    def activate_clip(self) -> None:
        """Activate the chosen row's clip at the playhead."""
        if self.position_s is not None:
            clip = self._clip_at(self._chosen, self.position_s)
            if clip is not None:
                self.clip_activated.emit(clip)

    def drop_mark(self, number: int) -> None:
        """Take the first or the second mark away."""
        start_s, end_s = self.marks_s
        self.change_marks(*((None, end_s) if number == 0 else (start_s, None)))

    def _choose(self, key: str) -> None:
        if key != self._chosen:
            self.choose_row(key)
            self.row_chosen.emit(key)

    def _choose_at(self, y_px: float) -> None:
        row = self.places.row_at(y_px)
        if row is not None:
            self._choose(self._rows[row].row.key)

    def _point_at(self, at: QPointF) -> None:
        """The pointer is there, with no button pressed."""
        self.setCursor(self._cursor_at(at))
        row = self.places.row_at(at.y())
        if row is None or not self.places.tracks.contains(at.toPoint()):
            self._unpoint()
            return
        at_s = self.view.at(at.x() - self.places.tracks.left())
        clips = self._rows[row]
        clip = self._clip_at(clips.row.key, at_s)
        moment = self._local(_within(clip, at_s, self.view.px_per_s))
        gap = clips.gap_at(at_s) if clip is None else None
        text = clip_words(moment, clip) if clip else moment_words(moment, gap)
        place = QPoint(round(at.x()), self.places.ruler.top())
        self._pointer_x = at.x()
        self._hover.point_at(Spot(clips.row.key, moment, clip, text, place))
        self.update()

    def _unpoint(self) -> None:
        if self._hover.spot is not None:
            self._hover.leave()
            self._pointer_x = None
            self.update()

    def _cursor_at(self, at: QPointF) -> Qt.CursorShape:
        if mark_at(self, at) is not None or on_handle(self, at):
            return Qt.CursorShape.SizeHorCursor
        if self.places.ruler.contains(at.toPoint()) and not self.view.is_whole:
            return Qt.CursorShape.OpenHandCursor
        return Qt.CursorShape.ArrowCursor

    def _tip_at(self, at: QPointF) -> str:
        row = self.places.row_at(at.y())
        if row is not None:
            is_name = at.x() <= self.places.names.right()
            return self._rows[row].row.name if is_name else ""
        mark = mark_at(self, at)
        if mark is not None:
            return (
                self.tr("Start of the range (I)") if mark == 0 else self.tr("End of the range (O)")
            )
        return self.tr("Wheel: zoom (+, −, 0: whole day) · Drag: move · I, O: mark a range")

    def _want_menu(self, at: QPointF, place: QPoint) -> None:
        row = self.places.row_at(at.y())
        key = "" if row is None else self._rows[row].row.key
        moment_s = self.view.at(at.x() - self.places.tracks.left())
        self.menu_wanted.emit(key, self._local(moment_s), place)

    def _clip_under(self, at: QPointF) -> IndexedClip | None:
        row = self.places.row_at(at.y())
        if row is None or not self.places.tracks.contains(at.toPoint()):
            return None
        at_s = self.view.at(at.x() - self.places.tracks.left())
        return self._clip_at(self._rows[row].row.key, at_s)


def _within(clip: IndexedClip | None, at_s: float, px_per_s: float) -> float:
    """A moment; the nearest of a clip that is drawn there, the first of one too narrow to hit."""
    if clip is None:
        return at_s
    start_s, end_s = clip.start_at.timestamp(), clip.end_at.timestamp()
    if start_s <= at_s < end_s:
        return at_s
    is_narrow = (end_s - start_s) * px_per_s < NARROW_PX
    return start_s if at_s < start_s or is_narrow else max(start_s, end_s - EDGE_S)
