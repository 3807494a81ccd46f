"""The HD stream of a camera: held for the pre-roll, recorded, and decoded while it is looked at."""

from vms_desktop.core.base import Clock, Inbox, Viewport
from vms_desktop.core.camera.connection import Connection
from vms_desktop.core.camera.live_view import FrameRate, Listener, Viewer
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.session import (
    CameraChanged,
    CameraOrder,
    CameraReport,
    CameraSink,
    Listen,
    SaveSnapshot,
    ViewportChanged,
)
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.camera.status_teller import StatusTeller
from vms_desktop.core.media import Decoder
from vms_desktop.core.stream import Packet, Stream, StreamOpener, VideoFacts

# Packets of the pre-roll may come this late; `HD_SILENT_S` is far longer.
REST_S = 0.35
# A kill costs a second at most: up to 0.4 s of it is the fragment in the muxer, 0.05 s the way to
# the disk. In the rest packets may lie unread, and the time of three pictures passes: of the
# fragment's last, of one that FFmpeg holds beside the sound, and of the next.
LEFT_BY_FRAGMENT_S = 0.55
PICTURES_HELD = 3
# The one camera that is looked at in HD may use more than its share.
VIEW_THREADS = 2


def rest_s(frame_rate: float) -> float:
    """The time that packets nobody awaits may lie unread; `frame_rate` is 0 while not known."""
    if frame_rate <= 0:
        return 0.0
    return max(0.0, min(REST_S, LEFT_BY_FRAGMENT_S - PICTURES_HELD / frame_rate))


class HdSession:
    """Keeps the HD stream open while recording is enabled or somebody looks at it."""

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
        self._sink = sink
        self._recorder = Recorder(shared, sink, clock, lambda _: True)
        self._viewer = Viewer(report.show, clock.monotonic, hd=True)
        self._listener = Listener()
        self._decoder: Decoder | None = None
        self._frame_rate = 0.0
        self._connection = Connection(
            shared,
            opener,
            clock,
            inbox,
            shared.camera.recorded_url,
            # Told to nobody: the camera's state is that of its watched stream.
            StatusTeller(clock, lambda _: None),
            obey=self._handle,
            wanted=self._is_wanted,
        )

    def run(self) -> None:
        """Work until the inbox is stopped."""
        self._connection.run(self._read)

    def _is_wanted(self) -> bool:
        shared = self._shared
        wanted = (
            shared.camera.is_recording_enabled
            or shared.manual_since is not None
            or self._viewer.viewport is not None
        )
        return wanted and shared.login_settled

    def _read(self, stream: Stream) -> None:
        shared, rate = self._shared, FrameRate()
        self._recorder.opened(stream.video, stream.audio)
        self._listener.opened(stream.audio)
        self._tell_sound()
        try:
            for packet in self._connection.packets(stream, self._rest_s):
                self._recorder.packet(packet)
                if not packet.is_video:
                    self._listener.packet(packet)
                    continue
                if self._recorder.ready:
                    shared.hd_interval_s = stream.interval_s
                    shared.hd_at = packet.arrived
                self._frame_rate = rate.tick(packet.arrived)
                if self._viewer.viewport is not None:
                    self._view(packet, stream.video, self._frame_rate)
        finally:
            self._recorder.closed()
            self._frame_rate = 0.0
            shared.hd_interval_s = 0.0  # What it was used to says nothing of the next stream.
            self._decoder = None
            self._listener.opened(None)
            self._tell_sound()

    def _rest_s(self) -> float:
        is_awaited = self._viewer.viewport is not None or self._listener.buffer is not None
        return 0.0 if is_awaited else rest_s(self._frame_rate)

    def _view(self, packet: Packet, video: VideoFacts, frame_rate: float) -> None:
        packets = [packet]
        if self._decoder is None:
            # From the group's keyframe on, so that the first picture does not wait for the next.
            self._decoder = Decoder(video, threads=VIEW_THREADS)
            packets = [kept for kept in self._recorder.last_group if kept.is_video]
        frames = [frame for each in packets for frame in self._decoder.decode(each)]
        if not frames:
            return
        shared = self._shared
        self._viewer.frame(frames[-1], video, shared.camera.rotation, shared.boxes, frame_rate)
        shared.hd_shown_at = packet.arrived

    def _handle(self, order: CameraOrder) -> None:
        match order:
            case CameraChanged(camera):
                self._recorder.configure(camera)
            case ViewportChanged(viewport):
                self._take_viewport(viewport)
            case SaveSnapshot(path):
                self._sink.save(path, self._recorder.snapshot())
            case Listen(buffer):
                self._listener.buffer = buffer
                self._tell_sound()

    def _take_viewport(self, viewport: Viewport | None) -> None:
        self._viewer.viewport = viewport if viewport and viewport.hd else None
        if self._viewer.viewport is None:
            self._decoder = None
            self._shared.hd_shown_at = float("-inf")

    def _tell_sound(self) -> None:
        self._shared.sound_from_hd = self._listener.has_sound and self._listener.buffer is not None
