"""The clips of a timeline's rows, ready to be found and to be seen at every scale.

Arrays are made once per row. What is seen is worked out per pixel column, so that ten
thousand clips on a thousand pixels cost no more than a thousand.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.clips import Trigger
from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.core.library import Gap
from vms_desktop.ui.playback.timeline.scale import TimeView

# Motion from here on is amber: a person near the lens, a car.
STRONG = 0.6
CLEAR = 0.3
# Blocks from here on are parted by a pixel and have their corners cut.
_WIDE_PX = 5
_NARROW_PX = 2


class Look(IntEnum):
    """The look of a block; where two meet in one pixel, the higher number is seen."""

    NONE = 0
    UNREADABLE = 1
    STILL = 2
    FAINT = 3
    CLEAR = 4
    MANUAL = 5
    STRONG = 6


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A camera's row: its key, the name at the left, its clips and gaps in any order."""

    key: str
    name: str
    clips: tuple[IndexedClip, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Columns(NamedTuple):
    """A row as it is seen, by pixel columns.

    Attributes:
        look: A `Look` each.
        edge: First or last column of a block wide enough to have edges.
        archived, gap: Whether something kept for good, or a gap, lies here.
    """

    look: NDArray[np.uint8]
    edge: NDArray[np.bool_]
    archived: NDArray[np.bool_]
    gap: NDArray[np.bool_]


class RowClips:
    """One row's clips and gaps as arrays, in order of their starts."""

    def __init__(self, row: TimelineRow) -> None:
        self.row = row
        self._clips = tuple(sorted(row.clips, key=lambda clip: clip.start_at))
        self._starts = np.array([clip.start_at.timestamp() for clip in self._clips])
        self._ends = np.array([clip.end_at.timestamp() for clip in self._clips])
        # Clips may overlap: up to here something that began earlier may reach.
        self._reach = np.maximum.accumulate(self._ends) if self._clips else self._ends
        self._looks = np.array([look_of(clip) for clip in self._clips], np.uint8)
        self._archived = np.array([clip.is_archived for clip in self._clips], bool)
        self._gaps = tuple(sorted(row.gaps, key=lambda gap: gap.start_at))
        self._gap_starts = np.array([gap.start_at.timestamp() for gap in self._gaps])
        self._gap_ends = np.array([gap.end_at.timestamp() for gap in self._gaps])

    def clip_at(self, at_s: float, within_s: float = 0.0) -> IndexedClip | None:
        """The clip of a moment, the latest that has begun; else the nearest within reach."""
        seen = self._seen(at_s - within_s, at_s + within_s)
        best, best_s = None, within_s
        for number in range(seen.start, seen.stop):
            away_s = max(0.0, self._starts[number] - at_s, at_s - self._ends[number])
            if away_s <= best_s:
                best, best_s = self._clips[number], away_s
        return best

    def gap_at(self, at_s: float) -> Gap | None:
        """The gap of a moment."""
        for gap, start_s, end_s in zip(self._gaps, self._gap_starts, self._gap_ends, strict=True):
            if start_s <= at_s <= end_s:
                return gap
        return None

    def columns(self, view: TimeView, ratio: float = 1.0) -> Columns:
        """The row as it is seen, by device pixels; `ratio` of them are one logical pixel."""
        width = max(1, round(view.width_px * ratio))
        scale = width / view.length_s
        seen = self._seen(view.start_s, view.end_s)
        left, right = _places(self._starts[seen], self._ends[seen], view.start_s, scale, ratio)
        wide = right - left >= _WIDE_PX * ratio
        right = right - wide * max(1, round(ratio))
        looks, archived = self._looks[seen], self._archived[seen]
        edge = _edges(left[wide], right[wide], width)
        left, right = np.clip(left, 0, width), np.clip(right, 0, width)
        gap_left, gap_right = _places(self._gap_starts, self._gap_ends, view.start_s, scale, ratio)
        return Columns(
            _highest(looks, left, right, width),
            edge,
            _covered(left[archived], right[archived], width),
            _covered(np.clip(gap_left, 0, width), np.clip(gap_right, 0, width), width),
        )

    def _seen(self, start_s: float, end_s: float) -> slice:
        """The clips that may touch a span."""
        first = int(np.searchsorted(self._reach, start_s, "left"))
        return slice(first, max(first, int(np.searchsorted(self._starts, end_s, "right"))))


def refreshed(known: RowClips | None, row: TimelineRow) -> RowClips:
    """The arrays of a row; those that are known where nothing was given anew."""
    if known is None or known.row.clips is not row.clips or known.row.gaps is not row.gaps:
        return RowClips(row)
    return known if known.row.name == row.name else RowClips(row)


def look_of(clip: IndexedClip) -> Look:
    """The look of a clip."""
    if clip.state is ClipState.UNREADABLE:
        return Look.UNREADABLE
    if clip.trigger is Trigger.MANUAL:
        return Look.MANUAL
    if clip.strength >= STRONG:
        return Look.STRONG
    if clip.strength >= CLEAR:
        return Look.CLEAR
    return Look.FAINT if clip.strength else Look.STILL


Whole = NDArray[np.int64]
_FARTHEST_PX = 1e9


def _places(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    origin_s: float,
    scale: float,
    ratio: float,
) -> tuple[Whole, Whole]:
    """First and one past the last pixel; even the shortest thing can be seen."""
    left = np.clip((starts - origin_s) * scale, -_FARTHEST_PX, _FARTHEST_PX)
    right = np.clip((ends - origin_s) * scale, -_FARTHEST_PX, _FARTHEST_PX)
    first = np.floor(left).astype(np.int64)
    return first, np.maximum(np.ceil(right).astype(np.int64), first + round(_NARROW_PX * ratio))


def _covered(left: Whole, right: Whole, width: int) -> NDArray[np.bool_]:
    """The columns that lie in any of the spans, which lie within the width."""
    begun = np.bincount(left, minlength=width + 1)
    ended = np.bincount(right, minlength=width + 1)
    return np.cumsum(begun - ended)[:width] > 0


def _highest(looks: NDArray[np.uint8], left: Whole, right: Whole, width: int) -> NDArray[np.uint8]:
    seen = np.zeros(width, np.uint8)
    for look in np.unique(looks):
        chosen = looks == look
        seen[_covered(left[chosen], right[chosen], width)] = look
    return seen


def _edges(left: Whole, right: Whole, width: int) -> NDArray[np.bool_]:
    edges = np.zeros(width, bool)
    for columns in (left, right - 1):
        edges[columns[(columns >= 0) & (columns < width)]] = True
    return edges


Pixels = NDArray[np.uint32]
_HATCH_PX = 6
# Above and below the blocks.
_ROOM_PX = 2
_SHARES = {
    Look.NONE: 0.0,
    Look.UNREADABLE: 0.45,
    Look.STILL: 0.45,
    Look.FAINT: 0.65,
    Look.CLEAR: 0.85,
    Look.MANUAL: 1.0,
    Look.STRONG: 1.0,
}
_HOLLOW = (Look.MANUAL, Look.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Paints:
    """The colours of a row, as 0xffRRGGBB.

    Attributes:
        future: The track where time has not come yet.
        blocks, insides: By `Look`; the inside of a hollow block is another colour.
        kept: The line under what is archived.
    """

    ground: int
    track: int
    future: int
    hatch: int
    kept: int
    blocks: tuple[int, ...]
    insides: tuple[int, ...]


def row_pixels(
    columns: Columns, height_px: int, paints: Paints, future_px: int, ratio: float = 1.0
) -> Pixels:
    """A row, shape (height, width); from column `future_px` on it has not come yet."""
    dot = max(1, round(ratio))
    y = np.arange(height_px)[:, None]
    pixels = np.full((height_px, len(columns.look)), paints.track, np.uint32)
    pixels[:, max(0, future_px) :] = paints.future
    x = np.arange(len(columns.look))
    hatched = ((x + y) % (_HATCH_PX * dot) < dot) & columns.gap
    pixels[hatched] = paints.hatch
    _paint_blocks(pixels, columns, paints, dot)
    _cut_corners(pixels, paints.ground, dot)
    return pixels


def _paint_blocks(pixels: Pixels, columns: Columns, paints: Paints, dot: int) -> None:
    height, width = pixels.shape
    y = np.arange(height)[:, None]
    room = _ROOM_PX * dot
    shares = np.array([_SHARES[look] for look in Look])
    inset = columns.edge * dot
    top = height - room - np.rint(shares * (height - 2 * room)).astype(int)[columns.look] + inset
    bottom = height - room - inset
    block = (y >= top) & (y < bottom) & (columns.look != Look.NONE)
    colours = np.array(paints.blocks, np.uint32)[columns.look]
    np.copyto(pixels, np.broadcast_to(colours, (height, width)), where=block)
    hollow = np.array([look in _HOLLOW for look in Look])[columns.look] & ~columns.edge
    inside = block & hollow & (y >= top + 2 * dot) & (y < bottom - 2 * dot)
    fills = np.array(paints.insides, np.uint32)[columns.look]
    np.copyto(pixels, np.broadcast_to(fills, (height, width)), where=inside)
    line = block & columns.archived & (y >= height - room - 3 * dot)
    pixels[line] = paints.kept


def _cut_corners(pixels: Pixels, ground: int, dot: int) -> None:
    for row, cut in ((0, 2 * dot), (1, dot)):
        for half in (pixels, pixels[::-1]):
            lines = half[row * dot : (row + 1) * dot]
            lines[:, :cut] = ground
            lines[:, -cut:] = ground
