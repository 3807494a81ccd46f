"""What cuts a clip in two, or breaks it off: another picture, sound, clock, name, a full disk."""

from dataclasses import replace

import pytest

from tests.support.packets import (
    BEGAN_AT,
    facts,
    small,
)
from tests.support.recorder_scene import FPS, LARGE, OTHER_RATE, SOUND, SOUND_BASE, VIDEO, Scene
from vms_desktop.core.camera.recorder import FLOWING_S, MAX_CLIP_S
from vms_desktop.core.config.camera import RecordingMode
from vms_desktop.core.stream.bitstream.nal import parameter_sets_of
from vms_desktop.core.stream.packets.packet import AudioFacts


def test_a_clip_is_cut_at_ten_minutes_at_a_keyframe_and_no_packet_is_lost_or_doubled():
    scene = Scene(recording_mode=RecordingMode.ALWAYS)
    scene.run(1300, sound=True)
    assert len(scene.clips) == 3
    assert [packet for clip in scene.clips for packet in clip.packets] == scene.sent
    for clip in scene.clips:
        assert clip.packets[0].is_video
        assert clip.packets[0].is_keyframe
        assert clip.packets[-1].arrived - clip.packets[0].arrived <= MAX_CLIP_S + 1


@pytest.mark.parametrize("step_s, clips", [(1.5, 1), (-1.5, 1), (2.5, 2), (-3600, 2), (86400, 2)])
def test_a_step_of_the_wall_clock_begins_a_new_clip(step_s, clips):
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(5)
    scene.clock.step_s = step_s
    scene.run(5)
    assert len(scene.clips) == clips
    newest = scene.clips[-1]
    offset_s = (newest.spec.start_at - BEGAN_AT).total_seconds() - newest.packets[0].arrived
    assert offset_s == pytest.approx(step_s if clips == 2 else 0, abs=0.01)


def test_another_size_begins_a_new_clip_at_its_keyframe():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(5)
    scene.run(5, video=LARGE)
    first, second = scene.clips
    assert first.packets[-1].arrived < 15 <= second.packets[0].arrived
    assert second.packets[0] == scene.sent[15 * FPS]


def test_parameter_sets_that_change_nothing_that_is_seen_stay_in_the_clip_and_its_pre_roll():
    scene = Scene()
    for _ in range(5):  # By turns, as two encoders in one camera send them.
        scene.run(1)
        scene.run(1, video=OTHER_RATE)
    scene.move()
    scene.run(5)
    (clip,) = scene.clips
    assert clip.packets[0].arrived == 4
    assert (
        len({parameter_sets_of(bytes(p.data), "h264") for p in clip.packets if p.is_keyframe}) == 2
    )


@pytest.mark.parametrize("kind", [{"pixel_format": "yuv422p"}, {"width": 162}])
def test_another_shape_begins_a_new_clip(kind):
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(2)
    scene.run(2, video=small(2, **kind))
    assert [clip.packets[0].arrived for clip in scene.clips] == [4, 12]


def test_the_same_parameter_sets_in_every_keyframe_change_nothing():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(10)
    assert len(scene.clips) == 1


def test_parameter_sets_seen_for_the_first_time_are_not_a_change():
    scene = Scene()
    scene.recorder.opened(replace(facts(VIDEO), parameters=b""), None)
    scene.run(10)
    scene.move()
    scene.run(1)
    assert scene.clips[0].packets[0].arrived == 4


def test_a_broken_timeline_begins_a_new_clip_at_the_next_keyframe():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(4.5)
    scene.send_broken()
    scene.run(3)
    first, second = scene.clips
    assert second.packets[0].is_keyframe
    assert second.packets[0].arrived == pytest.approx(15)
    from_first = scene.sent.index(first.packets[0])
    assert first.packets + second.packets == scene.sent[from_first:]


def test_what_was_kept_from_before_a_break_leads_the_next_clip():
    scene = Scene()
    scene.run(9.5)
    scene.send_broken()
    scene.run(2)
    scene.move()
    scene.run(2)
    (clip,) = scene.clips
    assert clip.packets[0].arrived == 6
    assert clip.packets == scene.sent[6 * FPS :]


def test_a_lost_stream_ends_the_clip_and_joins_nothing_across_the_loss():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(2)
    scene.recorder.closed()
    assert scene.clips[0].end
    scene.recorder.opened(facts(VIDEO), None)
    scene.run(2)
    assert scene.clips[1].packets[0].arrived == 12


def test_a_new_name_cuts_the_clip_with_the_next_keyframe_and_no_picture_is_in_both_or_in_none():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3.4)
    scene.configure(name="Back door")
    assert not scene.clips[0].end
    scene.run(3)
    first, second = scene.clips
    assert (first.spec.camera.name, second.spec.camera.name) == ("Front door", "Back door")
    assert second.packets[0].is_keyframe
    assert first.packets + second.packets == scene.sent[scene.sent.index(first.packets[0]) :]


def test_a_new_name_ends_the_clip_of_a_silent_stream_at_once():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.clock.time += FLOWING_S + 0.1
    scene.configure(name="Back door")
    assert scene.clips[0].end


