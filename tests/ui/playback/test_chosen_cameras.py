"""Which of the chosen cameras play."""

import pytest

from vms_desktop.ui.playback.chosen_cameras import ChosenCameras

ORDER = ("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize(
    "touched, played",
    [
        ("", ""),
        ("ca", "ac"),
        ("abcd", "abcd"),
        ("abcde", "bcde"),
        ("abcdea", "bcde"),
        ("xab", "ab"),
    ],
)
def test_at_most_four_play_those_chosen_last_in_the_order_of_the_list(touched, played):
    cameras = ChosenCameras()
    for folder in dict.fromkeys(touched):
        cameras.switch(folder, True)
    assert "".join(cameras.played(ORDER)) == played


def test_a_fifth_that_is_touched_takes_the_place_of_the_oldest():
    cameras = ChosenCameras("abcde")
    cameras.touch("a")
    assert cameras.played(ORDER) == ("a", "c", "d", "e")
    assert cameras.shown(ORDER) == ("a", "b", "c", "d", "e")


def test_one_that_plays_keeps_its_turn_when_it_is_touched():
    cameras = ChosenCameras("abcd")
    cameras.touch("a")
    assert cameras.listed == ("a", "b", "c", "d")


def test_one_that_is_unchecked_is_shown_no_more():
    cameras = ChosenCameras("abc")
    cameras.switch("b", False)
    assert cameras.shown(ORDER) == ("a", "c")
