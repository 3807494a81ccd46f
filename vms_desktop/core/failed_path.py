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


class Obstacle(StrEnum):
    """Why a clip cannot stand in an export, though it can be read."""

    NOT_FOR_MP4 = "not_for_mp4"
    NO_MEMORY = "no_memory"


@dataclass(frozen=True, slots=True)
class FailedPath:
    """Something that was not done.

    Attributes:
        path: The clip; the folder where that is what failed.
        problem: `Problem`: what is in the file cannot be used, or only in part.
        codec: The name of what is in the file, where that is the reason.
        missing_bytes: About so much more room is needed; 0 where nobody knows.
    """

    path: Path
    problem: StorageProblem | Problem | Refusal | Obstacle
    codec: str = ""
    missing_bytes: int = 0
