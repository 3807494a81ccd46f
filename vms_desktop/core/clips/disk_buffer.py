"""What waits for the disk: one budget over all cameras, and whose packets go when it is full.

Why: docs/decisions/0051-what-a-hanging-disk-keeps-waiting.md. Knows no file and no thread.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from threading import Lock
from time import monotonic

from vms_desktop.core.stream import Packet

MB = 10**6
# Bytes of a packet's objects beside its data: a camera's sound is fifty small ones a second.
PACKET_COST_BYTES = 600

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class WaitingPacket:
    """A packet of a clip that is to be written.

    Attributes:
        clip: The clip's number.
        number: Counts up over all cameras: the lowest waits longest.
        at: Since when it waits, monotonic s.
    """

    clip: int
    packet: Packet
    number: int
    at: float

    @property
    def begins(self) -> bool:
        """Whether a clip may begin with it."""
        return self.packet.is_video and self.packet.is_keyframe

    @property
    def cost_bytes(self) -> int:
        """What it takes of the budget."""
        return self.packet.size_bytes + PACKET_COST_BYTES


@dataclass(slots=True)
class PacketsLost:
    """Packets of a clip went for want of room; the next one of the clip is a keyframe.

    Attributes:
        since: Arrival of the first one, monotonic s.
        count: How many.
    """

    clip: int
    since: float
    count: int = 0


# None is the end.
Entry = WaitingPacket | PacketsLost | Job | None


class DiskBuffer:
    """The budget of what waits for the disk; a hand-over, shared by all cameras.

    While it has room nothing is lost, however long the disk does not answer. Once it is
    full, the packets that have waited longest go, whosever they are, up to a keyframe, as
    often as it takes.

    Attributes:
        most_bytes: The budget.
        waiting_bytes: What waits now, over all cameras.
    """

    def __init__(self, most_bytes: int = 256 * MB) -> None:
        self.most_bytes = most_bytes
        self._lock = Lock()
        self._numbers = count()
        self._queues: list[DiskQueue] = []
        self.waiting_bytes = 0

    def queue(self) -> "DiskQueue":
        """A camera's place in it."""
        queue = DiskQueue(self, self._lock)
        with self._lock:
            self._queues.append(queue)
        return queue

    # What its queues call, the lock held.

    def enter(self, clip: int, packet: Packet) -> WaitingPacket:
        """Make room for a packet, whatever it takes, and count it."""
        waiting = WaitingPacket(clip, packet, next(self._numbers), monotonic())
        while self.waiting_bytes + waiting.cost_bytes > self.most_bytes:
            oldest = min(self._queues, key=DiskQueue.oldest_number)
            if not oldest.drop_oldest():
                break  # One that is larger than the budget.
        self.waiting_bytes += waiting.cost_bytes
        return waiting

    def leave(self, waiting: WaitingPacket) -> None:
        """A packet waits no more."""
        self.waiting_bytes -= waiting.cost_bytes

    def forget(self, queue: "DiskQueue") -> None:
        """Nobody takes from a queue any more."""
        self._queues.remove(queue)


class DiskQueue:
    """The jobs and packets of one camera, in their order. One thread takes, any may put."""

    def __init__(self, buffer: DiskBuffer, lock: Lock) -> None:
        self._buffer = buffer
        self._lock = lock
        self._entries: deque[Entry] = deque()
        # One for each entry that was put; those of entries that were dropped wake nobody for long.
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self._losses: dict[int, PacketsLost] = {}
        # Clips of which no packet is taken before a keyframe.
        self._torn: set[int] = set()
        self._is_closed = False

    def put(self, job: Job | None) -> None:
        """Leave a job, or None for the end; neither is ever dropped."""
        with self._lock:
            self._entries.append(job)
        self._tokens.put(None)

    def put_packet(self, clip: int, packet: Packet) -> None:
        """Leave a packet; where there is no room, packets that wait longer go."""
        with self._lock:
            if self._is_closed:
                return
            waiting = self._buffer.enter(clip, packet)
            if clip in self._torn and not waiting.begins:
                self._buffer.leave(waiting)
                self._lose(waiting)
            else:
                self._torn.discard(clip)
                self._entries.append(waiting)
        self._tokens.put(None)

    def take(self) -> Entry:
        """The oldest entry, waiting for one."""
        while True:
            self._tokens.get()
            with self._lock:
                if not self._entries:
                    continue
                entry = self._entries.popleft()
                if isinstance(entry, WaitingPacket):
                    self._buffer.leave(entry)
                elif isinstance(entry, PacketsLost):
                    del self._losses[entry.clip]
                return entry

    def ended(self, clip: int) -> None:
        """Nothing more comes of a clip."""
        with self._lock:
            self._torn.discard(clip)

    def close(self) -> None:
        """Let go of what waits: nobody will take it."""
        with self._lock:
            self._is_closed = True
            for entry in self._entries:
                if isinstance(entry, WaitingPacket):
                    self._buffer.leave(entry)
            self._entries.clear()
            self._buffer.forget(self)

    # What the budget calls, the lock held.

    def oldest_number(self) -> float:
        """The number of the packet that waits longest; infinity where none waits."""
        oldest = self._oldest()
        return oldest.number if oldest else float("inf")

    def drop_oldest(self) -> bool:
        """Drop the oldest packet and those of its clip up to a keyframe; False for none."""
        oldest = self._oldest()
        if oldest is None:
            return False
        passed: list[Entry] = []
        self._torn.add(oldest.clip)
        while self._entries:
            entry = self._entries.popleft()
            if not isinstance(entry, WaitingPacket) or entry.clip != oldest.clip:
                passed.append(entry)
            elif entry.begins and entry is not oldest:
                passed.append(entry)
                self._torn.discard(oldest.clip)
                break
            else:
                self._buffer.leave(entry)
                self._lose(entry)
        self._entries.extendleft(reversed(passed))
        return True

    def _oldest(self) -> WaitingPacket | None:
        return next((each for each in self._entries if isinstance(each, WaitingPacket)), None)

    def _lose(self, waiting: WaitingPacket) -> None:
        """Tell of it at the place where its clip's packets would come: none comes before it."""
        loss = self._losses.get(waiting.clip)
        if loss is None:
            loss = self._losses[waiting.clip] = PacketsLost(waiting.clip, waiting.packet.arrived)
            self._entries.appendleft(loss)
        loss.count += 1
