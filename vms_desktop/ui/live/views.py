"""Named views: groups of cameras, and the dialog that makes one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.config import CameraConfig, Settings, View
from vms_desktop.ui.widgets import FittingDialog, NameList


def in_order(cameras: Sequence[CameraConfig], order: Sequence[str]) -> list[CameraConfig]:
    """The cameras as a person has ordered them; new ones last, in the file's order."""
    places = {camera_id: place for place, camera_id in enumerate(order)}
    return sorted(cameras, key=lambda camera: places.get(camera.id, len(places)))


def of_view(cameras: Sequence[CameraConfig], settings: Settings) -> list[CameraConfig]:
    """The cameras of the view that is shown, in order; all where no view is chosen."""
    ordered = in_order(cameras, settings.order)
    view = next((view for view in settings.views if view.name == settings.view), None)
    if view is None:
        return ordered
    return [camera for camera in ordered if camera.id in view.camera_ids]


def merged_order(
    settings: Settings, cameras: Sequence[CameraConfig], shown: Sequence[str]
) -> tuple[str, ...]:
    """The order of all cameras after those of a view were put into another order."""
    everyone = [camera.id for camera in in_order(cameras, settings.order)]
    renewed = iter(shown)
    return tuple(next(renewed) if camera_id in shown else camera_id for camera_id in everyone)


def with_view(views: tuple[View, ...], old_name: str, new: View) -> tuple[View, ...]:
    """The views with one added, or changed where `old_name` is one of them."""
    if old_name not in [view.name for view in views]:
        return (*views, new)
    return tuple(new if view.name == old_name else view for view in views)


def without_view(views: tuple[View, ...], name: str) -> tuple[View, ...]:
    """The views but one."""
    return tuple(view for view in views if view.name != name)


class ViewDialog(FittingDialog):
    """Asks for a view's name and cameras; a view goes in, another comes out."""

    def __init__(
        self,
        view: View,
        cameras: Sequence[CameraConfig],
        taken: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._taken = [name.casefold() for name in taken]
        self.setWindowTitle(self.tr("View"))
        self.setMinimumWidth(340)
        self.name = QLineEdit(view.name)
        self.name.setMaxLength(40)
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("Entrances, Night watch…"))
        self.list = self._made_list(view, cameras)
        self._problem = QLabel(" ")
        self._problem.setProperty("quiet", True)
        self._buttons = self._made_buttons()
        layout = QVBoxLayout()
        layout.setSpacing(8)
        for widget in (QLabel(self.tr("Name")), self.name, QLabel(self.tr("Cameras")), self.list):
            layout.addWidget(widget)
        layout.addWidget(self._problem)
        self.lay_out(layout, self._buttons)
        self.name.textChanged.connect(self._check)
        self.list.itemChanged.connect(self._check)
        self._check()

    def view(self) -> View:
        """The view as it was entered."""
        return View(self.name.text().strip(), tuple(self._checked()))

    def _made_list(self, view: View, cameras: Sequence[CameraConfig]) -> NameList:
        made = NameList()
        made.setAccessibleName(self.tr("Cameras"))
        made.setSpacing(3)
        for camera in cameras:
            item = QListWidgetItem(camera.name, made)
            item.setData(Qt.ItemDataRole.UserRole, camera.id)
            on = camera.id in view.camera_ids
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        return made

    def _made_buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        buttons.button(kinds.Save).setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _checked(self) -> list[str]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        ]

    def _check(self) -> None:
        problem = self._found_problem()
        self._problem.setText(problem or " ")
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not problem)

    def _found_problem(self) -> str:
        name = self.name.text().strip()
        if not name:
            return self.tr("A view needs a name.")
        if name.casefold() in self._taken:
            return self.tr("There is a view of this name already.")
        if not self._checked():
            return self.tr("Choose at least one camera.")
        return ""
