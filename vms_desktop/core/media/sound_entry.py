"""An MP4's word on its AAC, found by its boxes, and what earlier versions left out.

They wrote no DecoderSpecificInfo, and two channels whatever came. What belongs there
fits into the very place, since they spelled every length with four bytes where one
will do: nothing else in the file moves. Boxes: ISO/IEC 14496-12; `mp4a` and `esds`:
14496-14, 3.1 and 5.6; descriptors: 14496-1, 7.2.6 and 8.3.3.
"""

from collections.abc import Iterator
from typing import IO, NamedTuple

_HEAD_BYTES, _LONG_HEAD_BYTES = 8, 16
_WAY = (b"mdia", b"minf", b"stbl", b"stsd")
# Version, flags, and how many entries follow.
_STSD_BYTES = 8
# Of an `mp4a` before the boxes in it: channels at 16, rate at 24.
_ENTRY_BYTES = 28
_CHANNELS_AT, _RATE_AT = 16, 24
_MOST_BYTES = 1024
_FULL_BOX_BYTES = 4

_ES, _DECODER, _SPECIFIC, _SL = 3, 4, 5, 6
_ES_BYTES, _DECODER_BYTES, _SL_BYTES = 3, 13, 1
_AAC, _AUDIO = 0x40, 5
_MOST_LENGTH_BYTES = 4


class SoundEntry(NamedTuple):
    """The place in a file that says what its sound is.

    Attributes:
        offset: Of its channels, from the beginning of the file.
        data: From there to the end of its `esds`.
    """

    offset: int
    data: bytes

    def saying(self, config: bytes, rate_hz: int, channels: int) -> bytes | None:
        """The same number of bytes, telling a configuration; None where it does not fit."""
        begin = _ENTRY_BYTES - _CHANNELS_AT + _HEAD_BYTES + _FULL_BOX_BYTES
        descriptors = _with_config(self.data[begin:], config)
        if descriptors is None or rate_hz >> 16:
            return None
        changed = bytearray(self.data[:begin])
        changed[:2] = channels.to_bytes(2)
        rate_at = _RATE_AT - _CHANNELS_AT
        changed[rate_at : rate_at + 4] = (rate_hz << 16).to_bytes(4)
        return bytes(changed) + descriptors


class _Box(NamedTuple):
    kind: bytes
    start: int  # Of what is in it.
    end: int


def mute_entry(file: IO[bytes]) -> SoundEntry | None:
    """The entry of AAC whose configuration is missing, in the shape of earlier versions.

    None for any other file: with another codec, more than one sound, its configuration,
    or damage that shows here.

    Raises:
        OSError: The disk does not give it.
    """
    try:
        end = file.seek(0, 2)
        moov = next((box for box in _boxes(file, 0, end) if box.kind == b"moov"), None)
        return _entry(file, _sound_of(file, moov)) if moov else None
    except (ValueError, IndexError):
        return None


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[_Box]:
    """The boxes that stand there whole, in their order."""
    while start + _HEAD_BYTES <= end:
        file.seek(start)
        head = file.read(_LONG_HEAD_BYTES)
        size, head_bytes = int.from_bytes(head[:4]), _HEAD_BYTES
        if size == 1:
            size, head_bytes = int.from_bytes(head[8:16]), _LONG_HEAD_BYTES
        if size < head_bytes or start + size > end:
            return
        yield _Box(head[4:8], start + head_bytes, start + size)
        start += size


def _only(file: IO[bytes], parent: _Box, kind: bytes) -> _Box:
    """The box of a kind; ValueError where there is not exactly one."""
    [found] = [box for box in _boxes(file, parent.start, parent.end) if box.kind == kind]
    return found


def _sound_of(file: IO[bytes], moov: _Box) -> _Box:
    """The sample descriptions of the only track of sound."""
    tracks = [box for box in _boxes(file, moov.start, moov.end) if box.kind == b"trak"]
    [found] = [track for track in tracks if _is_sound(file, track)]
    for kind in _WAY:
        found = _only(file, found, kind)
    return found


def _is_sound(file: IO[bytes], track: _Box) -> bool:
    handler = _only(file, _only(file, track, b"mdia"), b"hdlr")
    file.seek(handler.start + 8)
    return file.read(4) == b"soun"


def _entry(file: IO[bytes], stsd: _Box) -> SoundEntry | None:
    [entry] = _boxes(file, stsd.start + _STSD_BYTES, stsd.end)
    file.seek(entry.start)
    version = file.read(_CHANNELS_AT)[8:10]
    esds = next(_boxes(file, entry.start + _ENTRY_BYTES, entry.end), None)
    if entry.kind != b"mp4a" or version != b"\0\0" or esds is None or esds.kind != b"esds":
        return None
    offset = entry.start + _CHANNELS_AT
    if esds.start != entry.start + _ENTRY_BYTES + _HEAD_BYTES or esds.end - offset > _MOST_BYTES:
        return None
    file.seek(offset)
    data = file.read(esds.end - offset)
    begin = esds.start + _FULL_BOX_BYTES - offset
    return SoundEntry(offset, data) if _parts(data[begin:]) else None


def _parts(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The facts of stream, decoder and SL in an `esds` without a configuration; None for others.

    Raises ValueError or IndexError for nonsense.
    """
    [(tag, stream)] = _descriptors(data)
    if tag != _ES or stream[_ES_BYTES - 1]:  # Flags: more fields would follow.
        return None
    (first, decoder), (second, sl) = _descriptors(stream[_ES_BYTES:])
    is_ours = (first, len(decoder), second, len(sl)) == (_DECODER, _DECODER_BYTES, _SL, _SL_BYTES)
    is_aac = decoder[0] == _AAC and decoder[1] >> 2 == _AUDIO
    return (stream[:_ES_BYTES], decoder, sl) if is_ours and is_aac else None


def _descriptors(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of descriptors that fill the bytes."""
    found = []
    while data:
        tag, size, at = data[0], 0, 1
        while True:
            size, at = size << 7 | data[at] & 0x7F, at + 1
            if not data[at - 1] & 0x80:
                break
        if at + size > len(data):
            raise ValueError
        found.append((tag, data[at : at + size]))
        data = data[at + size :]
    return found


def _with_config(data: bytes, config: bytes) -> bytes | None:
    """The same with a configuration, not a byte longer: lengths are spelled as long as fits."""
    parts = _parts(data)
    if parts is None:
        return None
    head, decoder, sl = parts
    bodies = len(head) + len(decoder) + len(config) + len(sl)
    tags = 4
    spare = len(data) - bodies - 2 * tags
    if not 0 <= spare <= tags * (_MOST_LENGTH_BYTES - 1):
        return None
    extra = [min(_MOST_LENGTH_BYTES - 1, max(0, spare - 3 * n)) for n in range(tags)]
    specific = _descriptor(_SPECIFIC, config, extra[2])
    inner = _descriptor(_DECODER, decoder + specific, extra[1]) + _descriptor(_SL, sl, extra[3])
    return _descriptor(_ES, head + inner, extra[0])


def _descriptor(tag: int, body: bytes, extra: int) -> bytes:
    """A descriptor whose length is spelled with so many bytes more than it needs."""
    return bytes([tag, *[0x80] * extra, len(body)]) + body
