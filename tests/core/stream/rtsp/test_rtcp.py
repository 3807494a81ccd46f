"""Receiver reports are those of RFC 3550, 6.4.2, field by field; senders' tell how clocks lie."""

import struct

import pytest

from tests.support.wire import rtp, sender_report
from vms_desktop.core.stream.rtsp.depacketizer import Timeline
from vms_desktop.core.stream.rtsp.rtcp import (
    DESCRIPTION,
    RECEIVER_REPORT,
    Reception,
    parts,
    says_goodbye,
)

PICTURE_HZ, SOUND_HZ = 90_000, 8000


def reported(reception, now):
    """The fields of the report's one block: source, share, lost, highest, jitter, heard, delay."""
    (kind, count, body), (described, _, _) = parts(reception.report(now))
    assert (kind, count, described) == (RECEIVER_REPORT, 1, DESCRIPTION)
    source, losses, *rest = struct.unpack(">6I", body[4:])
    return (source, losses >> 24, losses & 0xFFFFFF, *rest)


def received(numbers, *, clock_hz=90_000, late_s=lambda _: 0.0):
    """A track of 10 packets a second, of which these came."""
    reception = Reception(clock_hz, Timeline())
    for number in numbers:
        reception.take(rtp(b"x", number, round(number * clock_hz / 10)))
        reception.settle(number / 10 + late_s(number))
    return reception


def test_before_the_first_packet_nobody_is_reported_on():
    (kind, count, body), _ = parts(Reception(8000, Timeline()).report(1.0))
    assert (kind, count, len(body)) == (RECEIVER_REPORT, 0, 4)


@pytest.mark.parametrize(
    "numbers, share, lost, highest",
    [
        (range(5), 0, 0, 4),
        ([0, 1, 2, 4, 5, 6, 8, 9], 51, 2, 9),
        (range(65_530, 65_542), 0, 0, 65_541),
        ([3, 4, 4, 5, 5], 0, 0xFFFFFE, 5),
    ],
    ids=["all", "two of ten lost", "numbers begin anew", "twice"],
)
def test_what_is_missing_is_counted(numbers, share, lost, highest):
    assert reported(received(numbers), 9.0)[:4] == (7, share, lost, highest)


def test_the_share_is_of_what_came_since_the_last_report():
    reception = received([0, 1, 3])
    assert reported(reception, 1.0)[1] == 64
    for number in (4, 5):
        reception.take(rtp(b"x", number, number * 9000))
    reception.settle(0.5)
    assert reported(reception, 2.0)[1:3] == (0, 1)


def test_jitter_is_smoothed_over_sixteen_packets():
    assert reported(received(range(50)), 5.0)[4] == 0
    uneven = received(range(400), late_s=lambda number: 0.01 * (number % 2))
    assert reported(uneven, 40.0)[4] == pytest.approx(900, rel=0.02)


def test_waiting_for_the_next_packet_is_no_jitter():
    reception = received(range(50))
    for tick in range(100):
        reception.settle(5 + tick / 10)
    assert reported(reception, 15.0)[4] == 0


def test_a_sender_that_begins_anew_is_counted_anew():
    reception = received(range(5))
    other = rtp(b"x", 40_000)[:8] + (9).to_bytes(4) + b"x"
    reception.take(other)
    reception.settle(1.0)
    assert reported(reception, 2.0)[:5] == (9, 0, 0, 40_000, 0)


def test_the_senders_report_is_given_back_with_its_age():
    reception = received(range(5))
    ((_, _, body),) = parts(sender_report(5000.25, 0))
    reception.sender_reported(body, 10.0)
    heard, delay = reported(reception, 12.5)[5:]
    assert heard == (5000 & 0xFFFF) << 16 | 0x4000
    assert delay == round(2.5 * 65_536)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\xc9\x00\x05\x00", b"\x40\xcb\x00\x00", bytes(40)]
)
def test_what_is_no_report_has_no_parts(data):
    assert list(parts(data)) == []


@pytest.mark.parametrize(
    "named, source, ends",
    [([7], 7, True), ([8, 7], 7, True), ([], 7, True), ([8], 7, False), ([7], None, False)],
)
def test_a_goodbye_is_that_of_whom_it_names(named, source, ends):
    body = b"".join(each.to_bytes(4) for each in named)
    assert says_goodbye(len(named), body, source) is ends


def said(at_s, timestamp):
    """What is behind the head of a sender's report."""
    return sender_report(at_s, timestamp)[4:]


def reception_from(timestamp: int, clock_hz: int) -> Reception:
    """That of a track whose timeline begins at this time."""
    timeline = Timeline()
    timeline.ticks(timestamp)
    return Reception(clock_hz, timeline)


def test_reports_of_both_tracks_tell_how_their_clocks_lie():
    picture, sound = reception_from(9000, PICTURE_HZ), reception_from(4000, SOUND_HZ)
    picture.sender_reported(said(5000, 9000 + 90_000), 1.0)
    assert picture.zero_s == pytest.approx(4999)
    for later in (0, 1):
        sound.sender_reported(said(5000.5 + later, 4000 + 8000 * (3 + later)), 1.0 + later)
        assert sound.zero_s == pytest.approx(4997.5)


@pytest.mark.parametrize(
    "body",
    [said(0, 4000), b"\x00\x07\x00", bytes(12), bytes(40)],
    ids=["no clock", "cut off", "without its time", "nothing in it"],
)
def test_what_is_no_report_tells_nothing(body):
    reception = reception_from(4000, SOUND_HZ)
    reception.sender_reported(body, 1.0)
    assert reception.zero_s is None
    reception.sender_reported(said(5000, 4000), 2.0)
    reception.sender_reported(body, 3.0)
    assert reception.zero_s == pytest.approx(5000)


def test_before_its_first_packet_a_report_does_not_tell_where_a_track_begins():
    reception = Reception(SOUND_HZ, Timeline())
    reception.sender_reported(said(5000, 4000), 1.0)
    assert reception.zero_s is None
