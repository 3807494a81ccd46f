"""What is done to the tree by hand is noticed; what cannot be read is not taken for gone."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.library import (
    DAY,
    LONG_AGO_S,
    NOW,
    at,
    moved,
    playable,
    put_clip,
    put_file,
    scanned,
    settle,
)
from vms_desktop.core.base import disk_service
from vms_desktop.core.index.entries import taken
from vms_desktop.core.index.index import ClipState
from vms_desktop.core.index.scan import scan_tree
from vms_desktop.core.index.writer import DayKey, Want

CHANGED = {("A", DAY)}


@pytest.fixture
def two(index, layout):
    """Two clips, known, and nothing has changed since."""
    clips = [put_clip(layout, at(text)) for text in ("10:00:00", "11:00:00")]
    settle(layout)
    scanned(index)
    return clips


def stems(index, day=DAY):
    return [clip.path.stem for clip in index.clips_of_day(day)]


def wanted(index, want):
    return [path.stem for path, _ in index.wanting(want, 10)]


def test_a_look_at_what_has_not_changed_changes_nothing(index, two):
    assert scanned(index) == set()
    assert stems(index) == ["10-00-00", "11-00-00"]


def test_a_clip_put_there_by_hand_is_noticed(index, two, layout):
    put_file(layout.clip_path("A", at("10:30:00")))
    assert scanned(index) == CHANGED
    assert stems(index) == ["10-00-00", "10-30-00", "11-00-00"]


def test_a_clip_put_where_folders_do_not_change_their_times_is_noticed(
    index, two, layout, monkeypatch, caplog
):
    monkeypatch.setattr(disk_service, "_told", set())
    put_file(layout.clip_path("A", at("10:30:00")))
    settle(layout)
    assert scanned(index) == set(), "here folders tell, and they say that nothing has changed"
    touch = Path.touch

    def touch_quietly(path, *args, **kwargs):
        touch(path, *args, **kwargs)
        os.utime(path.parent, (LONG_AGO_S, LONG_AGO_S))

    monkeypatch.setattr(disk_service, "_LONG_AGO_S", LONG_AGO_S)
    monkeypatch.setattr(Path, "touch", touch_quietly)
    assert scanned(index, try_folders=False) == set()
    assert scanned(index) == CHANGED
    assert stems(index) == ["10-00-00", "10-30-00", "11-00-00"]
    assert scanned(index) == set()
    assert caplog.text.count("does not change the times of folders") == 1
    assert not list(layout.recordings.glob(".probe*"))


def test_a_clip_removed_by_hand_is_noticed(index, two):
    two[0].path.unlink()
    assert scanned(index) == CHANGED
    assert stems(index) == ["11-00-00"]


@pytest.mark.parametrize(
    "name, expected", [("10-05-00.mp4", ["10-05-00", "11-00-00"]), ("cat.mp4", ["11-00-00"])]
)
def test_a_clip_renamed_by_hand_is_noticed(index, two, name, expected):
    two[0].path.rename(two[0].path.with_name(name))
    assert scanned(index) == CHANGED
    assert stems(index) == expected


def test_a_clip_replaced_by_another_is_noticed(index, two):
    other = two[0].path.with_name("new")
    other.write_bytes(playable() + bytes(100))
    other.replace(two[0].path)
    scanned(index)
    [clip, _] = index.clips_of_day(DAY)
    assert (clip.size_bytes, clip.state) == (len(playable()) + 100, ClipState.UNKNOWN)


def test_a_file_that_still_grows_is_looked_at_again(index, layout):
    path = put_file(layout.clip_path("A", at("10:00:00")), playable()[:100])
    os.utime(path, (NOW.timestamp() - 1,) * 2)
    os.utime(path.parent, (LONG_AGO_S,) * 2)
    scanned(index)
    path.write_bytes(playable())
    os.utime(path, (LONG_AGO_S,) * 2)
    os.utime(path.parent, (LONG_AGO_S,) * 2)
    assert scanned(index, everything=False) == CHANGED
    assert index.clips_of_day(DAY)[0].size_bytes == len(playable())
    assert scanned(index, everything=False) == set()


def test_a_day_or_a_camera_removed_by_hand_is_noticed(index, two, layout):
    put_clip(layout, at("10:00:00"), folder="B")
    scanned(index)
    shutil.rmtree(two[0].path.parent)
    assert scanned(index) == CHANGED
    assert [camera.folder for camera in index.folders()] == ["A", "B"]
    shutil.rmtree(layout.recordings / "A")
    shutil.rmtree(layout.recordings / "B")
    assert scanned(index) == {("B", DAY)}
    assert index.folders() == ()
    assert index.count() == 0


def test_a_folder_that_followed_its_cameras_name_keeps_its_clips(index, layout):
    put_clip(layout, at("10:00:00"), moved(1, (1, 1)))
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "A"}')
    settle(layout)
    scanned(index)
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "Garden"}')
    for tree in (layout.recordings, layout.thumbnails):
        (tree / "A").rename(tree / "Garden")
    list(scan_tree(index, NOW, everything=False))
    [clip] = index.clips_of_day(DAY)
    assert (clip.folder, clip.camera_name, clip.state) == ("Garden", "Garden", ClipState.OK)
    assert clip.path.is_file()
    assert scanned(index) == set()


def test_a_clip_recorded_under_the_new_name_first_costs_none_of_the_others(index, layout):
    """A recorder is often quicker than the look that notices the new name."""
    earlier = DAY - timedelta(days=1)
    for day in (DAY, earlier):
        put_clip(layout, at("10:00:00", day), moved(1, (1, 1)))
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "A"}')
    settle(layout)
    scanned(index)
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "Garden"}')
    for tree in (layout.recordings, layout.thumbnails):
        (tree / "A").rename(tree / "Garden")
    clip = put_clip(layout, at("11:00:00"), folder="Garden")
    index.upsert(taken(layout, clip, DayKey("Garden", DAY)))
    list(scan_tree(index, NOW, everything=False))
    assert [(c.folder, c.path.stem) for c in index.clips_of_day(earlier)] == [
        ("Garden", "10-00-00")
    ]
    scanned(index)
    assert stems(index) == ["10-00-00", "11-00-00"]
    assert {c.folder for c in index.clips_of_day(DAY)} == {"Garden"}
    assert [camera.folder for camera in index.folders()] == ["Garden"]
    assert index.count() == 3


def test_a_folder_on_its_way_to_a_new_name_is_left_for_later(index, layout):
    put_clip(layout, at("10:00:00"))
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "A"}')
    settle(layout)
    scanned(index)
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "G", "moving_to": "G"}')
    (layout.thumbnails / "A").rename(layout.thumbnails / "G")
    scanned(index, everything=False)
    assert index.clips_of_day(DAY)[0].has_thumbnail


def test_a_side_car_that_comes_later_is_read(index, layout):
    clip = put_clip(layout, at("10:00:00"), moved(1, (1, 1)))
    sidecar = layout.sidecar_path(clip.path)
    away = sidecar.rename(layout.root / "away")
    settle(layout)
    scanned(index)
    assert index.clips_of_day(DAY)[0].state is ClipState.UNKNOWN
    away.rename(sidecar)
    assert scanned(index) == CHANGED
    [found] = index.clips_of_day(DAY)
    assert (found.state, found.codec) == (ClipState.OK, "h264")
    assert found.strength > 0


def test_a_thumbnail_that_comes_or_goes_is_noticed(index, two, layout):
    thumbnail = layout.thumbnail_path(two[0].path)
    thumbnail.unlink()
    assert scanned(index) == CHANGED
    assert wanted(index, Want.THUMBNAIL) == ["10-00-00"]
    assert [clip.has_thumbnail for clip in index.clips_of_day(DAY)] == [False, True]
    put_file(thumbnail, b"jpeg")
    scanned(index)
    assert wanted(index, Want.THUMBNAIL) == []


@pytest.mark.parametrize(
    "data, state",
    [(b"", ClipState.UNREADABLE), (b"no video", ClipState.UNKNOWN), (None, ClipState.UNKNOWN)],
    ids=["empty", "not a video", "no side-car"],
)
def test_a_file_without_a_side_car_is_listed_and_wants_to_be_looked_at(index, layout, data, state):
    put_file(layout.clip_path("A", at("10:00:00")), data)
    scanned(index)
    [clip] = index.clips_of_day(DAY)
    assert (clip.state, clip.start_at) == (state, at("10:00:00"))
    assert (wanted(index, Want.PROBE) == []) is (state is ClipState.UNREADABLE)


def test_a_clip_cut_short_after_its_side_car_was_written_wants_to_be_looked_at(index, layout):
    clip = put_clip(layout, at("10:00:00"))
    clip.path.write_bytes(playable()[:500])
    scanned(index)
    assert index.clips_of_day(DAY)[0].state is ClipState.UNKNOWN
    assert wanted(index, Want.PROBE) == ["10-00-00"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\x00\x01"])
def test_a_torn_side_car_counts_as_none(index, layout, text):
    clip = put_clip(layout, at("10:00:00"))
    layout.sidecar_path(clip.path).write_text(text)
    scanned(index)
    [found] = index.clips_of_day(DAY)
    assert (found.state, found.start_at) == (ClipState.UNKNOWN, at("10:00:00"))


@pytest.mark.parametrize(
    "key, value",
    [
        ("width", 10**30),
        ("height", -1),
        ("camera_name", "\ud800"),
        ("camera_id", "\udfff"),
        ("peak", {"at": "2026-11-20T09:00:00Z", "area_px": float("nan")}),
        ("start", "9999-12-31T23:59:59.999999-12:00"),
    ],
)
def test_a_side_car_that_says_what_cannot_be_counts_as_none(index, layout, key, value):
    clip = put_clip(layout, at("10:00:00"), moved(1, (1, 1)))
    put_clip(layout, at("11:00:00"))
    sidecar = layout.sidecar_path(clip.path)
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), key: value}))
    scanned(index)
    found = {clip.path.stem: clip.state for clip in index.clips_of_day(DAY)}
    assert found == {"10-00-00": ClipState.UNKNOWN, "11-00-00": ClipState.OK}


def test_a_comment_that_is_no_unicode_is_shown_as_far_as_it_is(index, layout):
    path = put_file(layout.archives / "A" / f"{DAY}" / "10-00-00.mp4")
    layout.sidecar_path(path).write_text('{"comment": "a\\ud800b"}')
    scanned(index)
    assert index.clip(path).comment == "a?b"


@pytest.mark.parametrize("tree", ["recordings", "archives"])
def test_a_folder_whose_name_is_no_unicode_is_passed_over(index, layout, tree):
    put_clip(layout, at("10:00:00"))
    odd = os.fsdecode(os.fsencode(getattr(layout, tree)) + b"/Entr\xe9e")
    put_file(Path(odd) / f"{DAY}" / "10-00-00.mp4")
    scanned(index)
    assert [camera.folder for camera in index.folders()] == ["A"]


@pytest.mark.parametrize(
    "mark", ['{"id": [1], "name": "A"}', '{"id": "\\ud800", "name": "A"}', '{"id": 1, "name": 2}']
)
def test_a_mark_that_names_no_camera_counts_as_none(index, layout, mark):
    put_clip(layout, at("10:00:00"))
    layout.camera_mark("A").write_text(mark)
    scanned(index)
    assert [camera.camera_id for camera in index.folders()] == ["id-A"]


@pytest.mark.parametrize(
    "name", ["10-00-00.part", "10-00-00.mp4.tmp", "25-00-00.mp4", "10-00-00.mkv", ".10-00-00.mp4"]
)
def test_what_is_not_a_clip_is_not_listed(index, layout, name):
    put_file(layout.recordings / "A" / f"{DAY}" / name)
    scanned(index)
    assert index.count() == 0


def test_what_lies_elsewhere_is_not_listed(index, layout):
    for place in (".unreadable/A/2026-11-20/10-00-00.mp4", "A/10-00-00.mp4", "10-00-00.mp4"):
        put_file(layout.recordings / place)
    scanned(index)
    assert index.count() == 0


def test_a_recordings_disk_that_is_gone_has_lost_no_clips(index, two, layout):
    layout.recordings_mark.write_text("{}")
    scanned(index)
    away = layout.recordings.rename(layout.root / "away")
    layout.recordings.mkdir()  # the empty mount point
    assert scanned(index) == set()
    assert index.count() == 2
    layout.recordings.rmdir()
    assert scanned(index) == set()
    away.rename(layout.recordings)
    assert scanned(index) == set()
    assert index.count() == 2


def test_a_folder_whose_disk_fails_has_lost_no_clips(index, two, monkeypatch):
    def fail(path):
        raise OSError(5, "Input/output error")

    put_file(two[0].path.with_name("12-00-00.mp4"))
    monkeypatch.setattr(os, "listdir", fail)
    monkeypatch.setattr(os, "scandir", fail)
    scanned(index)
    assert index.count() == 2


def test_the_newest_days_come_first_and_progress_ends_at_the_whole(index, layout):
    for day in (18, 20, 19):
        put_clip(layout, at("10:00:00", DAY.replace(day=day)))
    steps = list(scan_tree(index, NOW))
    days = [day.day for step in steps for _, day in sorted(step.changed)]
    assert days == [20, 19, 18]
    assert steps[-1].done == steps[-1].total == 3
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_clip_deleted_while_its_day_is_read_does_not_come_back(index, layout):
    first = put_clip(layout, at("10:00:00"))
    for minute in range(40):
        put_clip(layout, at(f"11:{minute:02}:00"))
    settle(layout)
    steps = scan_tree(index, NOW)
    while not list(index.files_of(DayKey("A", DAY))):
        next(steps)
        first.path.unlink(missing_ok=True)
    list(steps)
    assert "10-00-00" not in stems(index)
    assert len(stems(index)) == 40


def test_a_rescan_reads_every_file_again(index, two, layout):
    text = layout.sidecar_path(two[0].path).read_text()
    layout.sidecar_path(two[0].path).write_text(text.replace("h264", "hevc"))
    settle(layout)
    assert scanned(index) == set()
    index.forget_stamps()
    assert stems(index) == ["10-00-00", "11-00-00"]
    assert scanned(index) == CHANGED
    assert index.clips_of_day(DAY)[0].codec == "hevc"


def test_a_look_at_the_latest_days_leaves_the_others(index, layout):
    put_clip(layout, at("10:00:00"))
    put_clip(layout, at("10:00:00", NOW.date()))
    settle(layout)
    assert scanned(index, everything=False) == {("A", NOW.date())}
