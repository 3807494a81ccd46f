"""What a person asks to be done with clips, done in threads and told in signals."""

import errno
import json
import os
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from tests.support.exporting import blocks
from tests.support.library import at, marked_layout, put_clip, put_file
from tests.support.packets import HandClock
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.export.request import ExportRequest, ExportTrack
from vms_desktop.core.library.archive import FailedPath, Refusal
from vms_desktop.workers.jobs import library_jobs
from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult, JobUnderWay, LibraryJobs


class Jobs:
    """The jobs of a library, and all that they told."""

    def __init__(self, layout, qtbot):
        self.layout, self.qtbot = layout, qtbot
        self.changed, self.gone = [], []
        self.results: dict[int, JobResult] = {}
        self.steps: list[tuple[int, int, int]] = []
        self.jobs = LibraryJobs(layout, self._note, blocks, HandClock())
        self.jobs.finished.connect(self.results.__setitem__)
        self.jobs.progress.connect(lambda *step: self.steps.append(step))

    def _note(self, paths, gone):
        self.changed.append(paths)
        self.gone += gone

    def result(self, job):
        self.qtbot.waitUntil(lambda: job in self.results)
        return self.results[job]

    def clips(self, count):
        start = at("14:00:00")
        return [put_clip(self.layout, start + timedelta(seconds=20 * n)) for n in range(count)]

    def request(self, clips, **how):
        track = ExportTrack("A", tuple(clips))
        return ExportRequest(tracks=(track,), folder=self.layout.root / "out", **how)


@pytest.fixture
def layout(data_dir):
    return marked_layout(data_dir)


@pytest.fixture
def jobs(layout, qtbot):
    made = Jobs(layout, qtbot)
    yield made
    assert made.jobs.stop(monotonic() + 5)


def paths_of(clips):
    return tuple(clip.path for clip in clips)


def test_clips_are_archived_and_the_index_is_told_of_both_places(jobs, layout):
    paths = paths_of(jobs.clips(2))
    job = jobs.jobs.archive(paths)
    result = jobs.result(job)
    places = tuple(map(layout.archive_path, paths))
    assert (result.kind, result.done, result.failed) == (JobKind.ARCHIVE, places, ())
    assert jobs.changed == list(zip(paths, places, strict=True))
    assert jobs.gone == list(paths)
    assert jobs.steps[-1] == (job, 2, 2)


def test_what_was_archived_is_commented_and_restored(jobs, layout):
    paths = paths_of(jobs.clips(1))
    (place,) = jobs.result(jobs.jobs.archive(paths)).done
    assert jobs.result(jobs.jobs.comment(place, "kept")).done == (place,)
    assert '"kept"' in layout.sidecar_path(place).read_text()
    assert jobs.result(jobs.jobs.restore((place,))).done == paths


def test_deleting_tells_how_much_is_free_now(jobs):
    clips = jobs.clips(3)
    size = sum(clip.size_bytes for clip in clips)
    result = jobs.result(jobs.jobs.delete(paths_of(clips)))
    assert (result.freed_bytes, result.done) == (size, paths_of(clips))
    assert not any(clip.path.exists() for clip in clips)


def test_it_is_told_how_much_less_is_recorded(jobs):
    clips = jobs.clips(2)
    path, size = clips[0].path, clips[0].size_bytes
    archived = jobs.result(jobs.jobs.archive((path,)))
    restored = jobs.result(jobs.jobs.restore(archived.done))
    again = jobs.result(jobs.jobs.archive((path,)))
    commented = jobs.result(jobs.jobs.comment(again.done[0], "kept"))
    of_archives = jobs.result(jobs.jobs.delete(again.done))
    deleted = jobs.result(jobs.jobs.delete((clips[1].path,)))
    results = (archived, restored, again, commented, of_archives, deleted)
    freed = [result.recordings_freed_bytes for result in results]
    assert freed == [size, -size, size, 0, 0, size]


