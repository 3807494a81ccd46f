"""The story of one connection: connect, read, wait, again, until it is stopped."""

import logging
import math
from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.inbox import Errand, Inbox
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.base.sleep_watch import Sleep
from vms_desktop.core.camera.backoff import Backoff
from vms_desktop.core.camera.preview import Preview
from vms_desktop.core.camera.shared import CameraBoard
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.media.audio import SoundBuffer
from vms_desktop.core.stream.bitstream.entry_points import EntryWait
from vms_desktop.core.stream.opener import Door
from vms_desktop.core.stream.packets.packet import Packet
from vms_desktop.core.stream.packets.stream import Stream

log = logging.getLogger(__name__)

KNOCK_S = 2.0
"""While a camera is away, how often its port is tried: much cheaper than connecting."""
IDLE_S = 1.0
"""How often a session that wants no stream looks whether it does now."""


@dataclass(frozen=True, slots=True)
class TakeCamera:
    """Go on with another configuration of the same streams."""

    camera: CameraConfig


@dataclass(frozen=True, slots=True)
class TakeViewport:
    """Make pictures for this room; None where nobody can see them."""

    viewport: Viewport | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Let go of the stream, or take it up again."""

    paused: bool


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Save the newest full frame."""

    path: Path


@dataclass(frozen=True, slots=True)
class Listen:
    """Play the sound into this buffer; None for silence."""

    buffer: SoundBuffer | None


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Something on the board has changed (a recording by hand)."""


@dataclass(frozen=True, slots=True)
class TakePreview:
    """Let this preview see every frame until it is closed; it takes the place of another."""

    preview: Preview


Order = TakeCamera | TakeViewport | Pause | TakeSnapshot | Listen | LookAgain | TakePreview


class Session(ABC):
    """Keeps one of a camera's streams open; runs in a thread of its own.

    Everything but `inbox` belongs to that thread. A subclass says which stream,
    when it is wanted, and what becomes of its packets.
    """

    def __init__(
        self, board: CameraBoard, door: Door, clock: Clock, inbox: Inbox[Order], address: str
    ) -> None:
        self.inbox = inbox
        self._board = board
        self._door = door
        self._clock = clock
        self._address = address
        self._backoff = Backoff()
        self._paused = False
        self._hurried = False
        self._known_failure: Problem | None = None
        self._lacked_entry = False
        self._left_off_s: float | None = None
        self._known_sleep = board.sleeps.look()
        self._errand = Errand(inbox, self._has_slept)

    @property
    def name(self) -> str:
        """The camera's name, for the log."""
        return self._board.camera.name

    def run(self) -> None:
        """Work until the inbox is stopped."""
        while not self.inbox.stopped:
            self._obey_all()
            self._notice_sleep()
            if self._wants_stream():
                self._connect_and_read()
            else:
                self._resting()
                self.inbox.wait(IDLE_S)

    @abstractmethod
    def _wants_stream(self) -> bool:
        """Whether the stream is to be open now."""

    @abstractmethod
    def _opened(self, stream: Stream) -> None:
        """The stream is open."""

    @abstractmethod
    def _packet(self, packet: Packet) -> None:
        """A packet came."""

    @abstractmethod
    def _closed(self) -> None:
        """The stream is no longer open, for whatever reason."""

    @abstractmethod
    def _obey(self, order: Order) -> None:
        """Carry out an order that concerns more than the connection."""

    @abstractmethod
    def _failed(self, err: StreamError, delay_s: float) -> None:
        """The stream was lost or did not open; the next try comes after the delay."""

    @property
    @abstractmethod
    def _longest_rest_s(self) -> float:
        """How long packets may lie unread while nobody waits for them."""

    @abstractmethod
    def _unhurried(self) -> bool:
        """Whether nobody waits for the next packet, so that several may be read at once."""

    def _connecting(self) -> None:  # noqa: B027 - a hook that a session may want
        """A try to connect begins."""

    def _resting(self) -> None:  # noqa: B027 - likewise
        """No stream is wanted at the moment."""

    def _slept(self, sleep: Sleep) -> None:  # noqa: B027 - likewise
        """Nothing ran meanwhile; the connection from before it is closed, if there was one."""

    def _lacks_entry(self) -> None:  # noqa: B027 - likewise
        """Pictures come, and none of them is a keyframe; the stream stays open, one may come."""

    def _connect_and_read(self) -> None:
        failure = self._read_until_failure()
        if failure is None or self.inbox.stopped or self._has_slept():
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
        log.log(level, "%s: %s; %s", self.name, failure, _next_try(delay_s))
        self._failed(failure, delay_s)
        self._wait_for_next_try(delay_s, failure)

    def _read_until_failure(self) -> StreamError | None:
        """Connect and read; None where the end came because it was wanted."""
        self._connecting()
        try:
            stream = self._door.open(self._board.camera, self._address, self._errand)
        except StreamError as err:
            return err
        with closing(stream):
            try:
                self._backoff.connected(self._clock.monotonic())
                self._known_failure = None
                stream.go_on_from(self._left_off_s)
                self._opened(stream)
                entry = EntryWait()
                for packet in stream.packets(self._is_over):
                    self._obey_all()
                    self._packet(packet)
                    if packet.is_video:
                        self._await_entry(entry, packet)
                    if packet.awaited and self._unhurried():
                        self.inbox.wait(stream.rest_s(self._longest_rest_s))
            except StreamError as err:
                return err
            finally:
                self._left_off_s = stream.left_off_s
                self._closed()
        return None

    def _is_over(self) -> bool:
        self._obey_all()  # Also while nothing comes: a slow stream is silent for half a minute.
        return self._is_unwanted() or self._has_slept()

    def _is_unwanted(self) -> bool:
        return self.inbox.stopped or not self._wants_stream()

    def _has_slept(self) -> bool:
        """Whether the connection is from before a sleep.

        What waits in it is as old, the camera has given it up most likely, and so a new one
        is made at once.
        """
        return self._board.sleeps.look() is not self._known_sleep

    def _notice_sleep(self) -> None:
        sleep = self._board.sleeps.look()
        if sleep is not None and sleep is not self._known_sleep:
            self._known_sleep = sleep
            self._slept(sleep)

    def _await_entry(self, entry: EntryWait, packet: Packet) -> None:
        if packet.is_keyframe:
            self._lacked_entry = False
        if entry.in_vain(is_keyframe=packet.is_keyframe, arrived=packet.arrived):
            if not self._lacked_entry:  # Once, however often the camera is connected to anew.
                log.warning("%s: %s", self.name, Problem.NO_KEYFRAMES)
            self._lacked_entry = True
            self._lacks_entry()

    def _wait_for_next_try(self, delay_s: float, failure: StreamError) -> None:
        """Wait, but not once the camera answers again, is edited, or is not wanted."""
        began = self._clock.monotonic()
        knocks = not failure.answered and failure.kind is not Problem.WRONG_PASSWORD
        self._hurried = False
        while not self._is_unwanted() and not self._hurried:
            if self._has_slept():
                if failure.kind is not Problem.WRONG_PASSWORD:
                    return
                self._known_sleep = self._board.sleeps.newest  # No reason to try it more often.
            left_s = began + delay_s - self._clock.monotonic()
            if left_s <= 0:
                return
            self.inbox.wait(min(KNOCK_S, left_s))
            self._obey_all()
            if knocks and left_s > KNOCK_S and self._backoff.fresh(self._clock.monotonic()):
                knocks = not self._door.answers(self._board.camera, self._address, self.inbox)
                self._hurried = not knocks

    def _obey_all(self) -> None:
        for order in self.inbox.take_all():
            if isinstance(order, Pause):
                self._paused = order.paused
            elif isinstance(order, TakeCamera):
                self._backoff.reset()
                self._hurried = True
            self._obey(order)


def _next_try(delay_s: float) -> str:
    """When the camera is tried again, for the log."""
    return f"next try in {delay_s:.0f} s" if delay_s < math.inf else "next try once it is edited"
