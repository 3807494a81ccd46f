"""What a soak counts: pictures that tell their number, and times that count in another way."""

from fractions import Fraction
from io import BytesIO

import av
import pytest

from benchmarks.soak_figures import FLAT_AFTER_S, figures
from benchmarks.soak_journal import Journal, State
from tests.support.numbered_cameras import FPS, LOOP, film, sei
from tests.support.numbered_pictures import Recorded

SIZE = (160, 96, 41)
LENGTH = 40 * FPS


def write(path, numbers, camera=0, spoilt=None):
    """A clip of these pictures, as FFmpeg makes one of what a camera sends."""
    stream = b""
    for number in numbers:
        unit = film(*SIZE)[number % LOOP]
        about = sei(camera, "sd", number, unit.crc ^ (number == spoilt))
        stream += b"".join(b"\0\0\0\1" + nal for nal in (*unit.sets, about, unit.slice))
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", "mp4") as clip, av.open(BytesIO(stream), "r", "h264") as source:
        track = clip.add_stream_from_template(source.streams.video[0])
        for place, packet in enumerate(source.demux(video=0)):
            if packet.size:
                packet.stream = track
                packet.time_base = Fraction(1, FPS)
                packet.pts = packet.dts = place
                packet.duration = 1
                clip.mux(packet)
    return path


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write("session", first=0, seed=1)
    journal.write("reached", number=LENGTH)
    return journal


def window(journal, name, state, first, last, camera=0):
    journal.write("window", id=name, state=state.name, camera=camera, first=first, last=last)


def fault(journal, kind, number, *, delivered=True):
    journal.write("fault", fault=kind, camera=0, number=number, delivered=delivered, proof="seen")


def told_by(journal, folder, cameras=1):
    return figures(journal, Recorded().look(folder), cameras, 0, journal.length)


def test_a_reader_finds_each_picture_of_each_camera_by_its_number(tmp_path):
    write(tmp_path / "a" / "1.mp4", range(20))
    write(tmp_path / "b" / "1.mp4", range(60, 90), camera=3)
    found = Recorded().look(tmp_path)
    assert found.count(0, 100).nonzero()[0].tolist() == list(range(20))
    assert found.count(3, 100).nonzero()[0].tolist() == list(range(60, 90))
    assert (found.damaged, found.problems, dict(found.of)) == (0, [], {"sd": 50})


def test_a_picture_that_is_there_twice_or_not_as_it_was_sent_is_told(tmp_path):
    write(tmp_path / "1.mp4", range(20))
    write(tmp_path / "2.mp4", range(10, 20), spoilt=15)
    found = Recorded().look(tmp_path)
    assert found.count(0, 20).tolist() == [1] * 10 + [2] * 10
    assert found.damaged == 1


def test_a_clip_that_was_renamed_or_went_on_counts_once_and_one_that_is_gone_does_not(tmp_path):
    part = write(tmp_path / "1.mp4", range(10)).rename(tmp_path / "1.part")
    found = Recorded()
    assert found.look(tmp_path).count(0, 20).sum() == 10
    part.write_bytes(write(tmp_path / "whole.mp4", range(20)).read_bytes())
    (tmp_path / "whole.mp4").unlink()
    part.rename(tmp_path / "2.mp4")
    assert found.look(tmp_path).count(0, 20).tolist() == [1] * 20
    (tmp_path / "2.mp4").unlink()
    assert found.look(tmp_path).count(0, 20).sum() == 0


def test_a_clip_that_nobody_reads_is_told(tmp_path):
    (tmp_path / "1.mp4").write_bytes(b"nothing of a clip")
    assert len(Recorded().look(tmp_path).problems) == 1


@pytest.mark.parametrize(
    "state, reachable_s, durable_s",
    [
        (None, 40, 36),
        (State.UNREACHABLE, 30, 30),
        (State.PROMISED, 30, 30),
        (State.DOWN, 30, 30),
    ],
)
def test_what_is_lost_counts_where_nothing_excuses_it(
    journal, tmp_path, state, reachable_s, durable_s
):
    write(tmp_path / "1.mp4", [*range(100), *range(140, LENGTH)])
    if state is not None:
        window(journal, "silent#0", state, 80, 180)
    (camera, _) = told_by(journal, tmp_path).cameras
    assert (camera.reachable_s, camera.durable_s) == (reachable_s, durable_s)


