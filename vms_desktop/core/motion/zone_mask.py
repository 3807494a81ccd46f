"""Zones as a mask: where in a picture of some size motion counts."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Size
from vms_desktop.core.config import Zone, ZoneKind, zones_of


def zone_mask(zones: Iterable[Zone], size: Size) -> NDArray[np.uint8]:
    """A mask of that size, shape (height, width): 255 where motion counts, else 0."""
    zones = tuple(zones)
    watched = zones_of(ZoneKind.WATCH, zones)
    mask = np.full((size.height, size.width), 0 if watched else 255, np.uint8)
    for zone in watched:
        _fill(mask, zone, 255)
    for zone in zones_of(ZoneKind.IGNORE, zones):
        _fill(mask, zone, 0)
    return mask


def _fill(mask: NDArray[np.uint8], zone: Zone, value: int) -> None:
    height, width = mask.shape
    corners = np.array(zone.points) * (width - 1, height - 1)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], (value,))
