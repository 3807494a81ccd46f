"""The bar above the Playback page."""

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from vms_desktop.core.config import Settings
from vms_desktop.ui.base import icons, long_day, tooltip_with_key
from vms_desktop.ui.widgets import BarButton, PageBar, Segments, VolumeSlider

if TYPE_CHECKING:
    from vms_desktop.ui.base import PlaybackActions, Theme

TIMELINE, RECORDINGS = "timeline", "recordings"
# From this tightness on something makes room.
_ICONS_ONLY, _NO_SLIDER, _NO_TITLE, _NO_DAY = 1, 2, 3, 4


class PlaybackBar(PageBar):
    """Title and day, sound, timeline or recordings, search, export, the library's menu.

    Signals:
        mode_chosen: `TIMELINE` or `RECORDINGS`.
        volume_changed: 0…1.
    """

    mode_chosen = Signal(str)
    volume_changed = Signal(float)

    def __init__(
        self, actions: "PlaybackActions", theme: "Theme", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title.setText(self.tr("Playback"))
        self._day = QLabel()
        self._day.setProperty("quiet", True)
        self._actions = actions
        self._mute = BarButton(actions.mute, theme)
        self._volume = VolumeSlider()
        self._volume.volume_changed.connect(self.volume_changed)
        self._days = [BarButton(each, theme) for each in (actions.previous_day, actions.next_day)]
        self._modes = self._made_modes()
        self._worded = [BarButton(each, theme) for each in (actions.search_area, actions.export)]
        self._menu_button = self._made_menu_button(theme)
        self._fill_row()

    def set_menu(self, menu: QMenu) -> None:
        """Offer the menu of what is done to the whole library."""
        self._menu_button.setMenu(menu)

    def show_day(self, day: date | None) -> None:
        """Show which day is looked at."""
        self._day.setText(long_day(day) if day else "")
        self._fit()

    def show_mode(self, mode: str) -> None:
        """Show which of the two is chosen."""
        self._modes.choose(mode)

    def show_sound(self, settings: Settings, *, available: bool) -> None:
        """Show volume, and whether there can be sound at all."""
        self._volume.show_volume(settings.volume)
        self._volume.setEnabled(available)
        self._actions.mute.setEnabled(available)
        none = self.tr("This computer has no sound device")
        self._mute.setToolTip(self._actions.mute.toolTip() if available else none)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Become only as tight as the width asks for, so that no text is cut."""
        for tightness in range(_NO_DAY + 1):
            for button in self._worded:
                button.set_worded(tightness < _ICONS_ONLY)
            self._volume.setVisible(tightness < _NO_SLIDER)
            self.title.setVisible(tightness < _NO_TITLE)
            self._day.setVisible(tightness < _NO_DAY)
            self.row.invalidate()
            if self.row.minimumSize().width() <= self.width():
                break

    def _fill_row(self) -> None:
        row = self.row
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        previous, following = self._days
        row.addWidget(previous)
        row.addWidget(self._day)
        row.addWidget(following)
        row.addStretch()
        for widget in (self._mute, self._volume, self._modes, *self._worded, self._menu_button):
            row.addWidget(widget)

    def _made_modes(self) -> Segments:
        made = Segments(self.tr("What is shown"))
        made.add(TIMELINE, self.tr("Timeline"))
        told = tooltip_with_key(self.tr("Recordings"), self._actions.recordings)
        made.add(RECORDINGS, self.tr("Recordings"), told)
        made.chosen.connect(self.mode_chosen)
        made.choose(TIMELINE)
        return made

    def _made_menu_button(self, theme: "Theme") -> QToolButton:
        more = QAction(icons.icon("more", theme), self.tr("Library"), self)
        more.setToolTip(self.tr("The library: thumbnails, rescan, purge"))
        button = BarButton(more, theme)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button
