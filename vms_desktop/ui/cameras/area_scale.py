"""How large a moving area is, as a place on a bar: the scale that meter and slider share."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from vms_desktop.core.base.picture import Size

_LOWEST_SHARE = 0.0004
"""Smaller things are taken for noise anyway (`core.motion`)."""
_HIGHEST_SHARE = 0.25
"""Whoever wants to be told of nothing smaller than a quarter of the picture wants nothing."""
USUAL_SIZE = Size(640, 360)
"""Of a watched stream whose size is not known yet."""


@dataclass(frozen=True, slots=True)
class AreaScale:
    """A logarithmic scale of areas in px²: from one step to the next by the same factor."""

    lowest_px: float
    highest_px: float

    def share(self, area_px: float) -> float:
        """The place of an area, 0…1; what is off the scale stands at its end."""
        if area_px <= self.lowest_px:
            return 0.0
        return min(1.0, math.log(area_px / self.lowest_px) / self._length)

    def area_px(self, share: float) -> float:
        """The area at a place, whole px² with three digits that count."""
        area_px = self.lowest_px * math.exp(share * self._length)
        digits = max(0, math.floor(math.log10(area_px)) - 2)
        return float(round(area_px, -digits))

    @property
    def _length(self) -> float:
        return math.log(self.highest_px / self.lowest_px)


def scale_for(size: Size) -> AreaScale:
    """The scale for a picture of that size."""
    area_px = size.width * size.height
    return AreaScale(_LOWEST_SHARE * area_px, _HIGHEST_SHARE * area_px)


def area_words(area_px: float) -> str:
    """An area as text: 1,640 px²."""
    return f"{QLocale().toString(round(area_px))}\N{NO-BREAK SPACE}px²"
