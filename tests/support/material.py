"""Real material to be damaged: what cameras send and what lies on the disk, made once a run."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from tests.support.adts import adts
from tests.support.fakes import nal_units
from tests.support.library import moved
from tests.support.old_clips import old_clip
from tests.support.packets import aac_sound, clip_of, facts, small, video_packets
from tests.support.rtsp_camera import AAC, PICTURE, PUBLIC, SOUND, SPROP, sdp
from tests.support.video import Encoded, clip_bytes, numbered
from tests.support.web_camera import MULTIPART, head, part
from tests.support.wire import framed, reply, rtp, sender_report
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import sidecar_json

_OLD_FILES = Path(__file__).parents[1] / "core" / "config" / "old_files"
_FRAGMENT_BYTES = 400
STEP = 6000


@cache
def video(codec: str) -> Encoded:
    """Eight pictures with two keyframes."""
    return small(8, codec=codec, gop=4)


@cache
def pictures() -> tuple[bytes, ...]:
    """Pictures in Annex B form, of both codecs."""
    return (*video("h264").units[:5], *video("hevc").units[:5])


@cache
def parameter_sets(codec: str) -> tuple[bytes, ...]:
    """The units before the first picture."""
    return tuple(unit for unit in nal_units(video(codec).units[0]) if len(unit) < 200)


@cache
def jpegs() -> tuple[bytes, ...]:
    """Whole pictures of a still camera."""
    return small(3, codec="mjpeg").units


@cache
def thumbnails() -> tuple[bytes, ...]:
    """Pictures beside a clip: those of cameras, the program's own, and one that says to be huge."""
    made = cv2.imencode(".jpg", numbered(3, 320, 180))[1].tobytes()
    return *jpegs(), made, said_to_be(made, 65_500, 16_000)


