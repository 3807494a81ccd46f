"""Live sound: a camera's audio packets decoded and handed to the loudspeaker's thread."""

from collections import deque
from threading import Lock
from typing import Any

import av

from vms_desktop.core.stream import AudioFacts, AvPacket, Packet

SAMPLE_RATE = 48_000
CHANNELS = 1
BYTES_PER_SECOND = SAMPLE_RATE * CHANNELS * 2
# What waits longer is dropped: sound belongs to the picture that is shown.
MAX_LAG_S = 0.4


class SoundBuffer:
    """A short queue of samples (16-bit, mono, 48 kHz) between a camera and the loudspeaker."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chunks: deque[bytes] = deque()
        self._bytes = 0

    def put(self, samples: bytes) -> None:
        """Add samples; the oldest go where too much waits."""
        if not samples:
            return
        with self._lock:
            self._chunks.append(samples)
            self._bytes += len(samples)
            while self._bytes > MAX_LAG_S * BYTES_PER_SECOND and len(self._chunks) > 1:
                self._bytes -= len(self._chunks.popleft())

    def take(self, size_bytes: int) -> bytes:
        """So many bytes, silence where there is no more."""
        taken = bytearray()
        with self._lock:
            while self._chunks and len(taken) < size_bytes:
                chunk = self._chunks.popleft()
                missing = size_bytes - len(taken)
                taken += chunk[:missing]
                if len(chunk) > missing:
                    self._chunks.appendleft(chunk[missing:])
            self._bytes -= len(taken)
        return bytes(taken).ljust(size_bytes, b"\x00")


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
        self._resampler = _new_resampler()
        self._form: tuple[str, str, int] | None = None

    def decode(self, packet: Packet) -> bytes:
        """The samples of a packet; empty where it cannot be decoded."""
        return self.samples(packet.data)

    def samples(self, data: AvPacket) -> bytes:
        """The samples of a packet as PyAV reads it."""
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
            self._form, self._resampler = form, _new_resampler()
        return self._resampler.resample(frame)


def _new_resampler() -> av.AudioResampler:
    return av.AudioResampler("s16", "mono", SAMPLE_RATE)
