"""Pictures of an export encoded anew: cut to the frame, turned, with time and name in them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, Protocol

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from vms_desktop.core.base import Size, comes_twice, offset_text
from vms_desktop.core.export.plan import FilePlan, Piece
from vms_desktop.core.export.source import MICROSECOND, SourceReader
from vms_desktop.core.media import SQUARE_PIXELS, Frame, decode_packet, turn_pixels, turned_size
from vms_desktop.core.player import local_datetime
from vms_desktop.core.stream import AvPacket

TIME_BASE = Fraction(1, 90_000)
# Colours are kept a little finer than usual: one level of Cb is two of blue, and bars of known
# colours came out wrong by three.
ENCODER_OPTIONS = {"preset": "veryfast", "crf": "21", "x264-params": "chroma-qp-offset=-3"}
KEYFRAME_S = 2.0
_BLACK, _NO_COLOUR = 16, 128

# Shape (height * 3 / 2, width): luma, then both colours at a quarter of its size.
I420 = NDArray[np.uint8]

# Draws into a picture what belongs to a moment, in µs since the epoch.
Draw = Callable[[I420, int], None]


class PictureEncoder:
    """Decodes pieces and encodes them as one H.264 track; used by one thread.

    Every frame is there once, and all keep their distances in time. Their pixels become
    square and upright: what is drawn into them is not squeezed, and whatever plays the file
    shows it right. Colours are those of the first piece, at limited range.

    Args:
        draw: Draws into every picture once it is turned; None where nothing is drawn.

    Attributes:
        end: Where the pieces so far end in the file, in seconds.
    """

    def __init__(self, plan: FilePlan, draw: Draw | None = None) -> None:
        self.end = Fraction(0)
        self._size = even(plan.size)
        self._rotation = plan.track.rotation
        self._colour = plan.pieces[0].source.video.colour
        self._reformatter = VideoReformatter()
        self._draw = draw
        self._piece = plan.pieces[0]
        self._reader: SourceReader
        self._shift = Fraction(0)
        self._last_ticks = -1
        self._last_at = Fraction(0)
        self._stream: Any = None

    def begin(self, container: OutputContainer) -> Any:
        """Add the track to a file."""
        rate = max(1, round(1e6 / self._piece.source.interval_us))
        stream: Any = container.add_stream("libx264", rate=rate, options=dict(ENCODER_OPTIONS))
        stream.width, stream.height = self._size
        stream.codec_context.sample_aspect_ratio = SQUARE_PIXELS
        stream.pix_fmt = "yuv420p"
        self._colour.tell(stream.codec_context)
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.gop_size = round(rate * KEYFRAME_S)
        # One thread, as the decoder has: Live keeps the other processors.
        stream.codec_context.thread_count = 1
        self._stream = stream
        return stream

    def begin_piece(self, piece: Piece, reader: SourceReader, begins: Fraction) -> None:
        """Go on with another piece.

        Args:
            reader: Its clip.
            begins: Where the piece begins in the file that is written, in seconds.
        """
        self._piece, self._reader = piece, reader
        self._shift = begins - piece.from_us * MICROSECOND
        self._last_at = piece.from_us * MICROSECOND

    def packets(self, packet: AvPacket) -> list[AvPacket]:
        """The packets that this one makes ready; one that is damaged is passed over."""
        return self._wanted(decode_packet(self._reader.video.codec_context, packet))

    def end_piece(self) -> list[AvPacket]:
        """The frames that the clip's decoder still holds."""
        return self._wanted(decode_packet(self._reader.video.codec_context, None))

    def flush(self) -> list[AvPacket]:
        """The packets that the encoder still holds; nothing can follow."""
        return list(self._stream.encode(None))

    def _wanted(self, images: Iterable[av.VideoFrame]) -> list[AvPacket]:
        found: list[AvPacket] = []
        for frame in self._reader.framer.frames(images):
            at = self._time_of(frame.image)
            if self._is_wanted(round(at / MICROSECOND)):
                found += self._encoded(frame, at)
        return found

    def _time_of(self, image: av.VideoFrame) -> Fraction:
        """The time since the clip's first frame, in seconds."""
        if image.pts is None:
            return self._last_at + self._piece.source.interval_us * MICROSECOND
        # What a decoder held back to the end has lost its time base, never its time.
        return Fraction(image.pts * self._reader.video.time_base - self._reader.zero)

    def _is_wanted(self, at_us: int) -> bool:
        # What a clip holds behind the length that its header tells is wanted with its end.
        is_whole = self._piece.until_us >= self._piece.source.length_us
        return at_us >= self._piece.from_us and (is_whole or at_us < self._piece.until_us)

    def _encoded(self, frame: Frame, at: Fraction) -> list[AvPacket]:
        self._last_at = at
        picture = self._picture(frame, self._piece.moment(round(at / MICROSECOND)))
        ticks = max(round((at + self._shift) / TIME_BASE), self._last_ticks + 1)
        self._last_ticks = ticks
        picture.pts, picture.time_base = ticks, TIME_BASE
        self.end = ticks * TIME_BASE + self._piece.source.interval_us * MICROSECOND
        return list(self._stream.encode(picture))

    def _picture(self, frame: Frame, moment_us: int) -> av.VideoFrame:
        rotation = frame.turn(self._rotation)
        fitted = turned_size(fit(turned_size(frame.shown_size, rotation), self._size), rotation)
        scaled = self._colour.converted(frame.image, fitted, self._reformatter)
        pixels = scaled.to_ndarray().astype(np.uint8, copy=False)
        planes = centred(turned_picture(pixels, rotation), self._size)
        if self._draw is not None:
            self._draw(planes, moment_us)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def even(size: Size) -> Size:
    """The size without an odd row or column, which H.264 with 4:2:0 does not take."""
    return Size(max(2, size.width // 2 * 2), max(2, size.height // 2 * 2))


def fit(size: Size, room: Size) -> Size:
    """The largest even size of a picture's shape that fits into a room."""
    scale = min(room.width / size.width, room.height / size.height)
    width, height = round(size.width * scale), round(size.height * scale)
    return even(Size(min(width, room.width), min(height, room.height)))


def centred(picture: I420, room: Size) -> I420:
    """A picture in the middle of a black one."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    if (width, height) == room:
        return picture
    canvas = np.full((room.height * 3 // 2, room.width), _NO_COLOUR, np.uint8)
    canvas[: room.height] = _BLACK
    left, top = (room.width - width) // 4 * 2, (room.height - height) // 4 * 2
    for given, into in zip(planes_of(picture), planes_of(canvas), strict=True):
        share = room.width // into.shape[1]
        x, y = left // share, top // share
        into[y : y + given.shape[0], x : x + given.shape[1]] = given
    return canvas


def turned_picture(picture: I420, rotation: int) -> I420:
    """A picture turned clockwise by a multiple of 90°."""
    if not rotation:
        return picture
    flat = [turn_pixels(plane, rotation) for plane in planes_of(picture)]
    width = flat[0].shape[1]
    return np.concatenate([plane.reshape(-1) for plane in flat]).reshape(-1, width)


def planes_of(picture: I420) -> tuple[I420, I420, I420]:
    """Luma and the two colours of a picture, as views of it."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    flat = picture.reshape(-1)
    size, quarter = width * height, width * height // 4
    shape = height // 2, width // 2
    return (
        picture[:height],
        flat[size : size + quarter].reshape(shape),
        flat[size + quarter :].reshape(shape),
    )


# Of the picture's height.
_TEXT_SHARE = 0.045
_FEWEST_PX = 12
# So much of the picture's light is left behind the text.
_SHADE = 0.3
_WHITE = 235


class LineWriter(Protocol):
    """Writes a line of text; called by the thread that exports.

    Shaping letters, ordering them and finding a font for each script is the work of a
    library for text, which the layers above have.
    """

    def __call__(self, when: str, name: str, letter_px: int, room_px: int) -> NDArray[np.uint8]:
        """How much of each pixel the line covers, 0…255, in as many rows as its letters want.

        Args:
            when: Stands at the left, whole.
            name: After it, in whatever script; cut where there is no room.
            letter_px: Size of the letters; they may be smaller for want of room.
            room_px: The most columns that there may be.
        """
        ...


class TimeStamp:
    """Draws `2026-11-22 14:31:03  Front door` at the lower left, light on a dark strip.

    In an hour that comes twice the distance to UTC tells which it is. The text is
    made once a second.
    """

    def __init__(self, name: str, write: LineWriter) -> None:
        self._name = " ".join(name.split())
        self._write = write
        self._when = ""
        self._strip: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def draw(self, picture: I420, moment_us: int) -> None:
        """Draw the moment, in µs since the epoch."""
        luma, *colours = planes_of(picture)
        when = _clock(local_datetime(moment_us))
        if when != self._when:
            self._when, self._strip = when, self._drawn(when, luma.shape[0], luma.shape[1])
        height, width = self._strip.shape
        under = luma[-height:, :width]
        shaded = _BLACK + (under.astype(np.float32) - _BLACK) * _SHADE
        under[:] = (shaded + (_WHITE - shaded) * self._strip).clip(0, 255).astype(np.uint8)
        for colour in colours:
            colour[-height // 2 :, : width // 2] = _NO_COLOUR

    def _drawn(self, when: str, height_px: int, width_px: int) -> NDArray[np.float32]:
        """How much of each pixel the text covers, 0…1; even in size, as 4:2:0 asks for."""
        letter = max(_FEWEST_PX, round(height_px * _TEXT_SHARE))
        margin = letter // 2
        line = self._write(when, self._name, letter, max(1, width_px - 2 * margin))
        above = max(0, letter * 8 // 5 - line.shape[0]) // 2
        edges = ((above, above + line.shape[0] % 2), (margin, margin + line.shape[1] % 2))
        covered = np.pad(line, edges)[: height_px // 2 * 2, : width_px // 2 * 2]
        return covered.astype(np.float32) * np.float32(1 / 255)


def _clock(at: datetime) -> str:
    text = f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{text} {offset_text(at)}" if comes_twice(at) else text
