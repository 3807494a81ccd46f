"""The window: rail, pages and status bar around one fleet."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from vms_desktop.core.base import Clock, Picture, Status, day_of
from vms_desktop.core.clips import Clip
from vms_desktop.core.config import Settings
from vms_desktop.ui.about import AboutDialog
from vms_desktop.ui.base import (
    Actions,
    KeyPlaces,
    Language,
    PageKey,
    Pages,
    Preferences,
    apply_theme,
    icons,
    keep_on_screen,
    open_path,
    page_key,
    theme_named,
)
from vms_desktop.ui.cameras import CameraEdits, CamerasModel, CameraTasks
from vms_desktop.ui.clips import ClipTasks, LibraryServices
from vms_desktop.ui.closing import Closing
from vms_desktop.ui.fleet_banners import Reports
from vms_desktop.ui.live import EVENT_THUMBNAIL_SIZE, EventPictures, EventsModel, LivePage, PaintLog
from vms_desktop.ui.rail import Rail
from vms_desktop.ui.shortcuts import ShortcutsDialog
from vms_desktop.ui.status_bar import StatusBar
from vms_desktop.ui.widgets import Banner, BannerArea

if TYPE_CHECKING:
    from datetime import datetime

    from vms_desktop.core.library import MachineLoad
    from vms_desktop.ui.archives import ArchivesPage
    from vms_desktop.ui.cameras import CamerasPage
    from vms_desktop.ui.cameras.dialog import DialogServices
    from vms_desktop.ui.playback import PlaybackPage
    from vms_desktop.workers.camera import Fleet

_FIRST_SIZE = (1280, 760)
_LEAST_SIZE = (800, 440)
_SESSION_ENDS_MS = 10_000
_FULL_SCREEN_PAGES = (PageKey.LIVE, PageKey.PLAYBACK)


class MainWindow(QMainWindow):
    """Shows a fleet and keeps what a person sets.

    Its content is made anew when language or theme change, so that no widget
    has to know how to change either.

    Attributes:
        page: Live.
        paint_log: The number of pictures painted, and their delays.

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
        services: "Callable[[], DialogServices]",
        review: LibraryServices,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self._fleet = fleet
        self._clock = clock or Clock()
        self._pictures_folder = pictures_folder
        self._services = services
        self._review = review
        self._preferences = Preferences(settings, save_settings, self)
        self._language = Language(_application())
        KeyPlaces(_application(), self)
        self.paint_log = PaintLog()
        self._events = EventsModel(lambda clip: fleet.layout.thumbnail_path(clip.path), self)
        self._reports = Reports(fleet, self)
        self._closing = Closing(review.jobs, self._reports, self)
        self._edits = CameraEdits(fleet)
        self._cameras = CamerasModel(fleet, self)
        self._was_maximized = False
        self._place_before = ""
        self._load: MachineLoad | None = None
        self._today = day_of(self._clock.now())
        self.setWindowTitle("VMS Desktop")
        self.setWindowIcon(icons.app_icon())
        keep_on_screen(self)
        self.setMinimumSize(*_LEAST_SIZE)
        self.resize(*_FIRST_SIZE)
        self._build()
        self._restore_place()
        self._event_pictures = self._made_event_pictures()
        self._connect_fleet()
        _application().commitDataRequest.connect(self._note_session_end)
        self._preferences.changed.connect(self._follow_preferences)
        self._is_closed = False
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
        self.tasks = CameraTasks(
            self._fleet, self._edits, self._cameras, self._services, self._theme, self
        )
        self.clip_tasks = ClipTasks(
            self._review.jobs, self._fleet, self._preferences, self._theme, self
        )
        self.clip_tasks.told.connect(self._reports.show)
        self.rail = Rail(self.actions_, self._preferences, self._theme)
        self.status = StatusBar(self._theme)
        self._make_pages()
        self.banners = BannerArea(self._theme, self.pages.stack)
        self._place()
        self._connect_content()
        self._reports.show_in(self.banners)
        self._show_all()
        self.show_page(page_key(settings.page))

    def _make_pages(self) -> None:
        """A page more is a line more here, and its action.

        What only another page than Live needs is imported with it: the first pictures go before.
        """
        self.pages = Pages(self)
        self.pages.add(PageKey.LIVE, self._made_live)
        self.pages.add(PageKey.PLAYBACK, self._made_playback)
        self.pages.add(PageKey.ARCHIVES, self._made_archives)
        self.pages.add(PageKey.CAMERAS, self._made_cameras)
        self.page = cast(LivePage, self.pages.page(PageKey.LIVE))

    def _made_live(self) -> LivePage:
        page = LivePage(
            self._fleet,
            self._events,
            self._review.thumbnails,
            self._preferences,
            self.actions_,
            self._theme,
            self._pictures_folder,
            clock=self._clock,
            log=self.paint_log,
        )
        page.demo_wanted.connect(self.demo_wanted)
        page.playback_wanted.connect(self.play_back)
        return page

    def _made_playback(self) -> "PlaybackPage":
        from vms_desktop.ui.playback import PlaybackPage

        page = PlaybackPage(
            self._fleet,
            self._review,
            self._preferences,
            self.actions_,
            self._theme,
            self._pictures_folder,
            self.clip_tasks,
            clock=self._clock,
        )
        page.told.connect(self._reports.show)
        return page

    def _made_archives(self) -> "ArchivesPage":
        from vms_desktop.ui.archives import ArchivesPage

        page = ArchivesPage(self._review, self._fleet, self.actions_, self._theme)
        page.play_wanted.connect(lambda clip: self.play_back(path=clip.path))
        page.export_wanted.connect(self.clip_tasks.export_clips)
        page.told.connect(self._reports.show)
        return page

    def play_back(
        self, camera_id: str | None = None, path: Path | None = None, at: "datetime | None" = None
    ) -> None:
        """Show a camera's newest clip on the Playback page, or play a clip or from a moment."""
        cast("PlaybackPage", self.pages.page(PageKey.PLAYBACK)).open_at(camera_id, path, at)
        self.show_page(PageKey.PLAYBACK)

    def _made_cameras(self) -> "CamerasPage":
        from vms_desktop.ui.cameras import CamerasPage

        page = CamerasPage(
            self._fleet, self._cameras, self._edits, self.tasks, self.actions_, self._theme
        )
        page.playback_wanted.connect(self.play_back)
        page.demo_wanted.connect(self.demo_wanted)
        page.recall(self.page.grid.last_pictures())
        return page

    def _place(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        exports = self.clip_tasks.exports
        for widget in (self.pages.bars, self.banners, exports, self.pages.stack, self.status):
            column.addWidget(widget, 1 if widget is self.pages.stack else 0)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        self.setCentralWidget(content)

    def _rebuild(self) -> None:
        if self._is_closed:
            return
        kept, tasks = self.pages.keep(), self.clip_tasks.keep()
        self._let_go()
        self._drop_actions()
        self._build()
        self.clip_tasks.bring_back(tasks)
        self.pages.bring_back(kept)
        self._show_full_screen()

    def _let_go(self) -> None:
        """Disconnect from the fleet what will be gone."""
        self.tasks.stop()
        self.tasks.deleteLater()
        self.clip_tasks.stop()
        self.clip_tasks.deleteLater()
        for page in self.pages:
            page.stop()

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
        actions.add_camera.triggered.connect(self.tasks.add)
        actions.edit.triggered.connect(lambda: self.tasks.edit(self.pages.current.focus_camera()))
        for key, action in actions.pages.items():
            action.triggered.connect(lambda _on=False, key=key: self.show_page(key))
        self.pages.changed.connect(self._follow_page)
        self.tasks.told.connect(self._reports.show)

    def show_page(self, key: PageKey) -> None:
        """Show one of the pages."""
        if self.isFullScreen() and key not in _FULL_SCREEN_PAGES:
            self.set_full_screen(False)
        self.pages.show(key)

    def _follow_page(self, key: PageKey) -> None:
        self.rail.show_page(key)
        self.actions_.show_for(key)
        self.page.set_silent(key is PageKey.PLAYBACK)
        self._preferences.change(page=key.value)

    def _made_event_pictures(self) -> EventPictures:
        def shown(camera_id: str) -> Picture | None:
            return self.page.grid.picture(camera_id)  # another page after a change of language

        return EventPictures(
            self._events, shown, EVENT_THUMBNAIL_SIZE * self.devicePixelRatioF(), self
        )

    def _connect_fleet(self) -> None:
        fleet = self._fleet
        fleet.cameras_changed.connect(self._show_states)
        fleet.status_changed.connect(self._follow_status)
        fleet.event_began.connect(self._begin_event)
        fleet.clip_closed.connect(self._close_clip)
        fleet.thumbnail_ready.connect(self._events.refresh)
        fleet.clips_deleted.connect(self._events.forget)
        fleet.today_loaded.connect(self._events.load)
        fleet.machine_changed.connect(self._show_machine)

    def _show_all(self) -> None:
        self._show_states()
        self.status.show_time(self._clock.now())
        if self._load is not None:
            self.status.show_machine(self._load)

    def _show_states(self, *_cameras: object) -> None:
        cameras = self._fleet.cameras()
        self.status.show_states(self._fleet.status(camera.id) for camera in cameras)

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

    def _show_machine(self, load: "MachineLoad") -> None:
        self._load = load
        self.status.show_machine(load)

    def _tick(self) -> None:
        now = self._clock.now()
        self.status.show_time(now)
        for page in self.pages:
            page.tick(now)
        if (today := day_of(now)) != self._today:
            self._today = today
            self._events.keep_day(self._today)

    def _follow_preferences(self, fields: frozenset[str]) -> None:
        if fields & {"language", "theme"}:
            # Not now: the menu that was clicked is itself made anew.
            QTimer.singleShot(0, self, self._rebuild)

    def _toggle_full_screen(self) -> None:
        self.set_full_screen(not self.isFullScreen())

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen with pictures alone, or come back."""
        if full:
            if self.pages.key not in _FULL_SCREEN_PAGES:
                self.show_page(PageKey.LIVE)
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
        self.pages.bars.setVisible(not full)
        for page in self.pages:
            page.set_full_screen(full)
        self.actions_.set_full_screen(full)

    def _go_back(self) -> None:
        if not self.pages.current.go_back() and self.isFullScreen():
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
        self.pages.set_window_seen(exposed and not self.isMinimized())

    def tell(self, banner: Banner) -> None:
        """Show a banner."""
        self._reports.show(banner)

    def come_forward(self, token: str = "") -> None:
        """Be seen and have the focus, from behind other windows too.

        Args:
            token: A launcher's, which Wayland wants to see for it.
        """
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)  # where the system lets no window come to the front by itself

    def dismiss_dialogs(self) -> None:
        """Close every dialog without its question: nobody may be there to answer it."""
        self._closing.asks = False
        for dialog in self.findChildren(QDialog):
            dialog.done(QDialog.DialogCode.Rejected)

    def _note_session_end(self, _manager: object) -> None:
        self._closing.asks = False  # The desktop waits for nobody's answer.
        QTimer.singleShot(_SESSION_ENDS_MS, self, self._ask_again)

    def _ask_again(self) -> None:
        """The end of the session was called off: the program is still there."""
        self._closing.asks = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closing.may_close():
            event.ignore()
            return
        self._is_closed = True
        self._ticker.stop()
        self._save_place()
        self._let_go()
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
