"""A house with cameras, and the month of clips that they have recorded."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from scripts.guide.films import SIZE, Cut, Film
from tests.support.camera_dialogs import Notes, services
from tests.support.library import put_file
from tests.support.stand_in import NOON, FleetStandIn, StillClock
from tests.support.tour_places import settle
from vms_desktop.app.library_services import review_parts, stop_review
from vms_desktop.core.base.files import write_whole
from vms_desktop.core.base.layout import Layout, folder_name
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.schedule import ScheduleRange
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.core.library.archive import archive_clip, set_comment
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.core.library.system_load import MachineLoad
from vms_desktop.core.media.thumbnail import make_thumbnail
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.main_window import MainWindow
from vms_desktop.ui.playback.page import PlaybackPage

NOW = NOON.astimezone()
FILMS = {name: Film(name) for name in ("front_door", "driveway", "shop", "farm_gate")}
# Where in the films something is well in the picture, and which pieces make clips.
MOMENTS_S = {"front_door": 16.0, "driveway": 16.5, "shop": 16.0, "farm_gate": 14.0}
CUTS_S = {
    "front_door": ((6, 34),),
    "driveway": ((4, 28), (26, 51)),
    "shop": ((5, 33),),
    "farm_gate": ((4, 31), (31, 53)),
}
# All four cameras have a clip then.
TOGETHER_AT = datetime.combine(NOW.date(), time(14, 5)).astimezone()
_DAYS_AGO = (1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 15, 16, 18, 19, 20)
_COMMENTS = (
    "Milk delivered",
    "A fox, third night in a row",
    "Courier, left a parcel at the door",
    "",
    "Till closed",
    "Neighbour brought the keys back",
)
_WAIT_S = 20.0

_WEEKDAYS, _WEEKEND = frozenset(range(5)), frozenset((5, 6))
_NIGHTS = (
    ScheduleRange(days=_WEEKDAYS, start=time(18), end=time(7)),
    ScheduleRange(days=_WEEKEND, start=time(0), end=time(0)),
)
_STREET = ((0, 0.22), (0.55, 0.18), (1, 0.26), (1, 0.335), (0.62, 0.33), (0, 0.455))
_DRIVE = ((0.28, 0.5), (0.62, 0.4), (0.99, 0.72), (0.99, 0.98), (0.4, 0.98))
_ZONES = (
    Zone(name="Street", kind=ZoneKind.IGNORE, points=tuple(Point(*at) for at in _STREET)),
    Zone(name="", kind=ZoneKind.WATCH, points=tuple(Point(*at) for at in _DRIVE)),
)


def _camera(name: str, host: int, days: int = 30, **fields: object) -> CameraConfig:
    values: dict[str, object] = {
        "id": folder_name(name).lower(),
        "name": name,
        "url_sd": f"rtsp://192.168.1.{host}:554/sd",
        "url_hd": f"rtsp://192.168.1.{host}:554/hd",
        "username": "viewer",
        "password": "not a real one",
        "is_active": True,
        "retention_days": days,
    }
    return CameraConfig(**values | fields)  # type: ignore[arg-type]


CAMERAS = (
    _camera("Front door", 21),
    _camera("Driveway", 22, 14, zones=_ZONES, schedule=_NIGHTS),
    _camera("Shop", 23),
    _camera("Farm gate", 24, 0),
)
MORE_CAMERAS = (
    _camera("Back yard", 25, 7),
    _camera("Workshop", 26, is_active=False, is_recording_enabled=False),
)
DISK_USE = {
    "front_door": DiskUse(12 * 10**9, 812, 184 * 10**6, 9),
    "driveway": DiskUse(3_900 * 10**6, 301, 37 * 10**6, 2),
    "shop": DiskUse(6 * 10**9, 402),
    "farm_gate": DiskUse(5_100 * 10**6, 288, 19 * 10**6, 1),
    "back_yard": DiskUse(0, 0),
    "workshop": DiskUse(0, 0),
}


@cache
def _cut(film: str, number: int) -> Cut:
    pieces = CUTS_S[film]
    return FILMS[film].cut(*pieces[number % len(pieces)])


@cache
def _thumbnail(path: Path, film: str, number: int) -> bytes:
    peak = max(_cut(film, number).motions, key=lambda motion: motion.area_px)
    return make_thumbnail(path, peak.at)


def fill_library(layout: Layout) -> list[Clip]:
    """Record a month; the clips of today, oldest first."""
    chance = random.Random(11)
    today = []
    for number, camera in enumerate(CAMERAS):
        for days_ago in _DAYS_AGO:
            at = datetime.combine(NOW.date() - timedelta(days=days_ago), time(9 + number))
            _record(layout, camera, (at + timedelta(days_ago * 0.013)).astimezone(), days_ago)
        minutes = sorted(chance.sample(range(7 * 60, 14 * 60 - 5, 4), 30 - 4 * number))
        for count, minute in enumerate(minutes):
            at = datetime.combine(NOW.date(), time(minute // 60, minute % 60, 7 * number + 3))
            today.append(_record(layout, camera, at.astimezone(), count))
        today.append(_record(layout, camera, TOGETHER_AT + timedelta(seconds=2 * number), 0))
    today.sort(key=lambda clip: clip.start_at)
    for clip, comment in zip(today[9::16], _COMMENTS, strict=True):
        kept = archive_clip(layout, clip.path, NOW.date())
        if comment:
            set_comment(layout, kept, comment)
    return [clip for clip in today if clip.path.exists()]


def _record(layout: Layout, camera: CameraConfig, start_at: datetime, number: int) -> Clip:
    cut = _cut(camera.id, number)
    path = put_file(layout.clip_path(folder_name(camera.name), start_at), cut.data)
    moving = [motion for motion in cut.motions if motion.moving]
    peak = max(moving, key=lambda motion: motion.area_px)
    clip = Clip(
        camera_id=camera.id,
        camera_name=camera.name,
        path=path,
        start_at=start_at,
        end_at=start_at + timedelta(seconds=cut.length_s),
        event_start_at=start_at + timedelta(seconds=moving[0].at),
        trigger=Trigger.MANUAL if number % 9 == 8 else Trigger.MOTION,
        codec="H.264",
        size=SIZE,
        size_bytes=len(cut.data),
        peak_at=start_at + timedelta(seconds=peak.at),
        peak_area_px=peak.area_px,
        motions=tuple(moving),
    )
    write_sidecar(layout.sidecar_path(path), clip)
    write_whole(layout.thumbnail_path(path), _thumbnail(path, camera.id, number % 2), sync=False)
    return clip


@dataclass(frozen=True, slots=True)
class House:
    """The window, and what a scene lets happen behind it."""

    window: MainWindow
    fleet: FleetStandIn
    notes: Notes
    today: list[Clip]

    @property
    def playback(self) -> PlaybackPage:
        """The Playback page, shown with the clips of today."""
        self.window.show_page(PageKey.PLAYBACK)
        page = self.window.pages.page(PageKey.PLAYBACK)
        assert isinstance(page, PlaybackPage)
        self.until(page.player.clips)
        return page

    def until(self, condition: Callable[[], object]) -> None:
        """Let Qt's events happen until the condition holds, and what follows from it."""
        deadline = monotonic() + _WAIT_S
        while not condition():
            assert monotonic() < deadline, "what the picture needs does not come"
            settle()
        settle()

    def show_pictures(self, at_s: dict[str, float]) -> None:
        """Let these cameras (id) have a picture of these moments of their films."""
        for camera_id, moment_s in at_s.items():
            room = self.fleet.viewports.get(camera_id)
            if room is not None:
                self.fleet.pictures(camera_id).put(FILMS[camera_id].picture(moment_s, room))
        settle()


