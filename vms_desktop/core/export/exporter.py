"""An export carried out: clips looked at, files planned, written and named."""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import av

from vms_desktop.core.base import (
    CLIP_START_TAG,
    Problem,
    StorageError,
    StorageProblem,
    StreamError,
    utc_tag,
)
from vms_desktop.core.export.concat import Concatenator, LostPieceError
from vms_desktop.core.export.encoder import LineWriter, PictureEncoder, TimeStamp
from vms_desktop.core.export.file import ExportFile
from vms_desktop.core.export.plan import FilePlan, parts, plan_track, without
from vms_desktop.core.export.record import ExportRecord
from vms_desktop.core.export.request import ExportRequest, ExportTrack, export_name
from vms_desktop.core.export.room_needed import MARGIN, file_limit, fitting_us, missing_bytes
from vms_desktop.core.export.source import ExportSource, SourceReader, read_source
from vms_desktop.core.library import FailedPath, Obstacle
from vms_desktop.core.player import PlayableClip, local_datetime

log = logging.getLogger(__name__)

# Progress is told in thousandths.
WHOLE = 1000
# Packets that arrive in groups, and a clock that is set, put a clip's start so far off at most.
APART_US = 2_000_000
# A clip may end up to this much later than is said of it: its packets arrived in groups.
DOUBT = timedelta(seconds=5)


class ExportCancelledError(Exception):
    """A person does not want it any more; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class ExportRest:
    """The rest of an export whose folder takes no more; it may go on in another."""

    request: ExportRequest
    plans: tuple[FilePlan, ...]


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The outcome of an export.

    Attributes:
        outputs: The files, in the order of the tracks.
        failed: Clips that are missing in them, or of which only a part could be read; the
            folder where that is what failed.
        rest: What was not begun or not completed because of the folder.
    """

    outputs: tuple[Path, ...]
    failed: tuple[FailedPath, ...] = ()
    rest: ExportRest | None = None


