"""What a camera does to its stream, its clips survive."""

from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from tests.support.camera_entries import always, entry
from tests.support.fakes import Behaviour, FakeCamera, jump, repeat
from tests.support.running import running_fleet
from tests.support.video import encode, read_number
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera.hd_session import REST_S
from vms_desktop.core.clips.clip import Clip, Trigger

FPS = 15
SMALL = encode(300, width=160, height=96, fps=FPS)
LARGE = encode(300, width=320, height=192, fps=FPS)
HD = encode(300, width=480, height=288, fps=FPS)
CHANGE_AT = 45
FAULTS = {
    "size": Behaviour(switch_at=CHANGE_AT, switch_to=LARGE),
    "ahead": Behaviour(stamps=jump(CHANGE_AT, 60.0)),
    "back": Behaviour(stamps=jump(CHANGE_AT, -30.0)),
    "repeated": Behaviour(stamps=repeat(CHANGE_AT, FPS)),
    "mute sound": Behaviour(audio_announced=True),
}


@dataclass(frozen=True)
class Recorded:
    """What one run of all these cameras left behind."""

    clips: dict[str, list[Clip]]
    clients: dict[str, int]
    hd_clients: int


@pytest.fixture(scope="module")
def recorded(qapp, tmp_path_factory):
    """Every fault at once, and a camera whose HD falls silent and comes back."""
    folder: Path = tmp_path_factory.mktemp("recorded")
    cameras = {key: FakeCamera(SMALL, [fault]) for key, fault in FAULTS.items()}
    hd = FakeCamera(HD, [Behaviour(pictures=45), Behaviour()])
    cameras["hd"] = FakeCamera(SMALL)
    entries = {key: always(camera.url(), name=key) for key, camera in cameras.items()}
    entries["hd"]["url_hd"] = hd.url()
    try:
        with running_fleet(folder, entries) as running:
            hd_clips = lambda: [c for c in running.clips if c.camera_id == "hd"]  # noqa: E731
            running.until(lambda: len(hd_clips()) >= 2, 20)
            sent = hd.pictures_sent
            running.until(lambda: hd.pictures_sent > sent + 20)
        clips = {key: [c for c in running.clips if c.camera_id == key] for key in entries}
        clients = {key: len(camera.clients) for key, camera in cameras.items()}
        return Recorded(clips, clients, len(hd.clients))
    finally:
        for camera in (*cameras.values(), hd):
            camera.close()


def numbers_in(clip):
    """The number of each of its pictures; raises where it cannot be decoded without an error."""
    with av.open(str(clip.path)) as source:
        return [read_number(f.to_ndarray(format="bgr24")) for f in source.decode(video=0)]


def is_a_run(numbers):
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def length_s(clip):
    with av.open(str(clip.path)) as source:
        assert source.duration is not None
        return float(source.duration / av.time_base)


@pytest.mark.parametrize("key", FAULTS)
def test_no_fault_of_the_stream_costs_the_connection(recorded, key):
    assert recorded.clients[key] == 1


@pytest.mark.parametrize("key", ["repeated", "mute sound", "ahead", "back"])
def test_what_is_odd_and_harmless_stays_in_one_clip_with_every_picture(recorded, key):
    (clip,) = recorded.clips[key]
    numbers = numbers_in(clip)
    assert is_a_run(numbers)
    assert numbers[0] == 0
    assert length_s(clip) == pytest.approx(len(numbers) / FPS, abs=0.5)


def test_another_picture_size_begins_a_new_clip(recorded):
    before, after = recorded.clips["size"]
    assert numbers_in(before) == list(range(CHANGE_AT))
    assert is_a_run(numbers_in(after))
    sizes = []
    for clip in (before, after):
        with av.open(str(clip.path)) as source:
            sizes.append(next(source.decode(video=0)).width)
    assert sizes == [160, 320]


def test_sound_that_never_came_is_no_track_of_the_clip(recorded):
    (clip,) = recorded.clips["mute sound"]
    with av.open(str(clip.path)) as source:
        assert [stream.type for stream in source.streams] == ["video"]


def test_hd_is_recorded_sd_while_it_is_silent_and_hd_again(recorded):
    widths = [clip.size.width for clip in recorded.clips["hd"]]
    hd_width, sd_width = HD.width, SMALL.width
    # SD may begin the very first clip: HD connects after it.
    assert widths in (
        [hd_width, sd_width, hd_width],
        [sd_width, hd_width, sd_width, hd_width],
    )
    assert recorded.hd_clients == 2
    first_hd = next(clip for clip in recorded.clips["hd"] if clip.size.width == hd_width)
    assert numbers_in(first_hd) in (list(range(45)), list(range(44)))
    ordered = sorted(recorded.clips["hd"], key=lambda clip: clip.start_at)
    covered_until = ordered[0].end_at
    for clip in ordered[1:]:
        # HD is read in groups: what it sent while it was left alone arrives at their end.
        assert (clip.start_at - covered_until).total_seconds() < REST_S + 2 / FPS
        covered_until = max(covered_until, clip.end_at)
    assert all(is_a_run(numbers_in(clip)) for clip in ordered)


def test_a_recording_by_hand_begins_with_a_keyframe_before_the_pre_roll(qapp, data_dir):
    with FakeCamera(SMALL) as camera:
        cameras = {"a": entry(camera.url(), pre_record_seconds=2, recording_mode="manual")}
        with running_fleet(data_dir, cameras) as running:
            running.until_live("a")
            running.until(lambda: camera.pictures_sent > 4 * FPS)
            running.fleet.record("a", True)
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            assert running.fleet.status("a").manual
            running.fleet.record("a", False)
            running.until(lambda: running.clips)
            running.until(lambda: running.state("a") is CameraState.LIVE)
    (clip,) = running.clips
    assert clip.trigger is Trigger.MANUAL
    assert 2 <= (clip.event_start_at - clip.start_at).total_seconds() < 3.2
    assert numbers_in(clip)[0] % FPS == 0
