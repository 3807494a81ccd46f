"""A file for which something that a person asked for could not be done, and why."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vms_desktop.core.errors import Problem, StorageProblem


class Refusal(StrEnum):
    """Why a clip was left alone, the disk being well."""

    BEING_WRITTEN = "being_written"
    NOT_A_CLIP = "not_a_clip"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class FailedPath:
    """Something that was not done.

    Attributes:
        path: The clip; the folder where that is what failed.
        problem: `Problem`: what is in the file cannot be used, or only in part.
    """

    path: Path
    problem: StorageProblem | Problem | Refusal
