"""The maintainer at work in a thread, in a data folder of its own."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.packets import CAMERA, camera
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.clips.sidecar import read_sidecar
from vms_desktop.core.library import chores, deletions, maintainer
from vms_desktop.core.library.gaps import GapJournal, GapKind, read_gaps
from vms_desktop.core.library.maintainer import (
    CamerasConfigured,
    ClipRecorded,
    MaintainerCommand,
    QuestionAnswered,
)
from vms_desktop.core.library.purger import Purger
from vms_desktop.core.library.retention import DeleteResult, PurgeQuestion, PurgeReason
from vms_desktop.core.library.system_load import Machine
from vms_desktop.core.media.thumbnail import make_thumbnail


def has_picture(home, path):
    return home.layout.thumbnail_path(path).exists()


def test_a_new_folder_is_made_marked_and_ready(home):
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        wait_until(lambda: bool(home.marks) and bool(home.today))
    assert json.loads(home.layout.recordings_mark.read_text())["id"] == home.marks[0]
    assert len(home.marks) == 1
    assert home.today == [()]
    assert home.folders.known() == {"cam-1": "Front_door"}


def test_a_closed_clip_gets_its_thumbnail(home, now):
    clip = home.record(now)
    home.layout.sidecar_path(clip.path).unlink()
    with home.cared_for(CAMERA, mark="mark"):
        wait_until(lambda: bool(home.pictured))
        later = home.record(now + timedelta(seconds=30))
        home.inbox.post(ClipRecorded(later))
        wait_until(lambda: later in home.pictured)
    assert has_picture(home, later.path)


def test_todays_clips_without_a_thumbnail_get_one_after_they_were_told(home, now):
    clips = [home.record(now - timedelta(seconds=seconds)) for seconds in (0, 1, 2)]
    clips = [clip for clip in clips if clip.start_at.date() == now.date()]
    home.layout.thumbnail_path(clips[0].path).write_bytes(b"there is one")
    with home.cared_for(CAMERA, mark="mark"):
        wait_until(lambda: len(home.pictured) == len(clips) - 1)
    assert [clip.path for clip in home.today[0]] == [clip.path for clip in clips]
    assert all(has_picture(home, clip.path) for clip in clips)
    assert home.layout.thumbnail_path(clips[0].path).read_bytes() == b"there is one"


def test_recording_does_not_wait_for_thumbnails(home, now, monkeypatch):
    home.record(now)
    ready = []

    def make(*_, **__):
        ready.append(home.watch.ready)
        return b"jpeg"

    monkeypatch.setattr(chores, "make_thumbnail", make)
    with home.cared_for(CAMERA, mark="mark"):
        wait_until(lambda: bool(ready))
    assert ready == [True]


def test_what_a_crash_left_becomes_a_clip_with_thumbnail_and_side_car(home, now):
    part = home.record(now, finish=False).part
    with home.cared_for(CAMERA, mark="mark"):
        wait_until(lambda: bool(home.pictured))
    clip = home.pictured[0]
    assert clip.path == part.with_suffix(".mp4")
    assert not part.exists()
    assert has_picture(home, clip.path)
    described = read_sidecar(home.layout.sidecar_path(clip.path), clip.path)
    assert described is not None
    assert described.camera_id == "cam-1"
    assert [found.path for found in home.today[0]] == [clip.path]
    assert len(home.pictured) == 1


def test_a_part_is_recovered_before_anything_new_is_written(home, now, monkeypatch):
    home.record(now, finish=False)
    order = []
    recover = chores.recover_parts

    def recover_parts(layout):
        order.append(home.watch.ready)
        return recover(layout)

    monkeypatch.setattr(chores, "recover_parts", recover_parts)
    with home.cared_for(CAMERA, mark="mark"):
        home.wait_until_ready()
        wait_until(lambda: bool(home.loads))
    assert order == [False]


def test_a_part_that_nobody_can_play_is_set_aside(home, now):
    part = home.record(now, finish=False).part
    part.write_bytes(b"nothing of a film")
    with home.cared_for(CAMERA, mark="mark"):
        home.wait_until_ready()
    assert not part.exists()
    assert len(list(home.layout.unreadable.rglob("*.part"))) == 1
    assert not home.pictured


def test_a_clip_that_cannot_be_decoded_stops_nothing(home, now):
    clip = home.record(now)
    broken = replace(clip, path=clip.path.with_name("00-00-00.mp4"))
    broken.path.write_bytes(b"nothing")
    with home.cared_for(CAMERA, mark="mark"):
        home.inbox.post(ClipRecorded(broken))
        wait_until(lambda: bool(home.pictured))
    assert [done.path for done in home.pictured] == [clip.path]


def test_a_thumbnail_is_turned_as_its_camera(home, now, monkeypatch):
    turned = []

    def make(*_, rotation):
        turned.append(rotation)
        return b"jpeg"

    monkeypatch.setattr(chores, "make_thumbnail", make)
    home.record(now)
    with home.cared_for(camera(rotation=90), mark="mark"):
        wait_until(lambda: bool(turned))
    assert turned == [90]


def test_a_clip_whose_folder_moves_while_it_is_looked_at_gets_its_thumbnail(home, now, monkeypatch):
    """A new name ends the clip and moves its folder at once, while another thread opens it."""
    clip = home.record(now)

    def make(path, *args, **options):
        home.folders.claim(replace(CAMERA, name="Gate"))
        return make_thumbnail(path, *args, **options)

    monkeypatch.setattr(chores, "make_thumbnail", make)
    with home.cared_for(CAMERA, mark="mark"):
        wait_until(lambda: bool(home.pictured))
    moved = home.layout.recorded_path("Gate", clip.path)
    assert home.pictured[0].path == moved
    assert has_picture(home, moved)


def test_a_gap_that_is_older_than_its_cameras_folder_lies_in_it(home, now):
    home.journal.opened(CAMERA.id, "guessed", now - timedelta(minutes=1), "inactive")
    with home.cared_for(CAMERA):
        wait_until(lambda: home.known)
        home.journal.closed(CAMERA.id, now)
    assert [path.name for path in home.layout.gaps.iterdir()] == ["Front_door"]


def test_the_time_that_the_program_did_not_run_is_a_gap(home, now):
    ended_at = now - timedelta(minutes=10)
    home.layout.heartbeat_json.write_text(json.dumps({"at": ended_at.isoformat(), "open": {}}))
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        wait_until((home.layout.gaps / "Front_door").exists)
    days = {ended_at.date(), now.date()}
    gaps = [gap for day in sorted(days) for gap in read_gaps(home.layout, "Front_door", day)]
    assert {gap.reason for gap in gaps} == {GapKind.NOT_RUNNING}
    assert abs(gaps[0].start_at - ended_at) < timedelta(seconds=1)
    assert abs(gaps[-1].end_at - now) < timedelta(seconds=60)


def test_gaps_and_the_heartbeat_are_written_at_the_end(home, now):
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        home.journal.opened("cam-1", "Front_door", now - timedelta(seconds=2), "paused")
        home.journal.closed("cam-1", now)
    assert (home.layout.gaps / "Front_door").exists()
    assert home.layout.heartbeat_json.exists()


def test_a_storage_that_vanishes_is_told_and_its_return_too(home):
    with home.cared_for(CAMERA):
        wait_until(lambda: bool(home.known))  # Claiming makes folders, and is over.
        away = home.layout.root / "unmounted"
        home.layout.recordings.rename(away)
        wait_until(lambda: home.watch.problem is StorageProblem.MISSING)
        home.layout.recordings.mkdir()  # The bare mount point.
        assert home.watch.problem is StorageProblem.MISSING
        shutil.rmtree(home.layout.recordings)
        away.rename(home.layout.recordings)
        wait_until(lambda: home.watch.problem is None)
    assert len(home.today) == 1


def test_nothing_is_purged_from_what_is_not_the_recordings_disk(home, monkeypatch):
    steps = []

    def step(*args, **options):
        steps.append(home.watch.problem)
        return DeleteResult()

    monkeypatch.setattr(Purger, "step", step)
    home.layout.recordings.mkdir()  # A mount point without its disk.
    with home.cared_for(CAMERA, mark="remembered"):
        wait_until(lambda: len(home.loads) > 3)
    assert home.watch.problem is StorageProblem.MISSING
    assert steps == []
    assert list(home.layout.recordings.iterdir()) == []


class FakePurger:
    """Deletes what it is told to, and remembers what it was asked."""

    made: "FakePurger"

    def __init__(self, *_):
        self.recorded_bytes = 0
        self.days = self.in_use = None
        self.answers = []
        self.reports = []
        FakePurger.made = self

    def recorded(self, size_bytes, now):
        self.recorded_bytes += size_bytes

    def answer(self, ask, yes, now):
        self.answers.append((ask, yes))

    def step(self, limits, days_of, at, now, in_use):
        self.days, self.in_use = days_of, in_use
        return self.reports.pop() if self.reports else DeleteResult()


@pytest.fixture
def purger(monkeypatch):
    monkeypatch.setattr(maintainer, "Purger", FakePurger)
    return lambda: FakePurger.made


def test_purging_knows_which_clips_are_played(home, purger):
    played = frozenset({home.layout.recordings / "A" / "2026-11-22" / "10-00-00.mp4"})
    with home.cared_for(CAMERA, in_use=lambda: played):
        home.wait_until_ready()
        wait_until(lambda: purger().in_use == played)


def test_purging_knows_the_cameras_days_and_what_was_recorded(home, purger):
    home.watch.recorded(500)
    with home.cared_for(camera(retention_days=7), camera(id="2", name="B", retention_days=0)):
        wait_until(lambda: home.folders.known() != {} and purger().days not in (None, {}))
    assert purger().days == {"Front_door": 7, "B": 0}
    assert purger().recorded_bytes == 500


def test_what_was_deleted_and_asked_is_told(home, purger):
    ask = PurgeQuestion(PurgeReason.RESERVE, "", 5, 500)
    gone = home.layout.recordings / "A" / "2026-01-01" / "00-00-00.mp4"
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        purger().reports.append(DeleteResult(deleted=(gone,), freed_bytes=5, asks=(ask,)))
        wait_until(lambda: bool(home.deleted) and bool(home.asked))
        home.inbox.post(QuestionAnswered(ask, True))
        wait_until(lambda: purger().answers == [(ask, True)])
    assert home.deleted == [(gone,)]
    assert home.asked == [ask]


@pytest.mark.parametrize("freed", [True, False])
def test_a_writer_that_asks_for_room_hears_whether_there_is_some(home, purger, freed):
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        if freed:
            reports = [DeleteResult(deleted=(home.layout.recordings / "a",), freed_bytes=5)]
            purger().reports = reports * 50
        assert home.watch.make_room() is freed


def test_a_failing_purge_asks_nobody_and_stops_nothing(home, monkeypatch):
    def fail(*args, **options):
        raise StorageError(StorageProblem.FAILING)

    monkeypatch.setattr(Purger, "step", fail)
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        assert home.watch.make_room() is False
        count = len(home.loads)
        wait_until(lambda: len(home.loads) > count)


def test_a_folder_shared_by_two_names_is_told_once(home):
    second = camera(id="cam-2", name="Front-door")
    with home.cared_for(CAMERA, second):
        wait_until(lambda: bool(home.shared))
        home.inbox.post(CamerasConfigured((CAMERA, second)))
        count = len(home.loads)
        wait_until(lambda: len(home.loads) > count + 2)
    assert home.shared == [("Front-door", "Front_door_2")]


def test_a_camera_that_is_gone_is_forgotten(home):
    with home.cared_for(CAMERA, camera(id="cam-2", name="B")):
        wait_until(lambda: len(home.folders.known()) == 2)
        home.inbox.post(CamerasConfigured((CAMERA,)))
        wait_until(lambda: home.folders.known() == {"cam-1": "Front_door"})


def test_the_last_clips_get_their_thumbnails_when_the_program_ends(home, now):
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        clip = home.record(now)
        home.inbox.stop()
        home.inbox.post(ClipRecorded(clip))
    assert [done.path for done in home.pictured] == [clip.path]


def test_room_is_made_when_a_writer_posts_it(home, purger, monkeypatch):
    made: list[bool] = []
    monkeypatch.setattr(home.watch, "made_room", made.append)
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        home.inbox.post(MaintainerCommand.MAKE_ROOM)
        wait_until(lambda: made == [False])


def break_down(*_args, **_options):
    raise ZeroDivisionError("a bug")


@pytest.mark.expects_log_errors
@pytest.mark.parametrize(
    "place, name",
    [
        (Purger, "step"),
        (GapJournal, "heartbeat"),
        (GapJournal, "recover"),
        (Machine, "load"),
        (chores, "make_thumbnail"),
        (chores, "recover_parts"),
        (chores, "read_folder_owners"),
        (deletions, "left_removals"),
    ],
)
def test_the_disk_is_looked_at_promptly_whatever_else_breaks(home, now, monkeypatch, place, name):
    broken = []

    def breaks(*_args, **_options):
        broken.append(1)
        break_down()

    monkeypatch.setattr(place, name, breaks)
    home.record(now)
    with home.cared_for(CAMERA, mark="mark"):
        home.wait_until_ready()
        wait_until(lambda: bool(broken))
        away = home.layout.root / "unmounted"
        home.layout.recordings.rename(away)
        wait_until(lambda: home.watch.problem is StorageProblem.MISSING)
        away.rename(home.layout.recordings)
        wait_until(lambda: home.watch.problem is None)


@pytest.mark.expects_log_errors
def test_an_order_that_cannot_be_followed_costs_no_other(home, monkeypatch):
    monkeypatch.setattr(Purger, "answer", break_down)
    with home.cared_for(CAMERA):
        home.inbox.post(QuestionAnswered(PurgeQuestion(PurgeReason.RESERVE, "", 5, 500), True))
        home.inbox.post(CamerasConfigured((camera(id="cam-2", name="B"),)))
        wait_until(lambda: home.folders.known() == {"cam-2": "B"})


@pytest.mark.expects_log_errors
def test_gaps_are_written_at_the_end_even_where_the_last_thumbnail_breaks(home, now, monkeypatch):
    monkeypatch.setattr(chores, "make_thumbnail", break_down)
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        clip = home.record(now)
        home.journal.opened("cam-1", "Front_door", now - timedelta(seconds=2), "paused")
        home.journal.closed("cam-1", now)
        home.inbox.stop()
        home.inbox.post(ClipRecorded(clip))
    assert (home.layout.gaps / "Front_door").exists()
