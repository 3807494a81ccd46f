"""The size from which on a moving area counts: a slider, a number, or the program's choice."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.base import Size
from vms_desktop.core.config import CameraConfig, bounds_of
from vms_desktop.core.motion import AUTOMATIC_AREA_SHARE
from vms_desktop.ui.cameras.dialog.motion_meter import USUAL_SIZE, scale_for
from vms_desktop.ui.widgets import tabular_font

_STEPS = 1000
_KEY_STEPS, _PAGE_STEPS = 10, 100
_NUMBER_PAD_PX = 5
AUTOMATIC = 0.0


class SensitivitySlider(QWidget):
    """Edits a camera's sensitivity, in px² of its picture; 0 is automatic.

    A value that came from a file is kept exactly until a person moves something.

    Signals:
        sensitivity_changed: A person has chosen another (px²; 0 is automatic).
        threshold_changed: The smallest area that counts is another, for whatever reason.
    """

    sensitivity_changed = Signal(float)
    threshold_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sensitivity = AUTOMATIC
        self._size: Size | None = None
        self._scale = scale_for(USUAL_SIZE)
        self._slider = self._made_slider()
        self._automatic = QCheckBox(self.tr("Automatic"))
        self._automatic.setToolTip(self.tr("The program chooses, by the size of the picture"))
        self._automatic.toggled.connect(self._automatic_toggled)
        self._number = self._made_number()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._header())
        layout.addWidget(self._slider)
        layout.addLayout(self._footer())
        self._show()

    @property
    def sensitivity(self) -> float:
        """The smallest area that counts, in px²; 0 for automatic."""
        return self._sensitivity

    @property
    def threshold_px(self) -> float | None:
        """The smallest area that counts, also where it is automatic; None until that is known."""
        if self._sensitivity != AUTOMATIC:
            return self._sensitivity
        return AUTOMATIC_AREA_SHARE * self._size.width * self._size.height if self._size else None

    def set_sensitivity(self, sensitivity: float) -> None:
        """Show another value; says nothing but where the threshold is."""
        if sensitivity != self._sensitivity:
            self._sensitivity = sensitivity
            self._show()

    def set_picture_size(self, size: Size) -> None:
        """The picture has that size: the range of sensible values follows."""
        if size != self._size:
            self._size, self._scale = size, scale_for(size)
            self._show()

    def _made_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("sensitivity")
        slider.setRange(0, _STEPS)
        slider.setSingleStep(_KEY_STEPS)
        slider.setPageStep(_PAGE_STEPS)
        slider.setAccessibleName(self.tr("Sensitivity"))
        slider.setToolTip(self.tr("To the right, smaller things count as motion"))
        slider.valueChanged.connect(self._slid)
        return slider

    def _made_number(self) -> QSpinBox:
        number = QSpinBox()
        number.setObjectName("sensitivityNumber")
        number.lineEdit().setTextMargins(0, 0, _NUMBER_PAD_PX, 0)
        number.setRange(0, round(bounds_of(CameraConfig, "sensitivity")[1]))
        number.setSuffix(" px²")
        number.setSpecialValueText("—")
        number.setGroupSeparatorShown(True)
        number.setKeyboardTracking(False)
        number.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        number.setFont(tabular_font(number.font()))
        number.setAccessibleName(self.tr("Smallest area that counts"))
        number.setToolTip(self.tr("The smallest area that counts as motion; 0 is automatic"))
        number.valueChanged.connect(lambda px: self._choose(float(px)))
        return number

    def _header(self) -> QHBoxLayout:
        title = QLabel(self.tr("Sensitivity"))
        title.setProperty("quiet", True)
        title.setBuddy(self._slider)
        row = QHBoxLayout()
        row.addWidget(title)
        row.addStretch()
        row.addWidget(self._automatic)
        row.addSpacing(8)
        row.addWidget(self._number)
        return row

    def _footer(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text in (self.tr("less sensitive"), self.tr("more sensitive")):
            label = QLabel(text)
            label.setProperty("quiet", True)
            row.addWidget(label)
        row.insertStretch(1)
        return row

    def _slid(self, step: int) -> None:
        self._choose(self._scale.area_px(1 - step / _STEPS), is_slid=True)

    def _automatic_toggled(self, on: bool) -> None:
        chosen_px = self.threshold_px or self._scale.area_px(1 - self._slider.value() / _STEPS)
        self._choose(AUTOMATIC if on else float(round(chosen_px)))

    def _choose(self, sensitivity: float, *, is_slid: bool = False) -> None:
        """A person has chosen."""
        if sensitivity == self._sensitivity:
            return
        self._sensitivity = sensitivity
        self._show(slider_too=not is_slid)
        self.sensitivity_changed.emit(sensitivity)

    def _show(self, *, slider_too: bool = True) -> None:
        """Let slider, box and number follow the value; a slider that is held stays in the hand."""
        threshold_px = self.threshold_px
        blockers = [QSignalBlocker(w) for w in (self._slider, self._automatic, self._number)]
        self._automatic.setChecked(self._sensitivity == AUTOMATIC)
        self._number.setValue(max(1, round(threshold_px)) if threshold_px else 0)
        if slider_too:
            self._slider.setValue(self._step_of(threshold_px))
        del blockers
        self.threshold_changed.emit()

    def _step_of(self, threshold_px: float | None) -> int:
        if threshold_px is None:
            threshold_px = AUTOMATIC_AREA_SHARE * USUAL_SIZE.width * USUAL_SIZE.height
        return round((1 - self._scale.share(threshold_px)) * _STEPS)
