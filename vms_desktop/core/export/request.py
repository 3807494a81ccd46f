"""An export as a value: which clips of which cameras, from when to when, and how; its names.

Values only; `exporter` carries one out.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vms_desktop.core.base import folder_name
from vms_desktop.core.player import PlayableClip

# In a name: with the camera's it stays below the 255 bytes that file systems take.
MAX_COMMENT_CHARS = 60


@dataclass(frozen=True, slots=True)
class ExportTrack:
    """One camera's clips to be exported.

    Attributes:
        name: The camera's name: in the file's name, its tags and the burnt-in line.
        rotation: Clockwise, a multiple of 90°.
    """

    name: str
    clips: tuple[PlayableClip, ...]
    rotation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """An export as a person wants it.

    Attributes:
        start, end: Aware times; None: from the first clip's beginning, to the last one's end.
        folder: Where the files go; created where it is missing.
        comment: Stands in the names and in the files.
        exact: Begins with the very frame of `start`, not with the keyframe before
            it. Encodes a camera's clips where that is what it takes.
        burn_in: Local time and camera in the picture, which is encoded for it.
        concat: One file per camera, else one per clip.
    """

    tracks: tuple[ExportTrack, ...]
    folder: Path
    start: datetime | None = None
    end: datetime | None = None
    comment: str = ""
    exact: bool = False
    burn_in: bool = False
    concat: bool = True


def export_name(camera: str, start_at: datetime, comment: str = "") -> str:
    """`Camera_2026-11-22_14-31-03_Comment.mp4`: ASCII letters, digits, `_` and `-` alone."""
    parts = [_plain(camera) or "camera", f"{start_at:%Y-%m-%d_%H-%M-%S}"]
    if words := _plain(comment)[:MAX_COMMENT_CHARS].strip("_"):
        parts.append(words)
    return f"{'_'.join(parts)}.mp4"


def _plain(text: str) -> str:
    """The text in ASCII; nothing of what has no letter or digit."""
    words = folder_name(text) if text.strip() else ""
    return re.sub("_+", "_", words).strip("_")
