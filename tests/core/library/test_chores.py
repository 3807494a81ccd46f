"""The walk through the chores, told in tables: who has a step when."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support.packets import camera
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.clip_store import CameraFolders
from vms_desktop.core.clips.folders import claim_folder, mark_leaving
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.library.chores import (
    BUG_REST_S,
    CameraClaims,
    DiskLook,
    GapRecovery,
    Heartbeat,
    JournalRepair,
    Regular,
    Walk,
)
from vms_desktop.core.library.deletions import Purging, Removing, WantedPurge
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.purger import Purger, PurgeResult
from vms_desktop.core.library.removal import RemovalResult
from vms_desktop.core.library.retention import DeleteResult, PurgeQuestion, PurgeReason
from vms_desktop.core.library.storage_guard import CHORE_BEATS, StorageGuard, StorageWatch

DOOR, YARD = camera(id="1", name="Door"), camera(id="2", name="Yard")


class Chore:
    """Notes its steps in a journal; is due as long as it has something left to do."""

    def __init__(self, journal, name, left=0, breaks=False):
        self.journal, self.name, self.left, self.breaks = journal, name, left, breaks

    def due(self, _now):
        return self.left > 0

    def step(self, _now):
        self.journal.append(self.name)
        if self.breaks:
            raise ZeroDivisionError("a bug")
        self.left -= 1


@pytest.fixture
def journal():
    return []


@pytest.mark.parametrize(
    "prompt, patient, rounds",
    [
        ({}, {}, ["", ""]),
        ({"a": 1, "b": 2}, {}, ["ab", "b", ""]),
        ({}, {"x": 2, "y": 1}, ["x", "x", "y", ""]),
        ({"a": 3}, {"x": 1, "y": 1}, ["ax", "ay", "a", ""]),
        ({"a": 0, "b": 1}, {"x": 0, "y": 2}, ["by", "y", ""]),
    ],
)
def test_all_that_are_prompt_have_their_step_in_a_round_and_one_that_is_patient(
    journal, prompt, patient, rounds
):
    lists = [[Chore(journal, *each) for each in chores.items()] for chores in (prompt, patient)]
    walk = Walk(lists[0], lists[1])
    for number, expected in enumerate(rounds):
        walk.round(float(number))
        assert "".join(journal) == expected
        assert walk.is_busy(float(number)) is any(rounds[number + 1 :])
        journal.clear()


@pytest.mark.expects_log_errors
@pytest.mark.parametrize("is_prompt", [True, False])
def test_after_a_bug_a_chore_rests_and_the_others_go_on(journal, caplog, is_prompt):
    broken, well = Chore(journal, "b", left=9, breaks=True), Chore(journal, "w", left=9)
    look = Chore(journal, "l", left=9)
    walk = Walk([broken, look, well], []) if is_prompt else Walk([look], [broken, well])
    for now in (0.0, 1.0, BUG_REST_S - 0.1):
        walk.round(now)
    assert "".join(journal) == ("blwlwlw" if is_prompt else "lblwlw")
    assert "Chore crashed" in caplog.text
    broken.breaks = False
    journal.clear()
    walk.round(BUG_REST_S)
    walk.round(BUG_REST_S)
    assert "".join(journal) == ("blwblw" if is_prompt else "lblb")


@pytest.mark.expects_log_errors
def test_nobody_hurries_for_a_chore_that_rests(journal):
    walk = Walk([], [Chore(journal, "b", left=1, breaks=True)])
    walk.round(0.0)
    assert not walk.is_busy(BUG_REST_S - 0.1)
    assert walk.is_busy(BUG_REST_S)


class Look(Regular):
    """Fails where it is told to."""

    fails = False

    def work(self, _now):
        if self.fails:
            raise ZeroDivisionError("a bug")


@pytest.mark.parametrize("now, is_due", [(100.0, False), (104.9, False), (105.0, True)])
def test_what_is_regular_is_due_at_once_and_again_when_its_time_has_passed(now, is_due):
    look = Look(every_s=5.0)
    assert look.due(0.0)
    look.step(100.0)
    assert look.due(now) is is_due
    look.hurry()
    assert look.due(now)


def test_what_is_regular_waits_its_time_after_a_failure_too():
    look = Look(every_s=5.0)
    look.fails = True
    with pytest.raises(ZeroDivisionError):
        look.step(0.0)
    assert not look.due(4.9)


class Guard(StorageGuard):
    """A folder of which a list tells how it is found, look after look."""

    def __init__(self, *problems, mark="mark"):
        self.problems, self.mark = list(problems), mark

    def check(self):
        return self.problems.pop(0)

    def adopt(self):
        self.mark = "another"


def test_a_step_that_hangs_is_told_and_one_that_lasts_is_not(journal):
    watch = StorageWatch()
    watch.look(lambda: None)
    told = []

    class Listing(Chore):
        def step(self, now):
            for _ in range(CHORE_BEATS + 1):
                told.append(watch.problem)
                watch.pulse.beat()
            told.append(watch.problem)

    Walk([Listing(journal, "list", left=1)], [], watch.chores).round(0.0)
    assert told == [None] * (CHORE_BEATS + 1) + [StorageProblem.HANGING]
    assert watch.problem is None
    assert watch.may_begin


@pytest.mark.parametrize(
    "problems, recovered",
    [
        ([None, None], ["not ready", None]),
        ([StorageProblem.MISSING, None], [None, "ready"]),
        ([StorageProblem.FULL, StorageProblem.FULL], [None, None]),
    ],
)
def test_the_last_run_is_recovered_in_the_first_look_that_finds_the_folder_well(
    problems, recovered
):
    watch, found = StorageWatch(), []
    look = DiskLook(
        Guard(*problems),
        watch,
        "mark",
        lambda: found.append("ready" if watch.ready else "not ready"),
        marked=pytest.fail,
        every_s=5.0,
    )
    for now, expected in enumerate(recovered):
        look.step(float(now))
        assert found == ([expected] if expected else [])
        assert watch.problem is problems[now]
        found.clear()


def no_recovery() -> None:
    """Nothing was left."""


def test_a_folder_that_a_person_takes_is_looked_at_at_once_and_its_mark_told():
    marks: list[str] = []
    look = DiskLook(
        Guard(None, None), StorageWatch(), "mark", no_recovery, marks.append, every_s=5.0
    )
    look.step(0.0)
    assert (marks, look.due(1.0)) == ([], False)
    look.adopt()
    assert look.due(1.0)
    look.step(1.0)
    assert marks == ["another"]


@pytest.fixture
def layout(data_dir):
    layout = Layout(data_dir)
    layout.recordings.mkdir()
    return layout


@pytest.fixture
def watch():
    return StorageWatch()


@pytest.fixture
def told():
    return []


def not_shared(name: str, folder: str) -> None:
    pytest.fail(f"{name} has {folder}")


@pytest.fixture
def claims(layout, watch, told):
    journal = GapJournal(layout)
    folders = CameraFolders(layout, journal.moved)
    return CameraClaims(layout, folders, journal, watch, not_shared, told.append, every_s=5.0)


@pytest.mark.parametrize(
    "cameras, looked, problem, is_due",
    [
        (None, True, None, False),
        ((), True, None, True),
        ((DOOR,), False, None, False),
        ((DOOR,), True, StorageProblem.MISSING, False),
        ((DOOR,), True, StorageProblem.FULL, False),
        ((DOOR,), True, None, True),
    ],
)
def test_folders_are_claimed_once_the_cameras_are_known_and_the_disk_is_well(
    claims, watch, cameras, looked, problem, is_due
):
    if cameras is not None:
        claims.take(cameras, frozenset(), frozenset())
    if looked:
        watch.look(lambda: problem)
    assert claims.due(0.0) is is_due


def test_folders_are_told_when_they_change_and_anew_when_one_has_gone(claims, told):
    for cameras in [(DOOR,), (DOOR,), (DOOR, YARD)]:
        claims.take(cameras, frozenset(), frozenset())
        claims.step(0.0)
    assert told == [{"1": "Door"}, {"1": "Door", "2": "Yard"}]
    assert [(each.id, folder) for each, folder in claims.claimed()] == [
        ("1", "Door"),
        ("2", "Yard"),
    ]
    claims.tell()
    claims.tell(anew=True)
    assert len(told) == 3


class Journal(GapJournal):
    """A journal on a disk that refuses where its list says so, write after write."""

    def __init__(self, *refuses):
        self.refuses = list(refuses)

    def heartbeat(self, _at):
        if self.refuses.pop(0):
            raise StorageError(StorageProblem.FULL)

    def recover(self, at, folders, cut_off=MappingProxyType({})):
        assert (list(folders), cut_off) == (["1"], {})
        self.heartbeat(at)


def test_what_the_last_run_left_open_is_journalled_once_and_tried_again_until_it_is(claims):
    recovery = GapRecovery(Journal(True, False), claims, datetime.now(UTC), every_s=5.0)
    assert not recovery.due(0.0)
    claims.take((DOOR,), frozenset(), frozenset())
    claims.step(0.0)
    due = []
    for now in (0.0, 4.0, 5.0, 10.0):
        due.append(recovery.due(now))
        if due[-1]:
            recovery.step(now)
    assert due == [True, False, True, False]


def test_a_full_disk_is_told_once_and_again_after_it_took_something(caplog):
    heartbeat = Heartbeat(Journal(True, True, True, False, True), Clock(), every_s=2.0)
    told = []
    for now in range(5):
        heartbeat.step(float(now))
        told.append(caplog.text.count("gaps not written"))
    assert told == [1, 1, 1, 1, 2]


def test_journals_are_repaired_portion_by_portion():
    repair = JournalRepair(iter([True, True]))
    due = []
    for _ in range(4):
        due.append(repair.due(0.0))
        if due[-1]:
            repair.step(0.0)
    assert due == [True, True, True, False]


GONE = DeleteResult(deleted=(Path("a"), Path("b")), freed_bytes=5)
ASK = PurgeQuestion(PurgeReason.QUOTA, "", 3, 30)


class FakePurger(Purger):
    """Gives the reports of a list, step after step."""

    def __init__(self, *reports):
        self.reports, self.freed_bytes = list(reports), 0

    @property
    def asks(self):
        return (ASK,)

    def step(self, *_):
        return self.reports.pop(0) if self.reports else DeleteResult()

    def recorded(self, _size, _now):
        pass

    def hurry(self, _now):
        pass

    def freed(self, size_bytes):
        self.freed_bytes += size_bytes


@pytest.fixture
def purging(watch, claims):
    def make(*reports):
        told: list[object] = []
        return Purging(
            Clock(),
            Settings(),
            FakePurger(*reports),
            watch,
            claims,
            frozenset,
            told.append,
            told.append,
            every_s=5.0,
        )

    return make


@pytest.mark.parametrize(
    "steps, problem, expected",
    [
        ([], None, PurgeResult(waiting=(ASK,))),
        ([GONE], None, PurgeResult(2, 5, waiting=(ASK,))),
        (
            [GONE, GONE],
            StorageProblem.FULL,
            PurgeResult(4, 10, frozenset(), (ASK,), StorageProblem.FULL),
        ),
        (
            [GONE],
            StorageProblem.MISSING,
            PurgeResult(waiting=(ASK,), problem=StorageProblem.MISSING),
        ),
    ],
)
def test_a_purge_goes_on_until_nothing_is_deleted_any_more(
    purging, watch, steps, problem, expected
):
    purged: list[PurgeResult] = []
    watch.look(lambda: problem)
    wanted = WantedPurge(purging(*steps), purged.append)
    assert not wanted.due(0.0)
    wanted.begin()
    while wanted.due(0.0):
        wanted.step(0.0)
    assert purged == [expected]


def test_a_purge_asked_for_anew_ends_the_one_under_way(purging):
    purged: list[PurgeResult] = []
    wanted = WantedPurge(purging(), purged.append)
    wanted.cancel()
    assert purged == []
    wanted.begin()
    wanted.begin()
    assert purged == [PurgeResult(cancelled=True)]
    wanted.cancel()
    assert (len(purged), wanted.due(0.0)) == (2, False)


def test_a_removal_that_the_last_run_left_is_not_begun_twice(layout, claims, purging):
    claim_folder(layout, "9", "Gone")
    mark_leaving(layout, "9")
    removed: list[RemovalResult] = []
    heartbeat = Heartbeat(claims.journal, Clock(), every_s=2.0)
    removing = Removing(layout, purging(), heartbeat, removed.append)
    removing.begin("9", "Gone")
    claims.take((DOOR,), frozenset(), frozenset())
    claims.step(0.0)
    while removing.due(0.0):
        removing.step(0.0)
    assert removed == [RemovalResult("9", "Gone")]
