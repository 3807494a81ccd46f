"""A side-car tells of a clip or of none, and a folder's mark of a camera or of none."""

import math
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.properties import given
from tests.support.strategies import damaged, json_bytes, names, noise, whole
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Box, Size
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.clips.folders import claim_folder, read_folder_owner
from vms_desktop.core.clips.sidecar import (
    MAX_SECONDS,
    read_motion_grid,
    read_sidecar,
    read_sidecar_entry,
    read_sidecar_facts,
    write_sidecar,
)
from vms_desktop.core.clips.torn_end import pass_over_torn_end
from vms_desktop.core.config.declared import is_text
from vms_desktop.core.motion import MOTION_GRID, MOTION_GRID_BYTES, Motion

CLIP_PATH = Path("/r/A/2026-11-20/10-00-00.mp4")
# The grid of a day, which a side-car may hold in a few bytes: packed, and a byte a cell.
GRID_BYTES = MAX_SECONDS * (MOTION_GRID_BYTES * 2 + MOTION_GRID.width * MOTION_GRID.height)


@given(data=st.one_of(json_bytes(material.sidecars), noise()))
def test_a_sidecar_is_read_whatever_it_holds(data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(data)
        with bounded(len(data), limit_bytes=GRID_BYTES + 2**21):
            found = read_sidecar(path, CLIP_PATH)
            bare = read_sidecar(path, CLIP_PATH, motions=False)
            facts = read_sidecar_facts(path, CLIP_PATH)
            read_motion_grid(path)
            read_sidecar_entry(path)
        assert facts.clip == bare
        if found is None:
            return
        assert replace(found, motions=()) == bare
        assert all(math.isfinite(each.at) for each in found.motions)
        shares = [share for each in found.motions for box in each.boxes for share in box]
        assert all(map(math.isfinite, shares))
        again = Path(folder) / "again.json"
        write_sidecar(again, found)
        told = read_sidecar(again, CLIP_PATH, motions=False)
        area_px = round(found.peak_area_px, 1) if found.peak_at else 0
        assert told == replace(bare, peak_area_px=area_px)


motions = st.builds(
    lambda at, boxes, cells: Motion(at, at, tuple(boxes), 0, 0, cells),
    st.floats(0, 100),
    st.lists(st.builds(Box, *[st.floats(0, 1)] * 4), max_size=3),
    st.binary(min_size=MOTION_GRID_BYTES, max_size=MOTION_GRID_BYTES),
)


@given(
    name=st.text(whole, max_size=20),
    moments=st.lists(st.integers(0, 10**7), min_size=3, max_size=3),
    size=st.builds(Size, st.integers(0, 65535), st.integers(0, 65535)),
    trigger=st.sampled_from(Trigger),
    motions=st.lists(motions, max_size=4),
)
def test_what_is_written_of_a_clip_is_read_again(name, moments, size, trigger, motions):
    start_at, event_at, end_at = (
        material.START_AT.astimezone() + timedelta(milliseconds=ms) for ms in sorted(moments)
    )
    clip = replace(
        material.clip(), camera_name=name, path=CLIP_PATH, start_at=start_at, end_at=end_at,
        event_start_at=event_at, peak_at=event_at, size=size, trigger=trigger,
        motions=tuple(motions),
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        write_sidecar(path, clip)
        found = read_sidecar(path, CLIP_PATH)
    assert found is not None
    assert replace(found, motions=()) == replace(clip, motions=())
    assert found.start_at.astimezone(UTC) == start_at
    assert [len(each.boxes) for each in found.motions] == [len(each.boxes) for each in motions]


MARKS = ({"id": "1", "name": "Door"}, {"id": "2", "name": "Yard", "moving_to": "Yard_2"})


@given(data=st.one_of(json_bytes(lambda: MARKS), noise()), name=names.filter(is_text))
def test_a_camera_has_a_folder_of_its_own_whatever_its_mark_says(data, name):
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder) / "data")
        before = layout.camera_mark("Door")
        before.parent.mkdir(parents=True)
        before.write_bytes(data)
        (Path(folder) / "outside").mkdir()
        with bounded(len(data)):
            read_folder_owner(layout, "Door")
            claim = claim_folder(layout, "1", "Door")
            other = claim_folder(layout, "2", name, {"1": claim.folder})
        assert claim.folder.casefold() != other.folder.casefold()
        for owned, camera_id in ((claim, "1"), (other, "2")):
            place = layout.recordings / owned.folder
            assert place.parent == layout.recordings
            assert place.is_dir()
            owner = read_folder_owner(layout, owned.folder)
            assert owner is not None
            assert owner.id == camera_id
        assert sorted(each.name for each in Path(folder).iterdir()) == ["data", "outside"]


@given(data=damaged(material.mp4_files, 3))
def test_a_torn_end_is_passed_over_and_nothing_else_is_changed(data):
    with TemporaryDirectory() as folder, bounded(len(data)):
        path = Path(folder) / "x.part"
        path.write_bytes(data)
        was_torn = pass_over_torn_end(path)
        again = path.read_bytes()
        assert len(again) == len(data)
        assert sum(a != b for a, b in zip(again, data, strict=True)) <= 8 * was_torn
        assert not pass_over_torn_end(path)
