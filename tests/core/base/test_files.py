import errno
import os
import stat
import sys

import pytest

from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.files import (
    clear_unfinished,
    disk_usage,
    make_private,
    storage_error,
    unfinished_file,
    write_whole,
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "number, kind",
    [
        (errno.ENOSPC, StorageProblem.FULL),
        (errno.EDQUOT, StorageProblem.FULL),
        (errno.EROFS, StorageProblem.READ_ONLY),
        (errno.EACCES, StorageProblem.FORBIDDEN),
        (errno.EFBIG, StorageProblem.TOO_LARGE),
        (errno.ENAMETOOLONG, StorageProblem.BAD_NAME),
        (errno.ENOENT, StorageProblem.MISSING),
        (errno.ESTALE, StorageProblem.MISSING),
        (errno.ENOTCONN, StorageProblem.MISSING),
        (errno.EIO, StorageProblem.FAILING),
    ],
)
def test_the_systems_errors_have_kinds_and_name_no_path(number, kind):
    error = storage_error(OSError(number, os.strerror(number), "secret/place"))
    assert error.kind is kind
    assert "secret" not in str(error)


def test_new_folders_are_private_and_found_ones_keep_their_mode(tmp_path):
    found = tmp_path / "found"
    found.mkdir(mode=0o755)
    found.chmod(0o755)
    make_private(found / "a" / "b")
    assert [mode(path) for path in (found, found / "a", found / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new" / "x.json"
    write_whole(path, b"one")
    write_whole(path, b"two", mode=0o640)
    assert path.read_bytes() == b"two"
    assert mode(path) == 0o640
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    write_whole(path, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError) as caught:
        write_whole(path, b"new")
    assert caught.value.kind is StorageProblem.FULL
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("x.json", b"old")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: links need rights there")
def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"


def test_disk_usage_of_a_folder_that_is_not_there_is_missing(tmp_path):
    total, free = disk_usage(tmp_path)
    assert 0 < free <= total
    with pytest.raises(StorageError) as caught:
        disk_usage(tmp_path / "gone")
    assert caught.value.kind is StorageProblem.MISSING


def test_what_another_run_left_unfinished_goes_and_what_is_being_written_stays(tmp_path):
    handle, own = unfinished_file(tmp_path / "14-31-03.json")
    os.close(handle)
    left = [
        ".14-31-03.json.ab12_xyz.0123abcd.tmp",
        ".heartbeat.json.ab12_xyz.tmp",
        ".14-31-03-2.mp4.tmp",
    ]
    others = ["x.tmp", ".hidden", ".syncthing.14-31-03.mp4.tmp", "14-31-03.json", ".camera"]
    for name in (*left, *others):
        (tmp_path / name).touch()
    assert clear_unfinished(tmp_path) == len(left)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([own.name, *others])
    assert clear_unfinished(tmp_path / "nowhere") == 0


def test_an_unfinished_file_that_stays_keeps_no_other(tmp_path):
    names = [f".{letter}.json.ab12_xyz.0123abcd.tmp" for letter in "abcdefgh"]
    for name in names:
        (tmp_path / name).touch()
    for name in names[::2]:
        (tmp_path / name).unlink()
        (tmp_path / name).mkdir()  # No disk removes it as a file.
    assert clear_unfinished(tmp_path) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == names[::2]
