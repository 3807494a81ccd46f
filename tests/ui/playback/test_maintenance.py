"""What a person has done to the library, and how it is told."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.index.indexer import Maintenance, MaintenanceResult
from vms_desktop.core.library.purger import PurgeResult
from vms_desktop.core.library.retention import PurgeQuestion, PurgeReason
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.playback import maintenance as module
from vms_desktop.ui.playback.maintenance import LibraryMenu, LibraryTask, MaintenanceLine


class KeeperStandIn(QObject):
    progress = Signal(object, int, int)
    maintained = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[object] = []

    def maintain(self, kind: Maintenance) -> None:
        self.orders.append(kind)

    def start_anew(self) -> None:
        self.orders.append("anew")

    def cancel(self) -> None:
        self.orders.append("cancel")


@pytest.fixture
def indexer(qapp):
    return KeeperStandIn()


@pytest.fixture
def line(qtbot, indexer, fleet):
    made = MaintenanceLine(indexer, fleet, DARK_THEME)
    qtbot.addWidget(made)
    return made


def result(kind, done=0, failed=0, cancelled=False):
    return MaintenanceResult(kind, done, failed, cancelled)


@pytest.mark.parametrize(
    "task, order",
    [
        (LibraryTask.THUMBNAILS, Maintenance.THUMBNAILS),
        (LibraryTask.RESCAN, Maintenance.RESCAN),
        (LibraryTask.REBUILD, "anew"),
    ],
)
def test_an_entry_of_the_menu_begins_its_piece_and_greys_the_menu(line, indexer, task, order):
    menu = LibraryMenu(line)
    menu.entries[task].trigger()
    assert indexer.orders == [order]
    assert not line.isHidden()
    assert not any(entry.isEnabled() for entry in menu.entries.values())
    kind = order if order != "anew" else Maintenance.FIRST
    indexer.maintained.emit(result(kind))
    assert all(entry.isEnabled() for entry in menu.entries.values())


def test_progress_is_told_in_numbers_and_by_the_bar(line, indexer):
    line.begin(LibraryTask.THUMBNAILS)
    assert (line.text, line.bar.maximum()) == ("Looking for missing thumbnails…", 0)
    indexer.progress.emit(Maintenance.THUMBNAILS, 225, 900)
    assert line.text == "Making thumbnails: 225 of 900"
    assert line.bar.value() / line.bar.maximum() == 0.25


@pytest.mark.parametrize(
    "task, ended, told",
    [
        (
            LibraryTask.THUMBNAILS,
            result(Maintenance.THUMBNAILS, 1207, 3),
            "1204 thumbnail(s) made. 3 clip(s) cannot be read.",
        ),
        (LibraryTask.THUMBNAILS, result(Maintenance.THUMBNAILS), "No thumbnail was missing."),
        (
            LibraryTask.THUMBNAILS,
            result(Maintenance.THUMBNAILS, 12, cancelled=True),
            "Stopped. 12 thumbnail(s) made.",
        ),
        (LibraryTask.RESCAN, result(Maintenance.RESCAN, 40), "40 clip(s) in the library."),
        (LibraryTask.REBUILD, result(Maintenance.FIRST, 40), "40 clip(s) in the new index."),
    ],
)
def test_a_result_is_told_in_words_until_it_is_closed(line, indexer, task, ended, told):
    line.begin(task)
    indexer.maintained.emit(ended)
    assert (line.text, line.bar.isHidden(), line.isHidden()) == (told, True, False)
    line.closed.emit()
    assert line.isHidden()


@pytest.mark.parametrize(
    "purged, told",
    [
        (PurgeResult(), "There was nothing to delete."),
        (PurgeResult(clips=9, freed_bytes=38_000_000), "9 clip(s) deleted, 38 MB freed."),
        (
            PurgeResult(clips=1, freed_bytes=4_000_000, failed=frozenset({Path("a"), Path("b")})),
            "1 clip(s) deleted, 4 MB freed. 2 file(s) could not be deleted.",
        ),
        (
            PurgeResult(waiting=(PurgeQuestion(PurgeReason.AGE, "A", 9, 9000),)),
            "More would go: please answer the question first.",
        ),
        (
            PurgeResult(problem=StorageProblem.MISSING),
            "Nothing could be deleted: Disk missing.",
        ),
    ],
)
def test_a_purge_tells_what_went_what_remains_and_what_waits(line, fleet, purged, told):
    line.begin(LibraryTask.PURGE)
    assert fleet.orders == [("purge",)]
    fleet.purged.emit(purged)
    assert line.text == told


@pytest.mark.parametrize("task", [LibraryTask.PURGE, LibraryTask.RESCAN])
def test_cancelling_reaches_whoever_works(line, indexer, fleet, task):
    line.begin(task)
    line.cancel.click()
    told = fleet.orders[-1] if task is LibraryTask.PURGE else indexer.orders[-1]
    assert told == (("cancel purge",) if task is LibraryTask.PURGE else "cancel")
    assert not line.cancel.isEnabled()


def test_the_first_look_that_nobody_asked_for_is_told_only_where_it_lasts(
    line, indexer, qtbot, monkeypatch
):
    indexer.progress.emit(Maintenance.FIRST, 1, 900)
    assert line.isHidden()
    qtbot.waitUntil(lambda: not line.isHidden(), timeout=4 * module.UNASKED_MS)
    assert line.text == "Looking at the recordings: folder 1 of 900"
    indexer.maintained.emit(result(Maintenance.FIRST, 900))
    assert line.isHidden()


def test_a_second_piece_waits_for_the_first(line, indexer, fleet):
    line.begin(LibraryTask.RESCAN)
    line.begin(LibraryTask.PURGE)
    assert (indexer.orders, fleet.orders) == ([Maintenance.RESCAN], [])
    fleet.purged.emit(PurgeResult(clips=3))  # Somebody else's.
    assert line.task is LibraryTask.RESCAN
