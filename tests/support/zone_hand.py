"""A person who draws areas, and what an editor of areas tells."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.ui.cameras.zones.editor import ZoneEditor

WATCH, IGNORE = ZoneKind.WATCH, ZoneKind.IGNORE
SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
FAR = ((0.7, 0.7), (0.9, 0.7), (0.8, 0.9))
KEYS = Qt.Key
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def zone(corners=SQUARE, kind=WATCH, name="") -> Zone:
    return Zone(name=name, kind=kind, points=tuple(Point(*corner) for corner in corners))


class Hand:
    """The mouse and the keyboard of a person, in shares of the picture."""

    def __init__(self, editor: ZoneEditor) -> None:
        self.editor = editor

    def place(self, x: float, y: float) -> QPoint:
        return QPointF(*self.editor.view().place(Point(x, y))).toPoint()

    def click(self, *corners, button=Qt.MouseButton.LeftButton) -> None:
        for corner in corners:
            QTest.mouseClick(self.editor, button, pos=self.place(*corner))

    def double_click(self, x: float, y: float) -> None:
        self.click((x, y))
        QTest.mouseDClick(self.editor, Qt.MouseButton.LeftButton, pos=self.place(x, y))

    def drag(self, start, *way, drop=True) -> None:
        QTest.mousePress(self.editor, Qt.MouseButton.LeftButton, pos=self.place(*start))
        for corner in way:
            QTest.mouseMove(self.editor, self.place(*corner))
        if drop:
            QTest.mouseRelease(self.editor, Qt.MouseButton.LeftButton, pos=self.place(*way[-1]))

    def press(self, *keys, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.editor, key, modifier)


def told_zones(editor: ZoneEditor) -> list[tuple[Zone, ...]]:
    """The areas that an editor tells from now on, in order."""
    zones: list[tuple[Zone, ...]] = []
    editor.zones_changed.connect(zones.append)
    return zones
