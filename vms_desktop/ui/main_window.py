"""The window: rail, page and status bar around one fleet."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from vms_desktop.core.clip import Clip
from vms_desktop.core.clock import Clock
from vms_desktop.core.picture import Picture
from vms_desktop.core.settings import Settings
from vms_desktop.core.state import Status
from vms_desktop.ui import icons, notices
from vms_desktop.ui.about import AboutDialog
from vms_desktop.ui.actions import Actions
from vms_desktop.ui.banner import Banner, BannerArea
from vms_desktop.ui.desktop import open_cameras_file, open_path
from vms_desktop.ui.live.event_pictures import EventPictures
from vms_desktop.ui.live.events_model import EventsModel
from vms_desktop.ui.live.events_panel import THUMBNAIL
from vms_desktop.ui.live.page import LivePage
from vms_desktop.ui.live.paint_log import PaintLog
from vms_desktop.ui.preferences import Preferences
from vms_desktop.ui.rail import Rail
from vms_desktop.ui.shortcuts import ShortcutsDialog
from vms_desktop.ui.status_bar import StatusBar
from vms_desktop.ui.theme import apply_theme, theme_named
from vms_desktop.ui.translation import Language

if TYPE_CHECKING:
    from datetime import datetime

    from vms_desktop.core.machine import MachineLoad
    from vms_desktop.core.retention import Ask
    from vms_desktop.workers.fleet import Fleet, Notice

_FIRST_SIZE = (1280, 760)
_LEAST_SIZE = (960, 540)
_TOGETHER_MS = 3000
"""Snapshots saved within this of each other are told as one."""


class MainWindow(QMainWindow):
    """Shows a fleet and keeps what a person sets.

    Its content is made anew when language or theme change, so that no widget
    has to know how to change either.

    Attributes:
        paint_log: How many pictures were painted, and how soon.

    Signals:
        demo_wanted: The demo cameras are to be shown.
        closed: The window has been closed; the program may end.
    """

    demo_wanted = Signal()
    closed = Signal()

    def __init__(
        self,
        fleet: "Fleet",
        settings: Settings,
        save_settings: Callable[[Settings], None],
        pictures_folder: Path,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self._fleet = fleet
        self._clock = clock or Clock()
        self._pictures_folder = pictures_folder
        self._preferences = Preferences(settings, save_settings, self)
        self._language = Language(_application())
        self.paint_log = PaintLog()
        self._events = EventsModel(lambda clip: fleet.layout.thumbnail_path(clip.path), self)
        self._told: dict[str, Callable[[], Banner]] = {}
        self._invalid: set[str] = set()
        self._invalid_before: set[str] = set()
        self._saved = 0
        self._alarm: Banner | None = None
        self._was_maximized = False
        self._place_before = ""
        self._load: MachineLoad | None = None
        self._today = self._clock.now().date()
        self.setWindowTitle("VMS Desktop")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(*_LEAST_SIZE)
        self.resize(*_FIRST_SIZE)
        self._build()
        self._restore_place()
        self._event_pictures = self._made_event_pictures()
        self._connect_fleet()
        self._preferences.changed.connect(self._follow_preferences)
        self._ticker = QTimer(self)
        self._ticker.timeout.connect(self._tick)
        self._ticker.start(1000)

    def _build(self) -> None:
        """Make everything that is seen, in the language and theme that are set."""
        settings = self._preferences.value
        self._language.speak(settings.language)
        self._theme = theme_named(settings.theme)
        apply_theme(_application(), self._theme)
        self.actions_ = Actions(self._theme, self)
        self.actions_.add_to(self)
        self.page = LivePage(
            self._fleet,
            self._events,
            self._preferences,
            self.actions_,
            self._theme,
            self._pictures_folder,
            clock=self._clock,
            log=self.paint_log,
        )
        self.rail = Rail(self.actions_, self._preferences, self._theme)
        self.banners = BannerArea(self._theme)
        self._alarm = None
        self.status = StatusBar(self._theme)
        self._place()
        self._connect_content()
        self._show_all()

    def _place(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.page.bar, self.banners, self.page, self.status):
            column.addWidget(widget, 1 if widget is self.page else 0)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        self.setCentralWidget(content)
        self.page.grid.setFocus()

    def _rebuild(self) -> None:
        alone, chosen = self.page.grid.alone, self.page.grid.chosen
        pictures = self.page.grid.last_pictures()
        still_told = [key for key in self.banners.names() if key in self._told]
        self.page.stop()
        self._drop_actions()
        self._build()
        self.page.grid.choose(chosen)
        self.page.grid.set_alone(alone)
        self.page.grid.recall(pictures)
        for key in still_told:
            self.banners.show_banner(self._told[key]())
        self._show_full_screen()

    def _drop_actions(self) -> None:
        """Take away the keys that were made for the old language and theme."""
        for action in self.actions_.all:
            self.removeAction(action)
        self.actions_.deleteLater()

    def _connect_content(self) -> None:
        actions = self.actions_
        actions.full_screen.triggered.connect(self._toggle_full_screen)
        actions.back.triggered.connect(self._go_back)
        actions.keys.triggered.connect(lambda: ShortcutsDialog(actions, self).open())
        actions.about.triggered.connect(lambda: AboutDialog(self).open())
        actions.quit.triggered.connect(self.close)
        actions.recordings.triggered.connect(lambda: open_path(self._fleet.layout.recordings))
        self.page.demo_wanted.connect(self.demo_wanted)
        self.page.file_wanted.connect(lambda: open_cameras_file(self._fleet.layout.cameras_json))

    def _made_event_pictures(self) -> EventPictures:
        def shown(camera_id: str) -> Picture | None:
            return self.page.grid.picture(camera_id)  # another page after a change of language

        return EventPictures(self._events, shown, THUMBNAIL * self.devicePixelRatioF(), self)

    def _connect_fleet(self) -> None:
        fleet = self._fleet
        fleet.cameras_changed.connect(self._take_back_notices)
        fleet.cameras_changed.connect(self._show_states)
        fleet.status_changed.connect(self._follow_status)
        fleet.notice.connect(self._show_notice)
        fleet.event_began.connect(self._begin_event)
        fleet.clip_closed.connect(self._close_clip)
        fleet.thumbnail_ready.connect(self._events.refresh)
        fleet.clips_deleted.connect(self._events.forget)
        fleet.today_loaded.connect(self._events.load)
        fleet.snapshot_saved.connect(self._show_snapshot)
        fleet.machine_changed.connect(self._show_machine)
        fleet.question.connect(self._ask)

    def _show_all(self) -> None:
        self._show_states()
        self.status.show_time(self._clock.now())
        if self._load is not None:
            self.status.show_machine(self._load)

    def _statuses(self) -> list[Status]:
        return [self._fleet.status(camera.id) for camera in self._fleet.cameras()]

    def _show_states(self, *_cameras: object) -> None:
        statuses = self._statuses()
        self.status.show_states(statuses)
        alarm = notices.storage_banner(statuses)
        if alarm is None:
            self._alarm = None
            self.banners.remove(notices.STORAGE_KEY)
        elif alarm != self._alarm:
            self._alarm = alarm
            self.banners.show_banner(alarm)

    def _follow_status(self, camera_id: str, status: Status) -> None:
        self._events.follow(camera_id, self._name(camera_id), status)
        self._show_states()

    def _name(self, camera_id: str) -> str:
        names = {camera.id: camera.name for camera in self._fleet.cameras()}
        return names.get(camera_id, "")

    def _begin_event(self, camera_id: str, began_at: "datetime") -> None:
        self._events.begin(camera_id, self._name(camera_id), began_at)

    def _close_clip(self, clip: Clip) -> None:
        is_configured = clip.camera_id in {camera.id for camera in self._fleet.cameras()}
        self._events.close(clip, self._fleet.status(clip.camera_id) if is_configured else None)

    def _show_notice(self, notice: "Notice") -> None:
        key = self._tell(lambda: notices.notice_banner(notice))
        if notice.kind == notices.INVALID_KIND:
            self._invalid.add(key)

    def _take_back_notices(self) -> None:
        """What this load of the cameras did not complain about again has been mended."""
        for key in self._invalid_before - self._invalid:
            self.banners.remove(key)
        self._invalid_before, self._invalid = self._invalid, set()

    def _ask(self, ask: "Ask") -> None:
        def answer(yes: bool) -> None:
            self._fleet.answer(ask, yes)

        self._tell(lambda: notices.question_banner(ask, answer))

    def _tell(self, banner: Callable[[], Banner]) -> str:
        """Show a banner that can be made again in another language; its key."""
        made = banner()
        self._told[made.key] = banner
        self.banners.show_banner(made)
        return made.key

    def _show_snapshot(self, _camera_id: str, path: str) -> None:
        self._saved += 1 if path else 0
        QTimer.singleShot(_TOGETHER_MS, self, self._forget_saved)
        self.banners.show_banner(notices.snapshot_banner(path, self._saved))

    def _forget_saved(self) -> None:
        self._saved = 0

    def _show_machine(self, load: "MachineLoad") -> None:
        self._load = load
        self.status.show_machine(load)

    def _tick(self) -> None:
        now = self._clock.now()
        self.status.show_time(now)
        self.page.tick(now)
        if now.date() != self._today:
            self._today = now.date()
            self._events.keep_day(self._today)

    def _follow_preferences(self, fields: frozenset[str]) -> None:
        if fields & {"language", "theme"}:
            # Not now: the menu that was clicked is itself made anew.
            QTimer.singleShot(0, self, self._rebuild)

    def _toggle_full_screen(self) -> None:
        self.set_full_screen(not self.isFullScreen())

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen with the grid alone, or come back."""
        if full:
            self._place_before = self._current_place()
            self._was_maximized = self.isMaximized()
            self.showFullScreen()
        elif self._was_maximized:
            self.showMaximized()
        else:
            self.showNormal()
        self._show_full_screen()

    def _show_full_screen(self) -> None:
        full = self.isFullScreen()
        self.rail.setVisible(not full)
        self.status.setVisible(not full)
        self.page.set_full_screen(full)
        self.actions_.set_full_screen(full)

    def _go_back(self) -> None:
        if not self.page.go_back() and self.isFullScreen():
            self.set_full_screen(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that is covered or unmapped is told that it is not exposed."""
        if event.type() is QEvent.Type.Expose:
            QTimer.singleShot(0, self, self._tell_seen)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._tell_seen()
            self._show_full_screen()

    def _tell_seen(self) -> None:
        handle = self.windowHandle()
        exposed = handle is not None and handle.isExposed()
        self.page.grid.set_window_seen(exposed and not self.isMinimized())

    def closeEvent(self, event: QCloseEvent) -> None:
        self._ticker.stop()
        self._save_place()
        self.page.stop()
        self._language.fall_silent()
        super().closeEvent(event)
        self.closed.emit()

    def _save_place(self) -> None:
        place = self._place_before if self.isFullScreen() else self._current_place()
        window = dict(self._preferences.value.window) | {"geometry": place}
        self._preferences.change(window=window)

    def _current_place(self) -> str:
        return base64.b64encode(self.saveGeometry().data()).decode("ascii")

    def _restore_place(self) -> None:
        self._place_before = self._preferences.value.window.get("geometry", "")
        self.restoreGeometry(QByteArray.fromBase64(self._place_before.encode()))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
