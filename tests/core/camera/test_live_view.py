import cv2
import numpy as np
import pytest

from tests.support.packets import HandClock, audio_packet, facts, g711_sound, small, video_packets
from tests.support.video import read_number
from vms_desktop.core.base.picture import Box, Picture, Size, Viewport
from vms_desktop.core.camera.live_view import (
    FrameRate,
    Listener,
    Viewer,
    newest_frame,
    snapshot_png,
)
from vms_desktop.core.media.audio import BYTES_PER_SECOND, SoundBuffer
from vms_desktop.core.media.decode import Decoder

VIDEO = small(20)
PACKETS = video_packets(VIDEO)


@pytest.fixture
def frame():
    return Decoder(facts(VIDEO)).decode(PACKETS[0])[0]


def test_the_frame_rate_is_that_of_the_last_seconds():
    rate = FrameRate()
    for number in range(100):
        rate.tick(number / 10)
    assert rate.tick(10.0) == pytest.approx(10)
    slow = [rate.tick(10.0 + number) for number in range(1, 10)]
    assert slow[-1] == pytest.approx(1)


@pytest.mark.parametrize("fps", [5, 12, 15, 30])
@pytest.mark.parametrize(
    "burst, lasts_s",
    [(0, 0.0), (1, 0.0), (24, 0.0), (24, 0.3), (120, 0.4)],
    ids=["none", "one frame", "two seconds at once", "two seconds slowly", "ten seconds"],
)
def test_the_frame_rate_is_right_from_the_second_second_on(fps, burst, lasts_s):
    rate = FrameRate()
    at_once = [rate.tick(100 + lasts_s * number / burst) for number in range(burst)]
    times = [lasts_s + number / fps for number in range(1, 10 * fps)]
    told = [(at_s, rate.tick(100 + at_s)) for at_s in times]
    assert not any(at_once)
    assert not any(each for at_s, each in told if at_s < 0.9)
    assert [each for at_s, each in told if at_s >= 1.3] == pytest.approx(
        [fps] * sum(at_s >= 1.3 for at_s, _ in told)
    )


def test_a_tile_that_nobody_sees_costs_nothing(frame):
    shown: list[Picture] = []
    viewer = Viewer(shown.append, HandClock().monotonic)
    viewer.frame(frame, facts(VIDEO), 0, (), 15)
    assert not shown


def test_a_picture_says_what_it_shows(frame):
    shown: list[Picture] = []
    box = Box(0, 0, 0.5, 0.5)
    viewer = Viewer(shown.append, HandClock(7.0).monotonic, hd=True)
    viewer.viewport = Viewport(80, 80)
    viewer.frame(frame, facts(VIDEO), 90, (box,), 14.9)
    (picture,) = shown
    assert picture.pixels.shape == (80, 48, 4)
    assert picture.source == Size(96, 160)
    assert (picture.boxes, picture.decoded_at, picture.frame_rate) == ((box,), 7.0, 14.9)
    assert (picture.codec, picture.hd) == ("H.264", True)


def test_the_newest_frame_of_a_group_is_its_last():
    frame = newest_frame(PACKETS[:12], facts(VIDEO))
    assert frame is not None
    assert read_number(frame.image.to_ndarray(format="bgr24")) == 11


def test_there_is_no_frame_without_a_keyframe():
    assert newest_frame(PACKETS[1:12], facts(VIDEO)) is None
    assert newest_frame([], facts(VIDEO)) is None


@pytest.mark.parametrize("rotation, turns", [(0, 0), (90, 3), (180, 2), (270, 1)])
def test_a_snapshot_is_the_full_newest_frame_upright(rotation, turns):
    png = snapshot_png(PACKETS[:12], facts(VIDEO), rotation)
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    upright = np.rot90(picture, -turns)
    assert upright.shape == (96, 160, 3)
    assert read_number(upright) == 11


def test_no_frame_is_no_snapshot():
    assert snapshot_png([], facts(VIDEO), 0) == b""


def test_sound_is_decoded_only_while_somebody_listens():
    audio, sound = g711_sound(0.2)
    listener = Listener()
    listener.packet(sound[0])
    listener.opened(audio)
    assert listener.has_sound
    listener.packet(sound[0])
    listener.buffer = SoundBuffer()
    for packet in sound:
        listener.packet(packet)
    assert any(listener.buffer.take(BYTES_PER_SECOND // 10))
    listener.opened(None)
    assert not listener.has_sound
    listener.packet(sound[0])


def test_a_broken_sound_packet_is_silent():
    audio, sound = g711_sound(0.2)
    listener = Listener()
    listener.opened(audio)
    listener.buffer = SoundBuffer()
    listener.packet(audio_packet(b"", 0, base=sound[0].time_base, ticks=160))
    assert listener.buffer.take(100) == bytes(100)
