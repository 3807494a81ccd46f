"""The index as the window meets it: kept in step by one thread, asked through others."""

import sqlite3
import time
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from tests.support.library import DAY, at, moved, playable, put_clip, put_file, scanned, settle
from tests.support.packets import CAMERA
from tests.support.waiting import wait_until
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Box
from vms_desktop.core.index import backfill, indexer
from vms_desktop.core.index.index import ClipIndex, ClipState, IndexMissingError
from vms_desktop.core.index.indexer import Indexer, Maintenance, MaintenanceResult
from vms_desktop.core.index.queries import (
    ArchivesQuery,
    AreaQuery,
    CamerasQuery,
    DayQuery,
    HeatQuery,
    LocateQuery,
    MonthQuery,
    NeighbourQuery,
)
from vms_desktop.core.index.writer import ClipIndexWriter
from vms_desktop.workers.library.index_worker import IndexWorker, LibraryReader
from vms_desktop.workers.library.library_index import LibraryIndex

WHOLE = Box(0, 0, 1, 1)


@pytest.fixture
def layout(data_dir):
    return Layout(data_dir)


@pytest.fixture
def library(qapp, layout):
    """The index with its threads, not started."""
    library = LibraryIndex(layout, Clock(), nullcontext)
    yield library
    assert library.stop(time.monotonic() + 5)


@pytest.fixture
def running(library, qtbot):
    """The index, its first look done."""
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    return library


def answer(library, qtbot, query):
    """What the index answers."""
    told = []
    library.answered.connect(lambda number, found: told.append((number, found)))
    number = library.ask(query)
    qtbot.waitUntil(lambda: any(n == number for n, _ in told))
    return dict(told)[number]


def stems(library, qtbot):
    return [clip.path.stem for clip in answer(library, qtbot, DayQuery(DAY))]


def known(layout):
    """The clips of the day, asked without any thread."""
    try:
        with closing(ClipIndex(layout.index_file, layout)) as index:
            return {clip.path.stem: clip for clip in index.clips_of_day(DAY)}
    except IndexMissingError:
        return {}


def test_the_first_look_is_told_with_its_progress(library, layout, qtbot):
    for day in (18, 19, 20):
        put_clip(layout, at("10:00:00", DAY.replace(day=day)))
    settle(layout)
    told = []
    changed: list[frozenset[tuple[str, date]]] = []
    library.indexer.progress.connect(lambda *how: told.append(how))
    library.indexer.library_changed.connect(changed.append)
    with qtbot.waitSignal(library.indexer.maintained) as ended:
        library.start()
    assert (ended.args[0].kind, ended.args[0].done) == (Maintenance.FIRST, 3)
    assert told[-1] == (Maintenance.FIRST, 3, 3)
    assert frozenset({("A", DAY)}) in changed


