"""Live pictures of a camera while it is edited.

They come from the camera's own threads, or from a stream that is opened for them alone.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from vms_desktop.core.base import CameraState, Clock, Inbox, Problem, Status, Viewport
from vms_desktop.core.camera import (
    CameraOrder,
    CameraReport,
    CameraSession,
    Preview,
    PreviewFrame,
    PreviewSession,
    PreviewWishes,
)
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.stream import StreamOpener
from vms_desktop.workers import Latest, join_all
from vms_desktop.workers.camera.running_camera import RunningCamera
from vms_desktop.workers.camera.session_worker import SessionWorker

# After a password was refused: how long an edited one must rest before it is tried, the last for
# ever. Somebody who types slowly must not lock the account with half of a password.
REFUSED_REST_S = (2.0, 5.0, 30.0)


class PreviewedFleet(Protocol):
    """The fleet, as a preview sees it."""

    @property
    def status_changed(self) -> SignalInstance:
        """Camera id and its new `Status`."""

    @property
    def cameras_changed(self) -> SignalInstance:
        """The configuration has changed."""

    def status(self, camera_id: str) -> Status:
        """A camera's newest status."""

    def runs(self, camera: CameraConfig) -> bool:
        """True if the camera's own threads watch this very stream, now or in a moment."""

    def running(self, camera_id: str) -> RunningCamera | None:
        """The threads of a camera, if it has any now."""


