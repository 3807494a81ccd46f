"""Whatever a camera is called and whatever stands in a file: one of few things comes of it."""

import ntpath
import re
from datetime import datetime
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.packets import HandClock
from tests.support.properties import given
from tests.support.strategies import anything, json_bytes, json_values, names, noise
from vms_desktop.core.base.json_file import QUIET_S, JsonFile
from vms_desktop.core.base.json_file import json_bytes as written
from vms_desktop.core.base.json_text import DefectError, parse_object, parse_value
from vms_desktop.core.base.layout import (
    MAX_FOLDER_CHARS,
    Layout,
    folder_name,
    parse_clip_path,
    parse_day,
    part_path,
    snapshot_path,
)
from vms_desktop.core.base.pulse_lock import HeldError, PulseLock

ROOT = Path("/data")


def is_reserved(name):
    """Whether Windows has the name for itself; Python 3.13 has another word for the question."""
    if hasattr(ntpath, "isreserved"):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


@given(name=names)
def test_a_name_is_one_plain_folder(name):
    with bounded(len(name)):
        folder = folder_name(name)
    assert re.fullmatch(r"[0-9A-Za-z_]+", folder)
    assert len(folder) <= MAX_FOLDER_CHARS + 1
    assert folder_name(folder) in (folder, f"{folder}_"[:MAX_FOLDER_CHARS])
    assert not is_reserved(folder)
    assert Layout(ROOT).camera_mark(folder).parent.parent == ROOT / "recordings"


@given(name=names, at=st.datetimes())
def test_a_clip_is_found_by_its_path_again(name, at):
    path = Layout(ROOT).clip_path(folder_name(name), at)
    wanted = folder_name(name), at.replace(microsecond=0)
    # Years below 1000 have no four digits on every system: such a clip has no place.
    found = parse_clip_path(path), parse_clip_path(part_path(path))
    assert found == (wanted, wanted) or at.year < 1000
    assert snapshot_path(ROOT, name, at).parent == ROOT


@given(name=names)
def test_any_other_file_is_no_clip(name):
    path = ROOT / "recordings" / "A" / name / f"{name}.mp4"
    with bounded(len(name)):
        found = parse_clip_path(path)
        parse_day(name)
    assert found is None or isinstance(found[1], datetime)


@given(data=st.one_of(json_bytes(material.camera_files), noise()))
def test_bytes_are_json_or_a_defect(data):
    with bounded(len(data)):
        try:
            parsed = parse_object(data)
        except DefectError as err:
            assert (err.line > 0) == (err.column > 0)
        else:
            again, _ = parse_value(written(parsed.entries))
            assert written(again) == written(parsed.entries)


@given(value=st.dictionaries(st.text(anything, max_size=6), json_values, max_size=3))
def test_what_is_written_is_read_again(value):
    once = written(parse_object(written(value)).entries)
    assert written(parse_object(once).entries) == once


@given(
    good=json_bytes(material.settings_files),
    bad=st.one_of(json_bytes(material.settings_files), noise()),
    entries=st.dictionaries(st.text(anything, max_size=3), json_values, max_size=3),
)
def test_a_file_is_loaded_or_set_aside_whatever_it_holds(good, bad, entries):
    # Halves of a character that stand side by side are one, once they are written and read.
    entries = parse_object(written(entries)).entries
    with TemporaryDirectory() as folder, bounded(len(good) + len(bad)):
        path, clock = Path(folder) / "settings.json", HandClock()
        file = JsonFile(path, Path(folder) / "backups", clock)
        for data in (good, bad):
            path.write_bytes(data)
            file.load()
            clock.time += QUIET_S
            file.load()
        parsed, notice = file.load()
        kept = [each.read_bytes() for each in Path(folder).rglob("*") if each.is_file()]
        if notice:
            assert notice.set_aside
        assert bad in kept or not parsed.oddities
        file.save(parsed.entries | entries)
        assert written(file.load()[0].entries) == path.read_bytes()


@pytest.mark.parametrize("data", [b'{"a":' + b"[" * n + b"]" * n + b"}" for n in (50, 400, 5000)])
def test_what_is_read_can_be_written(data):
    try:
        entries = parse_object(data).entries
    except DefectError:
        return
    assert parse_object(written(entries)).entries == entries


@given(name=names, at=st.datetimes(datetime(1000, 1, 1)))
def test_what_belongs_to_a_clip_has_places_of_its_own_in_the_data_folder(name, at):
    layout = Layout(ROOT)
    recorded = layout.clip_path(folder_name(name), at)
    archived = layout.archive_path(recorded)
    places = [path for clip in (recorded, archived) for path in (clip, *layout.belongings(clip))]
    assert len(set(places)) == len(places) == 7
    for path in places:
        assert path.is_relative_to(ROOT)
        assert ".." not in path.parts
    assert layout.thumbnail_path(recorded).parent == layout.sidecar_path(recorded).parent
    assert layout.recorded_path(folder_name(name), archived) == recorded


OWNERS = ({"place": "here", "pid": 1, "began": 1.5, "token": "a", "beats": "000000000001"},)


@given(data=st.one_of(json_bytes(lambda: OWNERS), noise()))
def test_a_lock_is_taken_or_held_whatever_its_file_says(data):
    with TemporaryDirectory() as folder, bounded(len(data)):
        path = Path(folder) / ".lock"
        path.write_bytes(data)
        lock = PulseLock(path, lambda _seconds: None, "here")
        try:
            lock.acquire()
        except HeldError:
            assert path.read_bytes() == data
            return
        lock.release()
        assert not path.exists()
