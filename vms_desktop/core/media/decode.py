"""Packets decoded to frames, and frames shrunk to what the screen and the detector take."""

from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from vms_desktop.core.base import Size, Viewport
from vms_desktop.core.media.frame import Frame, framed
from vms_desktop.core.stream import AvPacket, Packet, VideoFacts

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


# Pictures shrunk further look the same without deblocking: at 0.75 of 640×360 and 250 to 1000
# kbit/s they are 45 to 57 dB (PSNR) from the filtered ones, 37 dB at worst, which is less than
# what the encoder itself lost.
FILTERED_SCALE = 0.8
_SMOOTH = Interpolation.BICUBIC


class Decoder:
    """Decodes one video stream; owned by one thread.

    Nothing before a keyframe is decoded. A frame that cannot be decoded is
    dropped: the camera's next keyframe repairs the picture.

    Args:
        threads: Decoder threads; with many cameras, cameras are the parallelism.
    """

    def __init__(self, facts: VideoFacts, *, threads: int = 1) -> None:
        self._facts = facts
        self._threads = threads
        self._context: av.VideoCodecContext | None = None
        self._coming: av.VideoCodecContext | None = None
        self._filtered = True
        self._wants_filter = True

    def show(self, scale: float) -> None:
        """Take the scale at which the frames are seen; 0 where nobody sees them.

        Frames that are not seen, or only shrunk, go without H.264's deblocking,
        a fifth of the work; the change waits for a keyframe, so that no picture
        is torn.
        """
        self._wants_filter = scale >= FILTERED_SCALE

    def reset(self) -> None:
        """Forget the stream: what comes next does not join on."""
        self._context = self._coming = None

    def decode(self, packet: Packet) -> list[Frame]:
        """The frames that this packet completes, mostly one."""
        if packet.is_keyframe and (self._context is None or self._wants_filter != self._filtered):
            self._coming = self._new_context()
        if self._coming is not None:
            frames = self._decoded(self._coming, packet.data)
            # Of a picture that is refreshed piece by piece the first frame comes much later.
            if frames or self._context is None:
                self._context, self._coming = self._coming, None
                return frames
        return self._decoded(self._context, packet.data) if self._context is not None else []

    def flush(self) -> list[Frame]:
        """The frames that the decoder still holds; nothing can follow them."""
        context, self._context, self._coming = self._context, None, None
        return self._decoded(context, None) if context is not None else []

    def _decoded(self, context: av.VideoCodecContext, data: AvPacket | None) -> list[Frame]:
        return framed(decode_packet(context, data), context, self._facts.pixel_aspect)

    def _new_context(self) -> av.VideoCodecContext:
        context: Any = av.CodecContext.create(self._facts.codec, "r")
        if self._facts.parameters:
            context.extradata = self._facts.parameters
        if self._facts.codec == "rawvideo":
            context.width, context.height = self._facts.size
            context.pix_fmt = self._facts.pixel_format
        context.thread_type = "SLICE" if self._threads == 1 else "AUTO"
        context.thread_count = self._threads
        self._filtered = self._wants_filter
        if not self._filtered:
            context.options = {"skip_loop_filter": "all"}
        return context  # type: ignore[no-any-return]


def decode_packet(context: av.VideoCodecContext, data: AvPacket | None) -> list[av.VideoFrame]:
    """Gives what a packet completes, for None what a decoder holds; nothing of a damaged one."""
    try:
        return context.decode(data)
    except av.FFmpegError:
        return []


class Fitter:
    """Turns frames into pixels at a tile's size; keeps the scaler that FFmpeg set up."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._fitted_for: tuple[Size, Size, Viewport, int] | None = None
        self._size = Size(0, 0)

    def fit(self, frame: Frame, viewport: Viewport, rotation: int) -> NDArray[np.uint8]:
        """The frame as (height, width, 4) B G R X, read-only, fitted to the viewport.

        In its true shape, and never larger than `shown_size`: enlarging is the screen's work.

        Args:
            rotation: How its camera is turned; see `Frame.turn`.
        """
        rotation = frame.turn(rotation)
        fitted_for = frame.size, frame.shown_size, viewport, rotation
        if fitted_for != self._fitted_for:
            self._fitted_for = fitted_for
            self._size = turned_size(
                fitted_size(turned_size(frame.shown_size, rotation), viewport), rotation
            )
        width, height = self._size
        # One thread: left to itself the scaler starts one per processor for every camera.
        scaled = self._reformatter.reformat(
            frame.image,
            width,
            height,
            format="bgra",
            interpolation=Interpolation.FAST_BILINEAR,
            threads=1,
        )
        plane: Any = scaled.planes[0]  # It has the buffer protocol, which its stubs do not tell.
        shape, strides = (height, width, 4), (plane.line_size, 4, 1)
        pixels = turn_pixels(np.ndarray(shape, np.uint8, plane, strides=strides), rotation)
        pixels.flags.writeable = False
        return pixels


def upright_pixels(
    frame: Frame, rotation: int, size: Size | None = None, *, scaling: Interpolation = _SMOOTH
) -> NDArray[np.uint8]:
    """The frame in its true shape, turned as `Frame.turn` says: (height, width, 3) B G R.

    As large as it is, or of `size`, which is that of the turned picture.
    """
    rotation = frame.turn(rotation)
    width, height = turned_size(size, rotation) if size else frame.shown_size
    scaled = frame.image.reformat(width, height, "bgr24", interpolation=scaling, threads=1)
    pixels = np.asarray(scaled.to_ndarray(), np.uint8)
    return np.ascontiguousarray(turn_pixels(pixels, rotation))


def luma(frame: av.VideoFrame, rotation: int = 0) -> NDArray[np.uint8]:
    """The brightness of the frame, shape (height, width).

    A view into the frame where its format begins with a plane of 8-bit luma.
    """
    kind, plane = frame.format, frame.planes[0]
    has_luma = kind.name.startswith(("yuv", "nv12", "gray")) and not kind.is_bit_stream
    if not has_luma or kind.components[0].bits != 8 or plane.line_size < plane.width:
        frame = frame.reformat(format="gray")
        plane = frame.planes[0]
    buffer: Any = plane  # It has the buffer protocol, which its stubs do not tell.
    rows = np.frombuffer(buffer, np.uint8).reshape(-1, plane.line_size)
    return turn_pixels(rows[: frame.height, : frame.width], rotation)


def fitted_size(source: Size, room: Viewport) -> Size:
    """The size at which a picture fits into (or fills) the room, at most its own, even numbers.

    The width of what is shrunk is a multiple of 4: its rows then lie in memory without gaps.
    """
    across, down = room.width / source.width, room.height / source.height
    scale = min(1.0, max(across, down) if room.fill else min(across, down))
    width, height = _even(source.width * scale), _even(source.height * scale)
    return Size(max(4, width & ~3) if scale < 1 else width, height)


def turned_size(size: Size, rotation: int) -> Size:
    """The size after turning by a multiple of 90°."""
    return Size(size.height, size.width) if rotation in (90, 270) else size


def turn_pixels(pixels: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """The picture turned clockwise by a multiple of 90°."""
    if rotation not in _TURNS:
        return pixels
    return np.asarray(cv2.rotate(pixels, _TURNS[rotation]), np.uint8)


def _even(length: float) -> int:
    return max(2, int(length / 2 + 1e-6) * 2)
