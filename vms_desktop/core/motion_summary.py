"""Where a clip moved, small enough to be compared with a hundred thousand others.

Two grids side by side: which of 64×36 cells moved at all, and for each of
16×9 blocks of cells how many seconds they moved, all cells together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.clips.sidecar import GRID_COLUMNS, GRID_ROWS, SECOND_BYTES

BLOCK = 4
"""Cells along the side of a block."""
BLOCK_COLUMNS, BLOCK_ROWS = GRID_COLUMNS // BLOCK, GRID_ROWS // BLOCK
MASK_BYTES = SECOND_BYTES
PACKED_BYTES = MASK_BYTES + 2 * BLOCK_COLUMNS * BLOCK_ROWS

FULL_STRENGTH_SHARE = 0.25
"""Of the picture moving within one second: what counts as most."""


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


def summarise(grid: NDArray[np.bool_]) -> MotionSummary:
    """The summary of a motion grid of shape (seconds, 36, 64)."""
    if not grid.any():
        return MotionSummary()
    seconds = np.add.reduce(grid, axis=0, dtype=np.uint32)
    blocks = seconds.reshape(BLOCK_ROWS, BLOCK, BLOCK_COLUMNS, BLOCK).sum(axis=(1, 3))
    counts = np.minimum(blocks, np.iinfo(np.uint16).max).astype("<u2")
    largest = max(map(np.count_nonzero, grid)) / (GRID_COLUMNS * GRID_ROWS)
    strength = min(1.0, largest / FULL_STRENGTH_SHARE) ** 0.5
    return MotionSummary(np.packbits(seconds != 0).tobytes() + counts.tobytes(), strength)


def unpack(packed: list[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Masks, shape (n, 288), bits as in the motion grid, and counts, shape (n, 144)."""
    whole = np.frombuffer(b"".join(packed), np.uint8).reshape(-1, PACKED_BYTES)
    counts = np.ascontiguousarray(whole[:, MASK_BYTES:]).view("<u2")
    return whole[:, :MASK_BYTES], counts
