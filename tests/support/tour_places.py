"""What the tour sees: every page and dialog, over cameras, views and clips with long names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Self

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tests.support.archive_clips import put_thumbnail
from tests.support.camera_dialogs import Notes, services
from tests.support.recorded import record
from tests.support.stand_in import NOON, FleetStandIn, StillClock, camera, picture
from vms_desktop.app.library_services import review_parts, stop_review
from vms_desktop.core.base.errors import ConfigError, Problem, Reason
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.camera_store import InvalidCamera
from vms_desktop.core.config.exchange import ImportReport
from vms_desktop.core.config.settings import Settings, View
from vms_desktop.core.library.system_load import MachineLoad
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.cameras.dialog.address_field import AddressField
from vms_desktop.ui.cameras.dialog.dialog import CameraDialog
from vms_desktop.ui.main_window import MainWindow
from vms_desktop.ui.playback.bar import RECORDINGS, TIMELINE
from vms_desktop.ui.widgets.banner import Banner

NAMES = (
    "Entrance of the old warehouse, at the side of the street (north)",
    "Entrée (côté rue) du magasin de la rue du Faubourg-Saint-Denis",
    "倉庫の裏口と駐車場を見る北側の監視カメラ、二階の窓の上にある大きいもの、夜も見えるカメラ",
    "كاميرا المدخل الرئيسي للمستودع القديم بجانب الشارع الشمالي الكبير",
    "Cour_arriere_du_batiment_principal_sans_aucune_espace_dans_le_nom",
    "Gate",
)
VIEWS = (
    "Everything that faces the street",
    "Nuit et week-end, entrées",
    "Yard",
    "倉庫の裏口と駐車場",
)
LONG_ADDRESS = f"192.168.1.50/{'a_folder_of_streams/' * 8}main"
STOP_S, SETTLE_S = 6.0, 8.0
_LARGER_SCREEN_PX = (2400, 1500)


class Places:
    """The window over its stand-in fleet, and what can be opened from it."""

    def __init__(self, root: Path, language: str, theme: str) -> None:
        cameras = tuple(
            camera(number, name=name, url_hd="rtsp://camera/hd", is_active=number != 2)
            for number, name in enumerate(NAMES[:-1], 1)
        )
        self.fleet = FleetStandIn(cameras, root)
        self.clock = StillClock()
        self._fill_library()
        fleet: Any = self.fleet  # As far as the window asks.
        self.review = review_parts(
            fleet, self.clock, CameraFolders(self.fleet.layout, lambda *_: None)
        )
        views = tuple(View(name, ("cam1", "cam2")) for name in VIEWS)
        settings = Settings(language=language, theme=theme, views=views, view=VIEWS[1])
        self.window = MainWindow(
            fleet, settings, lambda _settings: None, root, lambda: services(Notes()),
            self.review, self.clock,
        )  # fmt: skip

    @classmethod
    @contextmanager
    def made(cls, root: Path, language: str, theme: str) -> Iterator[Self]:
        """Open the window where it was on a larger screen; it is closed at the end."""
        places = cls(root, language, theme)
        places.window.resize(*_LARGER_SCREEN_PX)
        places.review.index.start()
        places.window.show()
        places.until(places.window.isVisible)
        try:
            yield places
        finally:
            places.window.close()
            places.window.deleteLater()
            assert stop_review(places.review, monotonic() + STOP_S)
            QApplication.processEvents()

    def _fill_library(self) -> None:
        layout = self.fleet.layout
        for number, name in enumerate(NAMES, 1):
            for minute in range(number % 3 + 1):
                start = NOON - timedelta(hours=1, minutes=4 * minute)
                clip = record(layout, number, start.astimezone(), name=name)
                put_thumbnail(layout.thumbnail_path(clip.path), "#4a6a52")

    def until(self, condition: Callable[[], object]) -> None:
        """Let Qt's events happen until the condition holds."""
        deadline = monotonic() + SETTLE_S
        while not condition():
            assert monotonic() < deadline, "the tour waits in vain"
            settle()

    def walk(self) -> Iterator[tuple[str, QWidget]]:
        """Everything there is, opened one after the other."""
        self._show_states()
        yield from self._pages()
        yield from self._dialogs()
        yield from self._menus()

    def _show_states(self) -> None:
        fleet = self.fleet
        for number in range(1, 6):
            fleet.pictures(f"cam{number}").put(picture())
            fleet.become(f"cam{number}", CameraState.LIVE)
        fleet.become("cam3", CameraState.STREAM_LOST, problem=Problem.UNSUPPORTED_CODEC)
        fleet.become("cam4", CameraState.FAILED, problem=Problem.WRONG_PASSWORD)
        fleet.become("cam2", CameraState.INACTIVE)
        fleet.become("cam1", CameraState.RECORDING, recording_since_at=NOON)
        fleet.event_began.emit("cam1", NOON)
        fleet.machine_changed.emit(MachineLoad(0.12, 10**8, 431 * 10**9, 214.0))

    def _pages(self) -> Iterator[tuple[str, QWidget]]:
        window = self.window
        for key in (PageKey.LIVE, PageKey.CAMERAS, PageKey.ARCHIVES):
            window.show_page(key)
            settle()
            yield key, window
        window.show_page(PageKey.PLAYBACK)
        page = self._page(PageKey.PLAYBACK)
        self.until(page.player.clips)
        settle()
        yield "playback", window
        page.set_mode(RECORDINGS)
        page.parts.recordings.view.selectAll()
        settle()
        yield "recordings_selected", window
        page.set_mode(TIMELINE)
        self._archive_some()
        window.show_page(PageKey.ARCHIVES)
        self.until(lambda: self._page(PageKey.ARCHIVES).view._plan.order)
        settle()
        yield "archives_clips", window
        window.show_page(PageKey.CAMERAS)
        self._page(PageKey.CAMERAS).view.selectAll()
        settle()
        yield "cameras_selected", window
        self._page(PageKey.CAMERAS).view.clearSelection()
        yield from self._banners()

    def _page(self, key: PageKey) -> Any:
        """The page, for what only pages of its kind have."""
        return self.window.pages.page(key)

    def _archive_some(self) -> None:
        page = self._page(PageKey.PLAYBACK)
        self.window.clip_tasks.archive(page.player.clips()[:3])

    def _banners(self) -> Iterator[tuple[str, QWidget]]:
        window = self.window
        path = f"/home/somebody/Pictures/{'a_folder_without_a_space_' * 4}/{NAMES[4]}.png"
        answers = (("Show folder", lambda: None), ("Not now", lambda: None))
        window.banners.show_banner(Banner("long", f"{path}: {NAMES[0]}", answers=answers))
        window.banners.show_banner(Banner("card", f"Saved: {path}", answers=answers, seconds=60))
        settle()
        yield "banners", window
        for key in ("long", "card"):
            window.banners.remove(key)

    def _dialogs(self) -> Iterator[tuple[str, QWidget]]:
        for name, opening in self._openings().items():
            opening()
            settle()
            shown = newest_dialog(name)
            yield name, shown
            shown.done(0)
            settle()
        yield from self._camera_dialog()

    def _openings(self) -> dict[str, Callable[[], object]]:
        window, tasks, clips = self.window, self.window.tasks, self.window.clip_tasks
        page, live = self._page(PageKey.PLAYBACK), window.page
        found = tuple(camera(20 + n, name=name) for n, name in enumerate(NAMES))
        refused = (InvalidCamera("x", NAMES[0], ConfigError("url_sd", Reason.EMPTY), 3),)
        report = ImportReport(found, NAMES, refused)
        played = page.player.clips()
        marks = (played[0].start_at, played[-1].end_at)
        tracks = [
            page._commands._track(key, page.player.clips_of(key)) for key in page.player.order()
        ]
        return {
            "keys": window.actions_.keys.trigger,
            "about": window.actions_.about.trigger,
            "add_camera": tasks.add,
            "delete_camera": lambda: tasks.delete(["cam1"]),
            "delete_cameras": lambda: tasks.delete([f"cam{n}" for n in range(1, 6)]),
            "import_file": tasks.import_cameras,
            "import": lambda: tasks._show_import(report),
            "export_cameras": lambda: tasks.export(["cam1"]),
            "new_view": live._add_view,
            "delete_view": lambda: live._delete_view(VIEWS[0]),
            "export_clips": lambda: clips.export_clips(played),
            "export_range": lambda: clips.export(tracks, *marks),
            "delete_clips": lambda: clips.delete(played),
            "search": page._search_area,
        }

    def _camera_dialog(self) -> Iterator[tuple[str, QWidget]]:
        self.window.tasks.edit("cam1")
        settle()
        shown = newest_dialog("edit_camera")
        assert isinstance(shown, CameraDialog)
        yield "edit_camera", shown
        shown.form.name.clear()
        address = shown.findChild(AddressField)
        assert address is not None
        address.line.setText(LONG_ADDRESS)
        shown._area.verticalScrollBar().setValue(10_000)
        settle()
        yield "edit_camera_below", shown
        shown.save()
        settle()
        yield "edit_camera_wrong", shown
        shown.reject()
        settle()
        question = newest_dialog("edit_camera_question")
        yield "edit_camera_question", question
        question.done(0)
        shown.close_unsaved()
        settle()

    def _menus(self) -> Iterator[tuple[str, QWidget]]:
        window = self.window
        corner = window.mapToGlobal(QPoint(window.width() - 4, window.height() - 4))
        openings = {
            PageKey.LIVE: lambda: self._page(PageKey.LIVE)._show_menu("cam1", corner),
            PageKey.PLAYBACK: lambda: self._page(PageKey.PLAYBACK)._show_menu("", corner),
            PageKey.CAMERAS: lambda: self._page(PageKey.CAMERAS)._show_menu(corner),
            PageKey.ARCHIVES: lambda: window.rail.gear.menu().popup(corner),
        }
        for page, opening in openings.items():
            window.show_page(page)
            opening()
            settle()
            shown = QApplication.activePopupWidget()
            assert shown is not None, f"menu_{page} has not opened"
            yield f"menu_{page}", shown
            shown.close()


def newest_dialog(name: str) -> QDialog:
    """The dialog that is on top, which is called so in the tour."""
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    assert shown, f"{name} has not opened"
    return max(shown, key=lambda dialog: len(_above(dialog)))


def _above(widget: QWidget) -> list[QWidget]:
    parents: list[QWidget] = []
    parent = widget.parentWidget()
    while parent is not None:
        parents.append(parent)
        parent = parent.parentWidget()
    return parents


def settle() -> None:
    """Let what was asked for be laid out and painted."""
    for _ in range(2):
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()
