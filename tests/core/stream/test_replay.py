"""What a server sends again is taken once, and nothing that is new is lost."""

import pytest

from vms_desktop.core.stream.replay import KEPT_S, Replay


def taken(until_s, items):
    """What goes on of items like `K3`: a keyframe, picture or sound, and its time in s."""
    replay = Replay[str](until_s)
    found: list[str] = []
    for item in items.split():
        kind, at_s = item[0], float(item[1:])
        found += replay.fresh(item, at_s, is_video=kind != "s", is_keyframe=kind == "K")
    return " ".join(found)


@pytest.mark.parametrize(
    "until_s, items, expected",
    [
        (None, "K1 p2 s2 K3", "K1 p2 s2 K3"),
        (4, "K1 p2 K3 p4 K5 p6", "K5 p6"),
        (4, "K1 p2 s2 K3 s3 p4 s4 s5 K5 s5 p6", "K5 s5 p6"),
        (4, "K1 p2 K3 p4 p5 K6", "K3 p4 p5 K6"),
        (4, "K1 s1 p3 s3 p5 s5", "K1 s1 p3 s3 p5 s5"),
        (4, "K5 p6 K7 p3", "K5 p6 K7 p3"),
        (4 + KEPT_S, "K1 p2 K3", "K1 p2 K3"),
    ],
    ids=["first", "whole groups", "sound", "broken group", "one group", "later", "restarted"],
)
def test_what_was_taken_is_left_out(until_s, items, expected):
    assert taken(until_s, items) == expected
