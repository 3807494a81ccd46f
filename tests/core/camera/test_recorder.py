"""The recorder with a list as its sink and a clock set by hand."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.support.packets import (
    BEGAN_AT,
    HandClock,
    audio_packet,
    camera,
    facts,
    small,
    video_packet,
)
from tests.support.video import read_number
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.camera.recorder import MAX_CLIP_S, Recorder
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.config.camera import RecordingMode
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.events import Event
from vms_desktop.core.stream.bitstream.nal import parameter_sets_of
from vms_desktop.core.stream.packets.packet import AudioFacts

FPS = 15
VIDEO = small(15)
LARGE = small(1, width=320)
OTHER_RATE = small(1, fps=12)
SOUND_BASE = VIDEO_BASE = facts(VIDEO).time_base


@dataclass
class Clip:
    """What a sink was told of one clip."""

    spec: object
    audio: object
    packets: list = field(default_factory=list)
    end: object = None

    @property
    def pictures(self):
        return [packet for packet in self.packets if packet.is_video]


class Shelf:
    """A sink that keeps clips in a list, and fails when it is told to."""

    def __init__(self):
        self.ready = True
        self.fails = False
        self.refuses = False
        self.clips = []

    def begin(self, spec, first, audio):
        if self.refuses:
            raise StreamError(Problem.BAD_DATA)
        self.clips.append(Clip(spec, audio))
        return len(self.clips) - 1

    def write(self, number, packet):
        assert self.clips[number].end is None
        if not self.fails:
            self.clips[number].packets.append(bare(packet))
        return not self.fails

    def finish(self, number, end):
        assert self.clips[number].end is None
        self.clips[number].end = end


def bare(packet):
    """The packet with its bytes, which can be compared."""
    return packet._replace(data=bytes(packet.data))


class Scene:
    """A camera's stream that runs, 15 pictures a second and a keyframe in each."""

    def __init__(self, audio=None, **changes):
        self.clock = HandClock()
        self.shared = CameraShared(camera(**changes))
        self.shelf = Shelf()
        self.may_record = True
        self.covered_until = None
        self.recorder = Recorder(
            self.shared,
            self.shelf,
            self.clock,
            lambda _: self.may_record,
            lambda: self.covered_until,
        )
        self.recorder.opened(facts(VIDEO), audio)
        self.number = 0
        self.sent = []

    @property
    def clips(self):
        return self.shelf.clips

    def run(self, seconds, *, sound=False, video=VIDEO):
        for _ in range(round(seconds * FPS)):
            key = self.number % FPS == 0
            unit = video.units[0] if key else VIDEO.units[1]
            self.send(video_packet(unit, self.number, FPS, is_keyframe=key))
            if sound:
                ticks = round(1 / FPS / SOUND_BASE)
                self.send(audio_packet(b"tone", self.number, base=SOUND_BASE, ticks=ticks))
            self.number += 1

    def send(self, packet):
        self.clock.time = packet.arrived
        self.sent.append(bare(packet))
        self.recorder.packet(packet)

    def move(self, seconds_ago=0.0, lasts_s=0.0):
        start = self.clock.time - seconds_ago
        self.shared.event = Event(start, start + lasts_s)

    def configure(self, **changes):
        self.shared.camera = replace(self.shared.camera, **changes)
        self.recorder.configure(self.shared.camera)


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
    assert (clip.end.end_at - clip.spec.start_at).total_seconds() == pytest.approx(59 / FPS)


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
    event_start = scene.shared.event.start
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
    event_at = BEGAN_AT + timedelta(seconds=scene.shared.event.start)
    start_at = BEGAN_AT + timedelta(seconds=clip.packets[0].arrived)
    assert abs(clip.spec.event_start_at - event_at) < timedelta(milliseconds=1)
    assert abs(clip.spec.start_at - start_at) < timedelta(milliseconds=1)
    assert clip.spec.start_at.utcoffset() == start_at.astimezone().utcoffset()
    last_at = BEGAN_AT + timedelta(seconds=clip.packets[-1].arrived)
    assert abs(clip.end.end_at - last_at) < timedelta(milliseconds=1)
    assert clip.spec.trigger is Trigger.MOTION


def test_a_clip_ends_after_its_post_roll():
    scene = Scene(post_record_seconds=10, min_recording_time=0)
    scene.run(10)
    scene.move(lasts_s=4)
    end = scene.shared.event.end + 10
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
    assert clip.packets[-1].arrived == pytest.approx(scene.shared.event.start + 15, abs=0.1)


def test_an_event_after_the_end_is_another_clip_with_its_own_pre_roll():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(17)
    scene.move()
    scene.run(17)
    first, second = scene.clips
    assert second.packets[0].arrived <= scene.shared.event.start - 5
    assert first.packets[-1].arrived > second.packets[0].arrived


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
    broken = video_packet(VIDEO.units[1], scene.number, FPS, is_keyframe=False)
    scene.send(broken._replace(breaks=True))
    scene.number += 1
    scene.run(3)
    first, second = scene.clips
    assert second.packets[0].is_keyframe
    assert second.packets[0].arrived == pytest.approx(15)
    from_first = scene.sent.index(first.packets[0])
    assert first.packets + second.packets == scene.sent[from_first:]


