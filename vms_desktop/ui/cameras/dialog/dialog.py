"""The dialog that adds and edits a camera: its live picture at the left, the form at the right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import Theme, keep_on_screen
from vms_desktop.ui.cameras.dialog.form import CameraForm
from vms_desktop.ui.cameras.dialog.preview_panel import PreviewPanel
from vms_desktop.ui.cameras.dialog.services import DialogServices
from vms_desktop.ui.widgets import FittingDialog, ScrolledContent

if TYPE_CHECKING:
    from vms_desktop.core.config import Zone
    from vms_desktop.workers.camera import CameraPreview

_SIZE = QSize(1140, 720)
_LEAST = QSize(900, 400)
_LEAST_FORM_PX, _FORM_PX = 500, 540
# An address is tried once its typing has rested this long.
_TYPING_MS = 400
_PICTURES_MS = 33


class CameraDialog(FittingDialog):
    """Edits a camera, or makes one; what is edited is seen in the picture at once.

    Signals:
        saved: The whole new `CameraConfig`; the dialog closes.
        delete_wanted: The id of the camera that is to be deleted; the dialog
            stays until somebody closes it.
    """

    saved = Signal(object)
    delete_wanted = Signal(str)

    def __init__(
        self,
        camera: CameraConfig | None,
        services: DialogServices,
        theme: Theme,
        *,
        is_new: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._is_new = is_new
        self._preview: CameraPreview | None = None
        self._question: QMessageBox | None = None
        self.panel = PreviewPanel(theme)
        self.form = CameraForm(camera, services, theme)
        self._typing = QTimer(self)
        self._typing.setObjectName("typing")
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._pictures = QTimer(self)
        self._pictures.setInterval(_PICTURES_MS)
        self.setWindowTitle(self._title(camera))
        self._place()
        self._fill_panel()
        self._connect()

    def _title(self, camera: CameraConfig | None) -> str:
        if self._is_new or camera is None:
            return self.tr("Add camera")
        return self.tr("Edit camera — {name}").format(name=camera.name)

    # How it is made.

    def _place(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self._framed_panel(), 1)
        middle.addWidget(self._scrolled_form())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(self._made_buttons())
        self.setMinimumSize(_LEAST)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.save_button.setDefault(True)
        self.resize(_SIZE)
        self.form.name.setFocus()

    def _framed_panel(self) -> QWidget:
        frame = QWidget()
        frame.setObjectName("cameraPreview")
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 16, 16, 12)
        column.addWidget(self.panel)
        scrolled = ScrolledContent(frame)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return scrolled

    def _scrolled_form(self) -> QScrollArea:
        area = QScrollArea()
        area.setObjectName("cameraForm")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumWidth(_LEAST_FORM_PX)
        area.setMaximumWidth(_FORM_PX)
        self.form.setObjectName("cameraFormPage")
        area.setWidget(self.form)
        self._area = area
        return area

    def _made_buttons(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("dialogBar")
        self.delete_button = QPushButton(self.tr("Delete camera…"))
        self.delete_button.setProperty("danger", True)
        self.delete_button.setVisible(not self._is_new)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Cancel (Esc)"))
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("primary", True)
        self.save_button.setShortcut(QKeySequence.StandardKey.Save)
        keys = QKeySequence(QKeySequence.StandardKey.Save).toString()
        self.save_button.setToolTip(self.tr("Save ({keys})").format(keys=keys))
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        row.addWidget(self.delete_button)
        row.addStretch(1)
        for button in (self.cancel_button, self.save_button):
            row.addWidget(button)
        return bar

    def _fill_panel(self) -> None:
        self.panel.set_sensitivity(self.form.sensitivity)
        self.panel.set_zones(self.form.zones)

    def _connect(self) -> None:
        self.form.edited.connect(self._follow_form)
        self.panel.sensitivity_changed.connect(self._take_sensitivity)
        self.panel.zones_changed.connect(self._take_zones)
        self._typing.timeout.connect(self._show_candidate)
        self._pictures.timeout.connect(self._show_newest)
        self.save_button.clicked.connect(self.save)
        self.cancel_button.clicked.connect(self.reject)
        self.delete_button.clicked.connect(lambda: self.delete_wanted.emit(self.form.camera_id))

    # The picture.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pictures.start()
        # Not now: the dialog is painted before its stream is opened.
        QTimer.singleShot(0, self, self._show_candidate)

    def _follow_form(self, at_once: bool) -> None:
        if at_once:
            self._show_candidate()
        else:
            self._typing.start()

    def _take_sensitivity(self, sensitivity: float) -> None:
        self.form.sensitivity = sensitivity
        self._show_candidate()

    def _take_zones(self, zones: "tuple[Zone, ...]") -> None:
        self.form.zones = zones
        self._show_candidate()

    def _show_candidate(self) -> None:
        """Let the picture follow what is entered; what cannot be opened leaves it as it is."""
        self._typing.stop()
        candidate = self.form.preview_candidate()
        if candidate is None or not self._pictures.isActive():
            return
        if self._preview is None:
            self._begin_preview(candidate)
        else:
            self._preview.set_camera(candidate)

    def _begin_preview(self, candidate: CameraConfig) -> None:
        preview = self._preview = self._services.preview(candidate, self)
        preview.status_changed.connect(self.panel.show_status)
        self.panel.viewport_changed.connect(preview.set_viewport)
        self.panel.mask_wanted.connect(preview.show_mask)
        preview.set_viewport(self.panel.viewport())
        preview.show_mask(self.panel.wants_mask)
        self.panel.show_status(preview.status)

    def _show_newest(self) -> None:
        frame = self._preview.frames.take() if self._preview else None
        if frame is not None:
            self.panel.show_frame(frame)

    # The end.

    def save(self) -> None:
        """Hand over what was entered and close; or say at its field what cannot be taken."""
        camera = self.form.check()
        if camera is not None:
            self.saved.emit(camera)
            self.accept()
        elif (wrong := self.focusWidget()) is not None:
            self._area.ensureWidgetVisible(wrong)

    def reject(self) -> None:
        """Close without saving; asks once where something would be lost."""
        if not self.form.is_edited:
            super().reject()
        elif self._question is None:
            self._ask()

    def close_unsaved(self) -> None:
        """Close without asking: what was edited is of no use any more."""
        self.done(self.DialogCode.Rejected)

    def _ask(self) -> None:
        buttons = QMessageBox.StandardButton
        question = self._question = QMessageBox(self)
        keep_on_screen(question)
        question.setWindowTitle(self.windowTitle())
        question.setText(self._question_words())
        question.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        question.setDefaultButton(buttons.Save)
        question.finished.connect(self._take_answer)
        question.open()

    def _question_words(self) -> str:
        if self._is_new:
            return self.tr("Save this camera?")
        return self.tr("Save the changes to this camera?")

    def _take_answer(self, answer: int) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.deleteLater()
        if answer == QMessageBox.StandardButton.Save:
            self.save()
        elif answer == QMessageBox.StandardButton.Discard:
            self.close_unsaved()

    def done(self, result: int) -> None:
        """Every way to close ends here: no stream is left open."""
        self._stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if event.isAccepted():
            self._stop()

    def _stop(self) -> None:
        self._typing.stop()
        self._pictures.stop()
        self.form.results.stop()
        if self._preview is not None:
            self._preview.stop()
