"""What the Playback page shows while nothing was ever recorded."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui.base import Theme, icons

_WIDTH_PX = 420


class NothingRecorded(QWidget):
    """Says what the page is for, and leads to the cameras."""

    def __init__(self, live: QAction, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        symbol = QLabel()
        ratio = self.devicePixelRatioF()
        symbol.setPixmap(icons.pixmap("playback", theme.muted, 56, ratio))
        title = QLabel(self.tr("Nothing recorded yet"))
        title.setProperty("title", True)
        purpose = QLabel(
            self.tr(
                "As soon as something moves in front of a camera it is recorded. "
                "Here you find it again by day and time, play it, keep it and export it."
            )
        )
        purpose.setProperty("quiet", True)
        purpose.setWordWrap(True)
        purpose.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        purpose.setFixedWidth(_WIDTH_PX)
        purpose.ensurePolished()
        purpose.setFixedHeight(purpose.heightForWidth(_WIDTH_PX))
        go = QPushButton(self.tr("Go to Live"))
        go.setProperty("primary", True)
        go.setToolTip(live.toolTip())
        go.clicked.connect(live.trigger)
        self.setFocusProxy(go)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for widget in (symbol, title, purpose, go):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
