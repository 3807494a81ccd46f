"""The line at the bottom: cameras counted by state, and the load of the machine."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vms_desktop.core.base import CameraState, Status
from vms_desktop.ui.base import Theme, Tone, bytes_words

if TYPE_CHECKING:
    from vms_desktop.core.library import MachineLoad

HEIGHT_PX = 26
_MOST_DAYS = 999
_GAP = "&nbsp;&nbsp;&nbsp;&nbsp; "
# Margins, and the space between the parts.
_GAPS_PX = 80


class StatusBar(QWidget):
    """Counts of states at the left; CPU, disk, date and time at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(self.tr("Status"))
        self._theme = theme
        self._counts = QLabel()
        self._machine = QLabel()
        self._clock = QLabel()
        self._said = [""]
        self._counted = [""]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 0)
        layout.setSpacing(20)
        layout.addWidget(self._counts)
        layout.addStretch()
        layout.addWidget(self._machine)
        layout.addWidget(self._clock)
        self._machine.setProperty("quiet", True)

    def show_states(self, statuses: Iterable[Status]) -> None:
        """Count the cameras by what they are doing."""
        number = Counter(status.state for status in statuses)
        live = sum(number[state] for state in CameraState if state.has_picture)
        starting = number[CameraState.INITIALIZING] + number[CameraState.CONNECTING]
        lost, failed = number[CameraState.STREAM_LOST], number[CameraState.FAILED]
        paused, inactive = number[CameraState.PAUSED], number[CameraState.INACTIVE]
        waiting = (
            (starting, self.tr("%n connecting", "", starting)),
            (lost, self.tr("%n reconnecting", "", lost)),
            (failed, self.tr("%n failed", "", failed)),
            (paused, self.tr("%n paused", "", paused)),
            (inactive, self.tr("%n inactive", "", inactive)),
        )
        said = [(text, self._dotted(Tone.GREY, text)) for count, text in waiting if count]
        said = [*self._live(live, number[CameraState.RECORDING]), *said]
        cameras = self.tr("%n camera(s)", "", number.total())
        whole = ", ".join([cameras, *(text for text, _ in said)])
        self._counted = [
            _GAP.join([cameras, *(dot for _, dot in said)]),
            _GAP.join(dot for _, dot in said) or cameras,
            _GAP.join(self._numbers(number)) or cameras,
        ]
        self._counts.setAccessibleName(whole)
        self._counts.setToolTip(whole)
        self._fit()

    def show_machine(self, load: "MachineLoad") -> None:
        """Show CPU and free disk, in as many words as there is room for."""
        cpu = self.tr("CPU {share} %").format(share=round(load.cpu_share * 100))
        self._said = [cpu, ""]
        if load.disk_free_bytes is not None:
            free = self.tr("Disk {amount} free").format(amount=bytes_words(load.disk_free_bytes))
            whole = free + self._days(load.days_left)
            self._said = [f"{cpu}\u2003{whole}", f"{cpu}\u2003{free}", cpu, ""]
        self._fit()

    def show_time(self, now: datetime) -> None:
        """Show date and time."""
        local = now.astimezone()
        moment = QDateTime.fromSecsSinceEpoch(int(local.timestamp()))
        self._clock.setText(QLocale().toString(moment, "ddd d MMM HH:mm:ss"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        clock_px = self._clock.sizeHint().width() + _GAPS_PX
        for counts in self._counted:
            self._counts.setText(counts)
            if self._counts.sizeHint().width() + clock_px <= self.width():
                break
        taken = self._counts.sizeHint().width() + clock_px
        for words in self._said:
            self._machine.setText(words)
            if taken + self._machine.sizeHint().width() <= self.width():
                break

    def _numbers(self, number: Counter[CameraState]) -> list[str]:
        """The numbers alone, where the window is too narrow for words."""
        live = sum(number[state] for state in CameraState if state.has_picture)
        counted = (
            (Tone.GREEN, live),
            (Tone.RED, number[CameraState.RECORDING]),
            (Tone.GREY, number.total() - live),
        )
        return [self._dotted(colour, str(count)) for colour, count in counted if count]

    def _days(self, days_left: float | None) -> str:
        if days_left is None or days_left > _MOST_DAYS:
            return ""
        return " · " + self.tr("about %n day(s) left", "", round(days_left))

    def _live(self, live: int, recording: int) -> list[tuple[str, str]]:
        """Those that record are live too and stand in brackets: the other numbers add up."""
        if not live:
            return []
        text = self.tr("%n live", "", live)
        dotted = self._dotted(Tone.GREEN, text)
        if not recording:
            return [(text, dotted)]
        brackets = self.tr("%n recording", "", recording)
        return [(f"{text} ({brackets})", f"{dotted} ({self._dotted(Tone.RED, brackets)})")]

    def _dotted(self, colour: Tone, text: str) -> str:
        return f'<span style="color:{self._theme.colour(colour).name()}">●</span>&nbsp; {text}'
