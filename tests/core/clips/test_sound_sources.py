"""Sound from every kind of source that FFmpeg reads, through the stream's door into a clip."""

import itertools
from contextlib import suppress

import av
import pytest

from tests.support.adts import adts
from tests.support.mp4 import (
    assert_heard,
    heard_by_ffmpeg,
    heard_by_gstreamer,
    loudness,
    needs_gstreamer,
)
from tests.support.packets import HandClock, aac_sound, clip_of, facts, small, video_packets
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.camera.live_view import Listener
from vms_desktop.core.media.audio import SOUND_RATE_HZ, SoundBuffer
from vms_desktop.core.stream.bitstream.aac import build_aac_config
from vms_desktop.core.stream.ffmpeg_stream import ContainerStream, FileStream
from vms_desktop.core.stream.packets.stream import VIDEO_CODECS

VIDEO = small(45)
SECONDS = 3


def source(folder, form, *, rate=16_000, channels=1):
    """A source of three seconds with AAC, in another container."""
    audio, sound = aac_sound(SECONDS, rate=rate, channels=channels)
    pictures = video_packets(VIDEO)
    both = sorted(pictures + sound, key=lambda packet: packet.arrived)
    made = clip_of(folder / "made.mp4", both, facts(VIDEO), audio)
    path = folder / ("live.m3u8" if form == "hls" else f"source.{form}")
    options = {"hls_time": "1", "hls_list_size": "0"} if form == "hls" else {}
    with av.open(str(made)) as given, av.open(str(path), "w", format=form, options=options) as out:
        tracks = {track.index: out.add_stream_from_template(track) for track in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream_index]
                out.mux(packet)
    return path


def taken(stream):
    """All packets of a stream, up to its end."""
    found = []
    with suppress(StreamError):
        found.extend(stream.packets(lambda: False))
    stream.close()
    return found


def opened(path):
    return ContainerStream(av.open(str(path)), HandClock(), VIDEO_CODECS, "source")


@needs_gstreamer
@pytest.mark.parametrize("rate, channels", [(16_000, 1), (48_000, 2)])
@pytest.mark.parametrize("form", ["mpegts", "hls", "flv", "matroska", "mp4"])
def test_a_clip_of_it_is_heard_whole_by_both_readers(tmp_path, form, rate, channels):
    stream = opened(source(tmp_path, form, rate=rate, channels=channels))
    packets = taken(stream)
    assert stream.audio.config.startswith(build_aac_config(2, rate, channels))
    path = clip_of(tmp_path / "clip.mp4", packets, stream.video, stream.audio)
    assert_heard(path, SECONDS, rate, channels)


