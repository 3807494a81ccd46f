import pytest

from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.disk_use import DiskUse, DiskUseCount


@pytest.fixture
def layout(data_dir):
    return Layout(data_dir)


@pytest.fixture
def count(layout):
    count = DiskUseCount(layout)
    count.folders = {"1": "Door", "2": "Yard"}
    return count


def put(tree, name, size=100):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    return path


def count_all(count):
    for folder in count.uncounted():
        list(count.count(folder))
    return count.result()


def test_clips_are_counted_by_camera_archives_apart(layout, count):
    put(layout.recordings, "Door/2026-11-21/10-00-00.mp4", 100)
    put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 50)
    put(layout.archives, "Door/2026-11-22/09-00-00.mp4", 7)
    put(layout.recordings, "Gone/2026-11-22/09-00-00.mp4", 999)
    assert count_all(count) == {"1": DiskUse(150, 2, 7, 1), "2": DiskUse()}


def test_what_is_no_clip_does_not_count(layout, count):
    for name in (".camera", "2026-11-22/10-00-00.part", "2026-11-22/10-00-00.jpg", "x/y.mp4"):
        put(layout.recordings, f"Door/{name}")
    assert count_all(count)["1"] == DiskUse()


def test_clips_that_come_and_go_are_counted_with_their_day(layout, count):
    first = put(layout.recordings, "Door/2026-11-21/10-00-00.mp4", 100)
    count_all(count)
    second = put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 30)
    first.unlink()
    count.recount([first, second, second])
    assert count.result()["1"] == DiskUse(30, 1)


def test_a_clip_that_is_archived_changes_its_side(layout, count):
    clip = put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 30)
    count_all(count)
    archived = layout.archive_path(clip)
    archived.parent.mkdir(parents=True)
    clip.rename(archived)
    count.recount([clip])
    assert count.result()["1"] == DiskUse(0, 0, 30, 1)


def test_a_folder_that_follows_a_new_name_is_counted_anew(layout, count):
    put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 30)
    count_all(count)
    (layout.recordings / "Door").rename(layout.recordings / "Gate")
    count.folders = {"1": "Gate", "2": "Yard"}
    assert "1" not in count.result()
    assert count.uncounted() == ["Gate"]
    assert count_all(count)["1"] == DiskUse(30, 1)


def test_what_is_known_stands_while_it_is_counted_anew(layout, count):
    clip = put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 30)
    before = count_all(count)
    clip.unlink()
    count.begin_anew()
    assert count.result() == before
    assert count_all(count)["1"] == DiskUse()


def test_clips_of_a_folder_that_is_not_counted_yet_wait_for_its_turn(layout, count):
    clip = put(layout.recordings, "Door/2026-11-22/10-00-00.mp4", 30)
    count.recount([clip])
    assert count.result() == {}
