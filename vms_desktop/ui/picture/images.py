"""A camera's picture as Qt sees it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from vms_desktop.core.base import Picture


def to_image(picture: Picture) -> QImage:
    """View a picture as a QImage, without copying it.

    The caller keeps the picture for as long as it uses the image.
    """
    return pixels_image(picture.pixels)


def pixels_image(pixels: NDArray[np.uint8]) -> QImage:
    """The same for pixels alone: B G R X, shape (height, width, 4)."""
    height, width = pixels.shape[:2]
    stride = pixels.strides[0]
    if not pixels.flags.c_contiguous:
        # QImage takes only a buffer in one piece: the rows with what lies between them.
        size = stride * (height - 1) + 4 * width
        pixels = np.lib.stride_tricks.as_strided(pixels, (size,), (1,), writeable=False)
    # Without the stride, Qt assumes its own row padding and skews odd widths.
    return QImage(pixels.data, width, height, stride, QImage.Format.Format_RGB32)
