"""The journal of what was not watched: when, and why.

A gap is open in memory until it ends; a heartbeat on disk tells the next start
what a crash left open, and how long the program did not run.
"""

import json
import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from types import MappingProxyType
from typing import IO, Any, NamedTuple

from vms_desktop.core.base import (
    CameraState,
    Layout,
    Problem,
    Status,
    StorageProblem,
    load_json,
    local_time,
    make_private,
    parts_by_day,
    storage_error,
    utc_text,
    write_whole,
)
from vms_desktop.core.config import CameraConfig

log = logging.getLogger(__name__)

HEARTBEAT_S = 10.0
# A heartbeat and a half: less is a restart that nobody misses.
NOT_RUNNING_AFTER_S = 15.0
# Where a clip tells to the moment when its camera was recorded last, less is told too.
CUT_OFF_AFTER_S = 1.0
# A clip that was being written and ends so long before the last heartbeat: its disk took nothing.
DISK_HUNG_AFTER_S = 5.0
# A clock that came back from 1970 must not write a journal for every day since.
MAX_DAYS = 366
# Gaps that wait for a disk which takes nothing: they must not fill the memory.
MAX_WAITING = 10_000
# Of one day: a gap every second. Earlier versions could write gigabytes (see `gap_repair`).
MAX_READ_BYTES = 16_000_000
# Bytes; a gap's line has some 100.
_MAX_LINE_BYTES = 4096


class GapKind(StrEnum):
    """The reasons of gaps; the first two have a problem behind a colon."""

    STREAM_LOST = "stream_lost"
    DISK = "disk"
    PAUSED = "paused"
    INACTIVE = "inactive"
    ASLEEP = "asleep"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class Gap:
    """Time that should have been watched and was not.

    Attributes:
        reason: A `GapKind`, with its problem where there is one (`disk: full`); text of
            another version as it stands.
    """

    start_at: datetime
    end_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class _Open:
    folder: str
    start_at: datetime
    reason: str


class _Heartbeat(NamedTuple):
    at: datetime | None
    open: dict[str, _Open]


@dataclass(slots=True, eq=False)
class _Waiting:
    """A gap that is over and not yet written; its camera's folder may still move.

    Attributes:
        is_state: It was open as long as the camera was in a state; else it was told whole.
    """

    camera_id: str
    folder: str
    gap: Gap
    is_state: bool = False


