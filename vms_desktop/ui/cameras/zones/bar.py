"""The row below the picture: the chosen area's name and kind, or what can be done next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QWidget

from vms_desktop.core.config import ZoneKind
from vms_desktop.ui.cameras.zones.editor import ZoneEditor
from vms_desktop.ui.cameras.zones.words import kind_words
from vms_desktop.ui.widgets import Segments

_MAX_NAME_CHARS = 60
# Of a text field, or of two lines: the picture above must not move with what is chosen.
_HEIGHT_PX = 34


class ZoneBar(QStackedWidget):
    """Follows a `ZoneEditor` and edits its chosen area; always of one height."""

    def __init__(self, editor: ZoneEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._hint = QLabel()
        self._hint.setProperty("quiet", True)
        self._hint.setWordWrap(True)
        self._name = _NameField(editor)
        self._kind = self._made_kind()
        self._remove = QPushButton(self.tr("Remove"))
        self._remove.setToolTip(self.tr("Remove this area (Del)"))
        self._remove.setAutoDefault(False)
        self._remove.clicked.connect(editor.remove_chosen_zone)
        self.addWidget(self._hint)
        self.addWidget(self._row())
        self.setFixedHeight(_HEIGHT_PX)
        self._name.textEdited.connect(editor.rename)
        self._name.finished.connect(editor.setFocus)
        editor.edit_changed.connect(self._follow)
        editor.rename_wanted.connect(self._ask_for_name)
        self._follow()

    def _made_kind(self) -> Segments:
        kinds = Segments(self.tr("What the area is for"))
        kinds.add(ZoneKind.WATCH, self.tr("Watched"), self.tr("Only what moves in here counts"))
        kinds.add(ZoneKind.IGNORE, self.tr("Ignored"), self.tr("What moves in here never counts"))
        kinds.chosen.connect(lambda key: self._editor.set_kind(ZoneKind(key)))
        return kinds

    def _row(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._name, 1)
        layout.addWidget(self._kind)
        layout.addWidget(self._remove)
        return row

    def _ask_for_name(self) -> None:
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def _follow(self) -> None:
        """Show what the editor has chosen."""
        zone = self._editor.edits.chosen_zone
        if zone is None:
            self._hint.setText(self._hint_words())
            if self._name.hasFocus():
                self._editor.setFocus()
            self.setCurrentIndex(0)
            return
        if self._name.text().strip() != zone.name:
            self._name.setText(zone.name)
        self._name.setPlaceholderText(kind_words(zone.kind))
        self._kind.choose(zone.kind)
        self.setCurrentIndex(1)

    def _hint_words(self) -> str:
        edits = self._editor.edits
        if edits.draft and edits.draft.points:
            return self.tr("Click the next corners. Enter or the first corner closes, Esc cancels.")
        if edits.draft:
            return self.tr("Click the corners of the area, or drag a rectangle. Esc cancels.")
        if edits.zones:
            return self.tr("Click an area to change it.")
        return self.tr("Motion counts everywhere. An area limits it to a part of the picture.")


class _NameField(QLineEdit):
    """Enter and Esc end the naming and nothing else: they do not reach the dialog.

    An area that was just drawn is named without being asked: where nothing was typed
    yet, the keys that undo mean the area.

    Signals:
        finished: One of them was pressed.
    """

    finished = Signal()

    def __init__(self, editor: ZoneEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setMaxLength(_MAX_NAME_CHARS)
        self.setAccessibleName(self.tr("Name of the area"))
        self.setToolTip(self.tr("Name of the area (F2)"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.finished.emit()
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            self._editor.undo()
        else:
            super().keyPressEvent(event)
