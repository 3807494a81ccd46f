"""A library on disk for tests: clips with side-cars and thumbnails, and an index of it."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from tests.support.video import clip_bytes
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Box, Size
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.index.scan import Step, scan_tree
from vms_desktop.core.index.writer import ClipIndexWriter
from vms_desktop.core.motion.detector import Motion

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).astimezone()
LONG_AGO_S = 1.7e9


def marked_layout(root: Path) -> Layout:
    """A data folder whose recordings carry their mark: their disk is there."""
    layout = Layout(root)
    layout.recordings.mkdir()
    layout.recordings_mark.write_text("{}")
    return layout


def at(text: str, day: date = DAY) -> datetime:
    """The aware local time of `HH:MM:SS` on a day."""
    return datetime.fromisoformat(f"{day} {text}").astimezone()


def moved(at_s: float, *cells: tuple[int, int]) -> Motion:
    """Motion in these cells, each (row, column) of 36 × 64."""
    grid = np.zeros((36, 64), bool)
    for row, column in cells:
        grid[row, column] = True
    return Motion(at_s, at_s, (Box(0, 0, 0.1, 0.1),), 900, 500, np.packbits(grid).tobytes())


@cache
def playable() -> bytes:
    """The smallest clip: one second, five pictures."""
    return clip_bytes(5, width=64, height=64, fps=5)


def put_file(path: Path, data: bytes | None = None) -> Path:
    """A file that has lain there for long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(playable() if data is None else data)
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return path


def put_clip(
    layout: Layout,
    start_at: datetime,
    *motions: Motion,
    folder: str = "A",
    length_s: float = 10,
    thumbnail: bool = True,
) -> Clip:
    """A clip as this program records it."""
    path = put_file(layout.clip_path(folder, start_at))
    peak = max(motions, key=lambda motion: motion.area_px, default=None)
    clip = Clip(
        camera_id=f"id-{folder}",
        camera_name=f"Camera {folder}",
        path=path,
        start_at=start_at,
        end_at=start_at + timedelta(seconds=length_s),
        event_start_at=start_at,
        trigger=Trigger.MOTION,
        codec="h264",
        size=Size(64, 64),
        size_bytes=path.stat().st_size,
        peak_at=start_at + timedelta(seconds=peak.at) if peak else None,
        peak_area_px=peak.area_px if peak else 0,
        motions=motions,
    )
    write_sidecar(layout.sidecar_path(path), clip)
    if thumbnail:
        put_file(layout.thumbnail_path(path), b"jpeg")
    return clip


def settle(layout: Layout) -> None:
    """Let every file and folder look as if it had not been changed for long."""
    for tree in (layout.recordings, layout.thumbnails, layout.archives):
        for path in tree.rglob("*"):
            os.utime(path, (LONG_AGO_S, LONG_AGO_S))


def scanned(index: ClipIndexWriter, **how: bool) -> set[tuple[str, date]]:
    """Look at the whole tree; what has changed."""
    return {change for step in scan_tree(index, NOW, **how) for change in step.changed}


def steps(index: ClipIndexWriter) -> Iterator[Step]:
    """A look at the whole tree, step by step."""
    return scan_tree(index, NOW)
