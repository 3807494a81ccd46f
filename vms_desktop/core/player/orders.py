"""The orders that a track is given, and where it reports."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vms_desktop.core.base import Problem, Viewport
from vms_desktop.core.media import SoundBuffer
from vms_desktop.core.player.picture import PlayedPicture


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look at the clock and the clips again: one has changed."""


@dataclass(frozen=True, slots=True)
class ShowTrack:
    """Show pictures of this size; None where nobody sees them."""

    viewport: Viewport | None


@dataclass(frozen=True, slots=True)
class HearTrack:
    """Put the sound there; None for nowhere."""

    buffer: SoundBuffer | None


@dataclass(frozen=True, slots=True)
class StepFrames:
    """Go on by so many frames, back where negative."""

    frames: int


@dataclass(frozen=True, slots=True)
class SaveFrame:
    """Write the frame that is shown, in full, as a PNG."""

    path: Path


TrackOrder = LookAgain | ShowTrack | HearTrack | StepFrames | SaveFrame


@dataclass(frozen=True, slots=True)
class TrackReport:
    """The functions by which a track tells what happens; called in its thread.

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
