"""Deletes clips as `retention` has it, and remembers what an hour has brought."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from vms_desktop.core.base import DiskUsage, Layout, StorageProblem, day_before, day_of, disk_usage
from vms_desktop.core.library.retention import (
    GB,
    TOLERANCE_SHARE,
    Ask,
    AskKind,
    PurgePlan,
    Shortage,
    age_plan,
    by_age,
    delete_clips,
    is_behind,
    its_return,
    quota_plan,
    reserve_bytes,
    reserve_plan,
)
from vms_desktop.core.library.tree import StoredClip, oldest_clips, recordings_bytes

HOUR_S = 3600.0
# How long a question stands before it counts as answered (or, after a no, is put again).
WAIT_S = 24 * HOUR_S
BEHIND_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that bound the recordings (see `Settings`)."""

    reserve_gb: float = 0
    quota_gb: float = 0
    purge_hour: int = 3


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What one step of the `Purger` did; `asks` are the questions that are new."""

    deleted: tuple[Path, ...] = ()
    failed: tuple[Path, ...] = ()
    freed_bytes: int = 0
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Purged:
    """What became of a purge that a person asked for.

    Attributes:
        failed: Files that the disk did not let go.
        waiting: Questions that have to be answered before more is deleted.
        problem: What is wrong with the disk.
    """

    clips: int = 0
    freed_bytes: int = 0
    failed: frozenset[Path] = frozenset()
    waiting: tuple[Ask, ...] = ()
    problem: StorageProblem | None = None
    cancelled: bool = False

    def and_then(self, step: PurgeReport) -> "Purged":
        """With what one more step did."""
        return replace(
            self,
            clips=self.clips + len(step.deleted),
            freed_bytes=self.freed_bytes + step.freed_bytes,
            failed=self.failed | frozenset(step.failed),
        )


@dataclass(slots=True)
class _Question:
    """An `Ask` that was put, with its answer; times are monotonic."""

    ask: Ask
    put_at: float
    answer: bool | None = None

    def is_over(self, now: float) -> bool:
        return now - self.put_at >= WAIT_S


@dataclass(slots=True)
class _Hour:
    """Bytes of the last hour."""

    _entries: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, now: float, size_bytes: int) -> None:
        self._entries.append((now, size_bytes))

    def total(self, now: float) -> int:
        while self._entries and now - self._entries[0][0] >= HOUR_S:
            self._entries.popleft()
        return sum(size for _, size in self._entries)


class Purger:
    """Keeps the recordings within reserve, quota and age.

    Belongs to one background thread, which calls `step()` every few seconds;
    `now` is monotonic time, `at` the wall's.
    """

    def __init__(
        self,
        layout: Layout,
        now: float,
        usage: Callable[[Path], DiskUsage] = disk_usage,
    ) -> None:
        self._layout = layout
        self._usage = usage
        self._questions: dict[tuple[AskKind, str], _Question] = {}
        self._recorded = _Hour()
        self._deleted = _Hour()
        self._failed: dict[Path, float] = {}
        self._found_short: bool | None = None
        self._used: tuple[float, int] | None = None
        self._purge_day: date | None = None
        self._next_age = now + HOUR_S

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The questions that wait for an answer."""
        return tuple(q.ask for q in self._questions.values() if q.answer is None)

    def recorded(self, size_bytes: int, now: float) -> None:
        """Bytes have been written to clips, also to those not closed yet."""
        self._recorded.add(now, size_bytes)
        self._count(size_bytes)

    def freed(self, size_bytes: int) -> None:
        """A person has deleted so much."""
        self._count(-size_bytes)

    def hurry(self, now: float) -> None:
        """A person asks: the next step looks at the age of clips, whatever the hour."""
        self._next_age = now

    def answer(self, ask: Ask, yes: bool, now: float) -> None:
        """A person has answered; after a no the question is put again a day later."""
        question = self._questions.get((ask.kind, ask.folder))
        if question:
            question.answer, question.put_at = yes, now
        if yes and ask.kind is AskKind.AGE:
            self._next_age = now

    def step(
        self,
        limits: Limits,
        days_of: Mapping[str, float],
        at: datetime,
        now: float,
        in_use: Set[Path] = frozenset(),
    ) -> PurgeReport:
        """Delete what has to go now.

        `days_of` are the retention days of the configured cameras, by folder,
        inactive ones too; other folders are touched by reserve and quota alone.
        Clips `in_use` (played, exported) stay.

        Raises:
            StorageError: The recordings' disk is not there.
        """
        self._failed = {path: t for path, t in self._failed.items() if now - t < HOUR_S}
        kept = in_use | self._failed.keys()
        reports = [
            self._run(self._reserve(limits, kept, now), at, now, for_reserve=True),
            self._run(self._quota(limits, kept, now), at, now),
        ]
        if self._age_is_due(limits, at, now):
            plans = self._age(days_of, at, now, kept)
            reports += [self._run(plan, at, now) for plan in plans]
        return PurgeReport(
            deleted=tuple(path for report in reports for path in report.deleted),
            failed=tuple(path for report in reports for path in report.failed),
            freed_bytes=sum(report.freed_bytes for report in reports),
            asks=tuple(ask for report in reports for ask in report.asks),
        )

    def _reserve(self, limits: Limits, kept: Set[Path], now: float) -> PurgePlan:
        total, free = self._usage(self._layout.recordings)
        if not total:  # A share that does not say how large it is has nothing to be short of.
            return PurgePlan()
        reserve = reserve_bytes(total, limits.reserve_gb)
        missing = reserve - free
        if self._found_short is None:
            self._found_short = missing > reserve * TOLERANCE_SHARE
        if missing <= 0:
            self._found_short = False
            self._questions.pop((AskKind.RESERVE, ""), None)
        shortage = Shortage(
            reserve,
            missing,
            self._recorded.total(now),
            self._deleted.total(now),
            found=self._found_short,
            asked=self._stands(AskKind.RESERVE, "", now),
            confirmed=self._said_yes(AskKind.RESERVE),
        )
        return reserve_plan(shortage, lambda: self._oldest(kept))

    def _quota(self, limits: Limits, kept: Set[Path], now: float) -> PurgePlan:
        if limits.quota_gb <= 0:
            return PurgePlan()
        if self._used is None or now - self._used[0] >= HOUR_S:
            self._used = now, recordings_bytes(self._layout)
        quota, used = int(limits.quota_gb * GB), self._used[1]
        if used <= quota:
            self._questions.pop((AskKind.QUOTA, ""), None)
        confirmed = self._confirmed(AskKind.QUOTA, "", now)
        if self._stands(AskKind.QUOTA, "", now) and not confirmed:
            return PurgePlan()
        return quota_plan(used, quota, lambda: self._oldest(kept), confirmed=confirmed)

    def _age_is_due(self, limits: Limits, at: datetime, now: float) -> bool:
        """Once a day from the purge hour on, then hourly until nothing is due.

        What a computer that was off at that hour missed begins an hour after the start.
        """
        today = day_of(at)
        past_hour = at.hour >= limits.purge_hour
        if self._purge_day is None:
            self._purge_day = today if past_hour else day_before(today)
        comes = past_hour and today != self._purge_day
        if comes:
            self._purge_day = today
        return comes or now >= self._next_age

    def _age(
        self, days_of: Mapping[str, float], at: datetime, now: float, kept: Set[Path]
    ) -> list[PurgePlan]:
        clips = {folder: list(oldest_clips(self._layout, folder)) for folder in sorted(days_of)}
        if any(is_behind(of_camera, at) for of_camera in clips.values()):
            self._next_age = now + BEHIND_RETRY_S
            return []
        plans = []
        for folder, of_camera in clips.items():
            confirmed = self._confirmed(AskKind.AGE, folder, now)
            plan = age_plan(
                folder,
                of_camera,
                days_of[folder],
                at,
                self._counts_from,
                confirmed=confirmed,
                in_use=kept,
            )
            plans.append(plan)
            if plan == PurgePlan():
                self._questions.pop((AskKind.AGE, folder), None)
        waits = any(plan != PurgePlan() for plan in plans)
        self._next_age = now + HOUR_S if waits else math.inf
        return plans

    def _run(
        self, plan: PurgePlan, at: datetime, now: float, *, for_reserve: bool = False
    ) -> PurgeReport:
        result = delete_clips(self._layout, plan.delete, day_of(at))
        freed = result.freed_bytes
        self._failed |= dict.fromkeys(result.failed, now)
        self._count(-freed)
        if for_reserve and freed:
            self._deleted.add(now, freed)
        asks = (plan.ask,) if plan.ask and self._put(plan.ask, now) else ()
        return PurgeReport(result.deleted, tuple(result.failed), freed, asks)

    def _put(self, ask: Ask, now: float) -> bool:
        """Put a question unless it stands already; after a no, a day later."""
        if self._stands(ask.kind, ask.folder, now):
            return False
        self._questions[ask.kind, ask.folder] = _Question(ask, now)
        return True

    def _stands(self, kind: AskKind, folder: str, now: float) -> bool:
        question = self._questions.get((kind, folder))
        return question is not None and not (question.answer is False and question.is_over(now))

    def _said_yes(self, kind: AskKind, folder: str = "") -> bool:
        question = self._questions.get((kind, folder))
        return question is not None and question.answer is True

    def _confirmed(self, kind: AskKind, folder: str, now: float) -> bool:
        """Whether a person said yes, or nothing for a day."""
        question = self._questions.get((kind, folder))
        unanswered = question and question.answer is None and question.is_over(now)
        return self._said_yes(kind, folder) or bool(unanswered)

    def _oldest(self, kept: Set[Path]) -> Iterable[StoredClip]:
        by_start = (clip for clip in oldest_clips(self._layout) if clip.path not in kept)
        return by_age(by_start, self._counts_from)

    def _counts_from(self, clip: StoredClip) -> datetime:
        return its_return(self._layout, clip)

    def _count(self, size_bytes: int) -> None:
        if self._used is not None:
            self._used = self._used[0], self._used[1] + size_bytes
