"""The archived clips that are shown, their order and the places of their cards: pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRect, Qt

from vms_desktop.core.base import LocalDays
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.widgets import folded_text

HEADING_PX = 30
GAP_PX = 14
MARGIN_PX = 18
LEAST_CARD_PX, MOST_CARD_PX = 288, 360
# Comment and buttons under a card's picture.
BELOW_PICTURE_PX = 100


class Day(NamedTuple):
    """A day that has archived clips, newest first."""

    day: date
    clips: tuple[IndexedClip, ...]


def found(
    clips: Iterable[IndexedClip], searched: str, hidden_folders: Collection[str] = ()
) -> tuple[IndexedClip, ...]:
    """The clips in whose comment or camera every word that is searched for stands."""
    wanted = folded_text(searched).split()
    return tuple(
        clip
        for clip in clips
        if clip.folder not in hidden_folders
        and all(word in folded_text(f"{clip.comment} {clip.camera_name}") for word in wanted)
    )


def by_day(clips: Iterable[IndexedClip]) -> tuple[Day, ...]:
    """The days of the clips, newest first."""
    newest_first = sorted(clips, key=lambda clip: clip.start_at.timestamp(), reverse=True)
    days = LocalDays()
    groups = groupby(newest_first, lambda clip: days.of(clip.start_at))
    return tuple(Day(day, tuple(group)) for day, group in groups)


@dataclass(frozen=True, slots=True)
class Plan:
    """The places of everything.

    Attributes:
        order: The clips from top left to bottom right.
        cards: The place of each clip's card.
        headings: The place of each day's heading.
        picture_px: Height of a card's picture.
        height_px: Of it all.
    """

    order: tuple[IndexedClip, ...]
    cards: dict[Path, QRect]
    headings: dict[date, QRect]
    picture_px: int
    height_px: int

    def neighbour(self, path: Path, key: Qt.Key) -> Path | None:
        """The card that an arrow leads to; None where there is none."""
        paths = list(self.cards)
        if path not in self.cards:
            return None
        if key in _STEPS:
            number = paths.index(path) + _STEPS[key]
            return paths[number] if 0 <= number < len(paths) else None
        return self._in_next_row(self.cards[path], key)

    def _in_next_row(self, place: QRect, key: Qt.Key) -> Path | None:
        down = key == Qt.Key.Key_Down
        beyond = {
            path: other
            for path, other in self.cards.items()
            if (other.y() > place.y() if down else other.y() < place.y())
        }
        return min(
            beyond,
            key=lambda path: (abs(beyond[path].y() - place.y()), abs(beyond[path].x() - place.x())),
            default=None,
        )


_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


def plan(days: Sequence[Day], width_px: int) -> Plan:
    """Place headings and cards in a room of this width."""
    room = max(LEAST_CARD_PX, width_px - 2 * MARGIN_PX)
    columns = max(1, (room + GAP_PX) // (LEAST_CARD_PX + GAP_PX))
    card_px = min(MOST_CARD_PX, (room - (columns - 1) * GAP_PX) // columns)
    picture_px = round((card_px - 2) * 9 / 16)
    card_height = picture_px + BELOW_PICTURE_PX
    cards: dict[Path, QRect] = {}
    headings: dict[date, QRect] = {}
    top = MARGIN_PX // 2
    for day in days:
        headings[day.day] = QRect(MARGIN_PX, top, room, HEADING_PX)
        top += HEADING_PX
        for number, clip in enumerate(day.clips):
            row, column = divmod(number, columns)
            left = MARGIN_PX + column * (card_px + GAP_PX)
            y = top + row * (card_height + GAP_PX)
            cards[clip.path] = QRect(left, y, card_px, card_height)
        top += -(-len(day.clips) // columns) * (card_height + GAP_PX)
    order = tuple(clip for day in days for clip in day.clips)
    return Plan(order, cards, headings, picture_px, top + MARGIN_PX - GAP_PX)
