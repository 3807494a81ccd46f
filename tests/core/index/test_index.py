"""What the index answers, and what becomes of one that is of no use."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.library import DAY, at, moved, playable, put_clip, put_file, scanned
from tests.support.zones import local_zone
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.local_day import day_start
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.index import schema
from vms_desktop.core.index.index import ClipIndex, ClipState, IndexMissingError
from vms_desktop.core.index.queries import DayQuery
from vms_desktop.core.index.schema import VERSION
from vms_desktop.core.index.writer import ClipIndexWriter


@pytest.fixture
def reader(index, layout):
    with closing(ClipIndex(layout.index_file, layout)) as reader:
        yield reader


def names(clips):
    return [f"{clip.folder}/{clip.path.name}" for clip in clips]


def test_a_clip_is_known_with_everything_that_its_side_car_says(index, reader, layout):
    clip = put_clip(layout, at("10:00:00"), moved(3, (1, 1)), length_s=12.5)
    scanned(index)
    [found] = reader.clips_of_day(DAY)
    assert (found.path, found.folder) == (clip.path, "A")
    assert (found.camera_id, found.camera_name) == ("id-A", "Camera A")
    assert (found.start_at, found.end_at) == (clip.start_at, clip.end_at)
    assert found.duration_s == 12.5
    assert (found.codec, found.size, found.size_bytes) == ("h264", Size(64, 64), len(playable()))
    assert (found.peak_at, found.peak_area_px) == (clip.peak_at, 900)
    assert (found.state, found.has_thumbnail) == (ClipState.OK, True)
    assert 0 < found.strength < 0.1
    assert found.start_at.utcoffset() is not None
    assert reader.clip(clip.path) == found


def test_days_count_the_clips_of_a_month_and_of_chosen_cameras(index, reader, layout):
    for text, folder in (("10:00:00", "A"), ("11:00:00", "A"), ("11:00:00", "B")):
        put_clip(layout, at(text), folder=folder)
    put_clip(layout, at("10:00:00", date(2026, 11, 1)))
    put_clip(layout, at("10:00:00", date(2026, 10, 31)))
    scanned(index)
    assert reader.days(2026, 11) == {date(2026, 11, 1): 1, DAY: 3}
    assert reader.days(2026, 11, ["B"]) == {DAY: 1}
    assert reader.days(2026, 11, []) == {}
    assert reader.days(2026, 12) == {}


def test_a_day_has_its_clips_oldest_first_and_of_chosen_cameras(index, reader, layout):
    for text, folder in (("12:00:00", "A"), ("09:00:00", "B"), ("10:00:00", "A")):
        put_clip(layout, at(text), folder=folder)
    scanned(index)
    assert names(reader.clips_of_day(DAY)) == ["B/09-00-00.mp4", "A/10-00-00.mp4", "A/12-00-00.mp4"]
    assert names(reader.clips_of_day(DAY, ["B"])) == ["B/09-00-00.mp4"]
    assert reader.clips_of_day(DAY + timedelta(days=1)) == ()


@pytest.mark.parametrize(
    "start, end, expected",
    [
        ("10:00:00", "10:30:00", ["10-00-00"]),
        ("10:00:05", "10:00:06", ["10-00-00"]),
        ("10:00:10", "11:00:00", []),
        ("10:00:09", "11:00:01", ["10-00-00", "11-00-00"]),
        ("00:00:00", "23:59:59", ["23-59-55", "10-00-00", "11-00-00"]),
        ("00:00:06", "10:00:00", []),
    ],
)
def test_a_span_has_the_clips_that_share_time_with_it(index, reader, layout, start, end, expected):
    put_clip(layout, at("23:59:55", DAY - timedelta(days=1)))
    put_clip(layout, at("10:00:00"))
    put_clip(layout, at("11:00:00"))
    scanned(index)
    found = reader.clips_between(at(start), at(end))
    assert [clip.path.stem for clip in found] == expected


def test_next_and_previous_clip_skip_what_cannot_be_played(index, reader, layout):
    put_clip(layout, at("10:00:00"))
    put_file(layout.clip_path("A", at("11:00:00")), b"")
    put_clip(layout, at("12:00:00"), folder="B")
    scanned(index)
    assert reader.next_clip(at("10:00:00")).path.stem == "12-00-00"
    assert reader.next_clip(at("10:00:00"), ["A"]) is None
    assert reader.previous_clip(at("12:00:00")).path.stem == "10-00-00"
    assert reader.previous_clip(at("10:00:00")) is None
    assert reader.next_clip(at("00:00:00", date(2020, 1, 1))).path.stem == "10-00-00"


def test_cameras_are_listed_with_counts_those_that_nobody_configured_too(index, reader, layout):
    put_clip(layout, at("10:00:00"))
    put_clip(layout, at("11:00:00"))
    layout.camera_mark("A").write_text('{"id": "id-A", "name": "Entrée"}')
    put_file(layout.clip_path("Old_web", at("10:00:00")))
    layout.camera_mark("New").parent.mkdir()
    archived = layout.archive_path(layout.clip_path("A", at("09:00:00")))
    put_file(archived)
    scanned(index)
    size = len(playable())
    rows = [(c.folder, c.camera_id, c.name, c.recordings, c.archives) for c in reader.folders()]
    assert rows == [
        ("A", "id-A", "Entrée", 2, 1),
        ("New", "", "New", 0, 0),
        ("Old_web", "", "Old_web", 1, 0),
    ]
    assert (reader.folders()[0].recordings_bytes, reader.folders()[0].archives_bytes) == (
        2 * size,
        size,
    )
    assert reader.count() == 4


def test_archived_clips_are_known_with_their_comment_and_belong_to_their_day(index, reader, layout):
    put_clip(layout, at("10:00:00"))
    path = put_file(layout.archive_path(layout.clip_path("A", at("09:00:00"))))
    put_file(layout.sidecar_path(path), b'{"comment": "le facteur"}')
    put_file(layout.thumbnail_path(path), b"jpeg")
    scanned(index)
    [archived] = reader.archived()
    assert (archived.path, archived.comment, archived.is_archived) == (path, "le facteur", True)
    assert archived.has_thumbnail
    assert [clip.is_archived for clip in reader.clips_of_day(DAY)] == [True, False]
    assert reader.archived(["B"]) == ()


def test_a_removed_clip_is_forgotten_with_its_motion(index, reader, layout):
    clips = [put_clip(layout, at(text), moved(1, (1, 1))) for text in ("10:00:00", "11:00:00")]
    scanned(index)
    index.remove([clips[0].path, layout.root / "elsewhere.mp4"])
    assert names(reader.clips_of_day(DAY)) == ["A/11-00-00.mp4"]
    assert reader.days(2026, 11) == {DAY: 1}
    assert [len(rows) for rows in index.motion_of_days(DAY, DAY)] == [1]


@pytest.mark.usefixtures("paris")
def test_the_repeated_hour_in_autumn_is_told_apart_by_the_side_cars(layout):
    first_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone()
    second_at = (first_at.astimezone(UTC) + timedelta(hours=1)).astimezone()
    first = put_clip(layout, first_at)
    path = put_file(first.path.with_stem("02-30-00-2"))
    second = replace(first, path=path, start_at=second_at, end_at=second_at)
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        write_sidecar(layout.sidecar_path(path), second)
        scanned(index)
        clips = index.clips_of_day(date(2026, 10, 25))
        assert [clip.path.stem for clip in clips] == ["02-30-00", "02-30-00-2"]
        assert [clip.start_at.utcoffset() for clip in clips] == [
            timedelta(hours=2),
            timedelta(hours=1),
        ]
        assert clips[1].start_at - clips[0].start_at == timedelta(hours=1)
        assert names(index.clips_between(second_at, second_at + timedelta(hours=1))) == []


@pytest.mark.usefixtures("paris")
@pytest.mark.parametrize("hour_utc, offset_h", [(0, 2), (1, 1)])
def test_without_a_side_car_the_files_time_of_change_tells_the_repeated_hour(
    layout, hour_utc, offset_h
):
    start_at = datetime(2026, 10, 25, hour_utc, 30, tzinfo=UTC).astimezone()
    path = put_file(layout.clip_path("A", start_at))
    ended_s = start_at.timestamp() + 20
    os.utime(path, (ended_s, ended_s))
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
        [clip] = index.clips_of_day(date(2026, 10, 25))
    assert clip.path.stem == "02-30-00"
    assert (clip.start_at, clip.duration_s) == (start_at, 20)
    assert clip.start_at.utcoffset() == timedelta(hours=offset_h)


@pytest.mark.usefixtures("paris")
def test_the_day_is_that_of_the_folder_whatever_utc_says(layout):
    start_at = datetime(2026, 11, 19, 23, 30, tzinfo=UTC).astimezone()
    put_clip(layout, start_at)
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
        [clip] = index.clips_of_day(DAY)
        assert f"{clip.start_at:%H:%M %z}" == "00:30 +0100"


def test_without_an_index_a_reader_says_so(layout):
    with pytest.raises(IndexMissingError):
        ClipIndex(layout.index_file, layout)


def _damaged_within(path):
    data = bytearray(path.read_bytes())
    data[100:4000] = os.urandom(3900)
    path.write_bytes(data)


def _of_another_version(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")


def _somebody_elses(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE clips (x)")
        connection.commit()


def _half_made(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE motion")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"not a database, but long enough to look like one" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:1000]),
        lambda path: path.write_bytes(b""),
        _damaged_within,
        _of_another_version,
        _somebody_elses,
        _half_made,
    ],
    ids=["no database", "cut short", "empty", "damaged", "other version", "other's", "half made"],
)
def test_an_index_that_is_of_no_use_is_made_anew_and_costs_nothing_else(layout, spoil):
    clip = put_clip(layout, at("10:00:00"))
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
    before = {path: path.read_bytes() for path in layout.root.rglob("*.mp4")}
    spoil(layout.index_file)
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        assert index.count() == 0
        scanned(index)
        assert [found.path for found in index.clips_of_day(DAY)] == [clip.path]
    assert {path: path.read_bytes() for path in layout.root.rglob("*.mp4")} == before


def test_an_index_that_is_busy_for_now_is_not_thrown_away(layout, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_S", 0.01)
    put_clip(layout, at("10:00:00"))
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
    with closing(sqlite3.connect(layout.index_file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(schema, "_configure", lambda _connection: None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            ClipIndexWriter(layout.index_file, layout)
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        assert index.count() == 1


def test_an_index_of_another_recordings_folder_is_made_anew(layout, tmp_path):
    put_clip(layout, at("10:00:00"))
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
    moved_away = Layout(tmp_path, tmp_path / "other")
    with closing(ClipIndexWriter(moved_away.index_file, moved_away)) as index:
        assert index.count() == 0


def test_the_index_is_for_its_owner_alone(index, layout):
    put_clip(layout, at("10:00:00"))
    scanned(index)
    for path in layout.root.glob("index.sqlite3*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_day_begins_with_what_lasts_beyond_its_midnight(index, reader, layout):
    midnight = at("00:00:00")
    put_clip(layout, midnight - timedelta(seconds=5), length_s=10)
    put_clip(layout, midnight - timedelta(seconds=60), length_s=10)
    put_clip(layout, midnight + timedelta(seconds=30), length_s=10)
    scanned(index)
    query = DayQuery(DAY, begins_at=midnight)
    assert names(query.answer(reader, lambda: False)) == ["A/23-59-55.mp4", "A/00-00-30.mp4"]
    assert names(DayQuery(DAY).answer(reader, lambda: False)) == ["A/00-00-30.mp4"]


def test_days_that_have_clips_are_neighbours_whatever_lies_between(index, reader, layout):
    days = [date(2026, 11, 20), date(2026, 12, 3), date(2027, 1, 1)]
    for day in days:
        put_clip(layout, at("10:00:00", day))
    gone = put_clip(layout, at("10:00:00", date(2026, 12, 24)))
    scanned(index)
    index.remove([gone.path])
    assert [reader.next_day(day) for day in days] == [*days[1:], None]
    assert [reader.previous_day(day) for day in days] == [None, *days[:-1]]
    assert reader.previous_day(date(2026, 12, 1)) == days[0]


def test_clips_over_a_day_that_was_left_out_reach_the_next(index, reader, layout):
    with local_zone("Pacific/Apia"):
        start_at = at("23:59:55", date(2011, 12, 29))
        clip = put_clip(layout, start_at, length_s=10)
        scanned(index)
        begins_at = day_start(date(2011, 12, 31))
        assert begins_at - start_at == timedelta(seconds=5)
        query = DayQuery(date(2011, 12, 31), begins_at=begins_at)
        assert [found.path for found in query.answer(reader, lambda: False)] == [clip.path]