def test_a_delete_that_fails_half_way_says_which_remain(jobs, monkeypatch):
    clips = jobs.clips(4)
    unlink = Path.unlink

    def stubborn(self, missing_ok=False):
        if self == clips[2].path:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", stubborn)
    result = jobs.result(jobs.jobs.delete(paths_of(clips)))
    assert result.failed == (FailedPath(clips[2].path, StorageProblem.FAILING),)
    assert result.done == (clips[0].path, clips[1].path, clips[3].path)
    assert clips[2].path.exists()


def test_a_clip_being_written_is_refused_and_the_others_go(jobs):
    (clip,) = jobs.clips(1)
    part = clip.path.with_name("15-00-00.part")
    part.write_bytes(b"begun")
    for ask in (jobs.jobs.archive, jobs.jobs.delete):
        assert jobs.result(ask((part,))).failed == (FailedPath(part, Refusal.BEING_WRITTEN),)
    assert jobs.result(jobs.jobs.delete((part, clip.path))).done == (clip.path,)
    assert part.exists()


def test_a_clip_that_is_gone_can_be_deleted_but_not_archived(jobs, layout):
    (clip,) = jobs.clips(1)
    clip.path.unlink()
    assert jobs.result(jobs.jobs.archive((clip.path,))).failed == (
        FailedPath(clip.path, Refusal.GONE),
    )
    assert (jobs.changed, jobs.gone) == ([(clip.path,)], [clip.path])
    assert jobs.result(jobs.jobs.delete((clip.path,))).done == (clip.path,)
    assert not layout.sidecar_path(clip.path).exists()


def test_an_export_tells_thousandths_and_its_files(jobs):
    clips = jobs.clips(2)
    job = jobs.jobs.export(jobs.request(clips))
    result = jobs.result(job)
    assert [path.name for path in result.outputs] == ["A_2026-11-20_14-00-00.mp4"]
    assert result.done == paths_of(clips)
    assert jobs.steps[-1] == (job, 1000, 1000)


def test_an_export_says_which_clips_are_missing_in_it(jobs):
    clips = jobs.clips(2)
    put_file(clips[0].path, b"no video")
    result = jobs.result(jobs.jobs.export(jobs.request(clips)))
    assert result.failed == (FailedPath(clips[0].path, Problem.BAD_DATA),)
    assert (len(result.outputs), result.done) == (1, (clips[1].path,))


def test_an_export_whose_folder_refuses_says_so(jobs, layout):
    (layout.root / "out").write_text("a file")
    result = jobs.result(jobs.jobs.export(jobs.request(jobs.clips(1))))
    assert [failed.path for failed in result.failed] == [layout.root / "out"]
    assert result.outputs == ()


class Slow:
    """An exporter that works until it is told to give up."""

    def __init__(self):
        self.begun = Event()

    def __call__(self, _request, _tell, is_cancelled, _write_line, _record, _plans):
        self.is_cancelled = is_cancelled
        return self

    def run(self):
        self.begun.set()
        while not self.is_cancelled():
            Event().wait(0.01)
        raise library_jobs.ExportCancelledError


@pytest.fixture
def slow(monkeypatch):
    made = Slow()
    monkeypatch.setattr(library_jobs, "Exporter", made)
    return made


def test_an_export_under_way_is_cancelled_and_one_that_waits_too(jobs, slow):
    first, second = (jobs.jobs.export(jobs.request(())) for _ in range(2))
    assert slow.begun.wait(5)
    jobs.jobs.cancel(second)
    jobs.jobs.cancel(first)
    assert jobs.result(first).cancelled
    assert jobs.result(second).cancelled


def test_clips_are_in_use_until_their_export_is_over(jobs, slow):
    clips = jobs.clips(3)
    first = jobs.jobs.export(jobs.request(clips[:2]))
    second = jobs.jobs.export(jobs.request(clips[1:]))
    assert slow.begun.wait(5)
    assert jobs.jobs.in_use() == set(paths_of(clips))
    jobs.jobs.cancel(first)
    jobs.result(first)
    assert jobs.jobs.in_use() == set(paths_of(clips[1:]))
    jobs.jobs.cancel(second)
    jobs.result(second)
    assert not jobs.jobs.in_use()


