"""What a track is told, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vms_desktop.core.base import Problem, Viewport
from vms_desktop.core.media import SoundBuffer
from vms_desktop.core.player.picture import PlayedPicture


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The clock or the clips have changed."""


@dataclass(frozen=True, slots=True)
class Show:
    """The room for the picture; None where nobody sees it."""

    viewport: Viewport | None


@dataclass(frozen=True, slots=True)
class Hear:
    """Where sound goes; None for nowhere."""

    buffer: SoundBuffer | None


@dataclass(frozen=True, slots=True)
class Step:
    """Go on by so many frames, back where negative."""

    frames: int


@dataclass(frozen=True, slots=True)
class SaveFrame:
    """Write the frame that is shown, in full, as a PNG."""

    path: Path


TrackOrder = LookAgain | Show | Hear | Step | SaveFrame


@dataclass(frozen=True, slots=True)
class TrackReport:
    """Where a track tells what happens; called in its thread.

    Attributes:
        show: Takes each picture.
        changed: Another clip is shown now, or None where there is no recording.
        failed: A clip cannot be played.
        saved: A frame was written; None where it could not be.
        opened: The files that are open now.
    """

    show: Callable[[PlayedPicture], object]
    changed: Callable[[Path | None], object]
    failed: Callable[[Path, Problem], object]
    saved: Callable[[Path | None], object]
    opened: Callable[[frozenset[Path]], object]
