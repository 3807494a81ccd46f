"""All running cameras: what runs is made to match what is configured."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.base.layout import folder_name
from vms_desktop.core.base.picture import Picture, Viewport
from vms_desktop.core.base.sleep_watch import BEAT_S
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.preview import same_picture
from vms_desktop.core.camera.session import Listen, Pause, TakeViewport
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import InvalidCamera, LoadedCameras
from vms_desktop.core.library.gaps import gap_reason
from vms_desktop.core.library.maintainer import (
    DeleteRecordings,
    DeleteRecordingsLater,
    TakeAnswer,
    TakeCameras,
    TakeClip,
)
from vms_desktop.core.library.removal import Removals, Removed
from vms_desktop.core.library.retention import Ask
from vms_desktop.core.media.audio import SoundBuffer
from vms_desktop.workers.camera_preview import CameraPreview, PreviewThreads
from vms_desktop.workers.configured_cameras import ConfiguredCameras
from vms_desktop.workers.fleet_parts import (
    CameraSource,
    FleetParts,
    Notice,
    load_notices,
    removal_notice,
)
from vms_desktop.workers.latest import Latest
from vms_desktop.workers.running_camera import RunningCamera
from vms_desktop.workers.threads import join_all

log = logging.getLogger(__name__)

RESTART_S = (5, 15, 60)
"""After a bug ended a camera's thread: waits before it is started again, the last for ever."""


