"""What an MP4 says of its sound, read by the book (ISO/IEC 14496-12 and -14), without FFmpeg."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vms_desktop.core.stream.bitstream.aac import build_aac_config

# Of the sound that `tests.support.packets` makes, AAC or G.711.
TONE_HZ, TONE_LOUDNESS = 500, 0.21

needs_gstreamer = pytest.mark.skipif(
    sys.platform != "linux", reason="platform: GStreamer is installed for the tests on Linux only"
)

# Shape (channels, samples), from -1 to 1.
Samples = NDArray[np.float64]

_ES, _DECODER, _SPECIFIC = 3, 4, 5
_LIMIT_S = 60
_LISTENER = Path(__file__).with_name("gstreamer_listener.py")


@dataclass(frozen=True, slots=True)
class SoundEntry:
    """The sample entry of a sound track; `config` is its DecoderSpecificInfo, or `dOps`."""

    kind: str
    channels: int
    rate_hz: int
    config: bytes


def sound_entries(data: bytes) -> list[SoundEntry]:
    """Those of every track of sound, from the last `moov`."""
    *_, moov = _found(data, b"moov")
    return [
        _entry(stsd[8:])
        for trak in _found(moov, b"trak")
        for mdia in _found(trak, b"mdia")
        if next(_found(mdia, b"hdlr"))[8:12] == b"soun"
        for minf in _found(mdia, b"minf")
        for stbl in _found(minf, b"stbl")
        for stsd in _found(stbl, b"stsd")
    ]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start + 8 <= len(data):
        size, head = int.from_bytes(data[start : start + 4]), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        if size < head:
            return
        yield data[start + 4 : start + 8], data[start + head : start + size]
        start += size


def _found(data: bytes, kind: bytes) -> Iterator[bytes]:
    return (body for name, body in _boxes(data) if name == kind)


def _entry(stsd: bytes) -> SoundEntry:
    ((kind, body),) = _boxes(stsd)
    channels, rate = struct.unpack_from(">H", body, 16)[0], struct.unpack_from(">I", body, 24)[0]
    inner = dict(_boxes(body[28:]))
    config = inner.get(b"dOps", b"")
    if esds := inner.get(b"esds"):
        config = _specific(esds[4:])
    return SoundEntry(kind.decode(), channels, rate >> 16, config)


def _specific(data: bytes) -> bytes:
    """The DecoderSpecificInfo among nested descriptors; empty where there is none."""
    while data:
        tag, size, start = data[0], 0, 1
        while True:
            size, start = size << 7 | data[start] & 127, start + 1
            if not data[start - 1] & 128:
                break
        body = data[start : start + size]
        if tag == _SPECIFIC:
            return body
        if tag == _ES:
            data = body[3:]
        elif tag == _DECODER:
            data = body[13:]
        else:
            data = data[start + size :]
    return b""


def heard_by_ffmpeg(path: Path) -> tuple[Samples, int]:
    """All samples of a file's sound, and their rate."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1), frames[0].sample_rate


def heard_by_gstreamer(path: Path, channels: int, decoder: str = "faad") -> Samples:
    """All samples of a file's sound, read and decoded without a line of FFmpeg."""
    output = path.with_suffix(".raw")
    told = [str(path), decoder, str(channels), str(output)]
    subprocess.run(["/usr/bin/python3", str(_LISTENER), *told], check=True, timeout=_LIMIT_S)
    return np.fromfile(output, np.int16).reshape(-1, channels).T / 32768.0


def assert_heard(
    path: Path, seconds: float, rate_hz: int = 16_000, channels: int = 1, within_s: float = 0.25
) -> None:
    """A file says what its AAC is, and both readers hear the tone of `aac_sound` in it."""
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.channels, entry.rate_hz) == (channels, rate_hz)
    assert entry.config.startswith(build_aac_config(2, rate_hz, channels))
    assert_tone(heard_by_ffmpeg(path)[0], seconds, rate_hz, channels, within_s)
    assert_tone(heard_by_gstreamer(path, channels), seconds, rate_hz, channels, within_s)


def assert_tone(
    samples: Samples, seconds: float, rate_hz: int, channels: int, within_s: float
) -> None:
    """As long as that, as loud and as high in every channel as it was made."""
    assert len(samples) == channels
    assert samples.shape[1] / rate_hz == pytest.approx(seconds, abs=within_s)
    assert loudness(samples) == pytest.approx([TONE_LOUDNESS] * channels, rel=0.15)
    assert pitch_hz(samples, rate_hz) == pytest.approx(TONE_HZ, abs=3)


def loudness(samples: Samples) -> list[float]:
    """The root mean square of every channel."""
    return [float(np.sqrt(np.mean(channel**2))) for channel in samples]


def pitch_hz(samples: Samples, rate_hz: int) -> float:
    """The strongest tone in the middle of the first channel."""
    middle = samples[0][len(samples[0]) // 4 : -len(samples[0]) // 4]
    strongest = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle)))))
    return float(strongest * rate_hz / len(middle))
