"""The HD stream of a camera: held for the pre-roll, recorded, and decoded while it is looked at."""

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.camera.live_view import FrameRate, Listener, Viewer, snapshot_png
from vms_desktop.core.camera.recorder import Recorder
from vms_desktop.core.camera.sd_session import CameraReport, CameraSink
from vms_desktop.core.camera.session import (
    Listen,
    Order,
    Session,
    TakeCamera,
    TakeSnapshot,
    TakeViewport,
)
from vms_desktop.core.camera.shared import CameraBoard
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.opener import Door
from vms_desktop.core.stream.packets.packet import Packet
from vms_desktop.core.stream.packets.stream import Stream

REST_S = 0.35
"""Packets of the pre-roll may come this late; `HD_SILENT_S` of the board is far longer."""
VIEW_THREADS = 2
"""The one camera that is looked at in HD may use more than its share."""


class HdSession(Session):
    """Keeps the HD stream open while recording is enabled or somebody looks at it."""

    def __init__(
        self,
        board: CameraBoard,
        door: Door,
        clock: Clock,
        inbox: Inbox[Order],
        sink: CameraSink,
        report: CameraReport,
    ) -> None:
        super().__init__(board, door, clock, inbox, board.camera.recorded_url)
        self._sink = sink
        self._recorder = Recorder(board, sink, clock, lambda _: True)
        self._viewer = Viewer(report.show, clock.monotonic, hd=True)
        self._listener = Listener()
        self._rate = FrameRate()
        self._stream: Stream | None = None
        self._decoder: Decoder | None = None

    def _wants_stream(self) -> bool:
        board = self._board
        wanted = (
            board.camera.is_recording_enabled
            or board.manual_since is not None
            or self._viewer.viewport is not None
        )
        return wanted and board.login_settled and not self._paused

    @property
    def _longest_rest_s(self) -> float:
        return REST_S

    def _unhurried(self) -> bool:
        return self._viewer.viewport is None and self._listener.buffer is None

    def _opened(self, stream: Stream) -> None:
        self._stream = stream
        self._rate = FrameRate()
        self._recorder.opened(stream.video, stream.audio)
        self._listener.opened(stream.audio)
        self._tell_sound()

    def _closed(self) -> None:
        if self._stream:
            self._board.dropped += self._stream.dropped
        self._recorder.closed()
        self._board.hd_interval_s = 0.0  # What it was used to says nothing of the next stream.
        self._stream = self._decoder = None
        self._listener.opened(None)
        self._tell_sound()

    def _failed(self, err: StreamError, delay_s: float) -> None:
        """Nothing to tell: the camera's state is that of its watched stream."""

    def _packet(self, packet: Packet) -> None:
        self._recorder.packet(packet)
        if not packet.is_video:
            self._listener.packet(packet)
            return
        if self._recorder.ready and self._stream:
            self._board.hd_interval_s = self._stream.interval_s
            self._board.hd_at = packet.arrived
        frame_rate = self._rate.tick(packet.arrived)
        if self._viewer.viewport is not None:
            self._view(packet, frame_rate)

    def _view(self, packet: Packet, frame_rate: float) -> None:
        assert self._stream is not None
        packets = [packet]
        if self._decoder is None:
            # From the group's keyframe on, so that the first picture does not wait for the next.
            self._decoder = Decoder(self._stream.video, threads=VIEW_THREADS)
            packets = [kept for kept in self._recorder.last_group if kept.is_video]
        frames = [frame for each in packets for frame in self._decoder.decode(each)]
        if not frames:
            return
        board = self._board
        self._viewer.frame(
            frames[-1], self._stream.video, board.camera.rotation, board.boxes, frame_rate
        )
        board.hd_shown_at = packet.arrived

    def _obey(self, order: Order) -> None:
        match order:
            case TakeCamera(camera):
                self._recorder.configure(camera)
            case TakeViewport(viewport):
                self._take_viewport(viewport)
            case TakeSnapshot(path):
                self._sink.save(path, self._snapshot())
            case Listen(buffer):
                self._listener.buffer = buffer
                self._tell_sound()

    def _take_viewport(self, viewport: Viewport | None) -> None:
        self._viewer.viewport = viewport if viewport and viewport.hd else None
        if self._viewer.viewport is None:
            self._decoder = None
            self._board.hd_shown_at = float("-inf")

    def _snapshot(self) -> bytes:
        if self._stream is None:
            return b""
        packets = self._recorder.last_group
        return snapshot_png(packets, self._stream.video, self._board.camera.rotation)

    def _tell_sound(self) -> None:
        self._board.sound_from_hd = self._listener.has_sound and self._listener.buffer is not None
