"""Cameras over RTSP as the door opens them: in time, by whom, and with no word abroad."""

import itertools
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from fractions import Fraction
from time import monotonic

import av
import pytest

from tests.support.fakes import Behaviour, FakeCamera, Greeting, jump
from tests.support.rtsp_camera import FPS, SECRET, VIDEO, opens, taken
from tests.support.video import Encoded, numbered, read_number
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.config.camera import Transport
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.bitstream.parameter_sets import ParameterSets
from vms_desktop.core.stream.ffmpeg_stream import ContainerStream
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.patience import Patience
from vms_desktop.core.stream.rtsp.stream import RtspStream

HASTY = Patience(connect_s=1.0, answer_s=1.5, turn_s=0.3)


def test_a_camera_that_says_nothing_is_given_up_when_patience_ends(tmp_path):
    began = monotonic()
    with (
        FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera,
        pytest.raises(StreamError, match=Problem.TIMED_OUT),
    ):
        opens(StreamOpener(tmp_path, Clock(), HASTY), camera.url("me", SECRET))
    assert HASTY.answer_s <= monotonic() - began < HASTY.answer_s + 1.5


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
def test_opening_ends_when_the_program_does(scheme, tmp_path):
    inbox = Inbox[object]()
    took: list[float] = []

    def open_it(url):
        with pytest.raises(StreamError, match=Problem.ENDED):
            opens(StreamOpener(tmp_path, Clock()), url, inbox)
        took.append(monotonic())

    with FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera:
        thread = threading.Thread(target=open_it, args=(camera.url().replace("rtsp", scheme, 1),))
        thread.start()
        while not camera.connections:
            inbox.wait(0.01)
        stopped_at = monotonic()
        inbox.stop()
        thread.join()
    assert took[0] - stopped_at < 0.3


