"""Live sound: a camera's audio packets decoded and handed to the loudspeaker's thread."""

from collections import deque
from threading import Lock
from typing import Any

import av

from vms_desktop.core.packet import AvPacket, Packet

SAMPLE_RATE = 48_000
CHANNELS = 1
BYTES_PER_SECOND = SAMPLE_RATE * CHANNELS * 2
MAX_LAG_S = 0.4
"""What waits longer is dropped: sound belongs to the picture that is shown."""


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


class SoundDecoder:
    """Decodes one audio stream to the buffer's samples; owned by one thread."""

    def __init__(self, source: av.AudioStream) -> None:
        given = source.codec_context
        context: Any = av.CodecContext.create(given.name, "r")
        if given.extradata:
            context.extradata = given.extradata
        context.sample_rate = given.sample_rate
        context.layout = given.layout
        self._context = context
        self._resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)

    def decode(self, packet: Packet) -> bytes:
        """The samples of a packet; empty where it cannot be decoded."""
        return self.samples(packet.data)

    def samples(self, data: AvPacket) -> bytes:
        """The samples of a packet as PyAV reads it."""
        try:
            frames = self._context.decode(data)
            parts = [part for frame in frames for part in self._resampler.resample(frame)]
        except av.FFmpegError:
            return b""
        return b"".join(bytes(part.planes[0])[: part.samples * 2] for part in parts)
