"""Does with clips what a person asks: archives, comments, deletes, exports."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import count
from pathlib import Path
from threading import get_native_id
from time import monotonic
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Clock, Layout, Problem, StorageError, day_of
from vms_desktop.core.export import (
    ExportCancelledError,
    Exporter,
    ExportRecord,
    ExportRequest,
    ExportRest,
    FilePlan,
    LineWriter,
    export_begins_at,
)
from vms_desktop.core.library import (
    FailedPath,
    Refusal,
    RefusedError,
    archive_clip,
    delete_clip,
    refusal_of,
    restore_clip,
    set_comment,
)
from vms_desktop.workers import Worker, join_all, run_guarded, run_until_done

log = logging.getLogger(__name__)

IDLE_S = 3600.0
# Progress is told no more often than this.
TELL_S = 0.1
# Of the thread that encodes: the threads of the cameras go first.
NICENESS = 10


class JobKind(StrEnum):
    """The kinds of job."""

    ARCHIVE = "archive"
    RESTORE = "restore"
    COMMENT = "comment"
    DELETE = "delete"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class JobUnderWay:
    """A job that is not over: how much is done of how much; a total of 0 before it began."""

    kind: JobKind
    done: int = 0
    total: int = 0

    @property
    def is_export(self) -> bool:
        """Whether files are being written, of which nothing is kept before they are whole."""
        return self.kind is JobKind.EXPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """The outcome of a job.

    Attributes:
        done: The clips with which it worked, by where they lie now; deleted
            ones by where they lay.
        failed: What was not done, and why; for an export also the clips of which
            only a part could be read, and the folder that did not take the files.
        freed_bytes: By deleting.
        recordings_freed_bytes: How much less is recorded, by archiving too; below 0
            where clips were put back.
        cancelled: A person, or the program's end, stopped it; what is done stays
            done, but of an export nothing is left.
        outputs: The files of an export.
        rest: What is left of an export whose folder took no more (`LibraryJobs.go_on`).
    """

    kind: JobKind
    done: tuple[Path, ...] = ()
    failed: tuple[FailedPath, ...] = ()
    freed_bytes: int = 0
    recordings_freed_bytes: int = 0
    cancelled: bool = False
    outputs: tuple[Path, ...] = ()
    rest: ExportRest | None = None


@dataclass(frozen=True, slots=True)
class _FileJob:
    number: int
    kind: JobKind
    paths: tuple[Path, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class _ExportJob:
    number: int
    request: ExportRequest
    plans: "ExportPlans" = None

    @property
    def kind(self) -> JobKind:
        return JobKind.EXPORT


J = TypeVar("J", _FileJob, _ExportJob)
_Cancelled = Callable[[], bool]
_Tell = Callable[[int, int], None]
_Do = Callable[[J, _Cancelled, _Tell], object]
_Changed = Callable[[tuple[Path, ...], tuple[Path, ...]], None]
# The files that are left to be written; None: those that a request comes to.
ExportPlans = tuple[FilePlan, ...] | None


class LibraryJobs(QObject):
    """Does jobs one after the other, exports in a thread of their own; used from the GUI thread.

    What is being played is moved, or deleted, all the same.

    Args:
        changed: Told the old and new paths of clips that moved, changed or went, and those
            of them where none lies any more; by the thread that did it.
        write_line: Writes what is burnt into pictures; called by the thread that exports.
        held: No camera's folder is renamed meanwhile.

    Signals:
        progress: Job, and how much is done of how much: clips, for an export thousandths.
        finished: Job and `JobResult`; for every job, those given up too.
        foretold: A question and when the copy of each of its tracks begins, a time or None.
        interrupted: The unfinished files of an earlier run that were deleted.
    """

    progress = Signal(int, int, int)
    finished = Signal(int, object)
    foretold = Signal(int, object)
    interrupted = Signal(object)

    _cleaned = Signal(object)

    def __init__(
        self,
        layout: Layout,
        changed: _Changed,
        write_line: LineWriter,
        clock: Clock | None = None,
        held: Callable[[], AbstractContextManager[None]] = nullcontext,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        # Replaced whole: another thread reads it.
        self._exported: Mapping[int, frozenset[Path]] = {}
        files = _FileWork(layout, changed, clock or Clock(), held)
        self._files = _JobWorker("jobs", files.do)
        self._under_way: dict[int, JobUnderWay] = {}
        self._question = 0
        # Told by the event loop: it is found out before anybody can have connected.
        self._cleaned.connect(self.interrupted)
        exports = _ExportWork(ExportRecord(layout.exports_json), self._cleaned.emit, write_line)
        self._exports = _JobWorker("export", exports.do, exports.begin)
        self._outlook = _JobWorker("outlook", _foretell)
        self._workers = self._files, self._exports, self._outlook
        for worker in (self._files, self._exports):
            worker.progress.connect(self._follow)
            worker.finished_job.connect(self._end)
            worker.start()
        self._outlook.finished_job.connect(self.foretold)

    def archive(self, paths: tuple[Path, ...]) -> int:
        """Move recorded clips to the archives."""
        return self._begin_files(JobKind.ARCHIVE, paths)

    def restore(self, paths: tuple[Path, ...]) -> int:
        """Move archived clips back to the recordings; their comments stay with them."""
        return self._begin_files(JobKind.RESTORE, paths)

    def comment(self, path: Path, text: str) -> int:
        """Write the comment of an archived clip."""
        return self._begin_files(JobKind.COMMENT, (path,), text)

    def delete(self, paths: tuple[Path, ...]) -> int:
        """Delete recorded or archived clips."""
        return self._begin_files(JobKind.DELETE, paths)

    def export(self, request: ExportRequest, plans: ExportPlans = None) -> int:
        """Export clips, once the exports before it are done; the files of `plans` alone."""
        number = next(self._numbers)
        clips = frozenset(clip.path for track in request.tracks for clip in track.clips)
        self._exported = {**self._exported, number: clips}
        self._under_way[number] = JobUnderWay(JobKind.EXPORT)
        self._exports.post(_ExportJob(number, request, plans))
        return number

    def go_on(self, rest: ExportRest, folder: Path) -> int:
        """Export what is left of an export, into another folder or once more into its own."""
        return self.export(replace(rest.request, folder=folder), rest.plans)

    def foretell(self, request: ExportRequest) -> int:
        """Find out when copies begin; an earlier question is answered with nothing."""
        number = next(self._numbers)
        self._outlook.cancel(self._question)
        self._question = number
        self._outlook.begin_with(_ExportJob(number, request))
        return number

    def under_way(self) -> tuple[JobUnderWay, ...]:
        """The jobs that are not over, the oldest first."""
        return tuple(self._under_way.values())

    def in_use(self) -> frozenset[Path]:
        """The clips that are being exported or will be; may be asked by any thread."""
        return frozenset[Path]().union(*self._exported.values())

    def cancel(self, job: int) -> None:
        """Give a job up, one that still waits too; `finished` follows."""
        for worker in self._workers:
            worker.cancel(job)

    def stop(self, deadline: float) -> bool:
        """Give everything up and end by a monotonic time; False where a thread hangs."""
        for worker in self._workers:
            worker.stop()
        return join_all(self._workers, deadline)

    def _follow(self, job: int, done: int, total: int) -> None:
        if job in self._under_way:
            self._under_way[job] = replace(self._under_way[job], done=done, total=total)
        self.progress.emit(job, done, total)

    def _end(self, job: int, result: object) -> None:
        self._under_way.pop(job, None)
        self._exported = {key: clips for key, clips in self._exported.items() if key != job}
        self.finished.emit(job, result)

    def _begin_files(self, kind: JobKind, paths: tuple[Path, ...], comment: str = "") -> int:
        number = next(self._numbers)
        self._under_way[number] = JobUnderWay(kind, 0, len(paths))
        self._files.post(_FileJob(number, kind, paths, comment))
        return number


class _JobWorker(Worker[J]):
    """A thread that does one job after the other; those that wait at its end are given up.

    Args:
        do: Does a job; asks whether it is given up, and tells how much is done of how much.
        begin: Done first in the thread.

    Signals:
        progress, finished_job: As of `LibraryJobs`.
    """

    progress = Signal(int, int, int)
    finished_job = Signal(int, object)

    def __init__(self, name: str, do: _Do[J], begin: Callable[[], None] | None = None) -> None:
        super().__init__(name)
        self._do: _Do[J] = do
        self._begin = begin
        self._job: J | None = None
        self._cancelled: frozenset[int] = frozenset()  # Replaced whole: another thread reads it.
        self._told_at = float("-inf")

    def cancel(self, job: int) -> None:
        """Give up a job, whether it is under way or waits."""
        self._cancelled |= {job}

    def run(self) -> None:
        if self._begin is not None:
            run_guarded(self, self._begin)
        run_until_done(self, self._work, self._tell_crash)

    def _work(self) -> None:
        is_over = False
        while not is_over:
            is_over = self.inbox.wait(IDLE_S)
            while (job := self.inbox.take()) is not None:
                self._job = job
                self.finished_job.emit(job.number, self._result(job))
                self._job = None

    def _tell_crash(self) -> None:
        """Whoever asked is told; the next job is another's."""
        job, self._job = self._job, None
        if job is not None:
            failed = (FailedPath(Path(), Problem.CRASHED),)
            self.finished_job.emit(job.number, JobResult(kind=job.kind, failed=failed))

    def _result(self, job: J) -> object:
        if self._is_cancelled(job.number):
            return JobResult(kind=job.kind, cancelled=True)
        is_cancelled = partial(self._is_cancelled, job.number)
        return self._do(job, is_cancelled, partial(self._tell, job.number))

    def _is_cancelled(self, number: int) -> bool:
        return self.inbox.stopped or number in self._cancelled

    def _tell(self, number: int, done: int, total: int) -> None:
        now = monotonic()
        if done == total or now - self._told_at >= TELL_S:
            self._told_at = now
            self.progress.emit(number, done, total)


