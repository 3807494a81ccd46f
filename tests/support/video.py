"""Video made in memory: pictures that can be told apart after compression, and their encoding."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import VideoStream
from numpy.typing import NDArray

# Shape (height, width, 3), B G R.
Picture = NDArray[np.uint8]

# Draws picture `index` of the given width and height.
Paint = Callable[[int, int, int], Picture]

NUMBER_BITS = 16
_BITS_PER_ROW = 8
_START = b"\0\0\1"
_SAMPLE_RATE_HZ = 48_000
_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "mjpeg": "mjpeg",
    "mpeg4": "mpeg4",
    "mpeg2": "mpeg2video",
}
_PIXEL_FORMATS = {"mjpeg": "yuvj420p"}


def _bit_boxes(width: int, height: int) -> Iterator[tuple[slice, slice]]:
    """Where each bit of a picture's number stands: two rows across the upper half."""
    block_width, block_height = width // _BITS_PER_ROW, height // 4
    for bit in range(NUMBER_BITS):
        row, column = divmod(bit, _BITS_PER_ROW)
        yield (
            slice(row * block_height, (row + 1) * block_height),
            slice(column * block_width, (column + 1) * block_width),
        )


def numbered(index: int, width: int, height: int) -> Picture:
    """A grey picture that carries its number in black and white blocks."""
    picture = np.full((height, width, 3), 96, np.uint8)
    for bit, box in enumerate(_bit_boxes(width, height)):
        picture[box] = 235 if index >> bit & 1 else 16
    return picture


def read_number(picture: NDArray[Any]) -> int:
    """The number that `numbered` drew; works at any size and with three or four channels."""
    height, width = picture.shape[:2]
    grey = picture[..., :3].mean(axis=2)
    boxes = enumerate(_bit_boxes(width, height))
    return sum(int(grey[box].mean() > 128) << bit for bit, box in boxes)


def still(index: int, width: int, height: int) -> Picture:
    """A structured scene in which nothing happens but the sensor's noise."""
    columns = np.linspace(40, 140, width, dtype=np.float32)
    rows = np.linspace(0, 60, height, dtype=np.float32)
    scene = (columns[None, :] + rows[:, None]).astype(np.int16)
    grey = (scene + _noise(index % 16, width, height)).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


@lru_cache(maxsize=32)
def _noise(seed: int, width: int, height: int) -> NDArray[np.int8]:
    return np.random.default_rng(seed).normal(0, 2, (height, width)).astype(np.int8)


def crossing(spans: Iterable[tuple[int, int]], side_px: int = 40) -> Paint:
    """A still scene that a bright square crosses from picture `first` to before `last` of each."""
    times = tuple(spans)

    def paint(index: int, width: int, height: int) -> Picture:
        picture = still(index, width, height)
        for first, last in times:
            if first <= index < last:
                x = (width - side_px) * (index - first) // max(1, last - first)
                y = (height - side_px) // 2
                picture[y : y + side_px, x : x + side_px] = 230
        return picture

    return paint


@dataclass(frozen=True, slots=True)
class Encoded:
    """A video as a camera would send it: one Annex B access unit per picture.

    Every keyframe carries its own parameter sets.

    Attributes:
        order: The number of each unit's picture, as `encode` was given it.
    """

    units: tuple[bytes, ...]
    keyframes: tuple[bool, ...]
    codec: str
    width: int
    height: int
    fps: int
    order: tuple[int, ...] = ()

    @property
    def annex_b(self) -> bytes:
        """The whole elementary stream."""
        return b"".join(self.units)

    def __add__(self, other: "Encoded") -> "Encoded":
        """This video and then the other one, which must be of the same kind."""
        return replace(
            self, units=self.units + other.units, keyframes=self.keyframes + other.keyframes
        )

    def __mul__(self, times: int) -> "Encoded":
        """This video several times over."""
        return replace(self, units=self.units * times, keyframes=self.keyframes * times)


def encode(
    count: int,
    *,
    width: int = 320,
    height: int = 180,
    fps: int = 15,
    gop: int = 15,
    codec: str = "h264",
    paint: Paint = numbered,
    bit_rate: int | None = None,
    preset: str = "ultrafast",
    pixel_aspect: Fraction | None = None,
    params: str = "",
    pixel_format: str = "",
) -> Encoded:
    """Encode `count` pictures, without B-frames and with a keyframe every `gop` pictures.

    `ultrafast` costs a decoder less than a real camera's stream, which `veryfast` resembles.
    `params` are further ones of x264 or x265, which win over those chosen here.
    """
    context = _encoder(av.CodecContext.create(_ENCODERS[codec], "w"), codec, fps, gop, preset)
    context.width, context.height = width, height
    if pixel_aspect is not None:
        context.sample_aspect_ratio = pixel_aspect
    if params:
        name = "x264-params" if codec == "h264" else "x265-params"
        options = context.options
        context.options = options | {name: f"{options[name]}:{params}"}
    if pixel_format:
        context.pix_fmt = pixel_format
    if bit_rate:
        context.bit_rate = bit_rate
    packets = [
        packet
        for index in range(count)
        for packet in context.encode(
            _frame(paint(index, width, height), index, context.pix_fmt, fps)
        )
    ]
    packets += context.encode(None)
    return Encoded(
        units=tuple(bytes(packet) for packet in packets),
        keyframes=tuple(packet.is_keyframe for packet in packets),
        codec=codec,
        width=width,
        height=height,
        fps=fps,
        order=tuple(packet.pts for packet in packets),
    )


