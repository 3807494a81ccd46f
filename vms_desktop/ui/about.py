"""The dialog about this program."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from vms_desktop import __version__
from vms_desktop.ui.base import icons
from vms_desktop.ui.widgets import FittingDialog


class AboutDialog(FittingDialog):
    """Name, version, purpose and licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About"))
        symbol = QLabel()
        symbol.setPixmap(icons.app_icon().pixmap(64, 64))
        name = QLabel(f"VMS Desktop {__version__}")
        name.setProperty("title", True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout()
        layout.setSpacing(10)
        for widget in (symbol, name, self._purpose(), self._licence()):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        self.lay_out(layout, buttons)

    def _purpose(self) -> QLabel:
        return QLabel(self.tr("Watches cameras, detects motion and records clips."))

    def _licence(self) -> QLabel:
        label = QLabel(self.tr("Free software under the MIT licence. Made with Qt and FFmpeg."))
        label.setProperty("quiet", True)
        return label
