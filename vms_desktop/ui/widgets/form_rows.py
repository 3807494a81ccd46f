"""The rows of a form: labels at the right of their column, fields beside them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLayout, QSizePolicy, QWidget

_LABEL_PX = 106
_FIELD_PX = 30


class FormRows(QFormLayout):
    """Rows whose labels are as wide in every part of a form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(12)
        self.setVerticalSpacing(8)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)

    def add(self, words: str, field: QWidget) -> QLabel:
        """Add a row; the label names the field for a screen reader too."""
        label = QLabel(words)
        label.setProperty("quiet", True)
        label.setWordWrap(True)
        label.setFixedWidth(_LABEL_PX)
        label.setMinimumHeight(_FIELD_PX if words else 0)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        label.setBuddy(field)
        self.addRow(label, field)
        return label


def side_by_side(*widgets: QWidget, stretch: bool = True) -> QWidget:
    """Widgets in a row, as one."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return made
