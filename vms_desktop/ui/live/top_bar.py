"""The bar above the grid: views, sound, pages of cameras, layouts, snapshot, full screen."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from vms_desktop.core.config import GRID_LAYOUTS, Settings
from vms_desktop.ui.base import Actions
from vms_desktop.ui.widgets import BarButton, PageBar, Segments, VolumeSlider

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme


# How many views have a segment, at each tightness; the others stand in a menu.
_SHOWN_VIEWS = (4, 4, 4, 2, 0, 0)
# How much of a view's name is shown, at each tightness.
_VIEW_PX = (180, 180, 180, 180, 120, 60)
# From which tightness on something makes room.
_ICONS_ONLY, _NO_SLIDER, _NO_TITLE = 1, 2, 4


class TopBar(PageBar):
    """The controls of the Live page.

    Signals:
        view_chosen: A view's name; empty for all cameras.
        view_edited, view_deleted: A view is to be changed, or to go (its name).
        layout_chosen: One of `GRID_LAYOUTS`.
        volume_changed: 0…1.
    """

    view_chosen = Signal(str)
    view_edited = Signal(str)
    view_deleted = Signal(str)
    layout_chosen = Signal(str)
    volume_changed = Signal(float)

    def __init__(self, actions: Actions, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._theme = theme
        self._settings = Settings()
        self._tightness = 0
        self.title.setText(self.tr("Live"))
        self._views = Segments("")
        self._layouts = self._made_layouts()
        self._mute = BarButton(actions.mute, theme)
        self._volume = VolumeSlider()
        self._volume.volume_changed.connect(self.volume_changed)
        self._pages = QLabel()
        self._worded = [BarButton(a, theme) for a in (actions.snapshot, actions.full_screen)]
        turning = (actions.previous_page, actions.next_page)
        self._page_buttons = [BarButton(action, theme) for action in turning]
        self._fill_row()
        self.show_pages(0, 1)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen."""
        self._settings = settings
        self._fit(anew=True)
        self._layouts.choose(settings.layout)
        self._volume.show_volume(settings.volume)

    def show_sound(self, *, available: bool, audible: bool) -> None:
        """Show whether sound can be heard at all, and whether there is a camera to be heard."""
        self._actions.mute.setEnabled(available and audible)
        self._volume.setEnabled(available and audible)
        if not available:
            told = self.tr("This computer has no sound device")
        elif not audible:
            told = self.tr("Choose a camera to hear it")
        else:
            told = self._actions.mute.toolTip()
        self._mute.setToolTip(told)
        self._volume.setToolTip(told if not (available and audible) else self.tr("Volume"))

    def show_pages(self, page: int, pages: int) -> None:
        """Show which page of the cameras this is; nothing where there is one."""
        self._pages.setText(f"{page + 1}/{pages}")
        for widget in (self._pages, *self._page_buttons):
            widget.setVisible(pages > 1)
        self._actions.previous_page.setEnabled(page > 0)
        self._actions.next_page.setEnabled(page < pages - 1)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit(anew=True)

    def _fit(self, *, anew: bool = False) -> None:
        """Become only as tight as the width asks for, so that no text is cut."""
        for tightness in range(len(_SHOWN_VIEWS)):
            if anew or tightness != self._tightness:
                self._tighten(tightness)
            anew = False
            if self.row.minimumSize().width() <= self.width():
                break

    def _tighten(self, tightness: int) -> None:
        self._tightness = tightness
        for button in self._worded:
            button.set_worded(tightness < _ICONS_ONLY)
        self._volume.setVisible(tightness < _NO_SLIDER)
        self.title.setVisible(tightness < _NO_TITLE)
        self._renew_views(self._settings)
        self.row.invalidate()

    def _fill_row(self) -> None:
        self.row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self.row.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        previous, following = self._page_buttons
        self.row.addWidget(self._views)
        self.row.addStretch()
        for widget in (previous, self._pages, following, self._mute, self._volume, self._layouts):
            self.row.addWidget(widget)
        for button in self._worded:
            self.row.addWidget(button)

    def _made_layouts(self) -> Segments:
        made = Segments(self.tr("Layout"))
        for layout in GRID_LAYOUTS:
            text = self.tr("Auto") if layout == "auto" else layout.replace("x", "×")
            made.add(layout, text, self.tr("Layout {name}").format(name=text))
        made.chosen.connect(self.layout_chosen)
        return made

    def _renew_views(self, settings: Settings) -> None:
        """Make the segments of the views anew."""
        made = Segments(self.tr("Views"), most_px=_VIEW_PX[self._tightness])
        made.add("", self.tr("All cameras"))
        shown, others = self._split(settings)
        for name in shown:
            made.add(name, name, self.tr("View {name}; right click to change it").format(name=name))
        if others:
            made.add_button(self._more_button(others))
        made.add_button(self._new_button())
        made.chosen.connect(self.view_chosen)
        made.menu_wanted.connect(self._view_menu)
        made.choose(settings.view if settings.view in made.names() else "")
        self.row.replaceWidget(self._views, made)
        self._views.deleteLater()
        self._views = made
        made.show()  # its width counts at once
        for widget in (made, *made.findChildren(QWidget)):
            widget.ensurePolished()

    def _split(self, settings: Settings) -> tuple[list[str], list[str]]:
        """The views that have a segment, and those in the menu; the chosen one has a segment."""
        names = [view.name for view in settings.views]
        shown = names[: _SHOWN_VIEWS[self._tightness]]
        if settings.view in names and settings.view not in shown:
            shown = [*shown[:-1], settings.view]
        return shown, [name for name in names if name not in shown]

    def _more_button(self, names: list[str]) -> QToolButton:
        button = QToolButton()
        button.setText(self.tr("More…"))
        button.setToolTip(self.tr("More views"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for name in names:
            menu.addAction(name, partial(self.view_chosen.emit, name))
        button.setMenu(menu)
        return button

    def _new_button(self) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions.new_view)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(self._actions.new_view.text())
        return button

    def _view_menu(self, name: str) -> None:
        if not name:
            return
        menu = QMenu(self)
        menu.addAction(self.tr("Change view…"), lambda: self.view_edited.emit(name))
        menu.addAction(self.tr("Delete view"), lambda: self.view_deleted.emit(name))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(QCursor.pos() + QPoint(2, 2))