class GapJournal:
    """Collects gaps and writes them.

    `opened`, `closed`, `add` and `moved` touch no disk; `recover`, `heartbeat` and `flush`
    write, one thread at a time. All may be called from any thread.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = Lock()
        # Held over calls of the data folder's disk, so never by the GUI thread, and before `_lock`.
        self._writing = RLock()
        self._open: dict[str, _Open] = {}
        self._waiting: deque[_Waiting] = deque(maxlen=MAX_WAITING)
        self._beat_at: datetime | None = None
        self._last_run: _Heartbeat | None = None
        # Of the last run, and not yet known to this one: a crash must not forget them.
        self._left_inactive: dict[str, _Open] = {}
        self._gone_on: frozenset[str] = frozenset()

    def opened(self, camera_id: str, folder: str, at: datetime, reason: str) -> None:
        """A camera is not watched from now on; another reason ends the gap that is open."""
        with self._lock:
            gap = self._open.get(camera_id)
            if gap and gap.reason == reason:
                return
            self._close(camera_id, at)
            self._open[camera_id] = _Open(folder, at, reason)

    def closed(self, camera_id: str, at: datetime, recorded_since: datetime | None = None) -> None:
        """A camera is watched again; nothing if it was.

        Args:
            recorded_since: When the clip began that is being written, which may reach back
                (pre-roll, or what had waited) into the time in which the disk took nothing.
        """
        with self._lock:
            self._close(camera_id, at)
            if recorded_since:
                self._shorten(camera_id, recorded_since)

    def add(self, camera_id: str, folder: str, gap: Gap) -> None:
        """A gap that is over; others may be open or lie within it."""
        with self._lock:
            self._waiting.append(_Waiting(camera_id, folder, gap))

    def moved(self, camera_id: str, folder: str) -> None:
        """A camera's folder has another name."""
        with self._lock:
            if gap := self._open.get(camera_id):
                self._open[camera_id] = replace(gap, folder=folder)
            for waiting in self._waiting:
                if waiting.camera_id == camera_id:
                    waiting.folder = folder

    def heartbeat(self, at: datetime) -> None:
        """Write what waits, and every `HEARTBEAT_S` that the program runs.

        Raises:
            StorageError: The disk does not take it; the gaps wait.
        """
        if self._beat_at and timedelta() <= at - self._beat_at < timedelta(seconds=HEARTBEAT_S):
            return
        self.flush(at)

    def flush(self, at: datetime) -> None:
        """Write everything now, at the end of the program for instance.

        A gap that is still open is written up to the day that `at` lies in.

        Raises:
            StorageError: The disk does not take it; the gaps wait.
        """
        with self.held():
            self._go_on()
            self._end_days(at)
            while waiting := self._next_waiting():
                _append(self._layout, waiting.folder, waiting.gap)
                with self._lock, suppress(ValueError):  # The bound may have pushed it out.
                    self._waiting.remove(waiting)
            with self._lock:
                still_open = self._left_inactive | self._open
            left = {key: _entry(gap) for key, gap in still_open.items()}
            entry = {"at": utc_text(at), "open": left}
            write_whole(self._layout.heartbeat_json, json.dumps(entry).encode(), sync=False)
            self._beat_at = at

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have nobody else write a journal meanwhile."""
        with self._writing:
            yield

    def recover(
        self,
        at: datetime,
        folders: Mapping[str, str],
        cut_off: Mapping[str, datetime] = MappingProxyType({}),
    ) -> None:
        """End what the last run left open, and tell that the program did not run until `at`.

        Once, as soon as the folders of the configured cameras are known (by
        id). `at` is the start of the program. A camera that was switched off
        and still is has one gap through both runs and the time between them.

        Args:
            cut_off: The end of the clip that was being written, by camera id. From then on
                nothing reached the disk, however long the program ran.

        Raises:
            StorageError: The disk does not take it.
        """
        with self.held():
            self._recover(at, folders, cut_off)

    def _recover(
        self, at: datetime, folders: Mapping[str, str], cut_off: Mapping[str, datetime]
    ) -> None:
        last_at, left_open = self._remember_last_run()
        if last_at is None:
            return
        going_on = self._go_on()
        self._left_inactive = {}
        for camera_id, gap in left_open.items():
            if camera_id not in going_on:
                folder = folders.get(camera_id, gap.folder)
                _append(self._layout, folder, Gap(gap.start_at, last_at, gap.reason))
        for camera_id in folders.keys() - going_on:
            ended_at = cut_off.get(camera_id)
            if ended_at is not None and camera_id in left_open:
                ended_at = max(ended_at, last_at)
            for missing in _gaps_of_end(last_at, ended_at, at):
                _append(self._layout, folders[camera_id], missing)
        self.flush(max(at, self._beat_at or at))

    def _remember_last_run(self) -> _Heartbeat:
        """Gives what the last run wrote, read before this one overwrites it."""
        if self._last_run is None:
            self._last_run = _read_heartbeat(self._layout.heartbeat_json)
            left = self._last_run.open
            inactive = [key for key in left if left[key].reason == GapKind.INACTIVE]
            self._left_inactive = {key: left[key] for key in inactive}
        return self._last_run

    def _go_on(self) -> frozenset[str]:
        """Have the cameras that are switched off as in the last run be so since then; which."""
        self._remember_last_run()
        with self._lock:
            for camera_id, left in list(self._left_inactive.items()):
                gap = self._open.get(camera_id)
                if gap and gap.reason == GapKind.INACTIVE:
                    self._open[camera_id] = replace(gap, start_at=min(gap.start_at, left.start_at))
                    del self._left_inactive[camera_id]
                    self._gone_on |= {camera_id}
            return self._gone_on

    def _end_days(self, at: datetime) -> None:
        """Have what is over of the open gaps, every day before that of `at`, written.

        A camera may be switched off for months: what tells of it is to lie in
        the journals, not in a heartbeat that does not wait for the disk.
        """
        with self._lock:
            for camera_id, gap in self._open.items():
                days = list(split_by_day(Gap(gap.start_at, at, gap.reason)))
                if len(days) < 2:
                    continue
                _, today = days[-1]
                over = Gap(gap.start_at, today.start_at, gap.reason)
                self._waiting.append(_Waiting(camera_id, gap.folder, over))
                self._open[camera_id] = replace(gap, start_at=today.start_at)

    def _close(self, camera_id: str, at: datetime) -> None:
        gap = self._open.pop(camera_id, None)
        if gap and gap.start_at < at:
            ended = Gap(gap.start_at, at, gap.reason)
            self._waiting.append(_Waiting(camera_id, gap.folder, ended, is_state=True))

    def _shorten(self, camera_id: str, recorded_since: datetime) -> None:
        """Have what a clip reaches back into be no gap of the disk."""
        for waiting in list(self._waiting):
            gap = waiting.gap
            is_of_disk = waiting.is_state and gap.reason.startswith(GapKind.DISK)
            if waiting.camera_id == camera_id and is_of_disk and gap.end_at > recorded_since:
                self._waiting.remove(waiting)
                if gap.start_at < recorded_since:
                    shorter = replace(gap, end_at=recorded_since)
                    self._waiting.append(replace(waiting, gap=shorter))

    def _next_waiting(self) -> "_Waiting | None":
        with self._lock:
            return self._waiting[0] if self._waiting else None


def disk_gap(start_at: datetime, end_at: datetime, problem: StorageProblem) -> Gap:
    """Time of which the disk has taken nothing."""
    return Gap(start_at, end_at, _disk_reason(problem))


def _disk_reason(problem: StorageProblem) -> str:
    return f"{GapKind.DISK}: {problem}"


def _gaps_of_end(last_at: datetime, ended_at: datetime | None, at: datetime) -> Iterator[Gap]:
    """What is missing of a camera between two runs.

    Args:
        last_at: The last heartbeat.
        ended_at: The end of the clip that was being written then, if one was.
        at: The start of this run.
    """
    since_at, least_s = last_at, NOT_RUNNING_AFTER_S
    if ended_at is not None:
        since_at, least_s = ended_at, CUT_OFF_AFTER_S
        if (last_at - ended_at).total_seconds() > DISK_HUNG_AFTER_S:
            yield disk_gap(ended_at, last_at, StorageProblem.HANGING)
            since_at = last_at
    if (at - since_at).total_seconds() > least_s:
        yield Gap(since_at, at, GapKind.NOT_RUNNING)


def gap_reason(camera: CameraConfig, status: Status, *, waits: bool = False) -> str:
    """The reason for which time is lost in this state; empty where none is.

    `waits` where what comes is kept while the disk hangs or is too slow: of that only what
    finds no room is lost, and told by whoever drops it.
    """
    if status.problem is Problem.ASLEEP:
        return GapKind.ASLEEP
    match status.state:
        case CameraState.STREAM_LOST | CameraState.FAILED:
            return f"{GapKind.STREAM_LOST}: {status.problem}"
        case CameraState.PAUSED:
            return GapKind.PAUSED
        case CameraState.INACTIVE:
            return GapKind.INACTIVE
    is_kept = waits and status.storage is not None and status.storage.keeps
    if status.storage and not is_kept and camera.is_recording_enabled:
        return _disk_reason(status.storage)
    return ""


@dataclass(slots=True)
class GapLines:
    """The lines of a journal that tell something, each gap once: its longest line.

    A crash between journal and heartbeat tells a gap twice, and a fault of earlier
    versions told one without any length thousands of times. Torn lines tell nothing.

    Attributes:
        found: Gaps and their lines, by start and reason.
        passed_over: How many lines were not needed.
    """

    found: dict[tuple[datetime, str], tuple[Gap, bytes]] = field(default_factory=dict)
    passed_over: int = 0
    _before: bytes = b""

    def read(self, file: IO[bytes], most_bytes: int) -> int:
        """Take so many of the next bytes, to the end of a line; how many there were."""
        taken = 0
        for line in iter(partial(file.readline, _MAX_LINE_BYTES), b""):
            self._take(line)
            taken += len(line)
            if taken >= most_bytes:
                break
        return taken

    def gaps(self) -> list[Gap]:
        """The gaps in order."""
        return sorted((gap for gap, _ in self.found.values()), key=lambda gap: gap.start_at)

    def add(self, gap: Gap, line: bytes = b"") -> None:
        """Take a gap, without a line where no journal has it yet."""
        key = gap.start_at, gap.reason
        known = self.found.get(key)
        self.passed_over += known is not None
        if known is None or known[0].end_at < gap.end_at:
            self.found[key] = gap, line

    def _take(self, line: bytes) -> None:
        gap = None if line == self._before else _parse(line)
        self._before = line
        if gap is None or gap.end_at <= gap.start_at:
            self.passed_over += 1
        else:
            self.add(gap, line)


def open_gaps(layout: Layout) -> dict[str, list[Gap]]:
    """The gaps that have not ended, by folder, as far as the last heartbeat knows of them."""
    at, left_open = _read_heartbeat(layout.heartbeat_json)
    found: dict[str, list[Gap]] = {}
    for gap in left_open.values():
        if at is not None and gap.start_at < at:
            found.setdefault(gap.folder, []).append(Gap(gap.start_at, at, gap.reason))
    return found


def read_gaps(layout: Layout, folder: str, day: date, still_open: Iterable[Gap] = ()) -> list[Gap]:
    """A camera's gaps of a local day, in order; lines that are torn are passed over.

    `still_open` are gaps of its that no journal has yet.
    """
    lines = GapLines()
    with suppress(OSError), layout.gaps_path(folder, day).open("rb") as file:
        lines.read(file, MAX_READ_BYTES)
    for gap in still_open:
        for on, part in split_by_day(gap):
            if on == day:
                lines.add(part)
    return lines.gaps()


def split_by_day(gap: Gap) -> Iterator[tuple[date, Gap]]:
    """The parts of a gap on each local day, at most the last `MAX_DAYS`."""
    start_at = max(gap.start_at, gap.end_at - timedelta(days=MAX_DAYS))
    for day, part_start_at, part_end_at in parts_by_day(start_at, gap.end_at):
        yield day, Gap(part_start_at, part_end_at, gap.reason)


def _append(layout: Layout, folder: str, gap: Gap) -> None:
    for day, part in split_by_day(gap):
        path = layout.gaps_path(folder, day)
        line = {"from": utc_text(part.start_at), "to": utc_text(part.end_at), "reason": part.reason}
        make_private(path.parent)
        try:
            _append_line(path, json.dumps(line).encode())
        except OSError as err:
            raise storage_error(err) from None


def _append_line(path: Path, line: bytes) -> None:
    """Add a line; after one that a crash has torn, on a line of its own."""
    with path.open("a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        torn = file.read(1) not in (b"", b"\n")
        file.write(b"\n" * torn + line + b"\n")


def _entry(gap: _Open) -> dict[str, str]:
    return {"folder": gap.folder, "from": utc_text(gap.start_at), "reason": gap.reason}


def _parse(line: bytes) -> Gap | None:
    try:
        entry = load_json(line)
        return Gap(local_time(entry["from"]), local_time(entry["to"]), _text(entry["reason"]))
    except (ValueError, KeyError, TypeError):
        return None


def _text(given: object) -> str:
    """The text; ValueError for half a surrogate pair, which can be neither written nor shown."""
    text = str(given)
    text.encode()
    return text


def _folder(given: object) -> str:
    """A folder's name; ValueError for what would lead anywhere else."""
    name = _text(given)
    is_path = name in ("", ".", "..") or not name.isprintable() or set(name) & set("/\\:")
    if name != given or is_path:
        raise ValueError("no name of a folder")
    return name


def _read_heartbeat(path: Path) -> _Heartbeat:
    try:
        entry: Any = load_json(path.read_bytes())
        left_open = {
            key: _Open(_folder(gap["folder"]), local_time(gap["from"]), _text(gap["reason"]))
            for key, gap in entry["open"].items()
        }
        return _Heartbeat(local_time(entry["at"]), left_open)
    except FileNotFoundError:
        return _Heartbeat(None, {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        log.warning("heartbeat not usable: %s", err)
        return _Heartbeat(None, {})
