"""An export carried out: clips looked at, files planned, written and named."""

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import av

from vms_desktop.core.burning import TimeStamp
from vms_desktop.core.clock import START_TAG, utc_tag
from vms_desktop.core.errors import Problem, StorageError, StorageProblem, StreamError
from vms_desktop.core.export import ExportRequest, ExportResult, ExportTrack, export_name
from vms_desktop.core.export_encoding import PictureEncoder
from vms_desktop.core.export_file import ExportFile
from vms_desktop.core.export_plan import FilePlan, plan_track
from vms_desktop.core.export_source import ExportSource, SourceReader, read_source
from vms_desktop.core.failed_path import FailedPath
from vms_desktop.core.joining import Joiner, LostPieceError
from vms_desktop.core.player.track import PlayableClip, to_datetime
from vms_desktop.core.storage import storage_error

log = logging.getLogger(__name__)

WHOLE = 1000
"""Progress is told in thousandths."""


APART_US = 2_000_000
"""Packets that arrive in groups, and a clock that is set, put a clip's start so far off at most."""


DOUBT = timedelta(seconds=5)
"""So much later than it is said to a clip may end: its packets arrived in groups."""


class CancelledError(Exception):
    """A person does not want it any more; nothing of it is left."""


class Exporter:
    """Carries out one export, in the thread that calls `run`.

    Args:
        tell: Told the thousandths that are done, whenever they grow.
        is_cancelled: Asked with every frame.
    """

    def __init__(
        self,
        request: ExportRequest,
        tell: Callable[[int], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._request = request
        self._tell = tell
        self._is_cancelled = is_cancelled
        self._outputs: list[Path] = []
        self._failed: list[FailedPath] = []
        self._told = -1
        self._done_us = 0
        self._total_us = 0

    def run(self) -> ExportResult:
        """Write the files.

        Raises:
            CancelledError: Nothing is left of it.
            StorageError: The folder does not take them; nothing is left either.
        """
        try:
            plans = [plan for track in self._request.tracks for plan in self._plans(track)]
            self._total_us = sum(plan.length_us for plan in plans)
            for plan in plans:
                self._write(plan)
        except (CancelledError, StorageError):
            self._remove_outputs()
            raise
        self._progress(WHOLE)
        return ExportResult(tuple(self._outputs), tuple(self._failed))

    def _plans(self, track: ExportTrack) -> list[FilePlan]:
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

    def _write(self, plan: FilePlan) -> None:
        length_us = plan.length_us
        while plan.pieces and not self._try_to_write(plan):
            lost = self._failed[-1].path
            rest = tuple(piece for piece in plan.pieces if piece.source.path != lost)
            plan = replace(plan, pieces=rest)
        self._done_us += length_us

    def _try_to_write(self, plan: FilePlan) -> bool:
        """False where one clip is gone since it was looked at: without it the file is another."""
        try:
            self._outputs.append(self._written(plan))
        except LostPieceError as err:
            self._fail(err.piece.source.path, err.kind)
            return False
        except StreamError as err:
            for path in dict.fromkeys(piece.source.path for piece in plan.pieces):
                self._fail(path, err.kind)
        except av.FFmpegError as err:
            raise StorageError(StorageProblem.FAILING, err.strerror or "") from None
        except OSError as err:
            raise storage_error(err) from None
        return True

    def _written(self, plan: FilePlan) -> Path:
        """Write one file; where it is. Whatever goes wrong, nothing is left of it."""
        name = export_name(plan.track.name, _start_of(plan), self._request.comment)
        file = ExportFile(self._request.folder / name)
        joiner = Joiner(file, plan, self._tags(plan), self._encoder(plan), self._step)
        with ExitStack() as undo:
            undo.callback(file.discard)
            undo.callback(joiner.abandon)
            joiner.write()
            path = file.finish()
            undo.pop_all()
        return path

    def _encoder(self, plan: FilePlan) -> PictureEncoder | None:
        if not plan.encode:
            return None
        stamp = TimeStamp(plan.track.name) if self._request.burn_in else None
        return PictureEncoder(plan, stamp.draw if stamp else None)

    def _tags(self, plan: FilePlan) -> dict[str, str]:
        utc = utc_tag(_start_of(plan))
        tags = {"camera_name": plan.track.name, START_TAG: utc, "creation_time": utc}
        return {**tags, "comment": self._request.comment} if self._request.comment else tags

    def _step(self, done_us: int) -> None:
        self._check()
        self._progress(WHOLE * (self._done_us + done_us) // max(1, self._total_us))

    def _check(self) -> None:
        if self._is_cancelled():
            raise CancelledError

    def _progress(self, done: int) -> None:
        if done > self._told:
            self._told = done
            self._tell(done)

    def _fail(self, path: Path, problem: Problem) -> None:
        log.info("%s not exported whole: %s", path.name, problem)
        self._failed.append(FailedPath(path, problem))

    def _remove_outputs(self) -> None:
        for path in self._outputs:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _start_of(plan: FilePlan) -> datetime:
    """When the first picture of a file was, in local time."""
    first = plan.pieces[0]
    return to_datetime(first.moment(first.from_us))


def find_frame(source: ExportSource, other: ExportSource, expected_us: int) -> int | None:
    """Where one clip has the first frame of another, about a time; None where nowhere.

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
