"""RTP packets put together again to the sounds that they carry.

AAC: RFC 3640 (AAC-hbr), G.711: RFC 3551. Cameras put ADTS heads before the
frames, or in the place of the list of their sizes, and leave out what the SDP
should say. Whatever comes, nothing is raised.
"""

from collections.abc import Sequence
from fractions import Fraction

from vms_desktop.core.stream.bitstream import AacTrack, parse_aac_config, parse_adts
from vms_desktop.core.stream.packets import AudioFacts
from vms_desktop.core.stream.rtsp.depacketizer import Depacketizer, RtpPacket, Unit
from vms_desktop.core.stream.rtsp.sdp import Track

# FFmpeg's name by RTP's of what is taken here.
SOUNDS = {"MPEG4-GENERIC": "aac", "PCMU": "pcm_mulaw", "PCMA": "pcm_alaw"}

_SOUND_HZ = range(4_000, 192_001)
_USUAL_LENGTHS = {"sizelength": "13", "indexlength": "3", "indexdeltalength": "3"}
_USUAL_OBJECTS = frozenset({2})  # What is not cut into 1024 samples of AAC-LC is FFmpeg's.


def sound_depacketizer(track: Track) -> Depacketizer | None:
    """One for the track; None for a codec, or a form of it, that is not taken here."""
    if track.clock_hz not in _SOUND_HZ:
        return None
    match track.encoding:
        case "MPEG4-GENERIC" if _is_usual_aac(track):
            return AacDepacketizer(track)
        case "PCMU" | "PCMA" if track.channels <= 2:
            return SampleDepacketizer(track)
    return None


def _is_usual_aac(track: Track) -> bool:
    """AAC-LC in the form that cameras send, or one of which nothing else is said."""
    given = track.parameters
    is_usual = all(given.get(name, usual) == usual for name, usual in _USUAL_LENGTHS.items())
    mode = given.get("mode", "AAC-hbr").lower().replace("_", "-")
    config = parse_aac_config(_announced_config(track))
    return is_usual and mode == "aac-hbr" and (not config or config.object_type in _USUAL_OBJECTS)


def _announced_config(track: Track) -> bytes:
    """The configuration in the SDP; empty where there is none that can be read."""
    try:
        return bytes.fromhex(track.parameters.get("config", ""))
    except ValueError:
        return b""


class SampleDepacketizer(Depacketizer):
    """G.711: a byte is a sample of one channel."""

    def __init__(self, track: Track) -> None:
        super().__init__()
        base, self._channels = Fraction(1, track.clock_hz), track.channels
        self.sound = AudioFacts(SOUNDS[track.encoding], track.clock_hz, track.channels, base)

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        data, ticks = packet.payload, self.timeline.ticks(packet.timestamp)
        return (Unit(data, ticks, True, len(data) // self._channels),)


class AacDepacketizer(Depacketizer):
    """AAC: whole frames behind a list of their sizes or behind heads, or a frame in pieces.

    The ticks are those of the clock that was announced. The sound's own rate
    is what its configuration says: some cameras announce another.
    """

    def __init__(self, track: Track) -> None:
        super().__init__()
        base = Fraction(1, track.clock_hz)
        told = AudioFacts("aac", track.clock_hz, track.channels, base, _announced_config(track))
        self._track = AacTrack(told)
        self.sound = self._track.facts
        self._pieces = b""
        self._pieces_at: int | None = None

    def take(self, packet: RtpPacket) -> Sequence[Unit]:
        payload, ticks = packet.payload, self.timeline.ticks(packet.timestamp)
        if parse_adts(payload):
            return self._units([payload], ticks)
        count = int.from_bytes(payload[:2]) // 16
        start = 2 + 2 * count
        if start >= len(payload):
            return ()
        sizes = [int.from_bytes(payload[i : i + 2]) >> 3 for i in range(2, start, 2)]
        if count == 1 and sizes[0] > len(payload) - start:
            return self._joined(payload[start:], sizes[0], ticks)
        listed = []
        for size in sizes:
            listed.append(payload[start : start + size])
            start += size
        whole = [each for each, size in zip(listed, sizes, strict=True) if len(each) == size]
        return self._units(whole, ticks)

    def _joined(self, piece: bytes, size: int, ticks: int) -> Sequence[Unit]:
        """The frame of which this is a piece, once all of it has come."""
        if ticks != self._pieces_at:
            self._pieces, self._pieces_at = b"", ticks
        self._pieces += piece
        if len(self._pieces) < size:
            return ()
        whole, self._pieces, self._pieces_at = self._pieces, b"", None
        return self._units([whole], ticks) if len(whole) == size else ()

    def _units(self, listed: Sequence[bytes], ticks: int) -> Sequence[Unit]:
        """The frames in what was listed, one after the other from a time on."""
        frames = [frame for each in listed for frame in self._track.take(each)]
        self.sound = self._track.facts
        step = self._track.frame_ticks
        return [Unit(frame, ticks + n * step, True, step) for n, frame in enumerate(frames)]
