"""Exported files, decoded picture by picture: what is in them, for how long, and what is not."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import av
import numpy as np
import pytest

from tests.support.exporting import (
    FPS,
    START,
    Folder,
    Recorded,
    facts,
    grey,
    is_even,
    numbers,
    pictures,
    times,
)
from tests.support.video import numbered, read_number
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.export import exporter
from vms_desktop.core.export.request import ExportRequest, ExportTrack
from vms_desktop.core.library.archive import FailedPath


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.mark.parametrize("codec, tag", [("h264", "avc1"), ("hevc", "hvc1")])
def test_clips_are_joined_without_being_encoded(folder, codec, tag):
    a, b = folder.clip("a", 0, codec=codec), folder.clip("b", 60, first=100, codec=codec)
    (path,) = folder.export(a, b).outputs
    assert numbers(path) == [*range(20), *range(100, 120)]
    with av.open(str(path)) as joined, av.open(str(a.path)) as source:
        context = joined.streams.video[0].codec_context
        assert (context.name, context.codec_tag) == (codec, tag)
        given = [bytes(packet) for packet in source.demux(video=0) if packet.size]
        taken = [bytes(packet) for packet in joined.demux(video=0) if packet.size]
        assert taken[:20] == given


def test_a_gap_between_clips_closes_up(folder):
    (path,) = folder.export(folder.clip("a", 0), folder.clip("b", 600, first=100)).outputs
    assert facts(path)[0] == pytest.approx(4, abs=0.05)
    assert is_even(times(path))


def test_decoding_times_only_rise(folder):
    clips = [folder.clip(f"c{n}", n * 2.03, first=100 * n, audio=True) for n in range(4)]
    (path,) = folder.export(*clips).outputs
    with av.open(str(path)) as container:
        for stream in container.streams:
            container.seek(0)
            stamps = [p.dts for p in container.demux(stream) if p.dts is not None]
            assert stamps == sorted(set(stamps))


def test_sound_goes_along_for_the_whole_time(folder):
    (path,) = folder.export(
        folder.clip("a", 0, audio=True), folder.clip("b", 9, audio=True)
    ).outputs
    with av.open(str(path)) as container:
        sound = [
            frame for frame in container.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.1
        ]
    heard_s = sum(frame.samples / frame.sample_rate for frame in sound)
    assert heard_s == pytest.approx(4, abs=0.15)
    assert sound[-1].time == pytest.approx(4, abs=0.15)


def test_a_clip_without_sound_leaves_the_others_theirs_in_its_place(folder):
    (path,) = folder.export(folder.clip("a", 0), folder.clip("b", 9, audio=True)).outputs
    with av.open(str(path)) as container:
        heard = [frame.time or 0.0 for frame in container.decode(audio=0)]
    assert min(heard) == pytest.approx(2, abs=0.1)
    assert max(heard) == pytest.approx(4, abs=0.1)


def test_sounds_of_different_kinds_become_one(folder):
    clips = [folder.record("a", 0, rate=48_000), folder.record("b", 60, rate=16_000)]
    (path,) = folder.export(*clips).outputs
    with av.open(str(path)) as container:
        sound = list(container.decode(audio=0))
    assert {frame.sample_rate for frame in sound} == {48_000}
    assert sum(frame.samples for frame in sound) / 48_000 == pytest.approx(4, abs=0.15)
    assert sound[-1].time == pytest.approx(4, abs=0.15)
    assert numbers(path) == [*range(20)] * 2


def test_a_clip_that_a_crash_left_unfinished_is_joined_with_the_next(folder):
    """Whole up to its last fragment, it has no index."""
    torn, after = folder.record("a", 0, finish=False), folder.clip("b", 60, first=100)
    found = [number for path in folder.export(torn, after).outputs for number in numbers(path)]
    assert found == [*range(18), *range(100, 120)]  # The fragment that was begun is lost.


@pytest.mark.parametrize("overlap_s", [0.5, 1, 1.5])
def test_what_a_pre_roll_repeats_is_shown_once(folder, overlap_s):
    """The second clip begins with a keyframe that stands in the first one, too."""
    whole = folder.clip("whole", 0, 40)
    a = folder.cut(whole, "a", 0, 30, begins_s=0)
    b = folder.cut(whole, "b", 20, 40, begins_s=3 - overlap_s)  # It arrived in a group.
    (path,) = folder.export(a, b).outputs
    assert numbers(path) == list(range(40))


def test_clips_that_arrived_in_groups_lose_no_picture(folder):
    a, b = folder.clip("a", 0, 20), folder.clip("b", 1.7, 20, first=20)
    (path,) = folder.export(a, b).outputs
    assert numbers(path) == list(range(40))
    assert is_even(times(path))


def test_where_the_kind_of_picture_changes_a_new_file_begins(folder):
    sd = folder.clip("a", 0)
    hd = folder.clip("b", 2, first=100, width=320, height=192)
    result = folder.export(sd, hd)
    assert [numbers(path) for path in result.outputs] == [
        list(range(20)),
        list(range(100, 120)),
    ]


def test_encoded_both_stand_in_one_file_of_the_larger_size(folder):
    sd = folder.clip("a", 0)
    hd = folder.clip("b", 2, first=100, width=320, height=192)
    (path,) = folder.export(sd, hd, exact=True).outputs
    assert numbers(path) == [*range(20), *range(100, 120)]
    assert {picture.shape for picture in pictures(path)} == {(192, 320, 3)}


@pytest.mark.parametrize("exact, first", [(False, 10), (True, 14)])
def test_a_range_begins_with_its_frame_or_the_keyframe_before(folder, exact, first):
    start, end = START + timedelta(seconds=1.4), START + timedelta(seconds=2.7)
    (path,) = folder.export(folder.clip("a", 0, 40), start=start, end=end, exact=exact).outputs
    assert numbers(path) == list(range(first, 27))
    assert facts(path)[0] == pytest.approx((27 - first) / FPS, abs=0.06)
    assert is_even(times(path))


def test_a_range_that_begins_with_a_keyframe_is_copied_even_where_it_must_be_exact(folder):
    (path,) = folder.export(
        folder.clip("a", 0, 40, codec="hevc"), start=START + timedelta(seconds=2), exact=True
    ).outputs
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "hevc"
    assert numbers(path) == list(range(20, 40))


def test_a_range_over_two_clips_takes_the_end_of_one_and_the_beginning_of_the_other(folder):
    a, b = folder.clip("a", 0), folder.clip("b", 10, first=100)
    start, end = START + timedelta(seconds=1.5), START + timedelta(seconds=10.5)
    (path,) = folder.export(a, b, start=start, end=end, exact=True).outputs
    assert numbers(path) == [*range(15, 20), *range(100, 105)]


def test_a_cut_range_keeps_its_sound_in_step(folder):
    start = START + timedelta(seconds=1.5)
    clip = folder.clip("a", 0, 40, audio=True)
    (path,) = folder.export(clip, start=start, exact=True).outputs
    with av.open(str(path)) as container:
        heard = [frame.time for frame in container.decode(audio=0)]
    assert heard[0] == pytest.approx(0, abs=0.05)
    assert heard[-1] == pytest.approx(2.5, abs=0.1)


def test_nothing_in_the_range_makes_no_file(folder):
    later = START + timedelta(hours=1)
    assert folder.export(folder.clip("a", 0), start=later).outputs == ()
    assert folder.files() == []


def test_every_clip_in_a_file_of_its_own(folder):
    a, b = folder.clip("a", 0), folder.clip("b", 60, first=100)
    result = folder.export(a, b, concat=False)
    assert [numbers(path)[0] for path in result.outputs] == [0, 100]
    assert [path.name[-12:] for path in result.outputs] == [
        f"{clip.start_at:%H-%M-%S}.mp4" for clip in (a, b)
    ]


def test_every_camera_in_a_file_of_its_own(folder):
    tracks = (
        ExportTrack("Yard", (folder.clip("a", 0),)),
        ExportTrack("Door", (folder.clip("b", 0, first=100),)),
    )
    result = folder.run(ExportRequest(tracks=tracks, folder=folder.out))
    assert [(path.name[:4], numbers(path)[0]) for path in result.outputs] == [
        ("Yard", 0),
        ("Door", 100),
    ]
    assert folder.told[-1] == 1.0
    assert folder.told == sorted(folder.told)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_camera_is_turned_in_a_copy_and_in_what_is_encoded(folder, rotation):
    clip = folder.clip("a", 0, 30)
    (copied,) = folder.export(clip, rotation=rotation).outputs
    later = START + timedelta(seconds=1.4)
    (encoded,) = folder.export(clip, rotation=rotation, exact=True, start=later).outputs
    with av.open(str(copied)) as container:
        assert next(container.decode(video=0)).rotation % 360 == -rotation % 360
    turned = pictures(encoded)[7]
    assert turned.shape[:2] == ((160, 96) if rotation % 180 else (96, 160))
    assert read_number(np.rot90(turned, rotation // 90)) == 21


def test_time_and_name_stand_in_the_picture(folder):
    clip = folder.clip("a", 0.5, 20, paint=grey, width=640, height=360)
    (path,) = folder.export(clip, burn_in=True, name="Entrée").outputs
    frames = pictures(path)
    corner = frames[0][-24:, :300]
    assert corner.min() < 70
    assert corner.max() > 200
    assert abs(frames[0][:300].astype(int) - 128).max() < 12
    changes = [
        index
        for index, (one, other) in enumerate(pairwise(frames))
        if abs(one.astype(int) - other)[-24:, :400].max() > 60
    ]
    assert changes == [4, 14]  # The second changes 0.5 s after the first picture.


def test_a_burnt_in_file_keeps_every_picture_and_the_sound(folder):
    clips = folder.clip("a", 0, audio=True), folder.clip("b", 60, first=100, audio=True)
    (path,) = folder.export(*clips, burn_in=True).outputs
    assert numbers(path) == [*range(20), *range(100, 120)]
    assert is_even(times(path))
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(audio=0)) > 150


def test_a_clip_that_cannot_be_opened_is_passed_over_and_told(folder):
    broken = folder.clip("broken", 10)
    broken.path.write_bytes(b"no video" * 100)
    gone = replace(folder.clip("gone", 20), path=folder.folder / "not-there.mp4")
    result = folder.export(folder.clip("a", 0), broken, gone, folder.clip("b", 30, first=100))
    assert numbers(result.outputs[0]) == [*range(20), *range(100, 120)]
    assert result.failed == (
        FailedPath(broken.path, Problem.BAD_DATA),
        FailedPath(gone.path, Problem.NOT_FOUND),
    )


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_clip_that_goes_while_it_is_exported_costs_no_other(folder, lost, monkeypatch):
    clips = [folder.clip(name, 10 * n, first=100 * n) for n, name in enumerate("abc")]
    plan = exporter.plan_track

    def then_purged(*given):
        plans = plan(*given)
        clips[lost].path.unlink()
        return plans

    monkeypatch.setattr(exporter, "plan_track", then_purged)
    result = folder.export(*clips)
    left = [n for n in range(3) if n != lost]
    assert numbers(result.outputs[0]) == [100 * n + i for n in left for i in range(20)]
    assert facts(result.outputs[0])[1]["start_utc"][17:19] == f"{10 * left[0]:02}"
    assert result.failed == (FailedPath(clips[lost].path, Problem.NOT_FOUND),)
    assert len(folder.files()) == 1


def test_of_a_truncated_clip_the_readable_part_is_taken_and_it_is_told(folder):
    torn = folder.cut(folder.clip("whole", 0, 40), "torn", 0, 40, begins_s=0)
    torn.path.write_bytes(torn.path.read_bytes()[: torn.path.stat().st_size * 6 // 10])
    result = folder.export(torn, folder.clip("b", 30, first=100))
    found = numbers(result.outputs[0])
    assert found[-20:] == list(range(100, 120))
    assert found[:-20] == list(range(len(found) - 20))
    assert 10 < len(found) - 20 < 35
    assert is_even(times(result.outputs[0]))
    assert result.failed == (FailedPath(torn.path, Problem.BAD_DATA),)


@pytest.mark.parametrize("share", [0, 1])
def test_a_clip_of_which_nothing_is_left_makes_no_file(folder, share):
    """Its header stands, its pictures are cut off or zeros."""
    torn = folder.cut(folder.clip("whole", 0, 20), "torn", 0, 20, begins_s=0)
    data = torn.path.read_bytes()
    begin = data.index(b"mdat") + 4
    torn.path.write_bytes(data[:begin] + bytes(len(data) - begin) * share)
    result = folder.export(torn, burn_in=True)
    assert (result.outputs, folder.files()) == ((), [])
    assert result.failed == (FailedPath(torn.path, Problem.BAD_DATA),)


def test_frames_out_of_order_are_copied_whole(folder):
    """B-frames, as cameras with H.264 High at times send them."""
    paths = [folder.folder / f"b{n}.mp4" for n in range(2)]
    for n, path in enumerate(paths):
        with_b_frames(path, 30, first=100 * n)
    clips = [
        Recorded(path, at := START + timedelta(seconds=10 * n), at + timedelta(seconds=3))
        for n, path in enumerate(paths)
    ]
    (path,) = folder.export(*clips).outputs
    assert numbers(path) == [*range(30), *range(100, 130)]
    assert is_even(times(path))


def with_b_frames(path, count, first):
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=FPS, options={"bf": "2", "b-adapt": "0"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(first + index, 160, 96), format="bgr24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
