"""A file that others write too: waited for, set aside, kept, closed to strangers."""

import json
import os
import stat
import sys

import pytest

from tests.support.packets import HandClock
from vms_desktop.core.base.json_file import QUIET_S, JsonFile
from vms_desktop.core.base.json_text import Defect
from vms_desktop.core.config.camera_store import parse_cameras

ONE = {"a": {"name": "One"}}
TWO = ONE | {"b": {"name": "Two"}}
WHOLE = json.dumps(TWO).encode()
HALF = WHOLE[:20]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cameras.json"


@pytest.fixture
def file(path, clock):
    return JsonFile(path, path.parent / "backups", clock, parse_cameras)


def asides(path):
    return {each.name.split("-")[0]: each.read_bytes() for each in path.parent.glob("*.json.*")}


def test_a_file_written_slowly_is_waited_for(file, path, clock):
    file.save(ONE)
    path.write_bytes(HALF)
    for _ in range(3):
        assert file.load()[0].entries == ONE, "the last good one stands in"
        assert not file.is_due
        clock.time += QUIET_S / 4
    path.write_bytes(WHOLE)
    parsed, notice = file.load()
    assert (parsed.entries, notice) == (TWO, None)
    clock.time += 2 * QUIET_S
    assert not file.is_due
    assert path.read_bytes() == WHOLE
    assert asides(path) == {}


def test_a_file_that_grows_is_waited_for_as_long_as_it_grows(file, path, clock):
    file.save(ONE)
    for length in range(1, 6):
        path.write_bytes(WHOLE[: 4 * length])
        assert file.load()[1] is None
        clock.time += 0.9 * QUIET_S
        assert not file.is_due
    assert path.read_bytes() == HALF


def test_one_that_stands_torn_is_set_aside_where_it_cannot_be_read_on_is_told(file, path, clock):
    file.save(ONE)
    path.write_bytes(b'{\n "a": oops}')
    file.load()
    clock.time += QUIET_S
    assert file.is_due
    parsed, notice = file.load()
    assert parsed.entries == ONE
    assert (notice.kind, notice.line, notice.column) == (Defect.TORN, 2, 7)
    assert notice.is_restored
    assert json.loads(path.read_bytes()) == ONE
    assert asides(path) == {"cameras.json.broken": b'{\n "a": oops}'}
    assert not file.is_due
    assert file.load() == (parsed, None)


def test_at_the_start_a_torn_file_is_left_alone_and_an_earlier_version_stands_in(file, path, clock):
    file.save(ONE)
    path.write_bytes(HALF)
    again = JsonFile(path, path.parent / "backups", clock, parse_cameras)
    assert again.load()[0].entries == ONE
    assert path.read_bytes() == HALF


def test_a_file_that_an_editor_deletes_and_writes_anew_is_waited_for(file, path, clock):
    file.save(ONE)
    path.unlink()
    assert file.load()[0].entries == ONE
    path.write_bytes(WHOLE)
    assert file.load()[0].entries == TWO


def test_a_file_that_is_gone_for_long_is_an_empty_one(file, path, clock):
    file.save(ONE)
    path.unlink()
    file.load()
    clock.time += QUIET_S
    assert file.is_due
    assert file.load()[0].entries == {}
    assert not file.is_due


def test_what_stands_half_written_is_kept_when_the_program_saves(file, path):
    file.save(ONE)
    path.write_bytes(HALF)
    file.load()
    file.save(TWO)
    assert json.loads(path.read_bytes()) == TWO
    assert asides(path) == {"cameras.json.broken": HALF}


@pytest.mark.parametrize(
    "data",
    [
        b'// my cameras\n{"a": {"name": "One"}}',
        b'{"a": {"name": "One"}, "a": {"name": "Two"}}',
        b'[{"name": "One"}]',
    ],
)
def test_what_only_a_person_can_write_is_kept_when_the_program_saves(data, file, path, caplog):
    path.write_bytes(data)
    parsed, notice = file.load()
    assert notice is None
    assert caplog.text.count("is understood although") == 1
    file.load()
    assert caplog.text.count("is understood although") == 1
    file.save(parsed.entries)
    assert json.loads(path.read_bytes()) == parsed.entries
    assert asides(path) == {"cameras.json.edited": data}
    file.save(ONE)
    assert len(asides(path)) == 1


def test_what_loses_nothing_is_written_over(file, path):
    path.write_bytes(b'\xef\xbb\xbf{\r\n"a": {"name": "One"},\r\n}')
    file.load()
    file.save(TWO)
    assert asides(path) == {}


def test_a_stamp_needs_neither_times_nor_numbers_of_files(file, path):
    path.write_bytes(b'{"a": {"x": 1}}')
    stat_before, before = path.stat(), file.stamp()
    path.write_bytes(b'{"a": {"x": 2}}')
    os.utime(path, ns=(stat_before.st_atime_ns, stat_before.st_mtime_ns))
    assert path.stat().st_size == stat_before.st_size
    assert file.stamp() != before


def test_what_comes_between_reading_and_looking_is_not_taken_for_read(file, path):
    path.write_bytes(b"{}")
    file.load()
    path.write_bytes(WHOLE)
    assert file.loaded_stamp != file.stamp()


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no modes there")
def test_what_others_can_read_is_closed_to_them_and_that_is_told_once(file, path, caplog):
    file.save(ONE)
    aside = path.with_name("cameras.json.broken-20250101-000000")
    aside.write_bytes(b"{")
    stranger = path.with_name("other.json")
    stranger.write_bytes(b"{}")
    mine = [path, aside, *file.versions()]
    for each in (*mine, stranger):
        each.chmod(0o644)
    again = JsonFile(path, path.parent / "backups")
    again.load()
    again.load()
    assert [stat.S_IMODE(each.stat().st_mode) for each in mine] == [0o600] * 3
    assert stat.S_IMODE(stranger.stat().st_mode) == 0o644
    assert caplog.text.count("others could read") == 3
