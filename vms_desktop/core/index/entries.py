"""The index's entries, made from a clip's side-car and its file's facts; opens no clip."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Layout, parse_clip_path
from vms_desktop.core.clips import Clip, SidecarFacts, motion_grid_of, read_sidecar_facts
from vms_desktop.core.index.index import ClipState, IndexedClip
from vms_desktop.core.index.writer import DayKey, IndexEntry, Want
from vms_desktop.core.library import StoredClip, bare_clip
from vms_desktop.core.motion import MOTION_GRID, MOTION_GRID_BYTES, MotionCells

# Cells along the side of a block.
BLOCK = 4
BLOCK_COLUMNS, BLOCK_ROWS = MOTION_GRID.width // BLOCK, MOTION_GRID.height // BLOCK
PACKED_BYTES = MOTION_GRID_BYTES + 2 * BLOCK_COLUMNS * BLOCK_ROWS

# Of the picture moving within one second: what counts as most.
FULL_STRENGTH_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class MotionSummary:
    """The motion of a whole clip.

    Attributes:
        packed: 288 bytes, the cells as in the motion grid, any second together;
            then for each block, row by row, the seconds that its cells moved,
            all cells added, as unsigned 16 bits, the low byte first. Empty
            where nothing moved.
        strength: 0…1, the root of the largest share of the picture that moved
            within one second against `FULL_STRENGTH_SHARE`: a person far away
            has 0.2, a car before the lens 1.
    """

    packed: bytes = b""
    strength: float = 0.0


def summarise(grid: MotionCells) -> MotionSummary:
    """The summary of a motion grid of shape (seconds, 36, 64)."""
    if not grid.any():
        return MotionSummary()
    seconds = np.add.reduce(grid, axis=0, dtype=np.uint32)
    blocks = seconds.reshape(BLOCK_ROWS, BLOCK, BLOCK_COLUMNS, BLOCK).sum(axis=(1, 3))
    counts = np.minimum(blocks, np.iinfo(np.uint16).max).astype("<u2")
    largest = max(map(np.count_nonzero, grid)) / (MOTION_GRID.width * MOTION_GRID.height)
    strength = min(1.0, largest / FULL_STRENGTH_SHARE) ** 0.5
    return MotionSummary(np.packbits(seconds != 0).tobytes() + counts.tobytes(), strength)


def unpack(packed: list[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Masks, shape (n, 288), bits as in the motion grid, and counts, shape (n, 144)."""
    whole = np.frombuffer(b"".join(packed), np.uint8).reshape(-1, PACKED_BYTES)
    counts = np.ascontiguousarray(whole[:, MOTION_GRID_BYTES:]).view("<u2")
    return whole[:, :MOTION_GRID_BYTES], counts


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A clip's files, known without opening them.

    Attributes:
        changed_ns, sidecar_ns: When the clip and its side-car were last
            written, in ns since 1970; 0 without a side-car.
    """

    day: DayKey
    size_bytes: int
    changed_ns: int
    sidecar_ns: int
    has_thumbnail: bool

    @property
    def stamp(self) -> str:
        """Another one as soon as clip or side-car have changed."""
        return f"{self.size_bytes}.{self.changed_ns}.{self.sidecar_ns}"


def file_facts(layout: Layout, path: Path, day: DayKey) -> FileFacts:
    """The facts of a clip's files as they are now.

    Raises:
        OSError: The clip is not there.
    """
    stat = path.stat()
    try:
        sidecar_ns = layout.sidecar_path(path).stat().st_mtime_ns
    except OSError:
        sidecar_ns = 0
    has_thumbnail = layout.thumbnail_path(path).exists()
    return FileFacts(day, stat.st_size, stat.st_mtime_ns, sidecar_ns, has_thumbnail)


def described(layout: Layout, path: Path, facts: FileFacts) -> IndexEntry | None:
    """The entry of a clip with what its side-car says; None for a file of another name.

    Nobody knows which version wrote it: its sound is wanted to be looked at.
    """
    place = parse_clip_path(path)
    if place is None:
        return None
    known = (
        read_sidecar_facts(layout.sidecar_path(path), path) if facts.sidecar_ns else SidecarFacts()
    )
    summary = summarise(known.grid) if known.grid is not None else MotionSummary()
    clip, wants = known.clip, Want.SOUND
    if clip is None:  # As of the web version's: name and size tell, its motion is to be found.
        changed_at = datetime.fromtimestamp(facts.changed_ns / 1e9).astimezone()
        clip = bare_clip(StoredClip(path, *place, facts.size_bytes, changed_at))
        wants |= Want.GRID
    entry = _entry(clip, known.comment, facts, summary, is_described=known.clip is not None)
    if entry.clip.state is ClipState.UNREADABLE:
        return entry
    return replace(entry, wants=entry.wants | wants)


def taken(layout: Layout, clip: Clip, day: DayKey) -> IndexEntry:
    """The entry of a clip that was closed just now, its motions in memory.

    Raises:
        OSError: Its file is not there any more.
    """
    facts = file_facts(layout, clip.path, day)
    return _entry(clip, "", facts, summarise(motion_grid_of(clip)))


def _entry(
    clip: Clip,
    comment: str,
    facts: FileFacts,
    summary: MotionSummary,
    *,
    is_described: bool = True,
) -> IndexEntry:
    state, wants = ClipState.OK, Want.NOTHING
    if not is_described or facts.size_bytes != clip.size_bytes:  # Cut short, or replaced.
        state, wants = ClipState.UNKNOWN, Want.PROBE
        if not facts.size_bytes:  # It needs no look.
            state, wants = ClipState.UNREADABLE, Want.NOTHING
    if not facts.has_thumbnail and state is not ClipState.UNREADABLE:
        wants |= Want.THUMBNAIL
    indexed = IndexedClip(
        path=clip.path,
        folder=facts.day.folder,
        camera_id=clip.camera_id,
        camera_name=clip.camera_name,
        start_at=clip.start_at,
        end_at=clip.end_at,
        event_start_at=clip.event_start_at,
        trigger=clip.trigger,
        codec=clip.codec,
        size=clip.size,
        size_bytes=facts.size_bytes,
        peak_at=clip.peak_at,
        peak_area_px=clip.peak_area_px,
        strength=summary.strength,
        state=state,
        is_archived=facts.day.archived,
        comment=comment,
        has_thumbnail=facts.has_thumbnail,
    )
    return IndexEntry(indexed, facts.stamp, summary.packed, wants)
