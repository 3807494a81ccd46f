"""The gaps' thread: reads what is asked for, the newest question, and ends."""

from datetime import date

import pytest

from tests.support.library import at
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.gaps import Gap, GapJournal
from vms_desktop.workers.library.gap_reader import GapReader

DAY = date(2026, 11, 20)


@pytest.fixture
def reader(qapp, tmp_path):
    made = GapReader(Layout(tmp_path))
    yield made
    made.stop()
    assert made.wait(2000)


def put_gap(layout: Layout, folder: str, start: str, end: str) -> Gap:
    gap = Gap(at(start), at(end), "paused")
    path = layout.gaps_path(folder, DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f'{{"from": "{gap.start_at.isoformat()}", "to": "{gap.end_at.isoformat()}", '
    path.write_text(line + '"reason": "paused"}\n')
    return gap


def test_a_day_is_answered_with_the_gaps_of_every_folder(reader, tmp_path, qtbot):
    gap = put_gap(Layout(tmp_path), "A", "08:00:00", "08:05:00")
    with qtbot.waitSignal(reader.gaps_read) as told:
        reader.ask(DAY, ["A", "B"])
    assert told.args == [DAY, {"A": (gap,), "B": ()}]


def test_a_gap_that_still_goes_on_is_told_up_to_the_last_heartbeat(reader, tmp_path, qtbot):
    journal = GapJournal(Layout(tmp_path))
    journal.opened("a", "A", at("08:00:00"), "inactive")
    journal.flush(at("09:00:00"))
    with qtbot.waitSignal(reader.gaps_read) as told:
        reader.ask(DAY, ["A", "B"])
    gap = Gap(at("08:00:00"), at("09:00:00"), "inactive")
    assert told.args == [DAY, {"A": (gap,), "B": ()}]


def test_it_goes_on_answering(reader, qtbot):
    for folder in ("A", "B"):
        with qtbot.waitSignal(reader.gaps_read) as told:
            reader.ask(DAY, [folder])
        assert told.args == [DAY, {folder: ()}]


def test_no_thread_runs_before_the_first_question(reader):
    assert not reader.isRunning()


def test_once_stopped_it_is_not_started_again(reader, qtbot):
    reader.stop()
    reader.ask(DAY, ["A"])
    assert not reader.isRunning()
