"""A stream that is tried out tells what it is and what to improve, or why it fails."""

import threading
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from time import monotonic

import av
import pytest

from tests.support.fakes import Behaviour, Ending, FakeCamera, Greeting
from tests.support.packets import small
from tests.support.video import write_clip
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Size
from vms_desktop.core.camera.stream_probe import (
    CameraProbe,
    Measure,
    StreamAdvice,
    StreamFacts,
    StreamRole,
    keyframe_advice,
    watched_advice,
)
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.packet import Packet

FAST = 5
SECRET = "s3cr3t&/"
SD, HD = StreamRole.SD, StreamRole.HD
FPS = 15
SMALL = small(60)
LARGER = small(60, width=320, height=192)
TICK = Fraction(1, 1000)


class FastClock(Clock):
    """A second of these cameras takes a fifth."""

    def monotonic(self):
        return FAST * super().monotonic()


def packet(at, is_keyframe=False, size=1000, arrived=None, breaks=False):
    return Packet(
        data=av.Packet(),
        is_video=True,
        is_keyframe=is_keyframe,
        dts=round(at / TICK),
        pts=round(at / TICK),
        duration=0,
        time_base=TICK,
        size_bytes=size,
        arrived=at if arrived is None else arrived,
        breaks=breaks,
    )


def measured(packets):
    """What was learnt, and how many packets it took."""
    measure = Measure()
    for count, each in enumerate(packets, start=1):
        measure.packet(each)
        if measure.done:
            return measure, count
    return measure, None


def every(interval_s, keyframes_s, seconds=30.0, **kinds):
    """Pictures at a steady rate, a keyframe nine times as heavy as another."""
    for index in range(round(seconds / interval_s)):
        at = index * interval_s
        key = any(abs(at - each) < interval_s / 2 for each in keyframes_s)
        yield packet(at, key, 9000 if key else 1000, **kinds)


@pytest.mark.parametrize(
    "interval_s, keyframes_s, rate, bits, distance_s, after_s",
    [
        (0.1, [0, 1, 2, 3], 10, 8 * 18_000, 1, 1.0),
        (0.1, [0, 2, 4], 10, 8 * 28_000 / 2, 2, 2.0),
        (0.1, [0, 0.5, 1, 1.5], 10, 8 * 26_000, 0.5, 1.0),
        (0.04, [0.4, 2.4, 4.4], 25, 8 * 58_000 / 2, 2, 2.4),
        (0.1, [0, 4.5, 9], 10, 8 * 53_000 / 4.5, 4.5, 4.5),
        (0.1, [0, 8], 10, 8 * 58_000 / 5, None, 5.0),
        (0.1, [], 10, 8 * 10_000, None, 10.0),
        (0.1, [6.0, 20], 10, 8 * 118_000 / 11, None, 11.0),
        (1.0, [0, 1, 2, 3], 1, 8 * 9_000, 1, 1.0),
    ],
)
def test_rates_are_those_between_keyframes_of_which_the_first_is_waited_for_longest(
    interval_s, keyframes_s, rate, bits, distance_s, after_s
):
    measure, count = measured(every(interval_s, keyframes_s))
    assert measure.frame_rate == pytest.approx(rate)
    assert measure.bit_rate_bps == pytest.approx(bits)
    assert measure.keyframe_interval_s == (distance_s and pytest.approx(distance_s))
    assert (count - 1) * interval_s == pytest.approx(after_s, abs=interval_s)


def test_a_burst_of_what_the_camera_kept_does_not_spoil_the_rates():
    steady = every(0.1, [0, 2, 4, 6])
    measure, _ = measured(each._replace(arrived=max(2, each.arrived)) for each in steady)
    assert measure.frame_rate == pytest.approx(10)
    assert measure.bit_rate_bps == pytest.approx(8 * 28_000 / 2)


def test_slices_are_one_picture():
    pictures = every(0.1, [0, 1, 2])
    slices = ((each, each._replace(dts=each.dts + 1, is_keyframe=False)) for each in pictures)
    measure, _ = measured(chain.from_iterable(slices))
    assert measure.frame_rate == pytest.approx(10)
    assert measure.bit_rate_bps == pytest.approx(2 * 8 * 18_000)


