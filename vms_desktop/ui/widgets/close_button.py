"""The small cross at the end of a message."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from vms_desktop.ui.base import Theme, icons


class CloseButton(QToolButton):
    """Asks for a message to go."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("flatButton")
        self.setIcon(icons.icon("close", theme))
        self.setIconSize(QSize(14, 14))
        self.setToolTip(self.tr("Close this message"))
        self.setAccessibleName(self.tr("Close this message"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
