"""Clips moved to the archives and back: nothing is lost, whatever happens on the way."""

import errno
import json
import os
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.support.library import DAY, at, marked_layout, moved, put_clip, put_file
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.clips.sidecar import read_sidecar, read_sidecar_facts
from vms_desktop.core.library import archive
from vms_desktop.core.library.archive import (
    FailedPath,
    Refusal,
    RefusedError,
    archive_clip,
    delete_clip,
    refusal_of,
    restore_clip,
    set_comment,
)


@pytest.fixture
def layout(data_dir):
    return marked_layout(data_dir)


@pytest.fixture
def clip(layout):
    return put_clip(layout, at("14:31:03"), moved(1, (3, 4)))


def files(layout):
    """Every file but the recordings' mark, from the data folder."""
    found = (path for path in layout.root.rglob("*") if path.is_file() and path.name != ".vms")
    return sorted(layout.relative(path) for path in found)


def comment_of(layout, path):
    return json.loads(layout.sidecar_path(path).read_bytes())["comment"]


@pytest.fixture
def other_disk(monkeypatch):
    """Archives and recordings lie on different disks."""
    rename = Path.rename

    def refuse(self, target):
        if self.parts[-4] != Path(target).parts[-4]:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)


def test_a_clip_moves_with_thumbnail_and_side_car(layout, clip):
    data = clip.path.read_bytes()
    path = archive_clip(layout, clip.path)
    assert path.read_bytes() == data
    assert files(layout) == [
        "archives/A/2026-11-20/14-31-03.jpg",
        "archives/A/2026-11-20/14-31-03.meta.json",
        "archives/A/2026-11-20/14-31-03.mp4",
    ]


def described_clip(layout: Layout, path: Path) -> Clip:
    """The clip that the side-car of a path tells of."""
    clip = read_sidecar(layout.sidecar_path(path), path)
    assert clip is not None
    return clip


def test_its_description_is_the_side_car_s_and_an_empty_comment(layout, clip):
    described = json.loads(layout.sidecar_path(clip.path).read_bytes())
    path = archive_clip(layout, clip.path)
    found = json.loads(layout.sidecar_path(path).read_bytes())
    assert found == {"comment": "", **described}
    assert described_clip(layout, path).motions


def test_a_clip_of_the_web_version_moves_without_a_side_car(layout):
    path = archive_clip(layout, put_file(layout.clip_path("A", at("08:00:00"))))
    assert json.loads(layout.sidecar_path(path).read_bytes()) == {"comment": ""}
    assert not layout.thumbnail_path(path).exists()


def test_a_torn_side_car_does_not_keep_a_clip(layout, clip):
    layout.sidecar_path(clip.path).write_text('{"version": 1, "cam')
    path = archive_clip(layout, clip.path)
    assert json.loads(layout.sidecar_path(path).read_bytes()) == {"comment": ""}


def test_the_emptied_day_goes_but_for_today(layout, clip):
    other = put_clip(layout, at("15:00:00", date(2026, 11, 21)))
    archive_clip(layout, clip.path, today=date(2026, 11, 21))
    archive_clip(layout, other.path, today=date(2026, 11, 21))
    assert [path.name for path in (layout.recordings / "A").iterdir()] == ["2026-11-21"]


def test_there_and_back_nothing_has_changed(layout, clip):
    before = {name: (layout.root / name).read_bytes() for name in files(layout)}
    path = restore_clip(layout, archive_clip(layout, clip.path))
    assert path == clip.path
    after = {name: (layout.root / name).read_bytes() for name in files(layout)}
    sidecar = layout.relative(layout.sidecar_path(clip.path))
    assert json.loads(after.pop(sidecar)) == {"comment": "", **json.loads(before.pop(sidecar))}
    returned = after.pop(layout.relative(layout.restored_mark(clip.path)))
    assert datetime.fromisoformat(returned.decode()).tzinfo is not None
    assert after == before


