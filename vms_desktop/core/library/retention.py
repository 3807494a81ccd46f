"""The rules of retention: which clips are deleted, when, and when a person is asked first.

What this program records is what it deletes for. The rules are pure functions,
`purger` carries them out. Archives are never looked at.
"""

import heapq
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from vms_desktop.core.base import Layout, StorageProblem, local_time, parse_day, storage_error
from vms_desktop.core.library.tree import StoredClip, file_times

log = logging.getLogger(__name__)

GB = 1_000_000_000
RESERVE_MOST_BYTES = 5 * GB
RESERVE_SHARE = 0.05
# Of the reserve: what logs and file systems take without anybody being asked.
TOLERANCE_SHARE = 0.1
# Of the reserve: below it recording goes on at the cost of the oldest clips, one for one.
NEARLY_FULL_SHARE = 0.25


class PurgeReason(StrEnum):
    """The reason for which a person is asked before clips are deleted."""

    AGE = "age"
    RESERVE = "reserve"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class PurgeQuestion:
    """A question that a person should answer.

    Attributes:
        kind: `AGE`: over half of a camera's clips are too old at once;
            `RESERVE`: the disk was found nearly full, or something else fills
            it; `QUOTA`: over half of all recordings exceed the quota.
        folder: The camera's folder for `AGE`, else empty.
        clips, size_bytes: What would be deleted.
    """

    kind: PurgeReason
    folder: str
    clips: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """Clips to delete now; a question instead of them or beside them."""

    delete: tuple[StoredClip, ...] = ()
    ask: PurgeQuestion | None = None


@dataclass(frozen=True, slots=True)
class DeleteResult:
    """The outcome of deleting clips, or of a step of purging.

    Attributes:
        failed: Why the disk did not let a clip go.
        asks: Questions that a step of purging put on the way.
    """

    deleted: tuple[Path, ...] = ()
    freed_bytes: int = 0
    failed: Mapping[Path, StorageProblem] = field(default_factory=dict)
    asks: tuple[PurgeQuestion, ...] = ()

    def __add__(self, other: "DeleteResult") -> "DeleteResult":
        return DeleteResult(
            self.deleted + other.deleted,
            self.freed_bytes + other.freed_bytes,
            {**self.failed, **other.failed},
            self.asks + other.asks,
        )


def reserve_bytes(total_bytes: int, reserve_gb: float) -> int:
    """The bytes that stay free on a disk: as set, or the smaller of 5 GB and 5 % of it."""
    if reserve_gb > 0:
        return int(reserve_gb * GB)
    return min(RESERVE_MOST_BYTES, int(total_bytes * RESERVE_SHARE))


# From when on a clip ages, in naive local time.
CountsFrom = Callable[[StoredClip], datetime]


def its_return(layout: Layout, clip: StoredClip) -> datetime:
    """A clip ages from its start on; one that was put back from the archives, from then on."""
    try:
        at = local_time(layout.restored_mark(clip.path).read_text())
    except (OSError, ValueError, OverflowError):
        return clip.start
    return max(clip.start, at.replace(tzinfo=None))


def by_age(clips: Iterable[StoredClip], counts_from: CountsFrom) -> Iterator[StoredClip]:
    """Clips that are given by their start, by their age; asks no further than it is asked."""
    younger: list[tuple[datetime, Path, StoredClip]] = []
    for clip in clips:
        while younger and younger[0][0] <= clip.start:
            yield heapq.heappop(younger)[-1]
        since = counts_from(clip)
        if since > clip.start:
            heapq.heappush(younger, (since, clip.path, clip))
        else:
            yield clip
    yield from (clip for *_, clip in sorted(younger, key=lambda each: each[:2]))


def expired(
    clips: Iterable[StoredClip], days: float, at: datetime, counts_from: CountsFrom
) -> list[StoredClip]:
    """The clips that began more than `days` before local time `at`; none for 0 days."""
    if days <= 0:
        return []
    oldest_kept = at.replace(tzinfo=None) - timedelta(days=days)
    return [clip for clip in clips if clip.start < oldest_kept and counts_from(clip) < oldest_kept]


def is_behind(clips: Iterable[StoredClip], at: datetime) -> bool:
    """True if the clock is earlier than the end of the newest clip, and so cannot be right."""
    local = at.replace(tzinfo=None)
    # Exact times take ten times as long, and there may be half a million clips.
    late = (clip for clip in clips if clip.changed_at > at or clip.start > local)
    return any(file_times(clip.start, clip.changed_at)[1] > at for clip in late)


def age_plan(
    folder: str,
    clips: Sequence[StoredClip],
    days: float,
    at: datetime,
    counts_from: CountsFrom,
    *,
    confirmed: bool = False,
    in_use: Set[Path] = frozenset(),
) -> PurgePlan:
    """The clips of one camera, given oldest first, that retention by age deletes this hour.

    At most a tenth of them; where over half are due at once, a question.
    """
    old = expired(clips, days, at, counts_from)
    due = [clip for clip in old if clip.path not in in_use]
    if len(due) > len(clips) / 2 and not confirmed:
        return PurgePlan(ask=_ask(PurgeReason.AGE, due, folder))
    return PurgePlan(tuple(due[: math.ceil(len(clips) / 10)]))


