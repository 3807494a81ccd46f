"""A row of buttons of which one is chosen."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from vms_desktop.ui.widgets.labels import elided

_MOST_PX = 180


class Segments(QFrame):
    """A segmented control.

    Args:
        most_px: The width from which on a segment's words are cut.

    Signals:
        chosen: The key of the segment that a person has clicked.
        menu_wanted: The key of the segment that was right-clicked.
    """

    chosen = Signal(str)
    menu_wanted = Signal(str)

    def __init__(
        self, name: str, parent: QWidget | None = None, *, most_px: int = _MOST_PX
    ) -> None:
        super().__init__(parent)
        self.setObjectName("segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(0)
        self._most_px = most_px
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}

    def add(self, key: str, text: str, tooltip: str = "") -> None:
        """Add a segment to the right."""
        button = QToolButton()
        button.setText(elided(text, button.fontMetrics(), self._most_px).replace("&", "&&"))
        button.setCheckable(True)
        button.setToolTip(tooltip)
        button.setAccessibleName(tooltip or text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.chosen.emit(key))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda: self.menu_wanted.emit(key))
        self._group.addButton(button)
        self._row.addWidget(button)
        self._buttons[key] = button

    def add_button(self, button: QToolButton) -> None:
        """Add a button that is not one of the choices."""
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)

    def button(self, key: str) -> QToolButton:
        """The button of a segment."""
        return self._buttons[key]

    @property
    def current(self) -> str:
        """The key of the segment that is chosen; empty where none is."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def names(self) -> list[str]:
        """The segments' keys, from left to right."""
        return list(self._buttons)

    def choose(self, key: str) -> None:
        """Show a segment as chosen; says nothing."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
