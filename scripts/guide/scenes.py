"""What each picture shows, and the steps that lead there."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from scripts.guide.films import SIZE
from scripts.guide.house import (
    CAMERAS,
    DISK_USE,
    FILMS,
    MOMENTS_S,
    MORE_CAMERAS,
    NOW,
    TOGETHER_AT,
    House,
)
from tests.support.tour_places import newest_dialog, settle
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Box, Size, Viewport
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.preview import PreviewFrame
from vms_desktop.core.camera.stream_probe import StreamFacts, StreamResult, StreamRole
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.cameras.dialog.stream_results import StreamResults
from vms_desktop.ui.clips.export_dialog import ExportDialog
from vms_desktop.ui.playback.area_search.dialog import AreaSearchDialog
from vms_desktop.ui.playback.area_search.form import SpanChooser
from vms_desktop.ui.playback.area_search.picture import AreaPicture
from vms_desktop.ui.playback.area_search.results import HitsModel
from vms_desktop.ui.playback.bar import RECORDINGS
from vms_desktop.ui.playback.timeline.hover import HoverPopup

if TYPE_CHECKING:
    from vms_desktop.ui.playback.page import PlaybackPage

W = TypeVar("W", bound=QWidget)
PartT = TypeVar("PartT", bound=QObject)

_RECORDED_S = 13
_LIST_PX, _DIALOG_PX = (1280, 760), (1240, 900)


def live(house: House) -> QPixmap:
    """Four cameras, two of them recording."""
    house.window.show_page(PageKey.LIVE)
    settle()
    for number, camera in enumerate(CAMERAS[:2]):
        began_at = NOW - timedelta(seconds=_RECORDED_S + number)
        house.fleet.become(camera.id, CameraState.RECORDING, recording_since_at=began_at)
        house.fleet.event_began.emit(camera.id, began_at)
    house.show_pictures(MOMENTS_S)
    return taken(house)


def alone(house: House) -> QPixmap:
    """One camera over the whole grid."""
    live(house)
    house.window.page.grid.set_alone("front_door")
    settle()
    house.show_pictures(MOMENTS_S)
    return taken(house)


def keys(house: House) -> QPixmap:
    """The list of keys over the Live page."""
    live(house)
    house.window.actions_.keys.trigger()
    settle()
    return taken(house)


def lost(house: House) -> QPixmap:
    """One camera of each kind that has no picture."""
    live(house)
    again_at = NOW + timedelta(seconds=6)
    house.fleet.become(
        "driveway",
        CameraState.STREAM_LOST,
        problem=Problem.REFUSED,
        detail="192.168.1.22",
        next_try_at=again_at,
        attempt=5,
        last_picture_at=NOW - timedelta(minutes=2),
    )
    house.fleet.become(
        "shop",
        CameraState.FAILED,
        problem=Problem.WRONG_PASSWORD,
        detail="192.168.1.23",
        next_try_at=NOW + timedelta(minutes=12),
    )
    house.fleet.become("farm_gate", CameraState.INACTIVE)
    settle()
    return taken(house)


def cameras(house: House) -> QPixmap:
    """The list, with a camera that is lost and one that is switched off."""
    live(house)
    house.window.resize(*_LIST_PX)
    house.fleet.replace_cameras(CAMERAS + MORE_CAMERAS)
    house.fleet.become("back_yard", CameraState.STREAM_LOST, problem=Problem.REFUSED)
    house.fleet.become("workshop", CameraState.INACTIVE)
    house.window.show_page(PageKey.CAMERAS)
    settle()
    house.show_pictures(MOMENTS_S)
    house.fleet.catalogue.disk_use_changed.emit(DISK_USE)
    settle()
    return taken(house)


def camera_dialog(house: House) -> QPixmap:
    """A camera being edited: areas, meter, schedule, both streams tested."""
    house.window.tasks.edit("driveway")
    settle()
    dialog = newest_dialog("edit_camera")
    dialog.resize(*_DIALOG_PX)
    settle()
    preview, film, moment_s = house.notes.previews[-1], FILMS["driveway"], MOMENTS_S["driveway"]
    preview.status = Status(state=CameraState.LIVE, since_at=NOW)
    preview.status_changed.emit(preview.status)
    motion = film.motion(moment_s)
    room = preview.viewport
    assert isinstance(room, Viewport)
    picture = film.picture(moment_s, room)
    preview.frames.put(PreviewFrame(picture, motion.area_px, motion.threshold_px, True, False))
    _part(dialog, StreamResults).button.click()
    test = house.notes.tests[-1]
    for role, facts in (
        (StreamRole.SD, StreamFacts("H.264", SIZE, 12, 609_000, "", 2.0)),
        (StreamRole.HD, StreamFacts("H.264", Size(1280, 720), 12, 1_400_000, "", 2.0)),
    ):
        test.answered.emit(StreamResult(role, facts))
    test.finished.emit()
    for _ in range(5):
        settle()
    return dialog.grab()


def playback(house: House) -> QPixmap:
    """Four cameras in step, and a frame under the pointer."""
    page = at_the_door(house)
    timeline = page.parts.timeline
    QTest.mouseMove(timeline, QPoint(timeline.width() // 2, timeline.height() // 2))
    popup = _part(house.window, HoverPopup)
    house.until(lambda: popup.isVisible() and popup.has_picture)
    return taken(house)


def at_the_door(house: House) -> "PlaybackPage":
    """The Playback page at a moment at which all cameras have a clip."""
    page = house.playback
    clip = max(
        (clip for clip in house.today if clip.camera_id == "front_door"),
        key=lambda clip: clip.start_at,
    )
    page.open_at("front_door", clip.path, TOGETHER_AT + timedelta(seconds=9))
    house.until(lambda: len(page.parts.players.tracks()) == len(CAMERAS))
    views = [page.parts.players.view(key) for key in page.parts.players.tracks()]
    house.until(lambda: all(view.picture is not None for view in views))
    return page


def recordings(house: House) -> QPixmap:
    """The day's clips over the whole width, some of them selected."""
    page = house.playback
    page.set_mode(RECORDINGS)
    newest = [clip.path for clip in reversed(page.player.clips())]
    page.parts.recordings.select(newest[1:9:3])
    for _ in range(10):
        settle()
    return taken(house)


