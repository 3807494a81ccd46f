"""The words of the timeline about what lies under the pointer, and why nothing does."""

from datetime import datetime, timedelta

from vms_desktop.core.base import Problem, StorageProblem
from vms_desktop.core.clips import Trigger
from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.core.library import Gap, GapKind
from vms_desktop.ui.base import (
    counter_words,
    duration_words,
    problem_words,
    storage_words,
    words_of,
)

_tr = words_of(__name__)


def gap_words(reason: str) -> str:
    """The words for a gap's reason, why nothing was watched; the reason itself if unknown."""
    kind, _, problem = (part.strip() for part in reason.partition(":"))
    if kind == GapKind.STREAM_LOST:
        known = problem_words(Problem(problem)) if problem in set(Problem) else ""
        return " · ".join(part for part in (_tr("Stream lost"), known) if part)
    if kind == GapKind.DISK:
        is_known = problem in set(StorageProblem)
        return storage_words(StorageProblem(problem) if is_known else StorageProblem.FAILING)
    names = {
        GapKind.PAUSED: _tr("Paused"),
        GapKind.INACTIVE: _tr("Switched off"),
        GapKind.ASLEEP: problem_words(Problem.ASLEEP),
        GapKind.NOT_RUNNING: _tr("The program was not running"),
    }
    return names[GapKind(kind)] if kind in names else reason


def clip_words(at: datetime, clip: IndexedClip) -> str:
    """A moment of a clip: when, how long the clip is, and what sets it apart."""
    length = duration_words(clip.duration_s) if clip.duration_s > 0 else ""
    parts = [f"{at:%H:%M:%S}", length, _kind(clip)]
    if clip.is_archived:
        parts.append(_tr("Archived"))
    return " · ".join(filter(None, parts))


def moment_words(at: datetime, gap: Gap | None) -> str:
    """A moment without a clip."""
    if gap is None:
        return f"{at:%H:%M:%S}"
    start, end = (moment.astimezone(at.tzinfo) for moment in (gap.start_at, gap.end_at))
    return f"{start:%H:%M:%S} – {end:%H:%M:%S} · {gap_words(gap.reason)}"


def range_words(length_s: float) -> str:
    """The length of the chosen range."""
    return _tr("{length} chosen").format(length=counter_words(timedelta(seconds=round(length_s))))


def _kind(clip: IndexedClip) -> str:
    if clip.state is ClipState.UNREADABLE:
        return _tr("Cannot be played")
    return _tr("Recorded by hand") if clip.trigger is Trigger.MANUAL else ""
