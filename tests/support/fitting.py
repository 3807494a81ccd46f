"""Whether what a window shows fits it, and the window its screen."""

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

# Fonts that are found later (another script's) are higher by so much: what is empty goes first.
_LEADING_PX = 4


def complaints(window: QWidget) -> Iterator[str]:
    """What does not fit, in words."""
    screen = QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()
    frame, room = window.frameGeometry(), screen.availableGeometry()
    if not room.contains(frame):
        yield f"{_said(frame)} exceeds the screen {_said(room)}"
    if isinstance(window, QFileDialog):
        return  # Qt's own, or the desktop's.
    for widget in window.findChildren(QWidget):
        if widget.window() is window and widget.isVisible() and widget.width():
            yield from _of_widget(window, widget)


def _of_widget(window: QWidget, widget: QWidget) -> Iterator[str]:
    name = _name(widget)
    scrolled = _scroll_area(widget)
    place = QRect(widget.mapTo(window, QPoint()), widget.size())
    if scrolled is None and not window.rect().contains(place):
        yield f"{name} lies outside its window: {_said(place)} in {_said(window.rect())}"
    is_answer = isinstance(widget, QPushButton) and isinstance(window, QDialog)
    if is_answer and scrolled is None:
        seen = widget.visibleRegion().boundingRect()
        if seen.size() != widget.size():
            yield f"{name} is partly hidden"
    if scrolled is not None and widget.parent() is scrolled.viewport():
        off = scrolled.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if off and widget.width() > scrolled.viewport().width():
            yield f"{name} is wider than what scrolls it"
    elif scrolled is None and (parent := _cutting_parent(widget)):
        yield f"{name} is cut by {_name(parent)}"
    yield from _text_cut(widget)


def _text_cut(widget: QWidget) -> Iterator[str]:
    missing = _missing_px(widget)
    is_cut = missing is not None and (missing[0] < 0 or missing[1] < -_LEADING_PX)
    if is_cut and not _is_told(widget):
        yield f"{_name(widget)} is cut: {missing} in {_said(widget.geometry())}"


def _missing_px(widget: QWidget) -> tuple[int, int] | None:
    """How much more room there is than the text needs; None for what has no text."""
    if isinstance(widget, QLabel) and widget.text():
        if widget.wordWrap():
            return 0, widget.height() - widget.heightForWidth(widget.width())
        needed = widget.minimumSizeHint()
        return widget.width() - needed.width(), widget.height() - needed.height()
    if isinstance(widget, QCheckBox | QRadioButton | QPushButton):
        needed = widget.sizeHint()
        return widget.width() - needed.width(), widget.height() - needed.height()
    if isinstance(widget, QToolButton) and _shows_text(widget):
        style_px = widget.fontMetrics().horizontalAdvance(widget.text())
        return widget.width() - style_px, 0
    if isinstance(widget, QComboBox):
        return widget.width() - _combo_px(widget), 0
    if isinstance(widget, QLineEdit) and widget.isReadOnly():
        return widget.width() - widget.fontMetrics().horizontalAdvance(widget.text()) - 12, 0
    return None


def _combo_px(box: QComboBox) -> int:
    return box.fontMetrics().horizontalAdvance(box.currentText()) + 36


def _shows_text(button: QToolButton) -> bool:
    styles = Qt.ToolButtonStyle
    style = button.toolButtonStyle()
    return style in (styles.ToolButtonTextBesideIcon, styles.ToolButtonTextUnderIcon) or (
        style is styles.ToolButtonTextOnly or button.icon().isNull()
    )


def _is_told(widget: QWidget) -> bool:
    """Whether it shows an ellipsis, and the whole under the pointer."""
    is_cut_well = getattr(widget, "is_elided", None)
    if is_cut_well is not None:
        return bool(is_cut_well) and bool(widget.toolTip())
    return isinstance(widget, QComboBox | QLineEdit) and bool(widget.toolTip())


def _scroll_area(widget: QWidget) -> QAbstractScrollArea | None:
    parent = widget.parentWidget()
    while parent is not None and not widget.isWindow():
        if isinstance(parent, QAbstractScrollArea) and parent.viewport().isAncestorOf(widget):
            return parent
        if parent.isWindow():
            return None
        parent = parent.parentWidget()
    return None


def _cutting_parent(widget: QWidget) -> QWidget | None:
    """The parent, unless the widget lies inside."""
    parent = widget.parentWidget()
    return parent if parent and not parent.rect().contains(widget.geometry()) else None


def _name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""
    said = text or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} “{said[:60]}”"


def _said(rect: QRect) -> str:
    return f"{rect.width()}×{rect.height()} at {rect.x()},{rect.y()}"
