"""The actions of the Playback page, each with its words and its keys."""

from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

_tr = partial(QCoreApplication.translate, "PlaybackActions")


class MakeAction(Protocol):
    """Makes an action of the window."""

    def __call__(
        self, text: str, *keys: str, icon: str = "", checkable: bool = False
    ) -> QAction: ...


class PlaybackActions:
    """The actions that work while the Playback page is shown.

    Attributes:
        choose: One for each of the first nine cameras.
        of_player: Those that want something that is played, and to be seen.
    """

    def __init__(self, make: MakeAction) -> None:
        self._make_transport(make)
        self._make_clip(make)
        self._make_page(make)
        self.of_player = (
            self.play, self.back, self.forward, self.skip_back, self.skip_forward,
            self.previous_clip, self.next_clip, self.reverse, self.first, self.last,
            self.faster, self.slower, self.mark_in, self.mark_out, self.zoom_in, self.zoom_out,
            self.zoom_reset,
        )  # fmt: skip
        self.choose = [
            make(_tr("Choose camera {number}").format(number=number), str(number))
            for number in range(1, 10)
        ]

    def menu(self, full_screen: QAction, parent: QWidget) -> QMenu:
        """A menu of what can be done to a picture or a moment; gone once it is hidden."""
        menu = QMenu(parent)
        for group in (
            (self.play, self.alone, full_screen),
            (self.previous_clip, self.next_clip, self.snapshot),
            (self.mark_in, self.mark_out, self.clear_marks),
            (self.search_area, self.export, self.archive, self.delete),
            (self.zoom_in, self.zoom_out, self.zoom_reset, self.mute),
        ):
            menu.addActions(group)
            menu.addSeparator()
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _make_transport(self, make: MakeAction) -> None:
        self.play = make(_tr("Play"), "Space", "K", icon="play")
        self.back = make(_tr("Frame back (5 s while playing)"), "Left", icon="frame_previous")
        self.forward = make(_tr("Frame on (5 s while playing)"), "Right", icon="frame_next")
        self.skip_back = make(_tr("5 s back"), "Ctrl+Left", icon="skip_back")
        self.skip_forward = make(_tr("5 s on"), "Ctrl+Right", icon="skip_forward")
        self.previous_clip = make(_tr("Previous clip"), "Shift+Left", icon="clip_previous")
        self.next_clip = make(_tr("Next clip"), "Shift+Right", icon="clip_next")
        self.reverse = make(_tr("Play backwards"), "J", icon="play_back")
        self.faster = make(_tr("Faster"), "Up", "L")
        self.slower = make(_tr("Slower"), "Down")
        self.first = make(_tr("First clip"), "Home")
        self.last = make(_tr("Last clip"), "End")

    def _make_clip(self, make: MakeAction) -> None:
        self.snapshot = make(_tr("Snapshot"), "Ctrl+S", icon="snapshot")
        self.archive = make(_tr("Archive"), "A", icon="archive")
        self.delete = make(_tr("Delete…"), "Del", icon="trash")
        self.export = make(_tr("Export…"), "Ctrl+E", icon="export")
        self.mark_in = make(_tr("Export from here"), "I")
        self.mark_out = make(_tr("Export to here"), "O")
        self.clear_marks = make(_tr("Remove the marks"), "X")

    def _make_page(self, make: MakeAction) -> None:
        self.search_area = make(_tr("Search motion in area…"), "Ctrl+F", icon="area")
        self.recordings = make(_tr("Recordings"), "G", checkable=True)
        self.next_day = make(_tr("Next day with clips"), "PgDown", icon="right")
        self.previous_day = make(_tr("Previous day with clips"), "PgUp", icon="left")
        self.alone = make(_tr("Show alone"), "Enter", "Return")
        self.zoom_in = make(_tr("Zoom in"), "Ctrl++", "Ctrl+=", "+", "=")
        self.zoom_out = make(_tr("Zoom out"), "Ctrl+-", "-")
        self.zoom_reset = make(_tr("Whole picture"), "Ctrl+0", "0")
        self.mute = make(_tr("Sound on"), "M", icon="muted")