def test_times_that_stand_still_give_way_to_those_of_arrival():
    packets = [packet(0.003 * index, index % 10 == 0, arrived=index / 10) for index in range(30)]
    measure, _ = measured(packets)
    assert measure.frame_rate == pytest.approx(10)


def test_another_timeline_begins_the_measure_anew():
    first = list(every(0.1, [0], seconds=0.8))
    second = [each._replace(dts=each.dts + 100_000) for each in every(0.1, [0, 1, 2])]
    second[0] = second[0]._replace(breaks=True)
    measure, count = measured([*first, *second])
    assert measure.frame_rate == pytest.approx(10)
    assert count == 8 + 11


def test_times_that_jump_all_the_while_are_given_up():
    packets = (packet(100 * index, True, arrived=index / 10, breaks=True) for index in range(1000))
    assert measured(packets)[1] == pytest.approx(121, abs=1)


def test_nothing_measured_tells_nothing():
    measure = Measure()
    assert (measure.done, measure.frame_rate, measure.bit_rate_bps) == (False, 0, 0)
    assert measure.keyframe_interval_s is None


@pytest.mark.parametrize(
    "codec, interval_s, is_network, advice",
    [
        ("H.264", 2.0, True, []),
        ("H.264", 4.0, True, []),
        ("H.264", 4.2, True, [StreamAdvice.SPARSE_KEYFRAMES]),
        ("H.264", None, True, [StreamAdvice.SPARSE_KEYFRAMES]),
        ("H.265", 2.0, True, []),
        ("H.265", None, True, [StreamAdvice.SPARSE_KEYFRAMES, StreamAdvice.SMART_CODEC]),
        ("H.265", None, False, []),
    ],
)
def test_keyframes_more_than_four_seconds_apart_are_told(codec, interval_s, is_network, advice):
    facts = StreamFacts(codec, Size(640, 360), 15, 500_000, "", interval_s)
    assert [*keyframe_advice(facts, is_network=is_network)] == advice


@pytest.mark.parametrize(
    "size, sensitivity, advice",
    [
        (Size(640, 360), 0, []),
        (Size(640, 360), 1200, []),
        (Size(640, 360), 12, []),
        (Size(640, 360), 11, [StreamAdvice.SENSITIVITY_SMALL]),
        (Size(640, 360), 57_600, []),
        (Size(640, 360), 57_601, [StreamAdvice.SENSITIVITY_LARGE]),
        (Size(1280, 720), 0, []),
        (Size(1920, 1080), 0, [StreamAdvice.SD_LARGE]),
        (Size(1920, 1080), 100, [StreamAdvice.SD_LARGE, StreamAdvice.SENSITIVITY_SMALL]),
        (Size(0, 0), 1200, []),
    ],
)
def test_a_sensitivity_out_of_proportion_to_the_picture_is_told(size, sensitivity, advice):
    assert [*watched_advice(size, sensitivity)] == advice


def config(url_sd, url_hd="", **changes):
    return CameraConfig(id="1", name="Door", url_sd=url_sd, url_hd=url_hd, **changes)


def opener(folder):
    return StreamOpener(folder, FastClock())


def answers(test):
    """What each stream answers, all tested at once, in the order of their answers."""
    found = []
    threads = [
        threading.Thread(target=lambda role=role: found.append(test.run(role)))
        for role in test.roles
    ]
    for thread in reversed(threads):
        thread.start()
    for thread in threads:
        thread.join()
    return {result.role: result for result in found if result}


def test_both_streams_answer_with_what_they_are(tmp_path):
    with FakeCamera(SMALL, speed=FAST) as sd, FakeCamera(LARGER, speed=FAST) as hd:
        found = answers(CameraProbe(opener(tmp_path), config(sd.url(), hd.url())))
    for role, video in ((SD, SMALL), (HD, LARGER)):
        facts = found[role].facts
        assert (found[role].problem, found[role].advice) == (None, ())
        assert (facts.codec_name, facts.size) == ("H.264", (video.width, video.height))
        assert facts.frame_rate == pytest.approx(FPS, rel=0.05)
        assert facts.keyframe_interval_s == pytest.approx(1, abs=0.05)
        group = 8 * sum(map(len, video.units[:FPS]))
        assert facts.bit_rate_bps == pytest.approx(group, rel=0.15)
        assert facts.audio == ""


