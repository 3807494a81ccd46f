"""The place of a picture in the room that a widget has for it, as arithmetic."""

from typing import NamedTuple

from vms_desktop.core.base import Box, Size

# Between a pill and the edge of what it stands in.
INSET_PX = 6
_BAR_SPARE_PX = 6
_NARROW_PX = 160
# A picture, or a bar beside it, that is narrower has no room for a name.
_NARROW_BAR_PX = 90
# A worker rounds to whole (and even) pixels; this little off is still 1:1.
NEARLY_PX = 3


class Area(NamedTuple):
    """A rectangle in device pixels, or in shares of a picture."""

    x: float
    y: float
    width: float
    height: float


WHOLE_PICTURE = Area(0, 0, 1, 1)


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
    """True if the picture fills one side of the room and does not exceed the other."""
    spare = room.width - picture.width, room.height - picture.height
    return min(spare) >= 0 and min(spare) <= NEARLY_PX


def crop(whole: Size, picture: Size) -> Area:
    """The part of the whole that is left in a picture that was cropped to another aspect."""
    wider = whole.width * picture.height / (whole.height * picture.width)
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


class PillPlaces(NamedTuple):
    """The places of pills: the columns that they may take, and three rows."""

    left: int
    right: int
    top: int
    below_top: int
    bottom: int


def pill_places(picture: Area, room: Area, height: int) -> PillPlaces:
    """Places for pills of a height: in the black bars where these hold them, else on the picture.

    Never half and half. All lengths in logical pixels.
    """
    upper = picture.y - room.y
    lower = room.y + room.height - picture.y - picture.height
    across = _across(picture, room)
    left, right = across.x + INSET_PX, across.x + across.width - INSET_PX
    if min(upper, lower) >= height + _BAR_SPARE_PX:
        top = room.y + min(INSET_PX, (upper - height) / 2)
        bottom = room.y + room.height - min(INSET_PX, (lower - height) / 2) - height
        below = picture.y + INSET_PX
    else:
        top, bottom = picture.y + INSET_PX, picture.y + picture.height - INSET_PX - height
        below = top + height + 4
    return PillPlaces(*(round(number) for number in (left, right, top, below, bottom)))


def _across(picture: Area, room: Area) -> Area:
    """The columns for pills: the picture's; those of the bar at the left of a narrow one."""
    if picture.width >= _NARROW_PX:
        return picture
    bar = picture.x - room.x
    return room._replace(width=bar) if bar >= _NARROW_BAR_PX else room


def placed(shares: Area, target: Area) -> Area:
    """Shares of a picture as pixels of the area where it is drawn."""
    return Area(
        target.x + shares.x * target.width,
        target.y + shares.y * target.height,
        shares.width * target.width,
        shares.height * target.height,
    )
