"""Pictures over HTTP: at the rate at which they arrive, whatever is said of them; stills polled."""

import gzip
import itertools
import os

import av
import cv2
import pytest

from tests.support.video import numbered, read_number
from tests.support.web_camera import JPEGS, MULTIPART, SECRET, Web, head, part, still
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.stream.bitstream.jpeg import MAX_BYTES
from vms_desktop.core.stream.mjpeg_stream import MOST_BARREN, MOST_REST_S, POLL_S, REPEATED_S
from vms_desktop.core.stream.packets.patience import LOST_S, Patience
from vms_desktop.core.stream.packets.stream import NotForUsError

SIZE = Size(160, 96)


@pytest.fixture
def web(monkeypatch):
    return Web(monkeypatch)


def never():
    return False


def sends(jpegs, interval_s, around=part, start=MULTIPART):
    """A camera that sends the pictures that far apart, and then nothing."""
    times = itertools.repeat(interval_s) if isinstance(interval_s, float) else interval_s
    pieces = [(after_s, around(jpeg)) for jpeg, after_s in zip(jpegs, times, strict=False)]
    return lambda _: [(0, start), *pieces]


def taken(stream, count):
    return list(itertools.islice(stream.packets(never), count))


def failure(stream):
    """What comes of it, and how it ends."""
    packets = []
    with pytest.raises(StreamError) as caught:
        packets.extend(stream.packets(never))
    return packets, caught.value


def seconds(packets):
    return [float(packet.dts * packet.time_base) for packet in packets]


def written(packets, video, path):
    """The clip that these packets become: its length in s and the numbers in its pictures."""
    file = ClipFile(lambda: (os.open(path, os.O_CREAT | os.O_RDWR, 0o600), path), lambda: False)
    writer = ClipWriter(file, video, packets[0], None, {})
    for packet in packets:
        writer.write(packet)
    writer.close()
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    shown = [read_number(frame.to_ndarray(format="bgr24")) for frame in frames]
    return frames[-1].time - frames[0].time, shown


def keyframe_times(path):
    with av.open(str(path)) as container:
        return [
            float(each.pts * each.time_base)
            for each in container.demux()
            if each.is_keyframe and each.pts is not None
        ]


ODD_CAMERAS = {
    "good": (MULTIPART, part),
    "another boundary": (MULTIPART, lambda jpeg: part(jpeg, boundary="--other")),
    "a boundary without dashes": (MULTIPART, lambda jpeg: part(jpeg, boundary="frame")),
    "no boundary told": (head("multipart/x-mixed-replace"), part),
    "no length": (MULTIPART, lambda jpeg: part(jpeg, length=None)),
    "too long": (MULTIPART, lambda jpeg: part(jpeg, length=len(jpeg) + 7)),
    "too short": (MULTIPART, lambda jpeg: part(jpeg, length=len(jpeg) - 7)),
    "of no length in all": (head("multipart/x-mixed-replace", content_length=0), part),
    "bare": (head("image/jpeg", "HTTP/1.0 200 OK"), bytes),
    "bare, called a film": (head("video/x-motion-jpeg"), bytes),
    "without a type": (head(), part),
    "without a type, bare": (head(), bytes),
    "of another type": (head("application/octet-stream"), part),
    "an old greeting": (MULTIPART.replace(b"HTTP/1.1", b"ICY"), part),
    "small letters": (MULTIPART.lower().replace(b"http/1.1", b"HTTP/1.1"), part),
    "line feeds": (MULTIPART.replace(b"\r\n", b"\n"), lambda jpeg: part(jpeg, end="\n")),
    "in chunks": (
        head("multipart/x-mixed-replace", transfer_encoding="chunked"),
        lambda jpeg: b"%x\r\n%s\r\n" % (len(part(jpeg)), part(jpeg)),
    ),
}


@pytest.mark.parametrize("start, around", ODD_CAMERAS.values(), ids=ODD_CAMERAS)
def test_every_picture_comes_at_its_time_whatever_is_said_of_it(start, around, web):
    camera = web.camera(sends(JPEGS[:20], 0.2, around, start))
    with web.stream(camera) as stream:
        packets = taken(stream, 20)
        assert (stream.video.codec, stream.video.size, stream.dropped) == ("mjpeg", SIZE, 0)
    steps = [b - a for a, b in itertools.pairwise(seconds(packets))]
    assert [bytes(packet.data) for packet in packets] == list(JPEGS[:20])
    assert steps == pytest.approx([0.2] * 19, abs=0.001)
    assert all(packet.is_keyframe and not packet.breaks for packet in packets)
    assert camera.connections == 1


