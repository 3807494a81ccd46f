"""Asks what is exported, where to and how; then shows how far it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QDate,
    QDateTime,
    QSignalBlocker,
    QStandardPaths,
    Qt,
    QTime,
    QTimer,
    QTimeZone,
    Signal,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.base import comes_twice, moments_of, offset_text
from vms_desktop.core.export import MAX_COMMENT_CHARS, ExportRequest, ExportTrack
from vms_desktop.ui.base import Theme, bytes_words, clock_time, duration_words
from vms_desktop.ui.clips.export_facts import ExportFacts, clips_wanted, export_facts
from vms_desktop.ui.clips.export_progress import ExportLine, ExportState, folder_dialog
from vms_desktop.ui.widgets import FittingDialog, NameList, PlainLabel, isolated_name, scrolled_page

if TYPE_CHECKING:
    from vms_desktop.workers.jobs import JobResult, LibraryJobs

_WIDTH_PX = 560
# So many file names are shown; the others are counted.
_LISTED = 4
_ROW_PX = 27
# Spinning through the seconds of a time asks for the last one alone.
_ASK_MS = 150
_EARLY = timedelta(milliseconds=500)
_CLOCK = "yyyy-MM-dd HH:mm:ss"
_FIGURES = QTimeZone(QTimeZone.Initialization.UTC)


class ExportDialog(FittingDialog):
    """Tracks and a range go in; an export is begun.

    Args:
        start, end: The marked range; both None: whole clips.
        folder: Where the last export went; None: the user's videos.

    Signals:
        folder_chosen: A `Path` to be remembered.
        left_running: The `ExportLine` of an export that goes on while the
            dialog is closed; whoever takes it shows it (`ExportsBar.adopt`).
    """

    folder_chosen = Signal(object)
    left_running = Signal(object)

    def __init__(
        self,
        tracks: Sequence[ExportTrack],
        start: datetime | None,
        end: datetime | None,
        jobs: "LibraryJobs",
        folder: Path | None,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tracks = tuple(tracks)
        self._jobs, self._theme = jobs, theme
        self._line: ExportLine | None = None
        self._question = 0
        self._begins: tuple[datetime | None, ...] = ()
        self._begins_for: tuple[object, ...] = ()
        self.is_range = start is not None or end is not None
        self._folder = folder or default_folder()
        self.setWindowTitle(self.tr("Export recordings"))
        self.setMinimumWidth(_WIDTH_PX)
        self._make_widgets(start, end)
        self._form = self._form_page()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._form)
        self.comment.setFocus()
        self._asked = QTimer(self, singleShot=True, interval=_ASK_MS)
        self._asked.timeout.connect(self._ask_beginnings)
        jobs.foretold.connect(self._take_beginnings)
        self._update_facts()

    def request(self) -> ExportRequest:
        """The request as it is asked for now."""
        return ExportRequest(
            tracks=self._chosen_tracks(),
            start=self.start.at() if self.is_range else None,
            end=self.end.at() if self.is_range else None,
            folder=self._folder,
            comment=self.comment.text().strip(),
            exact=self.is_range and self.exact.isChecked(),
            burn_in=self.burn_in.isChecked(),
            concat=self.concat.isChecked(),
        )

    def done(self, result: int) -> None:
        super().done(result)
        self._asked.stop()
        if self._line is not None and self._line.state.result is None:
            line, self._line = self._line, None
            line.ended.disconnect(self._show_end)
            line.went_on.disconnect(self._meanwhile.show)
            line.folder_chosen.disconnect(self.folder_chosen)
            line.setParent(None)
            self.left_running.emit(line)

    def _make_widgets(self, start: datetime | None, end: datetime | None) -> None:
        clips = [clip for track in self._tracks for clip in track.clips]
        first = min((clip.start_at for clip in clips), default=datetime.now().astimezone())
        last = max((clip.end_at for clip in clips), default=first)
        self.start = MomentEdit(start or first, self.tr("Start"))
        self.end = MomentEdit(end or last, self.tr("End"))
        self.cameras = self._made_cameras()
        self.folder = QLineEdit(str(self._folder))
        self.folder.setReadOnly(True)
        self.folder.setToolTip(str(self._folder))
        self.folder.setAccessibleName(self.tr("Folder"))
        self.comment = QLineEdit()
        self.comment.setMaxLength(MAX_COMMENT_CHARS)
        self.comment.setPlaceholderText(self.tr("Becomes part of the file names"))
        several = any(len(track.clips) > 1 for track in self._tracks)
        self.concat = QCheckBox(self.tr("Join the clips: one file per camera"))
        self.concat.setChecked(True)
        self.concat.setEnabled(several)
        self.exact = QCheckBox(self.tr("Exact start and end"))
        self.burn_in = QCheckBox(self.tr("Write time and camera into the picture"))
        self.files = _quiet("")
        self.files.setAccessibleName(self.tr("Files that will be written"))
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        for edit in (self.start, self.end):
            edit.changed.connect(self._update_facts)
        self.comment.textChanged.connect(self._update_facts)
        self.cameras.itemChanged.connect(self._update_facts)
        for check in (self.concat, self.exact, self.burn_in):
            check.toggled.connect(self._update_facts)

    def _made_cameras(self) -> NameList:
        cameras = NameList()
        cameras.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # The number of clips stays.
        cameras.setAccessibleName(self.tr("Cameras"))
        for track in self._tracks:
            item = QListWidgetItem(track.name, cameras)
            item.setCheckState(Qt.CheckState.Checked)
        cameras.setFixedHeight(min(5, max(1, len(self._tracks))) * _ROW_PX + 12)
        return cameras

    def _form_page(self) -> QWidget:
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addLayout(self._fields())
        column.addWidget(self.concat)
        if self.is_range:
            told = self.tr("Encoded anew where needed: slower. Otherwise a keyframe begins it.")
            column.addLayout(_explained(self.exact, told))
        told = self.tr("The copy is encoded anew for it: slower.")
        column.addLayout(_explained(self.burn_in, told))
        column.addWidget(self.files)
        column.addWidget(self.facts)
        column.addStretch()
        return scrolled_page(column, self._made_buttons())

    def _fields(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        if self.is_range:
            times = QHBoxLayout()
            times.setSpacing(8)
            for widget in (self.start, QLabel("–"), self.end):
                times.addWidget(widget)
            times.addStretch()
            form.addRow(self.tr("Range"), times)
        form.addRow(self.tr("Cameras"), self.cameras)
        form.addRow(self.tr("Comment"), self.comment)
        choose = QPushButton(self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose a folder"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_folder)
        folder = QHBoxLayout()
        folder.setSpacing(8)
        folder.addWidget(self.folder, 1)
        folder.addWidget(choose)
        form.addRow(self.tr("Folder"), folder)
        return form

    def _made_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = QPushButton(self.tr("Export"))
        self.export.setProperty("primary", True)
        self.export.setDefault(True)
        buttons.addButton(self.export, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._start)
        buttons.rejected.connect(self.reject)
        return buttons

    def _chosen_tracks(self) -> tuple[ExportTrack, ...]:
        return tuple(
            track
            for row, track in enumerate(self._tracks)
            if self.cameras.item(row).checkState() is Qt.CheckState.Checked
        )

    def _update_facts(self) -> None:
        request = self.request()
        if _what_begins(request) != self._begins_for:
            self._begins, self._begins_for = (), _what_begins(request)
            self._question = 0
            if request.tracks and request.start and not (request.exact or request.burn_in):
                self._asked.start()
        facts = export_facts(request, self._begins)
        self._count_clips(request)
        self.export.setEnabled(bool(facts.names))
        self.files.setText(self._file_words(facts.names))
        self.facts.setText(self._fact_words(request, facts))

    def _ask_beginnings(self) -> None:
        """Have the files looked at: a copy begins with a keyframe, often before the mark."""
        self._question = self._jobs.foretell(self.request())

    def _take_beginnings(self, question: int, begins: object) -> None:
        if question == self._question and isinstance(begins, tuple) and begins:
            self._begins = begins
            self._update_facts()

    def _beginning_words(self, request: ExportRequest) -> str:
        """The words about copies that begin before the mark; empty where none is known to."""
        start = request.start
        early = [at for at in self._begins if at and start and start - at >= _EARLY]
        if not early:
            return ""
        words = self.tr("begins at {time}, with the keyframe before the start")
        return words.format(time=clock_time(min(early)))

    def _count_clips(self, request: ExportRequest) -> None:
        """Say how many of each camera's clips are wanted, also of those that are not chosen."""
        with QSignalBlocker(self.cameras):
            for row, track in enumerate(self._tracks):
                words = self.tr("{camera} · %n clip(s)", "", clips_wanted(track, request))
                self.cameras.item(row).setText(words.format(camera=isolated_name(track.name)))

    def _file_words(self, names: Sequence[str]) -> str:
        lines = list(names[:_LISTED])
        if (others := len(names) - _LISTED) > 0:
            lines.append(self.tr("and %n more", "", others))
        return "\n".join(lines)

    def _fact_words(self, request: ExportRequest, facts: ExportFacts) -> str:
        if not request.tracks:
            return self.tr("No camera is chosen.")
        if not facts.names:
            return self.tr("Nothing was recorded in this range.")
        told = [self.tr("%n file(s)", "", len(facts.names)), duration_words(facts.length_s)]
        if facts.size_bytes:
            words = self.tr("about {amount}")
            told.append(words.format(amount=bytes_words(facts.size_bytes)))
        if request.burn_in or request.exact:
            told.append(self.tr("encoded anew"))
        if begins := self._beginning_words(request):
            told.append(begins)
        return " · ".join(told)

    def _choose_folder(self) -> None:
        asked = folder_dialog(self, self.tr("Choose a folder"), self._folder)
        asked.fileSelected.connect(self._take_folder)
        asked.open()

    def _take_folder(self, path: str) -> None:
        self._folder = Path(path)
        self.folder.setText(path)
        self.folder.setToolTip(path)
        self.folder_chosen.emit(self._folder)

    def _start(self) -> None:
        request = self.request()
        job = self._jobs.export(request)
        name = request.tracks[0].name if len(request.tracks) == 1 else ""
        state = ExportState(job, name, len(export_facts(request).names))
        self._line = ExportLine(state, self._jobs, self._theme)
        self._line.closed.connect(self.accept)
        self._form.hide()
        self._column.addWidget(self._progress_page(self._line))
        self.take_wanted_size()

    def _progress_page(self, line: ExportLine) -> QWidget:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        column = QVBoxLayout()
        column.setSpacing(12)
        self._written = _quiet(self.files.text())
        self._meanwhile = _quiet(self.tr("You may close this window: the export goes on."))
        self._asked.stop()
        line.ended.connect(self._show_end)
        line.went_on.connect(self._meanwhile.show)
        line.folder_chosen.connect(self.folder_chosen)
        for widget in (line, self._written, self._meanwhile):
            column.addWidget(widget)
        column.addStretch()
        return scrolled_page(column, buttons)

    def _show_end(self, result: "JobResult") -> None:
        """Name the files that were written: a copy begins with a keyframe, before the mark."""
        before = self._line.state.before if self._line else ()
        self._written.setText(self._file_words([x.name for x in (*before, *result.outputs)]))
        self._meanwhile.hide()


