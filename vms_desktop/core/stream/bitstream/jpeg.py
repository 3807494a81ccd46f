"""JPEG pictures found in whatever stands around them, by walking their own segments.

Cameras lie about what surrounds a picture (boundaries, lengths); a picture tells by itself
where it ends. Segments and markers: ITU-T T.81, annex B. Knows nothing of networks.
"""

import re
from typing import NamedTuple

from vms_desktop.core.base import Size

# A picture of 20 megapixels, well compressed; what is larger is none, or would eat the memory.
MAX_BYTES = 8 * 2**20
# So many pictures in a row without an end, and no whole one: this camera writes no ends.
MOST_CUT = 3

_PREFIX = 0xFF
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FIRST_CODE = 0xC0  # Below it stand data, and what nobody uses.
_END = bytes((_PREFIX, _EOI))
_BEGIN = bytes((_PREFIX, _SOI, _PREFIX))
# Start of frame, every kind of coding; C4, C8 and CC among them are tables.
_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# In compressed data FF 00 is a byte and FF D0…D7 a restart. These end it; anything else that
# stands there is damage, which is the decoder's matter.
_AFTER_SCAN = re.compile(rb"\xff[\xc4\xd8-\xdd\xe0-\xef\xfe]")
_COMPONENTS = frozenset({1, 3})  # Grey or colour; four are ink, which no camera sends.


class Jpeg(NamedTuple):
    """A whole picture, from its first marker to its last."""

    data: bytes
    size: Size


class JpegFinder:
    """Takes bytes as they come and gives the whole pictures among them; owned by one thread.

    What stands between pictures is passed over. What a picture carries inside its segments
    (a preview, a comment) does not end it. It holds `max_bytes` at most.

    Attributes:
        is_open: Whether a picture has begun and not ended.
        dropped: Pictures that began and did not end, were too large, or of no known kind.
        noise_bytes: What was passed over since the last picture.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.dropped = self.noise_bytes = 0
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._found: list[Jpeg] = []
        self._cut_in_a_row = 0
        self.is_open = False
        self._at = self._segment_at = 0
        self._in_scan = False
        self._size = Size(0, 0)
        self._components = 0

    def feed(self, data: bytes) -> list[Jpeg]:
        """The pictures that these bytes complete."""
        self._held += data
        while self._step():
            pass
        if self.is_open and len(self._held) > self._max_bytes:
            self._drop(len(self._held))
        found, self._found = self._found, []
        return found

    def end(self, *, is_complete: bool) -> list[Jpeg]:
        """Nothing more comes; a picture under way counts where all that was promised has come."""
        if self.is_open:
            if is_complete and self._in_scan:
                self._give(len(self._held), _END)
            else:
                self._cut(len(self._held))
        self.clear()
        found, self._found = self._found, []
        return found

    def clear(self) -> None:
        """Forget what has come of a picture under way."""
        self._held.clear()
        self.is_open = False

    def _step(self) -> bool:
        """Get on by a segment; False where more has to come first."""
        if not self.is_open:
            return self._seek()
        return self._pass_scan() if self._in_scan else self._pass_segment()

    def _seek(self) -> bool:
        start = self._held.find(_BEGIN)
        # The last bytes may be the beginning of a beginning.
        noise_bytes = start if start >= 0 else max(0, len(self._held) - len(_BEGIN) + 1)
        del self._held[:noise_bytes]
        self.noise_bytes += noise_bytes
        self.is_open = start >= 0
        self._at = self._segment_at = 2
        self._in_scan = False
        self._size, self._components = Size(0, 0), 0
        return self.is_open

    def _pass_segment(self) -> bool:
        held = self._held
        while held[self._at : self._at + 2] == b"\xff\xff":  # Markers may be padded.
            self._at += 1
        at = self._at
        if len(held) < at + 2:
            return False
        code = held[at + 1]
        if held[at] == _PREFIX and code in _ALONE:
            self._at += 2
            return True
        if held[at] != _PREFIX or code < _FIRST_CODE or code in (_SOI, _EOI):
            # Cut off: the segment before has reached into what follows, or it ends without picture.
            return self._drop(self._segment_at if held[at] != _PREFIX else at)
        if len(held) < at + 4:
            return False
        end = at + 2 + int.from_bytes(held[at + 2 : at + 4])
        if end < at + 4:
            return self._drop(at)
        if len(held) < end:
            return False
        if code in _FRAME and end >= at + 10:
            self._take_frame(bytes(held[at:end]))
        self._in_scan = code == _SOS
        self._segment_at, self._at = at, end
        return True

    def _take_frame(self, segment: bytes) -> None:
        height, width = int.from_bytes(segment[5:7]), int.from_bytes(segment[7:9])
        self._size, self._components = Size(width, height), segment[9]

    def _pass_scan(self) -> bool:
        """Go through compressed data to the marker behind it."""
        found = _AFTER_SCAN.search(self._held, self._at)
        if found is None:
            self._at = max(self._at, len(self._held) - 1)  # The last byte may begin a marker.
            return False
        start = found.start()
        code = self._held[start + 1]
        if code == _EOI:
            self._cut_in_a_row = 0
            self._give(start + 2)
        elif code == _SOI:
            self._cut(start)
        else:  # Tables, and the next scan of a progressive picture.
            self._segment_at = self._at = start
            self._in_scan = False
        return True

    def _cut(self, end: int) -> None:
        """The picture stops short of its end, at what follows it."""
        self._cut_in_a_row += 1
        if self._in_scan and self._cut_in_a_row > MOST_CUT:
            self._give(end, _END)
        else:
            self._drop(end)

    def _give(self, end: int, ending: bytes = b"") -> None:
        if not all(self._size) or self._components not in _COMPONENTS:
            self._drop(end)
            return
        self.noise_bytes = 0
        self._found.append(Jpeg(bytes(self._held[:end]) + ending, self._size))
        self._forget(end)

    def _drop(self, end: int) -> bool:
        self.dropped += 1
        self._forget(end)
        return True

    def _forget(self, end: int) -> None:
        del self._held[:end]
        self.is_open = False
