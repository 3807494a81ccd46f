"""Frames for whoever looks: fitted pictures, full snapshots, sound."""

from collections import deque
from collections.abc import Callable, Iterable

import cv2

from vms_desktop.core.base import Box, Picture, Viewport
from vms_desktop.core.media import (
    Decoder,
    Fitter,
    Frame,
    SoundBuffer,
    SoundDecoder,
    turned_size,
    upright_pixels,
)
from vms_desktop.core.stream import AudioFacts, Packet, VideoFacts

RATE_WINDOW_S = 4.0
# A stream begins with what was kept for it since its last keyframe, all at once.
RATE_BURST_S = 0.5
# From then on enough frames have come at their own pace to tell how many there are.
RATE_TOLD_S = 1.0


class FrameRate:
    """Frames per second over the last seconds; the burst at the beginning does not count."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._times: deque[float] = deque()

    def tick(self, now: float) -> float:
        """Count a frame; the rate, 0 while it is not known yet."""
        if self._began is None:
            self._began = now
        if now - self._began < RATE_BURST_S:
            return 0.0
        times = self._times
        times.append(now)
        while times[0] < now - RATE_WINDOW_S:
            times.popleft()
        span = now - times[0]
        is_known = span > 0 and now - self._began >= RATE_TOLD_S
        return (len(times) - 1) / span if is_known else 0.0


class Viewer:
    """Makes pictures of frames for one tile; owned by one thread.

    Args:
        show: Takes each picture; the newest wins there.

    Attributes:
        viewport: The room for it; None where nobody can see it.
        scale: How large the last picture was, as a share of its frame, across or down,
            whichever is more; 1 before the first.
    """

    def __init__(
        self, show: Callable[[Picture], object], clock: Callable[[], float], *, hd: bool = False
    ) -> None:
        self.viewport: Viewport | None = None
        self.scale = 1.0
        self._show = show
        self._clock = clock
        self._hd = hd
        self._fitter = Fitter()

    def frame(
        self,
        frame: Frame,
        video: VideoFacts,
        rotation: int,
        boxes: tuple[Box, ...],
        frame_rate: float,
    ) -> None:
        """Fit and show a frame."""
        if self.viewport is None:
            return
        decoded_at = self._clock()
        pixels = self._fitter.fit(frame, self.viewport, rotation)
        source, shown = turned_size(frame.size, rotation), turned_size(frame.shown_size, rotation)
        height, width = pixels.shape[:2]
        self.scale = max(width / source.width, height / source.height)
        name = video.codec_name
        self._show(Picture(pixels, source, shown, boxes, decoded_at, frame_rate, name, self._hd))


class Listener:
    """Decodes sound into a buffer while somebody listens; owned by one thread."""

    def __init__(self) -> None:
        self.buffer: SoundBuffer | None = None
        self._sound: AudioFacts | None = None
        self._decoder: SoundDecoder | None = None

    @property
    def has_sound(self) -> bool:
        """Whether the stream announced sound."""
        return self._sound is not None

    def opened(self, audio: AudioFacts | None) -> None:
        """The stream is open, with or without sound."""
        self._sound, self._decoder = audio, None

    def packet(self, packet: Packet) -> None:
        """Let an audio packet be heard, if anybody listens."""
        if self.buffer is None or self._sound is None:
            return
        if packet.sound is not None and packet.sound != self._sound:
            self._sound, self._decoder = packet.sound, None
        if self._decoder is None:
            self._decoder = SoundDecoder(self._sound)
        self.buffer.put(self._decoder.decode(packet.data))


def newest_frame(packets: Iterable[Packet], video: VideoFacts) -> Frame | None:
    """The last frame of a group of pictures, decoded from its keyframe on."""
    decoder = Decoder(video, threads=2)
    frames = (frame for packet in packets if packet.is_video for frame in decoder.decode(packet))
    newest = deque(frames, maxlen=1)
    return [None, *newest, *decoder.flush()][-1]


def snapshot_png(packets: Iterable[Packet], video: VideoFacts, rotation: int) -> bytes:
    """The newest full frame of a group of pictures as a PNG, in its true shape.

    Empty where there is none.
    """
    frame = newest_frame(packets, video)
    if frame is None:
        return b""
    return cv2.imencode(".png", upright_pixels(frame, rotation))[1].tobytes()
