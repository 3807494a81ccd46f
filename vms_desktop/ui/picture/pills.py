"""Pills and messages on a picture, rendered once and then only copied.

Always light on dark, whatever the theme: a picture has no theme.
"""

from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from vms_desktop.ui.base import DARK_THEME, PictureMessage, Tone, icons, resized_font
from vms_desktop.ui.widgets import elided, elided_name, isolated_name

PILL_HEIGHT_PX = 22
_PAD_PX = 8
_DOT_PX = 8
_ICON_PX = 14
_TEXT_PX = 12
_GROUND = QColor(10, 13, 17, 190)
# Lighter than a theme's muted text: it stands on what is left of a picture.
_DETAILS = QColor(190, 199, 210)
_MESSAGE_ICON_PX = 30
# A picture narrower than this has no room for the second line of a message.
_DETAILS_FROM_PX = 190
_KEPT_PILLS = 256


class Pill(NamedTuple):
    """A short text on a dark rounded ground, with a dot or an icon before it.

    Attributes:
        name: Stands at `{name}` in the text, and is cut first where there is little room.
    """

    text: str
    dot: Tone | None = None
    icon: str = ""
    bold: bool = False
    name: str = ""

    @property
    def whole(self) -> str:
        """Its text in full."""
        return self.text.format(name=isolated_name(self.name)) if self.name else self.text


class Pills:
    """Renders pills and keeps the latest of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Pill, int, float], QPixmap] = OrderedDict()

    def get(self, pill: Pill, widest_px: int, ratio: float) -> QPixmap:
        """A pill at most `widest_px` logical pixels wide."""
        key = (pill, widest_px, ratio)
        if key not in self._kept:
            self._kept[key] = _rendered(pill, widest_px, ratio)
            if len(self._kept) > _KEPT_PILLS:
                self._kept.popitem(last=False)
        return self._kept[key]


def _pill_font(pill: Pill) -> QFont:
    return resized_font(QApplication.font(), _TEXT_PX, bold=pill.bold)


def _rendered(pill: Pill, widest_px: int, ratio: float) -> QPixmap:
    font = _pill_font(pill)
    metrics = QFontMetrics(font)
    lead, text = _lead_px(pill), _shown(pill, widest_px)
    size = QSize(metrics.horizontalAdvance(text) + 2 * _PAD_PX + lead, PILL_HEIGHT_PX)
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_ground(painter, QRectF(0, 0, size.width(), size.height()))
    _paint_lead(painter, pill, ratio)
    painter.setFont(font)
    painter.setPen(DARK_THEME.colour(Tone.TEXT))
    text_room = QRect(_PAD_PX + lead, 0, size.width(), PILL_HEIGHT_PX)
    painter.drawText(text_room, Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
    return made


def cut_words(pill: Pill, widest_px: int) -> str:
    """The whole text of a pill that cannot show it all; else empty."""
    return pill.whole if _shown(pill, widest_px) != pill.whole else ""


def _shown(pill: Pill, widest_px: int) -> str:
    metrics = QFontMetrics(_pill_font(pill))
    room = max(0, widest_px - 2 * _PAD_PX - _lead_px(pill))
    if pill.name:
        return elided(elided_name(pill.text, pill.name, metrics, room), metrics, room)
    return elided(pill.text, metrics, room)


def _lead_px(pill: Pill) -> int:
    return _DOT_PX + 6 if pill.dot else _ICON_PX + 6 if pill.icon else 0


def _paint_ground(painter: QPainter, area: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(area, 6, 6)


def _paint_lead(painter: QPainter, pill: Pill, ratio: float) -> None:
    middle = PILL_HEIGHT_PX / 2
    if pill.dot:
        painter.setBrush(DARK_THEME.colour(pill.dot))
        painter.drawEllipse(QPointF(_PAD_PX + _DOT_PX / 2, middle), _DOT_PX / 2, _DOT_PX / 2)
    elif pill.icon:
        picture = icons.pixmap(pill.icon, DARK_THEME.text, _ICON_PX, ratio)
        painter.drawPixmap(QPointF(_PAD_PX, middle - _ICON_PX / 2), picture)


def paint_message(painter: QPainter, area: QRect, message: PictureMessage, ratio: float) -> None:
    """Icon, title and details in the middle of a picture that is not live."""
    font = QApplication.font()
    lines = [(message.title, resized_font(font, 13), DARK_THEME.colour(Tone.TEXT))]
    if message.details and area.width() >= _DETAILS_FROM_PX:
        lines.append((message.details, resized_font(font, _TEXT_PX), _DETAILS))
    heights = [_text_height(text, line_font, area) for text, line_font, _ in lines]
    with_icon = area.height() > sum(heights) + _MESSAGE_ICON_PX + 70
    height = sum(heights) + 6 * (len(lines) - 1) + (_MESSAGE_ICON_PX + 12 if with_icon else 0)
    top = area.center().y() - height // 2
    if with_icon:
        symbol = icons.pixmap(message.icon, DARK_THEME.muted, _MESSAGE_ICON_PX, ratio)
        painter.drawPixmap(area.center().x() - _MESSAGE_ICON_PX // 2, top, symbol)
        top += _MESSAGE_ICON_PX + 12
    for (text, line_font, colour), line_height in zip(lines, heights, strict=True):
        painter.setFont(line_font)
        painter.setPen(colour)
        painter.drawText(_line_room(area, top, line_height), _CENTRED, text)
        top += line_height + 6


_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap


def _line_room(area: QRect, top: int, height: int) -> QRect:
    return QRect(area.x() + _PAD_PX, top, area.width() - 2 * _PAD_PX, height)


def _text_height(text: str, font: QFont, area: QRect) -> int:
    room = _line_room(area, 0, 10_000)
    return QFontMetrics(font).boundingRect(room, int(_CENTRED.value), text).height()
