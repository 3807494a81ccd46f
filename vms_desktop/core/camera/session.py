"""The sessions of a camera's streams as others see them: orders in, reports and clips out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from vms_desktop.core.base import Picture, Status, StorageProblem, Viewport
from vms_desktop.core.camera.preview import Preview
from vms_desktop.core.clips import ClipSink
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.media import SoundBuffer


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """Go on with another configuration of the same streams."""

    camera: CameraConfig


@dataclass(frozen=True, slots=True)
class ViewportChanged:
    """Make pictures for this room; None where nobody can see them."""

    viewport: Viewport | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Let go of the stream, or take it up again."""

    paused: bool


@dataclass(frozen=True, slots=True)
class SaveSnapshot:
    """Save the newest full frame."""

    path: Path


@dataclass(frozen=True, slots=True)
class Listen:
    """Play the sound into this buffer; None for silence."""

    buffer: SoundBuffer | None


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Something in `CameraShared` has changed (a recording by hand)."""


@dataclass(frozen=True, slots=True)
class FeedPreview:
    """Let this preview see every frame until it is closed; it takes the place of another."""

    preview: Preview


CameraOrder = (
    CameraChanged | ViewportChanged | Pause | SaveSnapshot | Listen | LookAgain | FeedPreview
)


class CameraSession(Protocol):
    """Keeps one of a camera's streams open; everything of it belongs to the thread that runs it."""

    def run(self) -> None:
        """Work until its inbox is stopped."""


class CameraSink(ClipSink, Protocol):
    """The writing thread of a camera, as its sessions see it."""

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written at the moment."""

    def recording_since(self, now: float) -> datetime | None:
        """The beginning of the clip that reaches the disk now; None where none does."""

    def save(self, path: Path, data: bytes) -> None:
        """Write a snapshot; empty data tells that there was no picture to save."""


@dataclass(frozen=True, slots=True)
class CameraReport:
    """Whom a camera's session tells what happens, from its own thread."""

    status_changed: Callable[[Status], None]
    event_began: Callable[[datetime], None]
    show: Callable[[Picture], object]
