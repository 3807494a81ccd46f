"""When the recorder begins and ends a clip, and what it puts into it."""

from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.support.packets import (
    BEGAN_AT,
    video_packet,
)
from tests.support.recorder_scene import FPS, SOUND, VIDEO, Scene
from tests.support.video import read_number
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.config.camera import RecordingMode
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.events import Event


def test_an_event_of_a_slow_stream_is_known_late_and_recorded_from_before_it():
    """A picture every 4 s, of which the detector wants some before it believes in motion."""
    scene = Scene(pre_record_seconds=5)
    scene.shared.known_after_s = 20.0
    for number in range(20):
        scene.clock.time = 4.0 * number
        packet = video_packet(VIDEO.units[0], number, 0.25, is_keyframe=number % 4 == 0)
        if number == 10:
            scene.shared.event = Event(24.0, 40.0)
        scene.send(packet._replace(arrived=scene.clock.time))
    scene.recorder.closed()
    (clip,) = scene.clips
    assert clip.pictures[0].arrived == 16.0


def test_a_clip_whose_first_pictures_come_all_at_once_lasts_as_long_as_they_do():
    """Segments of HLS, and cameras that keep a group of pictures for whoever connects."""
    scene = Scene(recording_mode=RecordingMode.ALWAYS, pre_record_seconds=0)
    for number in range(60):
        packet = video_packet(VIDEO.units[0], number, FPS, is_keyframe=True)
        waited_s = max(0, 30 - number) / FPS
        scene.send(packet._replace(arrived=packet.arrived + waited_s))
    scene.recorder.closed()
    (clip,) = scene.clips
    assert len(clip.pictures) == 60
    assert (clip.ended.end_at - clip.spec.start_at).total_seconds() == pytest.approx(59 / FPS)


@pytest.mark.parametrize(
    "mode, moved_ago_s, covered_ago_s, begins_ago_s",
    [
        ("motion", 4, 2.5, 3),  # HD recorded the event's beginning: SD follows from its keyframe
        ("motion", 1, 2.5, 6),  # HD was gone before: nobody has the pre-roll yet
        ("motion", 4, None, 6),  # as far as the pre-roll reaches
        ("always", 0, 2.5, 3),
        ("always", 0, None, 5),
    ],
)
def test_what_the_other_stream_has_recorded_is_not_recorded_again(
    mode, moved_ago_s, covered_ago_s, begins_ago_s
):
    scene = Scene(recording_mode=RecordingMode(mode))
    scene.may_record = False
    scene.run(12)
    now = scene.clock.time
    scene.move(moved_ago_s, lasts_s=30)
    scene.covered_until = None if covered_ago_s is None else now - covered_ago_s
    scene.may_record = True
    scene.run(1 / FPS)
    (clip,) = scene.clips
    assert begins_ago_s - 0.2 <= now - clip.packets[0].arrived <= begins_ago_s + 1.2


def test_nothing_is_recorded_while_nothing_moves():
    scene = Scene()
    scene.run(30)
    assert not scene.clips


@pytest.mark.parametrize("pre_s", [0, 2, 5, 20])
def test_a_clip_begins_with_a_keyframe_at_least_the_pre_roll_before_the_event(pre_s):
    scene = Scene(pre_record_seconds=pre_s)
    scene.run(30.4)
    scene.move(seconds_ago=0.5)
    event_start = scene.event.start
    scene.run(1)
    (clip,) = scene.clips
    assert clip.packets[0].is_keyframe
    assert event_start - pre_s - 1 < clip.packets[0].arrived <= event_start - pre_s
    assert clip.packets == scene.sent[scene.sent.index(clip.packets[0]) :]


def test_a_clip_begins_with_what_there_is_when_the_stream_is_young():
    scene = Scene()
    scene.run(1.5)
    scene.move()
    scene.run(1)
    assert scene.clips[0].packets == scene.sent


def test_a_clip_knows_when_it_and_its_event_began_and_ended():
    scene = Scene()
    scene.run(20)
    scene.move(seconds_ago=1)
    scene.run(20)
    (clip,) = scene.clips
    event_at = BEGAN_AT + timedelta(seconds=scene.event.start)
    start_at = BEGAN_AT + timedelta(seconds=clip.packets[0].arrived)
    assert abs(clip.spec.event_start_at - event_at) < timedelta(milliseconds=1)
    assert abs(clip.spec.start_at - start_at) < timedelta(milliseconds=1)
    assert clip.spec.start_at.utcoffset() == start_at.astimezone().utcoffset()
    last_at = BEGAN_AT + timedelta(seconds=clip.packets[-1].arrived)
    assert abs(clip.ended.end_at - last_at) < timedelta(milliseconds=1)
    assert clip.spec.trigger is Trigger.MOTION


