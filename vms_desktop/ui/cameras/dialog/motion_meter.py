"""A bar for the size of the largest thing that moves now, with a mark from where on it counts."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vms_desktop.core.base import Size
from vms_desktop.ui.base import Theme, Tone
from vms_desktop.ui.widgets import tabular_font

# Smaller things are taken for noise anyway (`core.motion`).
_LOWEST_SHARE = 0.0004
# Whoever wants to be told of nothing smaller than a quarter of the picture wants nothing.
_HIGHEST_SHARE = 0.25
# Of a watched stream whose size is not known yet.
USUAL_SIZE = Size(640, 360)


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


_TEXT_PX, _GAP_PX, _BAR_PX, _MARK_OUT_PX, _MARK_PX = 18, 7, 10, 4, 3
_BETWEEN_PX = 5


class MotionMeter(QWidget):
    """Shows areas on an `AreaScale`, in blue, or in amber while it is motion that counts.

    The numbers have columns of their own: nothing jumps when one grows a digit.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scale = scale_for(USUAL_SIZE)
        self._area_px: float | None = None
        self._threshold_px: float | None = None
        self._is_moving = self._is_learning = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Motion now"))
        self.setToolTip(
            self.tr(
                "The largest thing that moves. From the mark on it counts as motion, "
                "if it goes on for a moment."
            )
        )

    def set_scale(self, scale: AreaScale) -> None:
        """The picture has another size."""
        self._scale = scale
        self.update()

    def set_threshold(self, threshold_px: float | None) -> None:
        """Put the mark elsewhere; None while it is not known."""
        if threshold_px != self._threshold_px:
            self._threshold_px = threshold_px
            self._describe()
            self.update()

    def show_motion(self, area_px: float | None, *, moving: bool, learning: bool = False) -> None:
        """Show the largest area in px² of the last frame; None where there is no frame."""
        before = self._state()
        was_moving = self._is_moving
        self._area_px, self._is_moving, self._is_learning = area_px, moving, learning
        if moving != was_moving:
            self._describe()
        if self._state() != before:
            self.update()

    def _state(self) -> tuple[object, ...]:
        return self._area_px, self._is_moving, self._is_learning

    def _describe(self) -> None:
        """Tell a screen reader; not with every frame, or it would talk without end."""
        words = self.tr("Motion counts from {threshold}").format(threshold=self.threshold_text())
        self.setAccessibleDescription(self.tr("Motion") if self._is_moving else words)

    def area_text(self) -> str:
        """The largest area as it is shown."""
        return "—" if self._area_px is None else area_words(self._area_px)

    def threshold_text(self) -> str:
        """The threshold as it is shown."""
        return "—" if self._threshold_px is None else area_words(self._threshold_px)

    def sizeHint(self) -> QSize:
        title = self.fontMetrics().horizontalAdvance(self.tr("Motion now"))
        width = title + 3 * _BETWEEN_PX + sum(part.width() for part, _ in self._columns(0))
        return QSize(width, _TEXT_PX + _GAP_PX + _BAR_PX + _MARK_OUT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def bar(self) -> QRect:
        """The bar, without what the mark stands out."""
        return QRect(0, _TEXT_PX + _GAP_PX, self.width(), _BAR_PX)

    def mark_x(self) -> float | None:
        """The middle of the mark in logical pixels; None where there is none."""
        if self._threshold_px is None:
            return None
        return self._scale.share(self._threshold_px) * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_texts(painter)
        self._paint_bar(painter)
        self._paint_mark(painter)
        painter.end()

    def _paint_texts(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colour(Tone.MUTED))
        room = QRect(0, 0, self.width(), _TEXT_PX)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.tr("Motion now"))
        if self._is_learning:
            painter.drawText(room, _AT_RIGHT, self.tr("learning the picture…"))
            return
        for number, (place, text) in enumerate(self._columns(self.width())):
            painter.setFont(tabular_font(self.font()))
            painter.setPen(self._theme.colour(Tone.TEXT if number % 2 == 0 else Tone.MUTED))
            painter.drawText(place, _AT_RIGHT, text)

    def _columns(self, right: int) -> list[tuple[QRect, str]]:
        """The parts of the text from right to left, numbers in columns that keep their width."""
        metrics = QFontMetrics(tabular_font(self.font()))
        widest = metrics.horizontalAdvance(area_words(_widest_px(self._scale.highest_px)))
        threshold, largest = self.tr("threshold"), self.tr("largest area")
        columns = []
        for text, width in (
            (self.threshold_text(), 0),
            (f"· {threshold}", 0),
            (self.area_text(), widest),
            (largest, 0),
        ):
            width = max(metrics.horizontalAdvance(text), width)
            columns.append((QRect(right - width, 0, width, _TEXT_PX), text))
            right -= width + _BETWEEN_PX
        return columns

    def _paint_bar(self, painter: QPainter) -> None:
        bar = QRectF(self.bar())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.LINE))
        painter.drawRoundedRect(bar, 3, 3)
        if self._area_px is None or self._is_learning:
            return
        bar.setWidth(self._scale.share(self._area_px) * bar.width())
        painter.setBrush(self._theme.colour(Tone.AMBER if self._is_moving else Tone.BLUE))
        painter.drawRoundedRect(bar, 3, 3)

    def _paint_mark(self, painter: QPainter) -> None:
        middle = self.mark_x()
        if middle is None:
            return
        left = min(self.width() - _MARK_PX, max(0, round(middle - _MARK_PX / 2)))
        tall = self.bar().adjusted(0, -_MARK_OUT_PX, 0, _MARK_OUT_PX)
        painter.fillRect(
            left - 1, tall.y(), _MARK_PX + 2, tall.height(), self._theme.colour(Tone.PANEL)
        )
        painter.fillRect(left, tall.y(), _MARK_PX, tall.height(), self._theme.colour(Tone.TEXT))


_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _widest_px(area_px: float) -> float:
    """The widest number with as many digits."""
    return float("8" * len(str(round(area_px))))
