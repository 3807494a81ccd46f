"""AAC's configuration and heads, by tables from the standard and by dice."""

import random
from fractions import Fraction

import av
import pytest

from tests.support.adts import RATES_HZ, adts
from tests.support.packets import aac_sound
from vms_desktop.core.media.audio import audio_decoder
from vms_desktop.core.stream.bitstream.aac import (
    AacConfig,
    AacTrack,
    aac_silence,
    adts_frames,
    build_aac_config,
    parse_aac_config,
    parse_adts,
)
from vms_desktop.core.stream.packets.packet import AudioFacts

BASE = Fraction(1, 90_000)
MONO_16K, STEREO_48K = bytes.fromhex("1408"), bytes.fromhex("1190")


@pytest.mark.parametrize(
    "config, object_type, core_hz, rate_hz, core_channels, channels, samples",
    [
        ("1408", 2, 16_000, 16_000, 1, 1, 1024),
        ("1190", 2, 48_000, 48_000, 2, 2, 1024),
        ("1588", 2, 8_000, 8_000, 1, 1, 1024),
        ("11b0", 2, 48_000, 48_000, 6, 6, 1024),  # 5.1
        ("11b8", 2, 48_000, 48_000, 8, 8, 1024),  # 7.1
        ("140c", 2, 16_000, 16_000, 1, 1, 960),
        ("17800fa008", 2, 8_000, 8_000, 1, 1, 1024),  # The rate in 24 bits.
        ("2b8a0800", 2, 22_050, 44_100, 1, 1, 1024),
        ("2b920800", 2, 22_050, 44_100, 2, 2, 1024),  # SBR, told.
        ("eb8a0800", 2, 22_050, 44_100, 1, 2, 1024),  # Parametric stereo, told.
        ("131056e598", 2, 24_000, 24_000, 2, 2, 1024),  # SBR, told behind: of no concern here.
        ("bc08", 23, 16_000, 16_000, 1, 1, 512),
        ("f8f020", 39, 16_000, 16_000, 1, 1, 0),  # AAC-ELD
        ("1180", 2, 48_000, 48_000, 0, 0, 1024),  # A channel element tells.
    ],
)
def test_a_configuration_tells(
    config, object_type, core_hz, rate_hz, core_channels, channels, samples
):
    expected = AacConfig(object_type, core_hz, rate_hz, core_channels, channels, samples)
    assert parse_aac_config(bytes.fromhex(config)) == expected


@pytest.mark.parametrize("config", ["", "14", "16", "1688", "17", "178000000800", "0000", "14f8"])
def test_a_configuration_that_is_none_tells_nothing(config):
    assert parse_aac_config(bytes.fromhex(config)) is None


@pytest.mark.parametrize("rate", [*RATES_HZ, 7_350, 10_000, 88_200, 100_000])
@pytest.mark.parametrize("channels", range(1, 8))
def test_what_is_built_can_be_read(rate, channels):
    found = parse_aac_config(build_aac_config(2, rate, channels))
    assert found is not None
    assert (found.object_type, found.rate_hz, found.frame_samples) == (2, rate, 1024)
    assert found.channels == (8 if channels == 7 else channels)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_it_is_built_as_an_encoder_builds_it(rate, channels):
    known = aac_sound(0.1, rate=rate, channels=channels)[0].config
    built = build_aac_config(2, rate, channels)
    assert known.startswith(built)  # The encoder tells behind it that there is no SBR.


def test_dice_make_no_configuration_that_is_impossible():
    dice = random.Random(9)
    for _ in range(20_000):
        found = parse_aac_config(dice.randbytes(dice.randint(0, 9)))
        if found:
            assert 1_000 <= found.core_hz <= 192_000
            assert 1_000 <= found.rate_hz <= 192_000
            assert 0 <= found.channels <= 8
            assert found.object_type > 0