def export(house: House) -> QPixmap:
    """The dialog that makes files of a range."""
    page = at_the_door(house)
    page.parts.timeline.set_marks(
        TOGETHER_AT - timedelta(minutes=20), TOGETHER_AT + timedelta(seconds=25)
    )
    house.window.actions_.playback.export.trigger()
    settle()
    dialog = next(iter(_shown(ExportDialog)))
    dialog.comment.setText("Visitors")
    for _ in range(10):
        settle()
    return taken(house)


def search(house: House) -> QPixmap:
    """Everything that moved in a part of the picture within a month."""
    at_the_door(house).parts.players.choose("Front_door")
    house.window.actions_.playback.search_area.trigger()
    settle()
    dialog = next(iter(_shown(AreaSearchDialog)))
    _part(dialog, AreaPicture).set_area(Box(0.2, 0.62, 0.3, 0.34))
    _part(dialog, SpanChooser).choose("30")
    dialog.search()
    hits = _part(dialog, HitsModel)
    house.until(lambda: hits.hits)
    for _ in range(10):
        settle()
    return taken(house)


def archives(house: House) -> QPixmap:
    """Clips that are kept, with their comments."""
    house.window.show_page(PageKey.ARCHIVES)
    for _ in range(20):
        settle()
    return taken(house)


def taken(house: House) -> QPixmap:
    """The window as a person sees it, with what lies on it."""
    for _ in range(3):
        settle()
    whole = house.window.grab()
    with QPainter(whole) as painter:
        for widget in _shown(QDialog):
            # Where a desktop would put it; the offscreen one leaves it in the corner.
            place = house.window.rect().center() - widget.rect().center()
            painter.drawPixmap(place, widget.grab())
            painter.setPen(Qt.GlobalColor.darkGray)
            painter.drawRect(place.x(), place.y(), widget.width() - 1, widget.height() - 1)
    return whole


def _shown(kind: type[W]) -> list[W]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


Scene = Callable[[House], QPixmap]
# Their pictures are named without a look; it is the usual one.
_PLAIN: tuple[Scene, ...] = (live, alone, keys, lost)
_LOOKS: dict[tuple[str, str], tuple[Scene, ...]] = {
    ("dark", "en"): (
        *_PLAIN, cameras, camera_dialog, playback, recordings, export, search, archives,
    ),
    ("light", "fr"): (live, cameras, camera_dialog, playback, search, archives),
    ("dark", "fr"): (cameras, camera_dialog),
    ("light", "en"): (cameras, camera_dialog),
}  # fmt: skip


def _file(scene: Scene, theme: str, language: str) -> str:
    name = scene.__name__
    is_plain = scene in _PLAIN and (theme, language) == ("dark", "en")
    return f"{name}.png" if is_plain else f"{name}_{theme}_{language}.png"


# File: its scene, theme and language.
PICTURES = {
    _file(scene, *look): (scene, *look) for look, scenes in _LOOKS.items() for scene in scenes
}


def _part(whole: QObject, kind: type[PartT]) -> PartT:
    part = whole.findChild(kind)
    assert part is not None
    return part