@contextmanager
def house(root: Path, today: list[Clip], theme: str, language: str) -> Iterator[House]:
    """Open the window over the library in `root`; it is closed at the end."""
    fleet: Any = FleetStandIn(CAMERAS, root)
    clock, notes = StillClock(NOW), Notes()
    fleet.catalogue.disk_use = DISK_USE
    review = review_parts(fleet, clock, CameraFolders(fleet.layout, lambda *_: None))
    offered = replace(services(notes), name_problem=lambda *_: None)
    settings = Settings(language=language, theme=theme)
    window = MainWindow(fleet, settings, lambda _saved: None, root, lambda: offered, review, clock)
    window.resize(1600, 900)
    indexed: list[object] = []
    review.index.indexer.maintained.connect(indexed.append)
    is_new = not fleet.layout.index_file.exists()
    review.index.start()
    QCursor.setPos(window.width(), window.height())  # over nothing that would show it
    window.show()
    fleet.today_loaded.emit(tuple(today))
    fleet.machine_changed.emit(MachineLoad(0.1, 210 * 10**6, 431 * 10**9, None))
    for camera in CAMERAS:
        fleet.become(camera.id, CameraState.LIVE)
    opened = House(window, fleet, notes, today)
    try:
        if is_new:
            opened.until(lambda: indexed)
        yield opened
    finally:
        window.close()
        window.deleteLater()
        assert stop_review(review, monotonic() + _WAIT_S)
        QApplication.processEvents()
