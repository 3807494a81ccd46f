"""The parts that forms are made of: a field with its problem beneath, numbers, a password."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import Theme, Tone, icons
from vms_desktop.ui.widgets.labels import NameBox, PlainLabel

_ICON_PX = 14
_NUMBER_PAD_PX = 7
# Reasons to lose the keyboard without being left: a menu, another window.
_STAYS = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
_REVEAL_KEY = "Ctrl+R"


class NoticeLine(QWidget):
    """One line of news: an icon and words that wrap; hidden while it has none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = QLabel()
        self._icon.setFixedWidth(_ICON_PX)
        self._text = PlainLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.setSpacing(6)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The words that are shown; empty while there are none."""
        return self._text.text()

    def say(self, text: str, icon: str = "", colour: Tone = Tone.MUTED) -> None:
        """Show words in a colour of the theme; none hide the line."""
        self._text.setText(text)
        tint = self._theme.colour(colour).name()
        self._text.setStyleSheet(f"color: {tint}")
        self._icon.setVisible(bool(icon))
        if icon:
            ratio = self.devicePixelRatioF()
            self._icon.setPixmap(icons.pixmap(icon, tint, _ICON_PX, ratio))
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class FormField(QWidget):
    """A widget with what is wrong with it beneath.

    Signals:
        left: The keyboard has gone elsewhere.
    """

    left = Signal()

    def __init__(
        self,
        widget: QWidget,
        theme: Theme,
        parent: QWidget | None = None,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._widget = widget
        self._problem = NoticeLine(theme)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(widget, 1)
        if beside is not None:
            row.addWidget(beside)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(row)
        self._column.addWidget(self._problem)
        self.setFocusProxy(widget)
        widget.installEventFilter(self)

    @property
    def problem(self) -> str:
        """The problem that is told; empty where there is none."""
        return self._problem.text

    def show_problem(self, text: str) -> None:
        """Say what is wrong, or nothing any more."""
        self._problem.say(text, "failed", Tone.RED)
        mark_wrong(self._widget, bool(text))
        self._widget.setAccessibleDescription(text)

    def add(self, widget: QWidget) -> None:
        """Put something more beneath."""
        self._column.addWidget(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _STAYS:
            self.left.emit()
        return super().eventFilter(watched, event)


def mark_wrong(widget: QWidget, wrong: bool) -> None:
    """Dress a widget as one that has a problem, or as usual."""
    if bool(widget.property("wrong")) != wrong:
        widget.setProperty("wrong", wrong)
        widget.style().polish(widget)


class NumberBox(QDoubleSpinBox):
    """A number; one that came from a file leaves as it came unless it is changed.

    The wheel changes it only while it has the keyboard, so that scrolling a
    form changes nothing.
    """

    def __init__(self, highest: float, decimals: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = 0.0
        self.setRange(0, highest)
        self.setDecimals(decimals)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(_NUMBER_PAD_PX, 0, 0, 0)

    def give(self, number: float) -> None:
        """Show a number."""
        self._given = number
        self.setValue(number)

    def taken(self) -> float:
        """The number as it was given, or as a person changed it."""
        unchanged = self.value() == round(self._given, self.decimals())
        return self._given if unchanged else self.value()

    def textFromValue(self, value: float) -> str:
        """The shortest form: 5, not 5.00."""
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceBox(NameBox):
    """A list of choices; scrolling past it does not change it.

    Attributes:
        is_stepping: Keys walk through the closed list: what is chosen now may be passed by.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_stepping = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def choose(self, key: object) -> None:
        """Show the choice with this key as chosen."""
        self.setCurrentIndex(max(0, self.findData(key)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.is_stepping = True
        super().keyPressEvent(event)
        self.is_stepping = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class PasswordField(QLineEdit):
    """A password, masked until it is revealed; masked it cannot be copied, as dots or at all."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.reveal = QAction(self)
        self.reveal.setCheckable(True)
        self.reveal.setShortcut(_REVEAL_KEY)
        self.reveal.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.reveal.toggled.connect(self._show_revealed)
        self.addAction(self.reveal, QLineEdit.ActionPosition.TrailingPosition)
        self._show_revealed(False)

    def _show_revealed(self, revealed: bool) -> None:
        modes = QLineEdit.EchoMode
        self.setEchoMode(modes.Normal if revealed else modes.Password)
        words = self.tr("Hide the password") if revealed else self.tr("Show the password")
        self.reveal.setText(words)
        self.reveal.setToolTip(f"{words} ({_REVEAL_KEY})")
        self.reveal.setIcon(icons.icon("eye_off" if revealed else "eye", self._theme))
