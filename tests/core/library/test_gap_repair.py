"""Journals that a fault has blown up are made small again, and no gap is lost."""

import json
import logging
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.home import Home
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library import gap_repair
from vms_desktop.core.library.gap_repair import shrink_journals
from vms_desktop.core.library.gaps import GapJournal, read_gaps

DAY = date(2026, 9, 5)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, 5, hour, minute, tzinfo=UTC)


def line(start: datetime, end: datetime, reason: str = "not_running") -> bytes:
    entry = {"from": start.isoformat(), "to": end.isoformat(), "reason": reason}
    return json.dumps(entry).encode() + b"\n"


FLOOD = line(at(23), at(23))
TRUE = [
    line(at(8), at(9), "paused"),
    line(at(10), at(10, 30), "stream_lost: refused"),
    line(at(22), at(23)),
]


@pytest.fixture
def small(monkeypatch):
    """Sizes that need no megabytes: five lines are too many, and two are read at a time."""
    monkeypatch.setattr(gap_repair, "SWOLLEN_BYTES", 5 * len(FLOOD))
    monkeypatch.setattr(gap_repair, "PORTION_BYTES", 2 * len(FLOOD))


def put(layout: Layout, data: bytes, folder: str = "Door"):
    path = layout.gaps_path(folder, DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def shrink(layout: Layout) -> int:
    return len(list(shrink_journals(layout, nullcontext)))


def test_thirty_megabytes_of_one_line_become_the_gaps_between_them(layout):
    flood = FLOOD * (15_000_000 // len(FLOOD))
    path = put(layout, TRUE[0] + flood + TRUE[1] + flood + TRUE[2])
    assert len(read_gaps(layout, "Door", DAY)) == 2  # It is read so far and no farther.
    assert shrink(layout) == 4
    assert path.read_bytes() == b"".join(TRUE)
    assert len(read_gaps(layout, "Door", DAY)) == 3


def test_of_a_gap_told_again_and_again_the_longest_stays(layout, small):
    lines = [line(at(8), at(8) + n * MINUTE) for n in (1, 5, 9, 2)]
    path = put(layout, FLOOD + b"".join(lines) * 3 + b"torn")
    shrink(layout)
    assert path.read_bytes() == lines[2]


def test_a_line_with_more_in_it_than_this_version_knows_stays_as_it_is(layout, small):
    known = line(at(8), at(9)).replace(b"}", b', "camera": "Door"}')
    path = put(layout, FLOOD * 9 + known)
    shrink(layout)
    assert path.read_bytes() == known


def test_a_journal_that_tells_gaps_alone_is_not_written(layout, small):
    path = put(layout, b"".join(line(at(8) + n * MINUTE, at(9)) for n in range(20)))
    before = path.stat()
    shrink(layout)
    assert path.stat() == before


def test_small_journals_are_not_even_read(layout, small):
    path = put(layout, FLOOD * 2)
    assert shrink(layout) == 0
    assert path.read_bytes() == FLOOD * 2


def test_a_gap_that_ends_meanwhile_is_kept(layout, small):
    put(layout, FLOOD * 50)
    steps = shrink_journals(layout, nullcontext)
    next(steps)
    journal = GapJournal(layout)
    journal.opened("a", "Door", at(12), "paused")
    journal.closed("a", at(13))
    journal.flush(at(13))
    assert list(steps)
    assert [gap.reason for gap in read_gaps(layout, "Door", DAY)] == ["paused"]


def test_a_folder_that_followed_its_camera_meanwhile_is_left_for_the_next_start(layout, small):
    path = put(layout, FLOOD * 50 + TRUE[0])

    @contextmanager
    def held():
        path.parent.rename(layout.gaps / "Gate")
        path.parent.mkdir()
        path.touch()
        yield

    list(shrink_journals(layout, held))
    assert path.read_bytes() == b""
    assert shrink(layout)
    assert layout.gaps_path("Gate", DAY).read_bytes() == TRUE[0]


def test_a_journal_that_cannot_be_written_is_told_once_and_the_next_is_made_small(
    layout, small, caplog, monkeypatch
):
    first, second = put(layout, FLOOD * 9, "A"), put(layout, FLOOD * 9 + TRUE[0], "B")
    write = gap_repair.write_whole

    def refusing(path, data):
        if path == first:
            raise StorageError(StorageProblem.READ_ONLY)
        write(path, data)

    monkeypatch.setattr(gap_repair, "write_whole", refusing)
    with caplog.at_level(logging.WARNING):
        shrink(layout)
    assert first.read_bytes() == FLOOD * 9
    assert second.read_bytes() == TRUE[0]
    assert [record.getMessage() for record in caplog.records] == [
        "gaps/A/2026-09-05.jsonl not made smaller: read_only"
    ]


def test_on_a_disk_that_it_has_filled_a_journal_is_made_small_in_its_own_place(
    layout, small, monkeypatch
):
    def full(path, data):
        raise StorageError(StorageProblem.FULL)

    monkeypatch.setattr(gap_repair, "write_whole", full)
    path = put(layout, FLOOD * 50 + b"".join(TRUE))
    before = path.stat().st_ino
    shrink(layout)
    assert path.read_bytes() == b"".join(TRUE)
    assert path.stat().st_ino == before


def test_the_librarys_thread_does_it_at_every_start(tmp_path, small):
    home = Home(tmp_path)
    path = put(home.layout, FLOOD * 50 + TRUE[0])
    with home.cared_for():
        wait_until(lambda: path.read_bytes() == TRUE[0])
