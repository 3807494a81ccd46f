"""What a camera is asked for, and what becomes of its refusals."""

import pytest

from tests.support.rtsp_camera import (
    PICTURE,
    PUBLIC,
    SOUND,
    VIDEO,
    Dial,
    Scripted,
    feed,
    sdp,
    taken,
)
from tests.support.wire import framed, reply, rtp
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.stream.network.habits import SOUND_REST_S
from vms_desktop.core.stream.network.login import MOST_REDIRECTS
from vms_desktop.core.stream.packets.stream import MovedError, NotForUsError

MICROPHONE = [*SOUND, "a=recvonly"]
SPEAKER = ["m=audio 0 RTP/AVP 0", "a=control:speaker", "a=sendonly"]


def set_up(wire):
    return [each.url.rpartition("/")[2] for each in wire.requests if each.method == "SETUP"]


@pytest.mark.parametrize(
    "lines, expected",
    [
        ([*PICTURE, *SPEAKER, *MICROPHONE], ["video", "audio"]),
        ([*PICTURE, *MICROPHONE, *SPEAKER], ["video", "audio"]),
        ([*SPEAKER, *PICTURE, *SOUND], ["video", "audio"]),
        ([*PICTURE, *SPEAKER], ["video"]),
        ([*PICTURE, *SOUND, "a=inactive"], ["video"]),
        ([*PICTURE, *SOUND, "a=sendrecv"], ["video", "audio"]),
        ([*PICTURE, *SPEAKER[:2], "a=sendrecv", *MICROPHONE], ["video", "audio"]),
        ([*PICTURE, "a=sendonly"], ["video"]),
        ([*PICTURE, "a=sendonly", *SPEAKER], ["video", "speaker"]),
        ([*PICTURE, "a=sendonly", *SPEAKER, *MICROPHONE], ["video", "audio"]),
        ([*PICTURE, "a=recvonly", *SPEAKER], ["video"]),
    ],
)
def test_the_sound_is_the_one_that_comes_from_the_camera(lines, expected, dial):
    stream, wire = dial(Scripted(*lines))
    assert set_up(wire) == expected
    assert (stream.audio is not None) is (len(expected) == 2)


def test_a_direction_of_the_whole_session_is_that_of_its_tracks(dial):
    described = sdp(*PICTURE, *SOUND).replace("t=0 0", "t=0 0\r\na=recvonly")
    stream, _ = dial(Scripted(DESCRIBE=reply(200, {}, described)))
    assert stream.audio is not None


class HangsUp(Scripted):
    """Closes the connection when it is asked for this."""

    dial: Dial

    def __init__(self, method, ending, *lines, **answers):
        super().__init__(*lines, **answers)
        self.asked = method, ending

    def __call__(self, asked):
        if asked.method == self.asked[0] and asked.url.endswith(self.asked[1]):
            wire = self.dial.wire
            assert wire is not None
            wire.is_over = True
            return b""
        return super().__call__(asked)


def hung_up(dial, camera, **options):
    camera.dial = dial
    with pytest.raises(StreamError) as caught:
        dial(camera, **options)
    assert dial.wire.is_closed
    return caught.value.kind


def test_a_camera_that_hangs_up_at_its_sound_is_seen_without_it_for_an_hour(dial):
    clock = HandClock()
    camera = HangsUp("SETUP", "audio", *PICTURE, *SOUND)
    hung_up(dial, camera, clock=clock)
    for ahead_s, expected in [(1, ["video"]), (SOUND_REST_S + 1, ["video", "audio"])]:
        clock.ahead_s = ahead_s
        _, wire = dial(Scripted(*PICTURE, *SOUND), clock=clock)
        assert set_up(wire) == expected


def test_it_did_not_hang_up_where_this_program_left_off(dial):
    camera = HangsUp("SETUP", "audio", *PICTURE, *SOUND)
    hung_up(dial, camera, stopped=lambda: dial.wire.is_over)
    assert not dial.habits.is_silent(Clock().monotonic())


class HandClock(Clock):
    ahead_s = 0.0

    def monotonic(self):
        return super().monotonic() + self.ahead_s


@pytest.mark.parametrize(
    "method, ending, problem", [("DESCRIBE", "", Problem.ENDED), ("PLAY", "", Problem.BUSY)]
)
def test_a_camera_that_hangs_up_once_it_was_set_up_has_no_place(method, ending, problem, dial):
    assert hung_up(dial, HangsUp(method, ending)) is problem


