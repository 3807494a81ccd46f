"""The sound of a clip, decoded a little ahead of what is shown."""

from collections.abc import Iterator
from pathlib import Path

import av

from vms_desktop.core.base import StreamError
from vms_desktop.core.media import SoundBuffer, SoundDecoder, VideoFile, open_with_sound
from vms_desktop.core.stream import AudioFacts, AvPacket

# So much waits for the loudspeaker: less than the buffer drops, more than a thread is late.
AHEAD_US = 200_000


class ClipSound:
    """Puts a clip's sound into a buffer as the clock comes by; owned by one thread.

    It reads the file on its own: in a clip sound and picture may lie half a
    second apart, and the picture is not decoded so far ahead.
    """

    def __init__(self, buffer: SoundBuffer) -> None:
        self._buffer = buffer
        self._path: Path | None = None
        self._clip: VideoFile | None = None
        self._source: av.AudioStream | None = None
        self._packets: Iterator[AvPacket] = iter(())
        self._decoder: SoundDecoder | None = None
        self._from_us = self._fed_us = 0
        self._zero_us = 0  # The first frame in the file's own time.
        self._generation: int | None = None

    def feed(self, path: Path, at_us: int, generation: int) -> None:
        """Put what is heard from a time of a clip on; another generation is a jump."""
        if path != self._path:
            self._open(path)
            self._seek(at_us)
        elif generation != self._generation:
            self.silence()
            self._seek(at_us)
        self._generation = generation
        while self._fed_us < at_us + AHEAD_US and self._feed_packet():
            pass

    def silence(self) -> None:
        """Nothing is heard until the next `feed`, which counts as a jump."""
        self._buffer.clear()
        self._generation = None

    def close(self) -> None:
        """Let go of the file."""
        self.silence()
        if self._clip is not None:
            self._clip.close()
        self._path = self._clip = self._source = None

    def _open(self, path: Path) -> None:
        self.close()
        self._path = path
        try:
            self._clip = open_with_sound(path)
        except StreamError:
            return  # Whoever shows the picture tells.
        sounds = self._clip.container.streams.audio
        self._source = next((sound for sound in sounds if sound.codec_context), None)
        video = self._clip.video
        zero = (video.start_time or 0) * (video.time_base or 0)
        self._zero_us = round(zero * 1_000_000)

    def _seek(self, at_us: int) -> None:
        self._packets, self._from_us, self._fed_us = iter(()), at_us, at_us
        if self._clip is None or self._source is None or not self._source.time_base:
            return
        self._decoder = SoundDecoder(AudioFacts.of(self._source))
        ticks = round((at_us + self._zero_us) / 1e6 / self._source.time_base)
        self._packets = self._clip.packets(self._source, at=max(0, ticks))

    def _feed_packet(self) -> bool:
        """Feed one packet; False where there is no more."""
        try:
            packet = next(self._packets, None)
        except StreamError:
            packet = None
        if packet is None or packet.pts is None or packet.time_base is None:
            return False
        at_us = round(packet.pts * packet.time_base * 1_000_000) - self._zero_us
        assert self._decoder is not None
        samples = self._decoder.decode(packet)
        if at_us >= self._from_us:
            self._buffer.put(samples)
        self._fed_us = max(self._fed_us, at_us)
        return True
