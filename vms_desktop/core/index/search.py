"""Searches the index for motion: clips with some in an area, and a day's heat map."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Box, Layout
from vms_desktop.core.clips import read_motion_grid
from vms_desktop.core.index.entries import BLOCK, BLOCK_COLUMNS, BLOCK_ROWS, unpack
from vms_desktop.core.index.index import ClipIndex, IndexedClip
from vms_desktop.core.motion import MOTION_GRID, MotionCells

MOST_AREA_HITS = 200
# Best hits whose second is looked up at once, about what a screen shows.
LOCATED_AREA_HITS = 48


@dataclass(frozen=True, slots=True)
class AreaHit:
    """A clip in which something moved in an area.

    Attributes:
        score: How many seconds each cell of the area moved, on average.
        at_s: Second into the clip with most motion in the area; where that was
            not looked up (see `locate`), with most motion anywhere.
    """

    clip: IndexedClip
    score: float
    at_s: float


def search_area(
    index: ClipIndex,
    area: Box,
    start_day: date,
    end_day: date,
    folders: Collection[str] | None = None,
    *,
    limit: int = MOST_AREA_HITS,
    located: int = LOCATED_AREA_HITS,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[AreaHit]:
    """The clips of these days in which something moved in `area`, best first.

    The best `limit` at most. `area` is in shares of the picture as recorded, not
    turned. The index answers; side-cars are read for the first `located` alone.
    None of it where `cancelled` says so meanwhile.
    """
    cells = cells_of(area)
    keys: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float32]] = []
    for rows in index.motion_of_days(start_day, end_day, folders):
        if cancelled():
            return []
        found = _scores([packed for _, packed in rows], cells)
        hit = found > 0
        keys.append(np.array([key for key, _ in rows], np.int64)[hit])
        scores.append(found[hit])
    if not keys:
        return []
    best = _best(np.concatenate(keys), np.concatenate(scores), limit)
    clips = index.clips_of_keys(key for key, _ in best)
    hits = [AreaHit(clips[key], score, _peak_s(clips[key])) for key, score in best if key in clips]
    shown = [hit if cancelled() else locate(index.layout, hit, area) for hit in hits[:located]]
    return shown + hits[located:]


def locate(layout: Layout, hit: AreaHit, area: Box) -> AreaHit:
    """The hit with the first second of most motion in the area, read from its side-car."""
    grid = read_motion_grid(layout.sidecar_path(hit.clip.path))
    if grid is None:
        return hit
    moved = grid[:, cells_of(area)].sum(axis=1)
    return AreaHit(hit.clip, hit.score, float(moved.argmax())) if moved.any() else hit


def heat_map(
    index: ClipIndex, day: date, folders: Collection[str] | None = None
) -> NDArray[np.float32]:
    """The time that each cell moved on a day: shape (36, 64), 0…1 of the cell that moved longest.

    A block's seconds are shared out among those of its cells that moved.
    """
    heat = np.zeros((BLOCK_ROWS, BLOCK, BLOCK_COLUMNS, BLOCK), np.float32)
    for rows in index.motion_of_days(day, day, folders):
        masks, counts = unpack([packed for _, packed in rows])
        moved = np.unpackbits(masks, axis=1).reshape(-1, *heat.shape)
        cells = moved.sum(axis=(2, 4), dtype=np.float32)
        seconds = counts.reshape(-1, BLOCK_ROWS, BLOCK_COLUMNS) / np.maximum(cells, 1)
        heat += (moved * seconds[:, :, None, :, None]).sum(axis=0, dtype=np.float32)
    longest = float(heat.max())
    flat = heat.reshape(MOTION_GRID.height, MOTION_GRID.width)
    return flat / longest if longest else flat


def cells_of(area: Box) -> MotionCells:
    """The cells of the motion grid that an area touches, one at least."""
    left = min(max(floor(area.x * MOTION_GRID.width), 0), MOTION_GRID.width - 1)
    top = min(max(floor(area.y * MOTION_GRID.height), 0), MOTION_GRID.height - 1)
    right = min(max(ceil((area.x + area.width) * MOTION_GRID.width), left + 1), MOTION_GRID.width)
    bottom = min(
        max(ceil((area.y + area.height) * MOTION_GRID.height), top + 1), MOTION_GRID.height
    )
    cells = np.zeros(MOTION_GRID[::-1], np.bool_)
    cells[top:bottom, left:right] = True
    return cells


def _scores(packed: list[bytes], cells: MotionCells) -> NDArray[np.float32]:
    """The score of each summary; above 0 exactly where a cell of the area moved.

    The seconds of the blocks that the area touches, for the share of their
    moving cells that lies inside it.
    """
    masks, counts = unpack(packed)
    touched = cells.reshape(BLOCK_ROWS, BLOCK, BLOCK_COLUMNS, BLOCK).any(axis=(1, 3))
    around = touched.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    inside = _moved(masks, cells)
    seconds = counts[:, touched.ravel()].sum(axis=1, dtype=np.float32)
    share = inside / np.maximum(_moved(masks, around), 1)
    return np.asarray(seconds * share / cells.sum(), np.float32)


def _moved(masks: NDArray[np.uint8], cells: MotionCells) -> NDArray[np.float32]:
    """The number of these cells that moved, by mask; looks only at bytes that hold one of them."""
    bits = np.packbits(cells)
    held = np.flatnonzero(bits)
    moved = np.bitwise_count(masks[:, held] & bits[held]).sum(axis=1)
    return np.asarray(moved, np.float32)


def _best(
    keys: NDArray[np.int64], scores: NDArray[np.float32], limit: int
) -> list[tuple[int, float]]:
    order = np.argsort(-scores, kind="stable")[:limit]
    return [(int(keys[i]), float(scores[i])) for i in order]


def _peak_s(clip: IndexedClip) -> float:
    if clip.peak_at is None:
        return 0.0
    return max(0.0, (clip.peak_at - clip.start_at).total_seconds())
