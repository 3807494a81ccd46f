"""Deletes clips as `retention` has it, and remembers what an hour has brought."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from vms_desktop.core.base import DiskUsage, Layout, StorageProblem, day_before, day_of, disk_usage
from vms_desktop.core.config import Settings
from vms_desktop.core.library.retention import (
    GB,
    TOLERANCE_SHARE,
    DeleteResult,
    PurgePlan,
    PurgeQuestion,
    PurgeReason,
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
class PurgeResult:
    """The outcome of a purge that a person asked for.

    Attributes:
        failed: Files that the disk did not let go.
        waiting: Questions that have to be answered before more is deleted.
        problem: What is wrong with the disk.
    """

    clips: int = 0
    freed_bytes: int = 0
    failed: frozenset[Path] = frozenset()
    waiting: tuple[PurgeQuestion, ...] = ()
    problem: StorageProblem | None = None
    cancelled: bool = False

    def and_then(self, step: DeleteResult) -> "PurgeResult":
        """With what one more step did."""
        return replace(
            self,
            clips=self.clips + len(step.deleted),
            freed_bytes=self.freed_bytes + step.freed_bytes,
            failed=self.failed | step.failed.keys(),
        )


@dataclass(slots=True)
class _Question:
    """A `PurgeQuestion` that was put, with its answer; times are monotonic."""

    ask: PurgeQuestion
    put_at: float
    answer: bool | None = None

    def stands(self, now: float) -> bool:
        """True while it is not put again; after a no it is, a day later."""
        return self.answer is not False or now - self.put_at < WAIT_S

    def is_confirmed(self, now: float) -> bool:
        """True if a person said yes, or nothing for a day."""
        return self.answer or (self.answer is None and now - self.put_at >= WAIT_S)


_NEVER_PUT = _Question(PurgeQuestion(PurgeReason.AGE, "", 0, 0), -math.inf, answer=False)


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
        self._counts_from = partial(its_return, layout)
        self._usage = usage
        self._questions: dict[tuple[PurgeReason, str], _Question] = {}
        self._recorded = _Hour()
        self._deleted = _Hour()
        self._failed: dict[Path, float] = {}
        self._found_short: bool | None = None
        self._used: tuple[float, int] | None = None
        self._purge_day: date | None = None
        self._next_age = now + HOUR_S

    @property
    def asks(self) -> tuple[PurgeQuestion, ...]:
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

    def answer(self, ask: PurgeQuestion, yes: bool, now: float) -> None:
        """A person has answered; after a no the question is put again a day later."""
        question = self._questions.get((ask.kind, ask.folder))
        if question:
            question.answer, question.put_at = yes, now
        if yes and ask.kind is PurgeReason.AGE:
            self._next_age = now

    def step(
        self,
        settings: Settings,
        days_of: Mapping[str, float],
        at: datetime,
        now: float,
        in_use: Set[Path] = frozenset(),
    ) -> DeleteResult:
        """Delete what has to go now.

        `days_of` are the retention days of the configured cameras, by folder,
        inactive ones too; other folders are touched by reserve and quota alone.
        Clips `in_use` (played, exported) stay.

        Raises:
            StorageError: The recordings' disk is not there.
        """
        self._failed = {path: t for path, t in self._failed.items() if now - t < HOUR_S}
        kept = in_use | self._failed.keys()
        done = self._run(self._reserve(settings, kept, now), at, now)
        if done.freed_bytes:
            self._deleted.add(now, done.freed_bytes)
        done += self._run(self._quota(settings, kept, now), at, now)
        if self._age_is_due(settings, at, now):
            for plan in self._age(days_of, at, now, kept):
                done += self._run(plan, at, now)
        return done

    def _reserve(self, settings: Settings, kept: Set[Path], now: float) -> PurgePlan:
        total, free = self._usage(self._layout.recordings)
        if not total:  # A share that does not say how large it is has nothing to be short of.
            return PurgePlan()
        reserve = reserve_bytes(total, settings.reserve_gb)
        missing = reserve - free
        if self._found_short is None:
            self._found_short = missing > reserve * TOLERANCE_SHARE
        if missing <= 0:
            self._found_short = False
            self._questions.pop((PurgeReason.RESERVE, ""), None)
        question = self._question(PurgeReason.RESERVE)
        shortage = Shortage(
            reserve,
            missing,
            self._recorded.total(now),
            self._deleted.total(now),
            found=self._found_short,
            asked=question.stands(now),
            confirmed=question.answer is True,
        )
        return reserve_plan(shortage, lambda: self._oldest(kept))

    def _quota(self, settings: Settings, kept: Set[Path], now: float) -> PurgePlan:
        if settings.quota_gb <= 0:
            return PurgePlan()
        if self._used is None or now - self._used[0] >= HOUR_S:
            self._used = now, recordings_bytes(self._layout)
        quota, used = int(settings.quota_gb * GB), self._used[1]
        if used <= quota:
            self._questions.pop((PurgeReason.QUOTA, ""), None)
        question = self._question(PurgeReason.QUOTA)
        confirmed = question.is_confirmed(now)
        if question.stands(now) and not confirmed:
            return PurgePlan()
        return quota_plan(used, quota, lambda: self._oldest(kept), confirmed=confirmed)

    def _age_is_due(self, settings: Settings, at: datetime, now: float) -> bool:
        """Once a day from the purge hour on, then hourly until nothing is due.

        What a computer that was off at that hour missed begins an hour after the start.
        """
        today = day_of(at)
        past_hour = at.hour >= settings.purge_hour
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
            plan = age_plan(
                folder,
                of_camera,
                days_of[folder],
                at,
                self._counts_from,
                confirmed=self._question(PurgeReason.AGE, folder).is_confirmed(now),
                in_use=kept,
            )
            plans.append(plan)
            if plan == PurgePlan():
                self._questions.pop((PurgeReason.AGE, folder), None)
        waits = any(plan != PurgePlan() for plan in plans)
        self._next_age = now + HOUR_S if waits else math.inf
        return plans

    def _run(self, plan: PurgePlan, at: datetime, now: float) -> DeleteResult:
        result = delete_clips(self._layout, plan.delete, day_of(at))
        self._failed |= dict.fromkeys(result.failed, now)
        self._count(-result.freed_bytes)
        ask = plan.ask
        if ask is None or self._question(ask.kind, ask.folder).stands(now):
            return result
        self._questions[ask.kind, ask.folder] = _Question(ask, now)
        return replace(result, asks=(ask,))

    def _question(self, kind: PurgeReason, folder: str = "") -> _Question:
        return self._questions.get((kind, folder), _NEVER_PUT)

    def _oldest(self, kept: Set[Path]) -> Iterable[StoredClip]:
        by_start = (clip for clip in oldest_clips(self._layout) if clip.path not in kept)
        return by_age(by_start, self._counts_from)

    def _count(self, size_bytes: int) -> None:
        if self._used is not None:
            self._used = self._used[0], self._used[1] + size_bytes
