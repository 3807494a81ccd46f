"""Where a picture lies in the room that a widget has for it, as arithmetic."""

from typing import NamedTuple

from vms_desktop.core.picture import Box, Size

NEARLY_PX = 3
"""A worker rounds to whole (and even) pixels; this little off is still 1:1."""


class Area(NamedTuple):
    """A rectangle in device pixels, or in shares of a picture."""

    x: float
    y: float
    width: float
    height: float


ALL = Area(0, 0, 1, 1)


def fitted(picture: Size, room: Size) -> Area:
    """The centred area of the room in which the whole picture is seen, whole pixels.

    A picture made for this room keeps its own size, so that it is drawn 1:1.
    """
    if is_made_for(picture, room):
        width, height = picture
    else:
        scale = min(room.width / picture.width, room.height / picture.height)
        width, height = round(picture.width * scale), round(picture.height * scale)
    return Area((room.width - width) // 2, (room.height - height) // 2, width, height)


def is_made_for(picture: Size, room: Size) -> bool:
    """Whether the picture fills one side of the room and does not exceed the other."""
    spare = room.width - picture.width, room.height - picture.height
    return min(spare) >= 0 and min(spare) <= NEARLY_PX


def crop(source: Size, picture: Size) -> Area:
    """Which part of the source a picture shows that was cropped to another aspect."""
    wider = source.width * picture.height / (source.height * picture.width)
    if wider > 1:
        return Area((1 - 1 / wider) / 2, 0, 1 / wider, 1)
    return Area(0, (1 - wider) / 2, 1, wider)


def seen(box: Box, part: Area) -> Area:
    """A box of the whole, in shares of a part of it."""
    return Area(
        (box.x - part.x) / part.width,
        (box.y - part.y) / part.height,
        box.width / part.width,
        box.height / part.height,
    )


def placed(shares: Area, target: Area) -> Area:
    """Shares of a picture as pixels of the area where it is drawn."""
    return Area(
        target.x + shares.x * target.width,
        target.y + shares.y * target.height,
        shares.width * target.width,
        shares.height * target.height,
    )
