"""The sound of a clip: copied as it came, or encoded as AAC where an MP4 does not take it.

A track says of itself what its configuration says: rate, channels and the
configuration itself, without which only FFmpeg plays AAC.
"""

import logging
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from typing import Any, Protocol

import av
from av.container import OutputContainer

from vms_desktop.core.media import audio_decoder
from vms_desktop.core.stream import AudioFacts, AvPacket, Packet
from vms_desktop.core.stream.bitstream import AAC_RATES_HZ, aac_silence, parse_aac_config

log = logging.getLogger(__name__)

_COPIED = frozenset({"aac", "opus"})
_HEADER_FIRST = {"movflags": "frag_keyframe+empty_moov"}
# Of each channel.
_AAC_BIT_RATE = 48_000
_AAC_FRAME_SAMPLES = 1024
_AAC_CHANNELS = 2
_MAX_HOLE_S = 0.1


class ClipTrack(Protocol):
    """A track of a clip: takes packets with their times in the clip, gives what is muxed."""

    def packets(self, packet: Packet) -> Sequence[AvPacket]: ...
    def flush(self) -> Sequence[AvPacket]: ...


class SoundTrack(ClipTrack, Protocol):
    """A track of sound.

    Attributes:
        sound: What it takes.
    """

    sound: AudioFacts

    def lead(self, until_s: Fraction) -> Sequence[AvPacket]:
        """Silence from the clip's beginning to the first sound.

        Without it the first sound would last from the beginning on: the file's
        header stands before anybody knows when the sound begins.
        """


def sound_track(container: OutputContainer, sound: AudioFacts) -> SoundTrack | None:
    """A track for the sound; None where a clip cannot have it."""
    return _track(container, sound) if _is_taken(sound) else None


@lru_cache(maxsize=64)
def _is_taken(sound: AudioFacts) -> bool:
    """True if a file begins with such a track. Tried out, since a refusal costs the picture."""
    try:
        with av.open(BytesIO(), "w", format="mp4", options=dict(_HEADER_FIRST)) as rehearsal:
            _track(rehearsal, sound)
            rehearsal.start_encoding()
    except (av.FFmpegError, ValueError) as err:
        log.warning("sound is left out: %s: %s", sound, err)
        return False
    return True


def _track(container: OutputContainer, sound: AudioFacts) -> SoundTrack:
    """Raises ValueError or av.FFmpegError for sound that is not understood."""
    if sound.rate_hz <= 0:
        raise ValueError("no rate")
    return _CopiedSound(container, sound) if sound.codec in _COPIED else _AacSound(container, sound)


class CopyTrack:
    """Packets as they came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        packet.data.stream = self._stream
        return [packet.data]

    def flush(self) -> Sequence[AvPacket]:
        return []


class _CopiedSound(CopyTrack):
    """AAC or Opus."""

    def __init__(self, container: OutputContainer, sound: AudioFacts) -> None:
        with av.open(BytesIO(), "w", format="matroska") as blank:
            stream = container.add_stream_from_template(blank.add_stream(sound.codec))
        # A template's own facts reach neither `esds` nor `mp4a`; those of its context do.
        context: Any = stream.codec_context
        context.sample_rate, context.layout = sound.rate_hz, sound.layout
        context.extradata = sound.config or None
        stream.time_base = sound.time_base
        super().__init__(stream)
        self.sound = sound

    def lead(self, until_s: Fraction) -> Sequence[AvPacket]:
        config = parse_aac_config(self.sound.config) if self.sound.codec == "aac" else None
        if config is None or not config.frame_samples:
            return []
        frame_s = Fraction(config.frame_samples, config.core_hz)
        return _silence(self._stream, config.core_channels, frame_s, until_s)


class _AacSound:
    """Sound that an MP4 does not take (G.711), as AAC."""

    def __init__(self, container: OutputContainer, sound: AudioFacts) -> None:
        self.sound = sound
        self._decoder = audio_decoder(sound)
        self._rate = min(AAC_RATES_HZ, key=lambda rate: abs(rate - sound.rate_hz))
        self._channels = min(sound.channels, _AAC_CHANNELS)
        self._layout = f"{self._channels}c"
        stream: Any = container.add_stream("aac", rate=self._rate, layout=self._layout)
        stream.bit_rate = _AAC_BIT_RATE * self._channels
        stream.codec_context.open()
        self._stream = stream
        self._resampler = self._new_resampler()
        self._expected_s = 0.0

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        frames = self._decoder.decode(packet.data)
        return self._encoded(part for frame in frames for part in self._resampled(frame))

    def flush(self) -> Sequence[AvPacket]:
        return [*self._encoded(self._resampler.resample(None)), *self._stream.encode(None)]

    def lead(self, until_s: Fraction) -> Sequence[AvPacket]:
        frame_s = Fraction(_AAC_FRAME_SAMPLES, self._rate)
        # The encoder begins with a frame of its own.
        return _silence(self._stream, self._channels, frame_s, until_s - frame_s)

    def _resampled(self, frame: av.AudioFrame) -> Iterable[av.AudioFrame]:
        """Frames of the encoder's size.

        Their times follow from the first samples of a run, so a hole begins a new one.
        """
        begins_s = self._expected_s if frame.time is None else frame.time
        if abs(begins_s - self._expected_s) > _MAX_HOLE_S:
            self._resampler = self._new_resampler()
        self._expected_s = begins_s + frame.samples / frame.sample_rate
        return self._resampler.resample(frame)

    def _new_resampler(self) -> av.AudioResampler:
        return av.AudioResampler("fltp", self._layout, self._rate, frame_size=_AAC_FRAME_SAMPLES)

    def _encoded(self, parts: Iterable[av.AudioFrame]) -> Sequence[AvPacket]:
        """Packets in the clip.

        The encoder's own first frame may lie before the clip: the muxer would move everything
        that follows to make room for it, and the first picture would last longer.
        """
        packets = (packet for part in parts for packet in self._stream.encode(part))
        return [packet for packet in packets if packet.pts is None or packet.pts >= 0]


def _silence(
    stream: Any, channels: int, frame_s: Fraction, until_s: Fraction
) -> Sequence[AvPacket]:
    """Frames of silence from a clip's beginning on, where it is for one or two channels."""
    packets: list[AvPacket] = []
    for number in range(int(until_s / frame_s) if channels in (1, 2) else 0):
        packet = av.Packet(aac_silence(channels))
        packet.time_base = frame_s
        packet.dts = packet.pts = number
        packet.duration = 1
        packet.is_keyframe = True
        packet.stream = stream
        packets.append(packet)
    return packets
