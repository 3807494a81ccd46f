import os
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path

import av
import pytest

from tests.support.video import clip_bytes, encode
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import read_sidecar, write_sidecar
from vms_desktop.core.library.archive import archive_clip
from vms_desktop.core.library.tree import (
    clips_of_day,
    oldest_clips,
    recordings_bytes,
    recover_parts,
)

DAY = date(2026, 11, 22)
FLAGS = "hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof+use_metadata_tags"
TAGS = {"camera_id": "a", "camera_name": "Entrée", "start_utc": "2026-11-22T13:31:03.250Z"}


def put(layout, name, content=b"clip", changed_at=None):
    path = layout.recordings / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if changed_at:
        os.utime(path, (changed_at.timestamp(),) * 2)
    return path


def names(layout, clips):
    return [layout.relative(clip.path).removeprefix("recordings/") for clip in clips]


class Killed(BytesIO):
    """A file whose writer was killed: what the muxer writes later is lost."""

    killed = False

    def write(self, data):
        return len(data) if self.killed else super().write(data)


def half_written(seconds=3, tags=TAGS):
    """What is on the disk of a clip of `seconds` when the program is killed."""
    video = encode(seconds * 15, width=320, height=180)
    target = Killed()
    source = av.open(BytesIO(video.annex_b), "r", format="h264", options={"framerate": "15"})
    container = av.open(
        target,
        "w",
        format="mp4",
        options={"movflags": FLAGS, "frag_duration": "1000000", "flush_packets": "1"},
    )
    container.metadata.update(tags)
    track = container.add_stream_from_template(source.streams.video[0])
    time_base = source.streams.video[0].time_base
    assert time_base is not None
    step = round(1 / 15 / time_base)
    for number, packet in enumerate(p for p in source.demux() if p.size):
        packet.pts = packet.dts = number * step
        packet.stream = track
        container.mux(packet)
    target.killed = True
    container.close()
    source.close()
    return target.getvalue()


@pytest.fixture(scope="module")
def part():
    return half_written()


def test_the_oldest_clips_of_all_cameras_come_first(layout):
    for name in (
        "B/2026-11-21/10-00-00.mp4",
        "A/2026-11-22/09-00-00.mp4",
        "A/2026-11-20/23-00-00.mp4",
        "A/2026-11-22/08-00-00-10.mp4",
        "A/2026-11-22/08-00-00-2.mp4",
        "A/2026-11-22/08-00-00.mp4",
        "A/2026-11-22/08-00-00.part",
        "A/2026-11-22/holiday.mp4",
        "A/notes/08-00-00.mp4",
        ".unreadable/2026-11-01/08-00-00.mp4",
    ):
        put(layout, name)
    (layout.archives / "A" / "2026-01-01").mkdir(parents=True)
    (layout.archives / "A" / "2026-01-01" / "08-00-00.mp4").touch()
    assert names(layout, oldest_clips(layout)) == [
        "A/2026-11-20/23-00-00.mp4",
        "B/2026-11-21/10-00-00.mp4",
        "A/2026-11-22/08-00-00.mp4",
        "A/2026-11-22/08-00-00-2.mp4",
        "A/2026-11-22/08-00-00-10.mp4",
        "A/2026-11-22/09-00-00.mp4",
    ]
    assert names(layout, oldest_clips(layout, "B")) == ["B/2026-11-21/10-00-00.mp4"]


def test_the_tree_is_read_only_as_far_as_it_is_asked(layout, monkeypatch):
    for day in range(10, 20):
        put(layout, f"A/2026-11-{day}/08-00-00.mp4")
    listed = []
    listdir = os.listdir

    def spy(path):
        listed.append(Path(path).name)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", spy)
    assert len(list(islice(oldest_clips(layout), 2))) == 2
    assert [name for name in listed if name.startswith("2026")] == ["2026-11-10", "2026-11-11"]


def test_an_empty_data_folder_has_no_clips(layout):
    assert list(oldest_clips(layout)) == []
    assert clips_of_day(layout, DAY) == []
    assert recover_parts(layout) == []
    assert recordings_bytes(layout) == 0


def test_recordings_bytes_counts_what_is_being_written_too(layout):
    put(layout, "A/2026-11-22/08-00-00.mp4", bytes(100))
    put(layout, "B/2026-11-22/08-00-00.part", bytes(20))
    assert recordings_bytes(layout) == 120