class PreviewThreads(QObject):
    """Owns the threads of the streams that previews open; outlives every dialog.

    Signals:
        ended: A thread has come to its end; carries its `SessionWorker`.
        stopping: No preview may go on.
    """

    ended = Signal(object)
    stopping = Signal()

    def __init__(self, opener: StreamOpener, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clock = clock
        self._opener = opener
        self._workers: list[SessionWorker] = []

    def make(self, camera: CameraConfig, preview: Preview) -> SessionWorker:
        """A thread for a preview, not yet started; it is kept until it has ended."""

        def session(inbox: Inbox[CameraOrder], report: CameraReport) -> CameraSession:
            told = report.status_changed
            return PreviewSession(camera, preview, self._opener, self.clock, inbox, told)

        worker = SessionWorker(camera.id, "preview", session, Latest(), self)
        worker.finished.connect(self._forget)
        self._workers.append(worker)
        return worker

    def stop(self) -> None:
        """End every preview. Returns at once."""
        self.stopping.emit()
        for worker in self._workers:
            worker.stop()

    def wait(self, deadline: float) -> bool:
        """Wait for the threads' end until monotonic `deadline`; whether all are gone."""
        return join_all(self._workers, deadline)

    def _forget(self) -> None:
        gone = [worker for worker in self._workers if worker.isFinished()]
        for worker in gone:
            self._workers.remove(worker)
            self.ended.emit(worker)
            worker.deleteLater()


@dataclass(slots=True)
class _Source:
    """The source of a preview's frames: a running camera, or a thread of its own."""

    camera: CameraConfig
    preview: Preview
    running: RunningCamera | None = None
    worker: SessionWorker | None = None

    def close(self) -> None:
        self.preview.close()
        if self.worker:
            self.worker.stop()


class CameraPreview(QObject):
    """Live pictures of one camera with the settings being edited; lives in the GUI thread.

    Where the camera runs with the edited address and login, its own watching
    thread hands its frames over, and nothing is opened a second time; otherwise
    (a new camera, one that is inactive or paused, an edited address) the
    preview opens the watched stream for itself. It follows when that changes.

    Signals:
        status_changed: The `Status` of what the pictures come from.

    Attributes:
        frames: Where the newest `PreviewFrame` waits.
    """

    status_changed = Signal(object)

    def __init__(
        self,
        camera: CameraConfig,
        fleet: PreviewedFleet,
        threads: PreviewThreads,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.frames: Latest[PreviewFrame] = Latest()
        self._camera = camera
        self._fleet = fleet
        self._threads = threads
        self._wishes = PreviewWishes(camera.sensitivity, camera.zones, camera.rotation)
        self._sources: list[_Source] = []
        self._ending: SessionWorker | None = None
        self._stopped = False
        self._refusals = 0
        self._patience = QTimer(self, singleShot=True)
        self._status = Status(state=CameraState.INITIALIZING, since_at=threads.clock.now())
        self._patience.timeout.connect(self._follow)
        fleet.status_changed.connect(self._take_fleet_status)
        fleet.cameras_changed.connect(self._follow)
        threads.ended.connect(self._take_end)
        threads.stopping.connect(self.stop)
        sources = self._sources  # A bound method would be gone by then.
        self.destroyed.connect(lambda: _close(sources))
        self._follow()

    @property
    def status(self) -> Status:
        """The newest status."""
        return self._status

    def set_camera(self, camera: CameraConfig) -> None:
        """Show the camera as it is edited now.

        Settings of the detector are in force from the next frame, and what it
        has learnt is kept; another address or login opens another stream.
        """
        known, self._camera = self._camera, camera
        self._wish(sensitivity=camera.sensitivity, zones=camera.zones, rotation=camera.rotation)
        if not self._stopped and (camera.id != known.id or not known.same_watched_stream(camera)):
            self._be_patient()
            self._follow()

    def set_viewport(self, viewport: Viewport | None) -> None:
        """Make pictures for this room; None where nobody can see them."""
        self._wish(viewport=viewport)

    def show_mask(self, mask: bool) -> None:
        """Show what the detector sees, or the camera's picture."""
        self._wish(mask=mask)

    def stop(self) -> None:
        """End for good. Returns at once; a stream of its own is closed in its thread."""
        self._stopped = True
        self._patience.stop()
        self._leave()

    # Where the frames come from.

    def _follow(self) -> None:
        """Take the frames from where they are to come from now."""
        if self._stopped:
            return
        if self._fleet.runs(self._camera):
            self._tap(self._fleet.running(self._camera.id))
        else:
            self._open()

    def _tap(self, running: RunningCamera | None) -> None:
        """Take a running camera's frames; None while its threads are being replaced."""
        source = self._source
        if running is None or source is None or source.running is not running:
            self._leave()
            if running:
                preview = self._enter(running=running)
                running.show(preview)
        self._publish(self._fleet.status(self._camera.id))

    def _open(self) -> None:
        """Open a stream for this preview alone, once the one before is closed."""
        source = self._source
        if source and source.running is None and source.camera.same_watched_stream(self._camera):
            return
        self._leave()
        if self._ending or self._patience.isActive():
            return
        preview = self._enter()
        worker = self._threads.make(self._camera, preview)
        self._sources[0].worker = worker
        worker.status_changed.connect(self._take_own_status)
        worker.crashed.connect(self._take_crash)
        self._tell(CameraState.CONNECTING)
        worker.start()

    @property
    def _source(self) -> _Source | None:
        return self._sources[0] if self._sources else None

    def _enter(self, running: RunningCamera | None = None) -> Preview:
        preview = Preview(self._wishes, self.frames.put)
        self._sources.append(_Source(self._camera, preview, running))
        return preview

    def _leave(self) -> None:
        """Want no more of the present source, nor its last picture."""
        if source := self._source:
            source.close()
            self._ending = source.worker or self._ending
        self._sources.clear()
        self.frames.take()

    def _wish(self, **changes: Any) -> None:
        self._wishes = replace(self._wishes, **changes)
        if self._source:
            self._source.preview.wishes = self._wishes

    def _be_patient(self) -> None:
        """Let an edited login rest where one was refused."""
        if self._refusals:
            rest_s = REFUSED_REST_S[min(self._refusals, len(REFUSED_REST_S)) - 1]
            self._patience.start(round(1000 * rest_s))
            next_try_at = self._threads.clock.now() + timedelta(seconds=rest_s)
            self._publish(replace(self._status, next_try_at=next_try_at))

    # What the threads tell.

    def _take_fleet_status(self, camera_id: str, _status: Status) -> None:
        if camera_id == self._camera.id:
            self._follow()

    def _take_own_status(self, _camera_id: str, status: Status) -> None:
        if self._source is None or self.sender() is not self._source.worker:
            return  # The last word of a thread that was stopped.
        if status.problem is Problem.WRONG_PASSWORD:
            self._refusals += 1
        elif status.state.has_picture:
            self._refusals = 0
        self._publish(status)

    def _take_crash(self, _camera_id: str) -> None:
        if self._source and self.sender() is self._source.worker:
            self._tell(CameraState.FAILED, Problem.CRASHED)

    def _take_end(self, worker: SessionWorker) -> None:
        if self._source and self._source.worker is worker:
            self._source.worker = None  # It crashed; another edit of the stream begins anew.
        if self._ending is worker:
            self._ending = None
            self._follow()

    def _tell(self, state: CameraState, problem: Problem | None = None) -> None:
        now = self._threads.clock.now()
        self._publish(Status(state=state, since_at=now, problem=problem))

    def _publish(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)


def _close(sources: list[_Source]) -> None:
    for source in sources:
        source.close()
