"""Packets, cameras and clocks for tests of what lies behind the door of a stream."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.support.video import Encoded, encode
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip import ClipSpec, Trigger
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.stream.bitstream.nal import parameter_sets_of
from vms_desktop.core.stream.packets.packet import AudioFacts, Packet, VideoFacts

VIDEO_BASE = Fraction(1, 90_000)
BEGAN_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
G711_RATE = 8000
CAMERA = CameraConfig(id="cam-1", name="Front door", url_sd="0", is_active=True)


class HandClock(Clock):
    """A clock that a test sets; wall time follows the monotonic one until it is stepped."""

    def __init__(self, now: float = 0.0) -> None:
        self.time = now
        self.step_s = 0.0
        self.suspended_s = 0.0

    def now(self) -> datetime:
        passed_s = self.time + self.step_s + self.suspended_s
        return (BEGAN_AT + timedelta(seconds=passed_s)).astimezone()

    def monotonic(self) -> float:
        return self.time

    def elapsed(self) -> float:
        return self.time + self.suspended_s


class Hurried(Inbox[object]):
    """Lets a clock pass where it would wait."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.time += seconds
        return False


def camera(**changes: Any) -> CameraConfig:
    return replace(CAMERA, **changes)


def facts(video: Encoded) -> VideoFacts:
    parameters = parameter_sets_of(video.units[0], video.codec)
    base = "yuvj420p" if video.codec == "mjpeg" else "yuv420p"
    size = Size(video.width, video.height)
    return VideoFacts(video.codec, size, VIDEO_BASE, video.fps, parameters, base)


def video_packet(
    unit: bytes, number: int, fps: float, *, is_keyframe: bool, begins: float = 0.0
) -> Packet:
    """The packet of picture `number`, which arrives when it is shown."""
    ticks = round((begins + number / fps) / VIDEO_BASE)
    return Packet(
        data=given(unit, ticks, VIDEO_BASE, is_keyframe),
        is_video=True,
        is_keyframe=is_keyframe,
        dts=ticks,
        pts=ticks,
        duration=round(1 / fps / VIDEO_BASE),
        time_base=VIDEO_BASE,
        size_bytes=len(unit),
        arrived=begins + number / fps,
    )


def video_packets(video: Encoded, begins: float = 0.0) -> list[Packet]:
    return [
        video_packet(unit, number, video.fps, is_keyframe=key, begins=begins)
        for number, (unit, key) in enumerate(zip(video.units, video.keyframes, strict=True))
    ]


def audio_packet(
    data: bytes,
    number: int,
    *,
    base: Fraction,
    ticks: int,
    begins: float = 0.0,
    sound: AudioFacts | None = None,
) -> Packet:
    """Packet `number` of a sound whose packets last `ticks` each; None: as announced."""
    dts = round(begins / base) + number * ticks
    return Packet(
        data=given(data, dts, base, is_keyframe=True),
        is_video=False,
        is_keyframe=True,
        dts=dts,
        pts=dts,
        duration=ticks,
        time_base=base,
        size_bytes=len(data),
        arrived=float(dts * base),
        sound=sound,
    )


def given(data: bytes, ticks: int, base: Fraction, is_keyframe: bool) -> av.Packet:
    packet = av.Packet(data)
    packet.dts = packet.pts = ticks
    packet.time_base = base
    packet.is_keyframe = is_keyframe
    return packet


def g711_sound(
    seconds: float,
    begins: float = 0.0,
    law: str = "pcm_alaw",
    rate: int = G711_RATE,
    channels: int = 1,
) -> tuple[AudioFacts, list[Packet]]:
    """The facts of a sound and its packets of 20 ms each: a tone of 500 Hz."""
    base = Fraction(1, rate)
    facts = AudioFacts(law, rate, channels, base)
    samples = rate // 50
    tones, _ = _encoded_tones(facts, samples, round(seconds * 50))
    return facts, [
        audio_packet(tone, number, base=base, ticks=samples, begins=begins, sound=facts)
        for number, tone in enumerate(tones)
    ]


def aac_sound(
    seconds: float, begins: float = 0.0, rate: int = 48_000, channels: int = 1
) -> tuple[AudioFacts, list[Packet]]:
    """The facts of a sound and its packets of 1024 samples each: a tone of 500 Hz."""
    base = Fraction(1, rate)
    facts = AudioFacts("aac", rate, channels, base)
    tones, config = _encoded_tones(facts, 1024, round(seconds * rate / 1024))
    facts = replace(facts, config=config)
    return facts, [
        audio_packet(tone, number, base=base, ticks=1024, begins=begins, sound=facts)
        for number, tone in enumerate(tones)
    ]


def _encoded_tones(facts: AudioFacts, samples: int, count: int) -> tuple[list[bytes], bytes]:
    """Packets of a tone that is heard in every channel, and the encoder's configuration."""
    is_aac = facts.codec == "aac"
    context = av.CodecContext.create(facts.codec, "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout = facts.rate_hz, facts.layout
    context.format, context.time_base = "fltp" if is_aac else "s16", Fraction(1, facts.rate_hz)
    context.flags |= av.codec.context.Flags.global_header
    found: list[av.Packet] = []
    for number in range(count):
        frame = _tone(facts, number * samples, samples, context.format.name)
        found += context.encode(frame)
    # An encoder of AAC begins with a packet of its own.
    packets = [bytes(packet) for packet in found + list(context.encode(None))]
    return packets[:count], context.extradata or b""


def _tone(facts: AudioFacts, begins: int, samples: int, form: str) -> av.AudioFrame:
    angle = (begins + np.arange(samples)) * (2 * np.pi * 500 / facts.rate_hz)
    tone = np.sin(angle) * (0.3 if form == "fltp" else 10_000)
    values = np.repeat(tone[None, :], facts.channels, axis=0)
    if form == "s16":
        values = values.T.reshape(1, -1)
    typed: Any = np.ascontiguousarray(values, np.float32 if form == "fltp" else np.int16)
    frame = av.AudioFrame.from_ndarray(typed, format=form, layout=facts.layout)
    frame.sample_rate, frame.pts = facts.rate_hz, begins
    frame.time_base = Fraction(1, facts.rate_hz)
    return frame


def clip_of(
    path: Path,
    packets: Sequence[Packet],
    video: VideoFacts,
    audio: AudioFacts | None = None,
    *,
    whole: bool = True,
    tags: Mapping[str, str] | None = None,
    rotation: int = 0,
) -> Path:
    """A clip of packets in their order, from the first keyframe on, or what a kill leaves of it."""
    file = ClipFile(lambda: (os.open(path, os.O_CREAT | os.O_RDWR, 0o600), path), lambda: False)
    start = next(n for n, packet in enumerate(packets) if packet.is_video and packet.is_keyframe)
    writer = ClipWriter(file, video, packets[start], audio, tags or {}, rotation)
    for packet in packets[start:]:
        writer.write(packet)
    if whole:
        writer.close()
    else:
        writer.abandon()
    return path


def spec(
    video: Encoded,
    first: Packet,
    *,
    config: CameraConfig = CAMERA,
    start_at: datetime = BEGAN_AT,
) -> ClipSpec:
    return ClipSpec(
        camera=config,
        video=facts(video),
        start_at=start_at,
        start=first.arrived,
        event_start_at=start_at + timedelta(seconds=5),
        trigger=Trigger.MOTION,
    )


def small(count: int = 30, **changes: Any) -> Encoded:
    """A video that costs little to make: 15 pictures a second, a keyframe a second."""
    return encode(count, **({"width": 160, "height": 96} | changes))
