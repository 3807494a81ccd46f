"""The left half of the camera dialog: the camera's picture with the edited settings at work.

Knows neither the camera nor who makes the pictures: it is shown frames and says
what a person changes.
"""

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from vms_desktop.core.base import Clock, Picture, Status, Viewport
from vms_desktop.core.camera import PreviewFrame
from vms_desktop.core.config import Zone, ZoneKind
from vms_desktop.ui.base import Theme, icons, words
from vms_desktop.ui.cameras.dialog.motion_meter import MotionMeter, scale_for
from vms_desktop.ui.cameras.dialog.sensitivity_slider import SensitivitySlider
from vms_desktop.ui.cameras.zones import ZoneBar, ZoneEditor
from vms_desktop.ui.widgets import WrappingRow

# A camera that should be live and shows nothing new for so long is said to be silent.
STALE_S = 5
_SMALLEST = QSize(320, 180)


class PreviewPanel(QWidget):
    """Picture with areas, motion meter and sensitivity.

    Signals:
        sensitivity_changed: In px² of the picture, 0 for automatic; by a person.
        zones_changed: The areas, a tuple of `Zone`; by a person.
        mask_wanted: Show what the detector sees, or no longer.
        viewport_changed: The room for pictures; None while nobody sees them.
    """

    sensitivity_changed = Signal(float)
    zones_changed = Signal(object)
    mask_wanted = Signal(bool)
    viewport_changed = Signal(object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock or Clock()
        self._status: Status | None = None
        self._silent_s = 0
        self._viewport: Viewport | None = None
        self._editor = self._made_editor()
        self._buttons = self._made_buttons(theme)
        self._mask = self._made_mask()
        self._meter = MotionMeter(theme)
        self._slider = SensitivitySlider()
        self._slider.sensitivity_changed.connect(self.sensitivity_changed)
        self._slider.threshold_changed.connect(self._show_threshold)
        self._seconds = QTimer(self, interval=1000)
        self._seconds.timeout.connect(self._second_passed)
        self._lay_out()
        self._editor.edit_changed.connect(self._enable)
        self._show_message()

    def set_sensitivity(self, sensitivity: float) -> None:
        """Show a sensitivity, in px²; says nothing."""
        self._slider.set_sensitivity(sensitivity)

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """Show areas; says nothing. Those that are shown already keep their history."""
        self._editor.set_zones(zones)

    @property
    def wants_mask(self) -> bool:
        """True if a preview that begins now is to show what the detector sees."""
        return self._mask.isChecked()

    def viewport(self) -> Viewport | None:
        """The room for pictures in device pixels; None while nobody sees them."""
        return self._editor.viewport() if self.isVisible() else None

    def show_frame(self, frame: PreviewFrame) -> None:
        """Show a picture and what moved in it."""
        if self._status and not self._status.state.has_picture:
            return  # the last one in flight: what is lost must not look live again
        self._silent_s = 0
        self._show_size(frame.picture)
        self._editor.show_picture(frame.picture)
        self._meter.show_motion(frame.area_px, moving=frame.moving, learning=frame.settling)
        self._describe(frame.picture)
        self._show_message()

    def show_status(self, status: Status) -> None:
        """Show what the camera does; where it has no picture, why."""
        self._status = status
        self._silent_s = 0
        self._show_message()

    def _made_editor(self) -> ZoneEditor:
        editor = ZoneEditor()
        editor.setMinimumSize(_SMALLEST)
        editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        editor.zones_changed.connect(self.zones_changed)
        editor.view_changed.connect(self._tell_viewport)
        return editor

    def _made_buttons(self, theme: Theme) -> tuple[QPushButton, QPushButton, QPushButton]:
        watch = QPushButton(icons.icon("plus", theme), self.tr("Watched area"))
        watch.setToolTip(self.tr("Draw an area: only what moves in watched areas counts"))
        watch.clicked.connect(lambda: self._editor.begin(ZoneKind.WATCH))
        ignore = QPushButton(icons.icon("plus", theme), self.tr("Ignored area"))
        ignore.setToolTip(self.tr("Draw an area in which motion never counts"))
        ignore.clicked.connect(lambda: self._editor.begin(ZoneKind.IGNORE))
        clear = QPushButton(self.tr("Clear"))
        clear.setToolTip(self.tr("Remove all areas (undo: Ctrl+Z in the picture)"))
        clear.clicked.connect(self._editor.remove_all)
        for button in (watch, ignore, clear):
            button.setAutoDefault(False)
        return watch, ignore, clear

    def _made_mask(self) -> QCheckBox:
        mask = QCheckBox(self.tr("Show what the detector sees"))
        mask.setToolTip(self.tr("White is what moves for the detector, and where motion counts"))
        mask.toggled.connect(self.mask_wanted)
        return mask

    def _lay_out(self) -> None:
        row = WrappingRow(*self._buttons, self._mask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._editor, 1)
        layout.addLayout(row)
        layout.addWidget(ZoneBar(self._editor))
        layout.addSpacing(4)
        layout.addWidget(self._meter)
        layout.addSpacing(4)
        layout.addWidget(self._slider)

    def _enable(self) -> None:
        """Areas need a picture to be drawn on."""
        watch, ignore, clear = self._buttons
        for button in (watch, ignore):
            button.setEnabled(self._editor.can_edit)
        clear.setEnabled(bool(self._editor.edits.zones))

    def _show_size(self, picture: Picture) -> None:
        self._slider.set_picture_size(picture.source)
        self._meter.set_scale(scale_for(picture.source))

    def _show_threshold(self) -> None:
        # Not the frame's: one that is under way still has the threshold of a moment ago.
        self._meter.set_threshold(self._slider.threshold_px)

    def _describe(self, picture: Picture) -> None:
        size, rate = picture.source, picture.frame_rate
        text = words.codec_info(size.width, size.height, rate, picture.codec)
        zoom = self._editor.zoom
        self._editor.set_description(
            f"{words.zoom_factor(zoom.scale)} · {text}" if zoom.is_on else text
        )

    def _second_passed(self) -> None:
        self._silent_s += 1
        self._show_message()

    def _show_message(self) -> None:
        """Say why there is no new picture, if there is none."""
        message = self._message()
        if message is not None:
            self._meter.show_motion(None, moving=False)
        self._editor.set_message(message)
        self._enable()

    def _message(self) -> words.PictureMessage | None:
        status = self._status
        if status is not None and not status.state.has_picture:
            return words.message(status, self._clock.now())
        if self._editor.picture is not None:
            is_stale = self._silent_s >= STALE_S
            return words.stale_message(self._silent_s) if is_stale else None
        if status is not None:
            return words.PictureMessage("connecting", self.tr("Waiting for the first picture…"))
        return words.PictureMessage("camera", self.tr("The picture appears here"))

    def _tell_viewport(self) -> None:
        viewport = self.viewport()
        if viewport != self._viewport:
            self._viewport = viewport
            self.viewport_changed.emit(viewport)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seconds.start()
        self._tell_viewport()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._seconds.stop()
        self._tell_viewport()
