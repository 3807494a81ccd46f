"""FFmpeg may hang for as long as it likes: nobody waits for it who is told to end."""

import threading
from time import monotonic

import pytest

from tests.support.video import write_clip
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.stream.container_reader import MOST_WAITING, ContainerReader, open_container


def never():
    return False


class Film:
    """A container; it counts what is read of it."""

    def __init__(self, container):
        self.streams = container.streams
        self.close = container.close
        self._container = container
        self.read_count = 0

    def demux(self, tracks):
        for packet in self._container.demux(tracks):
            self.read_count += 1
            yield packet


class Opening:
    """Opens a film once it is let."""

    def __init__(self, path):
        self.may_open = threading.Event()
        self._path = path

    def __call__(self):
        assert self.may_open.wait(10)
        return Film(open_container(str(self._path), "mp4", {}, (5.0, 5.0), "film.mp4"))


def is_over():
    """Whether no thread of a reader is left."""
    return not any(thread.name == "ffmpeg" for thread in threading.enumerate())


@pytest.fixture
def opening(tmp_path):
    write_clip(tmp_path / "film.mp4", 2 * MOST_WAITING, width=64, height=64)
    return Opening(tmp_path / "film.mp4")


@pytest.fixture
def reader(opening):
    return ContainerReader(opening, "film")


@pytest.mark.parametrize(
    "stopped, problem", [(lambda: True, Problem.ENDED), (never, Problem.TIMED_OUT)]
)
def test_an_opening_that_hangs_is_left_to_itself(stopped, problem, reader, opening):
    began = monotonic()
    with pytest.raises(StreamError, match=problem):
        reader.container(stopped, 0.1)
    assert monotonic() - began < 0.5
    assert not is_over()
    opening.may_open.set()
    wait_until(is_over)


def test_packets_come_in_order_to_the_end(reader, opening):
    opening.may_open.set()
    container = reader.container(never, 5)
    tracks = list(container.streams.video)
    packets = [packet for packet in reader.packets(tracks, never, lambda: None) if packet.size]
    assert len(packets) == 2 * MOST_WAITING
    reader.close()
    assert is_over()


def test_whoever_takes_nothing_more_can_leave(reader, opening):
    opening.may_open.set()
    container = reader.container(never, 5)
    packets = reader.packets(list(container.streams.video), never, lambda: None)
    next(packets)
    # One was taken, and the next of those that nobody takes waits for its place.
    wait_until(lambda: container.read_count == MOST_WAITING + 2)
    reader.close()
    wait_until(is_over)


def test_an_open_container_that_nobody_reads_is_closed(reader, opening):
    opening.may_open.set()
    reader.container(never, 5)
    reader.close()
    assert is_over()


def test_a_failure_to_open_is_told(tmp_path):
    reader = ContainerReader(
        lambda: open_container(str(tmp_path / "none"), "mp4", {}, (5.0, 5.0), "film"),
        "film",
    )
    with pytest.raises(StreamError, match=Problem.NOT_FOUND):
        reader.container(never, 5)
