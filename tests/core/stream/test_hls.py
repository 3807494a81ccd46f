"""HLS: silent between its segments, played on after a break, and taken once."""

import itertools
import threading
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from time import monotonic

import av
import pytest

from tests.support.rtsp_camera import opens
from tests.support.video import encode
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets import patience

FPS = 10
# A second; the server makes its stream of it again and again.
SEGMENT = encode(FPS, width=160, height=96, fps=FPS, gop=FPS)
IN_LIST = 4


def segment(number):
    """Second `number` of the stream in MPEG-TS, with its own times."""
    target = BytesIO()
    with av.open(target, "w", format="mpegts") as output:
        stream = output.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for index, unit in enumerate(SEGMENT.units):
            packet = av.Packet(unit)
            packet.stream, packet.time_base = stream, Fraction(1, FPS)
            packet.pts = packet.dts = number * FPS + index
            packet.is_keyframe = not index
            output.mux(packet)
    return target.getvalue()


class HlsServer(ThreadingHTTPServer):
    """Its stream goes on in real time from now on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Segments)
        self.began = monotonic()


class Segments(BaseHTTPRequestHandler):
    """Has the last few segments of a stream that goes on in real time."""

    server: HlsServer

    def do_GET(self):
        name = self.path.strip("/")
        newest = 20 + int(monotonic() - self.server.began)
        body = segment(int(name[:-3])) if name.endswith(".ts") else self.playlist(newest)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def playlist(self, newest):
        first = newest - IN_LIST + 1
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
        for number in range(first, newest + 1):
            lines += ["#EXTINF:1.0,", f"{number}.ts"]
        return "\n".join([*lines, ""]).encode()

    def log_message(self, format, *args):
        return


@contextmanager
def hls_camera():
    with HlsServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/live.m3u8"
        server.shutdown()
        thread.join()


@pytest.fixture
def hasty(monkeypatch):
    """A second of these is ten in the field: a segment lasts longer than silence usually may."""
    monkeypatch.setattr(patience, "LOST_S", 0.3)
    monkeypatch.setattr(patience, "FIRST_SILENCE_S", 1.0)


def seconds(stream, until):
    """The times of the pictures that come until this many did."""
    found = []
    for packet in stream.packets(lambda: False):
        found.append(round(float(packet.dts * packet.time_base), 3))
        if len(found) == until:
            return found
    return found


def test_hls_goes_on_between_its_segments_and_after_a_break(hasty, tmp_path):
    opener = StreamOpener(tmp_path, Clock())
    with hls_camera() as url:
        stream = opens(opener, url)
        first = seconds(stream, 3 * FPS)
        left_off_s = stream.left_off_s
        stream.close()
        again = opens(opener, url)
        again.go_on_from(left_off_s)
        second = seconds(again, 2 * FPS)
        again.close()
    times = first + second
    steps = {round(b - a, 3) for a, b in itertools.pairwise(times)}
    assert steps == {0.1}
