"""The 64×36 cells of a picture in which it is kept where something moved."""

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Size

GRID = Size(64, 36)
"""Columns and rows."""

CELLS_BYTES = GRID.width * GRID.height // 8
"""A bit for each, row by row, as `numpy.packbits` packs them."""

NO_CELLS = bytes(CELLS_BYTES)
"""The cells of a picture in which nothing moves, packed."""

Cells = NDArray[np.bool_]
"""Which cells moved: shape (36, 64), or (n, 36, 64) of so many pictures."""
