"""The sound of a clip as two readers hear it that are not ours, and what its file says of it."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise

import av
import pytest

from tests.support.mp4 import (
    TONE_HZ,
    assert_tone,
    heard_by_ffmpeg,
    heard_by_gstreamer,
    loudness,
    needs_gstreamer,
    pitch_hz,
    sound_entries,
)
from tests.support.packets import (
    aac_sound,
    audio_packet,
    clip_of,
    facts,
    g711_sound,
    small,
    video_packets,
)
from vms_desktop.core.stream.bitstream.aac import build_aac_config, parse_aac_config
from vms_desktop.core.stream.packets.packet import AudioFacts

VIDEO = small(45)
SECONDS = 3


def written(folder, audio, sound, *, whole=True):
    both = sorted(video_packets(VIDEO) + sound, key=lambda packet: packet.arrived)
    return clip_of(folder / "x.mp4", both, facts(VIDEO), audio, whole=whole)


def pictures_in(path):
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def assert_whole(samples, rate_hz, channels):
    # An encoder begins with a frame of its own, and a reader may leave out the first.
    assert_tone(samples, SECONDS, rate_hz, channels, within_s=1.6 * 1024 / rate_hz)


AAC_RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 44_100, 48_000]


@needs_gstreamer
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", AAC_RATES)
def test_aac_is_heard_whole_by_both_readers(tmp_path, rate, channels):
    audio, sound = aac_sound(SECONDS, rate=rate, channels=channels)
    path = written(tmp_path, audio, sound)
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.kind, entry.channels, entry.rate_hz) == ("mp4a", channels, rate)
    assert entry.config == audio.config
    samples, told_hz = heard_by_ffmpeg(path)
    assert told_hz == rate
    assert_whole(samples, rate, channels)
    assert_whole(heard_by_gstreamer(path, channels), rate, channels)


@needs_gstreamer
@pytest.mark.parametrize("law", ["pcm_alaw", "pcm_mulaw"])
@pytest.mark.parametrize("rate, channels", [(8_000, 1), (8_000, 2), (16_000, 1)])
def test_g711_is_heard_whole_by_both_readers(tmp_path, law, rate, channels):
    audio, sound = g711_sound(SECONDS, law=law, rate=rate, channels=channels)
    path = written(tmp_path, audio, sound)
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.channels, entry.rate_hz) == (channels, rate)
    assert entry.config.startswith(build_aac_config(2, rate, channels))
    assert_whole(heard_by_ffmpeg(path)[0], rate, channels)
    assert_whole(heard_by_gstreamer(path, channels), rate, channels)


@needs_gstreamer
def test_g711_of_an_odd_rate_becomes_aac_of_the_nearest(tmp_path):
    audio, sound = g711_sound(SECONDS, rate=10_000)
    path = written(tmp_path, audio, sound)
    assert sound_entries(path.read_bytes())[0].rate_hz == 11_025
    assert_whole(heard_by_gstreamer(path, 1), 11_025, 1)


def test_surround_sound_keeps_its_channels(tmp_path):
    audio, sound = aac_sound(SECONDS, channels=6)
    path = written(tmp_path, audio, sound)
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.channels, entry.config) == (6, audio.config)
    samples, rate_hz = heard_by_ffmpeg(path)
    assert len(samples) == 6
    assert pitch_hz(samples, rate_hz) == pytest.approx(TONE_HZ, abs=3)


@needs_gstreamer
def test_what_extends_the_core_is_left_as_it_was_told(tmp_path):
    """HE-AAC of which the band above is empty: the core alone is heard, at twice its rate."""
    audio, sound = aac_sound(SECONDS, rate=22_050)
    config = bytes.fromhex("2b8a0800")
    told = parse_aac_config(config)
    assert told is not None
    audio = replace(audio, config=config, rate_hz=told.rate_hz)
    sound = [packet._replace(sound=audio) for packet in sound]
    path = written(tmp_path, audio, sound)
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.config, entry.rate_hz) == (config, 44_100)
    assert heard_by_gstreamer(path, 1).shape[1] / 44_100 == pytest.approx(SECONDS, abs=0.2)
    samples, rate_hz = heard_by_ffmpeg(path)
    assert samples.shape[1] / rate_hz == pytest.approx(SECONDS, abs=0.2)


def test_a_clock_that_is_not_the_rate_moves_nothing(tmp_path):
    """Announced at 8 kHz, cut at 16 kHz: the configuration wins, the times are the clock's."""
    audio, sound = aac_sound(SECONDS, rate=16_000)
    clock = Fraction(1, 8_000)
    audio = replace(audio, time_base=clock)
    sound = [
        packet._replace(time_base=clock, dts=n * 512, pts=n * 512, duration=512, sound=audio)
        for n, packet in enumerate(sound)
    ]
    path = written(tmp_path, audio, sound)
    assert sound_entries(path.read_bytes())[0].rate_hz == 16_000
    assert_whole(heard_by_ffmpeg(path)[0], 16_000, 1)


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
def test_a_killed_clip_says_the_same_and_is_heard_up_to_its_last_second(tmp_path, make):
    audio, sound = make(SECONDS)
    whole = sound_entries(written(tmp_path, audio, sound).read_bytes())
    half = written(tmp_path, audio, sound, whole=False)
    assert sound_entries(half.read_bytes()) == whole
    samples, rate_hz = heard_by_ffmpeg(half)
    assert samples.shape[1] / rate_hz > SECONDS - 1.2
    assert pitch_hz(samples, rate_hz) == pytest.approx(TONE_HZ, abs=3)


