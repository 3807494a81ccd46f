"""A recorded clip as a value, and what is known of it as it begins and ends."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from vms_desktop.core.base import Size
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.motion import Motion
from vms_desktop.core.stream import AudioFacts, Packet, VideoFacts


class Trigger(StrEnum):
    """The reason why a recording began."""

    MOTION = "motion"
    MANUAL = "manual"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One closed file of the recordings tree.

    Attributes:
        path: The file, absolute.
        start_at, end_at: When its first packet and the end of its last one arrived.
        event_start_at: First moving frame of the event, or when a person asked.
        peak_at, peak_area_px: When the motion was strongest, and that area in
            px² of the SD picture; None and 0 where nothing moved.
        motions: Every analysed frame that moved, `Motion.at` in s since `start_at`.
    """

    camera_id: str
    camera_name: str
    path: Path
    start_at: datetime
    end_at: datetime
    event_start_at: datetime
    trigger: Trigger
    codec: str
    size: Size
    size_bytes: int
    peak_at: datetime | None = None
    peak_area_px: float = 0
    motions: tuple[Motion, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of the clip in seconds."""
        return (self.end_at - self.start_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """The facts of a clip when it begins."""

    camera: CameraConfig
    video: VideoFacts
    start_at: datetime
    start: float
    event_start_at: datetime
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class ClipEnd:
    """The facts that are known when it ends; `Motion.at` in s since the clip's start.

    `thumbnail` is a JPEG of the strongest motion, empty where nothing moved.
    """

    end_at: datetime
    motions: tuple[Motion, ...]
    thumbnail: bytes = b""


class ClipSink(Protocol):
    """A taker of clips: the writing thread, or in a test a list."""

    @property
    def ready(self) -> bool:
        """Whether a clip may begin."""

    def begin(self, spec: ClipSpec, first: Packet, audio: AudioFacts | None) -> int:
        """Begin a clip; gives its number. Raises StreamError for a keyframe that is none."""

    def write(self, number: int, packet: Packet) -> bool:
        """Take a packet; False once the clip could not be written on."""

    def finish(self, number: int, end: ClipEnd) -> None:
        """End a clip."""
