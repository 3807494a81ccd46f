"""Bars of known colours in films of every kind, and what arrives of them."""

from fractions import Fraction
from typing import Any

import av
import numpy as np
from av import VideoStream

GREYS = [(level, level, level) for level in (0, 17, 64, 128, 190, 255)]
COLOURS = [(180, 60, 50), (60, 150, 70), (50, 80, 190), (200, 180, 60)]
# R G B, from left to right.
BARS = GREYS + COLOURS
# The shares of red and blue in luma; the names are those of ITU-T H.273.
MATRICES = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
LIMITED, FULL = 1, 2
ENCODERS = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}
FINE = {
    "libx264": {"preset": "veryfast", "crf": "6"},
    "libx265": {"preset": "ultrafast", "x265-params": "crf=6:log-level=none:pools=1"},
    "mjpeg": {"qmin": "1", "qmax": "1"},
    "mpeg4": {"qmin": "1", "qmax": "2"},
}

SD, HD = (320, 192), (1280, 720)
# Films in every colour that cameras send, by what `film` wants for them.
KINDS: dict[str, dict[str, Any]] = {
    "h264 601": {},
    "h264 601 untagged": {"tagged": False},
    "h264 601 full": {"full": True},
    "h264 709": {"matrix": 1},
    "h264 709 full": {"matrix": 1, "full": True},
    "h264 HD 709": {"size": HD, "matrix": 1},
    "h264 HD untagged": {"size": HD, "matrix": 1, "tagged": False},
    "h264 HD untagged full": {"size": HD, "matrix": 1, "tagged": False, "full": True},
    "h264 HD 601": {"size": HD, "matrix": 5},
    "h264 4:2:2": {"pixel_format": "yuv422p"},
    "h264 4:4:4 full": {"pixel_format": "yuv444p", "full": True},
    "h264 10 bit": {"pixel_format": "yuv420p10le", "matrix": 1},
    "h264 10 bit full": {"pixel_format": "yuv420p10le", "full": True},
    "hevc 709": {"codec": "hevc", "matrix": 1},
    "hevc full": {"codec": "hevc", "full": True},
    "hevc 10 bit": {"codec": "hevc", "pixel_format": "yuv420p10le", "matrix": 1},
    "hevc 2020": {"codec": "hevc", "matrix": 9},
    "mjpeg": {"codec": "mjpeg", "pixel_format": "yuvj420p", "full": True},
    "mjpeg HD": {"codec": "mjpeg", "pixel_format": "yuvj422p", "full": True, "size": HD},
}


def marker(index):
    """The grey of the strip at the foot of a picture, by which it is told from its neighbours."""
    return (24 + index * 37 % 200,) * 3


