"""The outcome of a job on clips, in words: what was done, and which remain and why."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vms_desktop.core.base import Problem, StorageProblem, parse_clip_path
from vms_desktop.core.library import FailedPath, Obstacle, Refusal
from vms_desktop.ui.base import bytes_words, storage_words, words_of
from vms_desktop.ui.widgets import Banner

if TYPE_CHECKING:
    from vms_desktop.workers.jobs import JobResult

_KEY = "clips"
_DONE_S = 8
# So many clips that remain are named; the others are counted.
_NAMED = 3

_tr = words_of(__name__)


def job_result_banner(result: "JobResult") -> Banner | None:
    """The banner about clips that were archived, restored, commented or deleted; None for none."""
    sentences = [*_done(result), *_remaining(result.failed)]
    if not sentences:
        return None
    text = " ".join(sentences)
    if result.failed:
        return Banner(_KEY, text, icon="warning", urgent=True)
    return Banner(_KEY, text, seconds=_DONE_S)


def _done(result: "JobResult") -> list[str]:
    from vms_desktop.workers.jobs import JobKind

    number = len(result.done)
    if not number:
        return []
    words = {
        JobKind.ARCHIVE: _tr("%n clip(s) moved to the archives.", number),
        JobKind.RESTORE: _tr("%n clip(s) moved back to the recordings.", number),
        JobKind.DELETE: _tr("%n clip(s) deleted, {amount} free again.", number),
    }.get(result.kind)
    return [words.format(amount=bytes_words(result.freed_bytes))] if words else []


def _remaining(failed: Sequence[FailedPath]) -> list[str]:
    if not failed:
        return []
    named = [_named(each) for each in failed[:_NAMED]]
    if len(failed) > _NAMED:
        named.append(_tr("and %n more", len(failed) - _NAMED))
    words = _tr("%n clip(s) could not be changed: {clips}.", len(failed))
    return [words.format(clips=", ".join(named))]


def _named(failed: FailedPath) -> str:
    """A clip by its folder and time, and why it remains: Alley 14:24:48 (disk is read-only)."""
    found = parse_clip_path(failed.path)
    name = f"{found[0].replace('_', ' ')} {found[1]:%H:%M:%S}" if found else failed.path.name
    return _tr("{clip} ({reason})").format(clip=name, reason=failure_words(failed))


def failure_words(failed: FailedPath) -> str:
    """The reason why something could not be done, with what is known of it."""
    if failed.problem is Obstacle.NOT_FOR_MP4:
        words = _tr("its video, {codec}, cannot be copied into an MP4; encoded anew it can")
        return words.format(codec=failed.codec)
    if failed.problem is StorageProblem.FULL and failed.missing_bytes:
        words = _tr("disk full: about {amount} more is needed")
        return words.format(amount=bytes_words(max(1e6, failed.missing_bytes)))
    return clip_problem_words(failed.problem)


def clip_problem_words(problem: StorageProblem | Problem | Refusal | Obstacle) -> str:
    """The reason why something could not be done with a clip."""
    if isinstance(problem, StorageProblem):
        return storage_words(problem)
    words: dict[Problem | Refusal | Obstacle, str] = {
        Refusal.BEING_WRITTEN: _tr("still being recorded"),
        Refusal.NOT_A_CLIP: _tr("not a clip"),
        Refusal.GONE: _tr("no longer there"),
        Problem.NOT_FOUND: _tr("no longer there"),
        Problem.UNSUPPORTED_CODEC: _tr("format not supported"),
        Problem.NO_VIDEO: _tr("holds no video"),
        Problem.NO_KEYFRAMES: _tr("holds no keyframe"),
        Problem.CRASHED: _tr("an error in the program; details are in the log"),
        Obstacle.NO_MEMORY: _tr("not enough memory"),
    }
    return words.get(problem, _tr("cannot be read"))
