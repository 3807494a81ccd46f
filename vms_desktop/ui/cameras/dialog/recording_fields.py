"""The fields of a camera's work: if it runs, when it records, how long clips are and are kept."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from vms_desktop.core.base import Reason
from vms_desktop.core.config import ROTATIONS, CameraConfig, RecordingMode, bounds_of, shown_values
from vms_desktop.ui.base import Theme, field_words
from vms_desktop.ui.cameras.dialog.inputs import Input, InputWidget, input_of
from vms_desktop.ui.cameras.dialog.schedule_editor import ScheduleEditor
from vms_desktop.ui.widgets import FormField, FormRows, NumberBox, Segments, Switch, side_by_side

_SECONDS_PX = 64
_DAYS_PX = 100
_DECIMALS = 3


class RecordingFields(QWidget):
    """The fields about picture and recording.

    Signals:
        edited: A person has changed one of them.
        turned: A person has turned the picture.
    """

    edited = Signal()
    turned = Signal()

    def __init__(
        self,
        camera: CameraConfig | None,
        purge_hour: int,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._purge_hour = purge_hour
        self._make_widgets(theme)
        self._inputs = self._made_inputs()
        self._place()
        self._fill(camera)
        self._connect()

    def values(self) -> dict[str, Any]:
        """The keys of `CameraConfig` that stand here."""
        return {key: each.taken() for key, each in self._inputs.items()}

    def problems(self) -> dict[str, Reason]:
        """The reasons why fields cannot be taken, by their keys."""
        if self.schedule.is_empty and self.mode.current != RecordingMode.MANUAL:
            return {"schedule": Reason.EMPTY}
        return {}

    def _make_widgets(self, theme: Theme) -> None:
        self.active = Switch(field_words("is_active"), theme)
        self.rotation = Segments(field_words("rotation"))
        for turn in ROTATIONS:
            self.rotation.add(str(turn), f"{turn}°", self.tr("Turn the picture clockwise"))
        self.detection = Switch(field_words("show_detection"), theme)
        self.recording = Switch(field_words("is_recording_enabled"), theme)
        self.mode = Segments(field_words("recording_mode"))
        self.mode.add(RecordingMode.MOTION, self.tr("On motion"))
        self.mode.add(RecordingMode.ALWAYS, self.tr("Always"))
        self.mode.add(RecordingMode.MANUAL, self.tr("By hand only"))
        self.sound = Switch(field_words("record_audio"), theme)
        self.before = self._seconds_box("pre_record_seconds")
        self.after = self._seconds_box("post_record_seconds")
        self.at_least = self._seconds_box("min_recording_time")
        self.schedule = ScheduleEditor(theme)
        self.schedule_field = FormField(self.schedule, theme)
        self.days = _number_box("retention_days", _DAYS_PX)
        self.days.setAccessibleName(self.tr("Days that clips are kept"))
        self.days.setSpecialValueText(self.tr("For ever"))
        self.deleted = QLabel()
        self.deleted.setProperty("quiet", True)

    def _made_inputs(self) -> dict[str, Input]:
        widgets: dict[str, InputWidget] = {
            "is_active": self.active,
            "rotation": self.rotation,
            "show_detection": self.detection,
            "is_recording_enabled": self.recording,
            "recording_mode": self.mode,
            "record_audio": self.sound,
            "pre_record_seconds": self.before,
            "post_record_seconds": self.after,
            "min_recording_time": self.at_least,
            "schedule": self.schedule,
            "retention_days": self.days,
        }
        return {key: input_of(key, widget) for key, widget in widgets.items()}

    def _seconds_box(self, key: str) -> NumberBox:
        box = _number_box(key, _SECONDS_PX)
        box.setSuffix(self.tr(" s"))
        return box

    def _place(self) -> None:
        rows = FormRows(self)
        rows.add(self.tr("Camera"), self.active)
        rows.add(field_words("rotation"), self.rotation)
        rows.add(self.tr("Detection"), self.detection)
        rows.add(self.tr("Recording"), self.recording)
        rows.add(self.tr("Starts"), self.mode)
        rows.add(self.tr("Sound"), self.sound)
        rows.add(self.tr("Clip length"), self._lengths())
        rows.add(field_words("schedule"), self.schedule_field)
        rows.add(field_words("retention_days"), side_by_side(self.days, self.deleted))

    def _lengths(self) -> QWidget:
        before, after = QLabel(self.tr("before")), QLabel(self.tr("after, at least"))
        made = side_by_side(self.before, before, self.after, after, self.at_least)
        made.setFocusProxy(self.before)
        return made

    def _fill(self, camera: CameraConfig | None) -> None:
        shown = shown_values(camera)
        for key, each in self._inputs.items():
            each.show(shown[key])
        self._follow_days()
        self._follow_mode()

    def _connect(self) -> None:
        for key, each in self._inputs.items():
            each.edited.connect(self.turned if key == "rotation" else self.edited)
        self.days.valueChanged.connect(self._follow_days)
        self.mode.chosen.connect(self._follow_mode)
        self.recording.toggled.connect(self._follow_mode)
        self.schedule.changed.connect(lambda: self.schedule_field.show_problem(""))

    def _follow_days(self) -> None:
        number = self.days.value()
        counted = self.tr("%n day(s)", "", round(number))
        self.days.setSuffix(counted.removeprefix(str(round(number))))
        until = self.tr("then deleted at {time}").format(time=f"{self._purge_hour:02}:00")
        self.deleted.setText(until if number else "")

    def _follow_mode(self) -> None:
        """A schedule says when a mode applies; by hand is at all times."""
        mode = self.mode.current
        is_on = self.recording.isChecked()
        self.mode.setEnabled(is_on)
        self.schedule.setEnabled(is_on and mode != RecordingMode.MANUAL)
        for box in (self.before, self.after, self.at_least):
            box.setEnabled(is_on and mode == RecordingMode.MOTION)
        if mode == RecordingMode.MANUAL:
            self.schedule_field.show_problem("")


def _number_box(key: str, width_px: int) -> NumberBox:
    box = NumberBox(bounds_of(CameraConfig, key)[1], _DECIMALS)
    box.setAccessibleName(field_words(key))
    box.setFixedWidth(width_px)
    return box
