"""The picture on which areas are drawn and changed, with the mouse or with the keyboard.

`edits` decides what happens to the areas, `painter` how they look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from vms_desktop.core.base import ConfigError
from vms_desktop.core.config import Point, Zone, ZoneKind
from vms_desktop.ui.base import wants_menu
from vms_desktop.ui.cameras.zones import shapes
from vms_desktop.ui.cameras.zones.edits import Chosen, Zones
from vms_desktop.ui.cameras.zones.menu import zone_menu
from vms_desktop.ui.cameras.zones.picture import ZonePicture
from vms_desktop.ui.cameras.zones.shapes import Hit
from vms_desktop.ui.cameras.zones.words import chosen_words, draft_words, refusal_words
from vms_desktop.ui.picture import NO_ZOOM, Pills

# An arrow key moves by so much of the picture; with Shift by ten times as much.
STEP_SHARE = 0.005
_KEYS = Qt.Key
_ARROWS = {
    _KEYS.Key_Left: (-1, 0),
    _KEYS.Key_Right: (1, 0),
    _KEYS.Key_Up: (0, -1),
    _KEYS.Key_Down: (0, 1),
}
_ZOOMS = {_KEYS.Key_Plus: 1, _KEYS.Key_Equal: 1, _KEYS.Key_Minus: -1, _KEYS.Key_0: 0}
# Redo where Qt's own key for it is Ctrl+Shift+Z.
_CTRL_Y = Qt.Modifier.CTRL | Qt.Key.Key_Y


@dataclass(slots=True)
class _Grip:
    """A thing that the mouse holds: where it was taken, and what has become of it so far."""

    place: QPointF
    point: Point
    hit: Hit | None
    is_dragged: bool = False


class ZoneEditor(ZonePicture):
    """Shows a camera's pictures with its areas, and lets a person change them.

    Signals:
        zones_changed: The areas, after each change by a person.
        rename_wanted: The chosen area wants a name: it is new, or a person asks for it.
    """

    zones_changed = Signal(object)
    rename_wanted = Signal()

    def __init__(self, pills: Pills | None = None, parent: QWidget | None = None) -> None:
        super().__init__(pills or Pills(), parent)
        self._told: Zones = ()
        self._grip: _Grip | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture with its areas"))
        self._describe()

    def set_zones(self, zones: Zones) -> None:
        """Show other areas; says nothing."""
        if zones != self.edits.zones:
            self.edits.load(zones)
            self._let_go()
            self._told = zones
            self._settle()

    def begin(self, kind: ZoneKind) -> None:
        """Draw an area: the next clicks, or one drag, say where."""
        self._at, self._at_by_keys = Point(0.5, 0.5), True
        self.setFocus()
        self._do(partial(self.edits.begin, kind))

    def cancel(self) -> None:
        """Draw no more."""
        self._do(self.edits.cancel)

    def finish(self) -> None:
        """Close the area that is being drawn."""
        self._do(self.edits.close)

    def draw_back(self) -> None:
        """Take the corner back that was drawn last."""
        self._do(self.edits.draw_back)

    def remove_all(self) -> None:
        """Remove every area; the keys that undo it are at hand."""
        self.setFocus()
        self._do(self.edits.remove_all)

    def remove_chosen_zone(self) -> None:
        """Remove the chosen area."""
        if self.edits.chosen:
            self.setFocus()
            self._do(partial(self.edits.remove, self.edits.chosen.zone))

    def remove_chosen(self) -> None:
        """Remove the chosen corner, or else the chosen area."""
        self._do(self.edits.remove_chosen)

    def insert_corner(self) -> None:
        """Give the chosen area one more corner."""
        self._do(self.edits.insert_corner)

    def set_kind(self, kind: ZoneKind) -> None:
        """Let the chosen area be watched, or ignored."""
        zone = self.edits.chosen_zone
        if zone and self.edits.chosen:
            other = Zone(name=zone.name, kind=kind, points=zone.points)
            self._do(partial(self.edits.change, self.edits.chosen.zone, other))

    def rename(self, name: str) -> None:
        """Give the chosen area a name."""
        if self.edits.chosen:
            self._do(partial(self.edits.rename, self.edits.chosen.zone, name.strip()))

    def undo(self) -> None:
        """Take the latest change back, or the latest corner of what is being drawn."""
        self._do(self.edits.draw_back if self.edits.draft else self.edits.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._do(self.edits.redo)

    def _do(self, change: Callable[[], None]) -> None:
        """Change something, or say why not; what the mouse held may be another thing then."""
        self._let_go()
        self._refusal = self._refused_at = None
        zones = len(self.edits.zones)
        was_drawn = self.edits.draft is not None
        try:
            change()
        except ConfigError as err:
            self._refusal = err.reason
        self._settle()
        if was_drawn and len(self.edits.zones) > zones:
            self.rename_wanted.emit()

    def _describe(self) -> None:
        """Tell a screen reader what is chosen, or how to begin."""
        if self._refusal:
            self.setAccessibleDescription(refusal_words(self._refusal))
        elif self.edits.draft:
            self.setAccessibleDescription(draft_words(self.edits.draft, self._at))
        else:
            self.setAccessibleDescription(chosen_words(self.edits))

    def _settle(self) -> None:
        """Let what is shown and said follow the edits."""
        self._describe()
        self.update()
        self.edit_changed.emit()
        if self.edits.zones != self._told:
            self._told = self.edits.zones
            self.zones_changed.emit(self._told)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self.can_edit:
            super().mousePressEvent(event)
            return
        found = None if self.edits.draft else self._hit(event.position())
        was_chosen = found and self.edits.chosen and self.edits.chosen.zone == found.zone
        if not self.edits.draft:
            chosen = Chosen(found.zone, found.corner) if found else None
            self._do(partial(self.edits.choose, chosen))
        if self.edits.draft or (found and (was_chosen or not self.zoom.is_on)):
            self._grip = _Grip(event.position(), self._point(event.position()), found)
        else:
            super().mousePressEvent(event)  # what is zoomed in is panned

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            super().mouseMoveEvent(event)
            self._hover(event)
            return
        way = (event.position() - self._grip.place).manhattanLength()
        if self._grip.is_dragged or way >= QApplication.startDragDistance():
            self._grip.is_dragged = True
            self._drag(self._grip, self._point(event.position()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        drawn, held = self._drawn, self._held
        hit = self._let_go()
        if drawn is not None:
            self._do(partial(self.edits.add, drawn))
        elif self.edits.draft:
            self._at, self._at_by_keys = self._point(event.position()), False
            self._do(self._draw_at)
        elif held is not None and hit is not None:
            self._do(partial(self._drop, hit, held[1]))
        self.update()

    def _let_go(self) -> Hit | None:
        """The mouse holds nothing any more; tells what it held."""
        grip, self._grip = self._grip, None
        self._held = self._drawn = self._refused_at = None
        return grip.hit if grip else None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.edits.draft and event.button() is Qt.MouseButton.LeftButton:
            self.finish()

    def _drag(self, grip: _Grip, to: Point) -> None:
        """Let what is held follow the mouse as far as it may."""
        self._refusal = self._refused_at = None
        self._at, self._at_by_keys = to, False
        if grip.hit is None:
            self._drag_rectangle(grip.point, to)
            return
        try:
            self._held = (grip.hit.zone, self._dragged(grip.hit, grip.point, to))
        except ConfigError as err:
            self._refusal, self._refused_at = err.reason, to

    def _drag_rectangle(self, start: Point, to: Point) -> None:
        """One drag draws a whole area, where no corner was clicked before."""
        draft = self.edits.draft
        self._drawn = None
        if draft is None or draft.points:
            return
        corners = shapes.rectangle(start, to)
        if shapes.area_share(corners) >= shapes.SMALLEST_SHARE:
            self._drawn = shapes.zone_of("", draft.kind, corners)

    def _dragged(self, hit: Hit, start: Point, to: Point) -> Zone:
        zone = self.edits.zones[hit.zone]
        if hit.corner is not None:
            return shapes.with_corner_at(zone, hit.corner, to)
        if hit.edge is not None:
            return shapes.with_corner_in(zone, hit.edge, to)
        return shapes.moved(zone, to.x - start.x, to.y - start.y)

    def _drop(self, hit: Hit, zone: Zone) -> None:
        self.edits.change(hit.zone, zone)
        if hit.edge is not None:
            self.edits.choose(Chosen(hit.zone, hit.edge + 1))

    def _draw_at(self) -> None:
        """Put a corner where the pointer or the cursor is; on the first one, close the area."""
        points = self.edits.draft.points if self.edits.draft else ()
        if len(points) >= 3 and self._is_at(points[0]):
            self.edits.close()
        else:
            self.edits.draw_to(self._at)

    def _is_at(self, point: Point) -> bool:
        """True if the pointer or cursor is on a point."""
        view = self.view()
        a, b = view.place(point), view.place(self._at)
        return max(abs(a.x - b.x), abs(a.y - b.y)) <= shapes.CORNER_REACH_PX

    def _hover(self, event: QMouseEvent) -> None:
        if self.edits.draft:
            self._at, self._at_by_keys = self._point(event.position()), False
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.update()
        elif not event.buttons():
            found = self._hit(event.position()) if self.can_edit else None
            self._show_cursor(found)

    def _show_cursor(self, found: Hit | None) -> None:
        if found is None:
            self.unsetCursor()
        elif found.corner is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif found.edge is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(Qt.CursorShape.SizeAllCursor)

    def _hit(self, place: QPointF) -> Hit | None:
        chosen = self.edits.chosen.zone if self.edits.chosen else None
        return shapes.hit(self.edits.zones, chosen, self.view(), place.x(), place.y())

    def _point(self, place: QPointF) -> Point:
        return self.view().point(place.x(), place.y())

    def event(self, event: QEvent) -> bool:
        # A shortcut of the window must not take the keys that mean something here.
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self._meaning(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meaning = self._meaning(event)
        if meaning is None:
            super().keyPressEvent(event)
        else:
            meaning()

    def _meaning(self, event: QKeyEvent) -> Callable[[], None] | None:
        """The act of a key here and now; None where it does nothing."""
        redo = event.matches(QKeySequence.StandardKey.Redo) or event.keyCombination() == _CTRL_Y
        if event.matches(QKeySequence.StandardKey.Undo) or redo:
            return self.redo if redo else self.undo
        if not self.can_edit or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return None
        if wants_menu(event):
            return self._open_menu_by_key
        key = Qt.Key(event.key())
        if key in _ARROWS:
            is_far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            right, down = (STEP_SHARE * way * (10 if is_far else 1) for way in _ARROWS[key])
            return self._arrow_meaning(right, down)
        if key in _ZOOMS:
            notches = _ZOOMS[key]
            return partial(self.zoom_by, notches) if notches else partial(self.set_zoom, NO_ZOOM)
        keys = self._draft_keys() if self.edits.draft else self._chosen_keys()
        return keys.get(key)

    def _arrow_meaning(self, right: float, down: float) -> Callable[[], None] | None:
        """The move that an arrow means: of the cursor, of the chosen thing, or of the view."""
        if self.edits.draft:
            return partial(self._move_cursor, right, down)
        if self.edits.chosen:
            return partial(self._do, partial(self.edits.nudge, right, down))
        if self.zoom.is_on:
            return lambda: self.set_zoom(self.zoom.moved(-10 * right, -10 * down))
        return None

    def _draft_keys(self) -> dict[Qt.Key, Callable[[], None]]:
        add = partial(self._do, self._draw_at)
        return {
            _KEYS.Key_Return: self._enter,
            _KEYS.Key_Enter: self._enter,
            _KEYS.Key_Space: add,
            _KEYS.Key_Insert: add,
            _KEYS.Key_Delete: self.draw_back,
            _KEYS.Key_Backspace: self.draw_back,
            _KEYS.Key_Escape: self.cancel,
        }

    def _chosen_keys(self) -> dict[Qt.Key, Callable[[], None]]:
        if self.edits.chosen is None:
            return {}
        return {
            _KEYS.Key_Return: self.rename_wanted.emit,
            _KEYS.Key_Enter: self.rename_wanted.emit,
            _KEYS.Key_F2: self.rename_wanted.emit,
            _KEYS.Key_Insert: self.insert_corner,
            _KEYS.Key_Delete: self.remove_chosen,
            _KEYS.Key_Backspace: self.remove_chosen,
            _KEYS.Key_Escape: partial(self._do, partial(self.edits.choose, None)),
        }

    def _enter(self) -> None:
        """Put a corner at the cursor; where there is one already, close the area."""
        draft = self.edits.draft
        is_new = draft is not None and draft.points[-1:] != (self._at,)
        self._do(self._draw_at if self._at_by_keys and is_new else self.edits.close)

    def _move_cursor(self, right: float, down: float) -> None:
        self._at, self._at_by_keys = shapes.inside(self._at.x + right, self._at.y + down), True
        self._do(lambda: None)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the areas and their corners before it leaves."""
        if self.can_edit and self.edits.draft is None:
            goes_on = self.edits.choose_next(1 if forward else -1)
            self._do(lambda: None)
            if goes_on:
                return True
        return super().focusNextPrevChild(forward)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.can_edit:
            return
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._open_menu_by_key()
            return
        if not self.edits.draft:
            found = self._hit(QPointF(event.pos()))
            chosen = Chosen(found.zone, found.corner) if found else None
            self._do(partial(self.edits.choose, chosen))
        self._open_menu(event.pos())

    def _open_menu_by_key(self) -> None:
        """Open the menu at the thing that it is about."""
        zone, chosen = self.edits.chosen_zone, self.edits.chosen
        at = self._at if self.edits.draft else Point(0.5, 0.5)
        if zone is not None and chosen is not None:
            at = zone.points[chosen.corner or 0]
        place = self.view().place(at)
        seen = self.rect()
        x = min(max(round(place.x), seen.left()), seen.right())
        self._open_menu(QPoint(x, min(max(round(place.y), seen.top()), seen.bottom())))

    def _open_menu(self, at: QPoint) -> None:
        menu = zone_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(at))
