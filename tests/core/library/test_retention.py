from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.retention import (
    GB,
    PurgePlan,
    PurgeQuestion,
    PurgeReason,
    Shortage,
    age_plan,
    delete_clips,
    expired,
    is_behind,
    quota_plan,
    reserve_bytes,
    reserve_plan,
    take_oldest,
)
from vms_desktop.core.library.tree import StoredClip

NOW = datetime(2026, 11, 22, 12).astimezone()


def clip(days_ago, size=100, name=None):
    start = NOW.replace(tzinfo=None) - timedelta(days=days_ago)
    path = Path(name or f"{start:%Y-%m-%d/%H-%M-%S}.mp4")
    return StoredClip(path, "A", start, size, start.astimezone() + timedelta(seconds=20))


def clips(*days_ago):
    return [clip(days) for days in sorted(days_ago, reverse=True)]


def its_start(clip):
    return clip.start


def days(plan):
    return [(NOW.replace(tzinfo=None) - clip.start).days for clip in plan.delete]


@pytest.mark.parametrize(
    "total_gb, set_gb, expected_gb",
    [(1000, 0, 5), (100, 0, 5), (40, 0, 2), (1, 0, 0.05), (1000, 20, 20), (40, 0.5, 0.5)],
)
def test_the_reserve_is_as_set_or_the_smaller_of_5_gb_and_5_percent(total_gb, set_gb, expected_gb):
    assert reserve_bytes(total_gb * GB, set_gb) == expected_gb * GB


@pytest.mark.parametrize(
    "limit, expected",
    [(0, []), (7, [9, 8]), (8.5, [9]), (9, []), (1, [9, 8, 7, 2]), (0.5, [9, 8, 7, 2, 1])],
)
def test_clips_older_than_the_days_are_due_and_0_days_keeps_all(limit, expected):
    due = expired(clips(0, 1, 2, 7, 8, 9), limit, NOW, its_start)
    assert [(NOW.replace(tzinfo=None) - entry.start).days for entry in due] == expected


@pytest.mark.parametrize(
    "count, due, deleted",
    [(100, 30, 10), (100, 5, 5), (100, 50, 10), (11, 5, 2), (3, 1, 1), (2, 1, 1), (100, 0, 0)],
)
def test_an_hour_deletes_a_tenth_of_a_cameras_clips_at_most(count, due, deleted):
    library = clips(*range(10, 10 + due), *([1] * (count - due)))
    plan = age_plan("A", library, 5, NOW, its_start)
    assert plan == PurgePlan(tuple(library[:deleted]))


