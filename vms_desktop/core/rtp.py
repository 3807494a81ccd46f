"""RTP packets (RFC 3550) put together again to the pictures and sounds that they carry.

H.264: RFC 6184, H.265: RFC 7798, AAC: RFC 3640 (AAC-hbr), G.711: RFC 3551.
Over TCP nothing is lost on the way, but a camera may leave packets out: a
picture with a hole is dropped. Whatever comes, nothing is raised and nothing
grows without end.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from vms_desktop.core.sdp import Track

MAX_PICTURE_BYTES = 8 * 1024 * 1024
"""A picture larger than this has no end."""
MAX_PICTURE_PARTS = 16_384
"""As many as the largest picture has in packets of half a kilobyte."""
MOST_HOLES = 4
"""So many pictures in a row with a hole, or"""
MOST_GAPS = 8
"""so many packets in a row that do not follow: the camera does not number them as it should."""

_START = b"\x00\x00\x00\x01"
_SHORT_START = _START[1:]
_HEADER = struct.Struct(">BBHI4x")
_PLAIN = 0x80  # Version 2 without padding, extension or further sources.
_TURN = 1 << 32
_NEAR = 1 << 24  # Three minutes of a picture's clock.
_AAC_SAMPLES = 1024
_FU_A, _STAP_A = 28, 24
_H265_AP, _H265_FU = 48, 49
_H264_SLICES = frozenset(range(1, 6))
_H264_KEYFRAMES = frozenset({5})
_H265_SLICES = frozenset(range(32))
_H265_KEYFRAMES = frozenset(range(16, 24))
_AAC_LC = 2
_SOUND_HZ = range(4_000, 192_001)
_SEI = 6
_RECOVERY_POINT = b"\x06"


class RtpPacket(NamedTuple):
    """The parts of a packet that matter here; `sequence` 16, `timestamp` 32 bits."""

    marker: bool
    sequence: int
    timestamp: int
    payload: bytes
    payload_type: int


class Unit(NamedTuple):
    """A picture, or a piece of sound: its time in ticks of the track's clock, which does not wrap.

    `follows` tells that by the packets' numbers nothing is missing before it.
    """

    data: bytes
    ticks: int
    is_keyframe: bool
    duration: int = 0
    follows: bool = True


class Depacketizer(Protocol):
    """Takes the packets of one track in their order."""

    timeline: "Timeline"

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        """What this packet completes."""

    def pass_over(self, sequence: int) -> None:
        """A packet came that is not of the track, and may be counted among its packets."""


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet in these bytes; None where they are none."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp = _HEADER.unpack_from(data)
    if first == _PLAIN and len(data) > 12:  # Nearly all: hundreds come in a second from a camera.
        return RtpPacket(second > 127, sequence, timestamp, data[12:], second & 127)
    payload = _payload(first, data) if first >> 6 == 2 else None
    return RtpPacket(second > 127, sequence, timestamp, payload, second & 127) if payload else None


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
        case "MPEG4-GENERIC" if track.clock_hz in _SOUND_HZ and _is_usual_aac(track):
            return AacDepacketizer()
        case "PCMU" | "PCMA" if track.clock_hz in _SOUND_HZ and track.channels <= 2:
            return SampleDepacketizer(track.channels)
    return None


def _is_usual_aac(track: Track) -> bool:
    """AAC-LC in the form that cameras send: what else there is has other lengths of a frame."""
    given = track.parameters
    lengths = (given.get("sizelength"), given.get("indexlength"), given.get("indexdeltalength"))
    try:
        config = bytes.fromhex(given.get("config", ""))
    except ValueError:
        return False
    is_known = given.get("mode", "").lower() == "aac-hbr" and lengths == ("13", "3", "3")
    return is_known and len(config) >= 2 and config[0] >> 3 == _AAC_LC


class Timeline:
    """RTP's 32-bit timestamps as numbers that do not wrap; the first one is 0.

    A stray timestamp moves nothing: where the numbers wrap follows from those
    that are near to each other.
    """

    def __init__(self) -> None:
        self._known: int | None = None
        self._ticks = 0
        self._last = 0

    def ticks(self, timestamp: int) -> int:
        """The time of a packet in ticks since the first one."""
        ticks = self.at(timestamp)
        if ticks is None:
            self._known, ticks = timestamp, 0
        elif (timestamp - self._last + _NEAR) % _TURN < 2 * _NEAR:
            self._known, self._ticks = timestamp, ticks
        self._last = timestamp
        return ticks

    def at(self, timestamp: int) -> int | None:
        """The time of a moment near the last packets; None before the first one."""
        if self._known is None:
            return None
        step = (timestamp - self._known) % _TURN
        return self._ticks + (step if step < _TURN // 2 else step - _TURN)


class _SoundDepacketizer:
    """What sounds have in common: a packet left out is silence, and no more."""

    def __init__(self) -> None:
        self.timeline = Timeline()

    def pass_over(self, sequence: int) -> None:
        """Nothing depends on the numbers."""


class SampleDepacketizer(_SoundDepacketizer):
    """G.711: a byte is a sample of one channel."""

    def __init__(self, channels: int = 1) -> None:
        super().__init__()
        self._channels = channels

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        data, ticks = packet.payload, self.timeline.ticks(packet.timestamp)
        return (Unit(data, ticks, True, len(data) // self._channels),)


class AacDepacketizer(_SoundDepacketizer):
    """AAC: whole frames behind a list of their sizes, or a frame in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces = b""
        self._pieces_at: int | None = None

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        payload, ticks = packet.payload, self.timeline.ticks(packet.timestamp)
        count = int.from_bytes(payload[:2]) // 16
        start = 2 + 2 * count
        if start >= len(payload):
            return ()
        sizes = [int.from_bytes(payload[i : i + 2]) >> 3 for i in range(2, start, 2)]
        if count == 1 and sizes[0] > len(payload) - start:
            return self._joined(payload[start:], sizes[0], ticks)
        found = []
        for number, size in enumerate(sizes):
            frame = payload[start : start + size]
            start += size
            if len(frame) == size > 0:
                found.append(Unit(frame, ticks + number * _AAC_SAMPLES, True, _AAC_SAMPLES))
        return found

    def _joined(self, piece: bytes, size: int, ticks: int) -> Sequence[Unit]:
        """The frame of which this is a piece, once all of it has come."""
        if ticks != self._pieces_at:
            self._pieces, self._pieces_at = b"", ticks
        self._pieces += piece
        if len(self._pieces) < size:
            return ()
        whole, self._pieces, self._pieces_at = self._pieces, b"", None
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
        self._fragment_kind = 0
        self._size_bytes = 0
        self._timestamp: int | None = None
        self._expected: int | None = None
        self._is_ended = False
        self._has_slice = self._is_keyframe = self._has_hole = False
        self._marks_lie = self._numbers_lie = False
        self._is_after_gap = False
        self._holes = self._gaps = 0

    def pass_over(self, sequence: int) -> None:
        if sequence == self._expected:
            self._expected = sequence + 1 & 0xFFFF

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        done: Sequence[Unit] = ()
        marker, sequence, timestamp, payload, _ = packet
        follows = sequence == self._expected or self._expected is None or self._missed()
        self._expected = sequence + 1 & 0xFFFF
        if timestamp != self._timestamp:
            done = self._finish()
            self._timestamp = timestamp
        elif self._is_ended and not self._begins_picture(payload):
            self._marks_lie = True
        self._is_ended = False
        if follows:
            self._gaps = 0
        elif not self._begins_picture(payload):
            self._has_hole = True
        self._bound(payload)
        if self._h265:
            self._take_h265(payload)
        else:
            self._take_h264(payload)
        if marker and self._has_slice and self._fragment is None and not self._marks_lie:
            done = (*done, *self._finish())
            self._is_ended = True
        return done

    def _missed(self) -> bool:
        """Packets were left out; True where the numbers that say so are not believed.

        The picture that is under way is not whole. Where none is, it may have
        been whole pictures.
        """
        self._gaps += 1
        self._is_after_gap = True
        self._numbers_lie |= self._gaps >= MOST_GAPS
        if not self._numbers_lie and (self._has_slice or self._fragment):
            self._has_hole, self._fragment = True, None
        return self._numbers_lie

    def _bound(self, payload: bytes) -> None:
        """Let go of what never becomes a picture."""
        self._size_bytes += len(payload)
        if self._size_bytes > MAX_PICTURE_BYTES or len(self._parts) > MAX_PICTURE_PARTS:
            self._parts.clear()
            self._fragment, self._has_hole, self._size_bytes = None, True, 0

    def _begins_picture(self, payload: bytes) -> bool:
        """Whether a packet leads a picture, though it carries the time of the one before.

        It does unless it holds a slice that is not the first of its picture.
        """
        if self._h265:
            kind = payload[0] >> 1 & 63
            if kind == _H265_FU and len(payload) > 3:
                return payload[2] & 0x80 > 0 and payload[3] & 0x80 > 0
            return kind not in self._slices or (len(payload) > 2 and payload[2] & 0x80 > 0)
        kind = payload[0] & 31
        if kind == _FU_A and len(payload) > 2:
            return payload[1] & 0x80 > 0 and payload[2] & 0x80 > 0
        return kind not in self._slices or (len(payload) > 1 and payload[1] & 0x80 > 0)

    def _finish(self) -> Sequence[Unit]:
        """The picture that has come together, if there is a whole one."""
        self._end_fragment()
        if not (self._has_slice or self._has_hole):
            return ()  # Parameter sets alone belong to the picture that follows.
        parts, is_keyframe, timestamp = self._parts, self._is_keyframe, self._timestamp
        is_whole = self._has_slice and not self._has_hole
        self._holes = 0 if is_whole else self._holes + 1
        self._numbers_lie |= self._holes >= MOST_HOLES
        self._parts, self._size_bytes = [], 0
        self._has_slice = self._is_keyframe = self._has_hole = False
        assert timestamp is not None
        ticks = self.timeline.ticks(timestamp)
        if not is_whole:
            return ()
        follows, self._is_after_gap = not self._is_after_gap, False
        return (Unit(b"".join(parts), ticks, is_keyframe, follows=follows),)

    def _take_h264(self, payload: bytes) -> None:
        kind = payload[0] & 31
        if kind == _FU_A:
            if len(payload) > 2:
                flags = payload[1]
                head = bytes(((payload[0] & 0xE0) | (flags & 31),)) if flags & 0x80 else b""
                self._take_fragment(flags, head, payload[2:], flags & 31)
        elif 0 < kind < _STAP_A:
            self._add(payload, kind)
        elif kind == _STAP_A:
            for unit in _aggregated(payload[1:]):
                self._add(unit, unit[0] & 31)
        elif payload.startswith((_START, _SHORT_START)):
            self._add_each(payload)

    def _take_h265(self, payload: bytes) -> None:
        if len(payload) < 3:
            return
        kind = payload[0] >> 1 & 63
        if kind == _H265_FU:
            whole_kind = payload[2] & 63
            head = bytes(((payload[0] & 0x81) | (whole_kind << 1), payload[1]))
            self._take_fragment(payload[2], head, payload[3:], whole_kind)
        elif kind == _H265_AP:
            for unit in _aggregated(payload[2:]):
                self._add(unit, unit[0] >> 1 & 63)
        elif payload.startswith((_START, _SHORT_START)):
            self._add_each(payload)
        elif kind < _H265_AP:
            self._add(payload, kind)

    def _take_fragment(self, flags: int, head: bytes, data: bytes, kind: int) -> None:
        if flags & 0x80:
            self._end_fragment()
            self._fragment, self._fragment_kind = [head], kind
        if self._fragment is None:
            self._has_hole = True  # Its beginning never came.
            return
        self._fragment.append(data)
        if flags & 0x40:
            self._end_fragment()

    def _end_fragment(self) -> None:
        """What has come is whole, with or without the mark of its end: nothing was left out."""
        pieces, self._fragment = self._fragment, None
        if pieces is None:
            return
        if self._fragment_kind in self._slices:
            self._add_slice(pieces, self._fragment_kind)
        else:
            self._add(b"".join(pieces), self._fragment_kind)

    def _add_slice(self, pieces: Iterable[bytes], kind: int) -> None:
        self._parts.append(_START)
        self._parts += pieces
        self._has_slice = True
        self._is_keyframe |= kind in self._keyframes

    def _add(self, unit: bytes, kind: int) -> None:
        if kind in self._slices:
            self._add_slice((unit,), kind)
        elif _SHORT_START in unit:
            self._add_each(unit)  # Several in one, as some cameras send what leads a keyframe.
        else:
            self._parts += (_START, unit)
            if not self._h265 and kind == _SEI and unit[1:2] == _RECOVERY_POINT:
                self._is_keyframe = True  # An intra picture of a camera that sends no IDR.

    def _add_each(self, units: bytes) -> None:
        """Units that come in Annex B form."""
        for unit in units.split(_SHORT_START):
            if whole := unit.rstrip(b"\x00"):
                self._add(whole, whole[0] >> 1 & 63 if self._h265 else whole[0] & 31)


def _aggregated(payload: bytes) -> Iterable[bytes]:
    """The units of an aggregation packet, each behind its size."""
    start = 0
    while start + 2 < len(payload):
        size = int.from_bytes(payload[start : start + 2])
        unit = payload[start + 2 : start + 2 + size]
        start += 2 + size
        if len(unit) == size > 0:
            yield unit
