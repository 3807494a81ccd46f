"""Old clips, not mended yet: exported and played as if they were."""

from datetime import timedelta

import av
import numpy as np
import pytest

from tests.support.exporting import START, Folder, Recorded
from tests.support.mp4 import assert_heard, needs_gstreamer
from tests.support.old_clips import SECONDS, old_clip
from tests.support.packets import aac_sound, clip_of, facts, g711_sound, small, video_packets
from vms_desktop.core.media.audio import SOUND_RATE_HZ, SoundBuffer
from vms_desktop.core.player.sound import ClipSound

RATE = 16_000


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def old(folder, name="old", begins_s=0, **how):
    how = {"rate": RATE, "clock_hz": 8_000} | how
    return recorded(old_clip(folder.folder / f"{name}.mp4", **how), begins_s)


def recorded(path, begins_s):
    start = START + timedelta(seconds=begins_s)
    return Recorded(path, start, start + timedelta(seconds=SECONDS))


def new(folder, begins_s, audio, sound):
    both = sorted(video_packets(small(45)) + sound, key=lambda packet: packet.arrived)
    path = clip_of(folder.folder / f"new-{begins_s}.mp4", both, facts(small(45)), audio)
    return recorded(path, begins_s)


@needs_gstreamer
@pytest.mark.parametrize("channels", [1, 2])
def test_an_exported_old_clip_is_heard_by_both_readers(folder, channels):
    clip = old(folder, channels=channels)
    before = clip.path.read_bytes()
    (path,) = folder.export(clip).outputs
    assert_heard(path, SECONDS, channels=channels)
    assert clip.path.read_bytes() == before


@needs_gstreamer
def test_so_is_one_that_was_never_finished(folder):
    (path,) = folder.export(old(folder, whole=False)).outputs
    assert_heard(path, 2.8)


@needs_gstreamer
def test_so_is_one_whose_pictures_are_encoded(folder):
    (path,) = folder.export(old(folder), burn_in=True).outputs
    assert_heard(path, SECONDS)


@needs_gstreamer
def test_old_and_new_clips_of_a_camera_join_without_being_encoded(folder):
    audio, sound = aac_sound(SECONDS, rate=RATE)
    (path,) = folder.export(old(folder), new(folder, 9, audio, sound)).outputs
    assert_heard(path, 2 * SECONDS)
    copied = {bytes(packet.data) for packet in sound}
    assert {data for _, data in sound_packets(path)} <= copied


@needs_gstreamer
def test_those_of_other_kinds_become_one_sound(folder):
    clips = [old(folder), new(folder, 9, *g711_sound(SECONDS)), old(folder, "o", 19, rate=8_000)]
    (path,) = folder.export(*clips).outputs
    assert_heard(path, 3 * SECONDS)


def sound_packets(path):
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize("channels", [1, 2])
def test_an_old_clip_is_as_loud_in_playback_as_a_new_one(tmp_path, channels):
    audio, sound = aac_sound(SECONDS, rate=RATE, channels=channels)
    path = old_clip(tmp_path / "x.mp4", rate=RATE, channels=channels, clock_hz=8_000)
    recent = new(Folder(tmp_path), 9, audio, sound).path
    assert played(path) == pytest.approx(played(recent), rel=0.05)


def played(path):
    """How loud it is from the first to the second second, as the loudspeaker has it."""
    buffer = SoundBuffer()
    sound = ClipSound(buffer)
    heard = bytearray()
    for at_ms in range(1000, 2000, 50):
        sound.feed(path, at_ms * 1000, 1)
        heard += buffer.take(SOUND_RATE_HZ * 2 // 20)
    sound.close()
    samples = np.frombuffer(bytes(heard), np.int16) / 32768
    return float(np.sqrt(np.mean(samples**2)))
