"""The fleet lives in the window's thread, and so it waits for no disk."""

import builtins
import os
from functools import wraps
from pathlib import Path
from threading import current_thread, main_thread

import pytest

from tests.support.camera_entries import always
from tests.support.fakes import FakeCamera
from tests.support.packets import small
from tests.support.running import running_fleet
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.config.camera import CameraConfig


@pytest.fixture
def touched(monkeypatch, data_dir):
    """What the window's thread does in the data folder, once the test switches this on."""
    calls: list[str] = []
    watched = [
        (os, ("stat", "scandir", "listdir", "open", "mkdir", "unlink", "replace", "rename")),
        (Path, ("exists", "stat", "iterdir", "open", "mkdir", "unlink", "resolve")),
        (builtins, ("open",)),
    ]

    def noting(kind, name):
        real = getattr(kind, name)

        @wraps(real)
        def call(*args, **options):
            if current_thread() is main_thread() and str(data_dir) in str(args):
                calls.append(f"{name}{args}")
            return real(*args, **options)

        return call

    def switch_on():
        for kind, names in watched:
            for name in names:
                monkeypatch.setattr(kind, name, noting(kind, name))
        return calls

    return switch_on


def test_no_order_to_the_fleet_touches_the_disk_in_the_windows_thread(qapp, data_dir, touched):
    gone, exported = data_dir / "recordings" / "gone.mp4", data_dir / "given.json"
    with FakeCamera(small(45), speed=4) as camera:
        other = CameraConfig(id="b", name="B", url_sd=camera.url(), is_active=True)
        with running_fleet(data_dir, {"a": always(camera.url(), name="A")}) as running:
            fleet, catalogue = running.fleet, running.fleet.catalogue
            running.until_live("a")
            told, saved = [], []
            catalogue.exported.connect(lambda *_: told.append("exported"))
            catalogue.import_read.connect(lambda _: told.append("imported"))
            fleet.purged.connect(lambda _: told.append("purged"))
            fleet.snapshot_saved.connect(lambda _id, path: saved.append(path))
            calls = touched()
            fleet.save_cameras((*fleet.cameras(), other))
            fleet.record("a", True)
            fleet.set_viewport("a", Viewport(320, 180))
            fleet.snapshot("a", data_dir)
            fleet.clips_changed((gone,), (gone,))
            fleet.recordings_freed(1)
            fleet.purge_now()
            catalogue.name_problem("C", "c")
            catalogue.count_disk_use()
            catalogue.look_for_keyring()
            catalogue.export_cameras(exported, fleet.cameras(), False)
            catalogue.import_cameras(exported)
            running.until(lambda: len(told) == 3 and saved)
            running.until_live("a", "b")
            fleet.pause("a", True)
            fleet.delete_camera("b", with_recordings=True)
            fleet.sync_camera_threads()
            running.until(lambda: [notice.kind for notice in running.notices])
            assert calls == []