def test_an_hd_stream_smaller_than_sd_is_told(tmp_path):
    with FakeCamera(LARGER, speed=FAST) as sd, FakeCamera(SMALL, speed=FAST) as hd:
        found = answers(CameraProbe(opener(tmp_path), config(sd.url(), hd.url())))
    assert (found[SD].advice, found[HD].advice) == ((), (StreamAdvice.HD_SMALLER,))


def test_a_camera_that_sends_keyframes_too_seldom_is_told_so(tmp_path):
    with FakeCamera(small(120, gop=120), speed=FAST) as camera:
        result = answers(CameraProbe(opener(tmp_path), config(camera.url())))[SD]
    assert result.advice == (StreamAdvice.SPARSE_KEYFRAMES,)
    assert result.facts.keyframe_interval_s is None
    assert result.facts.bit_rate_bps > 0


def test_a_camera_that_sends_no_keyframes_is_told_so(tmp_path):
    whole = small(200, gop=200)
    rest = replace(whole, units=whole.units[1:], keyframes=whole.keyframes[1:])
    with FakeCamera(SMALL, [Behaviour(switch_at=0, switch_to=rest)], speed=FAST) as camera:
        result = answers(CameraProbe(opener(tmp_path), config(camera.url())))[SD]
    assert (result.problem, result.facts) == (Problem.NO_KEYFRAMES, None)


def test_the_size_is_that_of_the_pictures_not_the_one_announced(tmp_path):
    with FakeCamera(SMALL, [Behaviour(switch_at=0, switch_to=LARGER)], speed=FAST) as camera:
        result = answers(CameraProbe(opener(tmp_path), config(camera.url())))[SD]
    assert result.facts.size == (LARGER.width, LARGER.height)


@pytest.mark.parametrize(
    "behaviour, problem",
    [
        (Behaviour(status=404), Problem.NOT_FOUND),
        (Behaviour(login=("me", "other")), Problem.WRONG_PASSWORD),
        (Behaviour(redirect="rtsp://127.0.0.2/x"), Problem.REDIRECTED),
        (Behaviour(pictures=5, ending=Ending.CLOSE), Problem.ENDED),
    ],
)
def test_a_stream_that_fails_says_why_and_no_secret(behaviour, problem, tmp_path, caplog):
    with FakeCamera(SMALL, [behaviour], speed=FAST) as camera:
        found = answers(CameraProbe(opener(tmp_path), config(camera.url("me", SECRET))))
    result = found[SD]
    assert (result.problem, result.facts, result.advice) == (problem, None, ())
    assert SECRET not in f"{result!r} {caplog.text}"


def logins(camera):
    """The tries of a password, in order."""
    return [each for each in camera.requests if "Authorization" in each.headers]


@pytest.mark.parametrize("in_address", [True, False])
def test_a_wrong_password_is_tried_once_for_both_streams(in_address, tmp_path):
    login = ("me", SECRET) if in_address else ()
    keys = {} if in_address else {"username": "me", "password": SECRET}
    with FakeCamera(SMALL, [Behaviour(login=("me", "other"))], speed=FAST) as camera:
        camera_config = config(camera.url(*login), camera.url(*login) + "/hd", **keys)
        found = answers(CameraProbe(opener(tmp_path), camera_config))
        assert len(logins(camera)) == 1
    assert {role: result.problem for role, result in found.items()} == {
        SD: Problem.WRONG_PASSWORD,
        HD: Problem.WRONG_PASSWORD,
    }
    assert found[HD].detail == "127.0.0.1"


def test_a_right_password_opens_both(tmp_path):
    with FakeCamera(SMALL, [Behaviour(login=("me", SECRET))], speed=FAST) as camera:
        keys = {"username": "me", "password": SECRET}
        found = answers(
            CameraProbe(opener(tmp_path), config(camera.url(), camera.url() + "/hd", **keys))
        )
    assert [found[role].problem for role in (SD, HD)] == [None, None]


def test_hd_is_tested_where_sd_fails_otherwise(tmp_path):
    with FakeCamera(SMALL) as sd, FakeCamera(SMALL, speed=FAST) as hd:
        sd.refuse()
        camera_config = config(sd.url("me", SECRET), hd.url("me", SECRET))
        found = answers(CameraProbe(opener(tmp_path), camera_config))
    assert (found[SD].problem, found[HD].problem) == (Problem.REFUSED, None)


