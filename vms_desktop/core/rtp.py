"""RTP packets (RFC 3550) put together again to the pictures and sounds that they carry.

H.264: RFC 6184, H.265: RFC 7798, AAC: RFC 3640 (AAC-hbr), G.711: RFC 3551.
Over TCP nothing is lost on the way, but a camera may leave packets out: a
picture with a hole is dropped.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from vms_desktop.core.sdp import Track

_START = b"\x00\x00\x00\x01"
_HEADER = struct.Struct(">BBHI4x")
_PLAIN = 0x80  # Version 2 without padding, extension or further sources.
_TURN = 1 << 32
_AAC_SAMPLES = 1024
_FU_A, _STAP_A = 28, 24
_H265_AP, _H265_FU = 48, 49
_H264_SLICES = frozenset(range(1, 6))
_H264_KEYFRAMES = frozenset({5})
_H265_SLICES = frozenset(range(32))
_H265_KEYFRAMES = frozenset(range(16, 24))
_SEI = 6
_RECOVERY_POINT = b"\x06"


class RtpPacket(NamedTuple):
    """The parts of a packet that matter here; `sequence` 16, `timestamp` 32 bits."""

    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


class Unit(NamedTuple):
    """A picture, or a piece of sound: its time in ticks of the track's clock, ever growing."""

    data: bytes
    ticks: int
    is_keyframe: bool
    duration: int = 0


class Depacketizer(Protocol):
    """Takes the packets of one track in their order."""

    timeline: "Timeline"

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        """What this packet completes."""


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet in these bytes; None where they are none."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp = _HEADER.unpack_from(data)
    if first == _PLAIN and len(data) > _HEADER.size:  # Nearly all: hundreds come in a second from every camera.
        return RtpPacket(second > 127, sequence, timestamp, data[12:])
    payload = _payload(first, data) if first >> 6 == 2 else None
    return RtpPacket(second > 127, sequence, timestamp, payload) if payload else None


def _payload(first: int, data: bytes) -> bytes | None:
    """What is behind sources and extension and before the padding; None for nonsense."""
    start, end = _HEADER.size + 4 * (first & 15), len(data)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        end -= data[-1]
    return data[start:end] if start < end else None


def depacketizer(track: Track) -> Depacketizer | None:
    """One for the track; None for a codec, or a form of it, that is not taken here."""
    match track.encoding:
        case "H264" if track.clock_hz:
            return PictureDepacketizer(h265=False)
        case "H265" | "HEVC" if (
            track.clock_hz and track.parameters.get("sprop-max-don-diff", "0") == "0"
        ):
            return PictureDepacketizer(h265=True)
        case "MPEG4-GENERIC" if track.clock_hz and _is_usual_aac(track):
            return AacDepacketizer()
        case "PCMU" | "PCMA" if track.clock_hz:
            return SampleDepacketizer()
    return None


def _is_usual_aac(track: Track) -> bool:
    given = track.parameters
    lengths = (given.get("sizelength"), given.get("indexlength"), given.get("indexdeltalength"))
    return given.get("mode", "").lower() == "aac-hbr" and lengths == ("13", "3", "3")


class Timeline:
    """RTP's 32-bit timestamps as numbers that do not wrap; the first one is 0."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._ticks = 0

    def ticks(self, timestamp: int) -> int:
        """The time of a packet in ticks since the first one."""
        ticks = self.at(timestamp)
        self._last, self._ticks = timestamp, ticks or 0
        return self._ticks

    def at(self, timestamp: int) -> int | None:
        """The time of a moment near the last packet; None before the first one."""
        if self._last is None:
            return None
        step = (timestamp - self._last) % _TURN
        return self._ticks + (step if step < _TURN // 2 else step - _TURN)


class SampleDepacketizer:
    """G.711: a byte is a sample."""

    def __init__(self) -> None:
        self.timeline = Timeline()

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        data = packet.payload
        return (Unit(data, self.timeline.ticks(packet.timestamp), True, len(data)),)


class AacDepacketizer:
    """AAC: whole frames behind a list of their sizes, or a frame in pieces."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self._pieces = bytearray()

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        payload, ticks = packet.payload, self.timeline.ticks(packet.timestamp)
        count = int.from_bytes(payload[:2]) // 16
        start = 2 + 2 * count
        sizes = [int.from_bytes(payload[i : i + 2]) >> 3 for i in range(2, start, 2)]
        if count == 1 and sizes[0] > len(payload) - start:
            return self._joined(packet, payload[start:], sizes[0], ticks)
        self._pieces.clear()
        found = []
        for number, size in enumerate(sizes):
            frame = payload[start : start + size]
            start += size
            if len(frame) == size > 0:
                found.append(Unit(frame, ticks + number * _AAC_SAMPLES, True, _AAC_SAMPLES))
        return found

    def _joined(self, packet: RtpPacket, piece: bytes, size: int, ticks: int) -> Sequence[Unit]:
        """The frame of which this is a piece, once all of it has come."""
        self._pieces += piece
        if not packet.marker:
            return ()
        whole, self._pieces = bytes(self._pieces), bytearray()
        return (Unit(whole, ticks, True, _AAC_SAMPLES),) if len(whole) == size else ()


