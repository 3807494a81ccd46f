"""FFmpeg at work in a thread of its own, so that nobody has to wait for it.

While FFmpeg opens or waits for a packet it cannot be interrupted, and closing a
container from another thread is a segmentation fault. So one thread opens,
reads and closes it; whoever wants the packets may leave at any time. Its
failures become ours here.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from queue import Empty, Full, Queue, SimpleQueue
from threading import Event, Thread
from time import monotonic

import av
from av.container import InputContainer

from vms_desktop.core.base import Problem, StreamError
from vms_desktop.core.stream.packets import AvPacket

log = logging.getLogger(__name__)

# Packets that are held for whoever is slow to take them; then FFmpeg has to wait.
MOST_WAITING = 256
_STEP_S = 0.1
_FAREWELL_S = 0.3  # A stream that flows is closed within this; one that hangs is not waited for.

Tracks = list[av.VideoStream | av.AudioStream]

_ERRORS: tuple[tuple[type[Exception], Problem], ...] = (
    (av.HTTPUnauthorizedError, Problem.WRONG_PASSWORD),
    (av.HTTPForbiddenError, Problem.WRONG_PASSWORD),
    (av.HTTPNotFoundError, Problem.NOT_FOUND),
    (av.FileNotFoundError, Problem.NOT_FOUND),
    (av.ConnectionRefusedError, Problem.REFUSED),
    (av.TimeoutError, Problem.TIMED_OUT),
    (av.ExitError, Problem.TIMED_OUT),
    (av.EOFError, Problem.ENDED),
)


class ContainerReader:
    """A container that is opened, read and closed in its own thread.

    Left alone, the thread ends as soon as FFmpeg lets it. The container's streams may be
    looked at until `close`.

    Args:
        open_it: Opens the container; raises StreamError.
        host: What failures name.
    """

    def __init__(self, open_it: Callable[[], InputContainer], host: str) -> None:
        self._open = open_it
        self._host = host
        self._opened: SimpleQueue[InputContainer | StreamError] = SimpleQueue()
        self._wanted: SimpleQueue[Tracks | None] = SimpleQueue()
        self._came: Queue[AvPacket | StreamError | None] = Queue(MOST_WAITING)
        self._left = Event()
        self._thread = Thread(target=self._run, name="ffmpeg", daemon=True)
        self._thread.start()

    def container(self, stopped: Callable[[], bool], limit_s: float) -> InputContainer:
        """The open container.

        Raises:
            StreamError: It could not be opened, not in time, or the end was asked for.
        """
        end = monotonic() + limit_s
        while True:
            try:
                opened = self._opened.get(timeout=_STEP_S)
            except Empty:
                problem = Problem.ENDED if stopped() else Problem.TIMED_OUT
                if stopped() or monotonic() > end:
                    self._leave()
                    raise StreamError(problem, self._host, answered=True) from None
                continue
            if isinstance(opened, StreamError):
                raise opened
            return opened

    def packets(
        self, tracks: Tracks, stopped: Callable[[], bool], waits: Callable[[], None]
    ) -> Iterator[AvPacket]:
        """The packets of the tracks as they come, until the end of the stream.

        `waits` is called ten times a second while nothing comes, and may raise.

        Raises:
            StreamError: Reading failed.
        """
        self._wanted.put(tracks)
        while not stopped():
            try:
                came = self._came.get(timeout=_STEP_S)
            except Empty:
                waits()
                continue
            if isinstance(came, StreamError):
                raise came
            if came is None:
                return
            yield came

    def close(self) -> None:
        """Let go of the container; it is closed once FFmpeg returns, mostly at once."""
        self._leave()
        self._thread.join(_FAREWELL_S)

    def _leave(self) -> None:
        self._left.set()
        self._wanted.put(None)

    def _run(self) -> None:
        try:
            container = self._open()
        except StreamError as err:
            self._opened.put(err)
            return
        with closing(container):
            self._opened.put(container)
            tracks = self._wanted.get()
            if tracks is not None and not self._left.is_set():
                self._hand_over(self._read(container, tracks))
            self._left.wait()

    def _read(
        self, container: InputContainer, tracks: Tracks
    ) -> Iterator[AvPacket | StreamError | None]:
        try:
            yield from demuxed(container, tracks, self._host)
        except StreamError as err:
            yield err
        yield None

    def _hand_over(self, read: Iterator[AvPacket | StreamError | None]) -> None:
        for each in read:
            while not self._left.is_set():
                try:
                    self._came.put(each, timeout=_STEP_S)
                    break
                except Full:
                    continue
            if self._left.is_set():
                return


def demuxed(container: InputContainer, tracks: Tracks, host: str) -> Iterator[AvPacket]:
    """The packets of the tracks up to the end.

    Raises:
        StreamError: Reading failed.
    """
    try:
        yield from container.demux(tracks)
    except IndexError:
        # WORKAROUND: https://github.com/PyAV-Org/PyAV/issues/692. At the end PyAV looks for tracks
        # that FFmpeg has found since the opening, such as a sound that begins late.
        return
    except (av.FFmpegError, OSError) as err:
        raise stream_error(err, host) from None


def stream_error(err: Exception, host: str) -> StreamError:
    """The failure of FFmpeg as one of ours. Its text quotes the address, password included."""
    for kind, problem in _ERRORS:
        if isinstance(err, kind):
            return StreamError(problem, host, answered=True)
    log.debug("%s: %s", host, getattr(err, "strerror", type(err).__name__))
    return StreamError(Problem.BAD_DATA, host, answered=True)


def open_container(
    url: str,
    form: str | None,
    options: dict[str, str],
    timeout: tuple[float, float | None],
    shown: str,
) -> InputContainer:
    try:
        # A camera may name itself in any encoding.
        return av.open(
            url, format=form, options=options, timeout=timeout, metadata_errors="replace"
        )
    except (av.FFmpegError, OSError) as err:
        raise stream_error(err, shown) from None
    except ValueError:  # PyAV's word for a format that this FFmpeg lacks.
        raise StreamError(Problem.BAD_ADDRESS, shown) from None
