import sys
from collections.abc import Generator

import miniaudio
import numpy as np
import pytest

from tests.support.waiting import wait_until
from vms_desktop.workers import sound_output as module
from vms_desktop.workers.sound_output import SoundOutput


@pytest.fixture
def null_device(monkeypatch):
    """A loudspeaker that nobody hears, on any machine."""
    real, nothing = miniaudio.PlaybackDevice, [miniaudio.Backend.NULL]
    monkeypatch.setattr(
        miniaudio, "PlaybackDevice", lambda **options: real(backends=nothing, **options)
    )
    monkeypatch.setattr(module, "_has_speaker", lambda: True)


@pytest.fixture
def output():
    output = SoundOutput()
    yield output
    output.close()


class NotedBuffer(module.SoundBuffer):
    """Counts the bytes that were taken out."""

    taken = 0

    def take(self, size_bytes):
        self.taken += size_bytes
        return super().take(size_bytes)


def test_sound_is_played_into_a_device(null_device, output, monkeypatch):
    monkeypatch.setattr(module, "SoundBuffer", NotedBuffer)
    buffer = output.open()
    wait_until(lambda: buffer.taken >= 4000)
    output.close()
    output.close()


def test_opening_again_ends_what_was_played(null_device, output, monkeypatch):
    monkeypatch.setattr(module, "SoundBuffer", NotedBuffer)
    first, second = output.open(), output.open()
    until_now = first.taken
    wait_until(lambda: second.taken >= 4000)
    assert first.taken == until_now


@pytest.mark.parametrize("volume, loudest", [(0.0, 0), (0.5, 5000), (1.0, 10_000)])
def test_the_volume_takes_effect_with_the_next_samples(output, monkeypatch, volume, loudest):
    players: list[Generator[bytes, int, None]] = []

    class Device:
        def __init__(self, **_options):
            self.start, self.close = players.append, players.clear

    monkeypatch.setattr(miniaudio, "PlaybackDevice", Device)
    monkeypatch.setattr(module, "_has_speaker", lambda: True)
    output.open().put(np.full(100, 10_000, np.int16).tobytes())
    output.volume = volume
    played = np.frombuffer(players[0].send(50), np.int16)
    assert (len(played), played.max()) == (50, loudest)


def test_a_machine_without_a_loudspeaker_is_silent(monkeypatch, output):
    class NoDevices:
        def get_playbacks(self):
            return []

    monkeypatch.setattr(miniaudio, "Devices", NoDevices)
    assert not output.available
    assert output.open() is None


ALSA_NULL = "Discard all samples (playback) or generate zero samples (capture)"


@pytest.mark.parametrize(
    "names, available",
    [
        ([ALSA_NULL], False),
        (["NULL Playback Device"], False),
        ([ALSA_NULL, "HDA Intel PCH"], True),
        (["Null Series Headphones"], True),
    ],
)
def test_a_device_that_swallows_all_sound_is_no_loudspeaker(monkeypatch, output, names, available):
    class SomeDevices:
        def get_playbacks(self):
            return [{"name": name} for name in names]

    monkeypatch.setattr(miniaudio, "Devices", SomeDevices)
    assert output.available is available


def test_miniaudios_own_null_device_is_known_by_its_name(monkeypatch, output):
    devices = miniaudio.Devices
    monkeypatch.setattr(miniaudio, "Devices", lambda: devices([miniaudio.Backend.NULL]))
    assert not output.available


def test_a_loudspeaker_that_cannot_be_asked_for_is_none(monkeypatch, output):
    def fail(*_, **__):
        raise miniaudio.MiniaudioError("no backend")

    monkeypatch.setattr(miniaudio, "Devices", fail)
    assert not output.available


def test_a_loudspeaker_that_does_not_open_is_none(null_device, monkeypatch, output):
    def fail(*_, **__):
        raise miniaudio.MiniaudioError("busy")

    monkeypatch.setattr(miniaudio, "PlaybackDevice", fail)
    assert output.open() is None


def test_a_machine_without_the_sound_library_is_silent(monkeypatch, output):
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    assert not output.available
    assert output.open() is None


def test_this_machine_whatever_it_has_fails_in_no_way(output):
    buffer = output.open()
    assert output.available or buffer is None
