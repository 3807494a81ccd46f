"""The ground of every dialog: what it says scrolls where the screen is small, its buttons stay."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import bring_onto_screen, keep_on_screen, room_on_screen

_SIDE_PX, _TOP_PX, _BOTTOM_PX, _ABOVE_BUTTONS_PX = 20, 18, 16, 14
_LEAST_HEIGHT_PX = 90


class ScrolledContent(QScrollArea):
    """Wants the room of its content, and scrolls it where it does not get that."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scrolledContent")
        content.setObjectName(content.objectName() or "scrolledContentPage")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = content
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As wide as its content needs to be, so that it is scrolled up and down only."""
        least = self._content.minimumSizeHint()
        width = least.width() + self.verticalScrollBar().sizeHint().width()
        most_px = room_on_screen(self.window()).width() - 2 * _SIDE_PX
        return QSize(min(width, most_px), min(least.height(), _LEAST_HEIGHT_PX))

    def hasHeightForWidth(self) -> bool:
        return self._content.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self._content.heightForWidth(width)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its content has become longer or shorter."""
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class FittingDialog(QDialog):
    """Takes the size that its content wants, as far as the screen has it, and stays there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted_px = 0
        keep_on_screen(self)

    def lay_out(self, content: QLayout, buttons: QWidget) -> None:
        """Place what scrolls, and below it what is always in sight."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolled_page(content, buttons))

    def lay_out_with_cancel(self, content: QLayout, accept: QPushButton) -> QPushButton:
        """Place what scrolls above the button that accepts and Cancel; gives Cancel."""
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.lay_out(content, buttons)
        return buttons.button(QDialogButtonBox.StandardButton.Cancel)

    def setVisible(self, visible: bool) -> None:
        # Qt itself would take two thirds of a small screen at most.
        if visible and not self.isVisible():
            self.ensurePolished()
            if self.testAttribute(Qt.WidgetAttribute.WA_Resized):
                self._wanted_px = self._height_wanted(self.width())
            else:
                self.take_wanted_size()
        super().setVisible(visible)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self._grow()
        return handled

    def take_wanted_size(self) -> None:
        """Become as large as the content wants to be, where the screen has room for that."""
        room = room_on_screen(self).size()
        width = min(max(self.sizeHint().width(), self.minimumWidth()), room.width())
        self._wanted_px = self._height_wanted(width)
        self.resize(QSize(width, self._wanted_px).boundedTo(room))

    def _grow(self) -> None:
        """Follow a content that needs more height than before; a person's own size stays."""
        wanted_px = self._height_wanted(self.width())
        if wanted_px > max(self._wanted_px, self.height()):
            self.resize(self.width(), wanted_px)
            bring_onto_screen(self)
        self._wanted_px = wanted_px

    def _height_wanted(self, width: int) -> int:
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return self.sizeHint().height()


def scrolled_page(content: QLayout, buttons: QWidget) -> QWidget:
    """A page whose content scrolls and whose buttons stay below it."""
    scrolled, page = QWidget(), QWidget()
    scrolled.setLayout(content)
    content.setContentsMargins(_SIDE_PX, _TOP_PX, _SIDE_PX, 0)
    below = QVBoxLayout()
    below.setContentsMargins(_SIDE_PX, _ABOVE_BUTTONS_PX, _SIDE_PX, _BOTTOM_PX)
    below.addWidget(buttons)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(ScrolledContent(scrolled), 1)
    column.addLayout(below)
    return page