def test_a_clip_ends_after_its_post_roll():
    scene = Scene(post_record_seconds=10, min_recording_time=0)
    scene.run(10)
    scene.move(lasts_s=4)
    end = scene.event.end + 10
    scene.run(30)
    (clip,) = scene.clips
    assert clip.end
    assert end - 0.1 < clip.packets[-1].arrived < end


def test_an_event_that_begins_while_a_clip_runs_extends_it():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(12)
    scene.move()
    scene.run(12)
    scene.move()
    scene.run(40)
    (clip,) = scene.clips
    assert clip.packets[-1].arrived == pytest.approx(scene.event.start + 15, abs=0.1)


def test_an_event_after_the_end_is_another_clip_with_its_own_pre_roll():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(17)
    scene.move()
    scene.run(17)
    first, second = scene.clips
    assert second.packets[0].arrived <= scene.event.start - 5
    assert first.packets[-1].arrived > second.packets[0].arrived


@pytest.mark.parametrize(
    "announced, heard, recorded, has_track",
    [
        (True, True, True, True),
        (True, False, True, False),
        (True, True, False, False),
        (False, False, True, False),
    ],
)
def test_sound_is_taken_along_once_it_was_heard(announced, heard, recorded, has_track):
    sound = SOUND if announced else None
    scene = Scene(audio=sound, record_audio=recorded)
    scene.run(10, sound=heard)
    scene.move()
    scene.run(1, sound=heard)
    assert scene.clips[0].audio is (sound if has_track else None)


def test_sound_that_fell_silent_long_ago_is_not_announced():
    scene = Scene(audio=SOUND)
    scene.run(10, sound=True)
    scene.run(10)
    scene.move()
    scene.run(1)
    assert scene.clips[0].audio is None


def test_switching_recording_off_ends_the_clip():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.configure(is_recording_enabled=False)
    scene.run(3)
    (clip,) = scene.clips
    assert clip.packets[-1].arrived == pytest.approx(13, abs=0.1)


def test_another_stream_that_records_leaves_this_one_idle_and_then_ready():
    scene = Scene()
    scene.may_record = False
    scene.run(10)
    scene.move()
    scene.run(1)
    assert not scene.clips
    scene.may_record = True
    scene.run(2)
    assert scene.clips[0].packets[0].arrived <= scene.event.start - 5
    scene.may_record = False
    scene.run(1)
    assert scene.clips[0].end


def test_a_recording_by_hand_lasts_as_long_as_the_hand_says():
    scene = Scene(is_recording_enabled=False)
    scene.run(10)
    scene.shared.manual_since = scene.clock.time
    scene.run(60)
    scene.shared.manual_since = None
    scene.run(1)
    (clip,) = scene.clips
    assert clip.end
    assert clip.spec.trigger is Trigger.MANUAL
    assert clip.packets[0].arrived <= 5
    assert clip.packets[-1].arrived == pytest.approx(70, abs=0.1)


def test_the_motions_of_a_clip_count_from_its_start():
    scene = Scene()
    scene.run(10)
    for at in (1.0, 9.5, 11.0):
        scene.shared.moved(Motion(at=at, since=at, boxes=(), area_px=at, threshold_px=1, cells=b""))
    scene.move()
    scene.run(30)
    (clip,) = scene.clips
    start = clip.packets[0].arrived
    assert [motion.at + start for motion in clip.ended.motions] == [9.5, 11.0]


def test_a_clip_could_begin_from_the_first_keyframe_on():
    scene = Scene()
    scene.send(video_packet(VIDEO.units[1], 0, FPS, is_keyframe=False))
    assert not scene.recorder.ready
    scene.run(1)
    assert scene.recorder.ready


def test_a_snapshot_is_the_newest_full_frame_while_the_stream_is_open():
    scene = Scene(rotation=90)
    assert scene.recorder.snapshot() == b""
    for number, unit in enumerate(VIDEO.units[:12]):
        scene.send(video_packet(unit, number, FPS, is_keyframe=number == 0))
    png = np.frombuffer(scene.recorder.snapshot(), np.uint8)
    picture = cv2.imdecode(png, cv2.IMREAD_COLOR)
    assert picture is not None
    assert read_number(np.rot90(picture)) == 11
    scene.recorder.closed()
    assert scene.recorder.snapshot() == b""
