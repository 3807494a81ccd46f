"""The transport row: speeds, what its buttons say, and what makes room when it is narrow."""

import pytest
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QToolButton

from tests.support.library import at
from vms_desktop.core.player.player import PlayState
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.playback.speeds import SPEEDS, next_speed, speed_word
from vms_desktop.ui.playback.transport import Transport


@pytest.fixture
def transport(window, qtbot) -> Transport:
    made = Transport(window.actions_.playback, DARK_THEME)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    "rate, way, expected",
    [(1.0, 1, 2.0), (1.0, -1, 0.5), (0.25, -1, 0.25), (16.0, 1, 16.0)],
)
def test_speeds_stand_in_a_row_with_two_ends(rate, way, expected):
    assert next_speed(rate, way) == expected


def test_speeds_are_called_as_on_a_player():
    assert [speed_word(rate) for rate in SPEEDS] == ["¼×", "½×", "1×", "2×", "4×", "8×", "16×"]


def test_the_time_is_shown_to_the_millisecond(transport):
    label = transport.findChild(QLabel, "playedTime")
    transport.show_time(at("14:24:31.240"))
    assert QTextDocumentFragment.fromHtml(label.text()).toPlainText() == "14:24:31.240"
    transport.show_time(None)
    assert label.text() == "--:--:--"


@pytest.mark.parametrize("is_playing, word", [(True, "Pause"), (False, "Play")])
def test_the_middle_button_says_what_it_does_next(transport, window, is_playing, word):
    transport.show_state(PlayState(is_playing=is_playing))
    assert window.actions_.playback.play.toolTip() == f"{word} (Space)"
    middle = [each for each in transport.findChildren(QToolButton) if each.property("main")]
    assert [each.accessibleName() for each in middle] == [word]


def test_a_click_on_a_speed_chooses_it(transport, qtbot):
    button = next(each for each in transport.findChildren(QToolButton) if each.text() == "4×")
    with qtbot.waitSignal(transport.speed_chosen) as told:
        button.click()
    assert told.args == [4.0]


def test_every_button_has_a_name_and_a_tip_that_names_its_key(transport):
    for button in transport.findChildren(QToolButton):
        assert button.accessibleName()
        assert "(" in button.toolTip(), button.accessibleName()


@pytest.mark.parametrize("width", [344, 456, 560, 660, 770, 900])
def test_nothing_is_cut_in_a_narrow_row(transport, qtbot, width):
    transport.resize(width, transport.height())
    with qtbot.waitExposed(transport):
        transport.show()
    shown = [each for each in transport.findChildren(QToolButton) if each.isVisible()]
    cut = [b.text() for b in shown if b.width() < b.minimumSizeHint().width()]
    assert cut == []
    assert max(each.mapTo(transport, each.rect().topRight()).x() for each in shown) < width
