"""Whatever the index or a side-car holds, the library is shown or the index is made anew."""

import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.library import DAY, at, marked_layout, moved, put_clip, put_file, scanned
from tests.support.properties import given
from tests.support.strategies import damaged, json_bytes, noise
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.index.index import ClipIndex, IndexMissingError
from vms_desktop.core.index.schema import is_index_damage
from vms_desktop.core.index.writer import ClipIndexWriter, DayKey, Want

# SQLite's pages are not Python's; the grid of a day is, see the properties of side-cars.
LIMIT_BYTES = 2**28


@cache
def sound_index() -> bytes:
    """An index of three clips, as its file."""
    with TemporaryDirectory() as folder:
        layout = marked_layout(Path(folder))
        for number in range(3):
            put_clip(layout, at(f"10:0{number}:00"), moved(1, (number, number)))
        with closing(ClipIndexWriter(layout.index_file, layout)) as index:
            scanned(index)
        with closing(sqlite3.connect(layout.index_file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        return layout.index_file.read_bytes()


def asked(index: ClipIndex) -> None:
    """Everything that the window asks for."""
    index.days(DAY.year, DAY.month)
    index.clips_of_day(DAY)
    index.clips_between(at("09:00:00"), at("11:00:00"))
    index.next_day(DAY)
    index.previous_day(DAY)
    index.next_clip(at("09:00:00"))
    index.previous_clip(at("11:00:00"))
    index.archived()
    index.folders()
    index.count()
    keys = [key for portion in index.motion_of_days(DAY, DAY) for key, _ in portion]
    index.clips_of_keys(keys)


@given(data=st.one_of(damaged(lambda: [sound_index()], 4), noise()))
def test_a_damaged_index_answers_or_is_known_as_damaged(data):
    with TemporaryDirectory() as folder, bounded(len(data), limit_bytes=LIMIT_BYTES):
        layout = Layout(Path(folder))
        layout.index_file.write_bytes(data)
        with (
            suppress(sqlite3.Error, IndexMissingError),
            closing(ClipIndex(layout.index_file, layout)) as reader,
        ):
            asked(reader)
        try:
            with closing(ClipIndexWriter(layout.index_file, layout)) as index:
                asked(index)
                index.day_stamps()
                index.files_of(DayKey("A", DAY))
                index.owners()
                index.wanting(~Want.NOTHING, 100)
        except sqlite3.Error as err:
            assert is_index_damage(err), repr(err)


@given(data=st.one_of(json_bytes(material.sidecars), noise()))
def test_a_clip_is_indexed_whatever_its_sidecar_holds(data):
    with TemporaryDirectory() as folder, bounded(len(data), limit_bytes=LIMIT_BYTES):
        layout = marked_layout(Path(folder))
        path = put_file(layout.clip_path("A", at("10:00:00")), b"clip")
        put_file(layout.sidecar_path(path), data)
        with closing(ClipIndexWriter(layout.index_file, layout)) as index:
            scanned(index)
            asked(index)
            assert [clip.path for clip in index.clips_of_day(DAY)] == [path]