@pytest.mark.parametrize(
    "intervals",
    [[2.0] * 12, [0.2] * 20, [1 / 30] * 40, [0.1, 0.9, 0.05, 2.4, 0.5, 2.8, 0.04, 1.0]],
    ids=["0.5 fps", "5 fps", "30 fps", "as it likes"],
)
def test_a_clip_lasts_as_long_as_its_pictures_took_to_come(intervals, web, tmp_path):
    camera = web.camera(sends(JPEGS[: len(intervals)], intervals, bytes, head("image/jpeg")))
    with web.stream(camera) as stream:
        packets = taken(stream, len(intervals))
        assert not any(packet.breaks for packet in packets)
        lasts_s, shown = written(packets, stream.video, tmp_path / "x.mp4")
    assert shown == list(range(len(intervals)))
    assert lasts_s == pytest.approx(sum(intervals[1:]), abs=0.01)


@pytest.mark.parametrize("interval_s, apart_s", [(0.1, 2.0), (0.7, 2.1), (4.0, 4.0)])
def test_a_clip_has_keyframes_by_time_whatever_the_rate(interval_s, apart_s, web, tmp_path):
    camera = web.camera(sends([JPEGS[3]] * 40, interval_s))
    with web.stream(camera) as stream:
        written(taken(stream, 40), stream.video, tmp_path / "x.mp4")
    times = keyframe_times(tmp_path / "x.mp4")
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert steps == pytest.approx([apart_s] * len(steps), abs=0.11)
    assert len(steps) >= 1


def test_the_same_picture_again_and_again_is_a_stream_like_any_other(web, tmp_path):
    camera = web.camera(sends([JPEGS[3]] * 30, 0.1))
    with web.stream(camera) as stream:
        packets = taken(stream, 30)
        lasts_s, shown = written(packets, stream.video, tmp_path / "x.mp4")
    assert shown == [3] * 30
    assert lasts_s == pytest.approx(2.9, abs=0.01)


@pytest.mark.parametrize("ending", [[], [(0, None)]])
def test_a_still_is_polled_for_its_next_picture(ending, web):
    numbers = itertools.count()
    camera = web.camera(lambda _: [*still(JPEGS[next(numbers)]), *ending])
    with web.stream(camera) as stream:
        packets = taken(stream, 12)
        assert stream.video.frame_rate == 1 / POLL_S
    assert [bytes(packet.data) for packet in packets] == list(JPEGS[:12])
    assert seconds(packets)[-1] - seconds(packets)[0] == pytest.approx(11 * POLL_S, abs=0.01)
    assert camera.connections == (12 if ending else 1)


@pytest.mark.parametrize(
    "answer",
    [
        lambda jpeg: [(0, head("image/jpeg", "HTTP/1.0 200 OK") + jpeg), (0, None)],
        lambda jpeg: [(0, MULTIPART + part(jpeg)), (0, None)],
        lambda jpeg: [(0, head("image/jpeg", content_length=len(jpeg) + 9) + jpeg), (0, None)],
        lambda jpeg: [(0, head("image/jpeg", content_length=len(jpeg) - 9) + jpeg)],
        lambda jpeg: [(0, head("image/jpeg", content_length=len(jpeg) + 99) + jpeg + jpeg[:99])],
    ],
    ids=["no length", "one part", "too long", "too short", "another behind it"],
)
def test_a_still_is_polled_however_its_reply_ends(answer, web):
    numbers = itertools.count()
    camera = web.camera(lambda _: answer(JPEGS[next(numbers)]))
    with web.stream(camera) as stream:
        packets = taken(stream, 6)
        assert stream.dropped == 0
    for packet, jpeg in zip(packets, JPEGS[:6], strict=True):
        assert bytes(packet.data).startswith(jpeg[:-20])


def test_a_packed_still_is_unpacked(web):
    packed = gzip.compress(JPEGS[2])
    start = head("image/jpeg", content_encoding="gzip", content_length=len(packed))
    camera = web.camera(lambda _: [(0, start + packed)])
    with web.stream(camera) as stream:
        assert bytes(taken(stream, 1)[0].data) == JPEGS[2]