def take_oldest(
    clips: Iterable[StoredClip], wanted_bytes: int, most_bytes: float = math.inf
) -> tuple[StoredClip, ...]:
    """As many of the clips, from the first on, as free `wanted_bytes`; never over `most_bytes`."""
    taken: list[StoredClip] = []
    size = 0
    for clip in clips if wanted_bytes > 0 else ():
        if size + clip.size_bytes > most_bytes:
            break
        taken.append(clip)
        size += clip.size_bytes
        if size >= wanted_bytes:
            break
    return tuple(taken)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A disk with less free than the reserve.

    Attributes:
        missing_bytes: How much less.
        recorded_bytes, deleted_bytes: By this program within the last hour.
        found: Whether it was so when the program started.
        asked: Whether the question stands already.
        confirmed: Whether a person said yes to deleting all that is missing.
    """

    reserve_bytes: int
    missing_bytes: int
    recorded_bytes: int = 0
    deleted_bytes: int = 0
    found: bool = False
    asked: bool = False
    confirmed: bool = False

    @property
    def budget_bytes(self) -> int:
        """Bytes that may go now: twice what the last hour recorded, less what it deleted."""
        return max(0, 2 * self.recorded_bytes - self.deleted_bytes)

    @property
    def not_ours(self) -> bool:
        """Whether this program's recordings do not explain it."""
        tolerance = self.reserve_bytes * TOLERANCE_SHARE
        return self.found or self.missing_bytes - self.budget_bytes > tolerance

    @property
    def nearly_full(self) -> bool:
        """Whether recording is about to stop."""
        free = self.reserve_bytes - self.missing_bytes
        return free < self.reserve_bytes * NEARLY_FULL_SHARE


def reserve_plan(shortage: Shortage, clips: Callable[[], Iterable[StoredClip]]) -> PurgePlan:
    """The clips that the reserve deletes now; `clips()` gives all of them, oldest first.

    Where something else took the space: a question, and deletions only for
    what was recorded itself, once the disk is nearly full.
    """
    missing = shortage.missing_bytes
    if missing <= 0:
        return PurgePlan()
    if shortage.confirmed:
        return PurgePlan(take_oldest(clips(), missing))
    if not shortage.not_ours:
        return PurgePlan(take_oldest(clips(), missing, shortage.budget_bytes))
    ask = None if shortage.asked else _ask(PurgeReason.RESERVE, take_oldest(clips(), missing))
    own = max(0, shortage.recorded_bytes - shortage.deleted_bytes) if shortage.nearly_full else 0
    return PurgePlan(take_oldest(clips(), min(missing, own), shortage.budget_bytes), ask)


def quota_plan(
    used_bytes: int,
    quota_bytes: int,
    clips: Callable[[], Iterable[StoredClip]],
    *,
    confirmed: bool = False,
) -> PurgePlan:
    """The clips that a quota deletes now; a question where they are over half of the recordings."""
    excess = used_bytes - quota_bytes
    if quota_bytes <= 0 or excess <= 0:
        return PurgePlan()
    delete = take_oldest(clips(), excess)
    if excess > used_bytes / 2 and not confirmed:
        return PurgePlan(ask=_ask(PurgeReason.QUOTA, delete))
    return PurgePlan(delete)


def delete_clips(
    layout: Layout, clips: Iterable[StoredClip], today: date | None = None
) -> DeleteResult:
    """Delete recorded clips and all that belongs to them. Nothing outside the recordings goes."""
    deleted: list[StoredClip] = []
    failed: dict[Path, StorageProblem] = {}
    for clip in clips:
        if not clip.path.is_relative_to(layout.recordings):
            failed[clip.path] = StorageProblem.FORBIDDEN
        elif problem := delete_clip_files(layout, clip.path, today):
            failed[clip.path] = problem
        else:
            deleted.append(clip)
    freed_bytes = sum(clip.size_bytes for clip in deleted)
    return DeleteResult(tuple(clip.path for clip in deleted), freed_bytes, failed)


def delete_clip_files(
    layout: Layout, path: Path, today: date | None = None
) -> StorageProblem | None:
    """Delete a clip, its thumbnail, side-car and marks, and the days that this empties.

    Why not where the disk does not let the clip go. The folder of a camera stays, and so does
    the day `today`, into which a recorder may be about to write.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as err:
        log.warning("%s not deleted: %s", layout.relative(path), err.strerror)
        return storage_error(err).kind
    clear_up_after(layout, path, today)
    return None


def clear_up_after(layout: Layout, path: Path, today: date | None = None) -> None:
    """Delete what belonged to a clip that is gone from here, and the days that this empties.

    The day `today` stays.
    """
    belongings = layout.belongings(path)
    with suppress(OSError):  # orphans harm nobody
        for each in belongings:
            each.unlink(missing_ok=True)
    for day in {path.parent, belongings[0].parent}:
        if parse_day(day.name) not in (None, today):
            with suppress(OSError):  # refused unless it is empty
                day.rmdir()


def _ask(kind: PurgeReason, clips: Sequence[StoredClip], folder: str = "") -> PurgeQuestion:
    return PurgeQuestion(kind, folder, len(clips), sum(clip.size_bytes for clip in clips))
