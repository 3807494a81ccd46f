"""One camera of Playback: boxes over its picture, and digital zoom."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.support.library import at
from tests.support.stand_in import picture
from vms_desktop.core.base.picture import Box
from vms_desktop.core.player.picture import PlayedPicture
from vms_desktop.ui.base.theme import DARK_THEME, Tone
from vms_desktop.ui.picture.pills import Pills
from vms_desktop.ui.playback.player_view import PlayedCamera, PlayerView

WIDTH_PX, HEIGHT_PX = 400, 225


@pytest.fixture
def show(qtbot):
    def show_one(*boxes: Box, show_boxes: bool = True) -> PlayerView:
        view = PlayerView(PlayedCamera("A", "Door", show_boxes), DARK_THEME, Pills())
        qtbot.addWidget(view)
        view.resize(WIDTH_PX, HEIGHT_PX)
        shown = picture(WIDTH_PX, HEIGHT_PX, value=0, boxes=boxes)
        view.show_played(PlayedPicture(shown, at("10:00:00"), Path("a.mp4")))
        return view

    return show_one


def painted(view: PlayerView, x: float, y: float) -> QColor:
    return view.grab().toImage().pixelColor(round(x * WIDTH_PX), round(y * HEIGHT_PX))


@pytest.mark.parametrize("show_boxes", [True, False])
def test_what_moved_is_framed_where_the_camera_wants_it(show, show_boxes):
    view = show(Box(0.25, 0.25, 0.5, 0.5), show_boxes=show_boxes)
    amber = DARK_THEME.colour(Tone.AMBER)
    edge = [painted(view, 0.5, 0.25 + dy / HEIGHT_PX) for dy in (-2, -1, 0, 1, 2)]
    assert (amber in edge) == show_boxes
    assert painted(view, 0.5, 0.5) != amber


def test_the_wheel_enlarges_what_lies_under_the_pointer_and_the_boxes_with_it(show):
    view = show(Box(0, 0, 0.5, 0.5))
    for _ in range(2):
        turn_wheel(view, QPointF(0, 0))
    assert view.zoom.scale == pytest.approx(1.5625)
    corner = 0.5 * 1.5625
    right = [painted(view, corner + dx / WIDTH_PX, 0.4) for dx in (-3, -2, -1, 0, 1, 2, 3)]
    assert DARK_THEME.colour(Tone.AMBER) in right


def turn_wheel(view: PlayerView, place: QPointF) -> None:
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
