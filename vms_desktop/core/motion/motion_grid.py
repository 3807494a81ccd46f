"""The motion grid: 64×36 cells of a picture, each of which something moved in or not."""

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Size

# Columns and rows.
MOTION_GRID = Size(64, 36)

# A bit for each, row by row, as `numpy.packbits` packs them.
MOTION_GRID_BYTES = MOTION_GRID.width * MOTION_GRID.height // 8

# The cells of a picture in which nothing moves, packed.
NO_CELLS = bytes(MOTION_GRID_BYTES)

# Which cells moved: shape (36, 64), or (n, 36, 64) of so many pictures.
MotionCells = NDArray[np.bool_]
