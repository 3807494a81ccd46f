"""The story of one camera: its watched stream is read, decoded, searched for motion and shown."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StorageProblem, StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.picture import Picture
from vms_desktop.core.base.sleep_watch import Sleep
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.live_view import FrameRate, Listener, Viewer, snapshot_png
from vms_desktop.core.camera.preview import Preview, Previewer
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.session import (
    Listen,
    Order,
    Session,
    TakeCamera,
    TakePreview,
    TakeSnapshot,
    TakeViewport,
)
from vms_desktop.core.camera.shared import HD_SILENT_S, CameraBoard
from vms_desktop.core.clips.clip import ClipSink
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.media.decode import Decoder, luma
from vms_desktop.core.media.frame import Frame
from vms_desktop.core.motion.detector import Motion, MotionDetector
from vms_desktop.core.motion.events import Began, Ended, EventTracker
from vms_desktop.core.stream.opener import Door
from vms_desktop.core.stream.packets.packet import Packet, VideoFacts
from vms_desktop.core.stream.packets.stream import Stream

REST_S = 0.21
"""A little less than the detector's quiet interval: the next frame that comes is due."""
RESTABLE_RATE = 9.0
"""Frames per second below which each is analysed when it comes: none may wait for another."""
JUDGED_BY = 5
"""Within so many pictures an event is known: what moves has to be seen more than once."""
MAX_UNDECODED = 64
"""Packets that wait for the detector at most, should they never stop coming."""


class CameraSink(ClipSink, Protocol):
    """The writing thread of a camera, as its sessions see it."""

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written at the moment."""

    def recording_since(self, now: float) -> datetime | None:
        """When the clip began that reaches the disk now; None where none does."""

    def save(self, path: Path, data: bytes) -> None:
        """Write a snapshot; empty data tells that there was no picture to save."""


@dataclass(frozen=True, slots=True)
class CameraReport:
    """Whom a camera's session tells what happens, from its own thread."""

    status_changed: Callable[[Status], None]
    event_began: Callable[[datetime], None]
    show: Callable[[Picture], object]


