"""The 64×36 cells of a picture in which it is kept where something moved."""

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Size

# Columns and rows.
GRID = Size(64, 36)

# A bit for each, row by row, as `numpy.packbits` packs them.
CELLS_BYTES = GRID.width * GRID.height // 8

# The cells of a picture in which nothing moves, packed.
NO_CELLS = bytes(CELLS_BYTES)

# Which cells moved: shape (36, 64), or (n, 36, 64) of so many pictures.
Cells = NDArray[np.bool_]
