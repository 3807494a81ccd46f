"""Clips of the web version get what they lack; nothing that exists is spoilt."""

import json
import logging
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.support.failing_file import fail_behind_header
from tests.support.library import DAY, at, playable, put_clip, put_file, scanned, settle
from tests.support.video import clip_bytes, crossing
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.picture import Box, Size
from vms_desktop.core.clips.sidecar import read_motion_grid, read_sidecar
from vms_desktop.core.index import backfill
from vms_desktop.core.index.backfill import Backfiller, DiskFailedError
from vms_desktop.core.index.entries import taken
from vms_desktop.core.index.index import ClipState
from vms_desktop.core.index.search import search_area
from vms_desktop.core.index.writer import DayKey, Want
from vms_desktop.core.player.clip_reader import ClipReader
from vms_desktop.core.player.picture import ClipBoxes

START_AT = at("10:00:00")


@cache
def walked() -> bytes:
    """Eight seconds; something crosses the middle from the second to the fifth."""
    return clip_bytes(120, paint=crossing([(30, 75)]))


def adopt(index, *wants, rotation=0):
    """Give every clip what it lacks; the steps of it."""
    backfiller = Backfiller(index, lambda _: rotation, nullcontext)
    return [step for want in wants or Want for step in backfiller.steps(want)]


def only(index):
    [clip] = index.clips_of_day(DAY)
    return clip


def test_a_clip_without_anything_gets_everything(index, layout):
    path = put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index)
    clip = only(index)
    assert (clip.state, clip.codec, clip.size) == (ClipState.OK, "h264", Size(320, 180))
    assert clip.end_at - clip.start_at == timedelta(seconds=8)
    assert clip.has_thumbnail
    assert layout.thumbnail_path(path).read_bytes()[:2] == b"\xff\xd8"
    assert clip.strength > 0
    assert 2 < (clip.event_start_at - START_AT).total_seconds() < 3
    described = read_sidecar(layout.sidecar_path(path), path)
    assert described is not None
    assert (described.start_at, described.size_bytes) == (START_AT, len(walked()))
    grid = read_motion_grid(layout.sidecar_path(path))
    assert grid is not None
    moving = grid.reshape(len(grid), -1).max(axis=1)
    assert moving[3]
    assert not moving[[0, 7]].any()
    [hit] = search_area(index, Box(0.4, 0.4, 0.2, 0.2), DAY, DAY)
    assert hit.clip == clip
    assert path.read_bytes() == walked()


def test_its_boxes_stand_where_the_thing_is_while_it_moves(index, layout):
    path = put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index)
    boxes = ClipBoxes.read(layout.sidecar_path(path), path)
    for frame in range(40, 70):
        left = (frame - 30) * 280 // 45
        [box] = boxes.at(frame / 15)
        # Its middle, as far as it goes in half the time between two analysed frames.
        assert box.x * 320 - 8 < left + 20 < (box.x + box.width) * 320 + 8
        assert abs((box.x + box.width / 2) * 320 - (left + 20)) < 20
        assert box.y < 0.5 < box.y + box.height


def test_what_was_adopted_is_found_described_by_the_next_index(index, layout):
    put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index)
    before = only(index)
    index.forget_stamps()
    scanned(index)
    assert only(index) == before
    assert adopt(index, Want.PROBE, Want.THUMBNAIL, Want.GRID) == []


def test_its_length_is_known_before_the_slow_work_is_done(index, layout):
    put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index, Want.PROBE)
    assert only(index).duration_s == 8
    assert not only(index).has_thumbnail


def test_the_newest_clips_come_first_and_progress_counts_clips(index, layout):
    for hour in (10, 12, 11):
        put_file(layout.clip_path("A", at(f"{hour}:00:00")))
    scanned(index)
    done = [step.done for step in adopt(index, Want.PROBE) if step.changed]
    assert done == [1, 2, 3]


@pytest.mark.parametrize("codec", ["hevc", "mjpeg"])
def test_clips_of_other_codecs_are_adopted(index, layout, codec):
    put_file(layout.clip_path("A", START_AT), clip_bytes(15, codec=codec, gop=5))
    scanned(index)
    adopt(index)
    assert (only(index).codec, only(index).state) == (codec, ClipState.OK)
    assert only(index).has_thumbnail


