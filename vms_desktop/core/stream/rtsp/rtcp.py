"""RTCP (RFC 3550, 6): what a receiver reports of a track, and what the sender says of itself."""

import secrets
import struct
from collections.abc import Iterator

from vms_desktop.core.stream.rtsp.depacketizer import Timeline

# Receivers report about so often (RFC 3550, 6.2).
REPORT_S = 5.0
SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, BYE = 200, 201, 202, 203

_VERSION = 0x80
_NAME = b"vms-desktop"
_CNAME = 1
_HALF_TURN = 1 << 15
_MOST_LOST = (1 << 23) - 1
_SOURCE_AT = slice(8, 12)
_TICKS_OF_DELAY = 65_536
_NTP_SECOND = 1 << 32


def parts(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The reports that came together: kind, count, and what is behind the head."""
    start = 0
    while start + 4 <= len(data) and data[start] >> 6 == 2:
        end = start + 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        if end > len(data):
            return
        yield data[start + 1], data[start] & 31, data[start + 4 : end]
        start = end


class Reception:
    """Counts what came of one track, for the reports that its sender wants.

    A cheap method for every packet, the arithmetic once for those that came together:
    that they lay in the buffer for a while is no fault of the network.

    Args:
        timeline: The times of the track's packets.

    Attributes:
        zero_s: What the sender's wall clock showed at the timeline's zero, as it last reported
            (RFC 3550, 6.4.1); None until it does.
    """

    def __init__(self, clock_hz: int, timeline: Timeline) -> None:
        self.zero_s: float | None = None
        self._clock_hz = clock_hz
        self._timeline = timeline
        self._own_source = secrets.randbits(32)
        self._last = b""
        self._begin(0, 0)

    def _begin(self, count: int, sequence: int) -> None:
        self._count = count
        self._settled = 0
        self._first = self._highest = sequence
        self._reported = 0, 0
        self._transit: int | None = None
        self._jitter = 0.0
        self._report: tuple[int, float] | None = None
        self._settled_source = self.source

    def take(self, data: bytes) -> None:
        """An RTP packet came."""
        if not self._count:
            self._first = self._highest = int.from_bytes(data[2:4])
        self._count += 1
        self._last = data

    @property
    def source(self) -> int | None:
        """Who sends the track; None before the first packet."""
        return int.from_bytes(self._last[_SOURCE_AT]) if self._last else None

    def settle(self, now: float) -> None:
        """Reckons with the packets that were taken since the last call."""
        if self._count == self._settled:
            return
        sequence, timestamp = struct.unpack_from(">HI", self._last, 2)
        if self._settled and self.source != self._settled_source:
            self._begin(1, sequence)  # The camera began its stream anew.
        self._settled, self._settled_source = self._count, self.source
        step = (sequence - self._highest) & 0xFFFF
        if step < _HALF_TURN:
            self._highest += step
        transit = (round(now * self._clock_hz) - timestamp) & 0xFFFFFFFF
        if self._transit is not None:
            apart = (transit - self._transit) & 0xFFFFFFFF
            self._jitter += (min(apart, (1 << 32) - apart) - self._jitter) / 16
        self._transit = transit

    def sender_reported(self, body: bytes, now: float) -> None:
        """The sender's own report came: it is told when.

        Args:
            body: What is behind the report's head (see `parts`).
        """
        if len(body) >= 12:
            self._report = int.from_bytes(body[6:10]), now
        told_s = int.from_bytes(body[4:12]) / _NTP_SECOND
        ticks = self._timeline.at(int.from_bytes(body[12:16]))
        if len(body) >= 16 and told_s and ticks is not None:
            self.zero_s = told_s - ticks / self._clock_hz

    def report(self, now: float) -> bytes:
        """The report for the track's sender."""
        blocks = self._block(now) if self._count else b""
        count = 1 if blocks else 0
        name = struct.pack(">IBB", self._own_source, _CNAME, len(_NAME)) + _NAME
        name += bytes(4 - len(name) % 4)
        return (
            _head(RECEIVER_REPORT, count, 4 + len(blocks))
            + struct.pack(">I", self._own_source)
            + blocks
            + _head(DESCRIPTION, 1, len(name))
            + name
        )

    def _block(self, now: float) -> bytes:
        expected = self._highest - self._first + 1
        lost = max(-_MOST_LOST, min(expected - self._count, _MOST_LOST))
        fresh, came = expected - self._reported[0], self._count - self._reported[1]
        self._reported = expected, self._count
        share = min(255, 256 * (fresh - came) // fresh) if fresh > came else 0
        heard, delay = 0, 0
        if self._report:
            heard = self._report[0]
            delay = round((now - self._report[1]) * _TICKS_OF_DELAY)
        return struct.pack(
            ">IIIIII",
            self.source or 0,
            share << 24 | lost & 0xFFFFFF,
            self._highest & 0xFFFFFFFF,
            int(self._jitter) & 0xFFFFFFFF,
            heard,
            min(delay, 0xFFFFFFFF),
        )


def says_goodbye(count: int, body: bytes, source: int | None) -> bool:
    """True if a BYE is that of the source, or names none; what never sent cannot say it."""
    named = [int.from_bytes(body[4 * i : 4 * i + 4]) for i in range(count)]
    return source is not None and (not named or source in named)


def _head(kind: int, count: int, size_bytes: int) -> bytes:
    return struct.pack(">BBH", _VERSION | count, kind, size_bytes // 4)
