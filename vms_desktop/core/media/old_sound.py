"""Clips of earlier versions whose AAC only FFmpeg plays: what their files ought to say.

All of it is derived from the clip: the rate from how long its frames last, the
channels from what the frames begin with; and it counts only where the frames can be
decoded so. Nothing is written here. A clip is read as if it were mended by
`open_with_sound`, and mended for good by `sound_repair`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import IO, Any

import av
from av.container import InputContainer

from vms_desktop.core.base import CLIP_START_TAG, StreamError
from vms_desktop.core.media.audio import audio_decoder
from vms_desktop.core.media.mp4 import VideoFile, mp4_in, open_mp4, packets_in
from vms_desktop.core.media.sound_entry import mute_entry
from vms_desktop.core.stream import AudioFacts
from vms_desktop.core.stream.bitstream import AAC_RATES_HZ, build_aac_config, channels_of_aac

_LOW_COMPLEXITY = 2
_FRAME_SAMPLES = 1024
# A clock of 1 kHz tells a frame of 44.1 kHz as 23 ms, 1 % too short; the next rate is 8 % off.
_RATE_TOLERANCE = 0.03
# Frames looked at: 8 s at 8 kHz, 1.4 s at 48 kHz.
_SAMPLED = 64
_FEWEST = 3
_MOST_DAMAGED_SHARE = 0.1
# What every clip of this program carries.
_TAGS = ("camera_id", CLIP_START_TAG)


@dataclass(frozen=True, slots=True)
class SoundPatch:
    """Bytes for a clip's file, and those that they replace: as many.

    Attributes:
        frames: The times and bytes of its first sound, in ticks, to compare.
        packets: How many of every track the index of the file has.
    """

    offset: int
    old: bytes
    new: bytes
    frames: tuple[tuple[int, bytes], ...]
    packets: tuple[int, ...]


def sound_patch(file: IO[bytes]) -> SoundPatch | None:
    """The patch that an old clip of ours lacks; None for others, and where it cannot be derived.

    Most files are known by a few reads of their boxes. Leaves the file anywhere.

    Raises:
        OSError: The disk does not give it.
    """
    entry = mute_entry(file)
    if entry is None:
        return None
    with _opened(file) as container:
        if container is None or not all(container.metadata.get(tag) for tag in _TAGS):
            return None
        frames, packets = _sampled(container), _counted(container)
        sound = _derived(container, frames)
    if sound is None or not _is_decoded(sound, frames):
        return None
    new = entry.saying(sound.config, sound.rate_hz, sound.channels)
    if new is None:
        return None
    return SoundPatch(entry.offset, entry.data, new, frames, packets)


def is_sound_mended(file: IO[bytes], patch: SoundPatch) -> bool:
    """True if a file, read anew, tells its sound and holds what it held. Raises OSError."""
    file.seek(patch.offset)
    if file.read(len(patch.new)) != patch.new or mute_entry(file) is not None:
        return False
    with _opened(file) as container:
        if container is None:
            return False
        held = _sampled(container), _counted(container)
        sound = AudioFacts.of(container.streams.audio[0])
    return held == (patch.frames, patch.packets) and _is_decoded(sound, patch.frames)


def open_with_sound(path: Path) -> VideoFile:
    """Open a clip whose sound is read, too: an old one says what it is.

    Raises StreamError as `open_mp4` does.
    """
    return open_mp4(path, _mended)


def _mended(file: IO[bytes]) -> IO[bytes]:
    patch = sound_patch(file)
    file.seek(0)
    return patched_file(file, patch) if patch else file


def patched_file(file: IO[bytes], patch: SoundPatch) -> IO[bytes]:
    """A file to be read as if a patch stood in it."""
    seen: Any = _PatchedFile(file, patch)
    return seen  # type: ignore[no-any-return]


class _PatchedFile:
    """All of a file but for what is read of it."""

    def __init__(self, file: IO[bytes], patch: SoundPatch) -> None:
        self._file = file
        self._patch = patch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        start = self._file.tell()
        data = bytearray(self._file.read(size))
        end = start + len(data)
        offset, new = self._patch.offset, self._patch.new
        first, last = max(start, offset), min(end, offset + len(new))
        if first < last:
            data[first - start : last - start] = new[first - offset : last - offset]
        return bytes(data)


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[InputContainer | None]:
    """The file as FFmpeg reads it, None where there is no sound for it; the file stays open."""
    file.seek(0)
    try:
        container = mp4_in(file)
    except StreamError:
        yield None
        return
    with container:
        yield container if _has_sound(container) else None


def _has_sound(container: InputContainer) -> bool:
    sounds: Any = container.streams.audio
    return len(sounds) == 1 and bool(sounds[0].codec_context and sounds[0].time_base)


def _sampled(container: InputContainer) -> tuple[tuple[int, bytes], ...]:
    """Times and bytes of the first frames, as far as they can be read."""
    packets = islice(packets_in(container, container.streams.audio[0]), _SAMPLED)
    return tuple((p.dts, bytes(p)) for p in packets if p.dts is not None and p.size)


def _counted(container: InputContainer) -> tuple[int, ...]:
    return tuple(len(stream.index_entries) for stream in container.streams)


def _derived(container: InputContainer, frames: Sequence[tuple[int, bytes]]) -> AudioFacts | None:
    base: Any = container.streams.audio[0].time_base
    told = {channels for _, frame in frames if (channels := channels_of_aac(frame))}
    if len(frames) < _FEWEST or len(told) != 1:
        return None
    ticks = median(later - earlier for (earlier, _), (later, _) in pairwise(frames))
    if ticks <= 0:
        return None
    cut_hz = float(_FRAME_SAMPLES / (Fraction(ticks) * base))
    rate_hz = min(AAC_RATES_HZ, key=lambda rate: abs(rate - cut_hz))
    if abs(rate_hz - cut_hz) > _RATE_TOLERANCE * rate_hz:
        return None
    [channels] = told
    config = build_aac_config(_LOW_COMPLEXITY, rate_hz, channels)
    return AudioFacts("aac", rate_hz, channels, base, config)


def _is_decoded(sound: AudioFacts, frames: Sequence[tuple[int, bytes]]) -> bool:
    """True if frames can be decoded as this sound, but for a damaged one here and there."""
    decoder = audio_decoder(sound)
    failed = 0
    for _, frame in frames:
        try:
            failed += not decoder.decode(av.Packet(frame))
        except av.FFmpegError:
            failed += 1
    # The decoder may keep the first frame back.
    return failed <= max(1, _MOST_DAMAGED_SHARE * len(frames)) and failed < len(frames)
