"""Parameter sets kept by kind and id, as decoders keep them.

Cameras send some of them in their description only, repeat others, or send a
single one anew. What a picture needs follows from the id that its slices name.
"""

from typing import NamedTuple

from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, payload
from vms_desktop.core.stream.bitstream.nal import nal_types, picture_head
from vms_desktop.core.stream.bitstream.sps import Shape, h264_sequence_set, h265_sequence_set

# Scaling lists make a set of a kilobyte; what is larger is none.
MAX_SET_BYTES = 4096

_MOST = {7: 32, 8: 256, 32: 16, 33: 16, 34: 64}  # Ids of each kind.
_SLICE_HEAD_BYTES = 16
_INTRA = frozenset({2, 4})  # H.264, table 7-6: I and SI, modulo 5.
_H265_INTRA = 2  # H.265, table 7-7.

# Type of unit, and id.
SetKey = tuple[int, int]


class _Set(NamedTuple):
    """A set as it came, and what of it is needed here.

    Attributes:
        refers_to: Id of the set above it (a PPS's SPS, an SPS's VPS).
        shape, reordered: Of a sequence parameter set.
        extra_bits: Of an H.265 PPS: how many bits stand before the type of a slice.
    """

    unit: bytes
    refers_to: int = 0
    shape: Shape | None = None
    extra_bits: int = 0
    reordered: int = 0


class SliceHead(NamedTuple):
    """The beginning of a slice: whether it needs no other picture, and the id of its PPS."""

    is_intra: bool
    picture_set: int


class ParameterSets:
    """Those that are valid at the moment, for the thread that reads the stream.

    Args:
        known: Sets in Annex B form that were told beside the stream.
    """

    def __init__(self, codec: str, known: bytes = b"") -> None:
        self._types = nal_types(codec)
        self._sets: dict[SetKey, _Set] = {}
        for kind, unit in picture_head(known, self._types).units:
            self.take(kind, unit)

    @property
    def are_known(self) -> bool:
        """Whether there are a sequence's and a picture's at all."""
        kinds = {kind for kind, _ in self._sets}
        return kinds.issuperset(self._types.parameters[-2:])

    def take(self, kind: int, unit: bytes) -> SetKey | None:
        """Keep a set in the place of the one of its kind and id; None for what is no set."""
        if kind not in self._types.parameters or len(unit) > MAX_SET_BYTES:
            return None
        try:
            number, parsed = self._parsed(kind, unit)
        except BitsError:
            return None
        if number >= _MOST[kind]:
            return None
        self._sets[kind, number] = parsed
        return kind, number

    @property
    def are_reordered(self) -> bool:
        """Whether they say that pictures are not sent in the order in which they are shown."""
        return any(each.reordered for each in self._sets.values())

    def used_by(self, picture_set: int) -> dict[SetKey, bytes]:
        """The sets that a picture with a PPS of this id needs, and those its followers may.

        VPS, SPS, every PPS of that SPS; empty where one is not known.
        """
        *above, sequences, pictures = self._types.parameters
        number, sequence = self._sequence_of(picture_set)
        if sequence is None:
            return {}
        shared = {(sequences, number), *((kind, sequence.refers_to) for kind in above)}
        return {
            key: each.unit
            for key, each in sorted(self._sets.items(), key=lambda item: item[0][0])
            if key in shared or (key[0] == pictures and each.refers_to == number)
        }

    def shape(self, picture_set: int) -> Shape | None:
        """The shape of a picture with a PPS of this id; None where it is not known."""
        _, sequence = self._sequence_of(picture_set)
        return sequence.shape if sequence else None

    def _sequence_of(self, picture_set: int) -> tuple[int, _Set | None]:
        """Id and SPS of a PPS of this id; None where one of both is not known."""
        sequences, pictures = self._types.parameters[-2:]
        picture = self._sets.get((pictures, picture_set))
        number = picture.refers_to if picture else -1
        return number, self._sets.get((sequences, number))

    def slice_head(self, data: bytes, at: int) -> SliceHead | None:
        """Read the beginning of the slice whose first byte is at `at`; None for nonsense.

        Of H.265 only the first slice of a picture can be read.
        """
        kind = self._types.of(data[at])
        start = at + self._types.head_bytes
        reader = BitReader(payload(data[start : start + _SLICE_HEAD_BYTES]))
        try:
            if not self._types.is_h265:
                reader.unsigned()  # Where it begins in the picture.
                is_intra = reader.unsigned() % 5 in _INTRA
                return SliceHead(is_intra, reader.unsigned())
            is_first = reader.flag()
            if kind in self._types.keyframes:
                reader.flag()
            number = reader.unsigned()
            picture = self._sets.get((self._types.parameters[-1], number))
            if picture is None or not is_first:
                return SliceHead(False, number)
            reader.bits(picture.extra_bits)
            return SliceHead(reader.unsigned() == _H265_INTRA, number)
        except BitsError:
            return None

    def _parsed(self, kind: int, unit: bytes) -> tuple[int, _Set]:
        *above, sequences, _ = self._types.parameters
        if kind == sequences:
            read = h265_sequence_set if self._types.is_h265 else h264_sequence_set
            found = read(unit)
            parsed = _Set(unit, found.video_set, found.shape, reordered=found.reordered)
            return found.number, parsed
        reader = BitReader(payload(unit[self._types.head_bytes :]))
        if kind in above:
            return reader.bits(4), _Set(unit)
        number, sequence = reader.unsigned(), reader.unsigned()
        if not self._types.is_h265:
            return number, _Set(unit, sequence)
        reader.bits(2)
        return number, _Set(unit, sequence, extra_bits=reader.bits(3))


def shape_of(keyframe: bytes, codec: str) -> Shape | None:
    """The shape of a picture that has its parameter sets before it; None where it has not."""
    types = nal_types(codec)
    sets, head = ParameterSets(codec), picture_head(keyframe, types)
    for kind, unit in head.units:
        sets.take(kind, unit)
    begins = sets.slice_head(keyframe, head.slice_at) if head.slice_type is not None else None
    return sets.shape(begins.picture_set) if begins else None