def test_a_stream_that_the_other_one_relieves_ends_with_its_group_and_repeats_nothing():
    """HD is back for moments, again and again, between two keyframes of SD."""
    scene = Scene(recording_mode=RecordingMode.ALWAYS)
    scene.covered_until = 0.0
    scene.run(5.2)
    for _ in range(3):
        scene.may_record = False
        scene.run(0.2)
        scene.covered_until = scene.clock.time
        scene.may_record = True
        scene.run(0.6)
        scene.may_record = False
        scene.run(1.5)
        scene.covered_until = scene.clock.time - 0.5
        scene.may_record = True
        scene.run(1)
    recorded = [packet.arrived for clip in scene.clips for packet in clip.packets]
    assert len(scene.clips) > 3
    assert len(recorded) == len(set(recorded))
    assert all(clip.packets[0].is_keyframe for clip in scene.clips)


def test_an_event_that_goes_on_after_its_clip_ended_has_no_pre_roll_that_is_there_already():
    scene = Scene(post_record_seconds=0, min_recording_time=0)
    scene.run(10)
    scene.move(lasts_s=2)
    scene.run(4)
    assert scene.clips[0].end
    scene.shared.event = replace(scene.event, end=scene.clock.time + 2)
    scene.run(4)
    first, second = scene.clips
    twice = [packet for packet in second.packets if packet in first.packets]
    # A clip begins with a keyframe: the group in which the first one ended leads there.
    assert all(packet.arrived >= first.packets[-1].arrived - 1 for packet in twice)
    everything = scene.sent[scene.sent.index(first.packets[0]) :]
    assert [packet for packet in everything if packet.arrived <= second.packets[-1].arrived] == [
        *first.packets,
        *(packet for packet in second.packets if packet not in twice),
    ]


def test_a_change_that_concerns_no_clip_cuts_none():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.configure(sensitivity=10, retention_days=3, pre_record_seconds=7)
    scene.run(3)
    assert len(scene.clips) == 1


def test_a_clip_that_cannot_be_written_on_ends_and_another_begins_when_the_disk_is_ready():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(2)
    scene.shelf.ready, scene.shelf.fails = False, True
    scene.run(2)
    assert len(scene.clips) == 1
    assert scene.clips[0].end
    scene.shelf.ready, scene.shelf.fails = True, False
    scene.run(2)
    second = scene.clips[1]
    # From the pre-roll: what came while the disk was full is not lost.
    assert second.packets == scene.sent[scene.sent.index(second.packets[0]) :]
    assert second.packets[0].arrived <= scene.clips[0].packets[-1].arrived


def test_a_clip_whose_sound_is_refused_goes_on_at_once_without_it(caplog):
    scene = Scene(audio=SOUND, recording_mode=RecordingMode.ALWAYS)
    scene.shelf.refuses_sound = True
    scene.run(30, sound=True)
    first, second = scene.clips
    assert (first.audio, second.audio) == (SOUND, None)
    assert second.packets[0].arrived <= first.packets[-1].arrived
    assert second.packets == scene.sent[scene.sent.index(second.packets[0]) :]
    assert len(caplog.records) == 1
    caplog.clear()


def test_sound_that_was_refused_is_tried_again_with_the_next_connection(caplog):
    scene = Scene(audio=SOUND, recording_mode=RecordingMode.ALWAYS)
    scene.shelf.refuses_sound = True
    scene.run(5, sound=True)
    scene.recorder.closed()
    scene.recorder.opened(facts(VIDEO), SOUND)
    scene.run(5, sound=True)
    assert [clip.audio for clip in scene.clips] == [SOUND, None, SOUND, None]
    caplog.clear()


def test_clips_that_are_refused_for_whatever_reason_are_not_begun_with_every_packet(caplog):
    scene = Scene(recording_mode=RecordingMode.ALWAYS)
    scene.shelf.fails = True
    scene.run(300)
    assert 5 < len(scene.clips) < 12
    assert len(caplog.records) == 1
    caplog.clear()


def test_sound_that_changes_its_kind_begins_a_new_clip():
    one, other = (AudioFacts("aac", rate, 1, SOUND_BASE) for rate in (8_000, 16_000))
    scene = Scene(audio=one, recording_mode=RecordingMode.ALWAYS)
    for kind in (one, other):
        scene.run(15, sound=True, kind=kind)
    first, second = scene.clips
    assert (first.audio, second.audio) == (one, other)
    assert second.packets[0].is_keyframe
    pictures = [packet for packet in scene.sent if packet.is_video]
    assert first.pictures + second.pictures == pictures


def test_sound_that_keeps_changing_makes_no_clip_of_every_keyframe():
    kinds = [AudioFacts("aac", rate, 1, SOUND_BASE) for rate in (8_000, 16_000)]
    scene = Scene(audio=kinds[0], recording_mode=RecordingMode.ALWAYS)
    for kind in kinds * 15:
        scene.run(2.1, sound=True, kind=kind)
    assert len(scene.clips) <= 7


def test_a_keyframe_that_is_none_costs_nothing_but_the_wait_for_the_next():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.shelf.refuses = True
    scene.run(0.5)
    scene.shelf.refuses = False
    scene.run(2)
    (clip,) = scene.clips
    assert clip.packets[0].is_keyframe
    assert clip.packets[0].arrived == 11
