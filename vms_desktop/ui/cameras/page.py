"""The Cameras page: the list, its bars, and what they do to each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from vms_desktop.core.base import Picture
from vms_desktop.ui.base import Actions, Page, PageConnection, Theme
from vms_desktop.ui.cameras.bars import CamerasBar, SelectionBar
from vms_desktop.ui.cameras.delegate import EDIT, MENU, PICTURE
from vms_desktop.ui.cameras.edits import CameraEdits
from vms_desktop.ui.cameras.list_model import SWITCHES, CamerasModel, SortedCameras
from vms_desktop.ui.cameras.list_view import CamerasView, Place
from vms_desktop.ui.cameras.row_pictures import RowPictures
from vms_desktop.ui.widgets import Welcome

if TYPE_CHECKING:
    from vms_desktop.core.config import CameraConfig
    from vms_desktop.ui.cameras.tasks import CameraTasks
    from vms_desktop.workers.camera import Fleet


class CamerasPage(Page):
    """Lists the cameras.

    Attributes:
        view: The list.

    Signals:
        demo_wanted: The demo cameras are to be shown.
        playback_wanted: A camera's recordings are to be played (its id).
    """

    bar: CamerasBar
    demo_wanted = Signal()
    playback_wanted = Signal(str)

    def __init__(
        self,
        fleet: "Fleet",
        model: CamerasModel,
        edits: CameraEdits,
        tasks: "CameraTasks",
        actions: Actions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._model = model
        self._edits = edits
        self._tasks = tasks
        self._actions = actions
        self._is_window_seen = True
        self._kept = Place()
        self._sorted = SortedCameras(self)
        self._sorted.setSourceModel(model)
        self.bar = CamerasBar(actions, theme)
        self.view = CamerasView(self._sorted, theme)
        self.view.tips = {EDIT: actions.edit.toolTip(), MENU: self.tr("More (Shift+F10)")}
        self._selection = SelectionBar(model, actions, theme)
        purpose = self.tr("The cameras you add are listed here.")
        self._welcome = Welcome(theme, purpose, actions.add_camera)
        self._nothing = self._made_nothing()
        self._stack = QStackedWidget()
        size = PICTURE * self.devicePixelRatioF()
        self._pictures = RowPictures(fleet, size, self.view.seen_ids, model.set_picture, self)
        self._place()
        self._connect()
        self._show_rows()

    def enter(self) -> None:
        self._show_chosen()
        if (part := self._stack.currentWidget()) is not None:
            part.setFocus()
        self._fleet.catalogue.count_disk_use()
        self._fleet.catalogue.look_for_keyring()

    def stop(self) -> None:
        self._pictures.stop()
        for signal, slot in self._connections():
            signal.disconnect(slot)

    def go_back(self) -> bool:
        """Esc: from what is searched for, then from what is selected."""
        if self.bar.search.text():
            self.bar.search.clear()
        elif self.view.selectionModel().hasSelection():
            self.view.clearSelection()
        else:
            return False
        self.view.setFocus()
        return True

    def set_window_seen(self, seen: bool) -> None:
        self._is_window_seen = seen
        self._start_or_stop()

    def keep(self) -> object:
        return self.bar.search.text(), self.view.place()

    def bring_back(self, kept: object) -> None:
        assert isinstance(kept, tuple)
        searched, place = kept
        self.bar.search.setText(searched)
        self.view.go_to(place)

    def focus_camera(self) -> str | None:
        chosen = self.view.chosen_ids()
        known = {camera.id for camera in self._edits.cameras()}
        return chosen[0] if chosen and chosen[0] in known else None

    def recall(self, pictures: Mapping[str, Picture]) -> None:
        """Show what another page has shown, where the list has no picture of its own."""
        bare = {row.id for row in self._model.rows() if row.camera and row.picture is None}
        self._pictures.recall({key: pictures[key] for key in pictures.keys() & bare})

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._start_or_stop()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._start_or_stop()

    def _start_or_stop(self) -> None:
        if self.isVisible() and self._is_window_seen:
            self._pictures.start()
        else:
            self._pictures.stop()

    def _place(self) -> None:
        for page in (self._welcome, self.view, self._nothing):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._selection)

    def _made_nothing(self) -> QLabel:
        label = QLabel(self.tr("No camera matches your search."))
        label.setObjectName("nothingFound")
        label.setProperty("quiet", True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _connections(self) -> list[PageConnection]:
        """The signals that outlive this page, and its slots."""
        return [
            (self._model.modelAboutToBeReset, self._keep_place),
            (self._model.modelReset, self._show_rows),
            (self._model.dataChanged, self._show_numbers),
        ]

    def _connect(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)
        view, actions, tasks = self.view, self._actions, self._tasks
        view.addAction(actions.delete)
        view.edit_wanted.connect(tasks.edit)
        view.play_wanted.connect(self.playback_wanted)
        view.menu_wanted.connect(self._show_menu)
        view.switched.connect(self._edits.set_flag)
        view.dropped.connect(self._drop)
        view.typed.connect(self._type)
        view.chosen.connect(self._show_chosen)
        self._selection.switched.connect(self._switch_chosen)
        self.bar.search.textChanged.connect(self._find)
        self.bar.search.left.connect(view.setFocus)
        self._welcome.demo_wanted.connect(self.demo_wanted)
        actions.find.triggered.connect(self.bar.search.take_keyboard)
        actions.duplicate.triggered.connect(lambda: tasks.duplicate(self.focus_camera()))
        actions.delete.triggered.connect(lambda: tasks.delete(view.chosen_ids()))
        actions.move_up.triggered.connect(lambda: self._move(-1))
        actions.move_down.triggered.connect(lambda: self._move(1))
        actions.import_cameras.triggered.connect(tasks.import_cameras)
        actions.export_cameras.triggered.connect(lambda: tasks.export(self._selected_ids()))

    def _selected_ids(self) -> list[str]:
        """The selected cameras; none where only one cell has the keyboard."""
        return self.view.chosen_ids() if self.view.selectionModel().hasSelection() else []

    def _chosen_cameras(self) -> "list[CameraConfig]":
        chosen = set(self._selected_ids())
        return [camera for camera in self._edits.cameras() if camera.id in chosen]

    def _keep_place(self) -> None:
        self._kept = self.view.place()

    def _show_rows(self) -> None:
        self.view.go_to(self._kept)
        self._show_numbers()
        self._show_chosen()

    def _show_numbers(self, *_told: object) -> None:
        cameras = self._edits.cameras()
        self.bar.show_numbers(len(cameras), sum(camera.is_active for camera in cameras))
        found = self.view if self._sorted.rowCount() else self._nothing
        self._show_instead(found if self._model.rowCount() else self._welcome)
        self._show_selection()

    def _show_instead(self, part: QWidget) -> None:
        """Show the list, or what stands in its place; the keyboard goes on where it was."""
        if part is self._stack.currentWidget():
            return
        focused = self.window().focusWidget()
        has_keyboard = focused is not None and self._stack.isAncestorOf(focused)
        self._stack.setCurrentWidget(part)
        if has_keyboard:
            part.setFocus()

    def _show_chosen(self) -> None:
        """Let the actions fit what is selected."""
        actions, chosen = self._actions, self.view.chosen_ids()
        actions.duplicate.setEnabled(len(chosen) == 1 and self.focus_camera() is not None)
        actions.delete.setEnabled(bool(chosen))
        actions.export_cameras.setEnabled(bool(self._edits.cameras()))
        for action in (actions.move_up, actions.move_down):
            action.setEnabled(bool(chosen) and self._sorted.in_own_order)
        self._show_selection()

    def _show_selection(self) -> None:
        cameras = self._chosen_cameras()
        self._selection.setVisible(len(cameras) > 1)
        self._selection.show_cameras(cameras)

    def _find(self, text: str) -> None:
        self._keep_place()
        self._sorted.find(text)
        self._show_rows()

    def _type(self, text: str) -> None:
        self.bar.search.setFocus()
        self.bar.search.insert(text)

    def _switch_chosen(self, key: str, on: bool) -> None:
        self._edits.set_flag([camera.id for camera in self._chosen_cameras()], key, on)

    def _move(self, way: int) -> None:
        if self._sorted.in_own_order:
            self._edits.step(self.view.chosen_ids(), way)

    def _drop(self, row: int) -> None:
        self._edits.arrange(self.view.chosen_ids(), row)

    def _show_menu(self, at: QPoint) -> None:
        actions = self._actions
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if cameras := self._chosen_cameras():
            if len(cameras) == 1:
                menu.addActions([actions.edit, actions.duplicate])
                play = menu.addAction(actions.play_back.icon(), actions.play_back.text())
                play.triggered.connect(lambda: self.playback_wanted.emit(cameras[0].id))
                menu.addSeparator()
            for column, key in SWITCHES.items():
                title = str(self._model.headerData(column, Qt.Orientation.Horizontal))
                action = menu.addAction(title)
                action.setCheckable(True)
                action.setChecked(all(getattr(camera, key) for camera in cameras))
                action.triggered.connect(lambda on, key=key: self._switch_chosen(key, on))
            menu.addSeparator()
            menu.addActions([actions.move_up, actions.move_down, actions.export_cameras])
            menu.addSeparator()
        menu.addAction(actions.delete)
        menu.popup(at)