@pytest.mark.parametrize("count, due", [(100, 51), (1, 1), (3, 2)])
def test_where_over_half_are_due_at_once_a_person_is_asked(count, due):
    library = clips(*range(10, 10 + due), *([1] * (count - due)))
    assert age_plan("A", library, 5, NOW, its_start) == PurgePlan(
        ask=PurgeQuestion(PurgeReason.AGE, "A", due, due * 100)
    )
    confirmed = age_plan("A", library, 5, NOW, its_start, confirmed=True)
    assert confirmed == PurgePlan(tuple(library[: -(-count // 10)]))


def test_a_clip_that_is_played_is_not_due():
    library = clips(9, 8, 1, 1, 1, 1)
    plan = age_plan("A", library, 5, NOW, its_start, in_use={library[0].path})
    assert days(plan) == [8]


@pytest.mark.parametrize(
    "newest_days_ago, behind", [(1, False), (0.001, False), (0.0001, True), (-1, True)]
)
def test_a_clock_earlier_than_the_newest_clips_end_is_wrong(newest_days_ago, behind):
    assert is_behind(clips(5, newest_days_ago), NOW) is behind


@pytest.mark.usefixtures("paris")
def test_the_repeated_hour_in_autumn_does_not_make_the_clock_wrong():
    start_at = datetime(2026, 10, 25, 0, 50, tzinfo=UTC).astimezone()  # The first 02:50.
    start = start_at.replace(tzinfo=None)
    known = StoredClip(Path("x"), "A", start, 1, start_at + timedelta(seconds=20))
    later_at = (start_at.astimezone(UTC) + timedelta(minutes=15)).astimezone()  # The second 02:05.
    assert not is_behind([known], later_at)
    assert is_behind([known], start_at)


def test_a_copied_file_does_not_make_the_clock_wrong():
    copied = StoredClip(Path("x"), "A", datetime(2026, 1, 1), 1, NOW + timedelta(days=9))
    assert not is_behind([copied], NOW)


@pytest.mark.parametrize(
    "sizes, wanted, most, taken",
    [
        ([10, 10, 10], 0, 100, 0),
        ([10, 10, 10], 1, 100, 1),
        ([10, 10, 10], 10, 100, 1),
        ([10, 10, 10], 11, 100, 2),
        ([10, 10, 10], 99, 100, 3),
        ([10, 10, 10], 30, 25, 2),
        ([10, 10, 10], 30, 5, 0),
        ([], 30, 100, 0),
    ],
)
def test_as_many_of_the_oldest_go_as_are_needed_and_allowed(sizes, wanted, most, taken):
    library = [clip(number, size) for number, size in enumerate(sizes)]
    assert take_oldest(library, wanted, most) == tuple(library[:taken])


LIBRARY = [clip(20 - number) for number in range(20)]


@pytest.mark.parametrize(
    "shortage, deleted, asked",
    [
        (Shortage(1000, -1, 500), 0, None),
        # Our own recordings took it: the oldest go, up to twice what an hour recorded.
        (Shortage(1000, 150, 500), 2, None),
        (Shortage(1000, 600, 300), 6, None),
        (Shortage(1000, 600, 300, deleted_bytes=50), 5, None),
        # A little of something else's needs nobody.
        (Shortage(1000, 90), 0, None),
        # Something else fills the disk: nothing is deleted for it.
        (Shortage(1000, 600), 0, 6),
        (Shortage(1000, 700, 200), 0, 7),
        # Found on a disk already below the reserve.
        (Shortage(1000, 300, 500, found=True), 0, 3),
        # Nearly full: one for one of what was recorded.
        (Shortage(1000, 800, 300, found=True), 3, 8),
        (Shortage(1000, 800, 300, deleted_bytes=100, found=True), 2, 8),
        (Shortage(1000, 1000, 0, found=True), 0, 10),
        # Asked already, and answered.
        (Shortage(1000, 600, asked=True), 0, None),
        (Shortage(1000, 600, asked=True, confirmed=True), 6, None),
    ],
)
def test_what_is_recorded_is_what_is_deleted_for(shortage, deleted, asked):
    plan = reserve_plan(shortage, lambda: LIBRARY)
    assert plan.delete == tuple(LIBRARY[:deleted])
    assert (plan.ask and plan.ask.clips) == asked
    assert plan.ask is None or plan.ask.kind is PurgeReason.RESERVE


@pytest.mark.parametrize(
    "used, quota, confirmed, deleted, asked",
    [
        (2000, 0, False, 0, None),
        (2000, 2000, False, 0, None),
        (2000, 1950, False, 1, None),
        (2000, 1000, False, 10, None),
        (2000, 900, False, 0, 11),
        (2000, 900, True, 11, None),
    ],
)
def test_a_quota_deletes_the_oldest_and_asks_before_over_half_goes(
    used, quota, confirmed, deleted, asked
):
    plan = quota_plan(used, quota, lambda: LIBRARY, confirmed=confirmed)
    assert plan.delete == tuple(LIBRARY[:deleted])
    assert (plan.ask and plan.ask.clips) == asked


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    for day in ("2026-11-20", "2026-11-21"):
        for name in ("10-00-00", "11-00-00"):
            put(layout.recordings / "A" / day / f"{name}.mp4")
            put(layout.thumbnails / "A" / day / f"{name}.jpg")
            put(layout.thumbnails / "A" / day / f"{name}.json")
    put(layout.camera_mark("A"))
    return layout


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def files(layout):
    paths = (path for path in sorted(layout.root.rglob("*")) if not path.is_dir())
    return [layout.relative(path) for path in paths]


def stored(*paths):
    return [clip(1, name=path) for path in paths]


def test_a_clip_goes_with_thumbnail_and_sidecar_and_its_neighbours_stay(layout):
    path = layout.recordings / "A/2026-11-20/10-00-00.mp4"
    before = files(layout)
    assert delete_clips(layout, stored(path)).deleted == (path,)
    assert set(before) - set(files(layout)) == {
        "recordings/A/2026-11-20/10-00-00.mp4",
        "thumbnails/A/2026-11-20/10-00-00.jpg",
        "thumbnails/A/2026-11-20/10-00-00.json",
    }


def test_an_emptied_day_goes_and_the_cameras_folder_stays(layout):
    paths = sorted((layout.recordings / "A").rglob("*.mp4"))
    today = datetime(2026, 11, 21).date()
    assert delete_clips(layout, stored(*paths), today).failed == {}
    assert files(layout) == ["recordings/A/.camera"]
    assert [path.name for path in (layout.recordings / "A").iterdir() if path.is_dir()] == [
        "2026-11-21"
    ]


def test_a_clip_that_is_gone_already_counts_as_deleted(layout):
    path = layout.recordings / "A/2026-11-20/10-00-00.mp4"
    path.unlink()
    assert delete_clips(layout, stored(path)).deleted == (path,)


def test_nothing_outside_the_recordings_is_deleted(layout):
    archived = layout.archives / "A/2026-11-20/10-00-00.mp4"
    put(archived)
    assert list(delete_clips(layout, stored(archived)).failed) == [archived]
    assert archived.exists()


def test_what_the_disk_does_not_let_go_is_told_and_the_rest_goes(layout):
    stubborn = layout.recordings / "A/2026-11-20/09-00-00.mp4"
    stubborn.mkdir()
    other = layout.recordings / "A/2026-11-20/10-00-00.mp4"
    result = delete_clips(layout, stored(stubborn, other))
    assert (list(result.failed), result.deleted) == ([stubborn], (other,))
    assert result.freed_bytes == 100