def test_files_are_moved_while_an_export_is_under_way(jobs, slow):
    job = jobs.jobs.export(jobs.request(()))
    assert slow.begun.wait(5)
    assert len(jobs.result(jobs.jobs.archive(paths_of(jobs.clips(1)))).done) == 1
    jobs.jobs.cancel(job)
    assert jobs.result(job).cancelled


def test_the_end_of_the_program_waits_for_no_export(jobs, slow):
    jobs.jobs.export(jobs.request(()))
    assert slow.begun.wait(5)
    began = monotonic()
    assert jobs.jobs.stop(began + 5)
    assert monotonic() - began < 1


@pytest.mark.expects_log_errors
def test_a_bug_ends_its_job_and_no_other(jobs, monkeypatch):
    def broken(*_):
        raise ValueError("a bug")

    archive = library_jobs.archive_clip
    paths = paths_of(jobs.clips(1))
    monkeypatch.setattr(library_jobs, "archive_clip", broken)
    assert jobs.result(jobs.jobs.archive(paths)).failed
    monkeypatch.setattr(library_jobs, "archive_clip", archive)
    assert jobs.result(jobs.jobs.archive(paths)).done


def test_today_s_folder_stays(jobs, layout):
    clip = put_clip(layout, HandClock().now())
    jobs.result(jobs.jobs.delete((clip.path,)))
    assert clip.path.parent.is_dir()


def test_jobs_are_under_way_until_they_are_over(jobs, slow):
    job = jobs.jobs.export(jobs.request(()))
    assert slow.begun.wait(5)
    assert jobs.jobs.under_way() == (JobUnderWay(JobKind.EXPORT),)
    jobs.jobs.cancel(job)
    jobs.result(job)
    assert jobs.jobs.under_way() == ()


def test_what_a_full_folder_left_goes_on_in_another(jobs, layout, monkeypatch):
    clips = jobs.clips(2)
    opened = os.open

    def full(path, *how, **more):
        if "out" in str(path) and len(list(layout.root.joinpath("out").iterdir())):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, *how, **more)

    with monkeypatch.context() as disk:
        disk.setattr(os, "open", full)
        result = jobs.result(jobs.jobs.export(jobs.request(clips, concat=False)))
    assert len(result.outputs) == 1
    assert result.failed[0].problem is StorageProblem.FULL
    other = layout.root / "other"
    job = jobs.jobs.go_on(result.rest, other)
    assert jobs.jobs.in_use() == frozenset(paths_of(clips))
    rest = jobs.result(job)
    assert [path.parent for path in rest.outputs] == [other]
    assert rest.rest is None


def test_what_an_earlier_run_left_is_deleted_and_told(layout, qtbot, tmp_path):
    left = tmp_path / ".Door.mp4.0123456789ab.part"
    left.write_bytes(b"")
    layout.exports_json.write_text(json.dumps({"parts": [str(left)]}))
    made = LibraryJobs(layout, lambda *_: None, blocks)
    wait_until(lambda: not left.exists())  # Before anybody listens.
    with qtbot.waitSignal(made.interrupted) as told:
        pass
    assert told.args == [(left,)]
    assert made.stop(monotonic() + 5)


def test_when_a_copy_begins_is_found_out_beside_an_export(jobs, slow, qtbot):
    (clip,) = jobs.clips(1)
    jobs.jobs.export(jobs.request(()))
    assert slow.begun.wait(5)
    later = clip.start_at + timedelta(milliseconds=100)
    with qtbot.waitSignal(jobs.jobs.foretold) as told:
        question = jobs.jobs.foretell(jobs.request([clip], start=later))
    assert told.args == [question, (clip.start_at,)]