@pytest.mark.parametrize(
    "query, check",
    [
        (MonthQuery(2026, 11), lambda found: found == {DAY: 2}),
        (DayQuery(DAY), lambda found: [c.path.stem for c in found] == ["10-00-00", "11-00-00"]),
        (DayQuery(DAY, ("B",)), lambda found: found == ()),
        (CamerasQuery(), lambda found: [c.recordings for c in found] == [2]),
        (ArchivesQuery(), lambda found: found == ()),
        (NeighbourQuery(at("10:00:00"), True), lambda found: found.path.stem == "11-00-00"),
        (NeighbourQuery(at("10:00:00"), False), lambda found: found is None),
        (AreaQuery(WHOLE, DAY, DAY), lambda found: [hit.at_s for hit in found] == [4]),
        (LocateQuery((), WHOLE), lambda found: found == []),
        (HeatQuery(DAY), lambda found: found.max() == 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_question_is_answered(library, layout, qtbot, query, check):
    put_clip(layout, at("10:00:00"), moved(4, (3, 3)))
    put_clip(layout, at("11:00:00"))
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    assert check(answer(library, qtbot, query))


def test_a_closed_clip_is_known_at_once(running, layout, qtbot):
    clip = put_clip(layout, at("10:00:00"), moved(1, (1, 1)))
    with qtbot.waitSignal(running.indexer.library_changed) as told:
        running.indexer.take_clip(clip)
    assert told.args == [frozenset({("A", DAY)})]
    assert stems(running, qtbot) == ["10-00-00"]
    assert [hit.clip.path for hit in answer(running, qtbot, AreaQuery(WHOLE, DAY, DAY))] == [
        clip.path
    ]


def test_deleted_and_archived_clips_are_known_at_once(library, layout, qtbot):
    clips = [put_clip(layout, at(text)) for text in ("10:00:00", "11:00:00", "12:00:00")]
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    clips[0].path.unlink()
    archived = layout.archive_path(clips[1].path)
    archived.parent.mkdir(parents=True)
    clips[1].path.rename(archived)
    layout.sidecar_path(archived).write_text('{"comment": "kept"}')
    with qtbot.waitSignal(library.indexer.library_changed):
        library.indexer.take_paths((clips[0].path, clips[1].path, archived))
    assert stems(library, qtbot) == ["11-00-00", "12-00-00"]
    [kept] = answer(library, qtbot, ArchivesQuery())
    assert (kept.path, kept.comment) == (archived, "kept")


def test_what_was_put_there_by_hand_is_noticed_when_asked(running, layout, qtbot):
    put_clip(layout, at("10:00:00"))
    settle(layout)
    with qtbot.waitSignal(running.indexer.library_changed):
        running.indexer.look_now()
    assert stems(running, qtbot) == ["10-00-00"]


def test_what_was_put_there_by_hand_is_noticed_without_asking(library, layout, qtbot, monkeypatch):
    monkeypatch.setattr(indexer, "EVERYTHING_S", 0.05)
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    with qtbot.waitSignal(library.indexer.library_changed):
        put_clip(layout, at("10:00:00"))
    qtbot.waitUntil(lambda: "10-00-00" in known(layout))


def test_clips_of_the_web_version_are_adopted_in_the_background(library, layout, qtbot):
    path = put_file(layout.clip_path("A", at("10:00:00")))
    put_file(layout.clip_path("A", at("11:00:00")), b"no video")
    library.start()
    qtbot.waitUntil(layout.sidecar_path(path).exists)
    wait_until(lambda: known(layout)["10-00-00"].state is ClipState.OK)
    clips = known(layout)
    assert clips["10-00-00"].has_thumbnail
    assert clips["10-00-00"].duration_s == 1
    assert clips["11-00-00"].state is ClipState.UNREADABLE


@pytest.mark.expects_log_errors
def test_a_clip_that_brings_the_thread_down_does_so_once(library, layout, qtbot, monkeypatch):
    monkeypatch.setattr("vms_desktop.workers.library.index_worker.RESTART_S", 0.05)
    watch, watched = backfill.motions_of_clip, []

    def crash_at_eleven(path, rotation):
        watched.append(path.stem)
        if path.stem == "11-00-00":
            raise ZeroDivisionError("a bug")
        return watch(path, rotation)

    monkeypatch.setattr(backfill, "motions_of_clip", crash_at_eleven)
    path = put_file(layout.clip_path("A", at("10:00:00")))
    put_file(layout.clip_path("A", at("11:00:00")))
    library.start()
    qtbot.waitUntil(layout.sidecar_path(path).exists)
    assert watched == ["11-00-00", "10-00-00"]


def test_missing_thumbnails_are_made_on_request_with_a_result(library, layout, qtbot):
    clips = [put_clip(layout, at(f"1{hour}:00:00")) for hour in range(3)]
    clips[1].path.write_bytes(bytes(len(playable())))
    settle(layout)
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    for clip in clips[:2]:
        layout.thumbnail_path(clip.path).unlink()
    with qtbot.waitSignal(library.indexer.maintained) as ended:
        library.indexer.maintain(Maintenance.THUMBNAILS)
    assert ended.args == [MaintenanceResult(Maintenance.THUMBNAILS, 2, failed=1, cancelled=False)]
    assert [layout.thumbnail_path(clip.path).exists() for clip in clips] == [True, False, True]


def test_a_rescan_reads_everything_again_and_tells_how_many(library, layout, qtbot):
    for hour in range(10, 13):
        put_clip(layout, at(f"{hour}:00:00"))
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    with qtbot.waitSignal(library.indexer.maintained) as ended:
        library.indexer.maintain(Maintenance.RESCAN)
    result = ended.args[0]
    assert (result.kind, result.done, result.cancelled) == (Maintenance.RESCAN, 3, False)


def test_maintenance_can_be_cancelled(library, layout, qtbot, monkeypatch):
    for hour in range(24):
        put_clip(layout, at(f"{hour:02}:00:00"))
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    monkeypatch.setitem(indexer.REST, "asked", 1e6)
    with qtbot.waitSignal(library.indexer.progress):
        library.indexer.maintain(Maintenance.RESCAN)
    with qtbot.waitSignal(library.indexer.maintained) as ended:
        library.indexer.cancel()
    assert ended.args[0].cancelled
    assert len(stems(library, qtbot)) == 24


def test_a_turned_cameras_thumbnails_are_turned(library, layout, qtbot):
    clip = put_clip(layout, at("10:00:00"), thumbnail=False)
    library.indexer.set_cameras((replace(CAMERA, id=clip.camera_id, rotation=90),))
    library.start()
    qtbot.waitUntil(layout.thumbnail_path(clip.path).exists)


def test_an_index_found_damaged_while_it_is_used_is_made_anew(
    library, layout, qtbot, caplog, monkeypatch
):
    def stumble(_index):
        monkeypatch.undo()
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    put_clip(layout, at("10:00:00"))
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
    was = layout.index_file.stat().st_ino, layout.index_file.stat().st_ctime_ns
    monkeypatch.setattr(ClipIndexWriter, "day_stamps", stumble)
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    assert stems(library, qtbot) == ["10-00-00"]
    assert "damaged and made anew" in caplog.text
    assert (layout.index_file.stat().st_ino, layout.index_file.stat().st_ctime_ns) != was


def test_an_index_that_is_replaced_is_opened_anew_by_its_readers(running, layout, qtbot):
    put_clip(layout, at("10:00:00"))
    with qtbot.waitSignal(running.indexer.library_changed):
        running.indexer.look_now()
    assert stems(running, qtbot) == ["10-00-00"]
    with qtbot.waitSignal(running.indexer.maintained):
        running.indexer.start_anew()
    put_clip(layout, at("11:00:00"))
    with qtbot.waitSignal(running.indexer.library_changed):
        running.indexer.look_now()
    assert stems(running, qtbot) == ["10-00-00", "11-00-00"]


def test_rebuilding_forgets_what_is_known_and_reads_it_from_the_files(library, layout, qtbot):
    put_clip(layout, at("10:00:00"), length_s=10)
    with qtbot.waitSignal(library.indexer.maintained):
        library.start()
    with closing(sqlite3.connect(layout.index_file)) as connection, connection:
        connection.execute("UPDATE clips SET end_ms = end_ms + 99000")
    with qtbot.waitSignal(library.indexer.maintained) as ended:
        library.indexer.start_anew()
    assert (ended.args[0].kind, ended.args[0].done) == (Maintenance.FIRST, 1)
    assert known(layout)["10-00-00"].duration_s == 10


def test_a_question_before_there_is_an_index_waits_for_it(library, layout, qtbot):
    put_clip(layout, at("10:00:00"))
    reader = LibraryReader("early", layout, count(1))
    try:
        reader.start()
        with qtbot.waitSignal(reader.answered) as told:
            number = reader.ask(DayQuery(DAY))
            library.start()
        assert told.args[0] == number
    finally:
        reader.stop()
        assert reader.wait(5000)


def test_of_one_kind_only_the_newest_question_is_answered(library, layout, qtbot):
    put_clip(layout, at("10:00:00"))
    told = []
    library.answered.connect(lambda number, _: told.append(number))
    days = [DAY - timedelta(days=back) for back in range(20)]
    numbers = [library.ask(DayQuery(day)) for day in days]
    other = library.ask(DayQuery(DAY), channel="other")
    month = library.ask(MonthQuery(2026, 11))
    library.start()
    qtbot.waitUntil(lambda: {numbers[-1], other, month} <= set(told))
    assert sorted(told) == sorted([numbers[-1], other, month])


def test_answers_do_not_wait_for_a_long_scan(library, layout, qtbot, monkeypatch):
    for hour in range(24):
        put_clip(layout, at(f"{hour:02}:00:00"))
    monkeypatch.setitem(indexer.REST, "scan", 1e6)  # The scan never ends.
    with qtbot.waitSignal(library.indexer.progress):
        library.start()
    began = time.monotonic()
    assert isinstance(answer(library, qtbot, CamerasQuery()), tuple)
    assert time.monotonic() - began < 1


def test_a_data_folder_that_cannot_be_written_leaves_the_thread_waiting(
    qapp, tmp_path, qtbot, caplog
):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    layout = Layout(blocked)
    worker = IndexWorker(lambda inbox, report: Indexer(layout, Clock(), inbox, report))
    worker.look_now()
    worker.start()
    qtbot.waitUntil(lambda: "no index" in caplog.text)
    assert not worker.wait(200)
    worker.stop()
    assert worker.wait(2000)
    assert caplog.text.count("no index") == 1


@pytest.mark.expects_log_errors
def test_after_a_bug_the_thread_goes_on_and_the_log_tells(data_dir, qtbot, caplog, monkeypatch):
    monkeypatch.setattr("vms_desktop.workers.library.index_worker.RESTART_S", 0.05)

    class BrokenOnce(Indexer):
        runs = 0

        def run(self):
            self.runs += 1
            if self.runs == 1:
                raise ZeroDivisionError("a bug")

    made = []

    def make_indexer(inbox, report):
        made.append(BrokenOnce(Layout(data_dir), Clock(), inbox, report))
        return made[0]

    worker = IndexWorker(make_indexer)
    worker.start()
    qtbot.waitUntil(lambda: made[0].runs == 2)
    assert worker.wait(2000)
    assert "index crashed" in caplog.text
