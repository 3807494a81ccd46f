"""What Live shows while there is no camera: what it is for, and how to begin."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui import icons
from vms_desktop.ui.theme import Theme


class Welcome(QWidget):
    """The empty page.

    Signals:
        demo_wanted: The demo cameras are to be shown.
        file_wanted: The file with the cameras is to be opened.
    """

    demo_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        symbol = QLabel()
        symbol.setPixmap(icons.pixmap("camera", theme.muted, 56, self.devicePixelRatioF()))
        title = QLabel(self.tr("No cameras yet"))
        title.setProperty("title", True)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for widget in (symbol, title, self._purpose()):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        layout.addLayout(self._buttons())
        layout.addStretch(3)

    def _purpose(self) -> QLabel:
        label = QLabel(
            self.tr(
                "Your cameras appear here side by side. What moves in front of them "
                "is detected and recorded."
            )
        )
        label.setProperty("quiet", True)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setFixedWidth(420)
        # A layout that centres a label does not ask how high it becomes by wrapping.
        label.ensurePolished()
        label.setFixedHeight(label.heightForWidth(420))
        return label

    def _buttons(self) -> QHBoxLayout:
        file = QPushButton(self.tr("Open cameras.json"))
        file.setToolTip(self.tr("Cameras are added in this file"))
        file.clicked.connect(self.file_wanted)
        demo = QPushButton(self.tr("Try with demo cameras"))
        demo.setProperty("primary", True)
        demo.setToolTip(self.tr("Four recorded scenes; your cameras stay as they are"))
        demo.clicked.connect(self.demo_wanted)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(file)
        row.addWidget(demo)
        row.addStretch()
        return row
