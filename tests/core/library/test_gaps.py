import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.zones import local_zone
from vms_desktop.core.base.errors import StorageError
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library import gaps
from vms_desktop.core.library.gaps import (
    NOT_RUNNING_AFTER_S,
    Gap,
    GapJournal,
    GapKind,
    open_gaps,
    read_gaps,
    split_by_day,
)

DAY = date(2026, 11, 22)


def at(hour, minute=0, second=0, day=22):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc():
    with local_zone("UTC"):
        yield


@pytest.fixture
def journal(layout):
    return GapJournal(layout)


def line(start_at, end_at, reason="paused"):
    entry = {"from": start_at.isoformat(), "to": end_at.isoformat(), "reason": reason}
    return json.dumps(entry).encode() + b"\n"


def told(layout, folder="Door", day=DAY):
    return [
        (f"{gap.start_at:%H:%M:%S}", f"{gap.end_at:%H:%M:%S}", gap.reason)
        for gap in read_gaps(layout, folder, day)
    ]


def test_a_gap_is_written_when_it_has_ended(journal, layout):
    journal.opened("a", "Door", at(10), "stream_lost: timed_out")
    journal.flush(at(10, 1))
    assert told(layout) == []
    journal.closed("a", at(10, 2, 30))
    journal.closed("a", at(10, 3))
    journal.flush(at(10, 3))
    assert told(layout) == [("10:00:00", "10:02:30", "stream_lost: timed_out")]
    [line] = layout.gaps_path("Door", DAY).read_text().splitlines()
    assert json.loads(line) == {
        "from": "2026-11-22T10:00:00.000+00:00",
        "to": "2026-11-22T10:02:30.000+00:00",
        "reason": "stream_lost: timed_out",
    }


def test_the_same_reason_goes_on_and_another_begins_a_gap_of_its_own(journal, layout):
    journal.opened("a", "Door", at(10), "stream_lost: timed_out")
    journal.opened("a", "Door", at(10, 1), "stream_lost: timed_out")
    journal.opened("a", "Door", at(10, 2), "paused")
    journal.closed("a", at(10, 3))
    journal.flush(at(10, 3))
    assert told(layout) == [
        ("10:00:00", "10:02:00", "stream_lost: timed_out"),
        ("10:02:00", "10:03:00", "paused"),
    ]


def test_cameras_have_journals_of_their_own(journal, layout):
    journal.opened("a", "Door", at(10), "paused")
    journal.opened("b", "Yard", at(11), "disk: full")
    journal.closed("a", at(12))
    journal.closed("b", at(12))
    journal.flush(at(12))
    assert told(layout) == [("10:00:00", "12:00:00", "paused")]
    assert told(layout, "Yard") == [("11:00:00", "12:00:00", "disk: full")]


def test_a_gap_of_a_camera_that_is_renamed_lies_in_its_new_folder(journal, layout):
    journal.opened("a", "Old", at(10), "paused")
    journal.moved("a", "New")
    journal.closed("a", at(11))
    journal.flush(at(11))
    assert told(layout, "New") == [("10:00:00", "11:00:00", "paused")]
    assert not (layout.gaps / "Old").exists()


def test_a_gap_that_waits_to_be_written_follows_a_new_name_too(journal, layout):
    journal.opened("a", "Old", at(10), "paused")
    journal.closed("a", at(11))
    journal.moved("a", "New")
    journal.flush(at(11))
    assert told(layout, "New") == [("10:00:00", "11:00:00", "paused")]
    assert not (layout.gaps / "Old").exists()


def test_a_clock_set_back_makes_no_gap_that_ends_before_it_begins(journal, layout):
    journal.opened("a", "Door", at(10), "paused")
    journal.closed("a", at(9))
    journal.flush(at(9))
    assert told(layout) == []


def test_a_heartbeat_is_written_every_ten_seconds(journal, layout):
    beats = []
    for second in (0, 5, 9, 10, 15, 20, 3):
        journal.heartbeat(at(10, 0, second))
        beats.append(json.loads(layout.heartbeat_json.read_bytes())["at"][17:19])
    assert beats == ["00", "00", "00", "10", "10", "20", "03"]