def entered_at_intra(count: int, gop: int) -> Encoded:
    """H.264 that begins with an IDR picture; after it each `gop`-th is a mere I picture.

    Nothing but the slices' own type tells those: neither SEI nor parameter sets lead
    them. Made of an open group of pictures without its B pictures: numbers go up by two.
    """
    params = "open-gop=1:bframes=1:b-adapt=0:b-pyramid=none:ref=1:weightp=0"
    whole = encode(2 * count - 1, gop=2 * gop, width=160, height=96, params=params)
    split = [[nal for nal in unit.split(_START) if nal.strip(b"\0")] for unit in whole.units]
    # What no other picture refers to are the B pictures.
    kept = [unit for unit in split if unit[-1][0] & 0x60]
    bare = [
        [nal for nal in unit if index == 0 or nal[0] & 31 == 1] for index, unit in enumerate(kept)
    ]
    return replace(
        whole,
        units=tuple(b"".join(b"\0" + _START + nal.rstrip(b"\0") for nal in unit) for unit in bare),
        keyframes=tuple(index % gop == 0 for index in range(count)),
    )


def write_clip(
    target: Path | BytesIO,
    count: int,
    *,
    width: int = 320,
    height: int = 180,
    fps: int = 15,
    gop: int = 15,
    codec: str = "h264",
    audio: bool = False,
    paint: Paint = numbered,
    container: str = "mp4",
    pixel_aspect: Fraction | None = None,
) -> None:
    """Write a clip of `count` pictures, with a 440 Hz tone in AAC where `audio` is asked for."""
    destination: Any = str(target) if isinstance(target, Path) else target
    with av.open(destination, "w", format=container) as output:
        video: Any = output.add_stream(_ENCODERS[codec], rate=fps)
        assert isinstance(video, VideoStream)
        _encoder(video.codec_context, codec, fps, gop)
        video.width, video.height = width, height
        if pixel_aspect is not None:
            video.codec_context.sample_aspect_ratio = pixel_aspect
        sound = output.add_stream("aac", rate=_SAMPLE_RATE_HZ, layout="mono") if audio else None
        assert video.pix_fmt is not None
        for index in range(count):
            frame = _frame(paint(index, width, height), index, video.pix_fmt, fps)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if sound is not None:
            for tone in _tones(count / fps):
                output.mux(sound.encode(tone))
            output.mux(sound.encode(None))


def clip_bytes(count: int, **options: Any) -> bytes:
    """A clip as `write_clip` writes it, in memory."""
    target = BytesIO()
    write_clip(target, count, **options)
    return target.getvalue()


def _encoder(context: Any, codec: str, fps: int, gop: int, preset: str = "ultrafast") -> Any:
    context.pix_fmt = _PIXEL_FORMATS.get(codec, "yuv420p")
    context.time_base = Fraction(1, fps)
    context.framerate = Fraction(fps)
    context.gop_size = gop
    context.max_b_frames = 0
    # One thread: with `zerolatency`, x264 would cut every picture into a slice per thread.
    context.thread_count = 1
    if codec == "h264":
        context.options = {
            "preset": preset,
            "tune": "zerolatency",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0",
        }
    elif codec == "hevc":
        params = f"keyint={gop}:min-keyint={gop}:scenecut=0:repeat-headers=1:log-level=none:pools=1"
        context.options = {"preset": preset, "tune": "zerolatency", "x265-params": params}
    return context


def _frame(picture: Picture, index: int, pixel_format: str, fps: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=pixel_format)
    frame.pts, frame.time_base = index, Fraction(1, fps)
    return frame


def _tones(seconds: float) -> Iterator[av.AudioFrame]:
    samples_per_frame = 1024
    for start in range(0, int(seconds * _SAMPLE_RATE_HZ), samples_per_frame):
        angle = (start + np.arange(samples_per_frame)) * (2 * np.pi * 440 / _SAMPLE_RATE_HZ)
        samples = (np.sin(angle) * 0.3).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = _SAMPLE_RATE_HZ, start
        frame.time_base = Fraction(1, _SAMPLE_RATE_HZ)
        yield frame
