"""The cells of the list of cameras: their painting, and what in them can be clicked."""

from collections.abc import Iterator

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from vms_desktop.ui.base import Theme, Tone, icons, resized_font, words
from vms_desktop.ui.cameras.list_model import SWITCHES, CameraRow, Column, Role, why
from vms_desktop.ui.widgets import SWITCH_SIZE, elided, paint_switch

ROW_PX = 74
PICTURE = QSize(96, 54)
PAD_PX = 12
_BUTTON_PX = 28
_GAP_PX = 6
_PILL_PX = 22
_DOT_PX = 8
_BAR_PX = 6
_ICON_PX = 16
# How much of the last picture is left where it is no longer live.
_NOT_LIVE = 0.4

EDIT, PLAY, MENU = "edit", "play", "menu"
_Index = QModelIndex | QPersistentModelIndex
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class CameraDelegate(QStyledItemDelegate):
    """Paints the cells of a row.

    Attributes:
        hovered: The row and the button under the pointer; an invalid row for none.
        is_compact: There is room for the menu's button only.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = {EDIT: self.tr("Edit…"), PLAY: self.tr("Playback"), MENU: ""}
        self.hovered: tuple[int, str] = (-1, "")
        self.is_compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_BUTTON_PX, ROW_PX)

    def buttons_px(self) -> int:
        """The width of the column of buttons."""
        names = self._names()
        return sum(map(self._button_px, names)) + _GAP_PX * (len(names) - 1) + 2 * PAD_PX

    def state_px(self, text: str) -> int:
        """The width of a state's cell."""
        metrics = QFontMetrics(resized_font(QApplication.font(), 12))
        return metrics.horizontalAdvance(text) + 2 * PAD_PX + _DOT_PX + 22

    def hit(self, cell: QRect, index: _Index, at: QPoint) -> str:
        """The button or switch (its field) at a point; empty where there is none."""
        row: CameraRow = index.data(Role.ROW)
        if index.column() in SWITCHES and row.camera is not None:
            around = _track(cell).adjusted(-8, -10, 8, 10)
            return SWITCHES[index.column()] if around.contains(QPointF(at)) else ""
        if index.column() == Column.BUTTONS:
            return next((name for name, area in self._places(cell, row) if area.contains(at)), "")
        return ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: CameraRow = index.data(Role.ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        match Column(index.column()):
            case Column.PICTURE:
                self._paint_picture(painter, option.rect, row)
            case Column.NAME:
                self._paint_name(painter, option.rect, row)
            case Column.STATE:
                self._paint_state(painter, option.rect, row, index.data())
            case Column.DISK:
                self._paint_disk(painter, option.rect, row, index.data())
            case Column.BUTTONS:
                self._paint_buttons(painter, option.rect, row, index)
            case column if column in SWITCHES:
                self._paint_switch(painter, option.rect, row, column)
            case _:
                self._paint_text(painter, option.rect, row, index.data())
        self._paint_focus(painter, option)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._theme.colour(Tone.CHOSEN))
        painter.fillRect(area.x(), area.bottom(), area.width(), 1, self._theme.colour(Tone.LINE))

    def _paint_focus(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour(Tone.BLUE), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(2, 2, -2, -3), 5, 5)

    def _paint_picture(self, painter: QPainter, cell: QRect, row: CameraRow) -> None:
        place = QRect(QPoint(cell.x() + PAD_PX, 0), PICTURE)
        place.moveTop(cell.y() + (cell.height() - PICTURE.height()) // 2)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(place), 5, 5)
        painter.setClipPath(shape)
        painter.fillRect(
            place, self._theme.colour(Tone.LINE if row.picture is None else Tone.WINDOW)
        )
        if row.picture is not None:
            is_live = row.status is not None and row.status.state.has_picture
            painter.setOpacity(1.0 if is_live else _NOT_LIVE)
            painter.drawPixmap(place, row.picture)
            painter.setOpacity(1.0)
        else:
            ratio = painter.device().devicePixelRatioF()
            name = "warning" if row.camera is None else "camera"
            symbol = icons.pixmap(name, self._theme.muted, 20, ratio)
            painter.drawPixmap(place.center().x() - 9, place.center().y() - 9, symbol)
        painter.setClipping(False)

    def _paint_name(self, painter: QPainter, cell: QRect, row: CameraRow) -> None:
        room = cell.adjusted(PAD_PX, 0, -PAD_PX, 0)
        reason = why(row)
        lines = [(row.name, resized_font(painter.font(), 13, bold=True), self._text_colour(row))]
        if reason:
            lines.append((reason, resized_font(painter.font(), 12), Tone.MUTED))
        top = room.center().y() - 9 * len(lines)
        for number, (text, font, colour) in enumerate(lines):
            line = QRect(room.x(), top + 18 * number, room.width(), 18)
            painter.setFont(font)
            self._write(painter, line, text, colour)

    def _paint_state(self, painter: QPainter, cell: QRect, row: CameraRow, text: str) -> None:
        colour = words.COLOURS[row.status.state] if row.status else Tone.GREY
        painter.setFont(resized_font(painter.font(), 12))
        room = cell.width() - 2 * PAD_PX
        text_px = painter.fontMetrics().horizontalAdvance(text)
        pill = QRect(cell.x() + PAD_PX, 0, min(room, text_px + _DOT_PX + 22), _PILL_PX)
        pill.moveTop(cell.y() + (cell.height() - _PILL_PX) // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_tinted(self._theme.colour(colour)))
        painter.drawRoundedRect(QRectF(pill), _PILL_PX / 2, _PILL_PX / 2)
        painter.setBrush(self._theme.colour(colour))
        middle = QPointF(pill.x() + 8 + _DOT_PX / 2, pill.y() + _PILL_PX / 2)
        painter.drawEllipse(middle, _DOT_PX / 2, _DOT_PX / 2)
        self._write(painter, pill.adjusted(8 + _DOT_PX + 6, 0, -4, 0), text, Tone.TEXT)

    def _paint_switch(self, painter: QPainter, cell: QRect, row: CameraRow, column: Column) -> None:
        if row.camera is not None:
            on: bool = getattr(row.camera, SWITCHES[column])
            paint_switch(painter, _track(cell), self._theme, on)

    def _paint_disk(self, painter: QPainter, cell: QRect, row: CameraRow, text: str) -> None:
        if row.camera is None:
            return
        room = cell.adjusted(PAD_PX, 0, -PAD_PX, 0)
        middle = cell.center().y()
        line = QRect(room.x(), middle - 18, room.width(), 18)
        self._write(painter, line, text, self._text_colour(row))
        bar = QRectF(room.x(), middle + 5, room.width(), _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.LINE))
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)
        if row.share > 0:
            bar.setWidth(max(_BAR_PX, bar.width() * row.share))
            painter.setBrush(self._theme.colour(Tone.BLUE))
            painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)

    def _paint_text(self, painter: QPainter, cell: QRect, row: CameraRow, text: str) -> None:
        if row.camera is not None:
            room = cell.adjusted(PAD_PX, 0, -PAD_PX, 0)
            self._write(painter, room, text, self._text_colour(row))

    def _paint_buttons(self, painter: QPainter, cell: QRect, row: CameraRow, index: _Index) -> None:
        for name, area in self._places(cell, row):
            is_hovered = self.hovered == (index.row(), name)
            painter.setBrush(self._theme.colour(Tone.RAISED))
            painter.setPen(QPen(self._theme.colour(Tone.MUTED if is_hovered else Tone.LINE), 1))
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            if name == MENU:
                ratio = painter.device().devicePixelRatioF()
                symbol = icons.pixmap("more", self._theme.text, _ICON_PX, ratio)
                place = QRect(0, 0, _ICON_PX, _ICON_PX)
                place.moveCenter(area.center())
                painter.drawPixmap(place.topLeft(), symbol)
            else:
                painter.setPen(self._theme.colour(Tone.TEXT))
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._words[name])

    def _text_colour(self, row: CameraRow) -> Tone:
        return Tone.TEXT if row.camera is not None and row.camera.is_active else Tone.MUTED

    def _write(self, painter: QPainter, room: QRect, text: str, colour: Tone) -> None:
        painter.setPen(self._theme.colour(colour))
        cut = elided(text, painter.fontMetrics(), room.width())
        painter.drawText(room, _MIDDLE, cut)

    def _names(self) -> list[str]:
        return [MENU] if self.is_compact else [EDIT, PLAY, MENU]

    def _button_px(self, name: str) -> int:
        if name == MENU:
            return _BUTTON_PX + 6
        return QFontMetrics(QApplication.font()).horizontalAdvance(self._words[name]) + 22

    def _places(self, cell: QRect, row: CameraRow) -> Iterator[tuple[str, QRect]]:
        """Every button of a row with its place, from the right."""
        right, top = cell.right() - PAD_PX + 1, cell.y() + (cell.height() - _BUTTON_PX) // 2
        for name in reversed(self._names() if row.camera is not None else [MENU]):
            width = self._button_px(name)
            right -= width
            yield name, QRect(right, top, width, _BUTTON_PX)
            right -= _GAP_PX


def _track(cell: QRect) -> QRectF:
    """The place of a cell's switch."""
    top = cell.y() + (cell.height() - SWITCH_SIZE.height()) / 2
    return QRectF(cell.x() + PAD_PX, top, SWITCH_SIZE.width(), SWITCH_SIZE.height())


def _tinted(colour: QColor) -> QColor:
    """A ground in a colour that text can be read on."""
    ground = QColor(colour)
    ground.setAlphaF(0.22)
    return ground
