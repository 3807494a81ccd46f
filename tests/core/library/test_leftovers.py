"""What a kill has left of files that were being written is removed, folder by folder."""

from tests.support.packets import HandClock
from vms_desktop.core.library import leftovers as module
from vms_desktop.core.library.leftovers import Leftovers
from vms_desktop.core.library.storage_guard import StorageWatch

NAME = ".{}.ab12_xyz.0123abcd.tmp"


def test_unfinished_files_go_from_everywhere_the_newest_days_first(layout, monkeypatch):
    monkeypatch.setattr(module, "FOLDERS_A_STEP", 9)
    watch = StorageWatch()
    kept = layout.clip_path("Door", HandClock().now())
    left = [layout.heartbeat_json, layout.recordings_mark, layout.camera_mark("Door"), kept]
    left += [layout.sidecar_path(kept), layout.thumbnail_path(kept), layout.archive_path(kept)]
    left += [layout.thumbnails / "Door" / f"2026-0{month}-01" / "x.jpg" for month in range(1, 8)]
    files = [path.with_name(NAME.format(path.name)) for path in left]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    kept.touch()
    chore = Leftovers(layout, watch, every_s=2)
    assert not chore.due(0)  # Nobody has looked at the disk yet.
    watch.look(lambda: None)
    months, now = [], 0.0
    while chore.due(now):
        chore.step(now)
        months.append(len(list(layout.thumbnails.glob("Door/2026-0*/.*"))))
        now += 2
    assert not [file for file in files if file.exists()]
    assert kept.exists()
    assert months == sorted(months, reverse=True)
    assert len(months) > 2
    assert not chore.due(now + 100)
