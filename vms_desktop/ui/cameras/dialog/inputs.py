"""Settings in a form: how a widget shows one, gives it back, and says that it was edited."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox

from vms_desktop.core.config import CameraConfig, declarations
from vms_desktop.ui.cameras.dialog.schedule_editor import ScheduleEditor
from vms_desktop.ui.widgets import NumberBox, Segments


@dataclass(frozen=True, slots=True)
class Input:
    """A widget as the setting that is edited with it.

    Attributes:
        show: Shows a value.
        taken: The value as a person has left it.
        edited: Sent when a person changes it.
    """

    show: Callable[[Any], object]
    taken: Callable[[], Any]
    edited: SignalInstance


InputWidget = QCheckBox | NumberBox | Segments | ScheduleEditor


def input_of(key: str, widget: InputWidget) -> Input:
    """The input of a camera's setting; the keys of segments are values as the file has them."""
    match widget:
        case QCheckBox():
            return Input(widget.setChecked, widget.isChecked, widget.toggled)
        case NumberBox():
            return Input(widget.give, widget.taken, widget.valueChanged)
        case ScheduleEditor():
            return Input(widget.show_schedule, widget.schedule, widget.changed)
    declared = declarations(CameraConfig)[key]
    return Input(
        lambda value: widget.choose(str(declared.write(value))),
        lambda: declared.read(key, widget.current),
        widget.chosen,
    )
