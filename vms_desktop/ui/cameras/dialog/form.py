"""The form of the camera dialog: every setting of a camera but its areas and sensitivity.

Makes a whole `CameraConfig` of what is entered, or says at the field why it cannot.
"""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config import MAX_NAME_CHARS, CameraConfig, shown_values
from vms_desktop.ui.base import Theme, Tone, field_words
from vms_desktop.ui.cameras.dialog.address_fields import AddressFields
from vms_desktop.ui.cameras.dialog.recording_fields import RecordingFields
from vms_desktop.ui.cameras.dialog.services import DialogServices
from vms_desktop.ui.cameras.dialog.stream_results import StreamResults
from vms_desktop.ui.cameras.dialog.words import field_problem
from vms_desktop.ui.widgets import FormField, FormRows, NoticeLine

if TYPE_CHECKING:
    from vms_desktop.core.config import Zone

# Stands for a name that has not been entered yet, so that the preview need not wait for it.
_UNNAMED = "?"


class CameraForm(QWidget):
    """Edits one camera.

    Attributes:
        camera_id: The camera's id; a new one where there was none.
        sensitivity, zones: Edited beside the picture; part of the candidate.

    Signals:
        edited: Something changed; `at_once` where the preview should follow without delay.
    """

    edited = Signal(bool)

    def __init__(
        self,
        camera: CameraConfig | None,
        services: DialogServices,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._camera = camera
        self._services = services
        self.camera_id = camera.id if camera else str(uuid.uuid4())
        shown = shown_values(camera)
        self.sensitivity: float = shown["sensitivity"]
        self.zones: tuple[Zone, ...] = shown["zones"]
        self.name = QLineEdit(camera.name if camera else "")
        self.name.setMaxLength(MAX_NAME_CHARS)
        self.name.setPlaceholderText(self.tr("Front door"))
        self.name.setAccessibleName(field_words("name"))
        self.name_field = FormField(self.name, theme)
        self.addresses = AddressFields(camera, services, theme)
        self.results = StreamResults(services.stream_test, theme)
        self.recording = RecordingFields(camera, services.purge_hour, theme)
        self.other_problem = NoticeLine(theme)
        self._fields = {
            "name": self.name_field,
            "schedule": self.recording.schedule_field,
        }
        self._place()
        self._connect()
        self._first = self._entered()

    def preview_candidate(self) -> CameraConfig | None:
        """The camera as entered, for the picture; None while its streams cannot be opened."""
        if self.addresses.problems():
            return None
        try:
            return self._made(self.name.text().strip() or _UNNAMED)
        except ConfigError:
            return None

    @property
    def is_edited(self) -> bool:
        """True if there is something to lose."""
        return self._entered() != self._first

    def problems(self) -> dict[str, Reason]:
        """The reasons why fields cannot be taken, by their keys, from the top down."""
        name = self._name_reason()
        found = {"name": name} if name else {}
        return found | self.addresses.problems() | self.recording.problems()

    def field(self, key: str) -> FormField:
        """The field of a setting that can be entered wrongly, where its problem is said."""
        return self._fields.get(key) or self.addresses.field(key)

    def check(self) -> CameraConfig | None:
        """Say at every field what is wrong with it; the camera where nothing is."""
        self.addresses.take_logins_out()
        self.addresses.show_problems()
        problems = self.problems()
        for key, field in self._fields.items():
            field.show_problem(field_problem(key, problems.get(key)))
        self.other_problem.say("")
        if problems:
            self.field(next(iter(problems))).setFocus()
            return None
        try:
            return self._made(self.name.text().strip())
        except ConfigError as err:
            self._show_other(err)
            return None

    def start_test(self) -> None:
        """Try both streams as they are entered, or say why that cannot be."""
        self.addresses.take_logins_out()
        self.addresses.show_problems()
        if candidate := self.preview_candidate():
            self.results.start(candidate)

    def _entered(self) -> tuple[object, ...]:
        texts = (self.name.text(), self.addresses.sd.text, self.addresses.hd.text)
        return (*texts, self._values())

    def _values(self) -> dict[str, Any]:
        """The keys of `CameraConfig` that are entered here, but for the name."""
        beside_picture = {"sensitivity": self.sensitivity, "zones": self.zones}
        return self.addresses.values() | self.recording.values() | beside_picture

    def _made(self, name: str) -> CameraConfig:
        values = self._values() | {"name": name}
        if self._camera is None:
            return CameraConfig(id=self.camera_id, **values)
        return replace(self._camera, **values)

    def _name_reason(self) -> Reason | None:
        name = self.name.text().strip()
        if not name:
            return Reason.EMPTY
        if self._camera and name == self._camera.name:
            return None  # It lives with its name, whoever else has it by now.
        return self._services.name_problem(name, self.camera_id)

    def _show_other(self, err: ConfigError) -> None:
        words = field_problem(err.field, err.reason)
        if err.field in (*self._fields, "url_sd", "url_hd"):
            self.field(err.field).show_problem(words)
            self.field(err.field).setFocus()
        else:
            self.other_problem.say(words, "failed", Tone.RED)

    def _place(self) -> None:
        top = QWidget()
        rows = FormRows(top)
        rows.add(field_words("name"), self.name_field)
        test = QWidget()
        FormRows(test).add("", self.results)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for part in (top, self.addresses, test, _rule(), self.recording, self.other_problem):
            column.addWidget(part)
        column.addStretch(1)

    def _connect(self) -> None:
        self.name.textChanged.connect(lambda: self.name_field.show_problem(""))
        self.name.textChanged.connect(lambda: self.edited.emit(False))
        self.addresses.edited.connect(self.results.forget)
        self.addresses.edited.connect(lambda: self.edited.emit(False))
        self.recording.edited.connect(lambda: self.edited.emit(False))
        self.recording.turned.connect(lambda: self.edited.emit(True))
        self.results.wanted.connect(self.start_test)
        self.name_field.left.connect(lambda: self._check_left("name", self.name))
        for field in (self.addresses.sd, self.addresses.hd):
            field.left.connect(lambda each=field: self._check_left(each.key, each.line))

    def _check_left(self, key: str, line: QLineEdit) -> None:
        """Check a field that was left; one that was never touched is not missed yet."""
        if not line.isModified():
            return
        self.field(key).show_problem(field_problem(key, self.problems().get(key)))


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
