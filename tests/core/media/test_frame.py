"""How wide pixels are: what is told, who is believed, and what is taken for nonsense."""

from fractions import Fraction
from io import BytesIO

import av
import pytest

from tests.support.packets import facts, video_packets
from tests.support.rtsp_camera import PICTURE, Scripted, feed, taken
from tests.support.shapes import circle
from tests.support.video import encode, write_clip
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.media.frame import Framer, pixel_aspect, shown_size
from vms_desktop.core.stream.packets.packet import container_aspect

WIDE = Fraction(16, 11)
CODECS = ["h264", "hevc", "mjpeg"]


def film(told, codec="h264", size=(352, 288)):
    width, height = size
    paint = circle(told or Fraction(1))
    return encode(2, width=width, height=height, codec=codec, pixel_aspect=told, paint=paint)


def decoded(video, threads=1):
    decoder = Decoder(facts(video), threads=threads)
    frames = [frame for packet in video_packets(video) for frame in decoder.decode(packet)]
    return frames + decoder.flush()


@pytest.mark.parametrize("told", ["16/11", "12/11", "8/9", "32/27", "2", "4/3", "1", "32/11"])
def test_what_is_told_is_believed(told):
    assert pixel_aspect(Fraction(told), Size(352, 288)) == Fraction(told)


@pytest.mark.parametrize("told", [None, "255", "10000", "1/255", "0", "-1", "7/2"])
def test_nonsense_is_as_if_nothing_were_told(told):
    told = None if told is None else Fraction(told)
    assert pixel_aspect(told, Size(640, 360)) == 1
    assert pixel_aspect(told, Size(704, 576)) == Fraction(12, 11)


@pytest.mark.parametrize(
    "size",
    [
        *[(704, 576), (704, 480), (720, 576), (720, 480), (960, 576), (960, 480), (928, 576)],
        *[(704, 288), (352, 576), (352, 288), (352, 240), (176, 144)],
    ],
)
def test_digitised_television_that_tells_nothing_is_4_to_3(size):
    width, height = shown_size(Size(*size), pixel_aspect(None, Size(*size)))
    assert width / height == pytest.approx(4 / 3, abs=0.005)


@pytest.mark.parametrize(
    "size",
    [(640, 480), (320, 240), (640, 360), (1280, 960), (768, 576), (704, 396), (1920, 1080)],
)
def test_other_sizes_that_tell_nothing_have_square_pixels(size):
    assert pixel_aspect(None, Size(*size)) == 1


@pytest.mark.parametrize(
    "size, told, shown",
    [
        ((352, 288), "16/11", (512, 288)),
        ((720, 480), "8/9", (720, 540)),
        ((960, 1080), "2", (1920, 1080)),
        ((1440, 1080), "4/3", (1920, 1080)),
        ((640, 360), "1", (640, 360)),
    ],
)
def test_one_side_grows_so_that_no_pixel_is_lost(size, told, shown):
    assert shown_size(Size(*size), Fraction(told)) == shown


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("threads", [1, 2])
def test_frames_tell_how_wide_their_pixels_are(codec, threads):
    frames = decoded(film(WIDE, codec), threads)
    assert [frame.pixel_aspect for frame in frames] == [WIDE] * 2


@pytest.mark.parametrize("codec, believed", [("h264", True), ("hevc", True), ("mjpeg", False)])
def test_square_pixels_are_believed_but_of_a_jpeg(codec, believed):
    """A JPEG says 1:1 where its encoder was told nothing."""
    frames = decoded(film(Fraction(1), codec))
    assert {frame.pixel_aspect for frame in frames} == {1 if believed else Fraction(12, 11)}


def test_a_stream_may_change_its_pixels_with_any_keyframe():
    wide, narrow = film(WIDE), film(Fraction(12, 11))
    frames = decoded(wide + narrow + wide)
    assert [frame.pixel_aspect for frame in frames] == [
        *[WIDE] * 2,
        *[Fraction(12, 11)] * 2,
        *[WIDE] * 2,
    ]


def test_over_rtsp_the_first_picture_tells_what_the_camera_did_not_announce(dial):
    stream, wire = dial(Scripted(*PICTURE))
    feed(wire, film(WIDE).units)
    assert stream.video.pixel_aspect is None
    decoder = Decoder(stream.video)
    frames = [frame for packet in taken(stream, 2) for frame in decoder.decode(packet)]
    assert [frame.shown_size for frame in frames] == [(512, 288)] * 2


def with_header(told_by_codec, told_by_header, form):
    """A file whose header says another thing than its pictures; None where one is silent."""
    file = BytesIO()
    write_clip(file, 20, width=352, height=288, pixel_aspect=told_by_codec)
    given = av.open(BytesIO(file.getvalue()), "r")
    target = BytesIO()
    with av.open(target, "w", format=form) as output:
        stream = output.add_stream_from_template(given.streams.video[0])
        if told_by_header is not None:
            stream.codec_context.sample_aspect_ratio = told_by_header
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    given.close()
    return av.open(BytesIO(target.getvalue()))


@pytest.mark.parametrize(
    "by_codec, by_header, believed",
    [
        (None, WIDE, WIDE),
        (WIDE, None, WIDE),
        (WIDE, Fraction(1), Fraction(1)),
        (Fraction(1), WIDE, WIDE),
        (None, None, Fraction(12, 11)),
    ],
)
def test_the_word_of_a_container_counts_more_than_the_codecs(by_codec, by_header, believed):
    with with_header(by_codec, by_header, "mp4") as container:
        stream = container.streams.video[0]
        framer = Framer(stream)
        assert framer.pixel_aspect == believed
        frames = framer.frames(container.decode(stream))
        assert {frame.pixel_aspect for frame in frames} == {believed}


@pytest.mark.parametrize("form", ["mp4", "matroska", "mpegts", "flv"])
def test_a_container_that_only_repeats_the_codec_leaves_it_to_the_frames(form):
    with with_header(WIDE, None, form) as container:
        stream = container.streams.video[0]
        assert container_aspect(stream) is None
        assert Framer(stream).pixel_aspect == WIDE