def test_clips_of_a_day_come_from_their_sidecars_newest_first(layout):
    start_at = datetime(2026, 11, 22, 8, tzinfo=UTC)
    clips = []
    for number, folder in enumerate(("A", "B", "A")):
        begin_at = start_at + timedelta(hours=number)
        clip = Clip(
            camera_id=folder.lower(),
            camera_name=folder,
            path=put(layout, f"{folder}/2026-11-22/{8 + number:02}-00-00.mp4"),
            start_at=begin_at,
            end_at=begin_at + timedelta(seconds=20),
            event_start_at=begin_at + timedelta(seconds=5),
            trigger=Trigger.MOTION,
            codec="h264",
            size=Size(640, 360),
            size_bytes=4,
        )
        write_sidecar(layout.sidecar_path(clip.path), clip)
        clips.append(clip)
    put(layout, "A/2026-11-21/08-00-00.mp4")
    assert clips_of_day(layout, DAY) == clips[::-1]


def test_what_was_archived_belongs_to_its_day_still(layout):
    for name in ("A/2026-11-22/08-00-00.mp4", "A/2026-11-22/09-00-00.mp4"):
        put(layout, name)
    archived = archive_clip(layout, layout.recordings / "A/2026-11-22/08-00-00.mp4", DAY)
    [newest, kept] = clips_of_day(layout, DAY)
    assert (newest.path.stem, kept.path) == ("09-00-00", archived)


@pytest.mark.parametrize(
    "changed_after_s, duration_s", [(20, 20), (-5, 0), (86_400, 0), (3600, 3600)]
)
def test_a_clip_of_the_web_version_tells_what_its_file_tells(changed_after_s, duration_s, layout):
    start_at = datetime(2026, 11, 22, 14, 31, 3).astimezone()
    changed_at = start_at + timedelta(seconds=changed_after_s)
    path = put(layout, "Front_door/2026-11-22/14-31-03.mp4", bytes(7), changed_at)
    [clip] = clips_of_day(layout, DAY)
    assert (clip.path, clip.camera_id, clip.camera_name) == (path, "", "Front_door")
    assert (clip.start_at, clip.duration_s, clip.size_bytes) == (start_at, duration_s, 7)
    layout.camera_mark("Front_door").write_text('{"id": "a", "name": "Front door"}')
    [clip] = clips_of_day(layout, DAY)
    assert (clip.camera_id, clip.camera_name) == ("a", "Front door")


def test_a_part_that_a_kill_has_left_becomes_a_clip(part, layout):
    path = put(layout, "A/2026-11-22/14-31-03.part", part)
    [clip] = recover_parts(layout)
    assert clip.path == path.with_suffix(".mp4")
    assert not path.exists()
    assert (clip.camera_id, clip.camera_name) == ("a", "Entrée")
    assert clip.start_at == datetime(2026, 11, 22, 13, 31, 3, 250_000, tzinfo=UTC)
    assert (clip.codec, clip.size, clip.size_bytes) == ("h264", Size(320, 180), len(part))
    assert 1.9 <= clip.duration_s <= 3.0
    assert recover_parts(layout) == []


def test_a_recovery_that_is_killed_leaves_no_clip_without_a_side_car(part, layout, monkeypatch):
    put(layout, "A/2026-11-22/14-31-03.part", part)
    described = []

    def rename(part, path):
        described.append(layout.sidecar_path(path).exists())
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        assert recover_parts(layout) == []
    assert described == [True]
    [clip] = recover_parts(layout)
    assert read_sidecar(layout.sidecar_path(clip.path), clip.path) == clip


def test_a_part_without_tags_belongs_to_its_folder_and_its_name(layout):
    put(layout, "A/2026-11-22/14-31-03-2.part", half_written(2, {}))
    layout.camera_mark("A").write_text('{"id": "x", "name": "Door"}')
    [found] = recover_parts(layout)
    assert (found.camera_id, found.camera_name) == ("x", "Door")
    assert found.start_at == datetime(2026, 11, 22, 14, 31, 3).astimezone()


