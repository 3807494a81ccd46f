"""The scripted camera does what its script says, as FFmpeg sees it."""

import itertools
import socket
import time

import av
import numpy as np
import pytest

from tests.support.fakes import (
    RTP_PAYLOAD_BYTES,
    Behaviour,
    Ending,
    FakeCamera,
    Greeting,
    jump,
    repeat,
)
from tests.support.video import encode, read_number
from tests.support.waiting import wait_until

FPS = 15
SMALL = encode(60, width=160, height=96, fps=FPS)
LARGE = encode(30, width=320, height=192, fps=FPS)
# A second of these cameras takes a tenth.
FAST = 10


def snow(index, width, height):
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), np.uint8)


def open_camera(camera, **credentials):
    options = {"rtsp_transport": "tcp", "probesize": "65536", "fpsprobesize": "0"}
    return av.open(camera.url(**credentials), options=options, timeout=(2, 1))


def received(camera, count):
    """The first packets of a camera, at most `count`; fewer where it ends before."""
    with open_camera(camera) as source:
        packets = itertools.islice(source.demux(video=0), count)
        return [packet for packet in packets if packet.size]


def test_it_plays_every_picture_in_order():
    with FakeCamera(SMALL, speed=FAST) as camera, open_camera(camera) as source:
        frames = list(itertools.islice(source.decode(video=0), 40))
    assert [read_number(f.to_ndarray(format="bgr24")) for f in frames] == list(range(40))
    assert {request.method for request in camera.requests} >= {"DESCRIBE", "SETUP", "PLAY"}


def test_pictures_that_fill_many_packets_arrive_whole():
    noisy = encode(5, width=320, height=192, gop=1, paint=snow)
    with FakeCamera(noisy, speed=FAST) as camera:
        sizes = [packet.size for packet in received(camera, 5)]
    assert min(sizes) > 10 * RTP_PAYLOAD_BYTES
    assert sizes[0] == pytest.approx(len(noisy.units[0]), rel=0.01)


def test_connections_take_the_script_in_turn_and_the_last_stays():
    script = [Behaviour(status=404), Behaviour(codec=""), Behaviour()]
    with FakeCamera(SMALL, script, speed=FAST) as camera:
        with pytest.raises(av.HTTPNotFoundError):
            open_camera(camera)
        with open_camera(camera) as source:
            assert not source.streams.video
        for _ in range(2):
            assert len(received(camera, 3)) == 3
        assert len(camera.connections) == 4
        assert camera.connections == sorted(camera.connections)


@pytest.mark.parametrize(
    "behaviour, error",
    [
        (Behaviour(status=401), av.HTTPUnauthorizedError),
        (Behaviour(status=500), av.HTTPServerError),
        (Behaviour(greeting=Greeting.RESET), av.FFmpegError),
        (Behaviour(nonsense=b"SSH-2.0-camera\r\n" * 20), av.FFmpegError),
    ],
)
def test_a_camera_that_does_not_open(behaviour, error):
    with FakeCamera(SMALL, [behaviour]) as camera, pytest.raises(error):
        open_camera(camera)


def test_a_mute_camera_takes_the_connection_and_says_nothing():
    with (
        FakeCamera(SMALL, [Behaviour(greeting=Greeting.MUTE)]) as camera,
        socket.create_connection(("127.0.0.1", camera.port)) as client,
    ):
        client.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
    assert [request.method for request in camera.requests] == ["OPTIONS"]
    assert camera.clients == []


def test_a_refusing_camera_comes_back_on_its_port():
    with FakeCamera(SMALL, speed=FAST) as camera:
        camera.refuse()
        with pytest.raises(av.ConnectionRefusedError):
            open_camera(camera)
        camera.listen()
        assert len(received(camera, 3)) == 3


def test_a_password_is_wanted_and_taken():
    with FakeCamera(SMALL, [Behaviour(login=("me", "p@ss:/#?%"))], speed=FAST) as camera:
        with pytest.raises(av.HTTPUnauthorizedError):
            open_camera(camera, user="me", password="wrong")
        with open_camera(camera, user="me", password="p@ss:/#?%") as source:
            assert source.streams.video


@pytest.mark.parametrize("ending", [Ending.CLOSE, Ending.RESET, Ending.CUT])
def test_a_stream_ends_after_its_pictures(ending):
    with FakeCamera(SMALL, [Behaviour(pictures=20, ending=ending)], speed=FAST) as camera:
        assert 18 <= len(received(camera, 100)) <= 21
        assert camera.pictures_sent == 20


def test_silence_keeps_the_connection_open():
    with FakeCamera(SMALL, [Behaviour(pictures=30)], speed=FAST) as camera:
        with open_camera(camera) as source, pytest.raises(av.FFmpegError):
            list(source.demux(video=0))
        assert camera.pictures_sent == 30


@pytest.mark.parametrize(
    "stamps, steps",
    [
        (jump(10, 10.0), {10.0 + 1 / FPS}),
        (jump(10, -0.5), {-0.5 + 1 / FPS}),
        (jump(10, -5.0), {-5.0 + 1 / FPS}),
        (repeat(10, FPS), {0.0, 2 / FPS}),
    ],
)
def test_timestamps_jump_where_they_should(stamps, steps):
    with FakeCamera(SMALL, [Behaviour(stamps=stamps)], speed=FAST) as camera:
        packets = received(camera, 25)
    times = [float(packet.pts * packet.time_base) for packet in packets if packet.pts is not None]
    found = {round(later - sooner, 3) for sooner, later in itertools.pairwise(times)}
    assert found - {round(1 / FPS, 3)} == {round(step, 3) for step in steps}


def test_the_picture_size_changes_in_the_stream():
    behaviour = Behaviour(switch_at=15, switch_to=LARGE)
    with FakeCamera(SMALL, [behaviour], speed=FAST) as camera, open_camera(camera) as source:
        widths = [frame.width for frame in itertools.islice(source.decode(video=0), 30)]
    assert widths == [160] * 15 + [320] * 15


def test_announced_audio_never_sends():
    behaviour = Behaviour(audio_announced=True)
    with FakeCamera(SMALL, [behaviour], speed=FAST) as camera, open_camera(camera) as source:
        assert [stream.type for stream in source.streams] == ["video", "audio"]
        kinds = {packet.stream.type for packet in itertools.islice(source.demux(), 20)}
    assert kinds == {"video"}


def test_a_dripping_camera_is_slow_and_whole():
    with FakeCamera(SMALL, [Behaviour(drip_bytes=40)], speed=FAST) as camera:
        assert len(received(camera, 5)) == 5


def test_a_slow_camera_takes_its_time():
    with FakeCamera(SMALL, [Behaviour(delay_s=0.1)], speed=FAST) as camera:
        began = time.monotonic()
        assert len(received(camera, 1)) == 1
        assert time.monotonic() - began > 0.4


def test_closing_ends_every_connection():
    camera = FakeCamera(SMALL)
    client = socket.create_connection(("127.0.0.1", camera.port))
    wait_until(lambda: len(camera.connections) == 1)
    camera.close()
    assert client.recv(1) == b""
    client.close()
