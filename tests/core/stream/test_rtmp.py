"""A camera that speaks RTMP: as little of it as FFmpeg asks for, then a film."""

import itertools
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from io import BytesIO

import pytest

from tests.support.video import write_clip
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.picture import Size
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.opener import StreamOpener

HANDSHAKE_BYTES = 1536
CHUNK_BYTES = 1 << 20
SET_CHUNK_SIZE, COMMAND = 1, 20
STREAM = 1.0


def number(value):
    return b"\0" + struct.pack(">d", value)


def string(text):
    return b"\2" + struct.pack(">H", len(text)) + text


STARTED = b"\3\0\4code" + string(b"NetStream.Play.Start") + b"\0\0\x09"
ANSWERS = (
    (SET_CHUNK_SIZE, struct.pack(">I", CHUNK_BYTES)),
    # To `connect` and to `createStream`; then, as to `play`, without a number to answer.
    (COMMAND, string(b"_result") + number(1) + b"\5\5"),
    (COMMAND, string(b"_result") + number(2) + b"\5" + number(STREAM)),
    (COMMAND, string(b"onStatus") + number(0) + b"\5" + STARTED),
)


def message(kind, body, at_ms=0):
    """A message in a single chunk; one of the film belongs to the stream."""
    stream = struct.pack("<I", 0 if kind in (SET_CHUNK_SIZE, COMMAND) else int(STREAM))
    return b"\3" + at_ms.to_bytes(3) + len(body).to_bytes(3) + bytes([kind]) + stream + body


def film(count, jump_at_ms=1 << 24, by_ms=0):
    """The tags of a film in FLV, as messages; from some time on their clock is another one."""
    file = BytesIO()
    write_clip(file, count, width=160, height=96, container="flv")
    data, at = file.getvalue(), 13
    while at < len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4])
        at_ms = int.from_bytes(data[at + 4 : at + 7])
        at_ms += by_ms if at_ms >= jump_at_ms else 0
        yield message(kind, data[at + 11 : at + 11 + size], at_ms)
        at += 11 + size + 4


def serve(listener, tags, stopping):
    """Play the film to everybody who shakes hands; who only tries the door is let go."""
    while not stopping.is_set():
        with suppress(OSError):  # A quarter of a second in which nobody came, too.
            client, _ = listener.accept()
            with client, client.makefile("rb") as received:
                if received.read(1 + HANDSHAKE_BYTES):
                    client.sendall(b"\3" + bytes(2 * HANDSHAKE_BYTES))
                    client.sendall(b"".join(itertools.starmap(message, ANSWERS)) + b"".join(tags))
                    received.read()


@contextmanager
def rtmp_camera(tags):
    """The address of a camera with this film."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.25)
        thread = threading.Thread(target=serve, args=(listener, tags, stopping))
        thread.start()
        yield f"rtmp://127.0.0.1:{listener.getsockname()[1]}/live/door"
        stopping.set()
        thread.join()


def test_rtmp_is_read_and_decoded(tmp_path):
    with rtmp_camera(list(film(40))) as url:
        config = CameraConfig(id="1", name="Door", url_sd=url)
        stream = StreamOpener(tmp_path, Clock()).open(config, url, Inbox())
        packets = list(itertools.islice(stream.packets(lambda: False), 30))
        stream.close()
    assert (stream.video.codec, stream.video.size) == ("h264", Size(160, 96))
    assert packets[0].is_keyframe
    times_s = [float(packet.dts * packet.time_base) for packet in packets]
    assert all(0.06 < after - before < 0.07 for before, after in itertools.pairwise(times_s))
    decoder = Decoder(stream.video)
    assert sum(1 for packet in packets for _ in decoder.decode(packet)) >= 28


@pytest.mark.parametrize("by_ms", [5_000_000, -5_000])
def test_a_clock_that_jumps_breaks_once_and_loses_no_picture(by_ms, tmp_path):
    tags = list(film(150, jump_at_ms=6_000, by_ms=by_ms))
    with rtmp_camera(tags) as url:
        config = CameraConfig(id="1", name="Door", url_sd=url)
        stream = StreamOpener(tmp_path, Clock()).open(config, url, Inbox())
        packets = list(itertools.islice(stream.packets(lambda: False), 145))
        stream.close()
    assert stream.dropped == 0
    times_s = [float(packet.dts * packet.time_base) for packet in packets]
    assert all(0 < after - before < 0.15 for before, after in itertools.pairwise(times_s))
    assert [number for number, packet in enumerate(packets) if packet.breaks] == [92]
