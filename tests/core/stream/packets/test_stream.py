"""A stream tells every failure by its kind, keeps secrets, and makes a camera's times sane."""

import gc
import itertools
import logging
import os
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import psutil
import pytest

from tests.support.fakes import Behaviour, Ending, FakeCamera, Greeting, jump, repeat
from tests.support.video import encode, write_clip
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.config.address import parse_network
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.container_reader import open_container
from vms_desktop.core.stream.ffmpeg_stream import open_options
from vms_desktop.core.stream.mjpeg_stream import MjpegStream
from vms_desktop.core.stream.opener import HANDSHAKES, StreamOpener
from vms_desktop.core.stream.packets.patience import Patience

FPS = 15
SMALL = encode(60, width=160, height=96, fps=FPS)
LARGE = encode(30, width=320, height=192, fps=FPS)
MJPEG = encode(20, width=160, height=96, codec="mjpeg")
# A second of these cameras takes a fifth.
FAST = 5
SECRET = "s3cr3t"
HASTY = Patience(answer_s=3.0)


def never():
    return False


def camera_config(url, **changes):
    return CameraConfig(id="1", name="Door", url_sd=url, **changes)


@contextmanager
def opened(url, folder, clock=None, **changes):
    """A stream of the address, closed at the end."""
    opener = StreamOpener(folder, clock or Clock(), HASTY)
    stream = opener.open(camera_config(url, **changes), url, Inbox())
    try:
        yield stream
    finally:
        stream.close()


def failure_of(url, folder, seconds=5.0):
    """How opening and reading fails, within the seconds."""
    began = monotonic()
    with pytest.raises(StreamError) as caught, opened(url, folder) as stream:
        for _ in stream.packets(never):
            pass
    assert monotonic() - began < seconds
    return caught.value


BAD_CAMERAS = {
    "mute": (Behaviour(greeting=Greeting.MUTE), Problem.TIMED_OUT),
    "locked": (Behaviour(login=("me", "other")), Problem.WRONG_PASSWORD),
    "forbidding": (Behaviour(status=403), Problem.WRONG_PASSWORD),
    "without that path": (Behaviour(status=404), Problem.NOT_FOUND),
    "without video": (Behaviour(codec=""), Problem.NO_VIDEO),
    "with VP8": (Behaviour(codec="VP8"), Problem.UNSUPPORTED_CODEC),
    "talking nonsense": (Behaviour(nonsense=b"SSH-2.0-camera\r\n" * 20), Problem.BAD_DATA),
    "out of order": (Behaviour(status=500), Problem.BAD_DATA),
    "redirecting": (Behaviour(redirect="rtsp://127.0.0.2/x"), Problem.REDIRECTED),
    "that hangs up": (Behaviour(pictures=20, ending=Ending.CLOSE), Problem.ENDED),
    "that resets": (Behaviour(pictures=20, ending=Ending.RESET), Problem.ENDED),
    "cut in a picture": (Behaviour(pictures=20, ending=Ending.CUT), Problem.ENDED),
}


@pytest.mark.parametrize("behaviour, problem", BAD_CAMERAS.values(), ids=BAD_CAMERAS)
def test_every_failure_has_its_kind_and_gives_no_password_away(
    behaviour, problem, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    with FakeCamera(SMALL, [behaviour], speed=FAST) as camera:
        err = failure_of(camera.url("me", SECRET), tmp_path)
    assert err.kind is problem
    assert err.answered or problem is Problem.ENDED
    assert SECRET not in f"{err} {err!r} {err.detail} {err.__cause__!r} {caplog.text}"
    assert all(SECRET not in thread.name for thread in threading.enumerate())


def test_a_refusing_camera_and_an_unknown_one_have_not_answered(tmp_path):
    with FakeCamera(SMALL) as camera:
        camera.refuse()
        err = failure_of(camera.url("me", SECRET), tmp_path, seconds=1)
    assert (err.kind, err.answered) == (Problem.REFUSED, False)
    err = failure_of(f"rtsp://me:{SECRET}@no-such-camera.invalid/", tmp_path)
    assert (err.kind, err.answered) == (Problem.UNKNOWN_HOST, False)
    assert SECRET not in str(err)


def test_silence_is_told_within_four_seconds(tmp_path):
    began = monotonic()
    with FakeCamera(SMALL, [Behaviour(pictures=20)]) as camera:
        err = failure_of(camera.url(), tmp_path, seconds=7)
        silent_since = began + 20 / FPS
    assert err.kind is Problem.TIMED_OUT
    assert monotonic() - silent_since < 4.2


def test_time_that_a_packet_takes_to_be_used_is_no_silence(tmp_path):
    clock = AdvancingClock()
    with FakeCamera(SMALL) as camera, opened(camera.url(), tmp_path, clock) as stream:
        for packet in itertools.islice(stream.packets(never), 10):
            assert packet.is_video
            clock.ahead_s += 10


class AdvancingClock(Clock):
    """A clock that a test puts forward."""

    ahead_s = 0.0

    def monotonic(self):
        return super().monotonic() + self.ahead_s


@pytest.mark.parametrize("drip_bytes", [0, 40])
def test_packets_come_whole_and_in_order(drip_bytes, tmp_path):
    behaviour = Behaviour(drip_bytes=drip_bytes)
    with (
        FakeCamera(SMALL, [behaviour], speed=FAST) as camera,
        opened(camera.url(), tmp_path) as stream,
    ):
        packets = list(itertools.islice(stream.packets(never), 20))
    sizes = [packet.size_bytes for packet in packets]
    assert sizes == pytest.approx([len(unit) for unit in SMALL.units[:20]], abs=16)
    assert packets[0].is_keyframe
    assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))


