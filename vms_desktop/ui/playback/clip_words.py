"""The words of the Playback page for values of `core`: why a clip cannot be played, times."""

from datetime import datetime

from vms_desktop.core.base import Problem
from vms_desktop.ui.base import words, words_of

_tr = words_of(__name__)


def clip_problem(problem: Problem) -> str:
    """The reason why a clip is not shown, as a short sentence."""
    told = {
        Problem.NOT_FOUND: _tr("The file is no longer there"),
        Problem.NO_VIDEO: _tr("The file has no video"),
        Problem.UNSUPPORTED_CODEC: _tr("The video's format is not supported"),
        Problem.BAD_DATA: _tr("The file is damaged"),
        Problem.UNREACHABLE: _tr("The disk does not give the file"),
    }
    return told.get(problem) or words.problem_words(problem)


def milliseconds(at: datetime) -> str:
    """The milliseconds of a moment, to stand behind its second: .240."""
    return f".{at.microsecond // 1000:03}"
