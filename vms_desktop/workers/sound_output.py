"""The loudspeaker: plays what a camera's session puts into a buffer."""

import logging
from collections.abc import Generator
from functools import cached_property
from typing import Any

import numpy as np

from vms_desktop.core.media import SOUND_CHANNELS, SOUND_RATE_HZ, SoundBuffer

log = logging.getLogger(__name__)

DEVICE_BUFFER_MS = 100
# What ALSA and miniaudio itself list on a machine without a sound card.
_NULL_DEVICES = ("Discard all samples", "NULL Playback Device")


def _miniaudio() -> Any:
    """The sound library, loaded late since few listen; None where it cannot be."""
    try:
        import miniaudio
    except (ImportError, OSError) as err:
        log.warning("no sound: %s", err)
        return None
    return miniaudio


class SoundOutput:
    """Opens the system's loudspeaker while somebody listens; used from the GUI thread.

    Attributes:
        volume: 0 (muted) to 1; takes effect with the next samples.
    """

    def __init__(self) -> None:
        self.volume = 0.0
        self._device: Any = None

    @cached_property
    def available(self) -> bool:
        """Whether this machine has a loudspeaker."""
        return _has_speaker()

    def open(self) -> SoundBuffer | None:
        """Begin to play what comes into the buffer; None without a loudspeaker."""
        self.close()
        library = _miniaudio() if self.available else None
        if library is None:
            return None
        buffer = SoundBuffer()
        try:
            device = library.PlaybackDevice(
                output_format=library.SampleFormat.SIGNED16,
                nchannels=SOUND_CHANNELS,
                sample_rate=SOUND_RATE_HZ,
                buffersize_msec=DEVICE_BUFFER_MS,
            )
            player = self._samples(buffer)
            next(player)
            device.start(player)
        except library.MiniaudioError as err:
            log.warning("no sound: %s", err)
            return None
        self._device = device
        return buffer

    def close(self) -> None:
        """Fall silent."""
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _samples(self, buffer: SoundBuffer) -> Generator[bytes, int, None]:
        frames = yield b""
        while True:
            samples = buffer.take(frames * SOUND_CHANNELS * 2)
            scaled = np.frombuffer(samples, np.int16) * self.volume
            frames = yield scaled.astype(np.int16).tobytes()


def _has_speaker() -> bool:
    """True if there is a device that makes sound, and not one that swallows it."""
    library = _miniaudio()
    if library is None:
        return False
    try:
        names = [str(device["name"]) for device in library.Devices().get_playbacks()]
    except library.MiniaudioError:
        return False
    return not all(name.startswith(_NULL_DEVICES) for name in names)
