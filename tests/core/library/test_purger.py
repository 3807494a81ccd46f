from datetime import datetime, timedelta

import pytest

from vms_desktop.core.base.errors import StorageError
from vms_desktop.core.base.files import DiskUsage
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.library.archive import restore_clip
from vms_desktop.core.library.purger import HOUR_S, Purger
from vms_desktop.core.library.retention import PurgeReason

START_AT = datetime(2026, 11, 22, 12).astimezone()
CLIP_BYTES = 1000
# A reserve of 5 %: 10,000 bytes, ten clips.
DISK_BYTES = 200_000


class Machine:
    """A small disk, a clock and a purger that looks at both every few seconds."""

    def __init__(self, root, foreign=0):
        self.layout = Layout(root)
        self.layout.recordings.mkdir()
        self.foreign = foreign
        self.now = 0.0
        self.slept_s = 0.0
        self.purger = Purger(self.layout, self.now, self.usage)
        self.days_of = {}
        self.in_use = set()
        self.limits = Settings()

    @property
    def at(self):
        return START_AT + timedelta(seconds=self.now + self.slept_s)

    def clips(self, *days_ago, folder="A"):
        for number, days in enumerate(days_ago):
            self._write(START_AT - timedelta(days=days, seconds=number), folder)

    def _write(self, start_at, folder):
        path = self.layout.free_clip_path(folder, start_at)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(CLIP_BYTES))

    def left(self, folder="A"):
        return len(list((self.layout.recordings / folder).rglob("*.mp4")))

    def usage(self, path):
        used = self.foreign + CLIP_BYTES * len(list(self.layout.recordings.rglob("*.mp4")))
        return DiskUsage(DISK_BYTES, max(0, DISK_BYTES - used))

    def record(self, count=1, folder="A"):
        for _ in range(count):
            self._write(self.at, folder)
            self.purger.recorded(CLIP_BYTES, self.now)

    def start(self):
        self.purger = Purger(self.layout, self.now, self.usage)
        return self.step()

    def step(self, after_s=5.0):
        self.now += after_s
        return self.purger.step(self.limits, self.days_of, self.at, self.now, self.in_use)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_with_room_nothing_is_deleted(machine):
    machine.clips(1000, 500, 1)
    machine.start()
    machine.step(25 * HOUR_S)
    assert machine.left() == 3


def test_on_a_full_disk_recording_goes_on_at_the_cost_of_the_oldest(machine):
    machine.clips(*range(100, 280))
    machine.foreign = 10_000
    machine.start()
    for _ in range(100):
        machine.record()
        machine.step()
        assert machine.usage(None).free >= 10_000
    assert machine.left() == 180
    newest = sorted(machine.layout.recordings.glob("A/2026-11-22/*.mp4"))
    assert len(newest) == 100
    assert machine.purger.asks == ()


def test_an_hour_deletes_twice_what_it_recorded_at_most(machine):
    machine.clips(*range(100, 280))
    machine.foreign = 10_000
    machine.start()
    machine.record(4)
    machine.foreign += 4_500
    assert len(machine.step().deleted) == 8
    assert machine.step().deleted == ()
    machine.foreign += 900
    machine.record()
    assert len(machine.step().deleted) == 2
    assert machine.step(HOUR_S).deleted == ()


def test_what_was_deleted_within_the_hour_counts(machine):
    machine.clips(*range(100, 280))
    machine.foreign = 10_000
    machine.start()
    machine.record(4)
    machine.foreign += 4_000
    assert len(machine.step().deleted) == 8
    machine.foreign += 900
    assert machine.step().deleted == ()


def test_something_else_that_fills_the_disk_makes_a_question_and_no_deletion(machine):
    machine.clips(*range(100, 150))
    machine.start()
    machine.foreign = DISK_BYTES - 50_000 - 4_000
    report = machine.step()
    assert [(ask.kind, ask.clips) for ask in report.asks] == [(PurgeReason.RESERVE, 6)]
    assert machine.step().asks == ()
    assert machine.step(48 * HOUR_S).deleted == ()
    assert machine.left() == 50


def test_a_yes_frees_the_reserve(machine):
    machine.clips(*range(100, 150))
    machine.foreign = DISK_BYTES - 50_000 - 4_000
    [ask] = machine.start().asks
    assert machine.step().deleted == ()
    machine.purger.answer(ask, True, machine.now)
    assert len(machine.step().deleted) == 6
    assert machine.step().deleted == ()
    assert machine.purger.asks == ()


def test_after_a_no_the_question_comes_back_a_day_later(machine):
    machine.clips(*range(100, 150))
    machine.foreign = DISK_BYTES - 50_000 - 4_000
    [ask] = machine.start().asks
    machine.purger.answer(ask, False, machine.now)
    assert machine.step(23 * HOUR_S).asks == ()
    assert machine.step(HOUR_S).asks == (ask,)
    assert machine.left() == 50


