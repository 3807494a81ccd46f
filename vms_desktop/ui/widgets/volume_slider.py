"""The slider for the volume."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

_WIDTH_PX = 72


class VolumeSlider(QSlider):
    """Shows the volume and lets a person set it.

    Signals:
        volume_changed: A person wants another one (0…1).
    """

    volume_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, 100)
        self.setFixedWidth(_WIDTH_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Volume"))
        self.setToolTip(self.tr("Volume"))
        self.valueChanged.connect(lambda value: self.volume_changed.emit(value / 100))

    def show_volume(self, share: float) -> None:
        """Show a volume (0…1) that was set elsewhere."""
        with QSignalBlocker(self):
            self.setValue(round(share * 100))