class PictureDepacketizer:
    """H.264 or H.265: NAL units to whole pictures in Annex B form.

    A picture ends with the packet that is marked, or with the first one of
    another time. Some cameras mark every unit: those are believed no more, and
    their pictures come one packet later.
    """

    def __init__(self, *, h265: bool) -> None:
        self._h265 = h265
        self._slices = _H265_SLICES if h265 else _H264_SLICES
        self._keyframes = _H265_KEYFRAMES if h265 else _H264_KEYFRAMES
        self.timeline = Timeline()
        self._parts: list[bytes] = []
        self._fragment: list[bytes] | None = None
        self._timestamp: int | None = None
        self._ended: int | None = None
        self._sequence: int | None = None
        self._has_slice = self._is_keyframe = self._has_hole = False
        self._marks_lie = False

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        done: Sequence[Unit] = ()
        if packet.timestamp != self._timestamp:
            done = self._finish()
            self._timestamp = packet.timestamp
        elif self._ended == packet.timestamp and not self._parts:
            self._marks_lie = True
        if self._sequence is not None and packet.sequence != (self._sequence + 1) & 0xFFFF:
            self._has_hole, self._fragment = True, None
        self._sequence = packet.sequence
        if self._h265:
            self._take_h265(packet.payload)
        else:
            self._take_h264(packet.payload)
        if packet.marker and self._has_slice and not self._marks_lie:
            self._ended = packet.timestamp
            done = (*done, *self._finish())
        return done

    def _finish(self) -> Sequence[Unit]:
        """The picture that has come together, if there is a whole one."""
        if not (self._has_slice or self._has_hole or self._fragment):
            return ()  # Parameter sets alone belong to the picture that follows.
        parts, is_keyframe, timestamp = self._parts, self._is_keyframe, self._timestamp
        is_whole = self._has_slice and not self._has_hole and self._fragment is None
        self._parts, self._fragment = [], None
        self._has_slice = self._is_keyframe = self._has_hole = False
        assert timestamp is not None
        ticks = self.timeline.ticks(timestamp)
        return (Unit(b"".join(parts), ticks, is_keyframe),) if is_whole else ()

    def _take_h264(self, payload: bytes) -> None:
        kind = payload[0] & 31
        if kind == _FU_A and len(payload) > 2:
            flags = payload[1]
            head = bytes(((payload[0] & 0xE0) | (flags & 31),)) if flags & 0x80 else b""
            self._take_fragment(flags, head, payload[2:], flags & 31)
        elif 0 < kind < _STAP_A:
            self._add(payload, kind)
        elif kind == _STAP_A:
            for unit in _aggregated(payload[1:]):
                self._add(unit, unit[0] & 31)

    def _take_h265(self, payload: bytes) -> None:
        if len(payload) < 3:
            return
        kind = payload[0] >> 1 & 63
        if kind == _H265_AP:
            for unit in _aggregated(payload[2:]):
                self._add(unit, unit[0] >> 1 & 63)
        elif kind == _H265_FU:
            whole_kind = payload[2] & 63
            head = bytes(((payload[0] & 0x81) | (whole_kind << 1), payload[1]))
            self._take_fragment(payload[2], head, payload[3:], whole_kind)
        elif kind < _H265_AP:
            self._add(payload, kind)

    def _take_fragment(self, flags: int, head: bytes, data: bytes, kind: int) -> None:
        if flags & 0x80:
            self._fragment = [head]
        if self._fragment is None:
            self._has_hole = True  # Its beginning never came.
            return
        self._fragment.append(data)
        if flags & 0x40:
            whole, self._fragment = b"".join(self._fragment), None
            self._add(whole, kind)

    def _add(self, unit: bytes, kind: int) -> None:
        self._parts += (_START, unit)
        if kind in self._slices:
            self._has_slice = True
            self._is_keyframe |= kind in self._keyframes
        elif not self._h265 and kind == _SEI and unit[1:2] == _RECOVERY_POINT:
            self._is_keyframe = True  # An intra picture of a camera that sends no IDR.


def _aggregated(payload: bytes) -> Iterable[bytes]:
    """The units of an aggregation packet, each behind its size."""
    start = 0
    while start + 2 < len(payload):
        size = int.from_bytes(payload[start : start + 2])
        unit = payload[start + 2 : start + 2 + size]
        start += 2 + size
        if len(unit) == size > 0:
            yield unit