class Fleet(ConfiguredCameras):
    """Starts, changes and stops cameras while the others run on; lives in the GUI thread.

    Signals:
        cameras_changed: All configured cameras, in the file's order.
        status_changed: Camera id and its new `Status`.
        notice: A `Notice`.
        event_began: Camera id and the aware time of an event's first frame.
        clip_closed, thumbnail_ready: A `Clip`; its thumbnail exists with the second.
        today_loaded: Today's clips found at the start, newest first.
        snapshot_saved: Camera id and path, empty where it could not be saved.
        machine_changed: A `MachineLoad`.
        question: An `Ask` to be answered with `answer()`.
    """

    cameras_changed = Signal(object)
    status_changed = Signal(str, object)
    notice = Signal(object)
    event_began = Signal(str, object)
    clip_closed = Signal(object)
    thumbnail_ready = Signal(object)
    today_loaded = Signal(object)
    snapshot_saved = Signal(str, str)
    machine_changed = Signal(object)
    question = Signal(object)

    def __init__(self, parts: FleetParts, parent: QObject | None = None) -> None:
        super().__init__(parts, parent)
        self._parts = parts
        self._running: dict[str, RunningCamera] = {}
        self._leaving: dict[str, RunningCamera] = {}
        self._statuses: dict[str, Status] = {}
        self._pictures: dict[str, Latest[Picture]] = {}
        self._viewports: dict[str, Viewport] = {}
        self._crashes: dict[str, int] = {}
        self._crashed: WeakSet[RunningCamera] = WeakSet()
        self._paused: set[str] = set()
        self._listened: str | None = None
        self._stopping = False
        self._saves = 0
        self._invalid: tuple[InvalidCamera, ...] = ()
        self._locked: frozenset[str] = frozenset()
        self._refused: frozenset[str] = frozenset()
        self._removals = Removals()
        self._previews = PreviewThreads(parts.door, parts.clock, self)
        self._beats = QTimer(self, interval=round(BEAT_S * 1000))
        self._beats.timeout.connect(parts.sleeps.beat)
        self._beats.start()
        self._connect_source(parts.source)
        library = parts.library
        library.today_loaded.connect(self.today_loaded)
        library.thumbnail_ready.connect(self.thumbnail_ready)
        library.asked.connect(self.question)
        library.machine_changed.connect(self.machine_changed)
        library.folder_shared.connect(self._tell_shared)
        library.recordings_deleted.connect(self._tell_removed)

    # Values.

    def status(self, camera_id: str) -> Status:
        """A camera's newest status."""
        return self._statuses[camera_id]

    def pictures(self, camera_id: str) -> Latest[Picture]:
        """Where a camera's newest picture waits."""
        return self._pictures.setdefault(camera_id, Latest())

    def runs(self, camera: CameraConfig) -> bool:
        """Whether the camera's own threads watch this very stream, now or in a moment."""
        known = self._cameras.get(camera.id)
        if known is None or not known.is_active or camera.id in self._paused | self._locked:
            return False
        return same_picture(known, camera)

    def running(self, camera_id: str) -> RunningCamera | None:
        """The threads of a camera, if it has any now."""
        return self._running.get(camera_id)

    @property
    def sound_available(self) -> bool:
        """Whether this machine can play sound."""
        return self._parts.sound.available

    def counts(self) -> tuple[int, int]:
        """Frames decoded and packets dropped by the cameras that run."""
        boards = [running.board for running in self._running.values()]
        return sum(board.decoded for board in boards), sum(board.dropped for board in boards)

    # Orders.

    def sync_camera_threads(self) -> None:
        """Make the running cameras match the configuration, which is read anew.

        What is gone or inactive stops, what is new starts, and only a change of
        addresses, transport or credentials restarts a camera; the others lose
        no frame. Called at the start and after every save; a change of the file
        on disk does the same.
        """
        self._parts.source.read_cameras()

    def show_instead(self, source: CameraSource) -> None:
        """Run the cameras of another source (the demo's) from now on."""
        before = self._parts.source
        before.cameras_loaded.disconnect(self._take_loaded)
        before.save_failed.disconnect(self._tell_not_saved)
        self._parts = replace(self._parts, source=source)
        self._saves = 0
        self._connect_source(source)
        self.sync_camera_threads()

    def save_cameras(
        self, cameras: tuple[CameraConfig, ...], deleted: Collection[str] = ()
    ) -> None:
        """Configure these cameras, in this order, and keep them.

        They run at once; what cannot be kept is undone, with a notice. Entries
        that are no cameras stay unless their id is among `deleted`.
        """
        self._saves += 1
        self._parts.source.save_cameras(cameras, deleted)
        self._locked = frozenset(c.id for c in cameras if c.id in self._locked and not c.password)
        self._invalid = tuple(each for each in self._invalid if each.id not in deleted)
        self._refused &= {camera.id for camera in cameras if camera.password_in_keyring}
        self._tell_notices(LoadedCameras(cameras, self._invalid, None, self._locked, self._refused))
        self._match(cameras)

    def delete_camera(self, camera_id: str, *, with_recordings: bool) -> None:
        """Take a camera out of the configuration; its archives stay in any case.

        With its recordings: they are deleted once none of its threads is left;
        a notice tells what became of them.
        """
        if with_recordings and (camera := self._cameras.get(camera_id)):
            self._removals.ask(camera_id, camera.name)
        others = tuple(camera for camera in self.cameras() if camera.id != camera_id)
        self.save_cameras(others, [camera_id])

    def set_viewport(self, camera_id: str, viewport: Viewport | None) -> None:
        """Tell how large a camera's pictures are wanted; None where nobody sees them."""
        if viewport == self._viewports.get(camera_id):
            return
        if viewport is None:
            del self._viewports[camera_id]
        else:
            self._viewports[camera_id] = viewport
        if running := self._running.get(camera_id):
            running.post(TakeViewport(viewport))

    def record(self, camera_id: str, on: bool) -> None:
        """Begin or end a recording by hand."""
        if running := self._running.get(camera_id):
            running.record(on)

    def pause(self, camera_id: str, on: bool) -> None:
        """Let go of a camera's streams, or take them up again."""
        if on:
            self._paused.add(camera_id)
        else:
            self._paused.discard(camera_id)
        if running := self._running.get(camera_id):
            running.post(Pause(on))

    def preview(self, camera: CameraConfig, parent: QObject | None = None) -> CameraPreview:
        """Live pictures of a camera with the settings being edited, until it is stopped."""
        return CameraPreview(camera, self, self._previews, parent)

    def snapshot(self, camera_id: str, folder: Path) -> None:
        """Save the newest full frame as a PNG named for camera and time."""
        running = self._running.get(camera_id)
        if running is None:
            self.snapshot_saved.emit(camera_id, "")
            return
        at = self._parts.clock.now()
        name = f"{folder_name(running.camera.name)}_{at:%Y-%m-%d_%H-%M-%S}-{at:%f}"[:-3]
        running.snapshot(folder / f"{name}.png")

    def listen(self, camera_id: str | None) -> None:
        """Play the sound of one camera, or of none."""
        if camera_id == self._listened:
            return
        self._give_sound(self._listened, None)
        self._listened = camera_id
        if camera_id is None:
            self._parts.sound.close()
        else:
            self._give_sound(camera_id, self._parts.sound.open())

    def set_volume(self, volume: float) -> None:
        """Loudness, 0 (muted) to 1."""
        self._parts.sound.volume = volume

    def answer(self, ask: Ask, yes: bool) -> None:
        """Answer a question."""
        self._library.post(TakeAnswer(ask, yes))

    def stop(self, deadline: float) -> bool:
        """Stop every camera and the library by monotonic `deadline`; whether all are gone.

        Clips are closed first of all; a thread that still connects may stay.
        """
        self._stopping = True
        self._beats.stop()
        self._parts.sound.close()
        self._previews.stop()
        everyone = [*self._running.values(), *self._leaving.values()]
        self._counter.stop()
        for running in everyone:
            running.stop()
        done = [running.wait(deadline) for running in everyone]
        done.append(self._previews.wait(deadline))
        QCoreApplication.sendPostedEvents(self)  # The last clips are told of.
        for camera_id, name in self._removals.take_rest():
            self._library.post(DeleteRecordingsLater(camera_id, name))
        self._library.stop()
        done.append(join_all((self._library, self._counter), deadline, least_ms=100))
        return all(done)

    # What the threads tell.

    def _connect_source(self, source: CameraSource) -> None:
        source.cameras_loaded.connect(self._take_loaded)
        source.save_failed.connect(self._tell_not_saved)

    def _take_loaded(self, loaded: LoadedCameras) -> None:
        if loaded.saves < self._saves:
            return  # What was saved since then is on its way.
        self._tell_notices(loaded)
        self._invalid, self._locked, self._refused = loaded.invalid, loaded.locked, loaded.refused
        unread = {entry.id for entry in loaded.invalid}
        self._removals.saved(unread | {camera.id for camera in loaded.cameras})
        if not self._stopping:
            self._match(loaded.cameras)
            self._remove_recordings()

    def _tell_notices(self, loaded: LoadedCameras) -> None:
        for notice in load_notices(loaded):
            self.notice.emit(notice)

    def _match(self, cameras: tuple[CameraConfig, ...]) -> None:
        """Bring the running cameras in line with the configured ones."""
        wanted = {camera.id: camera for camera in cameras}
        self._cameras = wanted
        for camera in cameras:  # Each has a status before the first is told.
            self._statuses.setdefault(camera.id, self._initial())
        for camera_id in self._statuses.keys() - wanted.keys():
            self._stop(camera_id)
            self._parts.journal.closed(camera_id, self._parts.clock.now())
            self._paused.discard(camera_id)
            del self._statuses[camera_id]
        for camera in cameras:
            if not camera.is_active:
                self._stop(camera.id)
                self._paused.discard(camera.id)
                self._tell_inactive(camera)
            elif camera.id in self._locked:
                self._stop(camera.id)
                self._tell_locked(camera)
            elif running := self._running.get(camera.id):
                self._change(running, camera)
            elif camera.id not in self._leaving:
                self._start(camera)
        self._tell_library()
        self.cameras_changed.emit(cameras)

    def _tell_library(self) -> None:
        busy = self._running.keys() | self._leaving.keys()
        unread = frozenset(each.id for each in self._invalid)
        self._library.post(TakeCameras(self.cameras(), frozenset(busy), unread))

    def _change(self, running: RunningCamera, camera: CameraConfig) -> None:
        if camera == running.camera:
            return
        if running.camera.same_streams(camera):
            running.take(camera)
        else:
            for each in (running.camera, camera):
                self._parts.door.forget(each)
            self._stop(camera.id)  # `_gone` starts it anew.

    def _start(self, camera: CameraConfig, manual_since: float | None = None) -> None:
        """Start a camera; a recording by hand goes on where it was under way."""
        parts = self._parts
        running = RunningCamera(
            camera,
            parts.door,
            parts.clock,
            parts.shelf,
            parts.watch,
            self.pictures(camera.id),
            parts.sleeps,
            self,
        )
        running.board.manual_since = manual_since
        running.watching.status_changed.connect(self._take_status)
        running.watching.event_began.connect(self.event_began)
        running.clips.clip_closed.connect(self._take_clip)
        running.clips.snapshot_saved.connect(self.snapshot_saved)
        for worker in (running.watching, running.hd):
            if worker:
                worker.crashed.connect(self._take_crash)
        running.ended.connect(self._gone)
        self._running[camera.id] = running
        self._take_status(camera.id, self._initial())
        if viewport := self._viewports.get(camera.id):
            running.post(TakeViewport(viewport))
        if camera.id in self._paused:
            running.post(Pause(True))
        running.start()
        if camera.id == self._listened:
            self._give_sound(camera.id, parts.sound.open())

    def _stop(self, camera_id: str) -> None:
        if running := self._running.pop(camera_id, None):
            self._leaving[camera_id] = running
            running.stop()
            if running.gone:  # After a crash no thread is left that could tell its end.
                self._gone(camera_id)

    def _gone(self, camera_id: str) -> None:
        running = self._leaving.pop(camera_id, None)
        if running is None:
            return
        running.deleteLater()
        self._remove_recordings()
        self._tell_library()
        camera = self._cameras.get(camera_id)
        is_wanted = camera and camera.is_active and camera_id not in self._locked
        if camera and is_wanted and not self._stopping:
            self._start(camera, running.board.manual_since)

    def _take_status(self, camera_id: str, status: Status) -> None:
        running = self._running.get(camera_id)
        if running is None:
            return  # The last word of a thread that was stopped.
        self._statuses[camera_id] = status
        self._note_gap(running.camera, status)
        self.status_changed.emit(camera_id, status)

    def _tell_inactive(self, camera: CameraConfig) -> None:
        known = self._statuses.get(camera.id)
        if known is None or known.state is not CameraState.INACTIVE:
            status = Status(state=CameraState.INACTIVE, since_at=self._now())
            self._statuses[camera.id] = status
            self._note_gap(camera, status)
            self.status_changed.emit(camera.id, status)

    def _tell_locked(self, camera: CameraConfig) -> None:
        """Nobody knows its password: a try without one might lock the account."""
        known = self._statuses[camera.id]
        if (known.state, known.problem) != (CameraState.FAILED, Problem.WRONG_PASSWORD):
            status = Status(
                state=CameraState.FAILED, since_at=self._now(), problem=Problem.WRONG_PASSWORD
            )
            self._statuses[camera.id] = status
            self._note_gap(camera, status)
            self.status_changed.emit(camera.id, status)

    def _remove_recordings(self) -> None:
        for camera_id, name in self._removals.take(self._running.keys() | self._leaving.keys()):
            self._library.post(DeleteRecordings(camera_id, name))

    def _note_gap(self, camera: CameraConfig, status: Status) -> None:
        reason = gap_reason(camera, status)
        if reason:
            folder = self._parts.shelf.folders.known().get(camera.id, folder_name(camera.name))
            since = status.since_at if not status.state.has_picture else self._parts.clock.now()
            self._parts.journal.opened(camera.id, folder, since, reason)
        elif status.state.has_picture:
            self._parts.journal.closed(camera.id, self._parts.clock.now())

    def _take_clip(self, clip: Clip) -> None:
        self._library.post(TakeClip(clip))
        self._count_clip(clip)
        self.clip_closed.emit(clip)

    def _take_crash(self, camera_id: str, text: str) -> None:
        """A bug in a thread: all of the camera's threads are replaced, not too often."""
        running = self._running.get(camera_id)
        if running is None or running in self._crashed:
            return  # It is replaced already.
        self._crashed.add(running)
        count = self._crashes.get(camera_id, 0)
        self._crashes[camera_id] = count + 1
        delay_s = RESTART_S[min(count, len(RESTART_S) - 1)]
        log.error("%s is started anew in %d s: %s", running.camera.name, delay_s, text)
        status = Status(state=CameraState.FAILED, since_at=self._now(), problem=Problem.CRASHED)
        self._take_status(camera_id, status)
        QTimer.singleShot(round(delay_s * 1000), self, lambda: self._replace(running))

    def _replace(self, running: RunningCamera) -> None:
        if self._running.get(running.camera.id) is running:
            self._stop(running.camera.id)  # `_gone` starts it anew.

    def _tell_shared(self, name: str, folder: str) -> None:
        self.notice.emit(Notice("folder_shared", {"name": name, "folder": folder}))

    def _tell_not_saved(self, problem: StorageProblem) -> None:
        self.notice.emit(Notice("not_saved", {"problem": str(problem)}))

    def _tell_removed(self, removed: Removed) -> None:
        self.notice.emit(removal_notice(removed))

    def _give_sound(self, camera_id: str | None, buffer: SoundBuffer | None) -> None:
        if camera_id and (running := self._running.get(camera_id)):
            running.post(Listen(buffer))

    def _initial(self) -> Status:
        return Status(state=CameraState.INITIALIZING, since_at=self._now())

    def _now(self) -> datetime:
        return self._parts.clock.now()