def _what_begins(request: ExportRequest) -> tuple[object, ...]:
    """All that decides when copies begin."""
    names = tuple(track.name for track in request.tracks)
    return names, request.start, request.end, request.exact, request.burn_in, request.concat


class MomentEdit(QDateTimeEdit):
    """A local time to the second; one that nobody changes keeps its fraction.

    In an hour that comes twice it stays in the pass in which the moment was, and says so
    with the distance to UTC. A time that no clock shows is moved on once it is entered.

    Signals:
        changed: A person has changed it.
    """

    changed = Signal()

    def __init__(self, at: datetime, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # The clock's figures alone: Qt's own local time knows nothing of two passes.
        self.setTimeZone(_FIGURES)
        self._at = at
        self._show()
        self.setAccessibleName(name)
        self.setCalendarPopup(True)
        self.dateTimeChanged.connect(self._take)
        self.editingFinished.connect(self._show)

    def at(self) -> datetime:
        """The time, aware."""
        return self._at

    def stepBy(self, steps: int) -> None:
        super().stepBy(steps)
        self._show_pass()

    def _take(self, shown: QDateTime) -> None:
        possible = moments_of(datetime.fromisoformat(shown.toString("yyyy-MM-ddTHH:mm:ss")))
        offset = self._at.astimezone().utcoffset()
        same_pass = (at for at in possible if at.utcoffset() == offset)
        self._at = next(same_pass, possible[0])
        self.changed.emit()

    def _show(self) -> None:
        local = self._at.astimezone()
        time = QTime(local.hour, local.minute, local.second)
        with QSignalBlocker(self):
            self.setDateTime(QDateTime(QDate(local.year, local.month, local.day), time, _FIGURES))
        self._show_pass()

    def _show_pass(self) -> None:
        """Never while figures are typed: another format would lose the place."""
        local = self._at.astimezone()
        told = f"{_CLOCK} '{offset_text(local)}'" if comes_twice(local) else _CLOCK
        if told != self.displayFormat():
            section = self.currentSection()
            with QSignalBlocker(self):
                self.setDisplayFormat(told)
            self.setCurrentSection(section)


def default_folder() -> Path:
    """The user's videos, which is what is exported; the home folder on systems without."""
    places = QStandardPaths.StandardLocation
    movies = QStandardPaths.writableLocation(places.MoviesLocation)
    return Path(movies or QStandardPaths.writableLocation(places.HomeLocation))


def _quiet(text: str) -> QLabel:
    label = PlainLabel(text, quiet=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _explained(check: QCheckBox, told: str) -> QVBoxLayout:
    """A check with its meaning under it."""
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(check)
    label = _quiet(told)
    label.setContentsMargins(24, 0, 0, 0)
    column.addWidget(label)
    return column
