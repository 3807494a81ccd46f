"""A fleet as the program wires it, over a data folder of its own, for tests with real threads."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from tests.support.camera_entries import write_cameras
from tests.support.waiting import PATIENCE_S
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.keyring import SystemKeyring
from vms_desktop.core.config.settings import Settings, SettingsStore
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.maintainer import LibraryMaintainer, MaintainerOrder, MaintainerReport
from vms_desktop.core.library.storage_guard import StorageWatch
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.workers.camera.fleet import Fleet
from vms_desktop.workers.camera.parts import FleetParts, Notice
from vms_desktop.workers.library.maintainer_worker import LibraryWorker
from vms_desktop.workers.sound_output import SoundOutput
from vms_desktop.workers.store_worker import StoreWorker

STOP_S = 4.5


@dataclass
class RunningFleet:
    """A fleet at work, and what it told.

    Attributes:
        told: Every status: when (monotonic s), camera id, status.
        clips, thumbnails: The clips closed, and those whose thumbnail exists.
    """

    fleet: Fleet
    layout: Layout
    told: list[tuple[float, str, Status]] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    thumbnails: list[Clip] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def configure(self, cameras: Mapping[str, Any], *, by_hand: bool = False) -> None:
        """Write `cameras.json`; unless by hand, have it read at once."""
        write_cameras(self.layout.root, cameras)
        if not by_hand:
            self.fleet.sync_camera_threads()

    def state(self, camera_id: str) -> CameraState | None:
        """A camera's state; None before it is known."""
        known = {camera.id for camera in self.fleet.cameras()}
        return self.fleet.status(camera_id).state if camera_id in known else None

    def states(self, camera_id: str) -> list[CameraState]:
        """Every state that a camera was in, in order."""
        return [status.state for _, told_id, status in self.told if told_id == camera_id]

    def until(self, condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Let Qt's events happen until the condition holds.

        Raises:
            AssertionError: It does not within `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"still not so after {timeout_s} s"
            _pass_time()

    def until_live(self, *camera_ids: str) -> None:
        """Wait until these cameras have a picture."""
        self.until(lambda: all(has_picture(self.state(each)) for each in camera_ids))


def _pass_time() -> None:
    # QTest.qWait would hold Python's lock meanwhile.
    loop = QEventLoop()
    QTimer.singleShot(20, loop.quit)
    loop.exec()


def has_picture(state: CameraState | None) -> bool:
    """Whether this is a state with a picture."""
    return state is not None and state.has_picture


@contextmanager
def running_fleet(
    folder: Path, cameras: Mapping[str, Any], keyring: SystemKeyring | None = None
) -> Iterator[RunningFleet]:
    """The fleet of these cameras, started, and stopped at the end. Needs a Qt application."""
    write_cameras(folder, cameras)
    layout, clock, watch = Layout(folder), Clock(), StorageWatch()
    journal = GapJournal(layout)
    folders = CameraFolders(layout, journal.moved)
    settings = SettingsStore(layout.settings_json, layout.backups)
    files = CameraStore(layout.cameras_json, layout.backups, clock, keyring)
    store = StoreWorker(files, settings)

    def maintainer(inbox: Inbox[MaintainerOrder], report: MaintainerReport) -> LibraryMaintainer:
        settings = Settings(reserve_gb=0.001)
        return LibraryMaintainer(layout, clock, settings, watch, folders, journal, inbox, report)

    library = LibraryWorker(maintainer)
    shelf = ClipStore(layout, folders, watch.make_room)
    opener = StreamOpener(folder, clock)
    parts = FleetParts(
        layout, clock, opener, shelf, watch, journal, store, library, SoundOutput(), store
    )
    running = RunningFleet(Fleet(parts), layout)
    _listen(running)
    store.start()
    library.start()
    running.fleet.sync_camera_threads()
    try:
        yield running
    finally:
        gone = running.fleet.stop(clock.monotonic() + STOP_S)
        store.stop()
        store.wait()
        library.wait()
        assert gone, "threads hang"


def _listen(running: RunningFleet) -> None:
    fleet = running.fleet
    fleet.status_changed.connect(
        lambda camera_id, status: running.told.append((time.monotonic(), camera_id, status))
    )
    fleet.clip_closed.connect(running.clips.append)
    fleet.thumbnail_ready.connect(running.thumbnails.append)
    fleet.notice.connect(running.notices.append)