def test_a_question_that_settles_itself_is_forgotten(machine):
    machine.foreign = DISK_BYTES - 4_000
    machine.start()
    assert len(machine.purger.asks) == 1
    machine.foreign = 0
    machine.step()
    assert machine.purger.asks == ()


def test_archives_and_clips_in_use_stay_whatever_happens(machine):
    machine.clips(*range(100, 110))
    archived = machine.layout.archives / "A" / "2020-01-01" / "10-00-00.mp4"
    archived.parent.mkdir(parents=True)
    archived.write_bytes(b"x")
    played = min(machine.layout.recordings.rglob("*.mp4"))
    machine.in_use = {played}
    machine.foreign = DISK_BYTES
    [ask] = machine.start().asks
    machine.purger.answer(ask, True, machine.now)
    machine.step()
    assert list(machine.layout.recordings.rglob("*.mp4")) == [played]
    assert archived.exists()


def test_a_quota_holds_for_all_cameras_together(machine):
    machine.clips(*range(30, 40))
    machine.clips(*range(20, 30), folder="B")
    machine.limits = Settings(quota_gb=15 * CLIP_BYTES / 1e9)
    machine.start()
    assert (machine.left("A"), machine.left("B")) == (5, 10)
    machine.record(3)
    machine.step()
    assert (machine.left("A"), machine.left("B")) == (5, 10)


def test_what_a_person_deleted_leaves_room_within_the_quota(machine):
    machine.clips(*range(30, 40))
    machine.limits = Settings(quota_gb=10 * CLIP_BYTES / 1e9)
    machine.start()
    for path in sorted(machine.layout.recordings.rglob("*.mp4"))[-4:]:
        path.unlink()
    machine.purger.freed(4 * CLIP_BYTES)
    machine.record(4)
    machine.step()
    assert machine.left() == 10


def test_a_quota_that_would_delete_over_half_asks_and_waits_a_day(machine):
    machine.clips(*range(30, 40))
    machine.limits = Settings(quota_gb=3 * CLIP_BYTES / 1e9)
    assert [(ask.kind, ask.clips) for ask in machine.start().asks] == [(PurgeReason.QUOTA, 7)]
    machine.step(23 * HOUR_S)
    assert machine.left() == 10
    machine.step(HOUR_S)
    assert machine.left() == 3


def test_age_is_looked_at_from_the_purge_hour_on_hourly_until_nothing_is_due(machine):
    machine.clips(*[20] * 15, *[1] * 85)
    machine.days_of = {"A": 7}
    machine.limits = Settings(purge_hour=14)
    machine.start()
    seen = [machine.left()]
    for _ in range(20):
        machine.step(15 * 60)
        seen.append(machine.left())
    assert START_AT.hour == 12
    hour_of_first = next(n for n, left in enumerate(seen) if left < 100) * 15 / 60
    assert hour_of_first == pytest.approx(1, abs=0.25)
    assert sorted(set(seen), reverse=True) == [100, 90, 85]


@pytest.mark.parametrize("purge_hour", [3, 12, 13, 15])
def test_what_a_day_missed_begins_an_hour_after_the_start(purge_hour, machine):
    machine.clips(20, *[1] * 9)
    machine.days_of = {"A": 7}
    machine.limits = Settings(purge_hour=purge_hour)
    machine.start()
    machine.step(HOUR_S / 2)
    assert machine.left() == 10
    machine.step(HOUR_S / 2)
    assert machine.left() == 9


def test_every_day_has_its_purge(machine):
    machine.clips(6.9, *[1] * 9)
    machine.days_of = {"A": 7}
    machine.start()
    machine.step(HOUR_S)
    machine.step(13 * HOUR_S)
    assert machine.left() == 10
    machine.step(HOUR_S)
    assert machine.left() == 9


def test_only_the_folders_of_configured_cameras_age(machine):
    machine.clips(20, *[1] * 9)
    machine.clips(20, *[1] * 9, folder="Deleted")
    machine.clips(20, *[1] * 9, folder="Forever")
    machine.days_of = {"A": 7, "Forever": 0}
    machine.start()
    machine.step(HOUR_S)
    assert [machine.left(name) for name in ("A", "Deleted", "Forever")] == [9, 10, 10]


def test_over_half_at_once_waits_for_a_yes(machine):
    machine.clips(*[20] * 60, *[1] * 40)
    machine.days_of = {"A": 7}
    machine.start()
    [ask] = machine.step(HOUR_S).asks
    assert (ask.kind, ask.folder, ask.clips, ask.size_bytes) == (
        PurgeReason.AGE,
        "A",
        60,
        60_000,
    )
    machine.step(HOUR_S)
    assert machine.left() == 100
    machine.purger.answer(ask, True, machine.now)
    machine.step()
    assert machine.left() == 90
    for _ in range(30):
        machine.step(HOUR_S)
    assert machine.left() == 40
    assert machine.purger.asks == ()