@pytest.mark.parametrize(
    "away_s, expected",
    [
        (5, []),
        (15, []),
        (16, [("10:00:00", "10:00:16", "not_running")]),
        (3600, [("10:00:00", "11:00:00", "not_running")]),
        (-60, []),
    ],
)
def test_the_time_in_which_the_program_did_not_run_is_a_gap(away_s, expected, layout):
    GapJournal(layout).heartbeat(at(10))
    GapJournal(layout).recover(at(10) + timedelta(seconds=away_s), {"a": "Door"})
    assert told(layout) == expected


@pytest.mark.parametrize(
    "ended, away_s, expected",
    [
        # Killed while it recorded: the last heartbeat is up to ten seconds old.
        ("10:00:08", 9, []),
        ("10:00:08", 10, [("10:00:08", "10:00:10", "not_running")]),
        ("10:00:08", 60, [("10:00:08", "10:01:00", "not_running")]),
        ("09:59:56", 2, [("09:59:56", "10:00:02", "not_running")]),
        # The program ran on, and nothing reached the disk.
        (
            "09:59:40",
            60,
            [
                ("09:59:40", "10:00:00", "disk: hanging"),
                ("10:00:00", "10:01:00", "not_running"),
            ],
        ),
    ],
)
def test_what_was_being_written_tells_from_when_on_a_camera_is_missing(
    ended, away_s, expected, layout
):
    GapJournal(layout).heartbeat(at(10))
    hour, minute, second = map(int, ended.split(":"))
    start_at = at(10) + timedelta(seconds=away_s)
    cut_off = {"a": at(hour, minute, second)}
    GapJournal(layout).recover(start_at, {"a": "Door", "b": "Yard"}, cut_off)
    assert told(layout) == expected
    is_told = away_s > NOT_RUNNING_AFTER_S
    assert [reason for *_, reason in told(layout, "Yard")] == ["not_running"] * is_told


@pytest.mark.parametrize(
    "reason, recorded_since, expected",
    [
        ("disk: missing", at(10, 0, 7), [("10:00:05", "10:00:07", "disk: missing")]),
        ("disk: missing", at(10, 0, 4), []),
        ("disk: missing", None, [("10:00:05", "10:00:09", "disk: missing")]),
        ("stream_lost: ended", at(10, 0, 4), [("10:00:05", "10:00:09", "stream_lost: ended")]),
    ],
)
def test_what_reaches_the_disk_after_all_is_no_gap_of_it(
    journal, layout, reason, recorded_since, expected
):
    journal.opened("a", "Door", at(10, 0, 5), reason)
    journal.closed("a", at(10, 0, 9))  # The disk is well; then the first packet is written.
    journal.closed("a", at(10, 0, 10), recorded_since)
    journal.flush(at(10, 1))
    assert told(layout) == expected


def test_what_a_crash_left_open_tells_more_than_the_clip_of_before(journal, layout):
    journal.opened("a", "Door", at(9, 50), "disk: read_only")
    journal.heartbeat(at(10))
    GapJournal(layout).recover(at(10, 1), {"a": "Door"}, {"a": at(9, 49)})
    assert told(layout) == [
        ("09:50:00", "10:00:00", "disk: read_only"),
        ("10:00:00", "10:01:00", "not_running"),
    ]


def test_a_gap_that_a_crash_left_open_ends_at_the_last_heartbeat(journal, layout):
    journal.opened("a", "Old", at(9, 59), "stream_lost: refused")
    journal.opened("gone", "Gone", at(9, 58), "paused")
    journal.heartbeat(at(10))
    GapJournal(layout).recover(at(10, 5), {"a": "Door", "b": "Yard"})
    assert told(layout) == [
        ("09:59:00", "10:00:00", "stream_lost: refused"),
        ("10:00:00", "10:05:00", "not_running"),
    ]
    assert told(layout, "Yard") == [("10:00:00", "10:05:00", "not_running")]
    assert told(layout, "Gone") == [("09:58:00", "10:00:00", "paused")]
    GapJournal(layout).recover(at(10, 5), {"a": "Door"})
    assert len(told(layout)) == 2


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"at": 3}', b'{"at": "x"}'])
def test_without_a_usable_heartbeat_nothing_is_claimed(content, layout):
    if content is not None:
        layout.heartbeat_json.write_bytes(content)
    GapJournal(layout).recover(at(10), {"a": "Door"})
    assert told(layout) == []


