"""What follows from clips that the muxer refused, as a table of times."""

import pytest

from vms_desktop.core.camera.setbacks import DELAYS_S, HEALTHY_S, Setbacks


def test_the_sound_is_left_out_first_and_nothing_waits():
    setbacks = Setbacks()
    assert setbacks.takes_sound
    assert setbacks.refused(100, 2, had_sound=True)
    assert not setbacks.takes_sound
    assert setbacks.may_begin(100)


def test_what_goes_on_failing_is_tried_ever_more_rarely_and_told_once():
    setbacks, now, told, begun = Setbacks(), 0.0, 0, 0
    while now < 3600:
        if setbacks.may_begin(now):
            begun += 1
            told += setbacks.refused(now, 0.1, had_sound=False)
        now += 0.1
    assert told == 1
    assert begun == pytest.approx(3600 / DELAYS_S[-1] + len(DELAYS_S), abs=3)


def test_a_clip_that_lasted_forgives_what_was_before_it():
    setbacks = Setbacks()
    for at in (0, 10, 100, 200):
        setbacks.refused(at, 1, had_sound=False)
    assert not setbacks.may_begin(201)
    assert setbacks.refused(1000, HEALTHY_S, had_sound=False)
    assert setbacks.may_begin(1000)
