"""The thumbnails' thread: what was asked for last comes first, and everybody gets an answer."""

from threading import Event

import cv2
import numpy as np
import pytest

from vms_desktop.core.base.picture import Size
from vms_desktop.workers.library import thumbnails as module
from vms_desktop.workers.library.thumbnails import ThumbnailReader

ROOM = Size(96, 54)


class Reader(ThumbnailReader):
    """Keeps what it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[int, object]] = []


@pytest.fixture
def reader(qapp):
    made = Reader()
    made.read.connect(lambda number, pixels: made.answers.append((number, pixels)))
    yield made
    made.stop()
    assert made.wait(2000)


@pytest.fixture
def slow(monkeypatch):
    """The reading of a file, which waits until it may; the paths that were read."""
    read, began, may = [], Event(), Event()

    def reading(path, _room):
        began.set()
        assert may.wait(5)
        read.append(path.name)

    monkeypatch.setattr(module, "read_thumbnail", reading)
    yield read, began, may
    may.set()


def test_no_thread_runs_before_the_first_question(reader):
    assert not reader.isRunning()


def test_a_file_comes_in_the_size_that_covers_the_room(reader, qtbot, tmp_path):
    path = tmp_path / "1.jpg"
    cv2.imwrite(str(path), np.full((180, 320, 3), (0, 0, 255), np.uint8))
    number = reader.ask(path, Size(96, 60))
    qtbot.waitUntil(lambda: bool(reader.answers))
    [(answered, pixels)] = reader.answers
    assert (answered, pixels.shape) == (number, (60, 107, 4))
    assert pixels[30, 50, 2] > 240


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_what_is_no_picture_is_answered_with_none(reader, qtbot, tmp_path, content):
    path = tmp_path / "1.jpg"
    if content is not None:
        path.write_bytes(content)
    number = reader.ask(path, ROOM)
    qtbot.waitUntil(lambda: reader.answers == [(number, None)])


def test_what_was_asked_for_last_is_read_first(reader, qtbot, tmp_path, slow):
    read, began, may = slow
    reader.ask(tmp_path / "first", ROOM)
    assert began.wait(5)
    numbers = [reader.ask(tmp_path / name, ROOM) for name in ("old", "left", "new")]
    reader.withdraw([numbers[1]])
    may.set()
    qtbot.waitUntil(lambda: len(reader.answers) == 3)
    assert read == ["first", "new", "old"]


def test_the_end_leaves_out_what_still_waits(reader, tmp_path, slow):
    read, began, may = slow
    reader.ask(tmp_path / "first", ROOM)
    assert began.wait(5)
    reader.ask(tmp_path / "second", ROOM)
    reader.stop()
    may.set()
    assert reader.wait(2000)
    assert read == ["first"]
    reader.ask(tmp_path / "late", ROOM)
    assert not reader.isRunning()


@pytest.mark.expects_log_errors
def test_a_bug_leaves_nobody_waiting(reader, qtbot, tmp_path, monkeypatch):
    def crash(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "read_thumbnail", crash)
    number = reader.ask(tmp_path / "1.jpg", ROOM)
    qtbot.waitUntil(lambda: reader.answers == [(number, None)])
