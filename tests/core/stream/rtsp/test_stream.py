"""A stream over RTSP: what is set up, what is left to FFmpeg, and times that fit together."""

import itertools
import logging
import threading
from time import monotonic

import pytest

from tests.support.rtsp_camera import (
    AAC,
    PICTURE,
    SECRET,
    SETS,
    SOUND,
    SPROP,
    STEP,
    URL,
    VIDEO,
    Scripted,
    feed,
    never,
    payloads,
    sdp,
    taken,
)
from tests.support.video import read_number
from tests.support.wire import framed, reply, rtp, sender_report
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.rtsp.opening import NotForUsError
from vms_desktop.core.stream.rtsp.stream import PictureOrder


def refused(dial, camera, kind=NotForUsError, **options):
    with pytest.raises(kind) as caught:
        dial(camera, **options)
    assert dial.wire.is_closed
    assert SECRET not in f"{caught.value} {caught.value!r}"
    return caught.value


def asked_for(wire):
    return [(each.method, each.url) for each in wire.requests]


def test_a_camera_is_asked_for_its_picture_and_its_sound(dial):
    stream, wire = dial(Scripted(*SOUND, *PICTURE, SPROP))
    stream.close()
    assert asked_for(wire) == [
        ("DESCRIBE", URL),
        ("SETUP", f"{URL}/video"),
        ("SETUP", f"{URL}/audio"),
        ("PLAY", URL),
        ("TEARDOWN", URL),
    ]
    transports = [each.headers.get("Transport", "") for each in wire.requests[1:3]]
    assert [each.rpartition("=")[2] for each in transports] == ["0-1", "2-3"]
    sessions = [each.headers.get("Session") for each in wire.requests]
    assert sessions == [None, None, "77", "77", "77"]
    assert wire.is_closed
    assert (stream.video.codec, stream.audio.codec) == ("h264", "pcm_alaw")
    assert stream.video.parameters == b"".join(b"\0\0\0\1" + each for each in SETS)


@pytest.mark.parametrize(
    "headers, base",
    [
        ({"Content-Base": "rtsp://10.0.0.9/x?a=b/"}, "rtsp://10.0.0.9/x?a=b"),
        ({"Content-Location": "rtsp://10.0.0.9/x/"}, "rtsp://10.0.0.9/x"),
        ({"Content-Base": "10.0.0.9:554/live/"}, URL),
        ({"Content-Base": ""}, URL),
    ],
)
def test_tracks_are_found_where_the_camera_says(headers, base, dial):
    described = reply(200, headers, sdp(*PICTURE))
    _, wire = dial(Scripted(DESCRIBE=described))
    assert wire.requests[1].url == f"{base}/video"


def test_a_session_is_played_at_its_own_address(dial):
    whole = "rtsp://10.0.0.9/all/?mode=unicast"
    _, wire = dial(Scripted(DESCRIBE=reply(200, {}, sdp(*PICTURE, control=whole))))
    assert asked_for(wire)[-1] == ("PLAY", whole)


def test_the_first_name_of_a_session_stands(dial):
    names = [reply(200, {"Session": " 71 ; timeout=60"}), reply(200, {"Session": "72"})]
    _, wire = dial(Scripted(*PICTURE, *SOUND, SETUP=names))
    assert wire.requests[-1].headers["Session"] == "71"


@pytest.mark.parametrize(
    "transport, channel",
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627", 0),
        ("RTP/AVP/TCP;ssrc=1;interleaved=4-5;mode=\"play\"", 4),
        ("RTP/AVP/TCP;unicast;interleaved=6", 6),
        ("", 0),
    ],
)  # fmt: skip
def test_packets_are_taken_from_the_channel_that_the_camera_chose(transport, channel, dial):
    stream, wire = dial(Scripted(SETUP=reply(200, {"Transport": transport})))
    feed(wire, VIDEO.units[:3], channel=channel)
    assert len(taken(stream, 3)) == 3


@pytest.mark.parametrize(
    "answers, lasting",
    [
        ({"DESCRIBE": reply(302, {"Location": "rtsp://10.0.0.9:8554/x"})}, True),
        ({"DESCRIBE": reply(400)}, True),
        ({"DESCRIBE": reply(500)}, False),
        ({"SETUP": reply(461)}, True),
        ({"SETUP": reply(404)}, True),
        ({"SETUP": reply(200, {"Transport": "RTP/AVP;unicast;client_port=1-2"})}, True),
        ({"PLAY": reply(455)}, True),
        ({"PLAY": reply(500)}, False),
    ],
)
def test_unusual_answers_are_left_to_ffmpeg(answers, lasting, dial):
    assert refused(dial, Scripted(**answers)).lasting is lasting


