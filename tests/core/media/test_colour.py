"""Colours: a picture looks the same wherever it is shown, saved or encoded anew."""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.support.bars import (
    GREYS,
    HD,
    KINDS,
    LIMITED,
    SD,
    assert_bars,
    bars_of,
    film,
    marker,
    marker_of,
    read,
    shown_bars,
)
from tests.support.packets import clip_of, facts, video_packet, video_packets
from tests.support.video import encode
from vms_desktop.core.base.picture import Size, Viewport
from vms_desktop.core.media.colour import BT601, BT709, Colour, coloured, usual_colour_matrix
from vms_desktop.core.media.decode import Decoder, Fitter, upright_pixels
from vms_desktop.core.media.frame import Framer
from vms_desktop.core.media.thumbnail import make_thumbnail
from vms_desktop.core.player.clip_reader import ClipReader
from vms_desktop.core.player.picture import png
from vms_desktop.core.stream.packets.packet import Packet, VideoFacts

GREY: dict[str, dict[str, Any]] = {
    "hevc grey": {"codec": "hevc", "pixel_format": "gray"},
    "hevc grey full": {"codec": "hevc", "pixel_format": "gray", "full": True},
    "hevc grey 10 bit": {"codec": "hevc", "pixel_format": "gray10le"},
    "h264 grey": {"pixel_format": "gray"},
}


def first_frame(data):
    with av.open(BytesIO(data), "r") as container:
        source = container.streams.video[0]
        framer = Framer(source)
        return framer.frames([next(container.decode(source))])[0]


@pytest.fixture(params=KINDS)
def clip(request, tmp_path):
    path = tmp_path / "clip.mp4"
    film(str(path), count=2, **KINDS[request.param])
    return path


@pytest.mark.parametrize("room", [(320, 192), (160, 96), (2000, 2000)])
def test_bars_in_a_tile_have_their_colours(clip, room):
    assert_bars(shown_bars(Fitter().fit(first_frame(clip.read_bytes()), Viewport(*room), 0)))


def test_bars_in_a_snapshot_have_their_colours(clip):
    frame = first_frame(clip.read_bytes())
    assert_bars(shown_bars(upright_pixels(frame, 0)))
    assert_bars(shown_bars(cv2.imdecode(np.frombuffer(png(frame, 0), np.uint8), 1)))


def test_bars_in_a_thumbnail_have_their_colours(clip):
    assert_bars(shown_bars(cv2.imdecode(np.frombuffer(make_thumbnail(clip, None), np.uint8), 1)))


@pytest.mark.parametrize("kind", GREY)
def test_a_camera_without_colours_has_its_greys(kind):
    target = BytesIO()
    film(target, count=2, **GREY[kind])
    pixels = Fitter().fit(first_frame(target.getvalue()), Viewport(320, 192), 0)
    for expected, bar in zip(GREYS, shown_bars(pixels), strict=False):
        assert np.allclose(bar, expected, atol=2)


def test_a_grey_picture_keeps_its_time_and_that_it_is_a_keyframe(tmp_path):
    path = tmp_path / "grey.mp4"
    film(str(path), count=14, codec="hevc", pixel_format="gray")
    reader = ClipReader(path)
    frames = []
    while (read := reader.read()) is not None:
        frames += read
    reader.close()
    assert [frame.at_us for frame in frames] == [n * 40_000 for n in range(14)]
    assert [n for n, frame in enumerate(frames) if frame.is_keyframe] == [0, 12]


@pytest.mark.parametrize("codec, size, matrix", [("h264", HD, BT709), ("hevc", SD, BT601)])
def test_live_pictures_that_say_nothing_have_the_colours_of_their_size(codec, size, matrix):
    video = encode(1, width=size[0], height=size[1], codec=codec)
    decoder = Decoder(facts(video))
    frames = decoder.decode(video_packets(video)[0]) + decoder.flush()
    assert [frame.image.colorspace for frame in frames] == [matrix]


@pytest.mark.parametrize(
    "size, matrix",
    [
        ((640, 480), BT601),
        ((704, 576), BT601),
        ((1278, 718), BT601),
        ((1280, 534), BT709),
        ((960, 720), BT709),
        ((3840, 2160), BT709),
        ((720, 1280), BT709),
    ],
)
def test_what_is_not_said_follows_from_the_size(size, matrix):
    assert usual_colour_matrix(Size(*size)) == matrix