@pytest.mark.parametrize(
    "stamps",
    [jump(10, 60.0), jump(10, -30.0), jump(10, 1.0), repeat(10, FPS)],
    ids=["far ahead", "far back", "a little ahead", "repeated"],
)
def test_times_that_jump_go_on_and_lose_no_packet(stamps, tmp_path):
    behaviour = Behaviour(stamps=stamps)
    with (
        FakeCamera(SMALL, [behaviour], speed=FAST) as camera,
        opened(camera.url(), tmp_path) as stream,
    ):
        packets = list(itertools.islice(stream.packets(never), 25))
        assert stream.dropped == 0
    assert not any(packet.breaks for packet in packets)
    assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))
    assert float((packets[-1].dts - packets[0].dts) * packets[0].time_base) < 3
    assert all(packet.pts >= packet.dts for packet in packets)


def test_the_decoder_follows_a_camera_that_changes_its_size(tmp_path):
    behaviour = Behaviour(switch_at=15, switch_to=LARGE)
    with (
        FakeCamera(SMALL, [behaviour], speed=FAST) as camera,
        opened(camera.url(), tmp_path) as stream,
    ):
        decoder = Decoder(stream.video)
        packets = itertools.islice(stream.packets(never), 30)
        widths = [frame.image.width for packet in packets for frame in decoder.decode(packet)]
    assert widths[:15] == [160] * 15
    assert widths[-14:] == [320] * 14


def test_sound_that_is_announced_and_never_sent_holds_up_nothing(tmp_path):
    began = monotonic()
    behaviour = Behaviour(audio_announced=True)
    with (
        FakeCamera(SMALL, [behaviour], speed=FAST) as camera,
        opened(camera.url(), tmp_path) as stream,
    ):
        assert next(stream.packets(never)).is_video
        assert stream.audio is not None
    assert monotonic() - began < 2.5


def test_a_name_that_is_no_unicode_keeps_no_stream_from_opening(tmp_path):
    path = tmp_path / "film.mp4"
    write_clip(path, 5)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"VideoHandler", b"Vid\xe9oHandler"))
    assert path.read_bytes() != data
    with open_container(str(path), "mp4", {}, (5.0, 5.0), "film.mp4") as container:
        assert container.streams.video


def test_reading_ends_when_it_is_to_end(tmp_path):
    with FakeCamera(SMALL) as camera, opened(camera.url(), tmp_path) as stream:
        count = itertools.count()
        assert 5 < len(list(stream.packets(lambda: next(count) >= 20))) <= 20