def test_a_still_that_does_not_change_goes_on_slowly(web):
    camera = web.camera(lambda _: still(JPEGS[0]))
    with web.stream(camera) as stream:
        times = seconds(taken(stream, 10))
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert all(REPEATED_S <= step <= REPEATED_S + POLL_S for step in steps)
    assert len(camera.requests) > 15


def test_a_camera_that_answers_slowly_is_left_in_peace_as_well(web):
    numbers = itertools.count()

    def answers(_asked):
        ((_, reply),) = still(JPEGS[next(numbers)])
        return [(3.0, reply)]

    camera = web.camera(answers)
    with web.stream(camera) as stream:
        times = seconds(taken(stream, 6))
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert steps == pytest.approx([3.0 + min(MOST_REST_S, 1.5)] * 5, abs=0.15)


def test_a_reply_that_ends_is_followed_by_the_next_without_a_loss(web):
    """Some cameras close the connection after so many pictures."""
    camera = web.camera(
        lambda _: [(0, MULTIPART), *[(0.2, part(j)) for j in JPEGS[:10]], (0, None)]
    )
    with web.stream(camera) as stream:
        packets = taken(stream, 40)
    steps = [b - a for a, b in itertools.pairwise(seconds(packets))]
    assert max(steps) < 0.4
    assert not any(packet.breaks for packet in packets)


@pytest.mark.parametrize("interval_s, patience_s", [(0.1, LOST_S), (1.0, LOST_S), (4.0, 10.0)])
def test_silence_is_measured_against_the_streams_own_rhythm(interval_s, patience_s, web):
    camera = web.camera(sends(JPEGS[:5], interval_s))
    with web.stream(camera) as stream:
        packets, error = failure(stream)
    assert len(packets) == 5
    assert (error.kind, error.answered) == (Problem.TIMED_OUT, True)
    assert web.clock.time - packets[-1].arrived == pytest.approx(patience_s, abs=0.2)


