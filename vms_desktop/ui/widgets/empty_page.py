"""A page while it has nothing to show: what it is for, and how that changes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui.base import Theme, icons

# A sentence about a page in one line, or in two of even length.
_PURPOSE_PX = 440


def primary_button(action: QAction, words: str = "") -> QPushButton:
    """The blue button of a page: does what the page is there for, in its own words or others."""
    button = QPushButton(words or action.text())
    button.setProperty("primary", True)
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    return button


class EmptyPage(QWidget):
    """Says what a page is for, with the buttons that lead on; the first has the keyboard."""

    def tell(
        self, theme: Theme, icon: str, title: str, purpose: str, *buttons: QPushButton
    ) -> None:
        """Fill the page, once."""
        symbol, heading = QLabel(), QLabel(title)
        symbol.setPixmap(icons.pixmap(icon, theme.muted, 56, self.devicePixelRatioF()))
        heading.setProperty("title", True)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for widget in (symbol, heading, _purpose_label(purpose)):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        row = QHBoxLayout()
        row.addStretch()
        for button in buttons:
            row.addWidget(button)
        row.addStretch()
        layout.addLayout(row)
        layout.addStretch(3)
        self.setFocusProxy(buttons[0])


class Welcome(EmptyPage):
    """A page while there is no camera.

    Args:
        purpose: A sentence that says what the page is for.
        adding: The action of its first button.

    Signals:
        demo_wanted: The demo cameras are to be shown.
    """

    demo_wanted = Signal()

    def __init__(
        self, theme: Theme, purpose: str, adding: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        add = primary_button(adding, self.tr("Add a camera"))
        demo = QPushButton(self.tr("Try with demo cameras"))
        demo.setToolTip(self.tr("Four recorded scenes; your cameras stay as they are"))
        demo.clicked.connect(self.demo_wanted)
        self.tell(theme, "camera", self.tr("No cameras yet"), purpose, add, demo)


def _purpose_label(purpose: str) -> QLabel:
    label = QLabel(purpose)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setFixedWidth(_PURPOSE_PX)
    # A layout that centres a label does not ask how high it becomes by wrapping.
    label.ensurePolished()
    label.setFixedHeight(label.heightForWidth(_PURPOSE_PX))
    return label
