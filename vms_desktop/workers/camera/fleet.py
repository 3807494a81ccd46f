"""All running cameras: what runs is made to match what is configured."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from vms_desktop.core.base import (
    SLEEP_BEAT_S,
    CameraState,
    Picture,
    Problem,
    Status,
    StorageProblem,
    Viewport,
    folder_name,
    snapshot_path,
)
from vms_desktop.core.camera import Listen, Pause, ViewportChanged
from vms_desktop.core.clips import Clip, Loss
from vms_desktop.core.config import CameraConfig, LoadedCameras
from vms_desktop.core.library import (
    BytesFreed,
    CamerasConfigured,
    ClipRecorded,
    DeleteRecordings,
    MaintainerCommand,
    PendingRemovals,
    PurgeQuestion,
    QuestionAnswered,
    RemovalResult,
    disk_gap,
    gap_reason,
)
from vms_desktop.core.media import SoundBuffer
from vms_desktop.workers import Latest, join_all
from vms_desktop.workers.camera.catalogue import CameraCatalogue
from vms_desktop.workers.camera.parts import (
    CameraSource,
    FleetParts,
    Notice,
    NoticeKind,
    load_notices,
    removal_notice,
)
from vms_desktop.workers.camera.preview import CameraPreview, PreviewThreads
from vms_desktop.workers.camera.record import CameraRecord
from vms_desktop.workers.camera.running_camera import RunningCamera

log = logging.getLogger(__name__)

# After a bug ended a camera's thread: waits before it is started again, the last for ever.
RESTART_S = (5, 15, 60)


class Fleet(QObject):
    """Starts, changes and stops cameras while the others run on; lives in the GUI thread.

    It touches no disk.

    Attributes:
        layout: Where everything lies.
        catalogue: The cameras as a list, whether they run or not.

    Signals:
        cameras_changed: All configured cameras, in the file's order.
        status_changed: Camera id and its new `Status`.
        notice: A `Notice`.
        event_began: Camera id and the aware time of an event's first frame.
        clip_closed, thumbnail_ready: A `Clip`; its thumbnail exists with the second.
        clips_deleted: Paths of clips that are gone.
        today_loaded: Today's clips found at the start, newest first.
        snapshot_saved: Camera id and path, empty where it could not be saved.
        machine_changed: A `MachineLoad`.
        question: A `PurgeQuestion` to be answered with `answer()`.
        purged: A `PurgeResult`, when a purge that was asked for has ended.
    """

    cameras_changed = Signal(object)
    status_changed = Signal(str, object)
    notice = Signal(object)
    event_began = Signal(str, object)
    clip_closed = Signal(object)
    thumbnail_ready = Signal(object)
    clips_deleted = Signal(object)
    today_loaded = Signal(object)
    snapshot_saved = Signal(str, str)
    machine_changed = Signal(object)
    question = Signal(object)
    purged = Signal(object)

    def __init__(self, parts: FleetParts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layout = parts.layout
        self.catalogue = CameraCatalogue(parts, self.cameras, self)
        self._parts = parts
        self._records: dict[str, CameraRecord] = {}  # In the file's order; replaced whole.
        # Threads may outlive the record of a camera, and another may begin meanwhile.
        self._leaving: dict[str, RunningCamera] = {}
        self._listened: str | None = None
        self._stopping = False
        self._saves = 0
        self._loaded = LoadedCameras()
        self._removals = PendingRemovals()
        self._previews = PreviewThreads(parts.opener, parts.clock, self)
        self._beats = QTimer(self, interval=round(SLEEP_BEAT_S * 1000))
        self._beats.timeout.connect(parts.sleeps.beat)
        self._beats.timeout.connect(parts.watch.pulse.beat)
        self._beats.start()
        self._connect_source(parts.source)
        library = self._library = parts.library
        library.today_loaded.connect(self.today_loaded)
        library.thumbnail_ready.connect(self.thumbnail_ready)
        library.clips_deleted.connect(self.clips_deleted)
        library.asked.connect(self.question)
        library.purged.connect(self.purged)
        library.machine_changed.connect(self.machine_changed)
        library.folder_shared.connect(self._tell_shared)
        library.recordings_deleted.connect(self._tell_removed)

    # Values.

    def cameras(self) -> tuple[CameraConfig, ...]:
        """All configured cameras, inactive ones too."""
        return tuple(record.camera for record in self._records.values())

    def status(self, camera_id: str) -> Status:
        """A camera's newest status."""
        return self._records[camera_id].status

    def pictures(self, camera_id: str) -> Latest[Picture]:
        """The place where a camera's newest picture waits; none comes for one that was deleted."""
        record = self._records.get(camera_id)
        return record.pictures if record else Latest()

    def runs(self, camera: CameraConfig) -> bool:
        """True if the camera's own threads watch this very stream, now or in a moment."""
        record = self._records.get(camera.id)
        if record is None or not record.is_to_run or record.is_paused:
            return False
        return record.camera.same_watched_stream(camera)

    def running(self, camera_id: str) -> RunningCamera | None:
        """The threads of a camera, if it has any now."""
        record = self._records.get(camera_id)
        return record.running if record else None

    @property
    def sound_available(self) -> bool:
        """Whether this machine can play sound."""
        return self._parts.sound.available

    def counts(self) -> tuple[int, int]:
        """Frames decoded and packets dropped by the cameras that run."""
        shared = [running.shared for running in self._all_running()]
        return sum(each.decoded for each in shared), sum(each.dropped for each in shared)

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
        known = self._loaded
        self._loaded = LoadedCameras(
            cameras,
            invalid=tuple(each for each in known.invalid if each.id not in deleted),
            locked=known.locked & {camera.id for camera in cameras if not camera.password},
            refused=known.refused & {camera.id for camera in cameras if camera.password_in_keyring},
        )
        self._tell_notices()
        self._match()

    def delete_camera(self, camera_id: str, *, with_recordings: bool) -> None:
        """Take a camera out of the configuration; its archives stay in any case.

        With its recordings: they are deleted once none of its threads is left;
        a notice tells what became of them.
        """
        if with_recordings and (record := self._records.get(camera_id)):
            self._removals.ask(camera_id, record.camera.name)
        others = tuple(camera for camera in self.cameras() if camera.id != camera_id)
        self.save_cameras(others, [camera_id])

    def set_viewport(self, camera_id: str, viewport: Viewport | None) -> None:
        """Tell how large a camera's pictures are wanted; None where nobody sees them."""
        record = self._records.get(camera_id)
        if record is None or viewport == record.viewport:
            return
        record.viewport = viewport
        if record.running:
            record.running.post(ViewportChanged(viewport))

    def record(self, camera_id: str, on: bool) -> None:
        """Begin or end a recording by hand."""
        if running := self.running(camera_id):
            running.record(on)

    def pause(self, camera_id: str, on: bool) -> None:
        """Let go of a camera's streams, or take them up again."""
        record = self._records.get(camera_id)
        if record is None:
            return
        record.is_paused = on
        if record.running:
            record.running.post(Pause(on))

    def preview(self, camera: CameraConfig, parent: QObject | None = None) -> CameraPreview:
        """Live pictures of a camera with the settings being edited, until it is stopped."""
        return CameraPreview(camera, self, self._previews, parent)

    def snapshot(self, camera_id: str, folder: Path) -> None:
        """Save the newest full frame as a PNG named for camera and time."""
        running = self.running(camera_id)
        if running is None:
            self.snapshot_saved.emit(camera_id, "")
            return
        running.snapshot(snapshot_path(folder, running.camera.name, self._parts.clock.now()))

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

    def answer(self, ask: PurgeQuestion, yes: bool) -> None:
        """Answer a question."""
        self._library.post(QuestionAnswered(ask, yes))

    def adopt_recordings(self) -> None:
        """Take the recordings folder as it is: a person says that it is the right one."""
        self._library.post(MaintainerCommand.ADOPT_FOLDER)

    def purge_now(self) -> None:
        """Delete what retention, quota and reserve let go; `purged` follows."""
        self._library.post(MaintainerCommand.PURGE)

    def cancel_purge(self) -> None:
        """Delete no more of it; `purged` follows."""
        self._library.post(MaintainerCommand.CANCEL_PURGE)

    def clips_changed(self, paths: tuple[Path, ...], gone: tuple[Path, ...]) -> None:
        """A person's job has changed clips, of which some are gone; called by its thread."""
        self.catalogue.recount(paths)
        if gone:
            self.clips_deleted.emit(gone)

    def recordings_freed(self, size_bytes: int) -> None:
        """Tell the quota that a person's job has freed so much of what is recorded."""
        self._library.post(BytesFreed(size_bytes))

    def stop(self, deadline: float) -> bool:
        """Stop every camera and the library by monotonic `deadline`; whether all are gone.

        Clips are closed first of all; a thread that still connects may stay.
        """
        self._stopping = True
        self._beats.stop()
        self._parts.sound.close()
        self._previews.stop()
        everyone = [*self._all_running(), *self._leaving.values()]
        self.catalogue.stop()
        for running in everyone:
            running.stop()
        done = [running.wait(deadline) for running in everyone]
        done.append(self._previews.wait(deadline))
        QCoreApplication.sendPostedEvents(self)  # The last clips are told of.
        for camera_id, name in self._removals.take_rest():
            self._library.post(DeleteRecordings(camera_id, name, at_once=False))
        self._library.stop()
        done.append(join_all([self._library], deadline, least_ms=100))
        done.append(self.catalogue.wait(deadline))
        return all(done)

    # What the threads tell.

    def _connect_source(self, source: CameraSource) -> None:
        source.cameras_loaded.connect(self._take_loaded)
        source.save_failed.connect(self._tell_not_saved)

    def _take_loaded(self, loaded: LoadedCameras) -> None:
        if loaded.saves < self._saves:
            return  # What was saved since then is on its way.
        self._loaded = loaded
        self._tell_notices()
        unread = {entry.id for entry in loaded.invalid}
        self._removals.saved(unread | {camera.id for camera in loaded.cameras})
        if not self._stopping:
            self._match()
            self._remove_recordings()

    def _tell_notices(self) -> None:
        for notice in load_notices(self._loaded):
            self.notice.emit(notice)

    def _match(self) -> None:
        """Bring the running cameras in line with the configured ones."""
        cameras, before = self._loaded.cameras, self._records
        # Each has a status before the first is told.
        self._records = {camera.id: self._record(camera) for camera in cameras}
        gone = [record for each, record in before.items() if each not in self._records]
        # All before the first is told: what may still write is never unknown.
        self._leaving |= {each.camera.id: each.running for each in gone if each.running}
        for record in gone:
            self._stop(record)
            self._parts.journal.closed(record.camera.id, self._now())
        for record in self._records.values():
            self._bring_in_line(record)
        self._tell_library()
        self.cameras_changed.emit(cameras)

    def _record(self, camera: CameraConfig) -> CameraRecord:
        record = self._records.get(camera.id) or CameraRecord(camera, self._initial())
        record.camera = camera
        record.is_locked = camera.id in self._loaded.locked
        return record

    def _bring_in_line(self, record: CameraRecord) -> None:
        if not record.is_to_run:
            self._stop(record)
            record.is_paused &= record.camera.is_active
            self._tell_idle(record)
        elif record.running:
            self._change(record, record.running)
        elif record.camera.id not in self._leaving:
            self._start(record)

    def _all_running(self) -> list[RunningCamera]:
        return [record.running for record in self._records.values() if record.running]

    def _busy(self) -> frozenset[str]:
        """The cameras, deleted ones too, of which a thread may still write."""
        running = {running.camera.id for running in self._all_running()}
        return frozenset(running | self._leaving.keys())

    def _tell_library(self) -> None:
        unread = frozenset(each.id for each in self._loaded.invalid)
        self._library.post(CamerasConfigured(self.cameras(), self._busy(), unread))

    def _change(self, record: CameraRecord, running: RunningCamera) -> None:
        if record.camera == running.camera:
            return
        if running.camera.same_streams(record.camera):
            running.take(record.camera)
        else:
            for each in (running.camera, record.camera):
                self._parts.opener.forget(each)
            self._stop(record)  # `_gone` starts it anew.

    def _start(self, record: CameraRecord, manual_since: float | None = None) -> None:
        """Start a camera; a recording by hand goes on where it was under way."""
        camera = record.camera
        running = RunningCamera(camera, self._parts, record.pictures, self)
        running.shared.manual_since = manual_since
        running.watching.status_changed.connect(self._take_status)
        running.watching.event_began.connect(self.event_began)
        running.clips.clip_closed.connect(self._take_clip)
        running.clips.packets_lost.connect(self._take_loss)
        running.clips.snapshot_saved.connect(self.snapshot_saved)
        for worker in (running.watching, running.hd):
            if worker:
                worker.crashed.connect(self._take_crash)
        running.ended.connect(self._gone)
        record.running = running
        self._take_status(camera.id, self._initial())
        if record.viewport:
            running.post(ViewportChanged(record.viewport))
        if record.is_paused:
            running.post(Pause(True))
        running.start()
        if camera.id == self._listened:
            self._give_sound(camera.id, self._parts.sound.open())

    def _stop(self, record: CameraRecord) -> None:
        running, record.running = record.running, None
        if running:
            self._leaving[running.camera.id] = running
            running.stop()
            if running.gone:  # After a crash no thread is left that could tell its end.
                self._gone(running.camera.id)

    def _gone(self, camera_id: str) -> None:
        running = self._leaving.pop(camera_id, None)
        if running is None:
            return
        running.deleteLater()
        self._remove_recordings()
        self._tell_library()
        record = self._records.get(camera_id)
        if record and record.is_to_run and not self._stopping:
            self._start(record, running.shared.manual_since)

    def _take_status(self, camera_id: str, status: Status) -> None:
        record = self._records.get(camera_id)
        if record and record.running:  # Else the last word of a thread that was stopped.
            self._tell_status(record, status)

    def _tell_idle(self, record: CameraRecord) -> None:
        """Say once why a camera has no threads."""
        state = CameraState.FAILED if record.camera.is_active else CameraState.INACTIVE
        problem = Problem.WRONG_PASSWORD if record.camera.is_active else None
        if (record.status.state, record.status.problem) != (state, problem):
            self._tell_status(record, Status(state=state, since_at=self._now(), problem=problem))

    def _tell_status(self, record: CameraRecord, status: Status) -> None:
        record.status = status
        self._note_gap(record.camera, status)
        self.status_changed.emit(record.camera.id, status)

    def _remove_recordings(self) -> None:
        for camera_id, name in self._removals.take(self._busy()):
            self._library.post(DeleteRecordings(camera_id, name))

    def _note_gap(self, camera: CameraConfig, status: Status) -> None:
        reason = gap_reason(camera, status, waits=self._parts.watch.may_begin)
        if reason:
            since = status.since_at if not status.state.has_picture else self._now()
            self._parts.journal.opened(camera.id, self._folder(camera), since, reason)
        elif status.state.has_picture:
            self._parts.journal.closed(camera.id, self._now(), status.recording_since_at)

    def _take_clip(self, clip: Clip) -> None:
        self._library.post(ClipRecorded(clip))
        self.catalogue.recount([clip.path])
        self.clip_closed.emit(clip)

    def _take_loss(self, camera_id: str, loss: Loss) -> None:
        running = self.running(camera_id) or self._leaving.get(camera_id)
        if running:
            gap = disk_gap(loss.since_at, loss.until_at, loss.problem)
            self._parts.journal.add(camera_id, self._folder(running.camera), gap)

    def _folder(self, camera: CameraConfig) -> str:
        return self._parts.clip_store.folders.known().get(camera.id, folder_name(camera.name))

    def _take_crash(self, camera_id: str) -> None:
        """A bug in a thread: all of the camera's threads are replaced, not too often."""
        record = self._records.get(camera_id)
        running = record.running if record else None
        if record is None or running is None or running.has_crashed:
            return  # It is replaced already.
        running.has_crashed = True
        delay_s = RESTART_S[min(record.crashes, len(RESTART_S) - 1)]
        record.crashes += 1
        log.error("%s is started anew in %d s", running.camera.name, delay_s)
        status = Status(state=CameraState.FAILED, since_at=self._now(), problem=Problem.CRASHED)
        self._tell_status(record, status)
        QTimer.singleShot(round(delay_s * 1000), self, lambda: self._replace(running))

    def _replace(self, running: RunningCamera) -> None:
        record = self._records.get(running.camera.id)
        if record and record.running is running:
            self._stop(record)  # `_gone` starts it anew.

    def _tell_shared(self, name: str, folder: str) -> None:
        self.notice.emit(Notice(NoticeKind.FOLDER_SHARED, {"name": name, "folder": folder}))

    def _tell_not_saved(self, problem: StorageProblem) -> None:
        self.notice.emit(Notice(NoticeKind.NOT_SAVED, {"problem": str(problem)}))

    def _tell_removed(self, removed: RemovalResult) -> None:
        self.notice.emit(removal_notice(removed))

    def _give_sound(self, camera_id: str | None, buffer: SoundBuffer | None) -> None:
        if camera_id and (running := self.running(camera_id)):
            running.post(Listen(buffer))

    def _initial(self) -> Status:
        return Status(state=CameraState.INITIALIZING, since_at=self._now())

    def _now(self) -> datetime:
        return self._parts.clock.now()
