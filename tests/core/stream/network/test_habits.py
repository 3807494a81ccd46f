"""What is learnt of cameras, kept across starts."""

import json
from datetime import timedelta

import pytest

from tests.support.fakes import Behaviour, FakeCamera
from tests.support.packets import BEGAN_AT, HandClock, camera
from tests.support.rtsp_camera import SECRET, VIDEO, opens, taken
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.config.address import parse_network
from vms_desktop.core.stream.ffmpeg_stream import ContainerStream
from vms_desktop.core.stream.network import habits as module
from vms_desktop.core.stream.network.habits import SOUND_REST_S, HabitBook, HabitFile
from vms_desktop.core.stream.opener import StreamOpener

ADDRESS = "rtsp://10.0.0.9:554/live"


@pytest.fixture
def clock():
    return HandClock(1000.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "habits.json"


@pytest.fixture
def start(clock, path):
    """A start of the program: the book, and what keeps it."""

    def start():
        book = HabitBook(clock)
        kept = HabitFile(path, book)
        kept.load()
        return book, kept

    return start


def learnt(start, address=ADDRESS):
    book, kept = start()
    book.of(address).is_reordered = True
    kept.look()


def test_what_costs_a_recording_to_find_out_is_known_at_the_next_start(start, clock, path):
    book, kept = start()
    habits = book.of(ADDRESS)
    habits.is_reordered = habits.over_udp = True
    habits.useless_signs.add("OPTIONS")
    habits.hung_up_at_sound(clock.monotonic())
    kept.look()
    clock.time, clock.step_s = 5.0, 2000.0  # Of another boot.
    again = start()[0].of(ADDRESS)
    assert (again.is_reordered, again.over_udp, again.for_ffmpeg) == (True, True, False)
    assert again.useless_signs == {"OPTIONS"}
    assert again.is_silent(5.0 + SOUND_REST_S - 1)
    assert not again.is_silent(5.0 + SOUND_REST_S + 1)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_shows_at_every_opening_is_not_kept(start, path):
    book, kept = start()
    book.of(ADDRESS).for_ffmpeg = book.of(ADDRESS).once_by_ffmpeg = True
    kept.look()
    assert not path.exists()


@pytest.mark.parametrize("runs_on", [True, False])
def test_after_thirty_days_a_camera_is_judged_anew(start, clock, runs_on):
    learnt(start)
    book, kept = start()
    for days, is_known in ((29, True), (31, False)):
        clock.step_s = days * 86_400
        if not runs_on:
            book, kept = start()
        assert book.of(ADDRESS).is_reordered is is_known
        kept.look()
    assert start()[0].of(ADDRESS).is_reordered is False


def test_a_clock_that_was_ahead_keeps_nothing_for_years(start, clock):
    clock.step_s = 20 * 365 * 86_400
    learnt(start)
    clock.step_s = 0
    assert start()[0].of(ADDRESS).is_reordered is False


def test_the_thirty_days_begin_when_it_was_learnt_not_with_each_start(start, clock, path):
    learnt(start)
    clock.step_s = 20 * 86_400
    book, kept = start()
    book.of("rtsp://other:554/").over_udp = True
    kept.look()
    told = json.loads(path.read_text())["cameras"]
    assert told[ADDRESS]["learnt"][:10] == f"{BEGAN_AT:%Y-%m-%d}"
    assert told["rtsp://other:554/"]["learnt"][:10] == f"{BEGAN_AT + timedelta(20):%Y-%m-%d}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"version": 1, "cam',
        b"[]",
        b'{"cameras": 3}',
        b'{"cameras": {"rtsp://10.0.0.9:554/live": {"reordered": true}}}',
        b'{"cameras": {"rtsp://10.0.0.9:554/live": {"learnt": "x", "reordered": true}}}',
        b'{"cameras": {"rtsp://10.0.0.9:554/live": 7}}',
        b'{"cameras": {"rtsp://10.0.0.9:554/live": {"learnt": "2026-03-02T12:00:00Z",'
        b' "reordered": "yes", "useless_signs": [7]}}}',
    ],
)
def test_a_file_that_is_torn_says_nothing(start, path, content):
    path.write_bytes(content)
    habits = start()[0].of(ADDRESS)
    assert (habits.is_reordered, habits.useless_signs) == (False, set())
    learnt(start)
    assert start()[0].of(ADDRESS).is_reordered


def test_it_is_written_only_when_something_was_learnt(start, path):
    book, kept = start()
    book.of(ADDRESS)
    kept.look()
    assert not path.exists()
    book.of(ADDRESS).is_reordered = True
    kept.look()
    path.unlink()
    kept.look()
    assert not path.exists()


def test_a_disk_that_does_not_take_it_is_told_once(start, monkeypatch, caplog):
    def fail(*_, **__):
        raise StorageError(StorageProblem.FULL)

    book, kept = start()
    book.of(ADDRESS).is_reordered = True
    monkeypatch.setattr(module, "write_whole", fail)
    for _ in range(5):
        kept.look()
    assert caplog.text.count("not written") == 1
    monkeypatch.undo()
    kept.look()
    assert start()[0].of(ADDRESS).is_reordered


def test_the_newest_stay_where_there_are_too_many(start, clock, path, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    for number in range(5):
        clock.step_s += 60
        learnt(start, f"rtsp://{number}:554/")
    assert list(json.loads(path.read_text())["cameras"]) == [f"rtsp://{n}:554/" for n in (2, 3, 4)]


def test_the_door_opens_a_camera_as_an_earlier_run_found_it_and_writes_no_login(tmp_path, path):
    clock = Clock()

    def opener():
        book = HabitBook(clock)
        kept = HabitFile(path, book)
        kept.load()
        return StreamOpener(tmp_path, clock, habits=book), kept, book

    with FakeCamera(VIDEO, [Behaviour()]) as fake:
        first, kept, book = opener()
        url = fake.url("me", SECRET) + f"?token={SECRET}"
        stream = opens(first, url)
        book.of(parse_network(url).shown).is_reordered = True
        stream.close()
        kept.look()
        assert SECRET not in path.read_text()
        second, *_ = opener()
        stream = opens(second, url)
        assert isinstance(stream, ContainerStream)
        taken(stream, 3)
        stream.close()
        # A person edits how it is reached.
        second.forget(camera(url_sd=url))
        stream = opens(second, url)
        assert not isinstance(stream, ContainerStream)
        stream.close()
