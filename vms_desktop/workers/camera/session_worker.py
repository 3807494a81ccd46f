"""The thread of one camera connection."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Inbox, Picture, Status
from vms_desktop.core.camera import CameraOrder, CameraReport, CameraSession
from vms_desktop.workers import Latest, Worker, give_way, run_guarded

SessionMaker = Callable[[Inbox[CameraOrder], CameraReport], CameraSession]


class SessionWorker(Worker[CameraOrder]):
    """Runs a `CameraSession` and speaks for it in signals.

    Orders are carried out between two packets.

    Signals:
        status_changed: Camera id and the new `Status`.
        event_began: Camera id and the aware time of the event's first frame.
        crashed: A bug ended the session, as the log tells; camera id.
    """

    status_changed = Signal(str, object)
    event_began = Signal(str, object)
    crashed = Signal(str)

    def __init__(
        self,
        camera_id: str,
        role: str,
        make_session: SessionMaker,
        pictures: Latest[Picture],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(f"{role}-{camera_id}", parent)
        self._camera_id = camera_id
        # Methods: they keep this object while its session speaks, as a signal's `emit` does not.
        report = CameraReport(self._tell_status, self._tell_event, pictures.put)
        self._session = make_session(self.inbox, report)

    def run(self) -> None:
        give_way()
        # Not begun again here: a camera's threads are replaced together.
        run_guarded(self, self._session.run, lambda: self.crashed.emit(self._camera_id))

    def _tell_status(self, status: Status) -> None:
        self.status_changed.emit(self._camera_id, status)

    def _tell_event(self, began_at: datetime) -> None:
        self.event_began.emit(self._camera_id, began_at)