@pytest.mark.parametrize(
    "lines",
    [
        ["m=video 0 RTP/AVP 26"],
        ["m=video 0 RTP/SAVP 96", "a=rtpmap:96 H264/90000"],
        ["m=video 0 RTP/AVP 96"],
        [*PICTURE, "m=audio 0 RTP/AVP 97", "a=rtpmap:97 opus/48000/2"],
        [*PICTURE, "m=audio 0 RTP/AVP 97", "a=rtpmap:97 MP4A-LATM/16000"],
        [*PICTURE, *AAC, "a=fmtp:97 sizelength=6"],
    ],
    ids=["MJPEG", "encrypted", "unnamed", "Opus", "LATM", "odd AAC"],
)
def test_what_only_ffmpeg_knows_is_left_to_it(lines, dial):
    assert refused(dial, Scripted(*lines)).lasting


@pytest.mark.parametrize(
    "lines, setup",
    [
        ([*PICTURE, "m=audio 0 RTP/AVP 2", "a=rtpmap:2 G726-32/8000"], reply()),
        ([*PICTURE, "m=application 0 RTP/AVP 107", "a=rtpmap:107 x.y/90000"], reply()),
        ([*PICTURE, *SOUND], [reply(), reply(459)]),
        ([*PICTURE, *SOUND], [reply(200, {"Transport": "interleaved=0-1"}) for _ in range(2)]),
    ],
    ids=["unknown sound", "metadata", "sound that is refused", "sound on the picture's channel"],
)
def test_no_sound_is_no_reason_to_have_no_picture(lines, setup, dial):
    stream, wire = dial(Scripted(*lines, SETUP=setup))
    assert stream.audio is None
    feed(wire, VIDEO.units[:2])
    assert len(taken(stream, 2)) == 2


@pytest.mark.parametrize(
    "answers, problem",
    [
        ({"DESCRIBE": reply(401, {"WWW-Authenticate": 'Basic realm="x"'})}, Problem.WRONG_PASSWORD),
        ({"DESCRIBE": reply(403)}, Problem.WRONG_PASSWORD),
        ({"DESCRIBE": reply(404)}, Problem.NOT_FOUND),
        ({"DESCRIBE": reply(200, {}, sdp(*SOUND))}, Problem.NO_VIDEO),
        ({"DESCRIBE": reply(200)}, Problem.NO_VIDEO),
        ({"DESCRIBE": reply(302, {"Location": "rtsp://10.0.0.7/x"})}, Problem.REDIRECTED),
        ({"DESCRIBE": reply(503)}, Problem.BUSY),
        ({"SETUP": reply(453)}, Problem.BUSY),
        ({"SETUP": reply(454)}, Problem.BUSY),
        ({"DESCRIBE": b"nonsense"}, Problem.BAD_DATA),
        ({"PLAY": b""}, Problem.TIMED_OUT),
    ],
)
def test_a_failure_has_its_kind(answers, problem, dial):
    failure = refused(dial, Scripted(**answers), StreamError, limit_s=0.2)
    assert (failure.kind, failure.answered) == (problem, True)


def test_a_login_that_stands_in_the_path_stands_nowhere_else(dial, caplog):
    caplog.set_level(logging.DEBUG)
    stream, wire = dial(Scripted(), path="/user={username}&password={password}")
    stream.close()
    assert wire.requests[0].url.endswith(f"/user=me&password={SECRET}")
    assert not any("Authorization" in each.headers for each in wire.requests)
    assert SECRET not in f"{caplog.text} {stream!r}"


def test_pictures_are_decoded_as_they_were_encoded(dial):
    stream, wire = dial(Scripted())
    feed(wire, VIDEO.units[:20], start=2**32 - 5 * STEP)
    packets = taken(stream, 20)
    decoder = Decoder(stream.video)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    numbers = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    assert numbers == list(range(20))
    assert [packet.dts for packet in packets] == [STEP * index for index in range(20)]
    assert [packet.is_keyframe for packet in packets] == list(VIDEO.keyframes[:20])