def test_a_loss_is_put_down_to_the_fault_before_it(journal, tmp_path):
    write(tmp_path / "1.mp4", [*range(100), *range(140, LENGTH)])
    fault(journal, "jump", 30)
    fault(journal, "sets", 95)
    fault(journal, "sound", 300, delivered=False)
    result = told_by(journal, tmp_path)
    assert {name: kind.lost_s for name, kind in result.kinds.items()} == {
        "jump": 0,
        "sets": 4,
        "sound": 0,
    }
    assert (result.is_available, result.undelivered) == (False, 1)


def test_the_way_back_and_what_a_kill_takes_are_measured(journal, tmp_path):
    write(tmp_path / "1.mp4", [*range(193), *range(230, LENGTH)])
    window(journal, "kill#0", State.DOWN, 190, 220, camera=None)
    window(journal, "kill#1", State.PROMISED, 220, 280, camera=None)
    result = told_by(journal, tmp_path)
    assert result.lost_before_kill_s == pytest.approx(0.7)
    assert result.kinds["kill"].longest_return_s == pytest.approx(1.0)
    assert result.cameras[0].availability == 1


def test_the_spare_camera_counts_only_while_it_is_wanted(journal, tmp_path):
    write(tmp_path / "1.mp4", range(150, 200), camera=1)
    window(journal, "added#0", State.ADDED, 100, 200, camera=1)
    window(journal, "added#1", State.PROMISED, 100, 180, camera=1)
    window(journal, "kill#2", State.DOWN, 300, 320, camera=None)
    spare = told_by(journal, tmp_path).cameras[1]
    assert (spare.reachable_s, spare.promised_s, spare.down_s) == (2, 8, 0)
    assert spare.availability == 1


def test_a_camera_that_is_added_has_its_time_to_come(journal, tmp_path):
    window(journal, "added#3", State.ADDED, 100, 100)
    window(journal, "added#3", State.PROMISED, 100, 180)
    window(journal, "added#3", State.ADDED, 100, 300)
    write(tmp_path / "a" / "1.mp4", range(130, 300))
    (spare,) = told_by(journal, tmp_path, cameras=0).cameras
    assert (spare.reachable_s, spare.durable_s, spare.promised_s) == (12, 12, 8)


def test_a_journal_that_goes_on_counts_nothing_between_its_sessions(journal, tmp_path):
    write(tmp_path / "1.mp4", [*range(LENGTH), *range(600, 700)])
    later = Journal(tmp_path / "journal.jsonl")
    later.write("session", first=600, seed=1)
    later.write("reached", number=700)
    (camera, _) = told_by(later, tmp_path).cameras
    assert (camera.reachable_s, camera.durable_s, camera.unreachable_s) == (50, 50, 20)


@pytest.mark.parametrize(
    "minutes, mb_per_hour, is_flat", [(10, 60, None), (60, 1, True), (60, 30, False)]
)
def test_memory_is_flat_whatever_level_each_life_of_the_process_begins_at(
    journal, tmp_path, minutes, mb_per_hour, is_flat
):
    for life, level_mb in ((1, 100), (2, 140)):
        for age_s in range(0, minutes * 60 // 2 + 60, 60):
            memory_mb = level_mb + mb_per_hour * age_s / 3600
            journal.write(
                "sample",
                elapsed_s=age_s,
                life=life,
                age_s=age_s,
                rss_mb=memory_mb,
                pss_mb=memory_mb,
                anonymous_mb=memory_mb,
                descriptors=30,
                threads=20,
                cpu_s=age_s / 10,
            )
    result = told_by(journal, tmp_path)
    assert (result.measured_s >= FLAT_AFTER_S, result.is_flat) == (minutes >= 30, is_flat)
    assert result.slopes["rss_mb"]["per_hour"] == pytest.approx(mb_per_hour)
    assert result.cpu_percent == pytest.approx(10)