def test_a_camera_that_answered_unusually_while_it_started_is_ours_again(tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    starting = Behaviour(status=400)
    with FakeCamera(VIDEO, [starting, starting, Behaviour()]) as camera:
        with pytest.raises(StreamError):
            opens(opener, camera.url())
        assert len(camera.clients) == 2
        stream = opens(opener, camera.url())
        stream.close()
    assert isinstance(stream, RtspStream)


@pytest.mark.parametrize("status, problem", [(503, Problem.BUSY), (500, Problem.BAD_DATA)])
def test_a_refusal_is_respected_with_one_connection_a_try(status, problem, tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    with FakeCamera(VIDEO, [Behaviour(status=status), Behaviour()]) as camera:
        with pytest.raises(StreamError, match=problem):
            opens(opener, camera.url())
        assert len(camera.connections) == 1
        stream = opens(opener, camera.url())
        stream.close()
    # What FFmpeg can make of an answer that says no reason is found out by the next try.
    assert isinstance(stream, RtspStream) is (problem is Problem.BUSY)


def test_a_camera_that_refuses_tcp_is_read_over_udp_from_then_on(tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    with FakeCamera(VIDEO, [Behaviour(over_udp=True)]) as camera:
        for _ in range(2):
            stream = opens(opener, camera.url())
            packets = taken(stream, 5)
            stream.close()
            assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))
        asked = [each.headers["Transport"] for each in camera.requests if each.method == "SETUP"]
    assert ["TCP" in each for each in asked] == [True, False, False]


def test_a_camera_that_takes_neither_is_asked_for_tcp_again(tmp_path):
    opener = StreamOpener(tmp_path, Clock(), HASTY)
    script = [Behaviour(over_udp=True), Behaviour(status=404), Behaviour()]
    with FakeCamera(VIDEO, script) as camera:
        with pytest.raises(StreamError):
            opens(opener, camera.url())
        stream = opens(opener, camera.url())
        stream.close()
    assert isinstance(stream, RtspStream)


def test_four_slow_cameras_do_not_hold_up_a_fifth(tmp_path):
    """Whoever reads them: two by this program, two by FFmpeg."""
    opener = StreamOpener(tmp_path, Clock(), Patience(answer_s=3.0, turn_s=0.3))
    inboxes: list[Inbox[object]] = [Inbox() for _ in range(4)]
    slow = Behaviour(delay_s=1.2)
    with FakeCamera(VIDEO, [slow]) as ours, FakeCamera(VIDEO, [slow]) as theirs:
        cameras = [(ours, "tcp"), (theirs, "udp")] * 2
        threads = [
            threading.Thread(target=gives_up, args=(opener, camera.url(), inbox, transport))
            for (camera, transport), inbox in zip(cameras, inboxes, strict=True)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(ours.clients) + len(theirs.clients) == 4)
        with FakeCamera(VIDEO) as fast:
            began = monotonic()
            stream = opens(opener, fast.url())
            taken(stream, 3)
            assert monotonic() - began < 1
            stream.close()
        for inbox in inboxes:
            inbox.stop()
        stopped_at = monotonic()
        for thread in threads:
            thread.join()
        assert monotonic() - stopped_at < 1.2


def gives_up(opener, url, inbox, transport):
    with suppress(StreamError):
        opens(opener, url, inbox, transport=Transport(transport)).close()


def test_a_redirect_abroad_carries_no_password(tmp_path):
    with FakeCamera(VIDEO) as thief:
        away = Behaviour(redirect=f"rtsp://127.0.0.2:{thief.port}/x")
        with (
            FakeCamera(VIDEO, [away]) as camera,
            pytest.raises(StreamError, match=Problem.REDIRECTED),
        ):
            opens(StreamOpener(tmp_path, Clock()), camera.url("me", SECRET))
        assert thief.connections == []


@pytest.mark.parametrize("by_s", [60.0, -30.0])
def test_a_clock_that_jumps_goes_on_where_it_was(by_s, tmp_path):
    behaviour = Behaviour(stamps=jump(10, by_s))
    with FakeCamera(VIDEO, [behaviour], speed=5) as camera:
        stream = opens(StreamOpener(tmp_path, Clock()), camera.url())
        packets = taken(stream, 20)
        stream.close()
    assert isinstance(stream, RtspStream)
    assert not any(packet.breaks for packet in packets)
    steps = [b.dts - a.dts for a, b in itertools.pairwise(packets)]
    assert 0 < min(steps) < max(steps) < FPS * 600


def out_of_order(count):
    """Video with B-frames, and the number of the picture that each packet holds."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 160, 96, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.max_b_frames, context.gop_size, context.thread_count = 2, count, 1
    context.options = {"preset": "fast", "x264-params": "bframes=2:b-adapt=0:scenecut=0"}
    packets = []
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(numbered(index, 160, 96), format="bgr24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        packets += context.encode(frame)
    packets += context.encode(None)
    video = Encoded(
        units=tuple(bytes(packet) for packet in packets),
        keyframes=tuple(packet.is_keyframe for packet in packets),
        codec="h264",
        width=160,
        height=96,
        fps=FPS,
    )
    return video, [packet.pts for packet in packets]


@pytest.mark.parametrize("told", ["beside the stream", "in the stream", "by the pictures"])
def test_pictures_out_of_order_go_over_to_ffmpeg_and_come_whole(tmp_path, monkeypatch, told):
    count = 60
    video, shown = out_of_order(count)
    assert shown != sorted(shown)

    def stamps(index, _seconds):
        return (index // count * count + shown[index % count]) / FPS

    if told == "by the pictures":
        monkeypatch.setattr(ParameterSets, "are_reordered", False)
    before, behaviour = [], Behaviour(stamps=stamps, sets_announced=told == "beside the stream")
    opener = StreamOpener(tmp_path, Clock())
    with FakeCamera(video, [behaviour], speed=4) as camera:
        stream = opens(opener, camera.url())
        if told != "beside the stream":
            with pytest.raises(StreamError, match=Problem.ENDED):
                before.extend(stream.packets(lambda: False))
            stream.close()
            stream = opens(opener, camera.url())
        # No clip has begun by then where the sets tell.
        assert bool(before) is (told == "by the pictures")
        assert isinstance(stream, ContainerStream)
        packets = taken(stream, count)
        stream.close()
    decoder = Decoder(stream.video)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    numbers = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    # One of the first pictures goes: FFmpeg has no decoding times for them, and the guess is late.
    assert stream.dropped <= 1
    assert numbers[-50:] == list(range(numbers[-1] - 49, numbers[-1] + 1))
    assert numbers[-1] >= count - 2
    assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody vouches for, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=camera", "-days", "2", "-keyout", "-", "-out", "-"]
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return path


@contextmanager
def encrypted(camera, certificate):
    """The address of a camera behind TLS, for one connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve():
        with suppress(OSError), listener.accept()[0] as plain:
            plain.settimeout(3)
            with (
                context.wrap_socket(plain, server_side=True) as client,
                socket.create_connection(("127.0.0.1", camera.port)) as behind,
            ):
                relay(client, behind)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"rtsps://me:{SECRET}@127.0.0.1:{listener.getsockname()[1]}/stream"
        thread.join()


def relay(client, behind):
    """Carry bytes both ways until one side is done."""
    client.settimeout(0.01)
    behind.settimeout(0.01)
    while True:
        for source, target in ((client, behind), (behind, client)):
            with suppress(TimeoutError):
                if not (data := source.recv(65536)):
                    return
                target.sendall(data)


def test_an_encrypted_stream_is_read_where_its_certificate_need_not_be_known(certificate, tmp_path):
    login = Behaviour(login=("me", SECRET))
    with FakeCamera(VIDEO, [login], speed=5) as camera, encrypted(camera, certificate) as url:
        stream = opens(StreamOpener(tmp_path, Clock()), url, tls_verify=False)
        assert len(taken(stream, 20)) == 20
        stream.close()
    assert isinstance(stream, RtspStream)


def test_an_unknown_certificate_is_told_and_hears_no_password(certificate, tmp_path):
    with FakeCamera(VIDEO) as camera, encrypted(camera, certificate) as url:
        with pytest.raises(StreamError, match=Problem.BAD_CERTIFICATE):
            opens(StreamOpener(tmp_path, Clock()), url, tls_verify=True)
        assert camera.requests == []
