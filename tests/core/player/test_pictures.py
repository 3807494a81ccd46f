"""What the player gives: pictures, boxes, snapshots, sound."""

import json
from dataclasses import replace
from datetime import timedelta

import av
import cv2
import numpy as np
import pytest

from tests.support.playing import DAY, ROOM, Rig, write_files
from tests.support.video import read_number
from vms_desktop.core.base.picture import Box, Size, Viewport
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.media.audio import BYTES_PER_SECOND, SoundBuffer
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.player import track_player
from vms_desktop.core.player.orders import HearTrack, SaveFrame, ShowTrack
from vms_desktop.core.player.picture import ClipBoxes
from vms_desktop.core.player.sound import ClipSound
from vms_desktop.core.player.track import epoch_us, local_datetime


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def rig(files):
    rig = Rig(files)
    yield rig
    rig.close()


# What a picture carries.


def test_a_picture_tells_its_time_its_clip_and_its_stream(rig):
    rig.play_clips(cam=[("a", 0.25)])
    rig.seek(1.3)
    played = rig.shown["cam"][-1]
    assert played.at == local_datetime(epoch_us(DAY) + 1_250_000)
    assert played.clip.stem == "a"
    picture = played.picture
    assert (picture.source, picture.codec, picture.frame_rate) == ((320, 180), "H.264", 15)


def test_a_picture_is_turned_and_fitted_to_its_room(rig):
    rig.play_clips(cam=[("a", 0)], rotation=90)
    rig.tracks["cam"].take(ShowTrack(Viewport(92, 1000)))
    rig.seek(1)
    picture = rig.shown["cam"][-1].picture
    assert (picture.source, picture.pixels.shape) == ((180, 320), (162, 92, 4))


def test_nothing_is_converted_for_a_track_that_nobody_sees(rig):
    rig.play_clips(cam=[("a", 0)])
    rig.tracks["cam"].take(ShowTrack(None))
    rig.shown.clear()
    rig.seek(2)
    assert not rig.shown
    rig.tracks["cam"].take(ShowTrack(ROOM))
    rig.settle()
    assert rig.number() == 30


def test_boxes_come_from_the_side_car(rig, tmp_path, files):
    rig.folder = tmp_path
    (tmp_path / "a.mp4").write_bytes((files / "a.mp4").read_bytes())
    box = Box(0.1, 0.2, 0.3, 0.4)
    motion = Motion(at=1.0, since=1.0, boxes=(box,), area_px=1, threshold_px=1, cells=bytes(288))
    clip = Clip(
        camera_id="1", camera_name="Door", path=tmp_path / "a.mp4", start_at=DAY,
        end_at=DAY + timedelta(seconds=4), event_start_at=DAY, trigger=Trigger.MOTION,
        codec="h264", size=Size(320, 180), size_bytes=1,
        motions=(motion, replace(motion, at=1.2, boxes=(box, box))),
    )  # fmt: skip
    write_sidecar(tmp_path / "a.json", clip)
    rig.play_clips(cam=[("a", 0)])
    found = []
    for seconds in (0.65, 1.05, 1.25, 1.55):
        rig.seek(seconds)
        found.append(len(rig.shown["cam"][-1].picture.boxes))
    assert found == [0, 1, 2, 0]


@pytest.mark.parametrize(
    "at_s, left",
    [(0.65, None), (0.75, 0.1), (1.0, 0.1), (1.09, 0.1), (1.11, 0.2), (1.4, 0.2), (1.51, None)],
)
def test_boxes_are_those_of_the_moving_frame_nearest_in_time(at_s, left):
    motions = [
        Motion(
            at=at, since=at, boxes=(Box(x, 0.2, 0.3, 0.4),), area_px=1, threshold_px=1, cells=b""
        )
        for at, x in ((1.2, 0.2), (1.0, 0.1))
    ]
    assert [box.x for box in ClipBoxes(motions).at(at_s)] == ([] if left is None else [left])