def said_to_be(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose head tells of another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + height.to_bytes(2) + width.to_bytes(2) + jpeg[at + 4 :]


@cache
def aac_frames() -> tuple[bytes, ...]:
    """Raw frames, and frames behind their heads."""
    raw = [bytes(packet.data) for packet in aac_sound(0.4, rate=16_000)[1]]
    return (*raw, *(adts(frame, 16_000, 1) for frame in raw))


@cache
def aac_configs() -> tuple[bytes, ...]:
    """An encoder's own word on it."""
    return tuple(aac_sound(0.2, rate=rate)[0].config for rate in (8_000, 44_100))


@cache
def rtp_packets(codec: str) -> tuple[bytes, ...]:
    """Every packet of the pictures, in order; units that are long come in fragments."""
    packets: list[bytes] = []
    for number, unit in enumerate(video(codec).units):
        payloads = [each for nal in nal_units(unit) for each in _fragments(nal, codec)]
        for index, payload in enumerate(payloads):
            marker = index == len(payloads) - 1
            packets.append(rtp(payload, len(packets), 1000 + number * STEP, marker=marker))
    return tuple(packets)


def _fragments(nal: bytes, codec: str) -> list[bytes]:
    if len(nal) <= _FRAGMENT_BYTES:
        return [nal]
    is_h265 = codec == "hevc"
    if is_h265:
        head, kind = bytes((nal[0] & 0x81 | 49 << 1, nal[1])), nal[0] >> 1 & 63
    else:
        head, kind = bytes((nal[0] & 0xE0 | 28,)), nal[0] & 31
    body = nal[len(head) :]
    starts = range(0, len(body), _FRAGMENT_BYTES)
    ends = {starts[0]: 0x80, starts[-1]: 0x40}
    return [
        head + bytes((ends.get(at, 0) | kind,)) + body[at : at + _FRAGMENT_BYTES] for at in starts
    ]


@cache
def sdps() -> tuple[bytes, ...]:
    """What cameras announce."""
    sets = [b64encode(unit).decode() for unit in parameter_sets("hevc")[:3]]
    h265 = [
        "m=video 0 RTP/AVP 98",
        "a=rtpmap:98 H265/90000",
        f"a=fmtp:98 sprop-vps={sets[0]};sprop-sps={sets[1]};sprop-pps={sets[2]}",
        "a=framerate:0S",
        "a=x-framerate: 12.5",
    ]
    config = aac_configs()[0].hex()
    aac = [*AAC, f"a=fmtp:97 mode=AAC-hbr;config={config};sizelength=13", "a=sendrecv"]
    tracks = ([*PICTURE, SPROP, *SOUND], [*h265, *aac], [*PICTURE, *AAC])
    return tuple(sdp(*lines).encode() for lines in tracks)


@cache
def rtsp_talks() -> tuple[bytes, ...]:
    """What a camera sends on a connection, from its first answer to its last packet."""
    challenge = {"WWW-Authenticate": 'Digest realm="cam", nonce="n1", qop="auth", stale=true'}
    frames = b"".join(framed(0, packet) for packet in rtp_packets("h264")[:8])
    asks = b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n"
    described = reply(200, {"Content-Base": "rtsp://10.0.0.9/live/"}, sdps()[0].decode())
    return (
        reply(200, PUBLIC) + frames,
        reply(401, challenge) + described,
        described + asks + framed(1, sender_report(1.5, 1000)) + frames,
        frames + asks + reply(301, {"Location": "rtsp://10.0.0.9:554/else"}),
        reply(200, {"Session": "77;timeout=60", "Transport": "RTP/AVP/TCP;interleaved=0-1"}),
    )


@cache
def http_replies() -> tuple[bytes, ...]:
    """What a camera's web server sends, whole replies with their heads."""
    first, second, third = jpegs()
    refused = head("text/html", "HTTP/1.1 401 No", www_authenticate='Basic realm="c"')
    moved_to = head(status="HTTP/1.1 302 Moved", location="/else?a=b", content_length=0)
    chunk = f"{len(first):x}\r\n".encode() + first + b"\r\n0\r\n\r\n"
    return (
        MULTIPART + part(first) + part(second) + part(third),
        MULTIPART + part(first, length=None) + part(second, length=5),
        head("image/jpeg", content_length=len(first)) + first,
        head("image/jpeg", transfer_encoding="chunked") + chunk,
        b"ICY 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + first,
        refused + MULTIPART + part(first),
        moved_to + head("image/jpeg", content_length=len(second)) + second,
        head("text/html") + b"<html>no pictures here</html>",
    )


@cache
def camera_files() -> tuple[object, ...]:
    """Every `cameras.json` that the tests know."""
    return tuple(_json(path) for path in sorted((_OLD_FILES / "cameras").glob("*.json")))


@cache
def camera_entries() -> tuple[object, ...]:
    """The cameras in them."""
    return tuple(
        entry for file in camera_files() if isinstance(file, dict) for entry in file.values()
    )


@cache
def settings_files() -> tuple[object, ...]:
    """Every `settings.json` that the tests know."""
    return tuple(_json(path) for path in sorted((_OLD_FILES / "settings").glob("*.json")))


def _json(path: Path) -> object:
    return json.loads(path.read_bytes())


START_AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def clip() -> Clip:
    """A clip in which something moved."""
    return Clip(
        camera_id="id-1",
        camera_name="Entrée",
        path=Path("10-00-00.mp4"),
        start_at=START_AT,
        end_at=START_AT + timedelta(seconds=2.5),
        event_start_at=START_AT + timedelta(seconds=1),
        trigger=Trigger.MOTION,
        codec="h264",
        size=Size(640, 360),
        size_bytes=4321,
        peak_at=START_AT + timedelta(seconds=1),
        peak_area_px=900.0,
        motions=(moved(0.5, (0, 0)), moved(1.2, (35, 63))),
    )


@cache
def sidecars() -> tuple[object, ...]:
    """Those of a clip with motion, and of an archived one with a comment."""
    return sidecar_json(clip()), sidecar_json(clip()) | {"comment": "the postman"}


@cache
def gap_lines() -> tuple[object, ...]:
    """Lines of a journal."""
    return (
        {"from": "2026-11-20T10:00:00.000+00:00", "to": "2026-11-20T10:01:00.000+00:00",
         "reason": "stream_lost: timed_out"},
        {"from": "2026-11-20T00:00:00.000+00:00", "to": "2026-11-21T00:00:00.000+00:00",
         "reason": "inactive"},
    )  # fmt: skip


@cache
def heartbeats() -> tuple[object, ...]:
    """What the last run left behind."""
    gap = {"folder": "Door", "from": "2026-11-20T10:00:00.000+00:00", "reason": "inactive"}
    return (
        {"at": "2026-11-20T10:30:00.000+00:00", "open": {"a": gap}},
        {"at": "2026-11-20T10:30:00.000+00:00", "open": {}},
    )


# What FFmpeg reads for the program: files, RTMP (FLV) and HLS (MPEG-TS).
FILMS = ("flv", "mpegts", "matroska", "avi", "mp4")


@cache
def films(container: str) -> tuple[bytes, ...]:
    """Films in a container, with sound and without."""
    return tuple(
        clip_bytes(6, width=64, height=64, gop=3, audio=audio, container=container)
        for audio in (False, True)
    )


@cache
def playlists() -> tuple[bytes, ...]:
    """What HLS lists: a stream that has ended, and of what kinds there are."""
    segment = "#EXTINF:0.4,\nfilm.ts\n"
    ended = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n{segment}#EXT-X-ENDLIST\n"
    keyed = ended.replace("#EXTINF", '#EXT-X-KEY:METHOD=AES-128,URI="film.ts",IV=0x1\n#EXTINF', 1)
    ranged = ended.replace("film.ts", "#EXT-X-BYTERANGE:400@188\nfilm.ts")
    kinds = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1"\nfilm.ts\n'
    return tuple(text.encode() for text in (ended, ended + segment, keyed, ranged, kinds))


@cache
def mp4_files() -> tuple[bytes, ...]:
    """Clips: as they are written, as a kill leaves them, as earlier versions wrote them."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        h264 = video("h264")
        half = clip_of(root / "half.mp4", video_packets(h264), facts(h264), whole=False)
        old = old_clip(root / "old.mp4", rate=8_000)
        torn = old_clip(root / "torn.mp4", rate=8_000, whole=False)
        small_one = clip_bytes(5, width=64, height=64, audio=True)
        return small_one, *(path.read_bytes() for path in (half, old, torn))
