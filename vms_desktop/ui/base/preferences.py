"""The settings as the window changes them: one frozen value, replaced and saved whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.config import Settings


class Preferences(QObject):
    """Holds the current `Settings` and has every change saved.

    Attributes:
        value: The settings in force.

    Signals:
        changed: Names of the fields that are different now (a frozenset).
    """

    changed = Signal(object)

    def __init__(
        self, settings: Settings, save: Callable[[Settings], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.value = settings
        self._save = save

    def change(self, **fields: Any) -> None:
        """Set fields by their names; what is as it was is neither saved nor told."""
        new = {key: value for key, value in fields.items() if getattr(self.value, key) != value}
        if not new:
            return
        self.value = replace(self.value, **new)
        self._save(self.value)
        self.changed.emit(frozenset(new))