def bars_frame(index, size, pixel_format="yuv420p", matrix=6, full=False):
    """Ten bars, and a strip below them that says which picture it is."""
    frame = av.VideoFrame(size[0], size[1], pixel_format)
    depth = frame.format.components[0].bits
    scale = 2 ** (depth - 8)
    for number, plane in enumerate(frame.planes):
        dtype = np.uint8 if depth == 8 else np.uint16
        rows = np.frombuffer(memoryview(plane), dtype).reshape(plane.height, -1)
        for column, colour in enumerate(BARS):
            left = plane.width * column // len(BARS)
            right = plane.width * (column + 1) // len(BARS)
            rows[:, left:right] = round(encoded(colour, matrix, full)[number] * scale)
        rows[plane.height * 3 // 4 :] = round(encoded(marker(index), matrix, full)[number] * scale)
    return frame


def encoded(colour, matrix, full):
    """Y, Cb, Cr of eight bits."""
    red, blue = MATRICES[matrix]
    r, g, b = (value / 255 for value in colour)
    y = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    if full:
        return y * 255, 128 + cb * 255, 128 + cr * 255
    return 16 + y * 219, 128 + cb * 224, 128 + cr * 224


def decoded_colour(ycc, matrix, full):
    """R, G, B as ITU-T H.273 has them."""
    red, blue = MATRICES[matrix]
    scale, offset, chroma = (255, 0, 255) if full else (219, 16, 224)
    y = (ycc[0] - offset) / scale
    cb, cr = ((value - 128) / chroma for value in ycc[1:])
    r, b = y + (2 - 2 * red) * cr, y + (2 - 2 * blue) * cb
    g = (y - red * r - blue * b) / (1 - red - blue)
    return tuple(float(np.clip(value * 255, 0, 255)) for value in (r, g, b))


def film(
    target: Any,
    *,
    count=4,
    size=(320, 192),
    codec="h264",
    pixel_format="yuv420p",
    matrix=6,
    full=False,
    tagged=True,
    fps=Fraction(25),
    times=None,
    b_frames=0,
    pixel_aspect=None,
    turn=0,
    mirror=(False, False),
    tags=None,
):
    """Write a clip of bars as an MP4.

    Where it is not tagged, `matrix` is how it is meant all the same. `times` are those of
    the pictures in ms, where they are not even; `turn` is clockwise,
    `mirror` whether left and right change places after it, above and below.
    """
    base = Fraction(1, 1000) if times else 1 / Fraction(fps)
    options = {"movflags": "use_metadata_tags"}
    with av.open(target, "w", format="mp4", options=options) as output:
        output.metadata.update(tags or {})
        name = ENCODERS[codec]
        stream = output.add_stream(name, rate=fps, options=dict(FINE[name]))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        context.time_base = base
        context.max_b_frames, context.gop_size, context.thread_count = b_frames, 12, 1
        if pixel_aspect:
            context.sample_aspect_ratio = pixel_aspect
        if full:
            context.color_range = FULL
        if tagged:
            context.color_range = FULL if full else LIMITED
            context.colorspace = context.color_primaries = context.color_trc = matrix
        if turn or any(mirror):
            stream.set_display_rotation(-turn, *mirror)
        for index in range(count):
            frame = bars_frame(index, size, pixel_format, matrix, full)
            frame.pts, frame.time_base = times[index] if times else index, base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def read(path):
    """The pictures of a file as any player decodes them."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def bars_of(frame, y=3 / 8):
    """R, G, B of each bar, by what the picture says of itself, without swscale."""
    usual = 1 if frame.width >= 1280 else 6
    matrix = frame.colorspace if frame.colorspace in MATRICES else usual
    full = frame.color_range == FULL or frame.format.name.startswith("yuvj")
    planes = [_rows(plane, frame.format.components[0].bits) for plane in frame.planes]
    return [
        decoded_colour([_at(rows, (n + 0.5) / len(BARS), y) for rows in planes], matrix, full)
        for n in range(len(BARS))
    ]


def shown_bars(pixels, y=3 / 8):
    """R, G, B of each bar of B G R pixels."""
    return [
        tuple(_at(pixels[..., channel], (n + 0.5) / len(BARS), y) for channel in (2, 1, 0))
        for n in range(len(BARS))
    ]


def marker_of(frame):
    return bars_of(frame, y=0.8)[0][0]


def assert_bars(found, expected=BARS):
    """Greys are right by 2 levels, colours by 3 in every channel."""
    greys = slice(len(GREYS))
    assert len(found) == len(expected) >= len(GREYS)
    off = np.mean(np.subtract(found, expected)[greys], axis=1)
    assert np.abs(off).max() <= 2, found[greys]
    assert np.abs(np.subtract(found, expected)).max() <= 3, found


def _rows(plane, depth):
    """As levels of eight bits."""
    dtype = np.uint8 if depth == 8 else np.uint16
    rows = np.frombuffer(memoryview(plane), dtype).reshape(plane.height, -1)
    return rows[:, : plane.width] / 2 ** (depth - 8)


def _at(rows, x, y):
    """The mean of a few pixels about a place, in shares."""
    row, column = int(rows.shape[0] * y), int(rows.shape[1] * x)
    return float(rows[row - 1 : row + 2, column - 1 : column + 2].mean())
