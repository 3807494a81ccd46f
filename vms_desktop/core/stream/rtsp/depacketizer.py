"""RTP packets (RFC 3550) put together again to the pictures that they carry.

H.264: RFC 6184, H.265: RFC 7798; sounds: `sound_depacketizer`.
Over TCP nothing is lost on the way, but a camera may leave packets out: a
picture with a hole is dropped. Whatever comes, nothing is raised and nothing
grows without end.
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vms_desktop.core.stream.bitstream import H264_TYPES, H265_TYPES, LONG_START_CODE, START_CODE
from vms_desktop.core.stream.packets import AudioFacts
from vms_desktop.core.stream.rtsp.sdp import Track

# A picture larger than this has no end.
MAX_PICTURE_BYTES = 8 * 1024 * 1024
# As many as the largest picture has in packets of half a kilobyte.
MAX_PICTURE_PARTS = 16_384
# So many pictures in a row with a hole, or
MOST_HOLES = 4
# so many packets in a row that do not follow: the camera does not number them as it should.
MOST_GAPS = 8

_HEADER = struct.Struct(">BBHI4x")
_PLAIN = 0x80  # Version 2 without padding, extension or further sources.
_TURN = 1 << 32
_NEAR = 1 << 24  # Three minutes of a picture's clock.


class RtpPacket(NamedTuple):
    """The parts of a packet that matter here; `sequence` 16, `timestamp` 32 bits."""

    marker: bool
    sequence: int
    timestamp: int
    payload: bytes
    payload_type: int


class Unit(NamedTuple):
    """A picture, or a piece of sound: its time in ticks of the track's clock, which does not wrap.

    Of a picture `is_keyframe` tells nothing: `entry_points` looks for that. `follows`
    tells that by the packets' numbers nothing is missing before it.
    """

    data: bytes
    ticks: int
    is_keyframe: bool
    duration: int = 0
    follows: bool = True


class Depacketizer(ABC):
    """Takes the packets of one track in their order.

    Attributes:
        sound: What the sound of its last unit is, or was announced to be; None for pictures.
    """

    sound: AudioFacts | None = None

    def __init__(self) -> None:
        self.timeline = Timeline()

    @abstractmethod
    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        """The units that this packet completes."""

    def pass_over(self, sequence: int) -> None:  # noqa: B027 - a sound left out is silence
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
    """The bytes between sources, extension and padding; None for nonsense."""
    start, end = _HEADER.size + 4 * (first & 15), len(data)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        end -= data[-1]
    return data[start:end] if start < end else None


def depacketizer(track: Track) -> Depacketizer | None:
    """One for a track of pictures; None for a codec, or a form of it, that is not taken here."""
    match track.encoding:
        case "H264" if track.clock_hz:
            return PictureDepacketizer(h265=False)
        case "H265" | "HEVC" if (
            track.clock_hz and track.parameters.get("sprop-max-don-diff", "0") == "0"
        ):
            return PictureDepacketizer(h265=True)
    return None


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


class PictureDepacketizer(Depacketizer):
    """H.264 or H.265: NAL units to whole pictures in Annex B form.

    A picture ends with the packet that is marked, or with the first slice that
    begins another one at another time. A slice that begins none belongs to the
    picture under way, whatever its time. Some cameras mark every unit: those
    are believed no more, and their pictures come one packet later.
    """

    def __init__(self, *, h265: bool) -> None:
        super().__init__()
        self._types = H265_TYPES if h265 else H264_TYPES
        self._done: list[Unit] = []
        self._parts: list[bytes] = []
        self._own = 0  # So many parts are the picture's own; the rest leads the next one.
        self._fragment: list[bytes] | None = None
        self._fragment_kind = 0
        self._size_bytes = 0
        self._timestamp: int | None = None  # Of the newest packet.
        self._begun_at = 0  # Likewise of the picture's first slice.
        self._expected: int | None = None
        self._follows = True
        self._may_turn = False  # Whether a slice that begins a picture begins another one.
        self._is_ended = False
        self._has_slice = self._has_hole = False
        self._marks_lie = self._numbers_lie = False
        self._is_after_gap = False
        self._holes = self._gaps = 0

    def pass_over(self, sequence: int) -> None:
        if sequence == self._expected:
            self._expected = sequence + 1 & 0xFFFF

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        marker, sequence, timestamp, payload, _ = packet
        self._follows = sequence == self._expected or self._expected is None or self._missed()
        self._expected = sequence + 1 & 0xFFFF
        if timestamp != self._timestamp:
            self._timestamp, self._may_turn = timestamp, True
        if self._follows:
            self._gaps = 0
        elif self._continues(payload):
            self._has_hole = True
        self._bound(payload)
        self._take_payload(payload)
        if marker and self._fragment is None:
            self._marked()
        if not self._done:
            return ()
        done, self._done = self._done, []
        return done

    def _marked(self) -> None:
        """The camera says that a picture ends here: not where none has begun."""
        self._marks_lie |= not (self._has_slice or self._has_hole or self._is_ended)
        if self._has_slice and not self._marks_lie:
            self._finish()
            self._is_ended = True

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
            self._fragment, self._has_hole, self._size_bytes, self._own = None, True, 0, 0

    def _continues(self, payload: bytes) -> bool:
        """True if a packet needs the one before it: no unit begins in it, or a later slice."""
        head = self._types.head_bytes
        kind, flags = self._types.of(payload[0]), payload[head : head + 2]
        if kind == self._types.fragment:
            if len(flags) < 2 or not flags[0] & 0x80:
                return True
            kind, flags = flags[0] & self._types.type_bits, flags[1:]
        return kind in self._types.slices and not (flags and flags[0] & 0x80)

    def _open_slice(self, *, begins: bool) -> None:
        """A slice comes: of the picture under way, whatever its time, or the first of another."""
        if begins and self._may_turn:
            self._finish()
        elif not begins and self._is_ended and self._follows:
            self._marks_lie = True
        if not self._has_slice:
            assert self._timestamp is not None
            self._begun_at = self._timestamp
        self._may_turn = self._is_ended = False

    def _finish(self) -> None:
        """Let go of the picture that has come together, if it is a whole one.

        What came behind its last slice stays, parameter sets mostly: it leads the next one.
        """
        self._end_fragment()
        if not (self._has_slice or self._has_hole):
            return
        own, self._parts = self._parts[: self._own], self._parts[self._own :]
        is_whole = self._has_slice and not self._has_hole
        self._holes = 0 if is_whole else self._holes + 1
        self._numbers_lie |= self._holes >= MOST_HOLES
        self._size_bytes = self._own = 0
        if self._has_slice:
            ticks = self.timeline.ticks(self._begun_at)
            if is_whole:
                follows, self._is_after_gap = not self._is_after_gap, False
                unit = Unit(b"".join(own), ticks, is_keyframe=False, follows=follows)
                self._done.append(unit)
        self._has_slice = self._has_hole = False

    def _take_payload(self, payload: bytes) -> None:
        types, kind = self._types, self._types.of(payload[0])
        head, rest = payload[: types.head_bytes], payload[types.head_bytes :]
        if not rest and (types.is_h265 or kind == types.fragment):
            return  # The end of a sequence, at most: it would lead the next picture.
        if kind == types.fragment:
            if (
                len(rest) > 1 or rest[:1] < b"\x80"
            ):  # Without data it may end a unit, not begin one.
                self._take_fragment(head, rest[0], rest[1:])
        elif kind == types.aggregation:
            for unit in _aggregated(rest):
                self._add(unit, types.of(unit[0]))
        elif payload.startswith((LONG_START_CODE, START_CODE)):
            self._add_each(payload)
        elif 0 < kind < types.aggregation or kind in types.slices:
            self._add(payload, kind)

    def _take_fragment(self, head: bytes, flags: int, data: bytes) -> None:
        if flags & 0x80:
            self._end_fragment()
            kind = flags & self._types.type_bits
            if kind in self._types.slices:
                self._open_slice(begins=data[:1] >= b"\x80")
            self._fragment, self._fragment_kind = [self._types.head_as(kind, head)], kind
        if self._fragment is None:
            self._has_hole = True  # Its beginning never came.
            return
        self._fragment.append(data)
        if flags & 0x40:
            self._end_fragment()

    def _end_fragment(self) -> None:
        """Takes what has come for whole, marked at its end or not: nothing was left out."""
        pieces, self._fragment = self._fragment, None
        if pieces is None:
            return
        if self._fragment_kind in self._types.slices:
            self._add_slice(pieces)
        else:
            self._add(b"".join(pieces), self._fragment_kind)

    def _add_slice(self, pieces: Iterable[bytes]) -> None:
        self._parts.append(LONG_START_CODE)
        self._parts += pieces
        self._own, self._has_slice = len(self._parts), True

    def _add(self, unit: bytes, kind: int) -> None:
        self._end_fragment()
        if kind in self._types.slices:
            head = self._types.head_bytes
            self._open_slice(begins=unit[head : head + 1] >= b"\x80")
            self._add_slice((unit,))
        elif START_CODE in unit:
            self._add_each(unit)  # Several in one, as some cameras send what leads a keyframe.
        elif whole := unit.rstrip(b"\x00"):
            ends_picture = self._own == len(self._parts) and kind in self._types.endings
            self._parts += (LONG_START_CODE, whole)
            if ends_picture:
                self._own = len(self._parts)
            elif kind == self._types.delimiter:
                self._may_turn = True

    def _add_each(self, units: bytes) -> None:
        """Units that come in Annex B form."""
        for unit in units.split(START_CODE):
            if whole := unit.rstrip(b"\x00"):
                self._add(whole, self._types.of(whole[0]))


def _aggregated(payload: bytes) -> Iterable[bytes]:
    """The units of an aggregation packet, each behind its size."""
    start = 0
    while start + 2 < len(payload):
        size = int.from_bytes(payload[start : start + 2])
        unit = payload[start + 2 : start + 2 + size]
        start += 2 + size
        if len(unit) == size > 0:
            yield unit
