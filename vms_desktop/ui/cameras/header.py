"""The titles above the list of cameras."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from vms_desktop.ui.base import Theme, Tone, resized_font
from vms_desktop.ui.cameras.delegate import PAD_PX

_HEADER_PX = 44
_ARROW_PX = 14


class CamerasHeader(QHeaderView):
    """The titles of the columns; a third click on one gives the list its own order back."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setFixedHeight(_HEADER_PX)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(20)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setToolTip(self.tr("Click to sort; the third click brings your own order back"))

    def words_px(self, column: int) -> int:
        """The width that a column's title wants, in two lines where it has two words."""
        metrics = QFontMetrics(resized_font(self.font(), 12))
        parts = self._title(column).split(" ")
        longest = max(map(metrics.horizontalAdvance, parts))
        return longest + 2 * PAD_PX + _ARROW_PX

    def paintSection(self, painter: QPainter, area: QRect, column: int) -> None:
        painter.save()
        painter.fillRect(area, self._theme.colour(Tone.WINDOW))
        painter.fillRect(area.x(), area.bottom(), area.width(), 1, self._theme.colour(Tone.LINE))
        is_sorted = self.sortIndicatorSection() == column
        painter.setFont(resized_font(self.font(), 12))
        painter.setPen(self._theme.colour(Tone.TEXT if is_sorted else Tone.MUTED))
        room = area.adjusted(PAD_PX, 0, -_ARROW_PX if is_sorted else -2, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, self._title(column))
        if is_sorted:
            self._paint_arrow(painter, area)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, area: QRect) -> None:
        up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        middle = QPointF(area.right() - _ARROW_PX // 2, area.center().y() + 1)
        tip = -3 if up else 3
        corners = [QPointF(-4, -tip / 2), QPointF(4, -tip / 2), QPointF(0, tip)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.TEXT))
        painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _HEADER_PX)

    def _title(self, column: int) -> str:
        return str(self.model().headerData(column, Qt.Orientation.Horizontal) or "")