def test_a_gap_told_twice_by_a_crash_counts_once(journal, layout):
    journal.opened("a", "Door", at(10), "paused")
    journal.heartbeat(at(10, 1))
    beat = layout.heartbeat_json.read_bytes()
    GapJournal(layout).recover(at(10, 1), {})
    journal.closed("a", at(10, 2))
    journal.flush(at(10, 2))
    layout.heartbeat_json.write_bytes(beat)
    GapJournal(layout).recover(at(10, 1, 5), {"a": "Door"})
    assert len(layout.gaps_path("Door", DAY).read_text().splitlines()) == 3
    assert told(layout) == [("10:00:00", "10:02:00", "paused")]


def test_the_last_run_can_be_told_after_this_ones_first_heartbeat(layout):
    GapJournal(layout).heartbeat(at(10))
    journal = GapJournal(layout)
    journal.heartbeat(at(10, 5))
    journal.heartbeat(at(10, 6))
    journal.recover(at(10, 5), {"a": "Door"})
    assert told(layout) == [("10:00:00", "10:05:00", "not_running")]


def test_torn_lines_are_passed_over_and_not_written_on(journal, layout):
    path = layout.gaps_path("Door", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(b'not json\n{"from": 3}\n{"from": "2026-11-22T08:00')
    journal.opened("a", "Door", at(10), "paused")
    journal.closed("a", at(11))
    journal.flush(at(11))
    assert told(layout) == [("10:00:00", "11:00:00", "paused")]


def test_gaps_wait_for_a_disk_that_does_not_take_them(journal, layout):
    layout.gaps.touch()
    journal.opened("a", "Door", at(10), "disk: failing")
    journal.closed("a", at(11))
    with pytest.raises(StorageError):
        journal.flush(at(11))
    layout.gaps.unlink()
    journal.flush(at(12))
    assert told(layout) == [("10:00:00", "11:00:00", "disk: failing")]


def test_a_gap_over_midnight_stands_in_the_journal_of_each_day(journal, layout):
    journal.opened("a", "Door", at(23, day=21), "paused")
    journal.closed("a", at(1, day=23))
    journal.flush(at(1, day=23))
    days = {day: told(layout, day=date(2026, 11, day)) for day in (21, 22, 23)}
    assert days == {
        21: [("23:00:00", "00:00:00", "paused")],
        22: [("00:00:00", "00:00:00", "paused")],
        23: [("00:00:00", "01:00:00", "paused")],
    }


def test_days_are_local_and_one_in_autumn_has_25_hours():
    first_at = datetime(2026, 10, 24, 22, tzinfo=UTC)
    with local_zone("Europe/Paris"):
        parts = list(split_by_day(Gap(first_at, first_at + timedelta(hours=26), "paused")))
    assert [
        (day.day, (gap.end_at - gap.start_at).total_seconds() / 3600) for day, gap in parts
    ] == [
        (25, 25),
        (26, 1),
    ]


@pytest.mark.parametrize(
    "zone, midnight",
    [
        ("America/Santiago", "2026-09-06T04:00"),
        ("Africa/Cairo", "2026-04-23T22:00"),
        ("Asia/Beirut", "2026-03-28T22:00"),
        ("Atlantic/Azores", "2026-03-29T01:00"),
        ("America/Havana", "2026-03-08T05:00"),
    ],
)
def test_a_gap_over_a_midnight_that_does_not_exist_is_split_there_and_ends(
    zone, midnight, layout, journal
):
    midnight_at = datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    with local_zone(zone):
        last_second = (midnight_at - timedelta(seconds=1)).astimezone()
        assert f"{last_second:%H:%M:%S}" == "23:59:59"
        day = last_second.date()
        journal.opened("a", "Door", midnight_at - timedelta(minutes=30), "paused")
        journal.closed("a", midnight_at + timedelta(hours=9))
        journal.flush(midnight_at + timedelta(hours=9))
        assert told(layout, day=day) == [("23:30:00", "01:00:00", "paused")]
        assert told(layout, day=day + timedelta(days=1)) == [("01:00:00", "10:00:00", "paused")]
    assert len(list(layout.gaps.rglob("*.jsonl"))) == 2


def test_what_a_crash_left_open_over_such_a_night_is_told_by_the_next_start(journal, layout):
    def local(day, hour):
        return datetime(2026, 9, day, hour, tzinfo=ZoneInfo("America/Santiago")).astimezone(UTC)

    with local_zone("America/Santiago"):
        journal.opened("a", "Door", local(5, 22), "stream_lost: refused")
        journal.heartbeat(local(6, 8))
        GapJournal(layout).recover(local(6, 9), {"a": "Door"})
        assert told(layout, day=date(2026, 9, 5)) == [
            ("22:00:00", "01:00:00", "stream_lost: refused")
        ]
        assert told(layout, day=date(2026, 9, 6)) == [
            ("01:00:00", "08:00:00", "stream_lost: refused"),
            ("08:00:00", "09:00:00", "not_running"),
        ]


def test_a_gap_without_length_is_no_gap(layout):
    path = layout.gaps_path("Door", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(line(at(10), at(10)) + line(at(12), at(11)) + line(at(13), at(14)))
    assert told(layout) == [("13:00:00", "14:00:00", "paused")]


def test_a_journal_is_read_only_so_far(layout, monkeypatch):
    monkeypatch.setattr(gaps, "MAX_READ_BYTES", 10 * len(line(at(10), at(10))))
    path = layout.gaps_path("Door", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(line(at(9), at(10)) + 20 * line(at(10), at(10)) + line(at(13), at(14)))
    assert told(layout) == [("09:00:00", "10:00:00", "paused")]


def test_a_clock_that_comes_back_from_1970_writes_a_year_at_most():
    gap = Gap(datetime(1970, 1, 1, tzinfo=UTC), at(10), "not_running")
    assert len(list(split_by_day(gap))) == 367


def lines(layout, folder="Door"):
    """Every line of a camera's journals."""
    journals = sorted((layout.gaps / folder).glob("*.jsonl"))
    return [line for path in journals for line in path.read_text().splitlines()]


def test_a_camera_that_is_switched_off_over_restarts_has_one_gap(layout):
    first = GapJournal(layout)
    first.opened("a", "Door", at(10), "inactive")
    first.flush(at(11))
    for hour in (13, 14, 15):
        run = GapJournal(layout)
        run.opened("a", "Door", at(hour), "inactive")
        run.heartbeat(at(hour))
        run.recover(at(hour), {"a": "Door"})
        run.flush(at(hour, 30))
        assert lines(layout) == [], "a restart writes nothing"
    last = GapJournal(layout)
    last.opened("a", "Door", at(16), "inactive")
    last.recover(at(16), {"a": "Door"})
    last.closed("a", at(17))
    last.flush(at(17))
    assert told(layout) == [("10:00:00", "17:00:00", "inactive")]


def test_a_crash_in_the_first_moments_forgets_no_camera_that_is_switched_off(layout):
    first = GapJournal(layout)
    first.opened("a", "Door", at(10), "inactive")
    first.flush(at(11))
    GapJournal(layout).heartbeat(at(12))  # the cameras were not even read
    last = GapJournal(layout)
    last.opened("a", "Door", at(13), "inactive")
    last.recover(at(13), {"a": "Door"})
    last.closed("a", at(14))
    last.flush(at(14))
    assert told(layout) == [("10:00:00", "14:00:00", "inactive")]


def test_one_that_was_switched_on_while_the_program_did_not_run_was_off_until_then(layout):
    first = GapJournal(layout)
    first.opened("a", "Door", at(10), "inactive")
    first.flush(at(11))
    GapJournal(layout).recover(at(13), {"a": "Door"})
    assert told(layout) == [
        ("10:00:00", "11:00:00", "inactive"),
        ("11:00:00", "13:00:00", "not_running"),
    ]


def test_one_that_was_switched_off_while_the_program_did_not_run_is_off_from_the_start(layout):
    GapJournal(layout).flush(at(11))
    run = GapJournal(layout)
    run.opened("a", "Door", at(13), "inactive")
    run.recover(at(13), {"a": "Door"})
    run.closed("a", at(14))
    run.flush(at(14))
    assert told(layout) == [
        ("11:00:00", "13:00:00", "not_running"),
        ("13:00:00", "14:00:00", "inactive"),
    ]


def test_one_that_is_deleted_while_the_program_does_not_run_was_off_until_then(layout):
    first = GapJournal(layout)
    first.opened("a", "Door", at(10), "inactive")
    first.flush(at(11))
    GapJournal(layout).recover(at(13), {})
    assert told(layout) == [("10:00:00", "11:00:00", "inactive")]


def test_days_that_are_over_are_written_although_the_gap_goes_on(journal, layout):
    journal.opened("a", "Door", at(10, day=20), "inactive")
    for hour in range(24, 48):
        journal.flush(at(10, day=20) + timedelta(hours=hour))
    assert [line.split(", ")[-1] for line in lines(layout)] == ['"reason": "inactive"}'] * 2
    assert told(layout, day=date(2026, 11, 20)) == [("10:00:00", "00:00:00", "inactive")]
    assert told(layout, day=date(2026, 11, 21)) == [("00:00:00", "00:00:00", "inactive")]
    journal.closed("a", at(11))
    journal.flush(at(11))
    assert told(layout) == [("00:00:00", "11:00:00", "inactive")]


def test_a_gap_that_has_not_ended_can_be_read_too(journal, layout):
    journal.opened("a", "Door", at(22, day=21), "inactive")
    journal.flush(at(23, day=21))
    [gap] = open_gaps(layout)["Door"]
    assert read_gaps(layout, "Door", date(2026, 11, 21), [gap]) == [gap]
    assert read_gaps(layout, "Door", DAY, [gap]) == []
    assert (gap.start_at, gap.end_at, gap.reason) == (
        at(22, day=21),
        at(23, day=21),
        "inactive",
    )


def test_a_sleep_is_told_once_whatever_the_next_start_thinks_of_the_heartbeat(layout):
    journal = GapJournal(layout)
    journal.heartbeat(at(10))
    # The machine slept; nothing beat meanwhile.
    journal.opened("a", "Door", at(10, 0, 3), GapKind.ASLEEP)
    journal.closed("a", at(12))
    journal.heartbeat(at(12, 0, 1))
    GapJournal(layout).recover(at(12, 0, 9), {"a": "Door"})
    assert told(layout) == [("10:00:03", "12:00:00", GapKind.ASLEEP)]


def test_a_sleep_that_never_ended_is_time_in_which_the_program_did_not_run(layout):
    GapJournal(layout).heartbeat(at(10))
    GapJournal(layout).recover(at(12), {"a": "Door"})
    assert told(layout) == [("10:00:00", "12:00:00", "not_running")]


def test_without_a_heartbeat_no_gap_is_open(layout):
    assert open_gaps(layout) == {}


@pytest.mark.parametrize(
    "torn",
    [
        b"[" * 4_000,
        line(at(10), at(11)).replace(b"paused", b"\\ud800"),
        b'{"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z", "reason": "x"}',
        b'{"from": "9999-12-31T00:00:00Z", "to": "9999-12-31T23:59:59Z", "reason": "x"}',
    ],
)
def test_a_line_that_nobody_wrote_tells_nothing(layout, torn):
    path = layout.gaps_path("Door", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(torn + b"\n" + line(at(12), at(13)))
    assert told(layout) == [("12:00:00", "13:00:00", "paused")]


@pytest.mark.parametrize("folder", ["../../away", "{away}", "..", "a\\b", "a\0b", "", 5, ["x"]])
def test_a_heartbeat_leads_into_no_other_folder(tmp_path, folder):
    layout = Layout(tmp_path / "home" / "data")
    layout.root.mkdir(parents=True)
    if isinstance(folder, str):
        folder = folder.replace("{away}", str(tmp_path / "away"))
    gap = {"folder": folder, "from": "2026-11-22T09:00:00+00:00", "reason": "paused"}
    beat = {"at": "2026-11-22T09:30:00+00:00", "open": {"gone": gap}}
    layout.heartbeat_json.write_text(json.dumps(beat))
    GapJournal(layout).recover(at(10), {})
    assert list(tmp_path.rglob("*.jsonl")) == []


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_heartbeat_at_the_end_of_time_is_none(layout, text):
    gap = {"folder": "Door", "from": "0001-01-01T00:00:00Z", "reason": "paused"}
    layout.heartbeat_json.write_text(json.dumps({"at": text, "open": {"a": gap}}))
    assert open_gaps(layout) == {}
    GapJournal(layout).recover(at(10), {"a": "Door"})
    assert told(layout) == []


def test_a_heartbeat_that_is_too_deep_is_none(layout):
    layout.heartbeat_json.write_bytes(b"[" * 5000 + b"]" * 5000)
    GapJournal(layout).recover(at(10), {"a": "Door"})
    assert told(layout) == []
