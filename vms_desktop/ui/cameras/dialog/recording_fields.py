"""What a camera does: whether it runs, when it records, how long clips are and are kept."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from vms_desktop.core.base.errors import Reason
from vms_desktop.core.config.camera import BOUNDS, CameraConfig, RecordingMode
from vms_desktop.ui.base.theme import Theme
from vms_desktop.ui.cameras.dialog.schedule_editor import ScheduleEditor
from vms_desktop.ui.widgets.field import Field, NumberBox
from vms_desktop.ui.widgets.form_rows import FormRows, side_by_side
from vms_desktop.ui.widgets.segmented import Segments
from vms_desktop.ui.widgets.switch import Switch

_BOX_PX = 64
_TURNS = (0, 90, 180, 270)


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
        self._place()
        self._fill(camera)
        self._connect()

    def values(self) -> dict[str, Any]:
        """The keys of `CameraConfig` that stand here."""
        return {
            "is_active": self.active.isChecked(),
            "rotation": int(self._chosen(self.rotation)),
            "show_detection": self.detection.isChecked(),
            "is_recording_enabled": self.recording.isChecked(),
            "record_audio": self.sound.isChecked(),
            "recording_mode": RecordingMode(self._chosen(self.mode)),
            "pre_record_seconds": self.before.taken(),
            "post_record_seconds": self.after.taken(),
            "min_recording_time": self.at_least.taken(),
            "schedule": self.schedule.schedule(),
            "retention_days": self.days.taken(),
        }

    def problems(self) -> dict[str, Reason]:
        """What cannot be taken, by the key of its field."""
        by_hand = self._chosen(self.mode) == RecordingMode.MANUAL
        if self.schedule.is_empty and not by_hand:
            return {"schedule": Reason.EMPTY}
        return {}

    def _make_widgets(self, theme: Theme) -> None:
        self.active = Switch(self.tr("Active"), theme)
        self.rotation = Segments(self.tr("Rotation"))
        for turn in _TURNS:
            self.rotation.add(str(turn), f"{turn}°", self.tr("Turn the picture clockwise"))
        self.detection = Switch(self.tr("Show detection boxes on the picture"), theme)
        self.recording = Switch(self.tr("Record this camera"), theme)
        self.mode = Segments(self.tr("Recording mode"))
        self.mode.add(RecordingMode.MOTION, self.tr("On motion"))
        self.mode.add(RecordingMode.ALWAYS, self.tr("Always"))
        self.mode.add(RecordingMode.MANUAL, self.tr("By hand only"))
        self.sound = Switch(self.tr("Record the sound"), theme)
        self.before = self._seconds_box("pre_record_seconds", self.tr("Seconds before the motion"))
        self.after = self._seconds_box("post_record_seconds", self.tr("Seconds after the motion"))
        self.at_least = self._seconds_box("min_recording_time", self.tr("Seconds at least"))
        self.schedule = ScheduleEditor(theme)
        self.schedule_field = Field(self.schedule, theme)
        self.days = NumberBox(BOUNDS["retention_days"][1], 3)
        self.days.setAccessibleName(self.tr("Days that clips are kept"))
        self.days.setSpecialValueText(self.tr("For ever"))
        self.days.setFixedWidth(100)
        self.deleted = QLabel()
        self.deleted.setProperty("quiet", True)

    def _seconds_box(self, key: str, name: str) -> NumberBox:
        box = NumberBox(BOUNDS[key][1], 3)
        box.setSuffix(self.tr(" s"))
        box.setAccessibleName(name)
        box.setFixedWidth(_BOX_PX)
        return box

    def _place(self) -> None:
        rows = FormRows(self)
        rows.add(self.tr("Camera"), self.active)
        rows.add(self.tr("Rotation"), self.rotation)
        rows.add(self.tr("Detection"), self.detection)
        rows.add(self.tr("Recording"), self.recording)
        rows.add(self.tr("Starts"), self.mode)
        rows.add(self.tr("Sound"), self.sound)
        rows.add(self.tr("Clip length"), self._lengths())
        rows.add(self.tr("Schedule"), self.schedule_field)
        rows.add(self.tr("Keep for"), side_by_side(self.days, self.deleted))

    def _lengths(self) -> QWidget:
        before, after = QLabel(self.tr("before")), QLabel(self.tr("after, at least"))
        made = side_by_side(self.before, before, self.after, after, self.at_least)
        made.setFocusProxy(self.before)
        return made

    def _fill(self, camera: CameraConfig | None) -> None:
        self.active.setChecked(camera.is_active if camera else True)
        self.rotation.choose(str(camera.rotation if camera else 0))
        self.detection.setChecked(camera.show_detection if camera else True)
        self.recording.setChecked(camera.is_recording_enabled if camera else True)
        self.sound.setChecked(camera.record_audio if camera else True)
        self.mode.choose(camera.recording_mode if camera else RecordingMode.MOTION)
        self.before.give(camera.pre_record_seconds if camera else 5)
        self.after.give(camera.post_record_seconds if camera else 10)
        self.at_least.give(camera.min_recording_time if camera else 15)
        self.schedule.show_schedule(camera.schedule if camera else ())
        self.days.give(camera.retention_days if camera else 0)
        self._follow_days()
        self._follow_mode()

    def _connect(self) -> None:
        for switch in (self.active, self.detection, self.recording, self.sound):
            switch.toggled.connect(self.edited)
        for box in (self.before, self.after, self.at_least, self.days):
            box.valueChanged.connect(self.edited)
        self.days.valueChanged.connect(self._follow_days)
        self.rotation.chosen.connect(self.turned)
        self.mode.chosen.connect(self._follow_mode)
        self.mode.chosen.connect(self.edited)
        self.recording.toggled.connect(self._follow_mode)
        self.schedule.changed.connect(lambda: self.schedule_field.show_problem(""))
        self.schedule.changed.connect(self.edited)

    def _follow_days(self) -> None:
        number = self.days.value()
        counted = self.tr("%n day(s)", "", round(number))
        self.days.setSuffix(counted.removeprefix(str(round(number))))
        until = self.tr("then deleted at {time}").format(time=f"{self._purge_hour:02}:00")
        self.deleted.setText(until if number else "")

    def _follow_mode(self) -> None:
        """A schedule says when a mode applies; by hand is at all times."""
        mode = self._chosen(self.mode)
        is_on = self.recording.isChecked()
        self.mode.setEnabled(is_on)
        self.schedule.setEnabled(is_on and mode != RecordingMode.MANUAL)
        for box in (self.before, self.after, self.at_least):
            box.setEnabled(is_on and mode == RecordingMode.MOTION)
        if mode == RecordingMode.MANUAL:
            self.schedule_field.show_problem("")

    @staticmethod
    def _chosen(segments: Segments) -> str:
        return next(name for name in segments.names() if segments.button(name).isChecked())
