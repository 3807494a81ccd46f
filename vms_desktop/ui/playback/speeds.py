"""The speeds at which recordings are played, and the menu of them where there is little room."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def speed_word(rate: float) -> str:
    """A speed: ¼×, 2×."""
    return {0.25: "¼×", 0.5: "½×"}.get(rate, f"{rate:g}×")


def next_speed(rate: float, way: int) -> float:
    """The speed above (+1) or below (-1); the same at the end of the row."""
    number = SPEEDS.index(rate) + way
    return SPEEDS[min(max(0, number), len(SPEEDS) - 1)]


class SpeedMenu(QMenu):
    """One of `SPEEDS` is chosen.

    Signals:
        chosen: The speed that a person has chosen.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Speed"))
        self._group = QActionGroup(self)
        self._actions = {rate: self._action(rate) for rate in SPEEDS}
        self.show_speed(1.0)

    def show_speed(self, rate: float) -> None:
        """Show which speed is chosen."""
        self._actions[rate].setChecked(True)

    def _action(self, rate: float) -> QAction:
        action = self._group.addAction(speed_word(rate))
        action.setCheckable(True)
        action.triggered.connect(lambda: self.chosen.emit(rate))
        self.addAction(action)
        return action