def test_dead_and_mute_cameras_hold_up_nobody(tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    inboxes: list[Inbox[object]] = [Inbox() for _ in range(2 * HANDSHAKES)]
    with FakeCamera(SMALL, [Behaviour(greeting=Greeting.MUTE)]) as mute, FakeCamera(SMALL) as good:
        config = camera_config(mute.url())
        threads = [
            threading.Thread(
                target=opens_not, args=(partial(opener.open, config, mute.url()), inbox)
            )
            for inbox in inboxes
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(mute.connections) == len(threads))
        began = monotonic()
        opener.open(camera_config(good.url()), good.url(), Inbox()).close()
        assert monotonic() - began < 2
        for inbox in inboxes:
            inbox.stop()
        for thread in threads:
            thread.join()


def opens_not(open_stream, inbox):
    with pytest.raises(StreamError):
        open_stream(inbox)


def test_waiting_for_a_turn_ends_when_the_program_does(tmp_path):
    opener, inbox = StreamOpener(tmp_path, Clock()), Inbox[object]()
    with FakeCamera(SMALL, [Behaviour(delay_s=1)]) as slow:
        config = camera_config(slow.url())
        inboxes: list[Inbox[object]] = [Inbox() for _ in range(HANDSHAKES)]
        threads = [
            threading.Thread(target=ends, args=(partial(opener.open, config, slow.url()), each))
            for each in (*inboxes, inbox)
        ]
        for thread in threads[:-1]:
            thread.start()
        wait_until(lambda: len(slow.clients) == HANDSHAKES)
        threads[-1].start()
        wait_until(lambda: len(slow.connections) > HANDSHAKES)
        inbox.stop()
        threads[-1].join(1.5)
        assert not threads[-1].is_alive()
        for thread in threads[:-1]:
            thread.join()


def ends(open_stream, inbox):
    try:
        open_stream(inbox).close()
    except StreamError:
        return


def footprint():
    gc.collect()
    process = psutil.Process()
    return process.memory_info().rss, process.num_fds(), process.num_threads()


@pytest.mark.skipif(os.name != "posix", reason="platform: file descriptors are counted")
def test_two_thousand_refused_tries_leave_nothing_behind(tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    with FakeCamera(SMALL) as camera:
        camera.refuse()
        config, inbox = camera_config(camera.url("me", SECRET)), Inbox[object]()

        def tries(count):
            for _ in range(count):
                with pytest.raises(StreamError):
                    opener.open(config, config.url_sd, inbox)

        tries(100)
        before = footprint()
        tries(2000)
        after = footprint()
    assert after[0] - before[0] < 1_000_000
    assert after[1:] == before[1:]


@pytest.mark.skipif(os.name != "posix", reason="platform: file descriptors are counted")
def test_a_thousand_reconnects_leave_nothing_behind(tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    tiny = encode(15, width=64, height=64, fps=FPS)
    with FakeCamera(tiny, speed=30) as camera:
        config, inbox = camera_config(camera.url()), Inbox[object]()

        def cycles(count):
            for _ in range(count):
                stream = opener.open(config, config.url_sd, inbox)
                next(stream.packets(never))
                stream.close()

        cycles(100)
        wait_until(lambda: camera.open_connections() == 0)
        before = footprint()
        cycles(1000)
        wait_until(lambda: camera.open_connections() == 0)
        after = footprint()
    assert after[0] - before[0] < 4_000_000
    assert after[1:] == before[1:]


def test_a_file_is_played_round_and_round_at_its_own_pace(tmp_path):
    write_clip(tmp_path / "scene.mp4", 10, fps=20, width=160, height=96)
    began = monotonic()
    with opened("scene.mp4", tmp_path) as stream:
        packets = list(itertools.islice(stream.packets(never), 25))
    assert 1.1 < monotonic() - began < 2.0
    steps = {round(float((b.dts - a.dts) * a.time_base), 3) for a, b in itertools.pairwise(packets)}
    assert steps == {0.05}
    assert [packet.is_keyframe for packet in packets].count(True) == 3
    assert not any(packet.breaks for packet in packets)


@pytest.mark.parametrize(
    "content, problem", [(None, Problem.NOT_FOUND), (b"no video at all" * 100, Problem.BAD_DATA)]
)
def test_a_file_that_is_no_video_is_told(content, problem, tmp_path):
    if content:
        (tmp_path / "scene.mp4").write_bytes(content)
    assert failure_of("scene.mp4", tmp_path).kind is problem


@pytest.mark.skipif(sys.platform != "linux", reason="platform: webcams have files")
def test_a_webcam_that_is_not_there_is_told(tmp_path):
    assert failure_of("4711", tmp_path).kind is Problem.NOT_FOUND


class WebServer(ThreadingHTTPServer):
    """Knows what it was asked for, and when to leave off."""

    def __init__(self, folder: Path, asked: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), partial(WebCamera, directory=folder))
        self.asked = asked
        self.stopping = threading.Event()


class WebCamera(SimpleHTTPRequestHandler):
    """Serves a folder; at /mjpeg and /bare a picture after the other; lets nobody to /locked."""

    server: WebServer

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/locked":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        if self.path not in ("/mjpeg", "/bare"):
            super().do_GET()
            return
        is_bare = self.path == "/bare"
        kind = "image/jpeg" if is_bare else "multipart/x-mixed-replace; boundary=frame"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        with suppress(OSError):
            for unit in itertools.cycle(MJPEG.units):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(unit)}"
                self.wfile.write(unit if is_bare else f"{head}\r\n\r\n".encode() + unit + b"\r\n")
                self.server.stopping.wait(0.05)
                if self.server.stopping.is_set():
                    return

    def log_message(self, format, *args):
        return


@contextmanager
def web_camera(folder, asked=None):
    """The address of a web server for the folder; `asked` takes the paths of its requests."""
    with WebServer(folder, [] if asked is None else asked) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.stopping.set()
        server.shutdown()
        thread.join()


def write_playlist(folder, segment):
    write_clip(folder / "segment.ts", 30, width=160, height=96, container="mpegts")
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", segment, "#EXT-X-ENDLIST", ""]
    (folder / "list.m3u8").write_text("\n".join(lines))


@pytest.mark.parametrize("path", ["mjpeg", "bare"])
def test_mjpeg_over_http_is_timed_as_it_arrives(path, tmp_path):
    with web_camera(tmp_path) as url, opened(f"{url}/{path}", tmp_path) as stream:
        assert isinstance(stream, MjpegStream)
        packets = list(itertools.islice(stream.packets(never), 25))
        assert stream.video.codec == "mjpeg"
    assert all(packet.is_keyframe for packet in packets)
    assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))
    steps = [float((b.dts - a.dts) * a.time_base) for a, b in itertools.pairwise(packets[-10:])]
    assert 0.03 < sum(steps) / len(steps) < 0.1


