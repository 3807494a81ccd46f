import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from vms_desktop.core.base.layout import (
    Layout,
    folder_name,
    parse_clip_path,
    parse_day,
    part_path,
    snapshot_path,
)

START_AT = datetime(2026, 11, 22, 14, 31, 3, 500_000, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    "name, folder",
    [
        ("Front door", "Front_door"),
        ("Entrée côté rue", "Entree_cote_rue"),
        ("Москва 1", "Moskva_1"),
        ("..", "__"),
        ("../../etc/passwd", "______etc_passwd"),
        ("/absolute", "_absolute"),
        ("C:\\Windows", "C__Windows"),
        ("a\0b", "a_b"),
        ("line\nbreak", "line_break"),
        ("😀", "camera"),
        ("", "camera"),
        ("\ud800", "camera"),
        ("CON", "CON_"),
        ("nul", "nul_"),
        ("Com1", "Com1_"),
        ("console", "console"),
        ("x" * 300, "x" * 100),
        ("京" * 300, ("Jing_" * 300)[:100]),
    ],
)
def test_a_name_becomes_a_folder_that_is_never_a_path(name, folder):
    assert folder_name(name) == folder


@pytest.mark.parametrize("name", ["../x", ".hidden", "a/b", "a\\b", "~", "-rf", "COM9", "🎥" * 9])
def test_a_hostile_name_never_leaves_its_folder(name, tmp_path):
    path = Layout(tmp_path).clip_path(folder_name(name), START_AT)
    assert path.resolve().parent.parent.parent == tmp_path / "recordings"


def test_a_clip_is_named_for_the_local_time_of_its_start(tmp_path):
    layout = Layout(tmp_path)
    path = layout.clip_path("Front_door", START_AT)
    assert layout.relative(path) == "recordings/Front_door/2026-11-22/14-31-03.mp4"
    assert layout.clip_path("Front_door", START_AT.astimezone(UTC)).name == "13-31-03.mp4"
    assert part_path(path).name == "14-31-03.part"


@pytest.mark.parametrize("name", ['a:b?*|<>"', "trailing. ", "CON", "Côté jardin", "摄像头", "\t"])
def test_every_disk_takes_the_names_that_are_written(name, tmp_path):
    layout = Layout(tmp_path)
    clip = layout.clip_path(folder_name(name), datetime(2026, 11, 22, 14, 31, 3, tzinfo=UTC))
    for path in (
        clip,
        part_path(clip),
        layout.sidecar_path(clip),
        layout.archive_path(clip),
        layout.sidecar_path(layout.archive_path(clip)),
        layout.gaps_path(folder_name(name), date(2026, 11, 22)),
        layout.camera_mark(folder_name(name)),
        layout.recordings_mark,
        layout.lock_file.with_suffix(".running"),
    ):
        for part in path.relative_to(tmp_path).parts:
            assert re.fullmatch(r"[A-Za-z0-9._-]*[A-Za-z0-9_]", part), part


@pytest.mark.parametrize(
    "existing, free",
    [
        ([], "14-31-03.mp4"),
        (["recordings/A/2026-11-22/14-31-03.mp4"], "14-31-03-2.mp4"),
        (["recordings/A/2026-11-22/14-31-03.part"], "14-31-03-2.mp4"),
        (["archives/A/2026-11-22/14-31-03.mp4"], "14-31-03-2.mp4"),
        (
            ["recordings/A/2026-11-22/14-31-03.mp4", "recordings/A/2026-11-22/14-31-03-2.part"],
            "14-31-03-3.mp4",
        ),
        (["recordings/B/2026-11-22/14-31-03.mp4"], "14-31-03.mp4"),
    ],
)
def test_two_clips_never_share_a_name(existing, free, tmp_path):
    for name in existing:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert Layout(tmp_path).free_clip_path("A", START_AT).name == free


@pytest.mark.parametrize(
    "name, expected",
    [
        ("A/2026-11-22/14-31-03.mp4", ("A", datetime(2026, 11, 22, 14, 31, 3))),
        ("A/2026-11-22/14-31-03-2.mp4", ("A", datetime(2026, 11, 22, 14, 31, 3))),
        ("A/2026-11-22/14-31-03-12.part", ("A", datetime(2026, 11, 22, 14, 31, 3))),
        ("A/2026-11-22/14-31-03.jpg", None),
        ("A/2026-11-22/holiday.mp4", None),
        ("A/2026-11-22/25-00-00.mp4", None),
        ("A/2026-02-30/12-00-00.mp4", None),
        ("A/notes/12-00-00.mp4", None),
        ("12-00-00.mp4", None),
    ],
)
def test_a_clip_path_tells_folder_and_start(name, expected):
    assert parse_clip_path(Path(name)) == expected


@pytest.mark.parametrize(
    "name, day",
    [("2026-11-22", date(2026, 11, 22)), ("20261122", None), ("2026-13-01", None), ("x", None)],
)
def test_a_day_is_a_folder_of_the_right_form(name, day):
    assert parse_day(name) == day


def test_a_snapshot_is_named_for_its_camera_and_the_millisecond():
    at = datetime(2026, 3, 9, 7, 5, 2, 98_765)
    path = snapshot_path(Path("pictures"), "Front door/1", at)
    assert path == Path("pictures") / f"{folder_name('Front door/1')}_2026-03-09_07-05-02-098.png"


def test_thumbnail_and_sidecar_lie_in_a_tree_of_their_own_or_beside_an_archived_clip(tmp_path):
    layout = Layout(tmp_path, tmp_path / "disk")
    clip = layout.clip_path("A", START_AT)
    archived = layout.archive_path(clip)
    places = [
        clip,
        layout.thumbnail_path(clip),
        layout.sidecar_path(clip),
        archived,
        layout.thumbnail_path(archived),
        layout.sidecar_path(archived),
        layout.gaps_path("A", date(2026, 11, 22)),
    ]
    assert [layout.relative(path) for path in places] == [
        "disk/A/2026-11-22/14-31-03.mp4",
        "thumbnails/A/2026-11-22/14-31-03.jpg",
        "thumbnails/A/2026-11-22/14-31-03.json",
        "archives/A/2026-11-22/14-31-03.mp4",
        "archives/A/2026-11-22/14-31-03.jpg",
        "archives/A/2026-11-22/14-31-03.meta.json",
        "gaps/A/2026-11-22.jsonl",
    ]


def test_a_path_outside_the_data_folder_is_told_whole(tmp_path):
    assert Layout(tmp_path / "data").relative(tmp_path / "x.mp4") == (tmp_path / "x.mp4").as_posix()