def test_without_a_password_no_stream_waits_for_the_other(tmp_path):
    with (
        FakeCamera(SMALL, [Behaviour(greeting=Greeting.MUTE)]) as sd,
        FakeCamera(SMALL, speed=FAST) as hd,
    ):
        test = CameraProbe(opener(tmp_path), config(sd.url(), hd.url()))
        thread = threading.Thread(target=answers, args=(test,))
        thread.start()
        wait_until(lambda: hd.pictures_sent)
        test.stop()
        thread.join(1.5)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "behaviour", [Behaviour(greeting=Greeting.MUTE), Behaviour()], ids=["connecting", "reading"]
)
def test_a_test_that_is_stopped_ends_within_a_second_and_answers_nothing(behaviour, tmp_path):
    with FakeCamera(small(150, gop=150), [behaviour]) as camera:
        login = ("me", SECRET)
        config_of_two = config(camera.url(*login), camera.url(*login) + "/hd")
        test, found = CameraProbe(StreamOpener(tmp_path, Clock()), config_of_two), []
        thread = threading.Thread(target=lambda: found.append(answers(test)))
        thread.start()
        reading = behaviour.greeting is Greeting.ANSWER
        wait_until(lambda: camera.pictures_sent if reading else camera.connections)
        began = monotonic()
        test.stop()
        thread.join()
        assert monotonic() - began < 1
    assert found == [{}]


@pytest.mark.parametrize(
    "url_sd, url_hd, roles",
    [
        ("rtsp://cam/sd", "rtsp://cam/hd", (SD, HD)),
        ("rtsp://cam/sd", "", (SD,)),
        ("rtsp://cam/sd", "rtsp://cam/sd", (SD,)),
        ("", "rtsp://cam/hd", (HD,)),
    ],
)
def test_every_stream_is_tested_once(url_sd, url_hd, roles, tmp_path):
    assert CameraProbe(opener(tmp_path), config(url_sd, url_hd)).roles == roles


def test_a_camera_with_hd_alone_is_judged_as_watched(tmp_path):
    with FakeCamera(SMALL, speed=FAST) as camera:
        test = CameraProbe(opener(tmp_path), config("", camera.url(), sensitivity=10_000))
        assert answers(test)[HD].advice == (StreamAdvice.SENSITIVITY_LARGE,)


def test_a_file_is_tested_at_its_own_pace_even_beside_a_camera(tmp_path):
    write_clip(tmp_path / "scene.mp4", 40, fps=20, gop=40, width=320, height=192, audio=True)
    with FakeCamera(SMALL, speed=FAST) as camera:
        camera_config = config(camera.url(), "scene.mp4")
        began = monotonic()
        found = answers(CameraProbe(StreamOpener(tmp_path, Clock()), camera_config))
    facts = found[HD].facts
    assert 1.8 < monotonic() - began < 4
    assert (facts.codec_name, facts.audio, found[HD].advice) == ("H.264", "AAC", ())
    assert facts.frame_rate == pytest.approx(20)


def test_what_has_to_be_encoded_for_recording_is_told(tmp_path):
    write_clip(tmp_path / "scene.avi", 30, fps=20, codec="mjpeg", width=160, height=96)
    found = answers(CameraProbe(StreamOpener(tmp_path, Clock()), config("scene.avi")))
    assert found[SD].advice == (StreamAdvice.ENCODED,)
    assert found[SD].facts.codec_name == "MJPEG"


def test_a_login_in_the_path_is_filled_in_by_the_door_and_told_to_nobody_else(tmp_path, caplog):
    keys = {"username": "me@home", "password": SECRET}
    with FakeCamera(SMALL, speed=FAST) as camera:
        url = f"{camera.url()}?user={{username}}&password={{password}}"
        found = answers(CameraProbe(opener(tmp_path), config(url, **keys)))
        asked = [each.url for each in camera.requests]
        assert logins(camera) == []
    assert found[SD].problem is None
    assert "user=me%40home&password=s3cr3t%26%2F" in asked[0]
    assert SECRET not in caplog.text