def test_hls_is_read_to_its_end(tmp_path):
    write_playlist(tmp_path, "segment.ts")
    with web_camera(tmp_path) as url:
        assert failure_of(f"{url}/list.m3u8", tmp_path).kind is Problem.ENDED


def test_what_is_no_jpeg_is_asked_for_by_ffmpeg_alone_from_then_on(tmp_path):
    write_playlist(tmp_path, "segment.ts")
    opener = StreamOpener(tmp_path, Clock())
    asked: list[str] = []
    with web_camera(tmp_path, asked) as url:
        address = f"{url}/list.m3u8"
        for _ in range(2):
            opener.open(camera_config(address), address, Inbox()).close()
    assert asked.count("/list.m3u8") == 3


@pytest.mark.parametrize(
    "name, problem", [("none.jpg", Problem.NOT_FOUND), ("page.html", Problem.NO_VIDEO)]
)
def test_a_web_server_without_pictures_is_told(name, problem, tmp_path):
    (tmp_path / "page.html").write_text("<html>Please log in</html>")
    with web_camera(tmp_path) as url:
        err = failure_of(f"{url}/{name}", tmp_path, seconds=2)
    assert (err.kind, err.answered) == (problem, True)


def test_a_wrong_password_over_http_is_told_once_and_not_tried_by_ffmpeg_too(tmp_path):
    asked: list[str] = []
    with web_camera(tmp_path, asked) as url:
        err = failure_of(f"{url.replace('//', f'//me:{SECRET}@')}/locked", tmp_path, seconds=2)
    assert (err.kind, SECRET in f"{err!r}") == (Problem.WRONG_PASSWORD, False)
    assert asked == ["/locked", "/locked"]


def test_a_still_over_http_is_polled(tmp_path):
    (tmp_path / "still.jpg").write_bytes(MJPEG.units[0])
    asked: list[str] = []
    with web_camera(tmp_path, asked) as url, opened(f"{url}/still.jpg", tmp_path) as stream:
        packets = list(itertools.islice(stream.packets(never), 2))
    assert bytes(packets[1].data) == MJPEG.units[0]
    assert 0.8 < packets[1].arrived - packets[0].arrived < 1.5
    assert len(asked) == 3


def test_a_playlist_from_the_network_opens_no_local_file(tmp_path):
    write_playlist(tmp_path, f"file://{tmp_path}/segment.ts")
    with web_camera(tmp_path) as url:
        assert failure_of(f"{url}/list.m3u8", tmp_path).kind is not Problem.ENDED


def test_certificates_are_verified_unless_the_camera_says_otherwise():
    address = parse_network("rtsps://camera/x")
    options = open_options(address, camera_config("rtsps://camera/x"), verify=True)[1]
    assert options["tls_verify"] == "1"
    assert "tls_verify" not in open_options(address, camera_config("x"), verify=False)[1]