@pytest.mark.parametrize("form", ["mpegts", "hls", "flv", "mp4"])
def test_it_is_heard_live(tmp_path, form):
    stream = opened(source(tmp_path, form))
    listener = Listener()
    listener.opened(stream.audio)
    listener.buffer = SoundBuffer()
    heard = bytearray()
    for packet in taken(stream):
        if not packet.is_video:
            listener.packet(packet)
            heard += listener.buffer.take(SOUND_RATE_HZ // 20)
    assert sum(map(bool, heard)) > len(heard) / 2


@needs_gstreamer
def test_a_file_that_plays_round_and_round_is_heard_without_a_hole(tmp_path):
    clock = HandClock()
    container = av.open(str(source(tmp_path, "mp4")))
    stream = FileStream(container, clock, lambda _: False, "file")
    packets = list(itertools.islice(stream.packets(lambda: False), 180))
    stream.close()
    pictures = [packet for packet in packets if packet.is_video]
    path = clip_of(tmp_path / "clip.mp4", packets, stream.video, stream.audio)
    for samples in (heard_by_ffmpeg(path)[0], heard_by_gstreamer(path, 1)):
        assert samples.shape[1] / 16_000 == pytest.approx(len(pictures) / VIDEO.fps, abs=0.4)


def transport_stream(path, codec, sounds, rate=48_000):
    """Pictures, and sound packets of any codec, as a transport stream."""
    with av.open(str(path), "w", format="mpegts") as out:
        video = out.add_mux_stream("h264", rate=VIDEO.fps, width=160, height=96)
        sound = out.add_mux_stream(codec, rate=rate)
        for packet in sorted(video_packets(VIDEO) + sounds, key=lambda packet: packet.arrived):
            packet.data.stream = video if packet.is_video else sound
            packet.data.dts = packet.data.pts = packet.dts
            packet.data.time_base = packet.time_base
            out.mux(packet.data)
    return path


def with_heads(sound, rate, channels):
    return [
        packet._replace(data=av.Packet(adts(bytes(packet.data), rate, channels)))
        for packet in sound
    ]


@pytest.mark.parametrize("codec", ["mp2", "libmp3lame", "ac3"])
def test_sound_of_a_codec_that_is_not_known_is_left_out(tmp_path, codec):
    path = tmp_path / "other.ts"
    with av.open(str(path), "w", format="mpegts") as out:
        video = out.add_mux_stream("h264", rate=VIDEO.fps, width=160, height=96)
        sound = out.add_stream(codec, rate=48_000, layout="stereo")
        for packet in video_packets(VIDEO):
            packet.data.stream = video
            out.mux(packet.data)
        for number in range(100):
            frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            frame.sample_rate, frame.pts = 48_000, number * 1024
            out.mux(sound.encode(frame))
    stream = opened(path)
    assert stream.audio is None
    assert len(taken(stream)) == len(VIDEO.units)


def test_pcm_in_a_quicktime_file_is_left_out(tmp_path):
    path = tmp_path / "x.mov"
    with av.open(str(path), "w", format="mov") as out:
        video = out.add_stream("libx264", rate=15)
        video.width, video.height = 160, 96
        sound = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for _ in range(30):
            out.mux(video.encode(av.VideoFrame(160, 96, "yuv420p")))
        frame = av.AudioFrame(format="s16", layout="mono", samples=16_000)
        frame.sample_rate = 16_000
        out.mux(sound.encode(frame))
        out.mux(video.encode(None))
    stream = opened(path)
    assert stream.audio is None
    assert len(taken(stream)) == 30


def test_sound_that_changes_its_rate_in_the_middle_says_so_with_its_packets(tmp_path):
    _, first = aac_sound(1.5, rate=16_000)
    _, second = aac_sound(1.5, begins=1.5, rate=48_000, channels=2)
    both = [*with_heads(first, 16_000, 1), *with_heads(second, 48_000, 2)]
    stream = opened(transport_stream(tmp_path / "x.ts", "aac", both))
    sound = [packet for packet in taken(stream) if not packet.is_video]
    kinds = [(kind.rate_hz, kind.channels) for kind, _ in itertools.groupby(p.sound for p in sound)]
    assert kinds == [(16_000, 1), (48_000, 2)]
    assert len(sound) >= len(first) + len(second) - 3
    listener = Listener()
    listener.opened(sound[0].sound)
    listener.buffer = SoundBuffer()
    for packet in sound:
        listener.packet(packet)
        assert len(listener.buffer.take(4096)) == 4096


def test_a_frame_that_lost_its_beginning_is_no_sound(tmp_path):
    """HLS is entered in the middle of a frame; FFmpeg takes a second to find the next."""
    _, sound = aac_sound(SECONDS, rate=16_000)
    heads = with_heads(sound, 16_000, 1)
    torn = heads[0]._replace(data=av.Packet(bytes(heads[0].data)[40:]))
    stream = opened(transport_stream(tmp_path / "x.ts", "aac", [torn, *heads[1:]]))
    packets = taken(stream)
    raw = {bytes(packet.data) for packet in sound}
    assert all(bytes(packet.data) in raw for packet in packets if not packet.is_video)
    path = clip_of(tmp_path / "clip.mp4", packets, stream.video, stream.audio)
    samples, rate = heard_by_ffmpeg(path)
    assert samples.shape[1] / rate == pytest.approx(SECONDS, abs=0.3)  # Silence leads.
    assert not samples[:, : rate // 2].any()
    assert loudness(samples[:, -rate:])[0] > 0.15
