"""Disks that refuse what is not vital: everything is recorded, kept and exported all the same."""

import errno
import os
import shutil
import stat
import subprocess
from contextlib import closing, contextmanager
from datetime import datetime

import pytest

from tests.support.exporting import Folder
from tests.support.home import Home
from tests.support.library import at, put_clip, scanned
from vms_desktop.core.base import disk_service
from vms_desktop.core.base.disk_service import set_mode, sync_file, tighten
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.files import disk_usage, write_whole
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.index.index import ClipIndex
from vms_desktop.core.index.writer import ClipIndexWriter
from vms_desktop.core.library.archive import archive_clip
from vms_desktop.core.library.purger import Purger
from vms_desktop.core.library.storage_guard import StorageGuard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="platform: modes and folders differ")

REFUSED = [errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL]
COMFORTS = ["chmod", "fsync", "utime", "replace"]


@pytest.fixture(autouse=True)
def _told_nothing_yet(monkeypatch):
    monkeypatch.setattr(disk_service, "_told", set())


@pytest.fixture
def refuse(monkeypatch):
    """Have a call of the system refused, as the disk of the test would."""

    @contextmanager
    def refusing(call, code):
        real = getattr(os, call)

        def refused(*args, **kwargs):
            # Renaming is vital; only that over a file that exists is not.
            if call == "replace" and not os.path.exists(args[1]):  # noqa: PTH110
                return real(*args, **kwargs)
            raise OSError(code, os.strerror(code))

        with monkeypatch.context() as patched:
            patched.setattr(os, call, refused)
            yield

    return refusing


def on(call, code):
    return pytest.param(call, code, id=f"{call} {errno.errorcode[code]}")


every_refusal = pytest.mark.parametrize(
    "call, code",
    [
        *(on(call, code) for call in COMFORTS for code in REFUSED),
        on("replace", errno.EEXIST),
        on("replace", errno.EBUSY),
    ],
)


@every_refusal
def test_files_are_written_whole(call, code, refuse, tmp_path):
    path = tmp_path / "x.json"
    with refuse(call, code):
        for data in (b"one", b"the second is longer", b"2"):
            write_whole(path, data, mode=0o640)
            assert path.read_bytes() == data
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]


@every_refusal
def test_the_recordings_folder_is_one_to_record_into(call, code, refuse, tmp_path):
    with refuse(call, code):
        guard = StorageGuard(Layout(tmp_path), "")
        assert guard.check() is None
        assert guard.check() is None
        assert guard.mark


@every_refusal
def test_clips_are_recorded_named_and_described(call, code, refuse, home, now):
    with refuse(call, code):
        clip = home.record(now)
    assert clip.path.suffix == ".mp4"
    assert clip.path.stat().st_size == clip.size_bytes
    assert home.layout.sidecar_path(clip.path).exists()


@every_refusal
def test_cameras_are_saved_and_read(call, code, refuse, tmp_path):
    with refuse(call, code):
        store = CameraStore(tmp_path / "cameras.json", tmp_path / "backups")
        for name in ("One", "Two"):
            store.save([CameraConfig(id="a", name=name, url_sd="rtsp://h/1", password="p@ss")])
        again = CameraStore(tmp_path / "cameras.json", tmp_path / "backups")
        assert [camera.name for camera in again.load().cameras] == ["Two"]
    assert len(list((tmp_path / "backups").iterdir())) == 2


@every_refusal
def test_clips_are_archived_onto_another_disk(call, code, refuse, tmp_path, monkeypatch):
    layout = Layout(tmp_path)
    clip = put_clip(layout, at("10:00:00"))
    data, rename = clip.path.read_bytes(), os.rename

    def across(source, target):
        if str(source).startswith(str(layout.recordings)):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, target)

    monkeypatch.setattr(os, "rename", across)
    with refuse(call, code):
        path = archive_clip(layout, clip.path)
    assert path.read_bytes() == data
    assert not clip.path.exists()


@every_refusal
def test_exports_are_written(call, code, refuse, tmp_path):
    folder = Folder(tmp_path)
    clip = folder.clip("a", 0)
    with refuse(call, code):
        folder.export(clip)
    assert [name for name in folder.files() if name.endswith(".mp4")] == folder.files() != []


@pytest.fixture
def share(tmp_path):
    """A real disk on which nobody can change modes, as shares mounted for another owner are."""
    if not (shutil.which("bindfs") and shutil.which("fusermount3") and os.access("/dev/fuse", 6)):
        pytest.skip("platform: no bindfs or no FUSE")
    under, share = tmp_path / "under", tmp_path / "share"
    under.mkdir()
    share.mkdir()
    mounted = subprocess.run(
        ["bindfs", "--chmod-deny", under, share], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"platform: FUSE does not mount: {mounted.stderr!r}")
    yield share
    subprocess.run(["fusermount3", "-u", share], check=True)


