"""Journals of gaps, what the last run left open, and the tree are read whatever stands there."""

import os
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.library import playable, put_file
from tests.support.properties import given
from tests.support.strategies import damaged, json_bytes, names, noise
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library import gap_repair
from vms_desktop.core.library.gap_repair import shrink_journals
from vms_desktop.core.library.gaps import Gap, GapJournal, open_gaps, read_gaps, split_by_day
from vms_desktop.core.library.retention import its_return
from vms_desktop.core.library.storage_guard import StorageGuard
from vms_desktop.core.library.tree import StoredClip, clips_of_day, oldest_clips, recover_parts

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

journals = st.lists(st.one_of(json_bytes(material.gap_lines), noise(60)), max_size=6).map(
    b"\n".join
)


@given(data=journals)
def test_a_journal_is_read_whatever_it_holds(data):
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        path = layout.gaps_path("Door", DAY)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        with bounded(len(data)):
            gaps = read_gaps(layout, "Door", DAY)
        assert gaps == sorted(gaps, key=lambda gap: gap.start_at)
        for gap in gaps:
            assert gap.start_at < gap.end_at
            gap.reason.encode()
        assert len({(gap.start_at, gap.reason) for gap in gaps}) == len(gaps)


@given(data=journals)
def test_what_a_journal_tells_stays_when_it_is_made_small(data):
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        path = layout.gaps_path("Door", DAY)
        path.parent.mkdir(parents=True)
        path.write_bytes(data + b"\n{}" * 3)
        before = read_gaps(layout, "Door", DAY)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gap_repair, "SWOLLEN_BYTES", 0)
            portions = list(shrink_journals(layout, nullcontext))
        assert portions
        assert path.stat().st_size <= len(data) + 1
        assert read_gaps(layout, "Door", DAY) == before


@given(data=st.one_of(json_bytes(material.heartbeats), noise()))
def test_the_next_run_begins_whatever_the_last_one_left(data):
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder) / "data")
        layout.root.mkdir()
        layout.heartbeat_json.write_bytes(data)
        with bounded(len(data)):
            for gaps in open_gaps(layout).values():
                read_gaps(layout, "Door", DAY, gaps)
            journal = GapJournal(layout)
            journal.opened("a", "Door", NOON, "inactive")
            journal.recover(NOON, {"a": "Door", "b": "Yard"})
            journal.closed("a", NOON + timedelta(hours=1))
            journal.flush(NOON + timedelta(hours=2))
        assert [each.name for each in Path(folder).iterdir()] == ["data"]
        told = {path.parent.parent for path in layout.root.rglob("*.jsonl")}
        assert told <= {layout.gaps}
        assert read_gaps(layout, "Door", DAY)


@given(
    gaps=st.lists(
        st.tuples(st.integers(0, 86_399), st.integers(1, 3 * 86_400), st.sampled_from("abc")),
        max_size=5,
    ),
    cut=st.integers(0, 60),
)
def test_a_journal_that_a_crash_has_cut_loses_its_last_line_alone(gaps, cut):
    with TemporaryDirectory() as folder:
        layout, journal = Layout(Path(folder)), GapJournal(Layout(Path(folder)))
        start_at = datetime(2026, 11, 20, tzinfo=UTC)
        for number, (since_s, length_s, reason) in enumerate(gaps):
            at = start_at + timedelta(days=number, seconds=since_s)
            journal.opened("a", "Door", at, reason)
            journal.closed("a", at + timedelta(seconds=length_s))
        journal.flush(start_at + timedelta(days=30))
        for path in layout.gaps.rglob("*.jsonl"):
            day = date.fromisoformat(path.stem)
            before = read_gaps(layout, "Door", day)
            path.write_bytes(path.read_bytes()[:-cut] if cut else path.read_bytes())
            assert len(read_gaps(layout, "Door", day)) >= len(before) - 1
            assert {gap.start_at for gap in read_gaps(layout, "Door", day)} <= {
                gap.start_at for gap in before
            }


@given(
    moments=st.lists(
        st.datetimes(datetime(1901, 1, 1), datetime(8999, 1, 1), timezones=st.just(UTC)),
        min_size=2,
        max_size=2,
    )
)
def test_a_gap_falls_into_days_that_tile_it(moments):
    start_at, end_at = sorted(moments)
    with bounded(0):
        parts = [part for _, part in split_by_day(Gap(start_at, end_at, "paused"))]
    assert all(before.end_at == part.start_at for before, part in pairwise(parts))
    assert not parts or parts[-1].end_at == end_at


@given(
    data=st.one_of(json_bytes(lambda: ({"id": "a1"},)), noise()), mark=st.sampled_from(["", "a1"])
)
def test_a_folder_is_the_one_that_was_marked_or_none(data, mark):
    with TemporaryDirectory() as folder, bounded(len(data)):
        layout = Layout(Path(folder))
        layout.recordings.mkdir()
        layout.recordings_mark.write_bytes(data)
        guard = StorageGuard(layout, mark)
        problem = guard.check()
        assert problem in (None, StorageProblem.MISSING)
        assert guard.mark or problem
        assert StorageGuard(layout, guard.mark).check() == problem
        guard.adopt()
        assert guard.check() is None


@given(data=st.one_of(damaged(lambda: [b"2026-11-21T10:00:00+00:00", b"2026-11-19"]), noise(60)))
def test_a_clip_ages_from_its_start_or_its_return(data):
    with TemporaryDirectory() as folder, bounded(len(data)):
        layout = Layout(Path(folder))
        start = datetime(2026, 11, 20, 10)
        path = layout.clip_path("Door", start)
        put_file(layout.restored_mark(path), data)
        clip = StoredClip(path, "Door", start, 1, NOON)
        assert its_return(layout, clip) >= start


def named(name):
    """A name that a person or another program may have given on the disk, of any encoding."""
    data = name.encode("utf-8", "surrogatepass").replace(b"/", b"_").replace(b"\0", b"_")
    return os.fsdecode(data[:240]) or "_"


files = names.map(named).filter(lambda name: name not in (".", ".."))
clips = st.sampled_from(["10-00-00.mp4", "10-00-00.part", "10-00-00-2.part", "25-00-00.part"])
places = st.tuples(
    st.one_of(st.just("Door"), files),
    st.one_of(st.just("2026-11-20"), st.just("2026-13-41"), files),
    st.one_of(clips, files, st.builds(str.__add__, files, st.sampled_from([".part", ".mp4"]))),
)


@given(listed=st.lists(st.tuples(places, st.booleans()), max_size=4))
def test_a_tree_is_read_whatever_lies_in_it(listed):
    with TemporaryDirectory() as folder, bounded(0, limit_bytes=2**23):
        layout = Layout(Path(folder))
        laid = {}
        for place, is_clip in listed:
            path = layout.recordings.joinpath(*place)
            with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                laid[put_file(path, playable() if is_clip else b"no clip")] = is_clip
        recovered = recover_parts(layout)
        found = [clip.path for clip in (*clips_of_day(layout, DAY), *recovered)]
        found += [clip.path for clip in oldest_clips(layout)]
        assert all(path.is_file() for path in found)
        there = [path.read_bytes() for path in layout.recordings.rglob("*") if path.is_file()]
        # Moved or renamed it may be, and one byte of a torn end another; gone is none.
        assert len(there) >= len(laid)
