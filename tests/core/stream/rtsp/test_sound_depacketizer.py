"""RTP packets become sounds, whatever a camera leaves out or puts before them."""

import random
import struct
from fractions import Fraction

import pytest

from tests.support.adts import adts
from tests.support.wire import rtp
from vms_desktop.core.stream.bitstream.aac import aac_silence
from vms_desktop.core.stream.packets.packet import AudioFacts
from vms_desktop.core.stream.rtsp.depacketizer import Depacketizer, RtpPacket, parse_rtp
from vms_desktop.core.stream.rtsp.sdp import Track
from vms_desktop.core.stream.rtsp.sound_depacketizer import (
    AacDepacketizer,
    SampleDepacketizer,
    sound_depacketizer,
)

USUAL = {"mode": "AAC-hbr", "sizelength": "13", "indexlength": "3", "indexdeltalength": "3"}
AAC = USUAL | {"config": "1408"}
MONO_16K, STEREO_48K = bytes.fromhex("1408"), bytes.fromhex("1190")
MONO, STEREO = aac_silence(1), aac_silence(2)


def aac_track(parameters=AAC, clock_hz=16_000, channels=1):
    return Track("audio", 97, "MPEG4-GENERIC", clock_hz, channels, "", parameters)


def g711_track(encoding="PCMA", clock_hz=8_000, channels=1):
    return Track("audio", 8, encoding, clock_hz, channels, "")


def au(*frames, sizes=None):
    listed = sizes or [len(frame) for frame in frames]
    heads = b"".join(struct.pack(">H", size << 3) for size in listed)
    return struct.pack(">H", 8 * len(heads)) + heads + b"".join(frames)


def sound(taken, *packets):
    return [
        (unit.data, unit.ticks, unit.duration)
        for index, (payload, time) in enumerate(packets)
        for unit in taken.take(RtpPacket(True, index, time, payload, 97))
    ]


@pytest.mark.parametrize(
    "packets, expected",
    [
        ([(au(b"one"), 50)], [(b"one", 0, 1024)]),
        ([(au(b"one", b"two!"), 50)], [(b"one", 0, 1024), (b"two!", 1024, 1024)]),
        ([(au(b"on", sizes=[3]), 50), (au(b"e", sizes=[3]), 50)], [(b"one", 0, 1024)]),
        # Its end left out: the frame is, too, and the next one is whole.
        ([(au(b"on", sizes=[3]), 50), (au(b"two"), 1074)], [(b"two", 1024, 1024)]),
        (
            [
                (au(b"on", sizes=[3]), 50),
                (au(b"tw", sizes=[4]), 1074),
                (au(b"o!", sizes=[4]), 1074),
            ],
            [(b"two!", 1024, 1024)],
        ),
        ([(au(b"one", b"tw", sizes=[3, 4]), 50)], [(b"one", 0, 1024)]),
        ([(b"\x00\x00one", 50), (b"\x00", 50), (b"\xff\xffx", 50)], []),
    ],
)  # fmt: skip
def test_aac_packets_become_frames(packets, expected):
    assert sound(AacDepacketizer(aac_track()), *packets) == expected


@pytest.mark.parametrize("parameters", [AAC, USUAL, {}, AAC | {"config": "1390"}])
@pytest.mark.parametrize("wrap", [au, lambda *frames: b"".join(frames)], ids=["list", "no list"])
def test_heads_before_the_frames_are_taken_away(wrap, parameters):
    taken = AacDepacketizer(aac_track(parameters))
    heads = [adts(MONO, 16_000, 1), adts(MONO, 16_000, 1, crc=True)]
    found = sound(taken, (wrap(*heads), 0), (wrap(*heads), 2048), (wrap(*heads), 4096))
    assert found[-4:] == [(MONO, 1024 * number, 1024) for number in range(2, 6)]
    assert taken.sound is not None
    assert taken.sound.config == MONO_16K
    assert (taken.sound.rate_hz, taken.sound.channels) == (16_000, 1)


