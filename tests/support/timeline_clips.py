"""Clips and rows for the timeline's tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.index.index import IndexedClip
from vms_desktop.core.library.gaps import Gap
from vms_desktop.ui.playback.timeline.rows import TimelineRow

DAY = datetime(2026, 11, 22, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def clip(hours: float, length_s: float = 60, **facts: Any) -> IndexedClip:
    """A clip of `DAY` that begins at so many hours."""
    values: dict[str, Any] = {"trigger": Trigger.MOTION, "strength": 0.2} | facts
    return IndexedClip(
        path=Path(f"/recordings/Alley/{hours}.mp4"),
        folder="Alley",
        camera_id="cam1",
        camera_name="Alley",
        start_at=at(hours),
        end_at=at(hours) + timedelta(seconds=length_s),
        event_start_at=at(hours),
        codec="h264",
        size=Size(640, 360),
        size_bytes=1000,
        **values,
    )


def gap(start: float, end: float, reason: str = "stream_lost: timed_out") -> Gap:
    return Gap(at(start), at(end), reason)


def row(*clips: IndexedClip, key: str = "cam1", name: str = "Alley", gaps: Any = ()) -> TimelineRow:
    return TimelineRow(key, name, tuple(clips), tuple(gaps))
