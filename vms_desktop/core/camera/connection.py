"""One of a camera's streams, kept open: connect, read, wait, again, until it is stopped."""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import closing

from vms_desktop.core.base import CameraState, CancellableInbox, Clock, Inbox, Problem, StreamError
from vms_desktop.core.camera.backoff import Backoff
from vms_desktop.core.camera.session import CameraChanged, CameraOrder, Pause
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.camera.status_teller import StatusTeller
from vms_desktop.core.stream import Packet, Stream, StreamOpener
from vms_desktop.core.stream.bitstream import EntryWait

log = logging.getLogger(__name__)

# While a camera is away, how often its port is tried: much cheaper than connecting.
PROBE_S = 2.0
# How often a session that wants no stream looks whether it does now.
IDLE_S = 1.0


class Connection:
    """Connects to a stream again and again for one session; runs in the session's thread.

    Args:
        status: Is told what becomes of the connection.
        obey: Carries out an order; `Pause` and an edited camera take effect here as well.
        wanted: Whether the stream is to be open now, if it is not paused.
        name_suffix: Stands behind the camera's name in the log.
    """

    def __init__(
        self,
        shared: CameraShared,
        opener: StreamOpener,
        clock: Clock,
        inbox: Inbox[CameraOrder],
        address: str,
        status: StatusTeller,
        *,
        obey: Callable[[CameraOrder], None],
        wanted: Callable[[], bool] = lambda: True,
        backoff: Backoff | None = None,
        name_suffix: str = "",
    ) -> None:
        self._shared = shared
        self._opener = opener
        self._clock = clock
        self._inbox = inbox
        self._address = address
        self._status = status
        self._handle = obey
        self._wanted = wanted
        self._backoff = backoff or Backoff()
        self._name_suffix = name_suffix
        self._paused = False
        self._hurried = False
        self._known_failure: Problem | None = None
        self._lacked_entry = False
        self._left_off_s: float | None = None
        self._known_sleep = shared.sleeps.look()
        self._waiting = CancellableInbox(inbox, self._has_slept)

    def run(self, read: Callable[[Stream], None]) -> None:
        """Open the stream and have it read, again and again, until the inbox is stopped.

        Args:
            read: Takes the `packets()` of a stream that is open, until they end.
        """
        while not self._inbox.stopped:
            self._obey_all()
            self._notice_sleep()
            if self._is_wanted():
                self._connect_and_read(read)
            else:
                self._status.become(CameraState.PAUSED)
                self._inbox.wait(IDLE_S)

    def packets(
        self, stream: Stream, rest_s: Callable[[], float] = lambda: 0.0
    ) -> Iterator[Packet]:
        """The packets of the open stream while it is wanted; orders are obeyed between them.

        Args:
            rest_s: How long packets may lie unread; 0 while somebody waits for the next one.
        """
        entry = EntryWait()
        for packet in stream.packets(self._is_over):
            yield packet
            if packet.is_video:
                self._await_entry(entry, packet)
            if packet.awaited and (longest_s := rest_s()):
                self._inbox.wait(stream.rest_s(longest_s))

    def _connect_and_read(self, read: Callable[[Stream], None]) -> None:
        failure = self._read_until_failure(read)
        if failure is None or self._inbox.stopped or self._has_slept():
            return
        delay_s = self._backoff.failed(
            failure.kind,
            self._clock.monotonic(),
            answers=failure.answered,
            retry_after_s=failure.retry_after_s,
        )
        # Once, not every 30 s: a camera dead for days must not push out the rest of the log.
        level = logging.DEBUG if failure.kind is self._known_failure else logging.WARNING
        self._known_failure = failure.kind
        log.log(level, "%s: %s; %s", self._name, failure, _next_try(delay_s))
        self._status.failed(failure, delay_s, self._backoff.attempt)
        self._wait_for_next_try(delay_s, failure)

    def _read_until_failure(self, read: Callable[[Stream], None]) -> StreamError | None:
        """Connect and read; None where the end came because it was wanted."""
        self._status.connecting()
        try:
            stream = self._opener.open(self._shared.camera, self._address, self._waiting)
        except StreamError as err:
            return err
        with closing(stream):
            try:
                self._backoff.connected(self._clock.monotonic())
                self._known_failure = None
                stream.go_on_from(self._left_off_s)
                read(stream)
            except StreamError as err:
                return err
            finally:
                self._left_off_s = stream.left_off_s
                self._shared.dropped += stream.dropped
        return None

    @property
    def _name(self) -> str:
        return f"{self._shared.camera.name}{self._name_suffix}"

    def _is_over(self) -> bool:
        self._obey_all()  # Also while nothing comes: a slow stream is silent for half a minute.
        return self._inbox.stopped or not self._is_wanted() or self._has_slept()

    def _is_wanted(self) -> bool:
        return not self._paused and self._wanted()

    def _has_slept(self) -> bool:
        """True if the connection is from before a sleep, and so a new one is made at once.

        What waits in it is as old, and the camera has given it up most likely.
        """
        return self._shared.sleeps.look() is not self._known_sleep

    def _notice_sleep(self) -> None:
        sleep = self._shared.sleeps.look()
        if sleep is not None and sleep is not self._known_sleep:
            self._known_sleep = sleep
            self._status.slept(sleep, is_lost=self._is_wanted())

    def _await_entry(self, entry: EntryWait, packet: Packet) -> None:
        if packet.is_keyframe:
            self._lacked_entry = False
        if entry.in_vain(is_keyframe=packet.is_keyframe, arrived=packet.arrived):
            if not self._lacked_entry:  # Once, however often the camera is connected to anew.
                log.warning("%s: %s", self._name, Problem.NO_KEYFRAMES)
            self._lacked_entry = True
            self._status.lacks_keyframes()

    def _wait_for_next_try(self, delay_s: float, failure: StreamError) -> None:
        """Wait, but not once the camera answers again, is edited, or is not wanted."""
        began = self._clock.monotonic()
        probes = not failure.answered and failure.kind is not Problem.WRONG_PASSWORD
        self._hurried = False
        while self._is_wanted() and not self._inbox.stopped and not self._hurried:
            if self._has_slept():
                if failure.kind is not Problem.WRONG_PASSWORD:
                    return
                self._known_sleep = self._shared.sleeps.newest  # No reason to try it more often.
            left_s = began + delay_s - self._clock.monotonic()
            if left_s <= 0:
                return
            self._inbox.wait(min(PROBE_S, left_s))
            self._obey_all()
            if probes and left_s > PROBE_S and self._backoff.fresh(self._clock.monotonic()):
                probes = not self._opener.answers(self._shared.camera, self._address, self._inbox)
                self._hurried = not probes

    def _obey_all(self) -> None:
        for order in self._inbox.take_all():
            if isinstance(order, Pause):
                self._paused = order.paused
            elif isinstance(order, CameraChanged):
                self._backoff.reset()
                self._hurried = True
            self._handle(order)


def _next_try(delay_s: float) -> str:
    """The time of the next try, for the log."""
    return f"next try in {delay_s:.0f} s" if delay_s < math.inf else "next try once it is edited"