@pytest.mark.parametrize("status", [453, 454, 503])
def test_a_refusal_tells_when_to_come_back_and_frees_what_was_set_up(status, dial):
    refusal = reply(status, {"Retry-After": "20"})
    with pytest.raises(StreamError) as caught:
        dial(Scripted(PLAY=refusal))
    assert (caught.value.kind, caught.value.retry_after_s) == (Problem.BUSY, 20)
    assert dial.wire.methods[-1] == "TEARDOWN"


@pytest.mark.parametrize("status", [406, 461])
def test_a_camera_that_refuses_tcp_is_left_to_udp(status, dial):
    with pytest.raises(NotForUsError) as caught:
        dial(Scripted(SETUP=reply(status)))
    assert caught.value.over_udp


@pytest.mark.parametrize("status", [400, 451, 456, 457])
def test_a_camera_that_knows_no_times_plays_without(status, dial):
    stream, wire = dial(Scripted(PLAY=[reply(status), reply()]))
    assert ["Range" in each.headers for each in wire.requests[-2:]] == [True, False]
    feed(wire, VIDEO.units[:2])
    assert len(taken(stream, 2)) == 2


def moved(path):
    return reply(301, {"Location": f"rtsp://10.0.0.9:554/{path}"})


def test_redirects_within_the_camera_are_followed_on_the_same_connection(dial):
    described = reply(200, {}, sdp(*PICTURE))
    _, wire = dial(Scripted(DESCRIBE=[moved("second"), moved("third"), described]))
    assert [each.url for each in wire.requests[:4]] == [
        "rtsp://10.0.0.9:554/live",
        "rtsp://10.0.0.9:554/second",
        "rtsp://10.0.0.9:554/third",
        "rtsp://10.0.0.9:554/third/video",
    ]


def test_redirects_in_a_circle_end(dial):
    with pytest.raises(StreamError, match=Problem.BAD_DATA):
        dial(Scripted(DESCRIBE=moved("again")))
    assert len(dial.wire.requests) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("url", ["rtsp://10.0.0.9:8554/x", "rtsps://10.0.0.9/x"])
def test_a_redirect_to_another_port_is_left_to_ffmpeg_once_it_was_looked_at(url, dial):
    with pytest.raises(MovedError):
        dial(Scripted(DESCRIBE=reply(301, {"Location": url})))


def test_a_picture_sent_before_the_answer_to_play_is_kept(dial):
    early = framed(0, rtp(b"\x65picture", 1))
    stream, _ = dial(Scripted(PLAY=early + reply(200, PUBLIC)))
    assert taken(stream, 1)[0].is_keyframe


class TestSession:
    """What a session does beside its pictures."""

    def goes_on(self, stream, wire, data):
        wire.feed(data)
        feed(wire, VIDEO.units[:2])
        return len(taken(stream, 2))

    def test_a_question_of_the_camera_is_answered(self, dial):
        stream, wire = dial(Scripted())
        wire.ask("OPTIONS")
        assert self.goes_on(stream, wire, b"") == 2
        assert "CSeq: 7" in wire.replies[0]

    def test_receivers_report_on_the_channel_beside_the_track(self, dial):
        clock = HandClock()
        stream, wire = dial(Scripted(*PICTURE, *SOUND), clock=clock)
        packets = stream.packets(lambda: False)
        for index in range(4):
            feed(wire, VIDEO.units[:1], sequence=10 * index, start=index * 9000)
            next(packets)
            clock.ahead_s += 2.6
        assert [(channel, data[1]) for channel, data in wire.frames] == [(1, 201), (3, 201)] * 2

    @pytest.mark.parametrize("channel, ends", [(1, True), (3, False)])
    def test_a_goodbye_of_the_picture_ends_the_stream_at_once(self, channel, ends, dial):
        stream, wire = dial(Scripted(*PICTURE, *SOUND))
        feed(wire, VIDEO.units[:1])
        wire.feed(framed(2, rtp(bytes(160), 1, payload_type=8)))
        assert len(taken(stream, 2)) == 2
        goodbye = framed(channel, b"\x81\xcb\x00\x01" + (7).to_bytes(4))
        if not ends:
            assert self.goes_on(stream, wire, goodbye) == 2
            return
        with pytest.raises(StreamError, match=Problem.ENDED):
            self.goes_on(stream, wire, goodbye)

    def test_a_sign_of_life_that_ends_the_session_is_not_sent_again(self, dial):
        camera = HangsUp("OPTIONS", "", PLAY=reply())
        camera.dial = dial
        stream, _ = dial(camera)
        with pytest.raises(StreamError, match=Problem.ENDED):
            taken(stream, 1)
        stream, wire = dial(Scripted(PLAY=reply()))
        feed(wire, VIDEO.units[:2])
        taken(stream, 2)
        assert wire.methods[-1] == "GET_PARAMETER"