def test_over_half_at_once_begins_after_24_hours_without_an_answer(machine):
    machine.clips(*[20] * 60, *[1] * 40)
    machine.days_of = {"A": 7}
    machine.start()
    machine.step(HOUR_S)
    for _ in range(23):
        machine.step(HOUR_S)
    assert machine.left() == 100
    machine.step(HOUR_S)
    assert machine.left() == 90


def restored(machine, days_ago, returned_days_ago=0.0):
    """A clip of long ago that came back from the archives."""
    start_at = START_AT - timedelta(days=days_ago)
    path = machine.layout.clip_path("A", start_at)
    archived = machine.layout.archive_path(path)
    archived.parent.mkdir(parents=True, exist_ok=True)
    archived.write_bytes(bytes(CLIP_BYTES))
    machine.layout.recordings_mark.write_text("{}")
    return restore_clip(machine.layout, archived, START_AT - timedelta(days=returned_days_ago))


def test_a_clip_from_the_archives_is_kept_for_a_retention_from_its_return(machine):
    machine.days_of = {"A": 7}
    machine.clips(*[0.1] * 20)
    clip = restored(machine, days_ago=100)
    machine.start()
    machine.step(25 * HOUR_S)
    machine.step(5 * 24 * HOUR_S)
    assert clip.exists()
    machine.record(40)
    machine.step(18 * HOUR_S)
    for _ in range(30):
        machine.step(HOUR_S)
    assert not clip.exists()
    assert machine.left() == 40


def test_one_that_came_back_is_no_reason_to_ask(machine):
    machine.days_of = {"A": 7}
    for days_ago in (100, 101, 102):
        restored(machine, days_ago)
    machine.clips(1)
    machine.start()
    assert machine.step(25 * HOUR_S).asks == ()
    assert machine.left() == 4


def test_on_a_full_disk_what_was_there_before_its_return_goes_first(machine):
    machine.clips(*range(1, 181))
    clip = restored(machine, days_ago=400, returned_days_ago=100.5)
    machine.foreign = 9_000
    machine.start()
    for _ in range(80):
        machine.record()
        machine.step()
    assert clip.exists()
    for _ in range(2):
        machine.record()
        machine.step()
    assert not clip.exists()


@pytest.mark.parametrize(
    "said", [b"", b"x", b"\xff", b"2026-13-45T99:00:00Z", b"0001-01-01T00:00Z"]
)
def test_a_return_that_cannot_be_read_is_none(machine, said):
    machine.days_of = {"A": 7}
    machine.clips(1, 2, 3)
    clip = restored(machine, days_ago=100)
    machine.layout.restored_mark(clip).write_bytes(said)
    machine.start()
    machine.step(25 * HOUR_S)
    assert not clip.exists()


def test_after_three_weeks_asleep_the_clips_of_that_time_are_asked_for(machine):
    machine.days_of = {"A": 14}
    machine.clips(1, 2, 3)
    machine.start()
    machine.slept_s = 21 * 86_400
    assert [ask.kind for ask in machine.step().asks] == [PurgeReason.AGE]
    assert machine.left() == 3
    machine.step(23 * HOUR_S)
    assert machine.left() == 3
    machine.step(2 * HOUR_S)
    assert machine.left() < 3


def test_a_no_keeps_them(machine):
    machine.clips(*[20] * 60, *[1] * 40)
    machine.days_of = {"A": 7}
    machine.start()
    [ask] = machine.step(HOUR_S).asks
    machine.purger.answer(ask, False, machine.now)
    asked_again = [len(machine.step(HOUR_S).asks) for _ in range(24)]
    assert machine.left() == 100
    assert sum(asked_again) == 1


def test_a_clock_earlier_than_the_newest_clip_deletes_nothing_until_it_is_right(machine):
    machine.clips(20, *[1] * 9, -0.2)
    machine.days_of = {"A": 7}
    machine.start()
    machine.step(HOUR_S)
    assert machine.left() == 11
    machine.step(4 * HOUR_S)
    assert machine.left() == 10


def test_a_clip_that_cannot_be_deleted_is_not_tried_again_for_an_hour(machine):
    machine.clips(*range(30, 40))
    stubborn = machine.layout.recordings / "A" / "2020-01-01" / "10-00-00.mp4"
    stubborn.mkdir(parents=True)
    (stubborn / "x").touch()
    machine.limits = Settings(quota_gb=9 * CLIP_BYTES / 1e9)
    assert list(machine.start().failed) == [stubborn]
    report = machine.step()
    assert not report.failed
    assert len(report.deleted) > 0


def test_a_disk_that_is_not_there_is_an_error_of_the_storage(tmp_path):
    layout = Layout(tmp_path)
    purger = Purger(layout, 0)
    with pytest.raises(StorageError):
        purger.step(Settings(), {}, START_AT, 1)
