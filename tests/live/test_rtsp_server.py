"""The real RTSP server plays, loops, falls silent and asks for passwords."""

import itertools

import av
import pytest

from tests.support.rtsp_server import LOCKED_USER
from tests.support.video import read_number
from tests.support.waiting import wait_until

pytestmark = pytest.mark.live

OPTIONS = {"rtsp_transport": "tcp", "probesize": "32768", "analyzeduration": "500000"}


def open_stream(url):
    return av.open(url, options=OPTIONS, timeout=(5, 3))


def test_pictures_arrive_in_order(rtsp_server):
    with open_stream(rtsp_server.url("/numbered/sd")) as source:
        frames = list(itertools.islice(source.decode(video=0), 20))
    numbers = [read_number(frame.to_ndarray(format="bgr24")) for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + 20))


@pytest.mark.parametrize(
    "path, kinds",
    [
        ("/cam1/hd", {"h264"}),
        ("/hevc/sd", {"hevc"}),
        ("/aac/sd", {"h264", "aac"}),
        ("/pcma/sd", {"h264", "pcm_alaw"}),
    ],
)
def test_mounts_have_the_streams_that_they_name(rtsp_server, path, kinds):
    with open_stream(rtsp_server.url(path)) as source:
        assert {stream.codec_context.name for stream in source.streams} == kinds
        received = {packet.stream.type for packet in itertools.islice(source.demux(), 20)}
        assert received == {stream.type for stream in source.streams}


def test_a_locked_mount_opens_with_its_password_only(rtsp_server):
    with open_stream(rtsp_server.url("/locked/sd")) as source:
        assert next(source.decode(video=0)).width == 160
    wrong = rtsp_server.url("/locked/sd", credentials=False)
    for address in (wrong, wrong.replace("://", f"://{LOCKED_USER}:wrong@")):
        with pytest.raises(av.HTTPUnauthorizedError):
            open_stream(address)


def test_a_paused_mount_is_silent_and_goes_on(rtsp_server):
    with av.open(rtsp_server.url("/cam1/sd"), options=OPTIONS, timeout=(5, 0.4)) as source:
        packets = source.demux(video=0)
        next(packets)
        rtsp_server.pause("/cam1/sd")
        with pytest.raises((av.TimeoutError, av.ExitError)):
            list(packets)
        rtsp_server.resume("/cam1/sd")
    with open_stream(rtsp_server.url("/cam1/sd")) as source:
        assert next(source.decode(video=0)).width == 320


def test_killing_clients_ends_their_streams(rtsp_server):
    with open_stream(rtsp_server.url("/cam2/sd")) as source:
        packets = source.demux(video=0)
        next(packets)
        rtsp_server.kill_clients()
        assert [packet.size for packet in packets][-1] == 0
    wait_until(lambda: rtsp_server.clients() == 0)
