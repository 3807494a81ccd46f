"""Words that come from outside, and words that have little room: elided here and nowhere else.

Elided words are whole under the pointer.
"""

import re
import unicodedata

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QLabel,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QToolTip,
    QWidget,
)

_LONG_WORD_CHARS = 24
_LONG_WORD = re.compile(rf"\S{{{_LONG_WORD_CHARS + 1},}}")
_ZERO_WIDTH_SPACE = "\u200b"
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_FROM_RIGHT = ("R", "AL")
_LEAST_NAME_PX, _NARROWER_PX = 24, 3
_LEAST_ITEM_PX = 80


def elided(
    text: str,
    metrics: QFontMetrics,
    width: int,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> str:
    """The text as far as there is room for it."""
    return metrics.elidedText(text, mode, max(0, width))


def elided_name(words: str, name: str, metrics: QFontMetrics, width: int) -> str:
    """A sentence about a name, `{name}` in it; the name is cut, what is said of it stays whole."""
    whole = words.format(name=isolated_name(name))
    if elided(whole, metrics, width) == whole:
        return whole
    room = width - metrics.horizontalAdvance(words.format(name=""))
    while True:
        shown = words.format(name=isolated_name(elided(name, metrics, max(_LEAST_NAME_PX, room))))
        # Together they may be longer than apart: each script has a font of its own.
        if room <= _LEAST_NAME_PX or elided(shown, metrics, width) == shown:
            return shown
        room -= _NARROWER_PX


def isolated_name(name: str) -> str:
    """A name that may stand in a sentence: one from right to left does not turn what follows."""
    if any(unicodedata.bidirectional(char) in _FROM_RIGHT for char in name):
        return f"{_ISOLATE}{name}{_END_OF_ISOLATE}"
    return name


def breakable_text(text: str) -> str:
    """The text with places at which its long words may be broken: paths, names of files."""
    return _LONG_WORD.sub(lambda found: _broken(found[0]), text)


def _broken(word: str) -> str:
    pieces = "".join(char + _ZERO_WIDTH_SPACE * (not char.isalnum()) for char in word)
    if max(map(len, pieces.split(_ZERO_WIDTH_SPACE))) <= _LONG_WORD_CHARS:
        return pieces
    return _ZERO_WIDTH_SPACE.join(word)


class PlainLabel(QLabel):
    """Says words as they are, in as many lines as they need: a name may look like markup."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        title: bool = False,
        quiet: bool = False,
    ) -> None:
        super().__init__(parent)
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("title", title)
        self.setProperty("quiet", quiet)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Say this; its long words are broken where the line ends, unless they can be copied."""
        self._said = text
        can_copy = self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        super().setText(text if can_copy else breakable_text(text))
        self.setAccessibleName(text)

    def text(self) -> str:
        return self._said

    def setTextInteractionFlags(self, flags: Qt.TextInteractionFlag) -> None:
        super().setTextInteractionFlags(flags)
        self.setText(self._said)


class FittingLabel(QLabel):
    """Takes the room that its layout gives it, and shows the first of its texts that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_texts(self, *texts: str) -> None:
        """Give it the texts to choose from, the longest first; it shows none where none fits."""
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.fontMetrics().horizontalAdvance
        self.setText(next((text for text in self._texts if width(text) <= self.width()), ""))


class ElidedButton(QPushButton):
    """A button whose words are cut where the room ends.

    Attributes:
        is_elided: Whether it shows less than it was given.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._whole = ""
        self.is_elided = False

    def set_whole(self, text: str) -> None:
        """Say this, as far as there is room."""
        self._whole = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        around_px = super().sizeHint().width() - self._text_px(self.text())
        return QSize(self._text_px(self._whole) + around_px, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_ITEM_PX, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _text_px(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)

    def _fit(self) -> None:
        missing_px = self.sizeHint().width() - self.width()
        shown = elided(self._whole, self.fontMetrics(), self._text_px(self._whole) - missing_px)
        self.is_elided = missing_px > 0
        self.setText(shown if self.is_elided else self._whole)
        self.setToolTip(self._whole if self.is_elided else "")


class NamedCheck(QCheckBox):
    """A check with a name and what is said of it; the name alone is cut.

    Attributes:
        is_elided: Whether it shows less than it was given.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name, self._words = "", "{name}"
        self.is_elided = False

    def set_name(self, name: str, words: str = "{name}") -> None:
        """Show a name, in these words about it."""
        if (name, words) != (self._name, self._words):
            self._name, self._words = name, words
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        contents = QStyle.SubElement.SE_CheckBoxContents
        room = self.style().subElementRect(contents, option, self).width()
        whole = self._words.format(name=isolated_name(self._name))
        shown = elided_name(self._words, self._name, self.fontMetrics(), room)
        self.is_elided = shown != whole
        self.setText(shown.replace("&", "&&"))  # One alone would underline a letter.
        self.setToolTip(whole)


class NameItems(QStyledItemDelegate):
    """Lines of a list that are no wider than the list; cut ones are whole under the pointer."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        view = option.widget
        if isinstance(view, QListWidget) and view.wordWrap():
            margins_px = 2 * view.spacing() + 2
            option.rect.setWidth(view.viewport().width() - margins_px)
        wanted = super().sizeHint(option, index)
        return QSize(min(wanted.width(), _LEAST_ITEM_PX), wanted.height())

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        if event.type() is not QEvent.Type.ToolTip or index.data(Qt.ItemDataRole.ToolTipRole):
            return super().helpEvent(event, view, option, index)
        is_cut = super().sizeHint(option, index).width() > option.rect.width()
        QToolTip.showText(event.globalPos(), str(index.data()) if is_cut else "", view)
        return True


class NameList(QListWidget):
    """A list of names that are as long as they like: cut, or in as many lines as they need."""

    def __init__(self, parent: QWidget | None = None, *, wraps: bool = False) -> None:
        super().__init__(parent)
        self.setWordWrap(wraps)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setItemDelegate(NameItems(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class NameBox(QComboBox):
    """A choice among names that are as long as they like.

    Attributes:
        is_elided: The chosen one is cut.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.is_elided = False
        self.currentTextChanged.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = elided(self.currentText(), self.fontMetrics(), self._room_px())
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def _room_px(self) -> int:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        box, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(box, option, field, self).width() - 2

    def _fit(self, *_text: str) -> None:
        whole = self.currentText()
        self.is_elided = self.fontMetrics().horizontalAdvance(whole) > self._room_px()
        self.setToolTip(whole if self.is_elided else "")


def tabular_font(font: QFont) -> QFont:
    """The font with figures of one width, where it has them."""
    other = QFont(font)
    other.setFeature(QFont.Tag("tnum"), 1)
    return other