def test_the_time_of_its_return_goes_with_the_clip(layout, clip):
    back = restore_clip(layout, archive_clip(layout, clip.path))
    assert layout.restored_mark(back).exists()
    path = archive_clip(layout, back)
    assert not layout.restored_mark(back).exists()
    assert delete_clip(layout, restore_clip(layout, path)) is None
    assert not any("14-31-03" in name for name in files(layout))


def test_a_clip_whose_return_cannot_be_noted_stays_archived(layout, clip, monkeypatch):
    path = archive_clip(layout, clip.path)

    def full(*_, **__):
        raise StorageError(StorageProblem.FULL)

    monkeypatch.setattr(archive, "write_whole", full)
    with pytest.raises(StorageError):
        restore_clip(layout, path)
    assert path.exists()


def test_a_comment_survives_the_way_back_and_forth(layout, clip):
    path = archive_clip(layout, clip.path)
    set_comment(layout, path, "  Vol à l'étalage ")
    back = restore_clip(layout, path)
    assert described_clip(layout, back).start_at == clip.start_at
    assert read_sidecar_facts(layout.sidecar_path(back), back).comment == "Vol à l'étalage"
    assert comment_of(layout, archive_clip(layout, back)) == "Vol à l'étalage"


def test_the_web_version_s_comment_is_kept_and_what_is_unknown_too(layout):
    path = put_file(layout.archives / "A" / str(DAY) / "08-00-00.mp4")
    layout.sidecar_path(path).write_text('{"comment": "old", "by": "me"}')
    set_comment(layout, path, "new")
    assert json.loads(layout.sidecar_path(path).read_bytes()) == {"comment": "new", "by": "me"}


def test_a_restored_clip_without_comment_or_facts_has_no_side_car(layout):
    """Or it would pass for described, and nobody would look at the clip."""
    path = restore_clip(
        layout, archive_clip(layout, put_file(layout.clip_path("A", at("08:00:00"))))
    )
    assert not layout.sidecar_path(path).exists()


def test_nothing_is_overwritten(layout, clip):
    first = archive_clip(layout, clip.path)
    again = put_file(clip.path, b"another clip")
    second = archive_clip(layout, again)
    assert second.name == "14-31-03-2.mp4"
    assert first.read_bytes() != second.read_bytes()
    put_file(clip.path, b"a third clip")
    assert restore_clip(layout, first).name == "14-31-03-3.mp4"


def test_a_clip_being_written_keeps_its_name(layout, clip):
    path = archive_clip(layout, clip.path)
    put_file(clip.path.with_suffix(".part"), b"being written")
    assert restore_clip(layout, path).name == "14-31-03-2.mp4"


def test_a_clip_that_is_played_goes_on_playing(layout, clip):
    with clip.path.open("rb") as file:
        path = archive_clip(layout, clip.path)
        assert file.read() == path.read_bytes()


def test_another_disk_gets_a_copy_and_the_old_one_goes(layout, clip, other_disk):
    data, changed = clip.path.read_bytes(), clip.path.stat().st_mtime
    path = archive_clip(layout, clip.path)
    assert path.read_bytes() == data
    assert path.stat().st_mtime == changed
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(files(layout)) == 3


def test_a_full_other_disk_leaves_the_clip_where_it_was(layout, clip, other_disk, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archive.shutil, "copyfileobj", full)
    with pytest.raises(StorageError) as caught:
        archive_clip(layout, clip.path)
    assert caught.value.kind is StorageProblem.FULL
    assert clip.path.exists()
    assert layout.sidecar_path(clip.path).exists()
    assert not list(layout.archives.rglob("*14-31-03.mp4*"))


