from datetime import time

import pytest

from tests.support.packets import BEGAN_AT, camera
from vms_desktop.core.base.sleep_watch import Hiccup
from vms_desktop.core.camera.highlights import KEPT_S
from vms_desktop.core.camera.shared import HD_SILENT_S, CameraShared, Wanted, wanted
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.config.camera import RecordingMode
from vms_desktop.core.config.schedule import ScheduleRange
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.events import Event

MOTION, ALWAYS, MANUAL = RecordingMode.MOTION, RecordingMode.ALWAYS, RecordingMode.MANUAL
AT = BEGAN_AT.replace(hour=12)
OPEN = (ScheduleRange(days=frozenset(range(7)), start=time(8), end=time(18)),)
SHUT = (ScheduleRange(days=frozenset(range(7)), start=time(18), end=time(8)),)
EVENT = Event(100.0, 110.0)
NOW = 112.0


def motion(at):
    return Motion(at=at, since=at, boxes=(), area_px=1, threshold_px=1, cells=b"")


@pytest.mark.parametrize(
    "mode, enabled, schedule, event, by_hand, trigger",
    [
        (MOTION, True, (), EVENT, None, Trigger.MOTION),
        (MOTION, True, OPEN, EVENT, None, Trigger.MOTION),
        (MOTION, True, SHUT, EVENT, None, None),
        (MOTION, False, (), EVENT, None, None),
        (MOTION, True, (), None, None, None),
        (ALWAYS, True, (), None, None, Trigger.ALWAYS),
        (ALWAYS, True, OPEN, EVENT, None, Trigger.ALWAYS),
        (ALWAYS, True, SHUT, EVENT, None, None),
        (ALWAYS, False, (), EVENT, None, None),
        (MANUAL, True, (), EVENT, None, None),
        (MOTION, True, SHUT, None, 90.0, Trigger.MANUAL),
        (MOTION, False, (), None, 90.0, Trigger.MANUAL),
        (ALWAYS, True, (), EVENT, 90.0, Trigger.MANUAL),
        (MANUAL, False, SHUT, EVENT, 90.0, Trigger.MANUAL),
    ],
)
def test_mode_schedule_and_hand_decide_what_is_recorded(
    mode, enabled, schedule, event, by_hand, trigger
):
    config = camera(recording_mode=mode, is_recording_enabled=enabled, schedule=schedule)
    found = wanted(config, event, by_hand, NOW, AT)
    assert (found.trigger if found else None) is trigger


@pytest.mark.parametrize(
    "event, post_s, least_s, ends",
    [
        (Event(100, 101), 10, 15, 115),  # min_recording_time counts from the event's start.
        (Event(100, 110), 10, 15, 120),
        (Event(100, 100), 0, 0, 100),
        (Event(100, 103), 0, 15, 115),
        (Event(100, 400), 10, 15, 410),
        (Event(100, 100), 30, 15, 130),
    ],
)
def test_a_clip_lasts_for_the_post_roll_and_the_least_time(event, post_s, least_s, ends):
    config = camera(post_record_seconds=post_s, min_recording_time=least_s)
    assert wanted(config, event, None, ends, AT) is None
    if ends > event.end:
        assert wanted(config, event, None, ends - 0.1, AT) == Wanted(Trigger.MOTION, 100)


def test_a_recording_counts_from_its_cause():
    assert wanted(camera(), EVENT, None, NOW, AT) == Wanted(Trigger.MOTION, EVENT.start)
    assert wanted(camera(), EVENT, 90.0, NOW, AT) == Wanted(Trigger.MANUAL, 90.0)
    always = camera(recording_mode=ALWAYS)
    assert wanted(always, None, None, NOW, AT) == Wanted(Trigger.ALWAYS, NOW)


def test_the_board_knows_what_is_wanted():
    shared = CameraShared(camera())
    assert shared.wanted(NOW, AT) is None
    shared.event = EVENT
    assert shared.wanted(NOW, AT) == Wanted(Trigger.MOTION, EVENT.start)
    shared.camera = camera(is_recording_enabled=False)
    assert shared.wanted(NOW, AT) is None


@pytest.mark.parametrize(
    "hd_at, serves",
    [(None, False), (NOW, True), (NOW - HD_SILENT_S, True), (NOW - HD_SILENT_S - 0.1, False)],
)
def test_hd_serves_until_it_was_silent_for_two_seconds(hd_at, serves):
    shared = CameraShared(camera())
    shared.hd_at = hd_at
    assert shared.hd_serves(NOW) is serves


@pytest.mark.parametrize(
    "hd_ago_s, began_ago_s, ended_ago_s, serves",
    [
        (3.3, 3, 0, True),  # What it sent while nobody ran waits to be read.
        (4.4, 3, 1.5, False),
        (60, 3, 0, False),  # It was away before.
        (1, 30, 20, True),
        (3, 30, 20, False),
    ],
)
def test_hd_is_not_silent_while_nobody_ran(hd_ago_s, began_ago_s, ended_ago_s, serves):
    shared = CameraShared(camera())
    shared.sleeps.hiccup = Hiccup(NOW - began_ago_s, NOW - ended_ago_s)
    shared.hd_at = NOW - hd_ago_s
    assert shared.hd_serves(NOW) is serves


def test_motions_are_those_of_the_span_and_are_not_kept_for_ever():
    shared = CameraShared(camera())
    for at in range(0, 2000, 10):
        shared.moved(motion(float(at)))
    assert [m.at for m in shared.motions_between(1500, 1530)] == [1500, 1510, 1520, 1530]
    assert shared.motions_between(0, 5000)[0].at == 1990 - KEPT_S


@pytest.mark.parametrize("ago_s, serves", [(4.5, True), (6.0, True), (6.1, False)])
def test_a_slow_hd_stream_is_silent_by_its_own_rhythm(ago_s, serves):
    shared = CameraShared(camera())
    shared.hd_interval_s = 4.0
    shared.hd_at = shared.hd_shown_at = NOW - ago_s
    assert shared.hd_serves(NOW) is serves
    assert shared.hd_is_shown(NOW) is serves