@needs_gstreamer
@pytest.mark.parametrize("make", [aac_sound, g711_sound])
@pytest.mark.parametrize("begins", [0.0, 0.05, 1.5])
def test_pictures_are_as_far_apart_with_sound_as_without(tmp_path, make, begins):
    """The encoder's first frame lies before the first sound, and may lie before the clip."""
    audio, sound = make(1.5, begins=begins)
    with av.open(str(written(tmp_path, audio, sound))) as container:
        times = [
            packet.pts * packet.time_base
            for packet in container.demux(video=0)
            if packet.pts is not None and packet.time_base is not None
        ]
    steps = [float(later - sooner) for sooner, later in pairwise(times)]
    assert times[0] == 0
    assert steps == pytest.approx([1 / 15] * 44, abs=1e-4)


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
@pytest.mark.parametrize("channels", [1, 2])
def test_before_sound_that_begins_later_there_is_silence(tmp_path, make, channels):
    audio, sound = make(1.5, begins=1.5, channels=channels)
    path = written(tmp_path, audio, sound)
    for samples in (heard_by_ffmpeg(path)[0], heard_by_gstreamer(path, channels)):
        rate_hz = audio.rate_hz
        assert samples.shape[1] / rate_hz == pytest.approx(SECONDS, abs=0.2)
        before, after = samples[:, : rate_hz * 5 // 4], samples[:, rate_hz * 7 // 4 :]
        assert max(loudness(before)) < 0.001
        assert min(loudness(after)) > 0.15


@pytest.mark.parametrize(
    "sound",
    [
        AudioFacts("opus", 48_000, 2, Fraction(1, 48_000)),
        AudioFacts("opus", 48_000, 2, Fraction(1, 48_000), b"OpusHead"),
        AudioFacts("pcm_alaw", 0, 1, Fraction(1, 8_000)),
    ],
    ids=["Opus without a head", "Opus with half of one", "no rate"],
)
def test_sound_that_a_file_does_not_take_is_left_out_and_told(tmp_path, caplog, sound):
    pictures = video_packets(VIDEO)
    path = written(tmp_path, sound, [])
    assert pictures_in(path) == len(pictures)
    assert sound_entries(path.read_bytes()) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    caplog.clear()


def test_sound_of_another_kind_waits_for_the_next_clip(tmp_path):
    audio, sound = aac_sound(SECONDS, rate=16_000)
    _, other = aac_sound(SECONDS, begins=1.5, rate=48_000, channels=2)
    path = written(tmp_path, audio, sound[: len(sound) // 2] + other)
    samples, rate_hz = heard_by_ffmpeg(path)
    assert samples.shape == (1, pytest.approx(1.5 * rate_hz, rel=0.1))


def test_opus_is_copied_with_its_head(tmp_path):
    file = BytesIO()
    with av.open(file, "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=48_000, layout="stereo")
        for number in range(150):
            frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
            frame.sample_rate, frame.pts = 48_000, number * 960
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with av.open(BytesIO(file.getvalue()), "r") as source:
        audio = AudioFacts.of(source.streams.audio[0])
        packets = [bytes(packet) for packet in source.demux(audio=0) if packet.size]
    base = Fraction(1, 48_000)
    sound = [
        audio_packet(data, n, base=base, ticks=960, sound=audio) for n, data in enumerate(packets)
    ]
    path = written(tmp_path, audio, sound)
    (entry,) = sound_entries(path.read_bytes())
    assert (entry.kind, entry.channels, entry.config[1]) == ("Opus", 2, 2)
    assert heard_by_ffmpeg(path)[0].shape[1] / 48_000 == pytest.approx(SECONDS, abs=0.1)
