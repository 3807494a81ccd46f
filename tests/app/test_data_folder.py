"""The data folder: which it is, and its lock, with which one program uses it at a time."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from vms_desktop.app import data_folder
from vms_desktop.app.data_folder import FolderInUseError, folder_lock
from vms_desktop.core.base import pulse_lock

NO_LOCKS = [errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS, errno.EIO, errno.EINVAL, errno.EBADF]

HOLDER = """
import errno, fcntl, sys
from pathlib import Path
from vms_desktop.app.data_folder import folder_lock

def refuse(*_):
    raise OSError(errno.ENOLCK, "No locks available")

fcntl.flock = refuse
with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_lock, "SETTLE_S", 0)


@pytest.fixture
def refuse_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def refuse(code: int) -> None:
        def lock(_: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(data_folder, "_lock", lock)

    return refuse


@pytest.mark.parametrize("code", NO_LOCKS, ids=errno.errorcode.get)
def test_where_the_disk_has_no_locks_two_starts_are_told_apart_all_the_same(
    code, tmp_path, refuse_locks
):
    refuse_locks(code)
    with folder_lock(tmp_path / ".lock") as is_by_pulse:
        assert is_by_pulse
        with pytest.raises(FolderInUseError), folder_lock(tmp_path / ".lock"):
            pass
    with folder_lock(tmp_path / ".lock"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: locks differ there")
def test_a_lock_that_another_holds_is_held(tmp_path):
    with (
        folder_lock(tmp_path / ".lock") as is_by_pulse,
        pytest.raises(FolderInUseError),
        folder_lock(tmp_path / ".lock"),
    ):
        pass
    assert not is_by_pulse


@pytest.mark.skipif(sys.platform == "win32", reason="platform: locks differ there")
def test_a_killed_program_leaves_no_lock_behind(tmp_path, refuse_locks):
    refuse_locks(errno.ENOLCK)
    command = [sys.executable, "-c", HOLDER, str(tmp_path / ".lock")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(FolderInUseError), folder_lock(tmp_path / ".lock"):
        pass
    holder.kill()
    holder.communicate()
    with folder_lock(tmp_path / ".lock"):
        pass


def test_a_checkouts_sample_is_left_alone_by_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@t"]
        ended = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
        return ended.stdout

    git("init", "-q")
    (tmp_path / "cameras.json").write_text("{}")
    git("add", ".")
    git("commit", "-qm", "sample")
    monkeypatch.setattr(data_folder, "checkout", lambda: tmp_path)
    (tmp_path / "cameras.json").write_text('{"password": "s3cr3t"}')
    assert git("status", "--porcelain")
    data_folder.leave_sample_alone(tmp_path)
    assert not git("status", "--porcelain")
    assert data_folder.data_folder(None) == tmp_path
    assert data_folder.data_folder(tmp_path / "other") == tmp_path / "other"


def test_installed_the_data_folder_is_the_users(monkeypatch):
    monkeypatch.setattr(data_folder, "checkout", lambda: None)
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, **_: f"/home/ann/data/{name}")
    assert data_folder.data_folder(None) == Path("/home/ann/data/vms-desktop")