class WatchSession(Session):
    """Watches a camera, and records the watched stream where HD cannot be recorded."""

    def __init__(
        self,
        board: CameraBoard,
        door: Door,
        clock: Clock,
        inbox: Inbox[Order],
        sink: CameraSink,
        report: CameraReport,
    ) -> None:
        super().__init__(board, door, clock, inbox, board.camera.watched_url)
        self._sink = sink
        self._report = report
        self._recorder = Recorder(board, sink, clock, self._may_record, lambda: board.hd_at)
        self._detector = _detector(board.camera)
        self._tracker = EventTracker()
        self._moving = False
        self._viewer = Viewer(report.show, clock.monotonic)
        self._listener = Listener()
        self._previewer: Previewer | None = None
        self._rate = FrameRate()
        self._frame_rate = 0.0
        self._came: deque[float] = deque(maxlen=JUDGED_BY + 1)
        self._undecoded: list[Packet] = []
        self._stream: Stream | None = None
        self._decoder: Decoder | None = None
        self._opened_at = float("-inf")
        self._pictured: float | None = None
        self._status = Status(state=CameraState.INITIALIZING, since_at=clock.now())

    def _wants_stream(self) -> bool:
        return not self._paused

    def _resting(self) -> None:
        self._tell(CameraState.PAUSED)

    def _connecting(self) -> None:
        if self._status.state in (CameraState.STREAM_LOST, CameraState.FAILED):
            self._publish(replace(self._status, next_try_at=None))
        else:
            self._tell(CameraState.CONNECTING)

    def _slept(self, sleep: Sleep) -> None:
        if self._pictured is not None:
            self._pictured -= sleep.hidden_s
        if self._wants_stream():
            self._publish(
                Status(
                    state=CameraState.STREAM_LOST,
                    since_at=sleep.began_at,
                    problem=Problem.ASLEEP,
                    last_picture_at=self._picture_at(),
                    storage=self._sink.problem,
                )
            )

    def _lacks_entry(self) -> None:
        self._publish(
            Status(
                state=CameraState.FAILED,
                since_at=self._lost_since(self._clock.now()),
                problem=Problem.NO_KEYFRAMES,
                last_picture_at=self._picture_at(),
                storage=self._sink.problem,
            )
        )

    def _may_record(self, now: float) -> bool:
        """Whether HD is silent: it is given as long to come when both begin, as after a pause."""
        is_new = bool(self._board.camera.recorded_url) and now - self._opened_at <= HD_SILENT_S
        return not is_new and not self._board.hd_serves(now)

    @property
    def _longest_rest_s(self) -> float:
        return REST_S

    def _unhurried(self) -> bool:
        if self._is_previewed() or self._is_seen(self._clock.monotonic()):
            return False
        is_heard = self._listener.buffer is not None and not self._board.sound_from_hd
        often = self._frame_rate >= RESTABLE_RATE
        return often and self._detector.calm and not is_heard

    def _opened(self, stream: Stream) -> None:
        self._board.login_settled = True
        self._opened_at = self._clock.monotonic()
        self._came.clear()
        self._stream = stream
        self._decoder = Decoder(stream.video)
        self._rate = FrameRate()
        self._detector.restart()
        if self._previewer:
            self._previewer.opened()
        self._recorder.opened(stream.video, stream.audio)
        self._listener.opened(stream.audio)

    def _closed(self) -> None:
        if self._stream:
            self._board.dropped += self._stream.dropped
        self._recorder.closed()
        self._tracker.lost()
        self._moving = False
        self._board.boxes = ()
        self._stream = self._decoder = None
        self._undecoded.clear()

    def _failed(self, err: StreamError, delay_s: float) -> None:
        self._board.login_settled = err.kind is not Problem.WRONG_PASSWORD
        state = CameraState.FAILED if err.kind.lasting else CameraState.STREAM_LOST
        now = self._clock.now()
        self._publish(
            Status(
                state=state,
                since_at=self._lost_since(now),
                problem=err.kind,
                detail=err.detail,
                next_try_at=now + timedelta(seconds=delay_s),
                attempt=self._backoff.attempt,
                last_picture_at=self._picture_at(),
                storage=self._sink.problem,
            )
        )

    def _lost_since(self, now: datetime) -> datetime:
        known, slept = self._status, self._known_sleep
        if known.problem is Problem.ASLEEP and slept:
            return slept.ended_at
        if known.state in (CameraState.STREAM_LOST, CameraState.FAILED):
            return known.since_at
        # A camera that was paused was not lost meanwhile.
        return self._picture_at() or now if known.state.has_picture else now

    def _packet(self, packet: Packet) -> None:
        self._recorder.packet(packet)
        stream, decoder = self._stream, self._decoder
        assert stream is not None
        assert decoder is not None
        if not packet.is_video:
            if not self._board.sound_from_hd:
                self._listener.packet(packet)
            return
        self._frame_rate = self._rate.tick(packet.arrived)
        self._came.append(packet.arrived)
        self._board.known_after_s = packet.arrived - self._came[0]
        self._undecoded.append(packet)
        # Frames that are seen are decoded at once, others when the detector takes one.
        seen = self._is_seen(packet.arrived)
        watched = seen or self._is_previewed()
        due = (watched or packet.awaited) and self._detector.wants(packet.arrived)
        if watched or due or len(self._undecoded) >= MAX_UNDECODED:
            self._decode(stream, decoder, packet.arrived, seen=seen, due=due)

    def _is_previewed(self) -> bool:
        return self._previewer is not None and not self._previewer.closed

    def _is_seen(self, now: float) -> bool:
        return self._viewer.viewport is not None and not self._board.hd_is_shown(now)

    def _decode(
        self, stream: Stream, decoder: Decoder, now: float, *, seen: bool, due: bool
    ) -> None:
        packets, self._undecoded = self._undecoded, []
        decoder.show(1 if self._previewer else self._viewer.scale if seen else 0)
        newest = None
        for packet in packets:
            for frame in decoder.decode(packet):
                self._board.decoded += 1
                newest = frame
        if newest is not None:
            self._frame(newest, stream.video, now, seen=seen, due=due)

    def _frame(self, frame: Frame, video: VideoFacts, now: float, *, seen: bool, due: bool) -> None:
        board, rotation = self._board, self._board.camera.rotation
        self._pictured = now
        if due:
            motion = self._detector.analyse(luma(frame.image, rotation), now)
            self._analysed(motion)
            if motion.moving:
                board.highlights.offer(motion, frame, rotation)
        if seen:
            self._viewer.frame(frame, video, rotation, board.boxes, self._frame_rate)
        if self._previewer is not None:
            self._preview(self._previewer, frame, video, now)
        # Not with every frame: what there is to tell changes with the analysis.
        if due or not self._status.state.has_picture:
            self._tell_live(now)

    def _preview(self, previewer: Previewer, frame: Frame, video: VideoFacts, now: float) -> None:
        if previewer.closed:
            self._previewer = None
        else:
            previewer.frame(frame, video, now, self._frame_rate)

    def _picture_at(self) -> datetime | None:
        """When the last picture came; None where none has."""
        if self._pictured is None:
            return None
        ago = timedelta(seconds=self._clock.monotonic() - self._pictured)
        return self._clock.now() - ago

    def _analysed(self, motion: Motion) -> None:
        self._board.boxes = motion.boxes
        if motion.moving:
            self._board.moved(motion)
        change = self._tracker.update(motion.at, motion.since)
        if change is None:
            return
        self._moving = not isinstance(change, Ended)
        self._board.event = change.event
        if isinstance(change, Began):
            ago = self._clock.monotonic() - change.event.start
            self._report.event_began(self._clock.now() - timedelta(seconds=ago))

    def _obey(self, order: Order) -> None:
        match order:
            case TakeCamera(camera):
                self._take_camera(camera)
            case TakeViewport(viewport):
                self._viewer.viewport = viewport
            case TakeSnapshot(path):
                self._sink.save(path, self._snapshot())
            case Listen(buffer):
                self._listener.buffer = buffer
            case TakePreview(preview):
                self._previewer = self._new_previewer(preview)

    def _new_previewer(self, preview: Preview) -> Previewer:
        return Previewer(
            preview,
            self._clock.monotonic,
            known=self._detector,
            known_rotation=self._board.camera.rotation,
        )

    def _take_camera(self, camera: CameraConfig) -> None:
        self._detector.configure(camera.sensitivity, camera.zones)
        self._recorder.configure(camera)

    def _snapshot(self) -> bytes:
        if self._stream is None:
            return b""
        packets = self._recorder.last_group
        return snapshot_png(packets, self._stream.video, self._board.camera.rotation)

    def _tell_live(self, now: float) -> None:
        since = self._sink.recording_since(now)
        if since is not None:
            state = CameraState.RECORDING
        else:
            state = CameraState.MOTION if self._moving else CameraState.LIVE
        self._tell(state, recording_since_at=since, manual=self._board.manual_since is not None)

    def _tell(
        self,
        state: CameraState,
        *,
        recording_since_at: datetime | None = None,
        manual: bool = False,
    ) -> None:
        known, storage = self._status, self._sink.problem
        now_told = (state, recording_since_at, manual, storage)
        if now_told == (known.state, known.recording_since_at, known.manual, known.storage):
            return
        self._publish(
            Status(
                state=state,
                since_at=known.since_at if state is known.state else self._clock.now(),
                recording_since_at=recording_since_at,
                manual=manual,
                storage=storage,
                last_picture_at=self._picture_at(),
            )
        )

    def _publish(self, status: Status) -> None:
        self._status = status
        self._report.status_changed(status)


def _detector(camera: CameraConfig) -> MotionDetector:
    return MotionDetector(sensitivity=camera.sensitivity, zones=camera.zones)
