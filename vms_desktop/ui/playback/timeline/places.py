"""The places of the parts of a timeline of a given size, in logical pixels."""

from dataclasses import dataclass

from PySide6.QtCore import QRect

LABELS_PX = 17
# Times above, handles and flags below: neither covers the other.
RULER_PX = LABELS_PX + 12
OVERVIEW_PX = 8
_EDGE_PX = 12
_TOP_PX = 2
_BELOW_PX = 6
_PITCH_PX = 25
_SMALLEST_PITCH_PX = 18
_GAP_PX = 3
_NAMES_PX = (64, 170)
_SCROLL_BAR_PX = 12


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of a timeline; `scrolled_px` of its rows are out of sight above."""

    names: QRect
    ruler: QRect
    tracks: QRect
    overview: QRect
    pitch_px: int
    rows: int
    scrolled_px: int = 0

    @property
    def handles(self) -> QRect:
        """The part of the ruler where handles and flags are."""
        return self.ruler.adjusted(0, LABELS_PX, 0, 0)

    @property
    def hidden_px(self) -> int:
        """The height of the rows that has no room."""
        return max(0, self.rows * self.pitch_px - self.tracks.height())

    def track(self, number: int) -> QRect:
        """The room of one row's blocks; outside `tracks` where it is scrolled away."""
        top = self.tracks.top() + number * self.pitch_px - self.scrolled_px
        return QRect(self.tracks.left(), top, self.tracks.width(), self.pitch_px - _GAP_PX)

    def row_at(self, y_px: float) -> int | None:
        """The row of a height."""
        if not self.tracks.top() <= y_px <= self.tracks.bottom():
            return None
        row = int(y_px - self.tracks.top() + self.scrolled_px) // self.pitch_px
        return row if row < self.rows else None

    def scroll_for(self, number: int) -> int:
        """The nearest scroll at which a row can be seen whole."""
        highest = number * self.pitch_px
        lowest = highest + self.pitch_px - self.tracks.height()
        return max(lowest, min(highest, self.scrolled_px))


def places(width_px: int, height_px: int, rows: int, names_px: int, scrolled_px: int = 0) -> Places:
    """The parts of a timeline whose longest name is so wide."""
    names_width = max(_NAMES_PX[0], min(_NAMES_PX[1], names_px))
    left = _EDGE_PX + names_width + _EDGE_PX
    top = _TOP_PX + RULER_PX
    room = max(1, height_px - top - _BELOW_PX - OVERVIEW_PX - _BELOW_PX)
    pitch = max(_SMALLEST_PITCH_PX, min(_PITCH_PX, room // max(1, rows)))
    height = min(room, max(1, rows) * pitch)
    scroll_bar = _SCROLL_BAR_PX if rows * pitch > room else 0
    width = max(1, width_px - left - _EDGE_PX - scroll_bar)
    return Places(
        names=QRect(_EDGE_PX, top, names_width, height),
        ruler=QRect(left, _TOP_PX, width, RULER_PX),
        tracks=QRect(left, top, width, height),
        overview=QRect(left, top + height + _BELOW_PX, width, OVERVIEW_PX),
        pitch_px=pitch,
        rows=rows,
        scrolled_px=max(0, min(scrolled_px, rows * pitch - room)),
    )


def wanted_height(rows: int) -> int:
    """The height that so many rows like to have."""
    return _around_px() + max(1, rows) * _PITCH_PX


def least_height(rows: int) -> int:
    """The height that so many rows need; from the fourth on they scroll."""
    return _around_px() + max(1, min(3, rows)) * _SMALLEST_PITCH_PX


def _around_px() -> int:
    return _TOP_PX + RULER_PX + _BELOW_PX + OVERVIEW_PX + _BELOW_PX
