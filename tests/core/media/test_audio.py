import numpy as np
import pytest

from tests.support.packets import aac_sound, audio_packet, g711_sound
from vms_desktop.core.media.audio import (
    BYTES_PER_SECOND,
    MAX_LAG_S,
    SOUND_RATE_HZ,
    SoundBuffer,
    SoundDecoder,
)


def test_samples_come_out_in_their_order_whatever_is_asked_for():
    buffer = SoundBuffer()
    for number in range(20):
        buffer.put(bytes([number]) * 7)
    taken = b"".join(buffer.take(size) for size in (1, 5, 8, 26, 100))
    assert taken == b"".join(bytes([number]) * 7 for number in range(20))


def test_silence_follows_when_there_is_no_more():
    buffer = SoundBuffer()
    assert buffer.take(4) == bytes(4)
    buffer.put(b"ab")
    assert buffer.take(4) == b"ab\0\0"
    assert buffer.take(2) == b"\0\0"


def test_what_waits_too_long_is_dropped_oldest_first():
    buffer = SoundBuffer()
    chunk = BYTES_PER_SECOND // 50
    for number in range(200):
        buffer.put(bytes([number]) * chunk)
    most = int(MAX_LAG_S * BYTES_PER_SECOND)
    taken = buffer.take(2 * most)
    assert taken[most - 1] == 199
    assert not any(taken[most:])
    assert list(dict.fromkeys(taken[:most])) == list(range(180, 200))


def test_a_buffer_that_was_emptied_takes_as_much_again():
    buffer = SoundBuffer()
    for _ in range(3):
        buffer.put(bytes([1]) * 1000)
        assert buffer.take(1000) == bytes([1]) * 1000
    buffer.put(bytes([2]) * 10)
    assert buffer.take(10) == bytes([2]) * 10


def test_an_empty_chunk_pushes_no_sound_out():
    buffer = SoundBuffer()
    more_than_fits = bytes([1]) * (round(MAX_LAG_S * BYTES_PER_SECOND) + 2)
    buffer.put(more_than_fits)
    buffer.put(b"")
    assert buffer.take(len(more_than_fits)) == more_than_fits


def test_a_buffer_that_is_cleared_is_silent():
    buffer = SoundBuffer()
    buffer.put(b"abcd")
    buffer.clear()
    assert buffer.take(4) == bytes(4)


@pytest.mark.parametrize("make", [g711_sound, aac_sound])
def test_every_sound_becomes_the_loudspeakers_samples(make):
    audio, sound = make(1.0)
    decoder = SoundDecoder(audio)
    samples = np.frombuffer(b"".join(decoder.decode(packet.data) for packet in sound), np.int16)
    assert len(samples) == pytest.approx(SOUND_RATE_HZ, rel=0.05)
    middle = samples[SOUND_RATE_HZ // 4 : SOUND_RATE_HZ // 2].astype(float)
    strongest = np.argmax(np.abs(np.fft.rfft(middle))) * SOUND_RATE_HZ / len(middle)
    assert strongest == pytest.approx(500, rel=0.1)


def test_a_packet_that_cannot_be_decoded_is_silent_and_the_next_is_heard():
    audio, sound = aac_sound(1.0)
    decoder = SoundDecoder(audio)
    decoder.decode(sound[0].data)
    broken = audio_packet(b"\xff\x01 nonsense", 1, base=sound[0].time_base, ticks=1024)
    assert not any(decoder.decode(broken.data))
    assert any(b"".join(decoder.decode(packet.data) for packet in sound[2:8]))
