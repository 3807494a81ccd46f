"""A rectangle on a picture as arithmetic: moved, resized, turned, grabbed; in shares, 0…1."""

from collections.abc import Mapping

from vms_desktop.core.base.picture import Box
from vms_desktop.core.clips.sidecar import GRID_COLUMNS, GRID_ROWS

CELL = (1 / GRID_COLUMNS, 1 / GRID_ROWS)
"""Width and height of a cell of the motion grid: nothing finer is known."""
SMALLEST = (2 * CELL[0], 2 * CELL[1])
WHOLE = Box(0, 0, 1, 1)
START = Box(0.35, 0.35, 0.3, 0.3)

Grip = tuple[int, int]
"""Which edges a hand holds: -1 left or top, 1 right or bottom, 0 neither."""
INSIDE: Grip = (0, 0)

GRIPS: tuple[Grip, ...] = tuple((x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y)


def between(x: float, y: float, other_x: float, other_y: float) -> Box:
    """The area whose corners are two places, cut to the picture."""
    x, y, other_x, other_y = (min(1.0, max(0.0, each)) for each in (x, y, other_x, other_y))
    left, top = min(x, other_x), min(y, other_y)
    return bounded(Box(left, top, max(x, other_x) - left, max(y, other_y) - top))


def bounded(area: Box) -> Box:
    """The area inside the picture and large enough to be seen, its place kept where it can be."""
    width = min(1.0, max(SMALLEST[0], area.width))
    height = min(1.0, max(SMALLEST[1], area.height))
    x = min(max(0.0, area.x), 1 - width)
    y = min(max(0.0, area.y), 1 - height)
    return Box(x, y, width, height)


def moved(area: Box, dx: float, dy: float) -> Box:
    """The area at another place; it stops at the picture's edge."""
    return bounded(Box(area.x + dx, area.y + dy, area.width, area.height))


def resized(area: Box, grip: Grip, dx: float, dy: float) -> Box:
    """The area with the held edges at another place; the others stay where they are."""
    left, width = _stretched(area.x, area.width, grip[0], dx, SMALLEST[0])
    top, height = _stretched(area.y, area.height, grip[1], dy, SMALLEST[1])
    return Box(left, top, width, height)


def _stretched(
    start: float, length: float, held: int, by: float, least: float
) -> tuple[float, float]:
    end = start + length
    if held < 0:
        start = min(max(0.0, start + by), end - least)
    elif held > 0:
        end = max(min(1.0, end + by), start + least)
    return start, end - start


def grip_places(area: Box) -> Mapping[Grip, tuple[float, float]]:
    """Where each handle lies."""
    return {
        (x, y): (area.x + area.width * (x + 1) / 2, area.y + area.height * (y + 1) / 2)
        for x, y in GRIPS
    }
