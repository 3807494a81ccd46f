"""The Live page: the bar, the grid and today's events, and what they do to each other."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from vms_desktop.core.base import CameraState, Clock, Picture, Status
from vms_desktop.core.config import View
from vms_desktop.ui.base import Actions, Page, Preferences, Theme, keep_on_screen, open_path
from vms_desktop.ui.live.events_model import EventsModel
from vms_desktop.ui.live.events_panel import EventsPanel
from vms_desktop.ui.live.grid import CameraGrid
from vms_desktop.ui.live.layouts import GAP_PX
from vms_desktop.ui.live.paint_log import PaintLog
from vms_desktop.ui.live.sound import Listening
from vms_desktop.ui.live.top_bar import TopBar
from vms_desktop.ui.live.views import ViewDialog, merged_order, of_view, with_view, without_view
from vms_desktop.ui.picture import show_dark
from vms_desktop.ui.widgets import Welcome, breakable_text

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet
    from vms_desktop.workers.library import ThumbnailReader


class _Kept(NamedTuple):
    """The state that a page takes over from the one before, once it is made anew."""

    alone: str | None
    chosen: str | None
    pictures: dict[str, Picture]


class LivePage(Page):
    """Shows the fleet.

    Attributes:
        grid: The cameras.

    Signals:
        demo_wanted: The demo cameras are to be shown.
        playback_wanted: A camera's recordings are to be played (its id), or this
            clip of it (a path, or None).
    """

    bar: TopBar
    demo_wanted = Signal()
    playback_wanted = Signal(str, object)

    def __init__(
        self,
        fleet: "Fleet",
        events: EventsModel,
        thumbnails: "ThumbnailReader",
        preferences: Preferences,
        actions: Actions,
        theme: Theme,
        pictures_folder: Path,
        *,
        clock: Clock,
        log: PaintLog,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._preferences = preferences
        self._actions = actions
        self._pictures_folder = pictures_folder
        self._is_full_screen = self._is_silent = False
        self._listening = Listening(fleet, preferences)
        self.bar = TopBar(actions, theme)
        self.grid = CameraGrid(fleet, theme, clock, log)
        self.events = EventsPanel(events, thumbnails, theme)
        self._welcome = Welcome(
            theme,
            self.tr(
                "Your cameras appear here side by side. What moves in front of them "
                "is detected and recorded."
            ),
            actions.add_camera,
        )
        self._stack = QStackedWidget()
        self._place()
        self._connect_actions()
        self._connect_parts()
        self._show_settings()
        self._show_cameras()

    def enter(self) -> None:
        self._show_settings()
        self.grid.setFocus()

    def stop(self) -> None:
        self._fleet.cameras_changed.disconnect(self._show_cameras)
        self._fleet.status_changed.disconnect(self._show_status)
        self._preferences.changed.disconnect(self._follow_preferences)
        self.grid.set_window_seen(False)
        self.events.stop()

    def tick(self, now: datetime) -> None:
        self.grid.tick(now)

    def set_window_seen(self, seen: bool) -> None:
        self.grid.set_window_seen(seen)

    def set_full_screen(self, full: bool) -> None:
        """Nothing but the grid is shown on a full screen."""
        self._is_full_screen = full
        show_dark(self._frame, full)
        self.grid.set_dark(full)
        self._show_panel()

    def set_silent(self, silent: bool) -> None:
        """Another page wants to be heard, or no longer."""
        self._is_silent = silent
        self._show_focus()

    def keep(self) -> object:
        return _Kept(self.grid.alone, self.grid.chosen, self.grid.last_pictures())

    def bring_back(self, kept: object) -> None:
        assert isinstance(kept, _Kept)
        self.grid.choose(kept.chosen)
        self.grid.set_alone(kept.alone)
        self.grid.recall(kept.pictures)

    def focus_camera(self) -> str | None:
        return self.grid.alone or self.grid.chosen

    def go_back(self) -> bool:
        """Esc: from the camera that is alone, then from the chosen one."""
        if self.grid.alone is not None:
            self.grid.set_alone(None)
        elif self.grid.chosen is not None and not self._is_full_screen:
            self.grid.choose(None)
        else:
            return False
        return True

    def _place(self) -> None:
        self._stack.addWidget(self._welcome)
        self._stack.addWidget(self._framed_grid())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._stack, 1)
        row.addWidget(self.events)

    def _framed_grid(self) -> QWidget:
        frame = self._frame = QWidget()
        around = QVBoxLayout(frame)
        around.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        around.addWidget(self.grid)
        return frame

    def _connect_actions(self) -> None:
        actions, grid = self._actions, self.grid
        grid.addAction(actions.alone)
        actions.alone.triggered.connect(self._toggle_alone)
        actions.snapshot.triggered.connect(self._snapshot)
        actions.record.triggered.connect(self._toggle_record)
        actions.pause.triggered.connect(self._toggle_pause)
        actions.mute.triggered.connect(self._toggle_mute)
        actions.zoom_in.triggered.connect(lambda: grid.zoom_by(1))
        actions.zoom_out.triggered.connect(lambda: grid.zoom_by(-1))
        actions.zoom_reset.triggered.connect(lambda: grid.zoom_by(0))
        actions.next_page.triggered.connect(lambda: grid.turn_page(1))
        actions.previous_page.triggered.connect(lambda: grid.turn_page(-1))
        actions.fill.triggered.connect(lambda on: self._preferences.change(fill=on))
        actions.events_panel.triggered.connect(lambda on: self._preferences.change(events_panel=on))
        actions.new_view.triggered.connect(self._add_view)
        actions.play_back.triggered.connect(self._play_back)
        for number, action in enumerate(actions.choose, start=1):
            action.triggered.connect(lambda _on=False, number=number: grid.choose_number(number))

    def _connect_parts(self) -> None:
        self._fleet.cameras_changed.connect(self._show_cameras)
        self._fleet.status_changed.connect(self._show_status)
        self._preferences.changed.connect(self._follow_preferences)
        self.grid.focus_changed.connect(self._show_focus)
        self.grid.order_changed.connect(self._keep_order)
        self.grid.menu_wanted.connect(self._show_menu)
        self.grid.pages_changed.connect(self.bar.show_pages)
        self.bar.view_chosen.connect(lambda name: self._preferences.change(view=name))
        self.bar.view_edited.connect(self._edit_view)
        self.bar.view_deleted.connect(self._delete_view)
        self.bar.layout_chosen.connect(self._choose_layout)
        self.bar.volume_changed.connect(lambda share: self._preferences.change(volume=share))
        self.events.opened.connect(lambda path: self.playback_wanted.emit("", path))
        self.events.opened_outside.connect(open_path)
        self._welcome.demo_wanted.connect(self.demo_wanted)

    def _show_cameras(self, *_cameras: object) -> None:
        cameras = self._fleet.cameras()
        self._stack.setCurrentIndex(1 if cameras else 0)
        self.grid.set_cameras(of_view(cameras, self._preferences.value))
        self._show_panel()
        self._show_focus()

    def _show_status(self, camera_id: str, status: Status) -> None:
        self.grid.set_status(camera_id, status)
        if camera_id == self.focus_camera():
            self._show_focus()

    def _follow_preferences(self, fields: frozenset[str]) -> None:
        self._show_settings()
        if fields & {"view", "views", "order"}:
            self._show_cameras()

    def _show_settings(self) -> None:
        settings = self._preferences.value
        self.bar.show_settings(settings)
        self.grid.set_fill(settings.fill)
        self.grid.set_layout(settings.layout)
        self._actions.fill.setChecked(settings.fill)
        self._actions.events_panel.setChecked(settings.events_panel)
        self._actions.set_muted(settings.muted)
        self._show_panel()
        self._show_focus()

    def _show_panel(self) -> None:
        wanted = self._preferences.value.events_panel and bool(self._fleet.cameras())
        self.events.setVisible(wanted and not self._is_full_screen)

    def _show_focus(self) -> None:
        """Let sound and actions follow the camera that is alone or chosen."""
        focus = self.focus_camera()
        self._listening.follow(None if self._is_silent else focus)
        available = focus is None or self._fleet.sound_available
        self.bar.show_sound(available=available, audible=focus is not None)
        has_cameras = bool(self.grid.shown_ids())
        self._actions.snapshot.setEnabled(has_cameras)
        # The page that is heard instead has pictures of its own.
        self._actions.full_screen.setEnabled(has_cameras or self._is_silent)
        for action in (self._actions.alone, self._actions.record, self._actions.pause):
            action.setEnabled(focus is not None)
        if focus is not None:
            self._word_actions(focus, self._fleet.status(focus))

    def _word_actions(self, camera_id: str, status: Status) -> None:
        """Say what the actions would do to a camera in this state."""
        actions, state = self._actions, status.state
        is_alone = self.grid.alone is not None
        has_hd = any(camera.url_hd for camera in self._fleet.cameras() if camera.id == camera_id)
        alone = self.tr("Show alone, in HD") if has_hd else self.tr("Show alone")
        actions.alone.setText(self.tr("Show all") if is_alone else alone)
        recording = status.manual and state is CameraState.RECORDING
        actions.record.setText(self.tr("Stop recording") if recording else self.tr("Record now"))
        actions.record.setEnabled(state.has_picture)
        paused = state is CameraState.PAUSED
        actions.pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        actions.pause.setEnabled(state is not CameraState.INACTIVE)

    def _toggle_alone(self) -> None:
        focus = self.focus_camera()
        if focus is not None:
            self.grid.toggle_alone(focus)

    def _snapshot(self) -> None:
        """Save pictures of the camera in focus, or of all that are shown and have one."""
        focus = self.focus_camera()
        for camera_id in [focus] if focus else self.grid.shown_ids():
            if self._fleet.status(camera_id).state.has_picture:
                self._fleet.snapshot(camera_id, self._pictures_folder)

    def _toggle_record(self) -> None:
        focus = self.focus_camera()
        if focus is not None:
            status = self._fleet.status(focus)
            is_on = status.manual and status.state is CameraState.RECORDING
            self._fleet.record(focus, not is_on)

    def _toggle_pause(self) -> None:
        focus = self.focus_camera()
        if focus is not None:
            is_paused = self._fleet.status(focus).state is CameraState.PAUSED
            self._fleet.pause(focus, not is_paused)

    def _play_back(self) -> None:
        self.playback_wanted.emit(self.focus_camera() or "", None)

    def _toggle_mute(self) -> None:
        self._preferences.change(muted=not self._preferences.value.muted)

    def _choose_layout(self, layout: str) -> None:
        self.grid.set_alone(None)
        self._preferences.change(layout=layout)

    def _keep_order(self, shown: tuple[str, ...]) -> None:
        settings, cameras = self._preferences.value, self._fleet.cameras()
        self._preferences.change(order=merged_order(settings, cameras, shown))

    def _show_menu(self, camera_id: str, at: QPoint) -> None:
        self.grid.choose(camera_id)
        actions = self._actions
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([actions.alone, actions.full_screen])
        menu.addSeparator()
        menu.addActions([actions.snapshot, actions.record, actions.pause])
        menu.addSeparator()
        menu.addAction(actions.play_back)
        menu.addSeparator()
        menu.addActions([actions.zoom_in, actions.zoom_out, actions.zoom_reset])
        menu.addSeparator()
        menu.addAction(actions.mute)
        menu.addSeparator()
        menu.addAction(actions.edit)
        menu.popup(at)

    def _add_view(self) -> None:
        shown = self.grid.shown_ids() if self.grid.chosen is None else [self.grid.chosen]
        self._ask_view(View("", tuple(shown)))

    def _edit_view(self, name: str) -> None:
        for view in self._preferences.value.views:
            if view.name == name:
                self._ask_view(view)

    def _ask_view(self, view: View) -> None:
        views = self._preferences.value.views
        taken = [other.name for other in views if other.name != view.name]
        dialog = ViewDialog(view, self._fleet.cameras(), taken, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._save_view(view.name, dialog.view()))
        dialog.open()

    def _save_view(self, old_name: str, view: View) -> None:
        views = with_view(self._preferences.value.views, old_name, view)
        self._preferences.change(views=views, view=view.name)

    def _delete_view(self, name: str) -> None:
        question = self.tr("Delete the view “{name}”? Its cameras stay.")
        question = breakable_text(question.format(name=name))
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("Delete view"), question, parent=self)
        keep_on_screen(box)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete = box.addButton(self.tr("Delete view"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        delete.clicked.connect(lambda: self._forget_view(name))
        box.open()

    def _forget_view(self, name: str) -> None:
        settings = self._preferences.value
        shown = "" if settings.view == name else settings.view
        self._preferences.change(views=without_view(settings.views, name), view=shown)
