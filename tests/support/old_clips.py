"""Clips as earlier versions wrote them: AAC that does not say what it is."""

import os
from contextlib import suppress
from fractions import Fraction
from io import BytesIO

import av

from tests.support.packets import VIDEO_BASE, aac_sound, small, video_packets
from vms_desktop.core.clips.mp4_writer import MUXER_OPTIONS
from vms_desktop.core.clips.unbuffered_file import ClipFile

TAGS = {
    "camera_id": "cam-1",
    "camera_name": "Haustür €",
    "start_utc": "2026-03-02T12:00:00.123Z",
    "creation_time": "2026-03-02T12:00:00.123Z",
}
SECONDS = 3


def old_clip(
    path, *, rate=16_000, channels=1, clock_hz=None, whole=True, codec="h264", tags=TAGS, sound=None
):
    """Three seconds of it; half-written with `whole` false. Its path.

    Args:
        clock_hz: That of RTP, which was taken for the rate; None where it is the rate.
        sound: The raw frames, where they are to be others than a tone's.
    """
    video = small(45, codec=codec)
    if sound is None:
        sound = [
            bytes(packet.data) for packet in aac_sound(SECONDS, rate=rate, channels=channels)[1]
        ]
    file = ClipFile(
        lambda: (os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), path), lambda: False
    )
    container = av.open(file, "w", format="mp4", options=dict(MUXER_OPTIONS))
    container.metadata.update(tags)
    with av.open(BytesIO(video.units[0]), format=codec) as template:
        pictures = container.add_stream_from_template(template.streams.video[0])
    pictures.codec_context.codec_tag = "hvc1" if codec == "hevc" else "avc1"
    pictures.time_base = VIDEO_BASE
    track = container.add_stream_from_template(_template(clock_hz or rate, channels))
    times = [n * 1024 * (clock_hz or rate) // rate for n in range(len(sound) + 1)]
    packets = [(packet.arrived, pictures, packet.data) for packet in video_packets(video)]
    for number, data in enumerate(sound):
        packet = av.Packet(data)
        packet.time_base = Fraction(1, clock_hz or rate)
        packet.dts = packet.pts = times[number]
        packet.duration = times[number + 1] - times[number]
        packets.append((number * 1024 / rate, track, packet))
    for _, stream, packet in sorted(packets, key=lambda entry: entry[0]):
        packet.stream = stream
        container.mux(packet)
    if whole:
        container.close()
    file.close()
    with suppress(OSError, av.FFmpegError):  # One left open keeps its memory.
        container.close()
    return path


def _template(clock_hz, channels):
    container = av.open(BytesIO(), "w", format="nut")
    stream = container.add_stream("aac", rate=clock_hz)
    stream.codec_context.layout = "stereo" if channels == 2 else "mono"
    stream.time_base = Fraction(1, clock_hz)
    return stream


def packets_of(path):
    """Every packet of a file: track, times, bytes."""
    with av.open(str(path)) as container:
        return [
            (p.stream_index, p.pts, p.dts, p.time_base, bytes(p))
            for p in container.demux()
            if p.size
        ]
