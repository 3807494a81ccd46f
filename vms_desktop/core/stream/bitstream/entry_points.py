"""Entry points of a decoder: pictures are judged, and entries get what they need.

Behind this module every keyframe has its parameter sets before it, whatever
the camera told only in its description, and every keyframe can be decoded.
"""

from collections.abc import Iterable
from typing import NamedTuple

from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, payload
from vms_desktop.core.stream.bitstream.nal import (
    LONG_START_CODE,
    NalTypes,
    PictureHead,
    nal_types,
    picture_head,
    units_from,
)
from vms_desktop.core.stream.bitstream.parameter_sets import ParameterSets, SetKey, SliceHead

# While a camera sends true entries at least this often, its other I pictures are none: what
# follows those may refer to what came before them.
DOUBT_S = 4.0

# So long pictures may come before it is told that none of them is an entry.
ENTRY_PATIENCE_S = 10.0

_RECOVERY_POINT = 6  # SEI payload type: H.264 D.1.8, H.265 D.2.8.
# "From here on all is exact": a decoder begins at an I picture only where it is told so.
_H264_RECOVERY_SEI = bytes((0x06, _RECOVERY_POINT, 1, 0xC4, 0x80))
_H265_RECOVERY_SEI = bytes((0x4E, 0x01, _RECOVERY_POINT, 1, 0xD0, 0x80))


class Picture(NamedTuple):
    """A picture in Annex B form, and whether a decoder can begin at it."""

    data: bytes
    is_keyframe: bool


class EntryWait:
    """Notices that a stream's pictures come and none of them is an entry."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._is_over = False

    def in_vain(self, *, is_keyframe: bool, arrived: float) -> bool:
        """True if with this picture it is time to tell; once at most."""
        if self._is_over:
            return False
        self._since = arrived if self._since is None else self._since
        is_late = arrived - self._since >= ENTRY_PATIENCE_S
        self._is_over = is_keyframe or is_late
        return is_late and not is_keyframe


class EntryPoints:
    """Judges the pictures of one H.264 or H.265 stream; owned by the thread that reads it.

    Args:
        known: Parameter sets that were told beside the stream, in Annex B form.
    """

    def __init__(self, codec: str, known: bytes) -> None:
        self._types = nal_types(codec)
        self._sets = ParameterSets(codec, known)
        self._told_at = float("-inf")

    @property
    def are_reordered(self) -> bool:
        """Whether the stream's sets say that its pictures come in another order."""
        return self._sets.are_reordered

    def take(self, data: bytes, now: float) -> Picture:
        """Judge a picture in Annex B form that came at monotonic time `now`."""
        head = picture_head(data, self._types)
        present = [self._sets.take(kind, unit) for kind, unit in head.units]
        if head.slice_type is None:
            return Picture(data, False)
        is_told = self._is_told(head)
        if is_told:
            self._told_at = now
        elif now - self._told_at < DOUBT_S:
            return Picture(data, False)  # Nearly all; their slices need not be read.
        first = self._sets.slice_head(data, head.slice_at)
        if first is None or not (is_told or self._is_intra(data, head.slice_at, first)):
            return Picture(data, False)
        needed = self._sets.used_by(first.picture_set)
        if not needed:
            # Sets that this program cannot read; the decoder may.
            is_keyframe = head.slice_type in self._types.keyframes and self._sets.are_known
            return Picture(data, is_keyframe)
        if is_told and _leads(present, needed):
            return Picture(data, True)
        return Picture(self._completed(data, head, present, needed, is_told=is_told), True)

    def _is_told(self, head: PictureHead) -> bool:
        """True if the stream says so: an IDR picture, an IRAP, a recovery point."""
        types = self._types
        return head.slice_type in types.keyframes or any(
            kind == types.recovery_sei and recovery_point(unit, types) is not None
            for kind, unit in head.units
        )

    def _is_intra(self, data: bytes, start: int, first: SliceHead) -> bool:
        """True if no slice of the picture needs another one; of a refresh only one is such."""
        if self._types.is_h265 or not first.is_intra:
            return first.is_intra
        heads = (
            self._sets.slice_head(data, at)
            for at, _ in units_from(data, start)
            if self._types.of(data[at]) in self._types.slices
        )
        return all(head is not None and head.is_intra for head in heads)

    def _completed(
        self,
        data: bytes,
        head: PictureHead,
        present: list[SetKey | None],
        needed: dict[SetKey, bytes],
        *,
        is_told: bool,
    ) -> bytes:
        """The picture behind all its sets, and behind the word that it is an entry."""
        given = list(zip(present, (unit for _, unit in head.units), strict=True))
        sets = needed | {key: unit for key, unit in given if key is not None}
        in_order = [sets[key] for key in sorted(sets, key=lambda key: key[0])]
        others = [unit for key, unit in given if key is None]
        # A delimiter stands first of all where there is one.
        is_delimited = bool(others) and self._types.of(others[0][0]) == self._types.delimiter
        leading, rest = others[:is_delimited], others[is_delimited:]
        recovery = _H265_RECOVERY_SEI if self._types.is_h265 else _H264_RECOVERY_SEI
        told = [] if is_told else [recovery]
        units = (*leading, *in_order, *rest, *told, data[head.slice_at :])
        return b"".join(LONG_START_CODE + unit for unit in units)


def _leads(present: list[SetKey | None], needed: dict[SetKey, bytes]) -> bool:
    """True if the picture has the sets before it, each behind those that it refers to."""
    keys = [key for key in present if key is not None]
    kinds = [kind for kind, _ in keys]
    return needed.keys() <= set(keys) and kinds == sorted(kinds)


def recovery_point(sei: bytes, types: NalTypes) -> int | None:
    """In how many pictures all is there, where the unit tells a recovery point; else None."""
    for kind, body in _sei_messages(payload(sei[types.head_bytes :])):
        if kind == _RECOVERY_POINT:
            reader = BitReader(body)
            try:
                return reader.signed() if types.is_h265 else reader.unsigned()
            except BitsError:
                return None
    return None


def _sei_messages(data: bytes) -> Iterable[tuple[int, bytes]]:
    """Type and body of each message of an SEI unit (H.264, 7.3.2.3.1)."""
    at = 0
    while at + 2 < len(data):
        numbers = []
        for _ in range(2):
            number = 0
            while at < len(data) and data[at] == 0xFF:
                number, at = number + 0xFF, at + 1
            if at >= len(data):
                return
            numbers.append(number + data[at])
            at += 1
        kind, size = numbers
        yield kind, data[at : at + size]
        at += size
