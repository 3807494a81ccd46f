"""The gestures of a mouse button on a timeline, from press to release; and its keys."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from vms_desktop.ui.playback.timeline.painter import HANDLE_PX

if TYPE_CHECKING:
    from vms_desktop.ui.playback.timeline.view import TimelineView


# A hand trembles so far in a click.
CLICK_PX = 4


class Drag(Protocol):
    """One gesture; `x_px` counts from the left edge of the tracks."""

    cursor: Qt.CursorShape

    def move(self, x_px: float) -> None:
        """The pointer is elsewhere."""

    def end(self, x_px: float, *, was_click: bool) -> None:
        """The button is released."""


class Scrub:
    """The playhead follows the pointer."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, timeline: "TimelineView") -> None:
        self._timeline = timeline
        timeline.scrub_began.emit()

    def move(self, x_px: float) -> None:
        """Seek there; what is beyond the edge comes into sight."""
        self._timeline.seek(self._timeline.view.at(x_px))

    def end(self, x_px: float, *, was_click: bool) -> None:
        """Tell that the search is over."""
        self._timeline.scrub_ended.emit()


class Pan:
    """The day follows the pointer; a mere click seeks where `seeks` says so."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, timeline: "TimelineView", x_px: float, *, seeks: bool) -> None:
        self._timeline = timeline
        self._held_from, self._held_x = timeline.view, x_px
        self._seeks = seeks

    def move(self, x_px: float) -> None:
        """What was under the pointer stays under it."""
        by_s = (self._held_x - x_px) / self._held_from.px_per_s
        self._timeline.look_at(self._held_from.panned(by_s))

    def end(self, x_px: float, *, was_click: bool) -> None:
        """A click has moved nothing."""
        if was_click:
            self._timeline.look_at(self._held_from)
            if self._seeks:
                self._timeline.seek(self._timeline.view.at(x_px))


class MoveMark:
    """A mark follows the pointer; pulled over the other it takes that one along."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, timeline: "TimelineView", number: int) -> None:
        self._timeline, self._number = timeline, number

    def move(self, x_px: float) -> None:
        """Put the mark there."""
        at_s = self._timeline.view.at(x_px)
        start_s, end_s = self._timeline.marks_s
        if self._number == 0:
            self._timeline.change_marks(at_s, None if end_s is None else max(at_s, end_s))
        else:
            self._timeline.change_marks(None if start_s is None else min(at_s, start_s), at_s)

    def end(self, x_px: float, *, was_click: bool) -> None:
        """It stays where it is."""


class Overview:
    """The place of the overview strip at the pointer comes into the middle."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, timeline: "TimelineView", x_px: float) -> None:
        self._timeline = timeline
        self.move(x_px)

    def move(self, x_px: float) -> None:
        """Look there."""
        view = self._timeline.view
        whole_s = view.last_s - view.first_s
        at_s = view.held(view.first_s + x_px / view.width_px * whole_s)
        self._timeline.look_at(view.centred(at_s))

    def end(self, x_px: float, *, was_click: bool) -> None:
        """It stays where it is."""


def drag_at(timeline: "TimelineView", at: QPointF, button: Qt.MouseButton) -> Drag | None:
    """The gesture that pressing a button there begins; None where a click is enough."""
    places = timeline.places
    x = at.x() - places.tracks.left()
    on_tracks, on_ruler = (area.contains(at.toPoint()) for area in (places.tracks, places.ruler))
    if button is not Qt.MouseButton.LeftButton:
        return Pan(timeline, x, seeks=False) if on_tracks or on_ruler else None
    number = mark_at(timeline, at)
    if number is not None:
        return MoveMark(timeline, number)
    if on_tracks or on_handle(timeline, at):
        return Scrub(timeline)
    if on_ruler:
        return Pan(timeline, x, seeks=True)
    reach = places.overview.adjusted(0, -3, 0, 3)
    on_overview = not timeline.view.is_whole and reach.contains(at.toPoint())
    return Overview(timeline, x) if on_overview else None


def mark_at(timeline: "TimelineView", at: QPointF) -> int | None:
    """0 for the flag of the first mark, 1 for that of the second, which hang in the ruler."""
    places = timeline.places
    if not places.handles.top() <= at.y() <= places.handles.bottom():
        return None
    for number, (at_s, side) in enumerate(zip(timeline.marks_s, (-1, 1), strict=True)):
        if at_s is None or not timeline.view.shows(at_s):
            continue
        away = (at.x() - places.ruler.left() - timeline.view.x_of(at_s)) * side
        if -1 <= away <= HANDLE_PX + 4:
            return number
    return None


def on_handle(timeline: "TimelineView", at: QPointF) -> bool:
    """Whether the playhead's handle is there."""
    places, position_s = timeline.places, timeline.position_s
    if position_s is None or not places.handles.top() <= at.y() <= places.handles.bottom():
        return False
    away = abs(at.x() - places.ruler.left() - timeline.view.x_of(position_s))
    return timeline.view.shows(position_s) and away <= HANDLE_PX / 2 + 2


_SHIFT = Qt.KeyboardModifier.ShiftModifier
# Where + and the digits lie depends on the keyboard.
_PASSED_OVER = _SHIFT | Qt.KeyboardModifier.KeypadModifier


def key_action(timeline: "TimelineView", event: QKeyEvent) -> Callable[[], None] | None:
    """The action of a key; None for one that the timeline leaves to others."""
    if event.modifiers() & ~_PASSED_OVER:
        return None
    key = Qt.Key(event.key())
    if event.modifiers() & _SHIFT and key in (Qt.Key.Key_I, Qt.Key.Key_O):
        return lambda: timeline.drop_mark(0 if key is Qt.Key.Key_I else 1)
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not timeline.is_key_focused:
        return None
    return {
        Qt.Key.Key_Plus: timeline.zoom_in,
        Qt.Key.Key_Equal: timeline.zoom_in,
        Qt.Key.Key_Minus: timeline.zoom_out,
        Qt.Key.Key_0: timeline.zoom_all,
        Qt.Key.Key_I: timeline.mark_start,
        Qt.Key.Key_O: timeline.mark_end,
        Qt.Key.Key_Up: lambda: timeline.choose_next_row(-1),
        Qt.Key.Key_Down: lambda: timeline.choose_next_row(1),
        Qt.Key.Key_PageUp: lambda: timeline.turn_page(-1),
        Qt.Key.Key_PageDown: lambda: timeline.turn_page(1),
        Qt.Key.Key_Return: timeline.activate_clip,
        Qt.Key.Key_Enter: timeline.activate_clip,
    }.get(key)
