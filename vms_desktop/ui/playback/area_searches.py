"""Opens the search in an area, and brings back what was found after a result was played."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from vms_desktop.core.base.clock import Clock
from vms_desktop.ui.playback.area_search import AreaSearchDialog
from vms_desktop.ui.playback.area_search_form import SearchCamera
from vms_desktop.ui.theme import Theme

if TYPE_CHECKING:
    from vms_desktop.core.base.layout import Layout
    from vms_desktop.workers.library_index import LibraryIndex


class AreaSearches(QObject):
    """Owns the one dialog; it asks and reads nothing once it is closed.

    Attributes:
        dialog: The search that is open or stepped aside; None where there is none.

    Signals:
        play_wanted: An `IndexedClip`, and the aware time at which something moved there.
    """

    play_wanted = Signal(object, object)

    def __init__(
        self,
        index: "LibraryIndex",
        layout: "Layout",
        clock: Clock,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._index, self._layout, self._clock, self._theme = index, layout, clock, theme
        self._window = parent
        self.dialog: AreaSearchDialog | None = None

    def open(
        self, cameras: Sequence[SearchCamera], shown: str, day: date, image: QImage | None = None
    ) -> None:
        """Show the search; another one where these cameras or this day are not what it is about.

        `image` is what the camera `shown` shows now.
        """
        if self.dialog is not None and not self.dialog.is_about(cameras, day):
            self.stop()
        if self.dialog is None:
            self.dialog = AreaSearchDialog(
                self._index, self._layout, cameras, shown, day, self._clock, self._theme,
                self._window,
            )  # fmt: skip
            self.dialog.play_wanted.connect(self.play_wanted)
            self.dialog.finished.connect(self._forget)
            if image is not None:
                self.dialog.set_picture(shown, image)
        self.dialog.open()

    def stop(self) -> None:
        """Close the search, if there is one."""
        if self.dialog is not None:
            self.dialog.reject()

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
