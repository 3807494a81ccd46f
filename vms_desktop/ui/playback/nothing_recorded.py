"""The Playback page while nothing was ever recorded."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vms_desktop.ui.base import Theme
from vms_desktop.ui.widgets import EmptyPage, primary_button


class NothingRecorded(EmptyPage):
    """Says what the page is for, and leads to the cameras."""

    def __init__(self, live: QAction, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        purpose = self.tr(
            "As soon as something moves in front of a camera it is recorded. "
            "Here you find it again by day and time, play it, keep it and export it."
        )
        go = primary_button(live, self.tr("Go to Live"))
        self.tell(theme, "playback", self.tr("Nothing recorded yet"), purpose, go)