class Exporter:
    """Carries out one export, in the thread that calls `run`.

    Args:
        tell: Told how much is done, and of how much, whenever it grows.
        is_cancelled: Asked with every frame.
        write_line: Writes what is burnt into pictures; None where that is not wanted, as for plans.
        record: Remembers what is being written.
        plans: What is left of the request; None: all of it.
    """

    def __init__(
        self,
        request: ExportRequest,
        tell: Callable[[int, int], None],
        is_cancelled: Callable[[], bool],
        write_line: LineWriter | None,
        record: ExportRecord | None = None,
        plans: tuple[FilePlan, ...] | None = None,
    ) -> None:
        self._request = request
        self._write_line = write_line
        self._tell = tell
        self._is_cancelled = is_cancelled
        self._record = record
        self._given = plans
        self._limit_bytes: int | None = None
        self._outputs: list[Path] = []
        self._failed: list[FailedPath] = []
        self._told = -1
        self._done_us = 0
        self._total_us = 0

    def run(self) -> ExportResult:
        """Write the files. Those that are whole stay where the folder takes no more.

        Raises:
            ExportCancelledError: Nothing is left of it.
        """
        try:
            plans = self._given
            if plans is None:
                tracks = self._request.tracks
                plans = tuple(plan for track in tracks for plan in self.plans_of(track))
            self._total_us = sum(plan.length_us for plan in plans)
            self._limit_bytes = file_limit(self._request.folder)
            rest = self._write_all(plans)
        except ExportCancelledError:
            self._remove_outputs()
            raise
        if rest is None:
            self._progress(WHOLE)
        return ExportResult(tuple(self._outputs), tuple(self._failed), rest)

    def plans_of(self, track: ExportTrack) -> list[FilePlan]:
        """The files of one camera; opens its clips. Raises ExportCancelledError."""
        sources: dict[Path, ExportSource] = {}
        for clip in track.clips:
            self._check()
            if not self._is_in_range(clip):
                continue
            try:
                sources[clip.path] = source = read_source(clip.path, track.rotation)
            except StreamError as err:
                self._fail(clip.path, err.kind)
                continue
            except (av.FFmpegError, ValueError, MemoryError):
                self._fail(clip.path, Problem.BAD_DATA)
                continue
            if source.is_cut_short:
                self._fail(clip.path, Problem.BAD_DATA)
        return plan_track(self._request, track, sources, find_frame)

    def _is_in_range(self, clip: PlayableClip) -> bool:
        """Whether it is worth opening a clip."""
        start, end = self._request.start, self._request.end
        is_known = clip.end_at > clip.start_at
        if start is not None and is_known and clip.end_at + DOUBT < start:
            return False
        return end is None or clip.start_at < end

    def _write_all(self, plans: Iterable[FilePlan]) -> ExportRest | None:
        """Write one file after the other; gives what is left where the disk refuses."""
        waiting = deque(plan for given in plans for plan in self._fitting(given))
        while waiting:
            plan = waiting.popleft()
            if not plan.pieces:
                continue
            try:
                waiting.extendleft(reversed(self._tried(plan)))
            except _DiskError as err:
                left = (plan, *waiting)
                folder = self._request.folder
                kind = err.cause.kind
                is_full = kind is StorageProblem.FULL
                missing = missing_bytes(folder, left, err.written) if is_full else 0
                log.warning("not exported whole: %s", err.cause)
                self._failed.append(FailedPath(folder, kind, missing_bytes=missing))
                return ExportRest(self._request, left)
        return None

    def _fitting(self, plan: FilePlan) -> list[FilePlan]:
        """A file that its disk would not take whole as several."""
        fitting = fitting_us(plan, self._limit_bytes)
        return [plan] if fitting >= plan.length_us else parts(plan, fitting)

    def _tried(self, plan: FilePlan) -> list[FilePlan]:
        """Write a file; gives what is to be written instead where that cannot be done."""
        try:
            self._outputs.append(self._written(plan))
        except LostPieceError as err:
            if err.kind is Obstacle.NOT_FOR_MP4 and self._request.exact:
                return [replace(plan, encode=True)]
            self._fail(err.piece.source.path, err.kind, err.codec)
            rest = without(plan, err.piece.source.path)
            self._done_us += plan.length_us - rest.length_us
            return [rest]
        except _DiskError as err:
            shorter = self._shorter(plan, err)
            if len(shorter) < 2:
                raise
            return shorter
        self._done_us += plan.length_us
        return []

    def _shorter(self, plan: FilePlan, err: "_DiskError") -> list[FilePlan]:
        """The parts that a disk takes which refused to let a file grow."""
        size_bytes, reached_us = err.written
        if err.cause.kind is not StorageProblem.TOO_LARGE or not reached_us:
            return []
        log.info("the disk takes no file of %d bytes: going on in another", size_bytes)
        return parts(plan, int(min(reached_us, plan.length_us - 1) * MARGIN))

    def _written(self, plan: FilePlan) -> Path:
        """Write one file; gives its path. Whatever goes wrong, nothing is left of it."""
        name = export_name(plan.track.name, _start_of(plan), self._request.comment)
        file = ExportFile(self._request.folder / name, self._record)
        concatenator = Concatenator(file, plan, self._tags(plan), self._encoder(plan), self._step)
        with ExitStack() as undo:
            undo.callback(file.discard)
            undo.callback(concatenator.abandon)
            try:
                concatenator.write()
                path = file.finish()
            except StorageError as err:
                raise _DiskError(err, (file.reached_bytes, concatenator.reached_us)) from None
            undo.pop_all()
        return path

    def _encoder(self, plan: FilePlan) -> PictureEncoder | None:
        if not plan.encode:
            return None
        burns = self._request.burn_in
        write = self._write_line
        stamp = TimeStamp(plan.track.name, write) if burns and write else None
        return PictureEncoder(plan, stamp.draw if stamp else None)

    def _tags(self, plan: FilePlan) -> dict[str, str]:
        utc = utc_tag(_start_of(plan))
        tags = {"camera_name": plan.track.name, CLIP_START_TAG: utc, "creation_time": utc}
        return {**tags, "comment": self._request.comment} if self._request.comment else tags

    def _step(self, done_us: int) -> None:
        self._check()
        self._progress(WHOLE * (self._done_us + done_us) // max(1, self._total_us))

    def _check(self) -> None:
        if self._is_cancelled():
            raise ExportCancelledError

    def _progress(self, done: int) -> None:
        if done > self._told:
            self._told = done
            self._tell(done, WHOLE)

    def _fail(self, path: Path, problem: Problem | Obstacle, codec: str = "") -> None:
        log.info("%s not exported whole: %s", path.name, problem)
        self._failed.append(FailedPath(path, problem, codec))

    def _remove_outputs(self) -> None:
        for path in self._outputs:
            with suppress(OSError):
                path.unlink(missing_ok=True)


class _DiskError(Exception):
    """The disk took no more of a file: so many bytes, which held so many µs."""

    def __init__(self, cause: StorageError, written: tuple[int, int]) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.written = written


def export_begins_at(
    request: ExportRequest, is_cancelled: Callable[[], bool]
) -> tuple[datetime | None, ...]:
    """The times of the first pictures of each track's copy: at a keyframe, not at the mark.

    Opens only the clips with which the range may begin. None for a track of which nothing
    can be exported.

    Raises:
        ExportCancelledError: Nobody waits for it any more.
    """
    exporter = Exporter(request, lambda *_done: None, is_cancelled, write_line=None)
    begins: list[datetime | None] = []
    for track in request.tracks:
        plans = exporter.plans_of(replace(track, clips=_first_clips(request, track)))
        begins.append(_start_of(plans[0]) if plans else None)
    return tuple(begins)


def _first_clips(request: ExportRequest, track: ExportTrack) -> tuple[PlayableClip, ...]:
    start = request.start
    clips = sorted(track.clips, key=lambda clip: clip.start_at)
    if start is None:
        return tuple(clips[:1])
    holding = [clip for clip in clips if clip.start_at <= start <= clip.end_at + DOUBT]
    later = [clip for clip in clips if clip.start_at > start]
    return (*holding, *later[:1])


def _start_of(plan: FilePlan) -> datetime:
    """The time of a file's first picture, in local time."""
    first = plan.pieces[0]
    return local_datetime(first.moment(first.from_us))


def find_frame(source: ExportSource, other: ExportSource, expected_us: int) -> int | None:
    """The time at which one clip has the first frame of another; None where it has not.

    Keyframes are compared byte by byte: the noise of a sensor makes each another.
    """
    near = [us for us in source.keyframes_us if abs(us - expected_us) <= APART_US]
    try:
        wanted = _keyframe_bytes(other, 0)
        found = [us for us in near if wanted and _keyframe_bytes(source, us) == wanted]
    except StreamError:
        return None
    return min(found, key=lambda us: abs(us - expected_us), default=None)


def _keyframe_bytes(source: ExportSource, at_us: int) -> bytes | None:
    with SourceReader.opened(source.path) as reader:
        packets = reader.packets(at_us, at_us + 1)
        return next((bytes(packet.data) for packet in packets if packet.is_video), None)
