"""The story of a preview's own connection, for a camera that does not run as it is edited."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.backoff import Backoff
from vms_desktop.core.camera.live_view import FrameRate
from vms_desktop.core.camera.preview import Preview, Previewer
from vms_desktop.core.camera.session import Order, Session
from vms_desktop.core.camera.shared import CameraBoard
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.opener import Door
from vms_desktop.core.stream.packets.packet import Packet
from vms_desktop.core.stream.packets.stream import Stream


class _OneLogin(Backoff):
    """Tries a password once: somebody is there to mend it, and no account gets locked."""

    def failed(
        self, problem: Problem, now: float, *, answers: bool = False, retry_after_s: float = 0.0
    ) -> float:
        delay_s = super().failed(problem, now, answers=answers, retry_after_s=retry_after_s)
        return math.inf if problem is Problem.WRONG_PASSWORD else delay_s


class PreviewSession(Session):
    """Watches a stream for a preview alone: nothing is recorded, no event is told.

    Its board is its own, not the camera's. Edits reach it through the preview;
    another address or login is the matter of another session.
    """

    def __init__(
        self,
        camera: CameraConfig,
        preview: Preview,
        door: Door,
        clock: Clock,
        inbox: Inbox[Order],
        status_changed: Callable[[Status], None],
    ) -> None:
        super().__init__(CameraBoard(camera), door, clock, inbox, camera.watched_url)
        self._backoff = _OneLogin()
        self._previewer = Previewer(preview, clock.monotonic)
        self._status_changed = status_changed
        self._status = Status(state=CameraState.INITIALIZING, since_at=clock.now())
        self._rate = FrameRate()
        self._stream: Stream | None = None
        self._decoder: Decoder | None = None
        self._picture_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{super().name} (preview)"

    def _wants_stream(self) -> bool:
        return True

    @property
    def _longest_rest_s(self) -> float:
        return 0.0

    def _unhurried(self) -> bool:
        return False

    def _obey(self, order: Order) -> None:
        """Nothing to do: a preview takes no orders but its wishes."""

    def _connecting(self) -> None:
        if self._status.problem is None:
            self._tell(CameraState.CONNECTING)
        else:
            self._publish(replace(self._status, next_try_at=None))

    def _lacks_entry(self) -> None:
        now = self._clock.now()
        self._publish(Status(state=CameraState.FAILED, since_at=now, problem=Problem.NO_KEYFRAMES))

    def _opened(self, stream: Stream) -> None:
        self._stream, self._decoder = stream, Decoder(stream.video)
        self._rate = FrameRate()
        self._previewer.opened()

    def _closed(self) -> None:
        self._stream = self._decoder = None

    def _packet(self, packet: Packet) -> None:
        if not packet.is_video:
            return
        stream, decoder = self._stream, self._decoder
        assert stream is not None
        assert decoder is not None
        frame_rate = self._rate.tick(packet.arrived)
        frames = decoder.decode(packet)
        if frames:
            self._picture_at = self._clock.now()
            self._previewer.frame(frames[-1], stream.video, packet.arrived, frame_rate)
            self._tell(CameraState.LIVE)

    def _failed(self, err: StreamError, delay_s: float) -> None:
        now, known = self._clock.now(), self._status
        self._publish(
            Status(
                state=CameraState.FAILED if err.kind.lasting else CameraState.STREAM_LOST,
                since_at=known.since_at if known.problem else self._picture_at or now,
                problem=err.kind,
                detail=err.detail,
                next_try_at=None if delay_s == math.inf else now + timedelta(seconds=delay_s),
                attempt=self._backoff.attempt,
                last_picture_at=self._picture_at,
            )
        )

    def _tell(self, state: CameraState) -> None:
        if state is not self._status.state:
            now = self._clock.now()
            self._publish(Status(state=state, since_at=now, last_picture_at=self._picture_at))

    def _publish(self, status: Status) -> None:
        self._status = status
        self._status_changed(status)
