"""Packets, cameras and clocks for tests of what lies behind the door of a stream."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO

import av
import numpy as np

from tests.video import Encoded, encode
from vms_desktop.core.camera import CameraConfig
from vms_desktop.core.clip import Trigger
from vms_desktop.core.clock import Clock
from vms_desktop.core.nal import parameter_sets
from vms_desktop.core.packet import Packet, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.recording import ClipSpec

VIDEO_BASE = Fraction(1, 90_000)
BEGAN_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
G711_RATE = 8000
G711_SAMPLES = 160
CAMERA = CameraConfig(id="cam-1", name="Front door", url_sd="0", is_active=True)


class HandClock(Clock):
    """A clock that a test sets; wall time follows the monotonic one until it is stepped."""

    def __init__(self, now=0.0):
        self.time = now
        self.step_s = 0.0

    def now(self):
        return (BEGAN_AT + timedelta(seconds=self.time + self.step_s)).astimezone()

    def monotonic(self):
        return self.time


def camera(**changes):
    return replace(CAMERA, **changes)


def facts(video: Encoded) -> VideoFacts:
    parameters = parameter_sets(video.units[0], video.codec)
    base = "yuvj420p" if video.codec == "mjpeg" else "yuv420p"
    size = Size(video.width, video.height)
    return VideoFacts(video.codec, size, VIDEO_BASE, video.fps, parameters, base)


def video_packet(unit, number, fps, *, is_keyframe, begins=0.0):
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


def video_packets(video: Encoded, begins=0.0):
    return [
        video_packet(unit, number, video.fps, is_keyframe=key, begins=begins)
        for number, (unit, key) in enumerate(zip(video.units, video.keyframes, strict=True))
    ]


def audio_packet(data, number, *, base, ticks, begins=0.0):
    """Packet `number` of a sound whose packets last `ticks` each."""
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
    )


def given(data, ticks, base, is_keyframe):
    packet = av.Packet(data)
    packet.dts = packet.pts = ticks
    packet.time_base = base
    packet.is_keyframe = is_keyframe
    return packet


def g711_sound(seconds, begins=0.0, law="pcm_alaw"):
    """A source's audio stream and its packets of 20 ms each."""
    stream = _sound_stream(law, G711_RATE)
    count = round(seconds * G711_RATE / G711_SAMPLES)
    base = Fraction(1, G711_RATE)
    return stream, [
        audio_packet(tone, number, base=base, ticks=G711_SAMPLES, begins=begins)
        for number, tone in enumerate(_encoded_tones(law, G711_RATE, G711_SAMPLES, count))
    ]


def aac_sound(seconds, begins=0.0, rate=48_000):
    """A source's audio stream and its packets of 1024 samples each."""
    stream = _sound_stream("aac", rate)
    count = round(seconds * rate / 1024)
    base = Fraction(1, rate)
    return stream, [
        audio_packet(tone, number, base=base, ticks=1024, begins=begins)
        for number, tone in enumerate(_encoded_tones("aac", rate, 1024, count))
    ]


def _encoded_tones(codec, rate, samples, count):
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout = rate, "mono"
    context.format = "fltp" if codec == "aac" else "s16"
    kind = np.float32 if codec == "aac" else np.int16
    loudness = 0.3 if codec == "aac" else 10_000
    angle = np.arange(samples) * (2 * np.pi * 500 / rate)
    tone = (np.sin(angle) * loudness).astype(kind)[None, :]
    found = []
    for number in range(count):
        frame = av.AudioFrame.from_ndarray(tone, format=context.format.name, layout="mono")
        frame.sample_rate, frame.pts = rate, number * samples
        frame.time_base = Fraction(1, rate)
        found += context.encode(frame)
    return [bytes(packet) for packet in found + list(context.encode(None))][:count]


def _sound_stream(codec, rate):
    """An audio stream as a camera's container tells it."""
    file = BytesIO()
    with av.open(file, "w", format="matroska" if codec == "aac" else "wav") as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        kind, values = ("fltp", np.float32) if codec == "aac" else ("s16", np.int16)
        for number in range(4):
            silence = np.zeros((1, 1024), values)
            frame = av.AudioFrame.from_ndarray(silence, format=kind, layout="mono")
            frame.sample_rate, frame.pts = rate, number * 1024
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return av.open(BytesIO(file.getvalue())).streams.audio[0]


def spec(video: Encoded, first: Packet, *, config=CAMERA, start_at=BEGAN_AT):
    return ClipSpec(
        camera=config,
        video=facts(video),
        start_at=start_at,
        start=first.arrived,
        event_start_at=start_at + timedelta(seconds=5),
        trigger=Trigger.MOTION,
    )


def small(count=30, **changes):
    """A video that costs little to make: 15 pictures a second, a keyframe a second."""
    return encode(count, **({"width": 160, "height": 96} | changes))