class _FileWork:
    """Moves, describes and deletes clips."""

    def __init__(
        self,
        layout: Layout,
        changed: _Changed,
        clock: Clock,
        held: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._layout = layout
        self._changed = changed
        self._clock = clock
        self._held = held

    def do(self, job: _FileJob, is_cancelled: _Cancelled, tell: _Tell) -> JobResult:
        """Do it with one clip after the other."""
        done: list[Path] = []
        failed: list[FailedPath] = []
        freed_bytes, left_bytes, cancelled = 0, 0, False
        for number, path in enumerate(job.paths):
            if cancelled := is_cancelled():
                break
            size_bytes = _size_bytes(path)
            result = self._done(job, path)
            if isinstance(result, FailedPath):
                failed.append(result)
                self._tell((path,))  # Perhaps it is not there any more.
            else:
                done.append(result)
                freed_bytes += size_bytes if job.kind is JobKind.DELETE else 0
                left_bytes += self._left_bytes(job.kind, path, size_bytes)
                self._tell(tuple(dict.fromkeys((path, result))))
            tell(number + 1, len(job.paths))
        return JobResult(
            kind=job.kind,
            done=tuple(done),
            failed=tuple(failed),
            freed_bytes=freed_bytes,
            recordings_freed_bytes=left_bytes,
            cancelled=cancelled,
        )

    def _tell(self, paths: tuple[Path, ...]) -> None:
        self._changed(paths, tuple(path for path in paths if not path.exists()))

    def _left_bytes(self, kind: JobKind, path: Path, size_bytes: int) -> int:
        """The bytes by which less is recorded now."""
        if kind is JobKind.COMMENT:
            return 0
        if self._layout.is_archived(path):
            return -size_bytes if kind is JobKind.RESTORE else 0
        return size_bytes

    def _done(self, job: _FileJob, path: Path) -> Path | FailedPath:
        """Do it with one clip; where the clip lies now, or lay, or why it was not done."""
        with self._held():
            refusal = refusal_of(self._layout, path)
            if refusal and (refusal, job.kind) != (Refusal.GONE, JobKind.DELETE):
                return FailedPath(path, refusal)
            try:
                return self._changed_clip(job, path)
            except RefusedError as err:
                return FailedPath(path, err.refusal)
            except StorageError as err:
                log.warning("%s: %s not done: %s", path.name, job.kind, err)
                return FailedPath(path, err.kind)

    def _changed_clip(self, job: _FileJob, path: Path) -> Path | FailedPath:
        now = self._clock.now()
        today = day_of(now)
        match job.kind:
            case JobKind.ARCHIVE:
                return archive_clip(self._layout, path, today)
            case JobKind.RESTORE:
                return restore_clip(self._layout, path, now)
            case JobKind.COMMENT:
                set_comment(self._layout, path, job.comment)
                return path
            case _:
                return delete_clip(self._layout, path, today) or path


class _ExportWork:
    """Exports, and clears up at the start what an export of an earlier run left."""

    def __init__(
        self,
        record: ExportRecord,
        interrupted: Callable[[tuple[Path, ...]], None],
        write_line: LineWriter,
    ) -> None:
        self._record = record
        self._write_line = write_line
        self._interrupted = interrupted

    def begin(self) -> None:
        """Delete what a crash left."""
        if removed := self._record.clean():
            self._interrupted(removed)

    def do(self, job: _ExportJob, is_cancelled: _Cancelled, tell: _Tell) -> JobResult:
        """Write the files of one request."""
        _give_way_to_live()
        request = job.request
        exporter = Exporter(request, tell, is_cancelled, self._write_line, self._record, job.plans)
        try:
            result = exporter.run()
        except ExportCancelledError:
            return JobResult(kind=job.kind, cancelled=True)
        clips = (clip.path for track in request.tracks for clip in track.clips)
        lost = {failed.path for failed in result.failed}
        return JobResult(
            kind=job.kind,
            done=tuple(path for path in clips if path not in lost) if result.outputs else (),
            failed=result.failed,
            outputs=result.outputs,
            rest=result.rest,
        )


def _foretell(
    job: _ExportJob, is_cancelled: _Cancelled, _tell: _Tell
) -> tuple[datetime | None, ...]:
    try:
        return export_begins_at(job.request, is_cancelled)
    except ExportCancelledError:
        return ()


def _give_way_to_live() -> None:
    if sys.platform == "linux":  # Elsewhere it would slow down the whole program.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