@pytest.mark.parametrize("crc", [False, True])
@pytest.mark.parametrize("rate", RATES_HZ)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_heads_are_read_whatever_their_frames(rate, channels, crc):
    frames = [bytes([7 * number % 251]) * number for number in (1, 2, 333, 8_000)]
    data = b"".join(adts(frame, rate, channels, crc=crc) for frame in frames)
    found = list(adts_frames(data))
    assert [frame for _, frame in found] == frames
    assert {head.config for head, _ in found} == {build_aac_config(2, rate, channels)}
    assert all(head.size_bytes == (9 if crc else 7) for head, _ in found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        adts(b"x", 16_000, 1)[:6],
        b"\xff\xf1\xff" + bytes(20),  # A rate that is reserved.
        b"\xff\xf3" + adts(b"x", 16_000, 1)[2:],  # Layer III: MP3.
        b"\xff\xf1\x60\x40\x00\xe0\xfc" + bytes(20),  # Shorter than its head.
        b"\x01\x18\x20" + bytes(20),
    ],
)
def test_a_head_that_is_none_is_not_read(data):
    assert parse_adts(data) is None


def test_a_frame_that_is_cut_off_is_left_out():
    data = adts(b"whole", 16_000, 1) + adts(b"cut off", 16_000, 1)
    assert [frame for _, frame in adts_frames(data[:-1])] == [b"whole"]


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_is_a_frame_of_nothing(rate, channels):
    base = Fraction(1, rate)
    decoder = audio_decoder(
        AudioFacts("aac", rate, channels, base, build_aac_config(2, rate, channels))
    )
    frames = [frame for _ in range(4) for frame in decoder.decode(av.Packet(aac_silence(channels)))]
    assert [(frame.samples, frame.layout.nb_channels) for frame in frames] == [(1024, channels)] * 4
    assert not any(frame.to_ndarray().any() for frame in frames)


def track(config=b"", rate=0, channels=0, *, is_raw=True):
    return AacTrack(AudioFacts("aac", rate, channels, BASE, config), is_raw=is_raw)


class TestTrack:
    """Raw frames and one configuration come out, whatever goes in."""

    MONO = adts(b"frame", 16_000, 1)

    @pytest.mark.parametrize("config", [b"", MONO_16K, b"nonsense"])
    def test_heads_are_taken_away_and_believed(self, config):
        aac = track(config, 0, 0)
        assert aac.take(self.MONO * 3) == [b"frame"] * 3
        assert aac.facts.config == MONO_16K

    def test_what_heads_cannot_tell_stays(self):
        extended = bytes.fromhex("2b8a0800")  # SBR over 22.05 kHz, of which heads tell the core.
        aac = track(extended, 0, 0)
        assert aac.take(adts(b"frame", 22_050, 1)) == [b"frame"]
        assert aac.facts.config == extended
        assert aac.facts.rate_hz == 44_100

    def test_another_configuration_is_believed_the_second_time(self):
        aac = track(MONO_16K, 0, 0)
        other = adts(b"other", 48_000, 2)
        assert aac.take(other + self.MONO + other) == [b"frame"]
        assert aac.facts.config == MONO_16K
        assert aac.take(other) == [b"other"]
        assert aac.facts.config == STEREO_48K

    def test_what_has_no_head_among_heads_is_the_rest_of_a_frame(self):
        aac = track(b"", 16_000, 1)
        aac.take(self.MONO)
        assert aac.take(b"\x01rest") == ()

    def test_nothing_is_guessed_where_heads_must_come(self):
        aac = track(b"", 16_000, 1, is_raw=False)
        assert aac.take(aac_silence(1)) == ()
        assert not aac.facts.config
        assert aac.take(self.MONO) == [b"frame"]

    def test_several_frames_behind_one_head_are_left_out(self):
        assert track(b"", 0, 0).take(adts(b"frames", 16_000, 1, blocks=2)) == []

    def test_channels_that_only_an_element_tells_are_left_out(self):
        assert track(b"", 0, 0).take(adts(b"frame", 16_000, 0)) == []

    def test_dice_raise_nothing(self):
        dice = random.Random(4)
        aac = track(b"", 16_000, 1)
        for _ in range(20_000):
            head = dice.choice((b"", b"\xff\xf1", b"\xff\xf0\x60"))
            for frame in aac.take(head + dice.randbytes(dice.randint(0, 20))):
                assert frame
                assert parse_aac_config(aac.facts.config)
