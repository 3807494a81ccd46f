"""The threads of one camera, started and stopped together."""

import logging
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Inbox, Picture, StorageError
from vms_desktop.core.camera import (
    CameraChanged,
    CameraOrder,
    CameraReport,
    CameraSession,
    CameraShared,
    FeedPreview,
    HdSession,
    LookAgain,
    Preview,
    SaveSnapshot,
    SdSession,
)
from vms_desktop.core.config import CameraConfig
from vms_desktop.workers import Latest, join_all
from vms_desktop.workers.camera.clip_worker import ClipWorker
from vms_desktop.workers.camera.parts import FleetParts
from vms_desktop.workers.camera.session_worker import SessionWorker

log = logging.getLogger(__name__)


class RunningCamera(QObject):
    """A camera that runs: its watching, its HD and its writing thread.

    Lives in the GUI thread. The writing thread outlives the others, which hand
    it the end of their clips when they stop.

    Attributes:
        camera: Its configuration now.
        has_crashed: A bug has ended one of its threads, and others take their place.

    Signals:
        ended: Every thread of the camera is gone; carries its id.
    """

    ended = Signal(str)

    def __init__(
        self,
        camera: CameraConfig,
        parts: FleetParts,
        pictures: Latest[Picture],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.camera = camera
        self.has_crashed = False
        self.shared = CameraShared(camera, parts.sleeps)
        self.clips = ClipWorker(
            camera.id, parts.clip_store, parts.watch, parts.buffer, self.shared.clip_end, self
        )
        self._clock, self._clip_store = parts.clock, parts.clip_store

        def worker(role: str, kind: type[SdSession | HdSession]) -> SessionWorker:
            def session(inbox: Inbox[CameraOrder], report: CameraReport) -> CameraSession:
                return kind(self.shared, parts.opener, parts.clock, inbox, self.clips, report)

            return SessionWorker(camera.id, role, session, pictures, self)

        self.watching = worker("watch", SdSession)
        self.hd = worker("hd", HdSession) if camera.recorded_url else None
        for session in self._sessions():
            session.finished.connect(self._session_finished)
        self.clips.finished.connect(self._clips_finished)

    @property
    def gone(self) -> bool:
        """Whether every thread has come to its end."""
        return self.clips.isFinished() and all(each.isFinished() for each in self._sessions())

    def start(self) -> None:
        """Start every thread."""
        self.clips.start()
        for session in self._sessions():
            session.start()

    def stop(self) -> None:
        """Ask every thread to end; `ended` follows. Returns at once."""
        for session in self._sessions():
            session.stop()

    def wait(self, deadline: float) -> bool:
        """Wait for the end until monotonic `deadline`; whether all threads are gone.

        What does not reach the disk by then is told as lost.
        """
        done = join_all(self._sessions(), deadline)
        self.clips.stop()
        is_written = join_all([self.clips], deadline)
        if not is_written:
            self.clips.abandon()
        return is_written and done

    def take(self, camera: CameraConfig) -> None:
        """Go on with another configuration of the same streams, losing no frame."""
        renamed = camera.name != self.camera.name
        self.camera = self.shared.camera = camera
        self.post(CameraChanged(camera))
        if renamed:
            self.clips.claim(lambda: self._follow_name(camera))

    def post(self, order: CameraOrder) -> None:
        """Give an order to every session."""
        for session in self._sessions():
            session.post(order)

    def record(self, on: bool) -> None:
        """Begin or end a recording by hand."""
        self.shared.manual_since = self._clock.monotonic() if on else None
        self.post(LookAgain())

    def snapshot(self, path: Path) -> None:
        """Save the newest full frame of the best stream that runs."""
        best = self.watching
        if self.hd and self.shared.hd_serves(self._clock.monotonic()):
            best = self.hd
        best.post(SaveSnapshot(path))

    def show(self, preview: Preview) -> None:
        """Let a preview see every watched frame until it is closed."""
        self.watching.post(FeedPreview(preview))

    def _sessions(self) -> Iterator[SessionWorker]:
        yield self.watching
        if self.hd:
            yield self.hd

    def _follow_name(self, camera: CameraConfig) -> None:
        try:
            self._clip_store.folders.folder(camera)
        except StorageError as err:
            log.warning(
                "%s: its folder keeps the old name until the next clip: %s", camera.name, err
            )

    def _session_finished(self) -> None:
        if all(session.isFinished() for session in self._sessions()):
            self.clips.stop()

    def _clips_finished(self) -> None:
        self.ended.emit(self.camera.id)
