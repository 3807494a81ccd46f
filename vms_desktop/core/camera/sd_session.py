"""The watched stream of a camera: read, decoded, searched for motion, recorded and shown."""

from collections import deque

from vms_desktop.core.base import CameraState, Clock, Inbox, Problem, Status
from vms_desktop.core.camera.connection import Connection
from vms_desktop.core.camera.live_view import FrameRate, Listener, Viewer
from vms_desktop.core.camera.motion_watch import MotionWatch
from vms_desktop.core.camera.preview import Previewer
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.session import (
    CameraChanged,
    CameraOrder,
    CameraReport,
    CameraSink,
    FeedPreview,
    Listen,
    SaveSnapshot,
    ViewportChanged,
)
from vms_desktop.core.camera.shared import HD_SILENT_S, CameraShared
from vms_desktop.core.camera.status_teller import StatusTeller
from vms_desktop.core.media import Decoder, Frame
from vms_desktop.core.stream import Packet, Stream, StreamOpener, VideoFacts

# A little less than the detector's quiet interval: the next frame that comes is due.
REST_S = 0.21
# Frames per second below which each is analysed when it comes: none may wait for another.
RESTABLE_RATE = 9.0
# Within so many pictures an event is known: what moves has to be seen more than once.
JUDGED_BY = 5
# Packets that wait for the detector at most, should they never stop coming.
MAX_UNDECODED = 64


class SdSession:
    """Watches a camera, and records the watched stream where HD cannot be recorded."""

    def __init__(
        self,
        shared: CameraShared,
        opener: StreamOpener,
        clock: Clock,
        inbox: Inbox[CameraOrder],
        sink: CameraSink,
        report: CameraReport,
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._sink = sink
        self._report = report
        self._recorder = Recorder(shared, sink, clock, self._may_record, lambda: shared.hd_at)
        self._motion = MotionWatch(shared, clock, report.event_began)
        self._viewer = Viewer(report.show, clock.monotonic)
        self._listener = Listener()
        self._previewer: Previewer | None = None
        self._opened_at = float("-inf")
        self._status = StatusTeller(clock, self._tell, lambda: sink.problem)
        self._connection = Connection(
            shared, opener, clock, inbox, shared.camera.watched_url, self._status, obey=self._handle
        )

    def run(self) -> None:
        """Work until the inbox is stopped."""
        self._connection.run(self._read)

    def _read(self, stream: Stream) -> None:
        shared = self._shared
        pictures = _Pictures(shared, stream.video)
        shared.login_settled = True
        self._opened_at = self._clock.monotonic()
        self._motion.opened()
        if self._previewer:
            self._previewer.opened()
        self._recorder.opened(stream.video, stream.audio)
        self._listener.opened(stream.audio)
        try:
            for packet in self._connection.packets(stream, lambda: self._rest_s(pictures)):
                self._recorder.packet(packet)
                if packet.is_video:
                    self._picture(packet, pictures)
                elif not shared.sound_from_hd:
                    self._listener.packet(packet)
        finally:
            self._recorder.closed()
            self._motion.closed()

    def _rest_s(self, pictures: "_Pictures") -> float:
        """The time that packets may lie unread; 0 where each picture is seen or judged."""
        if self._previewer or self._is_seen(self._clock.monotonic()):
            return 0.0
        is_heard = self._listener.buffer is not None and not self._shared.sound_from_hd
        often = pictures.frame_rate >= RESTABLE_RATE
        return REST_S if often and self._motion.detector.calm and not is_heard else 0.0

    def _may_record(self, now: float) -> bool:
        """True if HD is silent: it is given as long to come when both begin, as after a pause."""
        is_new = bool(self._shared.camera.recorded_url) and now - self._opened_at <= HD_SILENT_S
        return not is_new and not self._shared.hd_serves(now)

    def _picture(self, packet: Packet, pictures: "_Pictures") -> None:
        """Decode what has come and judge and show its newest frame, where one is wanted now."""
        pictures.add(packet)
        if self._previewer and self._previewer.closed:
            self._previewer = None
        # Frames that are seen are decoded at once, others when the detector takes one.
        seen = self._is_seen(packet.arrived)
        watched = seen or self._previewer is not None
        due = (watched or packet.awaited) and self._motion.detector.wants(packet.arrived)
        if not (watched or due or len(pictures.undecoded) >= MAX_UNDECODED):
            return
        frame = pictures.newest(1 if self._previewer else self._viewer.scale if seen else 0)
        if frame is not None:
            self._frame(frame, pictures, packet.arrived, seen=seen, due=due)

    def _frame(
        self, frame: Frame, pictures: "_Pictures", now: float, *, seen: bool, due: bool
    ) -> None:
        shared, video, frame_rate = self._shared, pictures.video, pictures.frame_rate
        self._status.pictured(now)
        if due:
            self._motion.analyse(frame, now)
        if seen:
            self._viewer.frame(frame, video, shared.camera.rotation, shared.boxes, frame_rate)
        if self._previewer:
            self._previewer.frame(frame, video, now, frame_rate)
        # Not with every frame: what there is to tell changes with the analysis.
        if due or not self._status.has_picture:
            self._tell_live(now)

    def _is_seen(self, now: float) -> bool:
        return self._viewer.viewport is not None and not self._shared.hd_is_shown(now)

    def _handle(self, order: CameraOrder) -> None:
        match order:
            case CameraChanged(camera):
                self._motion.configure(camera)
                self._recorder.configure(camera)
            case ViewportChanged(viewport):
                self._viewer.viewport = viewport
            case SaveSnapshot(path):
                self._sink.save(path, self._recorder.snapshot())
            case Listen(buffer):
                self._listener.buffer = buffer
            case FeedPreview(preview):
                clock, rotation = self._clock.monotonic, self._shared.camera.rotation
                self._previewer = Previewer(preview, clock, self._motion.detector, rotation)

    def _tell_live(self, now: float) -> None:
        since = self._sink.recording_since(now)
        if since is not None:
            state = CameraState.RECORDING
        else:
            state = CameraState.MOTION if self._motion.moving else CameraState.LIVE
        self._status.become(state, since, manual=self._shared.manual_since is not None)

    def _tell(self, status: Status) -> None:
        if status.problem not in (None, Problem.ASLEEP):
            self._shared.login_settled = status.problem is not Problem.WRONG_PASSWORD
        self._report.status_changed(status)


class _Pictures:
    """The pictures of an open stream, decoded no sooner than one of them is wanted.

    Attributes:
        undecoded: The packets that wait.
        frame_rate: How many pictures come in a second; 0 while that is not known.
    """

    def __init__(self, shared: CameraShared, video: VideoFacts) -> None:
        self._shared = shared
        self.video = video
        self.undecoded: list[Packet] = []
        self.frame_rate = 0.0
        self._rate = FrameRate()
        self._came: deque[float] = deque(maxlen=JUDGED_BY + 1)
        self._decoder = Decoder(video)

    def add(self, packet: Packet) -> None:
        """A packet came."""
        self.undecoded.append(packet)
        self.frame_rate = self._rate.tick(packet.arrived)
        self._came.append(packet.arrived)
        self._shared.known_after_s = packet.arrived - self._came[0]

    def newest(self, scale: float) -> Frame | None:
        """Decode what waits; the last frame of it. `scale` as `Decoder.show` takes it."""
        packets, self.undecoded = self.undecoded, []
        self._decoder.show(scale)
        newest = None
        for packet in packets:
            for frame in self._decoder.decode(packet):
                self._shared.decoded += 1
                newest = frame
        return newest