def test_reports_and_strangers_on_the_channel_of_the_picture_harm_nothing(dial):
    stream, wire = dial(Scripted())
    first, second = payloads(VIDEO.units[0])[-1][0], payloads(VIDEO.units[1])[-1][0]
    wire.feed(framed(0, rtp(first, 1)))
    wire.feed(framed(0, sender_report(1.5, 3)))
    wire.feed(framed(0, rtp(b"metadata", 2, payload_type=112)))
    wire.feed(framed(9, b"unknown") + framed(0, b"") + framed(0, b"\x80"))
    wire.feed(framed(0, rtp(second, 3, STEP)))
    packets = taken(stream, 2)
    assert [packet.dts for packet in packets] == [0, STEP]
    for packet, unit in zip(packets, (first, second), strict=True):
        assert bytes(packet.data).endswith(b"\0\0\0\1" + unit)


@pytest.mark.parametrize(
    "ticks, follows",
    [
        (range(0, 100, 3), True),
        ([0] * 40, True),
        ([0, 5, 4, 8, 9, 10, 7, *range(11, 60)], True),
        ([0, 3, 1, 2, 6, 4, 5, 9, 7], False),
        ([0, 2, 1, 4, 3, 6, 5], False),
        ([8, *range(1, 8), 16, *range(9, 16), 24, *range(17, 24), 32, 25], False),
        (range(1000, 0, -10), True),
        ([*range(9), 900, *range(9, 18), 900, *range(18, 27), 900, *range(27, 60)], True),
        ([*range(9), -900, *range(9, 18), -900, *range(18, 27), -900, *range(27, 60)], True),
        ([*range(50, 59), 40, *range(59, 68), 50, *range(68, 77), 60, *range(77, 99)], True),
        ([*range(900, 930), *range(30), 32, 30, 31, 35, 33, 34, 38, 36], False),
    ],
    ids=[
        "steady", "standing", "twice late", "two B", "one B", "seven B",
        "backward", "strays ahead", "strays back", "strays a little back", "B behind a jump",
    ],
)  # fmt: skip
def test_pictures_that_come_out_of_order_are_noticed(ticks, follows):
    order = PictureOrder(most_apart=100)
    assert all(order.follows(each) for each in ticks) is follows


@pytest.mark.parametrize(
    "session, every_s",
    [("7; timeout=30", 10), ("7;timeout=120", 20), ("7;timeout=0", 20), ("7", 20)],
)
def test_a_sign_of_life_is_sent_at_once_and_again_in_time(session, every_s, dial):
    class Watch(Clock):
        ahead_s = 0.0

        def monotonic(self):
            return super().monotonic() + self.ahead_s

    clock = Watch()
    camera = Scripted(SETUP=reply(200, {"Session": session}), PLAY=reply())
    stream, wire = dial(camera, clock=clock)
    packets = stream.packets(never)
    for index in range(8):
        feed(wire, VIDEO.units[:1], start=index * STEP, sequence=10 * index)
        next(packets)
        clock.ahead_s += (every_s + 0.5) / 2
    assert wire.methods[3:] == ["OPTIONS", *["GET_PARAMETER"] * 3]


def test_silence_of_the_picture_is_told_whatever_else_is_sent(dial):
    class Fast(Clock):
        def monotonic(self):
            return 20 * super().monotonic()

    for lines, channel in ((SOUND, 2), ((), 1), ((), 7)):
        stream, wire = dial(Scripted(*PICTURE, *lines), clock=Fast(), limit_s=3.5)
        stopped = threading.Event()
        chatter = threading.Thread(target=chat, args=(wire, channel, stopped))
        chatter.start()
        began = monotonic()
        with pytest.raises(StreamError, match=Problem.TIMED_OUT):
            list(stream.packets(never))
        assert 3 / 20 <= monotonic() - began < 1
        stopped.set()
        chatter.join()


def chat(wire, channel, stopped):
    for index in itertools.count():
        wire.feed(framed(channel, rtp(bytes(160), index, index * 160, payload_type=8)))
        if stopped.wait(0.005):
            return


def test_the_end_of_the_connection_ends_the_stream(dial):
    stream, wire = dial(Scripted())
    feed(wire, VIDEO.units[:2])
    wire.is_over = True
    packets = stream.packets(never)
    assert [next(packets).is_video for _ in range(2)] == [True, True]
    with pytest.raises(StreamError, match=Problem.ENDED):
        next(packets)
