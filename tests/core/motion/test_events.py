"""When moments of motion begin, extend and end an event."""

import pytest

from vms_desktop.core.motion.events import (
    Event,
    EventBegan,
    EventEnded,
    EventExtended,
    EventTracker,
)


def changes(tracker, verdicts):
    """What the tracker says of frames 1 s apart; each `#` moved by itself."""
    return [
        tracker.update(float(now), float(now) if verdict == "#" else None)
        for now, verdict in enumerate(verdicts)
    ]


@pytest.mark.parametrize(
    "verdicts, expected",
    [
        ("....", []),
        ("#....", [Event(0, 0)]),
        ("#..#....", [Event(0, 3)]),
        ("#...#....", [Event(0, 0), Event(4, 4)]),
        ("#.#.#....", [Event(0, 4)]),
        (".##...##...", [Event(1, 2), Event(6, 7)]),
        ("#.", []),
    ],
)
def test_moments_less_than_three_seconds_apart_are_one_event(verdicts, expected):
    ended = [
        change.event
        for change in changes(EventTracker(), verdicts)
        if isinstance(change, EventEnded)
    ]
    assert ended == expected


def test_a_beginning_is_told_at_once_and_every_further_moment():
    assert changes(EventTracker(), "##.#") == [
        EventBegan(Event(0, 0)),
        EventExtended(Event(0, 1)),
        None,
        EventExtended(Event(0, 3)),
    ]


def test_an_event_begins_with_the_first_frame_of_the_run_that_confirmed_it():
    assert EventTracker().update(7.4, 7.0) == EventBegan(Event(7.0, 7.4))


def test_a_lost_stream_ends_what_was_under_way_and_only_that():
    tracker = EventTracker()
    tracker.update(1.0, 1.0)
    assert tracker.lost() == EventEnded(Event(1.0, 1.0))
    assert tracker.lost() is None
    assert tracker.update(1.5, 1.5) == EventBegan(Event(1.5, 1.5))
