"""The grid of cameras: places the tiles, fetches their pictures, knows the chosen one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from vms_desktop.core.base import Clock, Picture, Status, Viewport
from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import DARK_THEME, Theme, Tone, wants_menu
from vms_desktop.ui.live.layouts import Cell, capacity, cells, neighbour, page_count
from vms_desktop.ui.live.paint_log import PaintLog
from vms_desktop.ui.live.tile import CameraTile
from vms_desktop.ui.picture import NO_ZOOM, PictureWall, Pills

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet

POLL_MS = 33
_GHOST_PX = 220
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CameraGrid(PictureWall):
    """Shows cameras as tiles.

    One timer asks for the pictures of those tiles that can be seen: what can
    be seen, and how large, the fleet is told, so that the rest costs nothing.

    Signals:
        focus_changed: Another camera is chosen or alone (both may be none).
        order_changed: Two tiles were swapped; the cameras' ids in their new order.
        menu_wanted: A camera's menu, at a point of the screen.
        pages_changed: The page that is shown (from 0), and how many there are.
    """

    focus_changed = Signal()
    order_changed = Signal(object)
    menu_wanted = Signal(str, QPoint)
    pages_changed = Signal(int, int)

    def __init__(
        self,
        fleet: "Fleet",
        theme: Theme,
        clock: Clock,
        log: PaintLog,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(POLL_MS, parent)
        self.setAccessibleName(self.tr("Cameras"))
        self.chosen: str | None = None
        self.alone: str | None = None
        self._fleet = fleet
        self._theme = self._ground = theme
        self._clock = clock
        self._log = log
        self._pills = Pills()
        self._tiles: dict[str, CameraTile] = {}
        self._ids: list[str] = []
        self._layout = "auto"
        self._fill = False
        self._page = 0
        self._cells: list[Cell] = []
        self._told: dict[str, Viewport | None] = {}
        self._ghost: QLabel | None = None

    def tile(self, camera_id: str) -> CameraTile:
        """The tile of a camera of this grid."""
        return self._tiles[camera_id]

    def shown_ids(self) -> list[str]:
        """The cameras on this page, or the one that is alone."""
        if self.alone is not None:
            return [self.alone]
        size = capacity(self._layout) or len(self._ids)
        return self._ids[self._page * size : (self._page + 1) * size]

    def set_dark(self, dark: bool) -> None:
        """Let what lies between the pictures be as dark as they are, whatever the theme."""
        self._ground = DARK_THEME if dark else self._theme
        self.update()

    def last_pictures(self) -> dict[str, Picture]:
        """The pictures that the tiles show, by the cameras' ids."""
        shown = {camera_id: tile.picture for camera_id, tile in self._tiles.items()}
        return {camera_id: picture for camera_id, picture in shown.items() if picture}

    def picture(self, camera_id: str) -> Picture | None:
        """The picture that a camera's tile shows; None where it cannot be seen."""
        is_seen = camera_id in self.shown_ids() and self.is_on_screen()
        return self._tiles[camera_id].picture if is_seen else None

    def recall(self, pictures: Mapping[str, Picture]) -> None:
        """Show pictures that another grid has shown."""
        for camera_id in pictures.keys() & self._tiles.keys():
            self._tiles[camera_id].recall(pictures[camera_id])

    def set_cameras(self, cameras: Sequence[CameraConfig]) -> None:
        """Show these cameras, in this order."""
        wanted = {camera.id: camera for camera in cameras}
        for gone in self._tiles.keys() - wanted.keys():
            self._remove(gone)
        for camera in cameras:
            self._add_or_change(camera)
        self._ids = list(wanted)
        self.alone = self.alone if self.alone in wanted else None
        self._told.clear()
        self.arrange()
        self.choose(self.chosen if self.chosen in wanted else None)

    def set_status(self, camera_id: str, status: Status) -> None:
        """A camera does something else."""
        if camera_id in self._tiles:
            self._tiles[camera_id].set_status(status, self._clock.now())

    def set_layout(self, layout: str) -> None:
        """Arrange as one of `GRID_LAYOUTS`; nobody is alone any more."""
        if layout != self._layout:
            self._layout, self._page = layout, 0
            self.set_alone(None)
        self.arrange()

    def set_fill(self, fill: bool) -> None:
        """Crop the pictures to their tiles, or show them whole."""
        self._fill = fill
        for tile in self._tiles.values():
            tile.fill = fill
            tile.update()
        self.tell_viewports()

    def set_alone(self, camera_id: str | None) -> None:
        """Show one camera alone, in HD; None for all again."""
        if camera_id == self.alone:
            return
        if self.alone in self._tiles:
            self._tiles[self.alone].set_zoom(NO_ZOOM)
        self.alone = camera_id
        self.arrange()
        if camera_id is not None:
            self.choose(camera_id)
        self.focus_changed.emit()

    def choose(self, camera_id: str | None) -> None:
        """Outline one camera: shortcuts act on it."""
        changed, self.chosen = camera_id != self.chosen, camera_id
        for tile_id, tile in self._tiles.items():
            tile.set_chosen(tile_id == camera_id and self.alone is None)
        if changed:
            self.focus_changed.emit()

    def choose_number(self, number: int) -> None:
        """Choose the nth camera of the page, from 1; alone if one is alone."""
        ids = self._ids if self.alone is not None else self.shown_ids()
        if number > len(ids):
            return
        if self.alone is not None:
            self.set_alone(ids[number - 1])
        self.choose(ids[number - 1])

    def turn_page(self, step: int) -> None:
        """Show the next or the previous cameras of a layout that is too small for all."""
        if self.alone is None:
            self._page += step
            self.arrange()

    def zoom_by(self, notches: float) -> None:
        """Zoom the chosen or the only camera; 0 shows all of its picture again."""
        tile = self._tiles.get(self.alone or self.chosen or "")
        if tile is not None:
            tile.zoom_by(notches) if notches else tile.set_zoom(NO_ZOOM)

    def tick(self, now: datetime) -> None:
        """Another second has passed."""
        for tile in self._tiles.values():
            if tile.isVisible():
                tile.tick(now)

    def fetch_pictures(self) -> None:
        """Hand every tile that can be seen its newest picture, if there is a new one."""
        for camera_id in self.shown_ids():
            tile = self._tiles[camera_id]
            picture = self._fleet.pictures(camera_id).take()
            if picture is None:
                tile.grow_silent(POLL_MS / 1000)
            else:
                tile.show_picture(picture)

    def _add_or_change(self, camera: CameraConfig) -> None:
        if camera.id in self._tiles:
            self._tiles[camera.id].set_camera(camera)
            return
        status = self._fleet.status(camera.id)
        tile = CameraTile(
            camera, status, self._theme, self._pills, painted=self._log.add, parent=self
        )
        tile.fill = self._fill
        tile.set_status(status, self._clock.now())
        tile.pressed.connect(self._press)
        tile.opened.connect(self.toggle_alone)
        tile.menu_wanted.connect(self.menu_wanted)
        tile.dragged.connect(self._carry)
        tile.dropped.connect(self._drop)
        tile.view_changed.connect(self.tell_viewports)
        self._tiles[camera.id] = tile

    def _remove(self, camera_id: str) -> None:
        tile = self._tiles.pop(camera_id)
        if self._told.get(camera_id) is not None:
            self._fleet.set_viewport(camera_id, None)
        tile.hide()
        tile.deleteLater()

    def arrange(self) -> None:
        """Place the tiles of this page, and hide the others."""
        pages = page_count(self._layout, len(self._ids))
        self._page = min(max(0, self._page), pages - 1)
        shown = self.shown_ids()
        layout = "1" if self.alone is not None else self._layout
        self._cells = cells(layout, len(shown), self.width(), self.height())
        for camera_id, tile in self._tiles.items():
            tile.setVisible(camera_id in shown)
            tile.set_telling_stream(camera_id == self.alone)
            tile.set_chosen(camera_id == self.chosen and self.alone is None)
        for camera_id, cell in zip(shown, self._cells, strict=False):
            self._tiles[camera_id].setGeometry(*cell)
        self.update()
        self.tell_viewports()
        self.pages_changed.emit(self._page, pages if self.alone is None else 1)

    def tell_viewports(self) -> None:
        """Tell the fleet what each tile can show now, where that has changed."""
        shown = set(self.shown_ids()) if self.is_on_screen() else set()
        hd = self.alone is not None or self._layout == "1"
        for camera_id, tile in self._tiles.items():
            viewport = tile.viewport(hd=hd) if camera_id in shown else None
            if camera_id not in self._told or self._told[camera_id] != viewport:
                self._told[camera_id] = viewport
                self._fleet.set_viewport(camera_id, viewport)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, and the cells that no camera fills."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._ground.colour(Tone.WINDOW))
        for cell in self._cells[len(self.shown_ids()) :]:
            painter.fillRect(QRect(*cell), self._ground.colour(Tone.PANEL))
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The Menu key; a right click is the tile's own."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._want_menu()
        else:
            super().contextMenuEvent(event)

    def _want_menu(self) -> None:
        """Ask for the menu of the chosen or the only camera, or else of the first."""
        shown = self.shown_ids()
        if not shown:
            return
        camera_id = self.chosen if self.chosen in shown else shown[0]
        self.choose(camera_id)
        tile = self._tiles[camera_id]
        self.menu_wanted.emit(camera_id, tile.mapToGlobal(tile.rect().center()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if wants_menu(event):
            self._want_menu()
            return
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self.alone is not None:
            super().keyPressEvent(event)
            return
        shown = self.shown_ids()
        if not shown:
            return
        at = shown.index(self.chosen) if self.chosen in shown else None
        there = 0 if at is None else neighbour(self._cells[: len(shown)], at, *step)
        self.choose(shown[there])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the tiles: none is chosen any more."""
        self.choose(None)

    def toggle_alone(self, camera_id: str) -> None:
        """Show a camera alone, or all again."""
        self.set_alone(None if self.alone == camera_id else camera_id)

    def _press(self, camera_id: str) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.choose(camera_id)

    def _tile_at(self, at: QPoint, carried: str) -> CameraTile | None:
        """The tile under a point of the screen, other than the one that is carried there."""
        local = self.mapFromGlobal(at)
        for camera_id in self.shown_ids():
            tile = self._tiles[camera_id]
            if camera_id != carried and tile.geometry().contains(local):
                return tile
        return None

    def _carry(self, camera_id: str, at: QPoint) -> None:
        if self.alone is not None:
            return
        if self._ghost is None:
            self._ghost = self._made_ghost(camera_id)
        self._ghost.move(self.mapFromGlobal(at) + QPoint(12, 12))
        target = self._tile_at(at, camera_id)
        for tile in self._tiles.values():
            tile.set_target(tile is target)

    def _made_ghost(self, camera_id: str) -> QLabel:
        ghost = QLabel(self)
        ghost.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        picture = self._tiles[camera_id].grab()
        smooth = Qt.TransformationMode.SmoothTransformation
        ghost.setPixmap(picture.scaledToWidth(_GHOST_PX, smooth))
        ghost.adjustSize()
        ghost.show()
        ghost.raise_()
        return ghost

    def _drop(self, camera_id: str, at: QPoint) -> None:
        if self._ghost is not None:
            self._ghost.deleteLater()
            self._ghost = None
        target = self._tile_at(at, camera_id) if self.alone is None else None
        for tile in self._tiles.values():
            tile.set_target(False)
        if target is not None:
            one, other = self._ids.index(camera_id), self._ids.index(target.camera.id)
            self._ids[one], self._ids[other] = self._ids[other], self._ids[one]
            self.arrange()
            self.order_changed.emit(tuple(self._ids))
