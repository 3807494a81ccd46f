from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from tests.support.packets import facts, small, video_packet, video_packets
from tests.support.video import encode, numbered, read_number, still
from vms_desktop.core.base.picture import Size, Viewport
from vms_desktop.core.media.decode import (
    Decoder,
    Fitter,
    fitted_size,
    luma,
    turn_pixels,
    turned_size,
)
from vms_desktop.core.media.frame import SQUARE_PIXELS, Frame
from vms_desktop.core.stream.bitstream.entry_points import EntryPoints
from vms_desktop.core.stream.packets.packet import VideoFacts

FPS = 15
VIDEO = small(45)


def frame_of(pixels, form):
    frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
    return frame if form == "bgr24" else frame.reformat(format=form)


def square(frame):
    return Frame(frame, SQUARE_PIXELS)


def y_plane(frame):
    plane = frame.planes[0]
    is_deep = "10" in frame.format.name
    rows: Any = np.frombuffer(plane, np.uint16 if is_deep else np.uint8).reshape(plane.height, -1)
    return rows[:, : frame.width] >> (2 if is_deep else 0)


def decoded(decoder, packets):
    return [frame for packet in packets for frame in decoder.decode(packet)]


def seen(frames):
    return [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_every_picture_comes_at_once_and_in_order(codec):
    video = small(20, codec=codec)
    decoder = Decoder(facts(video))
    counts = [len(decoder.decode(packet)) for packet in video_packets(video)]
    if codec != "hevc":  # Its encoder allows the order of pictures to change.
        assert counts == [1] * 20
    again = Decoder(facts(video))
    assert seen(decoded(again, video_packets(video)) + again.flush()) == list(range(20))


def test_raw_pictures_of_a_webcam_are_decoded():
    video = VideoFacts("rawvideo", Size(64, 48), Fraction(1, 1000), 15, pixel_format="yuyv422")
    (frame,) = Decoder(video).decode(video_packet(bytes(64 * 48 * 2), 0, FPS, is_keyframe=True))
    assert frame.size == (64, 48)


def test_nothing_is_decoded_before_a_keyframe():
    frames = decoded(Decoder(facts(VIDEO)), video_packets(VIDEO)[5:20])
    assert seen(frames) == [15, 16, 17, 18, 19]


@pytest.mark.parametrize("data", [b"nonsense", bytes(900), b"\0\0\0\1\x65" + b"\xff" * 60])
def test_a_corrupt_packet_gives_nothing_and_the_next_keyframe_repairs(data):
    packets = video_packets(VIDEO)
    decoder = Decoder(facts(VIDEO))
    decoder.decode(packets[0])
    assert decoder.decode(video_packet(data, 1, FPS, is_keyframe=False)) == []
    assert seen(decoded(decoder, packets[15:18])) == [15, 16, 17]


def test_after_a_reset_a_keyframe_is_waited_for():
    packets = video_packets(VIDEO)
    decoder = Decoder(facts(VIDEO))
    decoder.decode(packets[0])
    decoder.reset()
    assert decoded(decoder, packets[1:15]) == []
    assert len(decoder.decode(packets[15])) == 1


def test_another_picture_size_in_the_stream_is_followed():
    decoder = Decoder(facts(VIDEO))
    large = small(3, width=320, height=192)
    frames = decoded(decoder, video_packets(VIDEO)[:15] + video_packets(large))
    assert [frame.image.width for frame in frames] == [160] * 15 + [320] * 3


def test_what_the_decoder_holds_back_comes_with_the_end():
    decoder = Decoder(facts(VIDEO), threads=2)
    frames = decoded(decoder, video_packets(VIDEO))
    assert seen(frames + decoder.flush()) == list(range(45))
    assert decoder.flush() == []


# Deblocking needs something to smooth: a structured picture in little space.
COARSE = encode(30, width=160, height=96, gop=15, paint=still, bit_rate=30_000, preset="veryfast")


def switched(before, after, at):
    """Pictures of a decoder whose frames are seen at a scale before and after a packet."""
    decoder, pictures = Decoder(facts(COARSE)), []
    decoder.show(before)
    for number, packet in enumerate(video_packets(COARSE)):
        if number == at:
            decoder.show(after)
        pictures += [y_plane(frame.image).copy() for frame in decoder.decode(packet)]
    return pictures


@pytest.mark.parametrize("before, after", [(1, 0), (0, 1), (0.75, 0.8), (0.8, 0.75)])
def test_the_loop_filter_is_switched_at_a_keyframe_and_not_before(before, after):
    old, new = switched(before, before, 0), switched(after, after, 0)
    assert any((a != b).any() for a, b in zip(old, new, strict=True))
    changed = switched(before, after, at=4)
    expected = old[:15] + new[15:]
    assert all((a == b).all() for a, b in zip(changed, expected, strict=True))


def test_a_picture_that_is_refreshed_piece_by_piece_is_shown_without_a_break():
    params = "intra-refresh=1:keyint=15"
    video = encode(90, gop=15, width=160, height=96, preset="veryfast", params=params)
    entries = EntryPoints("h264", b"")
    decoder, counts = Decoder(facts(video)), []
    for number, unit in enumerate(video.units):
        data, is_keyframe = entries.take(unit, number / FPS)
        decoder.show(0 if 20 <= number < 50 else 1)
        packet = video_packet(data, number, FPS, is_keyframe=is_keyframe)
        counts.append(len(decoder.decode(packet)))
    assert counts == [1] * 90


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "nv12", "gray", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("width", [64, 70, 101])
def test_luma_is_the_y_plane_and_not_a_copy(form, width):
    frame = frame_of(numbered(5, width, 50), form)
    found = luma(frame)
    assert found.shape == (50, width)
    assert (found == y_plane(frame)).all()
    assert np.shares_memory(found, np.frombuffer(frame.planes[0], np.uint8))


@pytest.mark.parametrize("form", ["bgr24", "rgb24", "yuyv422", "yuv420p10le", "p010le", "gray10le"])
def test_luma_of_other_formats_is_their_brightness(form):
    pixels = np.zeros((50, 70, 3), np.uint8)
    pixels[:, :35], pixels[:, 35:] = 60, 180
    found = luma(frame_of(pixels, form)).astype(int)
    assert found.shape == (50, 70)
    # Within what the two ranges of brightness (16…235 and 0…255) make of it.
    assert abs(found[:, :30].mean() - 60) < 20
    assert abs(found[:, 40:].mean() - 180) < 20


def test_luma_of_ten_bits_is_as_wide_as_that_of_eight():
    pixels = still(0, 70, 50)
    ten, eight = (luma(frame_of(pixels, form)) for form in ("yuv420p10le", "gray"))
    assert abs(ten.astype(int) - eight).mean() < 3


@pytest.mark.parametrize("rotation, turns", [(0, 0), (90, 3), (180, 2), (270, 1)])
def test_luma_is_turned_clockwise(rotation, turns):
    frame = frame_of(numbered(9, 64, 48), "gray")
    assert (luma(frame, rotation) == np.rot90(luma(frame), turns)).all()


@pytest.mark.parametrize(
    "source, room, fill, size",
    [
        ((640, 360), (480, 270), False, (480, 270)),
        ((640, 360), (480, 480), False, (480, 270)),
        ((640, 360), (100, 270), False, (100, 56)),
        ((640, 360), (480, 480), True, (640, 360)),
        ((640, 360), (200, 200), True, (352, 200)),
        ((640, 360), (1920, 1080), False, (640, 360)),
        ((640, 360), (1920, 1080), True, (640, 360)),
        ((641, 361), (2000, 2000), False, (640, 360)),
        ((640, 360), (103, 103), False, (100, 56)),
        ((640, 360), (1, 1), False, (4, 2)),
        ((640, 360), (0, 0), False, (4, 2)),
        ((360, 640), (480, 270), False, (148, 270)),
    ],
)
def test_a_picture_fits_its_room_in_rows_without_gaps_and_is_never_enlarged(
    source, room, fill, size
):
    width, height = room
    assert fitted_size(Size(*source), Viewport(width, height, fill=fill)) == size


@pytest.mark.parametrize("rotation, turns", [(0, 0), (90, 3), (180, 2), (270, 1)])
@pytest.mark.parametrize("fill", [False, True])
def test_a_frame_is_fitted_turned_and_read_only(rotation, turns, fill):
    frame = square(frame_of(numbered(0b1011, 320, 180), "yuv420p"))
    pixels = Fitter().fit(frame, Viewport(200, 100, fill=fill), rotation)
    width, height = fitted_size(
        turned_size(Size(320, 180), rotation), Viewport(200, 100, fill=fill)
    )
    assert pixels.shape == (height, width, 4)
    assert pixels.dtype == np.uint8
    assert read_number(np.rot90(pixels, -turns)) == 0b1011
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_the_colours_are_blue_green_red():
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:] = 200, 100, 30
    fit = Fitter().fit(square(frame_of(pixels, "yuv420p")), Viewport(64, 48), 0)
    assert np.abs(fit[24, 32, :3].astype(int) - (200, 100, 30)).max() < 6


def test_one_fitter_serves_frames_and_rooms_of_changing_size():
    fitter = Fitter()
    for width, room in ((320, 160), (160, 160), (320, 80), (641, 200)):
        frame = square(frame_of(numbered(7, width, width // 2), "yuv420p"))
        pixels = fitter.fit(frame, Viewport(room, room), 0)
        assert read_number(pixels) == 7


def test_turning_by_nothing_copies_nothing():
    pixels = np.zeros((2, 3), np.uint8)
    assert turn_pixels(pixels, 0) is pixels
