"""The bars of the Cameras page: the one above the list, and the one for several cameras."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import Actions, icons
from vms_desktop.ui.cameras.list_model import SWITCHES, CamerasModel
from vms_desktop.ui.widgets import BarButton, PageBar, SearchField, Switch, primary_button

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme

_SEARCH_PX = 200


class CamerasBar(PageBar):
    """Title and numbers, the search, adding, importing and exporting."""

    def __init__(self, actions: Actions, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title.setText(self.tr("Cameras"))
        self._count = QLabel()
        self._count.setProperty("quiet", True)
        self.search = SearchField(self.tr("Search cameras"), theme, _SEARCH_PX)
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setToolTip(actions.find.toolTip())
        self.row.addWidget(self._count)
        self.row.addStretch()
        self.row.addWidget(self.search)
        self.row.addWidget(self._more(actions, theme))
        self.row.addWidget(primary_button(actions.add_camera))

    def show_numbers(self, cameras: int, active: int) -> None:
        """Show how many cameras there are, and how many of them are active."""
        self.search.setVisible(cameras > 0)
        if not cameras:
            self._count.clear()
            return
        parts = (self.tr("%n camera(s)", "", cameras), self.tr("%n active", "", active))
        self._count.setText(" · ".join(parts))

    def _more(self, actions: Actions, theme: "Theme") -> QToolButton:
        more = QAction(icons.icon("more", theme), self.tr("More"), self)
        more.setToolTip(self.tr("Import and export"))
        button = BarButton(more, theme)
        menu = QMenu(button)
        menu.addActions([actions.import_cameras, actions.export_cameras])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button


class SelectionBar(QWidget):
    """The switches and buttons for several cameras at once.

    Signals:
        switched: A field of all of them is to be on or off.
    """

    switched = Signal(str, bool)

    def __init__(
        self,
        model: CamerasModel,
        actions: Actions,
        theme: "Theme",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("selectionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._count = QLabel()
        self._switches = {
            key: self._switch(key, str(model.headerData(column, Qt.Orientation.Horizontal)), theme)
            for column, key in SWITCHES.items()
        }
        self._buttons = [
            BarButton(each, theme) for each in (actions.export_cameras, actions.delete)
        ]
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(20, 8, 14, 8)
        self._row.setSpacing(16)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self._row.addWidget(self._count)
        for switch in self._switches.values():
            self._row.addWidget(switch)
        self._row.addStretch()
        for button in self._buttons:
            self._row.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show the buttons' words where there is room for them."""
        for worded in (True, False):
            for button in self._buttons:
                button.set_worded(worded)
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                break

    def show_cameras(self, cameras: Sequence[CameraConfig]) -> None:
        """Show the switches of these cameras; one that differs among them is in between."""
        self._count.setText(self.tr("%n selected", "", len(cameras)))
        self._fit()
        for key, switch in self._switches.items():
            values = {bool(getattr(camera, key)) for camera in cameras}
            switch.setCheckState(_check_state(values))

    def switch(self, key: str) -> Switch:
        """The switch of a field."""
        return self._switches[key]

    def _switch(self, key: str, text: str, theme: "Theme") -> Switch:
        made = Switch(text, theme)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        made.clicked.connect(lambda: self.switched.emit(key, self._switches[key].isChecked()))
        return made


def _check_state(values: set[bool]) -> Qt.CheckState:
    if len(values) > 1:
        return Qt.CheckState.PartiallyChecked
    return Qt.CheckState.Checked if True in values else Qt.CheckState.Unchecked