def test_killed_after_the_copy_the_next_archiving_finishes_it(
    layout, clip, other_disk, monkeypatch
):
    unlink = Path.unlink

    def killed(self, missing_ok=False):
        if self == clip.path:
            raise KeyboardInterrupt
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        archive_clip(layout, clip.path)
    assert clip.path.exists()
    monkeypatch.setattr(Path, "unlink", unlink)
    assert archive_clip(layout, clip.path) == layout.archive_path(clip.path)
    assert len(files(layout)) == 3


def test_a_comment_written_before_the_move_was_finished_stays(layout, clip):
    target = layout.archive_path(clip.path)
    put_file(target, clip.path.read_bytes())
    layout.sidecar_path(target).write_text('{"comment": "the theft", "later": 1}')
    assert archive_clip(layout, clip.path) == target
    assert comment_of(layout, target) == "the theft"
    assert json.loads(layout.sidecar_path(target).read_bytes())["later"] == 1
    assert described_clip(layout, target).codec == "h264"


def test_text_that_is_no_unicode_keeps_no_clip_from_its_archive(layout, clip):
    sidecar = layout.sidecar_path(clip.path)
    sidecar.write_text(sidecar.read_text().replace("Camera A", "\\ud800"))
    path = archive_clip(layout, clip.path)
    assert json.loads(layout.sidecar_path(path).read_bytes())["camera_name"] == "\ud800"


@pytest.mark.parametrize("step", ["write_whole", "_move_file"])
def test_killed_on_the_way_the_clip_is_whole_and_described(layout, clip, step, monkeypatch):
    done, data = getattr(archive, step), clip.path.read_bytes()

    def killed(*args, **kwargs):
        done(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, step, killed)
    with pytest.raises(KeyboardInterrupt):
        archive_clip(layout, clip.path)
    places = [path for path in (clip.path, layout.archive_path(clip.path)) if path.exists()]
    assert [path.read_bytes() for path in places] == [data]
    assert read_sidecar(layout.sidecar_path(places[0]), places[0]) is not None


def test_nothing_is_put_back_beneath_a_missing_mount(layout, clip):
    path = archive_clip(layout, clip.path)
    layout.recordings_mark.unlink()
    with pytest.raises(StorageError) as caught:
        restore_clip(layout, path)
    assert caught.value.kind is StorageProblem.MISSING
    assert path.exists()


def test_each_works_in_its_own_tree_alone(layout, clip):
    for work in (restore_clip, partial(set_comment, comment="text")):
        with pytest.raises(RefusedError):
            work(layout, clip.path)
    path = archive_clip(layout, clip.path)
    with pytest.raises(RefusedError):
        archive_clip(layout, path)


def test_deleting_an_archived_clip_takes_all_of_it(layout, clip):
    path = archive_clip(layout, clip.path)
    assert delete_clip(layout, path) is None
    assert files(layout) == []
    assert not path.parent.exists()


def test_deleting_a_recorded_clip_takes_all_of_it(layout, clip):
    assert delete_clip(layout, clip.path) is None
    assert files(layout) == []


@pytest.mark.parametrize("archived", [False, True])
def test_a_clip_that_the_disk_keeps_is_told(layout, clip, archived, monkeypatch):
    path = archive_clip(layout, clip.path) if archived else clip.path

    def refuse(self, missing_ok=False):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert delete_clip(layout, path) == FailedPath(path, StorageProblem.FAILING)
    assert layout.sidecar_path(path).exists()


def test_what_is_no_clip_or_being_written_is_refused(layout, clip):
    part = clip.path.with_suffix(".part")
    table = {
        clip.path: None,
        part: Refusal.BEING_WRITTEN,
        clip.path.with_name("23-00-00.mp4"): Refusal.GONE,
        layout.cameras_json: Refusal.NOT_A_CLIP,
        layout.recordings / ".." / "A" / "2026-11-20" / "14-31-03.mp4": Refusal.NOT_A_CLIP,
        Path("/elsewhere/A/2026-11-20/14-31-03.mp4"): Refusal.NOT_A_CLIP,
    }
    assert {path: refusal_of(layout, path) for path in table} == table