def test_a_part_whose_tags_are_damaged_becomes_a_clip_all_the_same(layout):
    data = half_written()
    damaged = data.replace(b"Entr", b"E\xffr\xfe")
    assert damaged != data
    put(layout, "Entree/2026-11-22/14-31-03.part", damaged)
    [found] = recover_parts(layout)
    assert (found.path.name, found.codec) == ("14-31-03.mp4", "h264")


def test_a_recovered_clip_overwrites_nothing(part, layout):
    put(layout, "A/2026-11-22/14-31-03.mp4", b"a clip")
    put(layout, "A/2026-11-22/14-31-03.part", part)
    [found] = recover_parts(layout)
    assert found.path.name == "14-31-03-2.mp4"
    assert (layout.recordings / "A/2026-11-22/14-31-03.mp4").read_bytes() == b"a clip"


def test_a_whole_file_that_was_never_renamed_becomes_a_clip(layout):
    put(layout, "A/2026-11-22/14-31-03.part", clip_bytes(15))
    [found] = recover_parts(layout)
    assert found.duration_s == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "name, content",
    [
        ("14-31-03.part", b""),
        ("14-31-03.part", b"no video" * 1000),
        ("14-31-03.part", clip_bytes(15).replace(b"avc1", b"zzz1")),
        ("14-31-03.part", "header"),
        ("notes.part", b"text"),
    ],
)
def test_what_nobody_can_play_is_kept_apart(name, content, part, layout):
    data = part[: part.index(b"moof") - 4] if content == "header" else content
    for _ in range(2):
        put(layout, f"A/2026-11-22/{name}", data)
        assert recover_parts(layout) == []
    kept = sorted(layout.unreadable.rglob("*.part*"))
    assert [layout.relative(path) for path in kept] == [
        f"recordings/.unreadable/A/2026-11-22/{name}{end}" for end in ("", ".2")
    ]
    assert {path.read_bytes() for path in kept} == {data}


@pytest.mark.usefixtures("paris")
def test_in_the_repeated_hour_in_autumn_no_clip_takes_anothers_name(layout):
    first_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone()
    second_at = (first_at.astimezone(UTC) + timedelta(hours=1)).astimezone()
    for start_at in (first_at, second_at):
        path = layout.free_clip_path("A", start_at)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert first_at.utcoffset() != second_at.utcoffset()
    assert names(layout, oldest_clips(layout)) == [
        "A/2026-10-25/02-30-00.mp4",
        "A/2026-10-25/02-30-00-2.mp4",
    ]


@pytest.mark.usefixtures("paris")
@pytest.mark.parametrize("hour_utc", [0, 1])
@pytest.mark.parametrize("duration_s", [20, 3600])
def test_in_the_repeated_hour_a_files_change_tells_which_one_its_name_means(
    layout, hour_utc, duration_s
):
    start_at = datetime(2026, 10, 25, hour_utc, 30, tzinfo=UTC).astimezone()
    path = layout.clip_path("A", start_at).relative_to(layout.recordings)
    put(layout, path, changed_at=start_at + timedelta(seconds=duration_s))
    [clip] = clips_of_day(layout, date(2026, 10, 25))
    assert (clip.start_at, clip.duration_s) == (start_at, duration_s)


@pytest.mark.usefixtures("paris")
def test_a_name_that_no_clock_here_has_shown_is_read_as_if_it_had_gone_on(layout):
    put(layout, "A/2026-03-29/02-30-00.mp4", changed_at=datetime(2026, 11, 1, tzinfo=UTC))
    [clip] = clips_of_day(layout, date(2026, 3, 29))
    assert clip.start_at.isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.usefixtures("paris")
def test_a_part_without_tags_of_the_second_hour_begins_in_it(layout):
    start_at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone()
    part = layout.clip_path("A", start_at).with_suffix(".part").relative_to(layout.recordings)
    put(layout, part, half_written(2, {}), start_at + timedelta(seconds=2))
    [found] = recover_parts(layout)
    assert found.start_at == start_at


def test_an_unreadable_part_does_not_hide_a_good_one(part, layout):
    put(layout, "A/2026-11-22/14-00-00.part", b"x")
    put(layout, "A/2026-11-22/14-31-03.part", part)
    put(layout, "B/2026-11-22/15-00-00.part", b"y")
    [clip] = recover_parts(layout)
    assert layout.relative(clip.path) == "recordings/A/2026-11-22/14-31-03.mp4"