@pytest.mark.parametrize(
    "data",
    [b"no video at all", playable()[: len(playable()) // 2], playable()[:40], bytes(5000)],
    ids=["not a video", "truncated", "cut in its header", "zeros"],
)
def test_a_file_that_cannot_be_played_is_shown_as_such_and_left_alone(index, layout, data, caplog):
    path = put_file(layout.clip_path("A", START_AT), data)
    with caplog.at_level(logging.WARNING):
        scanned(index)
        adopt(index)
    assert only(index).state is ClipState.UNREADABLE
    assert path.read_bytes() == data
    assert list(layout.root.rglob("*.j*")) == []
    assert "cannot be played" in caplog.text
    assert adopt(index) == []


def test_a_good_clip_is_adopted_beside_bad_ones(index, layout):
    for minute, data in enumerate((b"bad", playable(), b"", b"worse")):
        put_file(layout.clip_path("A", at(f"10:0{minute}:00")), data)
    scanned(index)
    adopt(index)
    states = [clip.state for clip in index.clips_of_day(DAY)]
    bad = ClipState.UNREADABLE
    assert states == [bad, ClipState.OK, bad, bad]


def test_a_clip_cut_short_behind_its_header_keeps_the_side_car_that_it_has(index, layout):
    clip = put_clip(layout, START_AT)
    before = layout.sidecar_path(clip.path).read_bytes()
    clip.path.write_bytes(playable()[:40])
    scanned(index)
    adopt(index)
    assert only(index).state is ClipState.UNREADABLE
    assert layout.sidecar_path(clip.path).read_bytes() == before


def test_a_missing_thumbnail_is_made_turned_as_the_camera_is(index, layout):
    clip = put_clip(layout, START_AT, thumbnail=False)
    clip.path.write_bytes(playable())
    scanned(index)
    sidecar = layout.sidecar_path(clip.path).read_bytes()
    adopt(index, Want.THUMBNAIL, rotation=90)
    assert only(index).has_thumbnail
    assert layout.thumbnail_path(clip.path).exists()
    assert layout.sidecar_path(clip.path).read_bytes() == sidecar


def test_a_thumbnail_that_is_there_is_never_replaced(index, layout):
    path = put_file(layout.clip_path("A", START_AT))
    thumbnail = put_file(layout.thumbnail_path(path), b"a person's own")
    scanned(index)
    adopt(index)
    assert thumbnail.read_bytes() == b"a person's own"


def test_a_torn_side_car_is_written_anew(index, layout):
    clip = put_clip(layout, START_AT)
    sidecar = layout.sidecar_path(clip.path)
    sidecar.write_bytes(sidecar.read_bytes()[:100])
    scanned(index)
    adopt(index)
    assert read_sidecar(sidecar, clip.path) is not None
    assert only(index).state is ClipState.OK


def test_a_side_car_of_an_unknown_kind_is_left_as_it_is(index, layout):
    path = put_file(layout.clip_path("A", START_AT), walked())
    text = b'{"version": 9, "from": "the future"}'
    put_file(layout.sidecar_path(path), text)
    scanned(index)
    adopt(index)
    assert layout.sidecar_path(path).read_bytes() == text
    assert only(index).state is ClipState.OK
    assert only(index).strength > 0


def test_an_archived_clip_of_the_web_version_keeps_its_comment(index, layout):
    path = put_file(layout.archive_path(layout.clip_path("A", START_AT)), walked())
    put_file(layout.sidecar_path(path), json.dumps({"comment": "le chat", "x": 1}).encode())
    scanned(index)
    adopt(index)
    clip = only(index)
    assert (clip.comment, clip.is_archived, clip.duration_s) == ("le chat", True, 8)
    meta = json.loads(layout.sidecar_path(path).read_bytes())
    assert (meta["comment"], meta["x"], meta["version"]) == ("le chat", 1, 1)
    assert layout.thumbnail_path(path).parent == path.parent
    assert np.any(read_motion_grid(layout.sidecar_path(path)))


def test_a_comment_that_cannot_be_read_is_not_overwritten(index, layout):
    path = put_file(layout.archive_path(layout.clip_path("A", START_AT)), walked())
    torn = put_file(layout.sidecar_path(path), b'{"comment": "le ch')
    scanned(index)
    adopt(index)
    assert torn.read_bytes() == b'{"comment": "le ch'
    assert only(index).state is ClipState.OK


def test_a_clip_that_vanishes_meanwhile_is_forgotten(index, layout):
    path = put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    steps = Backfiller(index, lambda _: 0, nullcontext).steps(Want.GRID)
    next(steps)
    path.unlink()
    list(steps)
    assert index.count() == 0
    assert not layout.sidecar_path(path).exists()


def test_a_disk_that_takes_nothing_leaves_what_was_found_in_the_index(
    index, layout, monkeypatch, caplog
):
    def refuse(*_args, **_options):
        raise StorageError(StorageProblem.READ_ONLY)

    put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    monkeypatch.setattr(backfill, "write_whole", refuse)
    adopt(index)
    assert only(index).strength > 0
    assert not only(index).has_thumbnail
    assert "not written" in caplog.text


def test_a_disk_that_fails_says_nothing_of_the_clip(index, layout, monkeypatch):
    def fail(_path):
        raise OSError(5, "Input/output error")

    put_file(layout.clip_path("A", START_AT))
    scanned(index)
    monkeypatch.setattr(backfill, "probe_file", fail)
    with pytest.raises(DiskFailedError):
        adopt(index, Want.PROBE)
    assert only(index).state is ClipState.UNKNOWN
    monkeypatch.undo()
    adopt(index, Want.PROBE)
    assert only(index).state is ClipState.OK


def test_a_clip_that_the_disk_gives_in_part_gets_no_half_of_a_grid(index, layout, monkeypatch):
    path = put_file(layout.clip_path("A", START_AT), walked())
    other = put_file(layout.clip_path("A", at("09:00:00")), walked())
    scanned(index)
    adopt(index, Want.PROBE)
    fail_behind_header(monkeypatch, path)
    adopt(index, Want.GRID)
    assert not layout.sidecar_path(path).exists()
    assert layout.sidecar_path(other).exists()


def test_a_clip_of_a_codec_that_nobody_here_knows_keeps_no_other_from_its_turn(index, layout):
    put_file(layout.clip_path("A", at("11:00:00")), walked().replace(b"avc1", b"zzz1"))
    put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index)
    states = {clip.path.stem: clip.state for clip in index.clips_of_day(DAY)}
    assert states == {"10-00-00": ClipState.OK, "11-00-00": ClipState.UNREADABLE}


def test_a_file_that_must_not_be_read_keeps_no_other_from_its_turn(index, layout, monkeypatch):
    forbidden = put_file(layout.clip_path("A", at("11:00:00")))
    put_file(layout.clip_path("A", START_AT))
    scanned(index)
    probe = backfill.probe_file

    def refuse(path):
        if path == forbidden:
            raise PermissionError(13, "Permission denied")
        return probe(path)

    monkeypatch.setattr(backfill, "probe_file", refuse)
    adopt(index, Want.PROBE)
    states = {clip.path.stem: clip.state for clip in index.clips_of_day(DAY)}
    assert states == {"10-00-00": ClipState.OK, "11-00-00": ClipState.UNKNOWN}


def test_tags_that_are_no_unicode_spoil_no_clip(index, layout):
    """As other programs write them."""
    latin = walked().replace(b"VideoHandler", b"Vid\xe9oHandler")
    assert latin != walked()
    path = put_file(layout.clip_path("A", START_AT), latin)
    scanned(index)
    adopt(index)
    clip = only(index)
    assert (clip.state, clip.has_thumbnail, clip.strength > 0) == (ClipState.OK, True, True)
    ClipReader(path).close()


def test_what_was_said_of_a_clip_while_it_was_watched_stays(index, layout):
    path = put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    adopt(index, Want.PROBE, Want.THUMBNAIL)
    watching = Backfiller(index, lambda _: 0, nullcontext).steps(Want.GRID)
    next(watching)
    clip = replace(put_clip(layout, START_AT, length_s=7), path=path)
    put_file(path, walked())
    index.upsert(taken(layout, clip, DayKey("A", DAY)))
    list(watching)
    assert only(index).duration_s == 7
    assert index.count_wanting(Want.GRID) == 0


def test_slow_work_is_done_in_steps_of_a_frame(index, layout):
    put_file(layout.clip_path("A", START_AT), walked())
    scanned(index)
    # Once to learn the background, once to judge.
    assert len(adopt(index, Want.GRID)) >= 2 * 120


def test_nothing_else_is_written(index, layout):
    path = put_file(layout.clip_path("A", START_AT))
    part = put_file(path.with_name("11-00-00.part"), b"half")
    other = put_file(path.with_name("notes.txt"), b"mine")
    settle(layout)
    scanned(index)
    adopt(index)
    made = {found for found in layout.root.rglob("*.*") if "index" not in found.name}
    expected = {path, part, other, layout.thumbnail_path(path), layout.sidecar_path(path)}
    assert {found for found in made if found.is_file()} == expected
    assert (part.read_bytes(), other.read_bytes()) == (b"half", b"mine")