@pytest.mark.parametrize("codec", ["mjpeg", "rawvideo"])
def test_jpegs_and_webcams_are_601_of_whatever_size(codec):
    image = av.VideoFrame(1920, 1080, "yuv422p")
    assert coloured(image, codec).colorspace == BT601


@pytest.mark.parametrize("nonsense", [0, 3, 8, 14, 15, 200])
def test_a_matrix_that_nobody_converts_is_as_if_none_were_said(nonsense):
    image = av.VideoFrame(1280, 720, "yuv420p")
    image.colorspace = nonsense
    assert coloured(image, "h264").colorspace == BT709
    frame = coloured(image, "h264").reformat(64, 36, "bgra")
    assert frame.format.name == "bgra"


def test_a_file_says_no_more_than_its_source_did():
    image = av.VideoFrame(320, 192, "yuv420p")
    image.color_primaries, image.color_trc = 3, 0  # Reserved: encoders refuse them.
    assert Colour.of(coloured(image, "h264")) == Colour(BT601, 2, 2)


@pytest.mark.parametrize("wrong", ["matrix", "range"])
def test_the_bars_would_show_a_matrix_or_a_range_that_is_mistaken(wrong):
    target = BytesIO()
    film(target, count=1, matrix=1, full=True)
    frame = first_frame(target.getvalue())
    image = frame.image
    if wrong == "range":
        image = av.VideoFrame.from_ndarray(image.to_ndarray(), "yuv420p")
    image.colorspace = BT601 if wrong == "matrix" else BT709
    with pytest.raises(AssertionError):
        assert_bars(shown_bars(upright_pixels(frame._replace(image=image), 0)))


@pytest.mark.parametrize("size", [SD, HD])
@pytest.mark.parametrize("pixel_format", ["yuvj420p", "yuvj422p", "yuvj444p"])
def test_jpegs_are_recorded_in_their_colours_and_the_file_says_them(tmp_path, size, pixel_format):
    source = BytesIO()
    film(source, count=5, codec="mjpeg", pixel_format=pixel_format, full=True, size=size)
    frames = read(recorded(tmp_path / "clip.mp4", source.getvalue(), size))
    assert len(frames) == 5
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(5)], abs=1e-5)
    assert {(frame.color_range, frame.colorspace) for frame in frames} == {(LIMITED, 5)}
    for frame in frames:
        assert_bars(bars_of(frame))


def test_a_clip_of_one_jpeg_has_its_picture(tmp_path):
    source = BytesIO()
    film(source, count=1, codec="mjpeg", pixel_format="yuvj420p", full=True)
    (frame,) = read(recorded(tmp_path / "clip.mp4", source.getvalue(), SD))
    assert_bars(bars_of(frame))


def test_what_a_decoder_holds_back_is_recorded_at_its_time(tmp_path):
    source = BytesIO()
    film(source, count=14, codec="mpeg4", b_frames=2)
    with av.open(BytesIO(source.getvalue()), "r") as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        head = stream.codec_context.extradata or b""
        facts = VideoFacts("mpeg4", Size(*SD), stream.time_base, 25.0, head)
        told: Any = container.demux(stream)
        packets = [
            Packet(p, True, p.is_keyframe, p.dts, p.pts, p.duration, p.time_base, p.size, float(n))
            for n, p in enumerate(told)
            if p.size
        ]
        frames = read(clip_of(tmp_path / "clip.mp4", packets, facts))
    assert [round(frame.time * 25) for frame in frames] == list(range(14))
    assert [marker_of(frame) for frame in frames] == pytest.approx(
        [marker(n)[0] for n in range(14)], abs=2
    )


def recorded(path, jpegs, size):
    """The JPEGs of a film as a camera's clip."""
    base = Fraction(1, 90_000)
    given = VideoFacts("mjpeg", Size(*size), base, 0.0)
    with av.open(BytesIO(jpegs), "r") as container:
        units = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    packets = [video_packet(unit, n, 25, is_keyframe=True) for n, unit in enumerate(units)]
    return clip_of(path, packets, given)
