"""The pixels of a row: blocks as high as their motion was strong, gaps hatched.

Pure numpy; a row of any number of clips costs a few operations on its pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vms_desktop.ui.playback.timeline_rows import Columns, Look

Pixels = NDArray[np.uint32]
_HATCH_PX = 6
_ROOM_PX = 2
"""Above and below the blocks."""
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
        for y in (slice(row * dot, (row + 1) * dot), _from_below(row, dot)):
            pixels[y, :cut] = ground
            pixels[y, -cut:] = ground


def _from_below(row: int, dot: int) -> slice:
    return slice(-(row + 1) * dot, -row * dot or None)
