"""The story of a preview's own connection, for a camera that does not run as it is edited."""

import math
from collections.abc import Callable

from vms_desktop.core.base import CameraState, Clock, Inbox, Problem, Status
from vms_desktop.core.camera.backoff import Backoff
from vms_desktop.core.camera.connection import Connection
from vms_desktop.core.camera.live_view import FrameRate
from vms_desktop.core.camera.preview import Preview, Previewer
from vms_desktop.core.camera.session import CameraOrder
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.camera.status_teller import StatusTeller
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.media import Decoder
from vms_desktop.core.stream import Stream, StreamOpener


class _OneLogin(Backoff):
    """Tries a password once: somebody is there to mend it, and no account gets locked."""

    def failed(
        self, problem: Problem, now: float, *, answers: bool = False, retry_after_s: float = 0.0
    ) -> float:
        delay_s = super().failed(problem, now, answers=answers, retry_after_s=retry_after_s)
        return math.inf if problem is Problem.WRONG_PASSWORD else delay_s


class PreviewSession:
    """Watches a stream for a preview alone: nothing is recorded, no event is told.

    Its `CameraShared` is its own, and it takes no orders. Edits reach it through
    the preview; another address or login is the matter of another session.
    """

    def __init__(
        self,
        camera: CameraConfig,
        preview: Preview,
        opener: StreamOpener,
        clock: Clock,
        inbox: Inbox[CameraOrder],
        status_changed: Callable[[Status], None],
    ) -> None:
        self._previewer = Previewer(preview, clock.monotonic)
        self._status = StatusTeller(clock, status_changed)
        self._connection = Connection(
            CameraShared(camera),
            opener,
            clock,
            inbox,
            camera.watched_url,
            self._status,
            obey=lambda _: None,
            backoff=_OneLogin(),
            name_suffix=" (preview)",
        )

    def run(self) -> None:
        """Work until the inbox is stopped."""
        self._connection.run(self._read)

    def _read(self, stream: Stream) -> None:
        decoder, rate = Decoder(stream.video), FrameRate()
        self._previewer.opened()
        for packet in self._connection.packets(stream):
            if not packet.is_video:
                continue
            frame_rate = rate.tick(packet.arrived)
            if frames := decoder.decode(packet):
                self._status.pictured(packet.arrived)
                self._previewer.frame(frames[-1], stream.video, packet.arrived, frame_rate)
                self._status.become(CameraState.LIVE)
