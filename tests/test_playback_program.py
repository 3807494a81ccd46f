"""The program with its Playback page: the library is indexed, and it ends as quickly as ever."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from tests.support.library import at
from tests.support.recorded import record
from tests.support.waiting import wait_until
from tests.test_program import program
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.index.index import ClipIndex, IndexMissingError


def counted(layout: Layout) -> int:
    """How many clips the index has; 0 while there is none."""
    try:
        with closing(ClipIndex(layout.index_file, layout)) as index:
            return index.count()
    except (IndexMissingError, sqlite3.Error):
        return 0


def test_with_the_playback_page_the_library_is_indexed_and_it_ends_within_five_seconds(data_dir):
    layout = Layout(data_dir)
    for minutes in range(3):
        record(layout, 1, at("10:00:00") + timedelta(minutes=minutes))
    with program(data_dir, {}, "--page", "playback", headless=False) as running:
        wait_until(lambda: counted(layout) == 3, 15)
        code, seconds = running.end()
    assert code == 0
    assert seconds < 5
    assert not [line for line in running.log.splitlines() if "CRITICAL" in line or "ERROR" in line]


def test_without_a_window_no_index_is_kept(data_dir):
    record(Layout(data_dir), 1, at("10:00:00"))
    with program(data_dir, {}) as running:
        wait_until((data_dir / "heartbeat.json").exists, 15)
        running.end()
    assert not Layout(data_dir).index_file.exists()