def test_a_real_share_that_refuses_chmod_is_recorded_onto(share, now):
    open_to_all = share / "cameras.json"
    open_to_all.write_text("{}")
    with pytest.raises(PermissionError):
        open_to_all.chmod(0o600)
    guard = StorageGuard(Layout(share), "")
    assert guard.check() is None
    clip = Home(share).record(now)
    assert clip.path.stat().st_size == clip.size_bytes
    store = CameraStore(open_to_all, share / "backups")
    store.load()
    store.save([CameraConfig(id="a", name="A", url_sd="rtsp://h/1")])
    assert [camera.name for camera in store.load().cameras] == ["A"]


@pytest.mark.parametrize(
    "code, kind",
    [
        (errno.EIO, StorageProblem.FAILING),
        (errno.ENOSPC, StorageProblem.FULL),
        (errno.ESTALE, StorageProblem.MISSING),
    ],
)
def test_a_disk_in_trouble_is_not_one_without_fsync(code, kind, refuse, tmp_path):
    write_whole(tmp_path / "x", b"old")
    with refuse("fsync", code), pytest.raises(StorageError) as failed:
        write_whole(tmp_path / "x", b"new")
    assert failed.value.kind is kind
    assert (tmp_path / "x").read_bytes() == b"old"
    with (tmp_path / "x").open("rb") as file, refuse("fsync", code), pytest.raises(OSError):  # noqa: PT011
        sync_file(file.fileno(), tmp_path / "x")


def test_where_a_file_is_written_anew_in_its_place_a_full_disk_leaves_the_old_one(
    refuse, tmp_path, monkeypatch
):
    path = tmp_path / "x"
    write_whole(path, b"the old content")
    fsync, calls = os.fsync, []

    def full_at_the_second(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with refuse("replace", errno.EPERM), pytest.raises(StorageError):
        write_whole(path, b"new")
    assert path.read_bytes() == b"the old content"
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_what_a_disk_does_not_do_is_told_once_with_its_consequence(refuse, tmp_path, caplog):
    layout = Layout(tmp_path)
    with refuse("chmod", errno.EPERM), refuse("fsync", errno.EINVAL):
        guard = StorageGuard(layout, "")
        for number in range(5):
            assert guard.check() is None
            write_whole(tmp_path / f"{number}.png", b"x", mode=0o640)
        open_to_all = tmp_path / "cameras.json"
        open_to_all.touch(0o644)
        assert not tighten(open_to_all)
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "others on this machine may read" in line]) == 1
    assert len([line for line in said if "knows no fsync:" in line]) == 1
    assert len(said) == 3


def test_a_disk_that_takes_a_mode_and_keeps_another_is_noticed(tmp_path, monkeypatch, caplog):
    path = tmp_path / "x"
    path.touch(0o644)
    monkeypatch.setattr(os, "chmod", lambda *_, **__: None)
    assert not set_mode(path, 0o600)
    assert "takes no file modes" in caplog.text


def test_a_disk_that_keeps_modes_is_told_nothing(tmp_path, caplog):
    path = tmp_path / "x"
    path.touch(0o644)
    assert tighten(path)
    assert not tighten(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert caplog.text == ""


def test_the_index_is_made_where_nothing_but_the_vital_works(refuse, tmp_path):
    layout = Layout(tmp_path)
    with refuse("chmod", errno.EPERM), refuse("fsync", errno.EINVAL):
        clip = put_clip(layout, at("10:00:00"))
        writer = ClipIndexWriter(layout.index_file, layout)
        scanned(writer)
        writer.close()
    index = ClipIndex(layout.index_file, layout)
    assert [each.path for each in index.clips_of_day(at("10:00:00").date())] == [clip.path]
    index.close()


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL])
def test_where_the_disk_has_no_locks_the_index_is_kept_all_the_same(code, tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.lockf", no_locks)
    layout = Layout(tmp_path)
    clip = put_clip(layout, at("10:00:00"))
    for _ in range(2):
        with closing(ClipIndexWriter(layout.index_file, layout)) as writer:
            scanned(writer)
            with closing(ClipIndex(layout.index_file, layout)) as index:
                known = index.clips_of_day(at("10:00:00").date())
                assert [each.path for each in known] == [clip.path]
        killed_while_it_wrote = layout.index_file.with_name("index.sqlite3.lock")
        killed_while_it_wrote.mkdir()
    assert not layout.index_file.with_name("index.sqlite3-wal").exists()


def test_a_share_that_does_not_say_how_large_it_is_costs_no_clip(tmp_path, monkeypatch):
    layout = Layout(tmp_path)
    clip = put_clip(layout, at("10:00:00"))

    def unknown(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("shutil.disk_usage", unknown)
    assert disk_usage(tmp_path) == (0, 0)
    purger = Purger(layout, 0.0)
    done = purger.step(Settings(reserve_gb=50), {}, datetime.now().astimezone(), 1.0)
    assert (done.deleted, done.asks) == ((), ())
    assert clip.path.exists()