def test_where_nothing_moved_there_are_no_boxes():
    assert ClipBoxes(()).at(0) == ()


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"version": 1})])
def test_a_side_car_that_is_torn_leaves_the_boxes_out(rig, tmp_path, files, text):
    rig.folder = tmp_path
    (tmp_path / "a.mp4").write_bytes((files / "a.mp4").read_bytes())
    (tmp_path / "a.json").write_text(text)
    rig.play_clips(cam=[("a", 0)])
    rig.seek(1)
    assert rig.shown["cam"][-1].picture.boxes == ()


def test_a_snapshot_is_the_full_frame_that_is_shown(rig, tmp_path):
    rig.play_clips(cam=[("a", 0)], rotation=180)
    rig.tracks["cam"].take(ShowTrack(Viewport(64, 36)))
    rig.seek(1.5)
    rig.tracks["cam"].take(SaveFrame(tmp_path / "shot.png"))
    pixels = np.asarray(cv2.imread(str(tmp_path / "shot.png")), np.uint8)
    assert (pixels.shape, read_number(np.rot90(pixels, 2))) == ((180, 320, 3), 22)
    assert rig.told[-1] == ("cam", "saved", tmp_path / "shot.png")


def test_a_snapshot_that_cannot_be_is_told(rig, tmp_path):
    rig.play_clips(cam=[("a", 0)])
    (tmp_path / "file").write_bytes(b"")
    rig.tracks["cam"].take(SaveFrame(tmp_path / "file" / "shot.png"))
    rig.seek(30)
    rig.tracks["cam"].take(SaveFrame(tmp_path / "none.png"))
    assert [told for told in rig.told if told[1] == "saved"] == [("cam", "saved", None)] * 2


# Sound.


def heard_s(buffer):
    """How much sound waits that is none of silence."""
    samples = np.frombuffer(buffer.take(BYTES_PER_SECOND), np.int16)
    return np.count_nonzero(samples) * 2 / BYTES_PER_SECOND


def test_sound_is_played_at_its_own_pace(rig):
    buffer = SoundBuffer()
    rig.play_clips(cam=[("sound", 0)])
    rig.tracks["cam"].take(HearTrack(buffer))
    rig.seek(1)
    rig.player.play(1)
    rig.settle()
    parts = [heard_s(buffer)]
    for _ in range(20):
        rig.run(0.1)
        parts.append(heard_s(buffer))
    assert sum(parts) == pytest.approx(2.0 + track_player.SHOW_S + 0.2, abs=0.1)
    rig.run(0.1)
    rig.player.pause()
    rig.settle()
    assert heard_s(buffer) == 0


def delayed(source, target, by_s):
    """A file whose times begin later, as those that were cut out of a longer one."""
    with av.open(str(source)) as given, av.open(str(target), "w") as taken:
        streams = {s.index: taken.add_stream_from_template(s) for s in given.streams}
        for packet in given.demux():
            if packet.size:
                packet.pts += round(by_s / packet.time_base)
                packet.dts += round(by_s / packet.time_base)
                packet.stream = streams[packet.stream.index]
                taken.mux(packet)
    return target


def test_sound_is_that_of_the_picture_where_a_files_times_do_not_begin_at_zero(files, tmp_path):
    path = delayed(files / "sound.mp4", tmp_path / "late.mp4", by_s=0.5)
    with av.open(str(path)) as container:
        assert (container.streams.video[0].start_time or 0) > 0
    buffer = SoundBuffer()
    sound = ClipSound(buffer)
    sound.feed(path, 3_900_000, generation=1)
    sound_s = heard_s(buffer)
    sound.close()
    assert sound_s == pytest.approx(0.1, abs=0.05)  # It is four seconds long.


@pytest.mark.parametrize("rate", [0.5, 2, -1])
def test_other_rates_are_silent(rig, rate):
    buffer = SoundBuffer()
    rig.play_clips(cam=[("sound", 0)])
    rig.tracks["cam"].take(HearTrack(buffer))
    rig.seek(2)
    rig.player.play(rate)
    rig.settle()
    rig.run(0.5)
    assert heard_s(buffer) == 0


def test_a_clip_without_sound_is_silent(rig):
    buffer = SoundBuffer()
    rig.play_clips(cam=[("a", 0)])
    rig.tracks["cam"].take(HearTrack(buffer))
    rig.player.play(1)
    rig.settle()
    rig.run(0.5)
    assert heard_s(buffer) == 0
