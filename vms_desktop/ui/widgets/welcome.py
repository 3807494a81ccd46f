"""What a page shows while there is no camera: what it is for, and how to begin."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui.base import Theme, icons


class Welcome(QWidget):
    """The empty page.

    Args:
        purpose: What the page is for.
        adding: What its first button does.

    Signals:
        demo_wanted: The demo cameras are to be shown.
    """

    demo_wanted = Signal()

    def __init__(
        self, theme: Theme, purpose: str, adding: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        symbol = QLabel()
        symbol.setPixmap(icons.pixmap("camera", theme.muted, 56, self.devicePixelRatioF()))
        title = QLabel(self.tr("No cameras yet"))
        title.setProperty("title", True)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for widget in (symbol, title, _purpose_label(purpose)):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        layout.addLayout(self._buttons(adding))
        layout.addStretch(3)

    def _buttons(self, adding: QAction) -> QHBoxLayout:
        add = QPushButton(self.tr("Add a camera"))
        add.setProperty("primary", True)
        add.setToolTip(adding.toolTip())
        add.clicked.connect(adding.trigger)
        self.setFocusProxy(add)
        demo = QPushButton(self.tr("Try with demo cameras"))
        demo.setToolTip(self.tr("Four recorded scenes; your cameras stay as they are"))
        demo.clicked.connect(self.demo_wanted)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(add)
        row.addWidget(demo)
        row.addStretch()
        return row


def _purpose_label(purpose: str) -> QLabel:
    label = QLabel(purpose)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setFixedWidth(420)
    # A layout that centres a label does not ask how high it becomes by wrapping.
    label.ensurePolished()
    label.setFixedHeight(label.heightForWidth(420))
    return label
