"""Live sound: a camera's audio packets decoded and handed to the loudspeaker's thread."""

from threading import Lock
from typing import Any

import av

from vms_desktop.core.stream import AudioFacts, AvPacket

SOUND_RATE_HZ = 48_000
SOUND_CHANNELS = 1
BYTES_PER_SECOND = SOUND_RATE_HZ * SOUND_CHANNELS * 2
# What waits longer is dropped: sound belongs to the picture that is shown.
MAX_LAG_S = 0.4
_MAX_LAG_BYTES = round(MAX_LAG_S * BYTES_PER_SECOND)


class SoundBuffer:
    """A short queue of samples (16-bit, mono, 48 kHz) between a camera and the loudspeaker."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting = bytearray()

    def put(self, samples: bytes) -> None:
        """Add samples; the oldest go where too much waits, but none of those that came last."""
        if samples:
            with self._lock:
                self._waiting += samples
                del self._waiting[: -max(_MAX_LAG_BYTES, len(samples))]

    def take(self, size_bytes: int) -> bytes:
        """The next samples, silence where there are no more."""
        with self._lock:
            taken = bytes(self._waiting[:size_bytes])
            del self._waiting[:size_bytes]
        return taken.ljust(size_bytes, b"\x00")

    def clear(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._waiting.clear()


def audio_decoder(sound: AudioFacts) -> Any:
    """PyAV's decoder of a sound."""
    context: Any = av.CodecContext.create(sound.codec, "r")
    if sound.config:
        context.extradata = sound.config
    context.sample_rate, context.layout = sound.rate_hz, sound.layout
    return context


class SoundDecoder:
    """Decodes one audio stream to the buffer's samples; owned by one thread."""

    def __init__(self, sound: AudioFacts) -> None:
        self._context = audio_decoder(sound)
        self._resampler: av.AudioResampler
        self._form: tuple[str, str, int] | None = None

    def decode(self, data: AvPacket) -> bytes:
        """The samples of a packet; empty where it cannot be decoded."""
        try:
            frames = self._context.decode(data)
            parts = [part for frame in frames for part in self._resampled(frame)]
        except av.FFmpegError:
            return b""
        return b"".join(bytes(part.planes[0])[: part.samples * 2] for part in parts)

    def _resampled(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """The frame at the loudspeaker's rate; its own may change in the middle of a stream."""
        form = frame.format.name, frame.layout.name, frame.sample_rate
        if form != self._form:
            self._form = form
            self._resampler = av.AudioResampler("s16", "mono", SOUND_RATE_HZ)
        return self._resampler.resample(frame)