def test_a_picture_of_another_size_begins_another_timeline_and_clip(web, tmp_path):
    large = cv2.imencode(".jpg", numbered(7, 321, 241))[1].tobytes()
    camera = web.camera(sends([JPEGS[0], JPEGS[1], large, large], 0.2))
    with web.stream(camera) as stream:
        packets = taken(stream, 4)
        assert [packet.breaks for packet in packets] == [False, False, True, False]
        _, shown = written(packets[2:], stream.video, tmp_path / "x.mp4")
    with av.open(str(tmp_path / "x.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == (320, 240)
    assert shown == [7, 7]


FAILURES = {
    "a wrong path": (head(status="HTTP/1.1 404 Not Found", content_length=0), Problem.NOT_FOUND),
    "one that is gone": (head(status="HTTP/1.1 410 Gone", content_length=0), Problem.NOT_FOUND),
    "forbidden": (head(status="HTTP/1.1 403 No", content_length=0), Problem.WRONG_PASSWORD),
    "a failing server": (head(status="HTTP/1.1 503 Busy", content_length=0), Problem.BAD_DATA),
    "a page to log in": (
        head("text/html", content_length=15) + b"<html>Hi</html>",
        Problem.NO_VIDEO,
    ),
    "a page without a type": (head() + b"\n<!DOCTYPE html><html></html>", Problem.NO_VIDEO),
    "an empty still": (head("image/jpeg", content_length=0), Problem.BAD_DATA),
    "half a still": (head("image/jpeg", content_length=999) + JPEGS[0][:-9], Problem.BAD_DATA),
    "parts of text": (MULTIPART + b"--frame\r\n\r\nwait\r\n" * 200, Problem.NO_VIDEO),
    "parts that stop": (MULTIPART + b"--frame\r\n", Problem.TIMED_OUT),
    "half a picture": (MULTIPART + part(JPEGS[0])[:-9], Problem.TIMED_OUT),
    "no HTTP": (b"SSH-2.0-camera\r\n" * 9, Problem.BAD_DATA),
    "a wrong packing": (head("image/jpeg", content_encoding="gzip") + JPEGS[0], Problem.BAD_DATA),
    "silence": (b"", Problem.TIMED_OUT),
}


@pytest.mark.parametrize("answer, problem", FAILURES.values(), ids=FAILURES)
def test_every_failure_to_open_has_its_kind_in_time(answer, problem, web):
    closes = [(0, None)] if b"999" in answer else []
    camera = web.camera(lambda _: [(0, answer), *closes])
    began = web.clock.time
    with pytest.raises(StreamError) as caught, web.stream(camera):
        pass
    assert (caught.value.kind, caught.value.answered) == (problem, True)
    assert SECRET not in f"{caught.value!r}"
    assert web.clock.time - began < Patience().answer_s + 1


@pytest.mark.parametrize(
    "piece, problem",
    [
        (b"--frame\r\nContent-Type: text/plain\r\n\r\nplease wait\r\n", Problem.NO_VIDEO),
        (JPEGS[0][:-2] + b"\x55" * MAX_BYTES, Problem.BAD_DATA),
    ],
    ids=["text", "pictures that are too large"],
)
def test_what_never_becomes_a_picture_is_given_up(piece, problem, web):
    camera = web.camera(lambda _: [(0, MULTIPART), *[(0.1, piece)] * 200])
    began = web.clock.time
    with pytest.raises(StreamError, match=problem), web.stream(camera):
        pass
    assert web.clock.time - began < 5


def test_a_camera_may_take_long_for_its_first_picture(web):
    camera = web.camera(lambda _: [(9, MULTIPART), *[(9, part(jpeg)) for jpeg in JPEGS[:4]]])
    with web.stream(camera) as stream:
        assert len(taken(stream, 4)) == 4


def test_a_connection_that_is_closed_at_once_has_ended(web):
    with (
        pytest.raises(StreamError, match=Problem.ENDED),
        web.stream(web.camera(lambda _: [(0, None)])),
    ):
        pass


@pytest.mark.parametrize(
    "start",
    [
        head("application/vnd.apple.mpegurl") + b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n",
        head("video/mp2t") + b"\x47" * 188,
        head("video/x-flv") + b"FLV\1\5" + bytes(20),
        head("application/octet-stream") + bytes(100),
        head("video/x-motion-jpeg", content_length=len(JPEGS[0])) + JPEGS[0],
        head(status="HTTP/1.1 302 Found", location="http://10.0.0.8/x", content_length=0),
    ],
    ids=["HLS", "MPEG-TS", "FLV", "unknown", "a film", "another host"],
)
def test_what_is_no_jpeg_is_left_to_ffmpeg(start, web):
    camera = web.camera(lambda _: [(0, start)])
    with pytest.raises(NotForUsError), web.stream(camera, login=""):
        pass


def test_a_still_that_fails_is_lost_like_others(web):
    replies = iter([still(JPEGS[0]), still(JPEGS[1])])
    lost = [(0, head(status="HTTP/1.1 404 Not Found", content_length=0))]
    with web.stream(web.camera(lambda _: next(replies, lost))) as stream:
        packets, error = failure(stream)
    assert (len(packets), error.kind) == (2, Problem.NOT_FOUND)


def test_one_still_that_is_none_is_no_loss_and_many_are(web):
    page = [(0, head("text/html", content_length=2) + b"Hi")]
    replies = itertools.chain(
        [still(JPEGS[0]), page, page, still(JPEGS[1])], itertools.repeat(page)
    )
    camera = web.camera(lambda _: next(replies))
    with web.stream(camera) as stream:
        packets, error = failure(stream)
    assert (len(packets), error.kind) == (2, Problem.BAD_DATA)
    assert len(camera.requests) == 4 + MOST_BARREN


def test_a_lost_picture_is_counted_and_costs_no_other(web):
    camera = web.camera(sends([JPEGS[0], JPEGS[1][:-9], *JPEGS[2:8]], 0.2))
    with web.stream(camera) as stream:
        packets = taken(stream, 7)
        assert stream.dropped == 1
    assert [bytes(packet.data) for packet in packets] == [JPEGS[0], *JPEGS[2:8]]


def test_a_stream_that_is_stopped_ends_without_a_failure(web):
    camera, packets = web.camera(sends(JPEGS[:5], 0.2)), []
    with web.stream(camera) as stream:
        packets.extend(stream.packets(lambda: web.clock.time > 100.5))
    assert len(packets) == 2
