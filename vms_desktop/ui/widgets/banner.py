"""Banners for a person to know or answer: lines under the top bar, cards that go by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import Theme, icons
from vms_desktop.ui.widgets.close_button import CloseButton
from vms_desktop.ui.widgets.labels import PlainLabel

_CARD_PX, _WIDE_CARD_PX = 420, 640
_GAP_PX = 12
_HIGH_CARD_PX = 90


# A button's words, and what it does.
AnswerButton = tuple[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Banner:
    """A line to show; one that goes by itself is a card over the page, so that nothing moves.

    Attributes:
        key: Its subject; a newer banner of the same key takes its place.
        answers: Buttons that do something once the banner has gone.
        seconds: After which it goes by itself; 0 for never.
    """

    key: str
    text: str
    icon: str = "info"
    urgent: bool = False
    answers: tuple[AnswerButton, ...] = field(default=(), compare=False)
    seconds: float = 0


class BannerArea(QWidget):
    """Shows banners one below the other; takes no room when there is none.

    Args:
        page: The ground of cards, at its lower right; a sibling of this area.
    """

    def __init__(self, theme: Theme, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page = page
        page.installEventFilter(self)
        self._lines: dict[str, QFrame] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_banner(self, banner: Banner) -> None:
        """Show a banner, in the place of the one about the same thing."""
        self.remove(banner.key)
        line = self._line(banner)
        self._lines[banner.key] = line
        if not banner.seconds:
            self._column.addWidget(line)
            return
        line.setParent(self.parentWidget())
        line.show()
        self._place_cards()
        QTimer.singleShot(
            round(banner.seconds * 1000), line, lambda: self._remove_line(banner.key, line)
        )

    def remove(self, key: str) -> None:
        """Take the banner of this key away, if there is one."""
        line = self._lines.pop(key, None)
        if line is not None:
            line.hide()
            line.deleteLater()
            self._place_cards()

    def texts(self) -> list[str]:
        """The texts that are shown at the moment."""
        return [line.accessibleName() for line in self._lines.values()]

    def names(self) -> list[str]:
        """The keys of the banners that are shown at the moment."""
        return list(self._lines)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cards keep their place where the page is moved or changes its size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place_cards()
        return super().eventFilter(watched, event)

    def _place_cards(self) -> None:
        """Put the cards one above the other, the newest lowest."""
        room = self._page.geometry()
        bottom = room.bottom() - _GAP_PX
        for line in reversed(self._lines.values()):
            if line.objectName() == "card":
                width = _card_width(line, room.width() - 2 * _GAP_PX)
                height = max(line.heightForWidth(width), line.minimumSizeHint().height())
                line.setGeometry(room.right() - _GAP_PX - width, bottom - height, width, height)
                line.raise_()
                bottom -= height + _GAP_PX

    def _remove_line(self, key: str, line: QFrame) -> None:
        if self._lines.get(key) is line:
            self.remove(key)

    def _line(self, banner: Banner) -> QFrame:
        line = QFrame()
        line.setObjectName("card" if banner.seconds else "banner")
        line.setProperty("urgent", banner.urgent)
        line.setAccessibleName(banner.text)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(self._symbol(banner))
        row.addWidget(_text(banner.text), 1)
        for words, act in banner.answers:
            row.addWidget(self._answer(banner.key, words, act))
        row.addWidget(self._close_button(banner.key))
        return line

    def _symbol(self, banner: Banner) -> QLabel:
        symbol = QLabel()
        ratio = self.devicePixelRatioF()
        symbol.setPixmap(icons.pixmap(banner.icon, self._theme.text, 16, ratio))
        return symbol

    def _answer(self, key: str, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)

        def answer() -> None:
            self.remove(key)
            act()

        button.clicked.connect(answer)
        return button

    def _close_button(self, key: str) -> QToolButton:
        button = CloseButton(self._theme)
        button.clicked.connect(lambda: self.remove(key))
        return button


def _card_width(card: QFrame, most_px: int) -> int:
    """The width of a card: more than usual where a long text beside buttons would be too high."""
    wide = max(_CARD_PX, card.minimumSizeHint().width())
    if card.heightForWidth(wide) > _HIGH_CARD_PX:
        wide = max(wide, _WIDE_CARD_PX)
    return min(wide, most_px)


def _text(words: str) -> QLabel:
    label = PlainLabel(words)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
