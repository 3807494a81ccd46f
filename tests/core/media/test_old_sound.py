"""What old clips ought to say of their sound, derived from them and from nothing else."""

from io import BytesIO

import pytest

from tests.support.mp4 import sound_entries
from tests.support.old_clips import SECONDS, TAGS, old_clip, packets_of
from tests.support.packets import aac_sound, clip_of, facts, g711_sound, small, video_packets
from vms_desktop.core.media.old_sound import is_sound_mended, patched_file, sound_patch
from vms_desktop.core.stream.bitstream.aac import build_aac_config

RATES = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000]


def patch_of(path):
    with path.open("rb") as file:
        return sound_patch(file)


def mended_bytes(path):
    with path.open("rb") as file:
        return patched_file(file, patch_of(path)).read()


def test_an_old_clip_is_one_that_other_players_refuse(tmp_path):
    (entry,) = sound_entries(old_clip(tmp_path / "x.mp4").read_bytes())
    assert (entry.channels, entry.config) == (2, b"")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
def test_rate_and_channels_are_found(tmp_path, rate, channels, whole):
    path = old_clip(tmp_path / "x.mp4", rate=rate, channels=channels, whole=whole)
    (entry,) = sound_entries(mended_bytes(path))
    assert (entry.channels, entry.rate_hz) == (channels, rate)
    assert entry.config == build_aac_config(2, rate, channels)


@pytest.mark.parametrize("clock_hz", [1_000, 8_000, 48_000, 90_000])
@pytest.mark.parametrize("rate", RATES)
def test_a_clock_that_is_not_the_rate_misleads_nobody(tmp_path, rate, clock_hz):
    path = old_clip(tmp_path / "x.mp4", rate=rate, clock_hz=clock_hz)
    (entry,) = sound_entries(mended_bytes(path))
    assert (entry.rate_hz, entry.config) == (rate, build_aac_config(2, rate, 1))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_nothing_else_of_the_file_is_another(tmp_path, codec, whole):
    path = old_clip(tmp_path / "x.mp4", codec=codec, whole=whole)
    before, patch, data = path.read_bytes(), patch_of(path), mended_bytes(path)
    end = patch.offset + len(patch.old)
    assert data[patch.offset : end] == patch.new != before[patch.offset : end] == patch.old
    assert (data[: patch.offset], data[end:]) == (before[: patch.offset], before[end:])
    told = packets_of(path)
    path.write_bytes(data)
    assert packets_of(path) == told


def test_it_is_read_the_same_in_pieces_of_any_size(tmp_path):
    path = old_clip(tmp_path / "x.mp4")
    whole, patch = mended_bytes(path), patch_of(path)
    for size in (1, 7, 64, 1000):
        with path.open("rb") as file:
            seen = patched_file(file, patch)
            seen.seek(patch.offset - 20)
            pieces = [seen.read(size) for _ in range(100)]
        assert b"".join(pieces) == whole[patch.offset - 20 :][: 100 * size]


def written(path, audio, sound, tags=TAGS):
    both = sorted(video_packets(small(45)) + sound, key=lambda packet: packet.arrived)
    clip_of(path, both, facts(small(45)), audio)
    return path


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
def test_a_clip_that_says_what_it_is_is_left_alone(tmp_path, make):
    assert patch_of(written(tmp_path / "x.mp4", *make(SECONDS))) is None


def test_a_clip_without_sound_is_left_alone(tmp_path):
    assert patch_of(written(tmp_path / "x.mp4", None, [])) is None


@pytest.mark.parametrize("missing", ["camera_id", "start_utc"])
def test_a_file_that_is_not_ours_is_left_alone(tmp_path, missing):
    tags = {key: value for key, value in TAGS.items() if key != missing}
    assert patch_of(old_clip(tmp_path / "x.mp4", tags=tags)) is None


def frames(rate=16_000, channels=1):
    return [bytes(packet.data) for packet in aac_sound(SECONDS, rate=rate, channels=channels)[1]]


@pytest.mark.parametrize(
    "sound",
    [
        [b"\x01" * 100 for _ in range(40)],
        [frame[:20] for frame in frames()],
        frames()[:20] + frames(channels=2)[20:],
        frames()[:2],
    ],
    ids=["noise", "cut off", "mono and stereo", "too little"],
)
def test_what_cannot_be_derived_is_left_alone(tmp_path, sound):
    assert patch_of(old_clip(tmp_path / "x.mp4", sound=sound)) is None


def test_frames_that_come_at_no_rate_are_left_alone(tmp_path):
    """1024 samples that last as long as at 38 kHz: as likely 44.1 as 32."""
    path = old_clip(tmp_path / "x.mp4", rate=38_000, sound=frames())
    assert patch_of(path) is None


def test_a_damaged_frame_here_and_there_is_no_hindrance(tmp_path):
    sound = frames()
    sound[5] = sound[5][:3] + b"\xff" * 40
    assert patch_of(old_clip(tmp_path / "x.mp4", sound=sound)) is not None


def test_a_file_cut_off_anywhere_is_mended_or_left_alone(tmp_path):
    data = old_clip(tmp_path / "x.mp4", whole=False).read_bytes()
    found = [sound_patch(BytesIO(data[:size])) for size in range(0, len(data), 211)]
    assert found[0] is None
    assert found[-1] is not None
    assert {patch.new for patch in found if patch} == {found[-1].new}


@pytest.mark.parametrize("whole", [True, False])
def test_whatever_is_damaged_in_a_head_nothing_but_what_the_sound_is_would_be_written(
    tmp_path, whole
):
    """Every byte changed in turn."""
    rate = 8_000
    path = old_clip(tmp_path / "x.mp4", rate=rate, sound=frames(rate)[:6], whole=whole)
    data, patch = path.read_bytes(), patch_of(path)
    moov = data.rindex(b"moov") - 4
    size = int.from_bytes(data[moov : moov + 4])
    found = 0
    with path.open("r+b") as file:
        for at in range(moov, moov + size):
            file.seek(at)
            file.write(bytes([data[at] ^ 1 << at % 8]))
            if damaged := sound_patch(file):
                found += 1
                assert (damaged.offset, len(damaged.new)) == (patch.offset, len(patch.old))
                is_sound_mended(file, damaged)
            file.seek(at)
            file.write(data[at : at + 1])
    assert found > size // 3