def test_what_was_kept_from_before_a_break_leads_the_next_clip():
    scene = Scene()
    scene.run(9.5)
    broken = video_packet(VIDEO.units[1], scene.number, FPS, is_keyframe=False)
    scene.send(broken._replace(breaks=True))
    scene.number += 1
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
    sound = object() if announced else None
    scene = Scene(audio=sound, record_audio=recorded)
    scene.run(10, sound=heard)
    scene.move()
    scene.run(1, sound=heard)
    assert scene.clips[0].audio is (sound if has_track else None)


def test_sound_that_fell_silent_long_ago_is_not_announced():
    scene = Scene(audio=object())
    scene.run(10, sound=True)
    scene.run(10)
    scene.move()
    scene.run(1)
    assert scene.clips[0].audio is None


def test_a_new_name_cuts_the_clip_and_goes_on_from_the_pre_roll():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.configure(name="Back door")
    assert scene.clips[0].end
    scene.run(3)
    first, second = scene.clips
    assert (first.spec.camera.name, second.spec.camera.name) == ("Front door", "Back door")
    assert second.packets[0].is_keyframe
    assert second.packets[0].arrived <= first.packets[-1].arrived
    assert second.packets == scene.sent[scene.sent.index(second.packets[0]) :]


def test_a_change_that_concerns_no_clip_cuts_none():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.configure(sensitivity=10, retention_days=3, pre_record_seconds=7)
    scene.run(3)
    assert len(scene.clips) == 1


def test_switching_recording_off_ends_the_clip():
    scene = Scene()
    scene.run(10)
    scene.move()
    scene.run(3)
    scene.configure(is_recording_enabled=False)
    scene.run(3)
    (clip,) = scene.clips
    assert clip.packets[-1].arrived == pytest.approx(13, abs=0.1)


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


def refusing_sound(scene):
    """The sink's muxer refuses clips that have sound."""
    write = scene.shelf.write

    def refuse(number, packet):
        return write(number, packet) and not scene.clips[number].audio

    scene.shelf.write = refuse


def test_a_clip_whose_sound_is_refused_goes_on_at_once_without_it(caplog):
    sound = object()
    scene = Scene(audio=sound, recording_mode=RecordingMode.ALWAYS)
    refusing_sound(scene)
    scene.run(30, sound=True)
    first, second = scene.clips
    assert (first.audio, second.audio) == (sound, None)
    assert second.packets[0].arrived <= first.packets[-1].arrived
    assert second.packets == scene.sent[scene.sent.index(second.packets[0]) :]
    assert len(caplog.records) == 1
    caplog.clear()


def test_sound_that_was_refused_is_tried_again_with_the_next_connection(caplog):
    sound = object()
    scene = Scene(audio=sound, recording_mode=RecordingMode.ALWAYS)
    refusing_sound(scene)
    scene.run(5, sound=True)
    scene.recorder.closed()
    scene.recorder.opened(facts(VIDEO), sound)
    scene.run(5, sound=True)
    assert [clip.audio for clip in scene.clips] == [sound, None, sound, None]
    caplog.clear()


def test_clips_that_are_refused_for_whatever_reason_are_not_begun_with_every_packet(caplog):
    scene = Scene(recording_mode=RecordingMode.ALWAYS)
    scene.shelf.fails = True
    scene.run(300)
    assert 5 < len(scene.clips) < 12
    assert len(caplog.records) == 1
    caplog.clear()


def kinds_of_sound(scene, kinds, seconds):
    """The stream's sound is of one kind after the other."""
    for kind in kinds:
        for _ in range(round(seconds * FPS)):
            scene.run(1 / FPS)
            ticks = round(1 / FPS / SOUND_BASE)
            scene.send(
                audio_packet(b"tone", scene.number, base=SOUND_BASE, ticks=ticks, sound=kind)
            )


def test_sound_that_changes_its_kind_begins_a_new_clip():
    one, other = (AudioFacts("aac", rate, 1, SOUND_BASE) for rate in (8_000, 16_000))
    scene = Scene(audio=one, recording_mode=RecordingMode.ALWAYS)
    kinds_of_sound(scene, [one, other], 15)
    first, second = scene.clips
    assert (first.audio, second.audio) == (one, other)
    assert second.packets[0].is_keyframe
    pictures = [packet for packet in scene.sent if packet.is_video]
    assert first.pictures + second.pictures == pictures


def test_sound_that_keeps_changing_makes_no_clip_of_every_keyframe():
    kinds = [AudioFacts("aac", rate, 1, SOUND_BASE) for rate in (8_000, 16_000)]
    scene = Scene(audio=kinds[0], recording_mode=RecordingMode.ALWAYS)
    kinds_of_sound(scene, kinds * 15, 2.1)
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


def test_another_stream_that_records_leaves_this_one_idle_and_then_ready():
    scene = Scene()
    scene.may_record = False
    scene.run(10)
    scene.move()
    scene.run(1)
    assert not scene.clips
    scene.may_record = True
    scene.run(2)
    assert scene.clips[0].packets[0].arrived <= scene.shared.event.start - 5
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
    assert [motion.at + start for motion in clip.end.motions] == [9.5, 11.0]


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
    assert read_number(np.rot90(picture)) == 11
    scene.recorder.closed()
    assert scene.recorder.snapshot() == b""