@pytest.mark.parametrize(
    "parameters, clock_hz, channels, frame, facts",
    [
        (AAC, 16_000, 1, MONO, (16_000, 1, MONO_16K, 1024)),
        # What the configuration says wins over the rtpmap; the ticks stay those of its clock.
        (AAC, 8_000, 2, MONO, (16_000, 1, MONO_16K, 512)),
        (AAC, 90_000, 1, MONO, (16_000, 1, MONO_16K, 5760)),
        (USUAL | {"config": "1190"}, 16_000, 1, STEREO, (48_000, 2, STEREO_48K, 341)),
        # Without one: the rate of the rtpmap, the channels of the sound.
        (USUAL, 48_000, 1, STEREO, (48_000, 2, STEREO_48K, 1024)),
        (USUAL, 16_000, 2, MONO, (16_000, 1, MONO_16K, 1024)),
        (USUAL | {"config": "no"}, 16_000, 1, MONO, (16_000, 1, MONO_16K, 1024)),
        ({"mode": "AAC_hbr"}, 16_000, 1, MONO, (16_000, 1, MONO_16K, 1024)),
        ({}, 16_000, 1, MONO, (16_000, 1, MONO_16K, 1024)),
    ],
)  # fmt: skip
def test_what_the_sound_is_comes_from_where_it_is_told(
    parameters, clock_hz, channels, frame, facts
):
    taken = AacDepacketizer(aac_track(parameters, clock_hz, channels))
    (_, (_, ticks, duration)) = sound(taken, (au(frame), 7), (au(frame), 7 + facts[3]))
    rate_hz, count, config, step = facts
    base = Fraction(1, clock_hz)
    assert taken.sound == AudioFacts("aac", rate_hz, count, base, config)
    assert (ticks, duration) == (step, step)


def test_what_nobody_says_leaves_the_sound_out():
    taken = AacDepacketizer(aac_track({}, clock_hz=90_000))
    assert sound(taken, (au(MONO), 0), (au(STEREO), 1000)) == []


def test_g711_lasts_as_many_samples_as_it_has():
    packets = [(b"x" * 160, 9), (b"x" * 80, 169)]
    mono, stereo = SampleDepacketizer(g711_track()), SampleDepacketizer(g711_track(channels=2))
    assert [unit[1:] for unit in sound(mono, *packets)] == [(0, 160), (160, 80)]
    assert sound(stereo, packets[0])[0][2] == 80
    assert stereo.sound is not None
    assert (stereo.sound.codec, stereo.sound.channels) == ("pcm_alaw", 2)


@pytest.mark.parametrize(
    "track, taken",
    [
        (aac_track(), AacDepacketizer),
        (aac_track({}), AacDepacketizer),
        (aac_track({"mode": "AAC_hbr"}), AacDepacketizer),
        (aac_track(AAC | {"config": "no"}), AacDepacketizer),
        (aac_track(AAC | {"config": "2b8a0800"}), AacDepacketizer),  # HE-AAC, whose core is LC.
        (aac_track(AAC | {"config": "bc08"}), None),  # AAC-LD, cut otherwise.
        (aac_track(AAC | {"sizelength": "6"}), None),
        (aac_track({"mode": "AAC-lbr"}), None),
        (aac_track(clock_hz=9_999_999), None),
        (g711_track("PCMU"), SampleDepacketizer),
        (g711_track("PCMU", 16_000, 2), SampleDepacketizer),
        (g711_track("PCMA", 0), None),
        (g711_track(channels=3), None),
        (g711_track("OPUS", 48_000), None),
    ],
)
def test_what_is_known_has_a_depacketizer(track, taken):
    assert type(sound_depacketizer(track)) is (taken or type(None))


def test_garbage_raises_nothing():
    dice = random.Random(3)
    takers: list[Depacketizer] = [
        AacDepacketizer(aac_track()),
        AacDepacketizer(aac_track({})),
        SampleDepacketizer(g711_track()),
    ]
    heads = [b"\xff\xf1", b"\x00\x10", b"\xff\xf0", b""]
    for sequence in range(10_000):
        payload = dice.choice(heads) + dice.randbytes(dice.randint(0, 40))
        packet = parse_rtp(rtp(payload, sequence & 0xFFFF, dice.choice((1, sequence))))
        if packet is None:
            continue
        for taken in takers:
            assert all(unit.data for unit in taken.take(packet))
