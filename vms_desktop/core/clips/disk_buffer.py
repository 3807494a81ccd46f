"""What waits for the disk: one budget over all cameras, and whose packets go when it is full.

Why: docs/decisions/0051-what-a-hanging-disk-keeps-waiting.md. Knows no file and no thread.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Condition, Lock
from time import monotonic

from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.stream import Packet

MB = 10**6
# Bytes of a packet's objects beside its data: a camera's sound is fifty small ones a second.
PACKET_COST_BYTES = 600
# Bytes of a clip that has ended and waits with all that is known of it, and of each motion in it.
CLIP_COST_BYTES = 4000
MOTION_COST_BYTES = 500

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


@dataclass(slots=True)
class WaitingEnd:
    """The end of a clip, behind its packets.

    Attributes:
        end: None where its session cannot tell.
        number: As a packet's.
    """

    clip: int
    end: ClipEnd | None
    number: int

    @property
    def extra_bytes(self) -> int:
        """What it takes beyond what every end does: its thumbnail and its motions."""
        if self.end is None:
            return 0
        return len(self.end.thumbnail) + len(self.end.motions) * MOTION_COST_BYTES

    def drop_extra(self) -> None:
        """Keep of it when the clip ended, and no more."""
        self.end = self.end and ClipEnd(self.end.end_at, ())


@dataclass(frozen=True, slots=True)
class _WaitingJob:
    job: Job
    size_bytes: int


# None is the end.
Entry = WaitingPacket | WaitingEnd | PacketsLost | Job | None
_Kept = WaitingPacket | WaitingEnd | PacketsLost | _WaitingJob | None


class DiskBuffer:
    """The budget of what waits for the disk; a hand-over, shared by all cameras.

    While it has room nothing is lost, however long the disk does not answer. Once it is
    full, the packets that have waited longest go, whosever they are, up to a keyframe, as
    often as it takes; so do thumbnail and motions of a clip that has no packets any more
    which wait longer. That a clip has ended is never forgotten.

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
        waiting = WaitingPacket(clip, packet, self.next_number(), monotonic())
        self.make_room(waiting.cost_bytes)
        self.waiting_bytes += waiting.cost_bytes
        return waiting

    def next_number(self) -> int:
        """The number of what comes next."""
        return next(self._numbers)

    def has_room(self, size_bytes: int) -> bool:
        """Whether so much more fits in without a loss."""
        return self.waiting_bytes + size_bytes <= self.most_bytes

    def make_room(self, size_bytes: int) -> None:
        """Drop what has waited longest, as far as it takes and as there is any."""
        while not self.has_room(size_bytes):
            oldest = min(self._queues, key=DiskQueue.oldest_number)
            if not oldest.drop_oldest():
                return  # Larger than the budget.

    def forget(self, queue: "DiskQueue") -> None:
        """Nobody takes from a queue any more."""
        self._queues.remove(queue)


class DiskQueue:
    """The jobs and packets of one camera, in their order. One thread takes, any may put."""

    def __init__(self, buffer: DiskBuffer, lock: Lock) -> None:
        self._buffer = buffer
        # One lock for all of them: what one puts another may have to make room for.
        self._changed = Condition(lock)
        self._entries: deque[_Kept] = deque()
        self._losses: dict[int, PacketsLost] = {}
        # Clips of which no packet is taken before a keyframe.
        self._torn: set[int] = set()
        self._is_closed = False

    def put(self, job: Job | None, size_bytes: int = 0) -> bool:
        """Leave a job, or None for the end; neither is ever dropped.

        Args:
            size_bytes: What the job carries along; one that finds no room is not taken.
        """
        with self._changed:
            if self._is_closed or (size_bytes and not self._buffer.has_room(size_bytes)):
                return False
            self._buffer.waiting_bytes += size_bytes
            self._append(job and _WaitingJob(job, size_bytes))
            return True

    def put_end(self, clip: int, end: ClipEnd | None) -> None:
        """Leave the end of a clip, after its packets."""
        with self._changed:
            if self._is_closed:
                return
            waiting = WaitingEnd(clip, end, self._buffer.next_number())
            self._buffer.make_room(_cost_bytes(waiting))
            self._buffer.waiting_bytes += _cost_bytes(waiting)
            self._append(waiting)

    def put_packet(self, clip: int, packet: Packet) -> None:
        """Leave a packet; where there is no room, packets that wait longer go."""
        with self._changed:
            if self._is_closed:
                return
            waiting = self._buffer.enter(clip, packet)
            if clip in self._torn and not waiting.begins:
                self._lose(waiting)
            else:
                self._torn.discard(clip)
                self._append(waiting)

    def take(self) -> Entry:
        """The oldest entry, waiting for one."""
        with self._changed:
            while not self._entries:
                self._changed.wait()
            entry = self._entries.popleft()
            self._buffer.waiting_bytes -= _cost_bytes(entry)
            if isinstance(entry, PacketsLost):
                del self._losses[entry.clip]
            elif isinstance(entry, WaitingEnd):
                self._torn.discard(entry.clip)
            return entry.job if isinstance(entry, _WaitingJob) else entry

    def close(self) -> None:
        """Let go of what waits: nobody will take it."""
        with self._changed:
            self._is_closed = True
            self._buffer.waiting_bytes -= sum(map(_cost_bytes, self._entries))
            self._entries.clear()
            self._buffer.forget(self)

    # What the budget calls, the lock held.

    def oldest_number(self) -> float:
        """The number of what waits longest and can go; infinity where nothing can."""
        oldest = self._oldest()
        return oldest.number if oldest else float("inf")

    def drop_oldest(self) -> bool:
        """Drop what waits longest, a packet with those up to a keyframe; False for nothing."""
        oldest = self._oldest()
        if isinstance(oldest, WaitingEnd):
            self._buffer.waiting_bytes -= oldest.extra_bytes
            oldest.drop_extra()
        elif oldest is not None:
            self._drop_group(oldest)
        return oldest is not None

    def _append(self, entry: _Kept) -> None:
        self._entries.append(entry)
        self._changed.notify()

    def _oldest(self) -> WaitingPacket | WaitingEnd | None:
        for entry in self._entries:
            if isinstance(entry, WaitingPacket):
                return entry
            if isinstance(entry, WaitingEnd) and entry.extra_bytes:
                return entry
        return None

    def _drop_group(self, first: WaitingPacket) -> None:
        passed: list[_Kept] = []
        self._torn.add(first.clip)
        while self._entries:
            entry = self._entries.popleft()
            if not isinstance(entry, WaitingPacket) or entry.clip != first.clip:
                passed.append(entry)
            elif entry.begins and entry is not first:
                passed.append(entry)
                self._torn.discard(first.clip)
                break
            else:
                self._lose(entry)
        self._entries.extendleft(reversed(passed))

    def _lose(self, waiting: WaitingPacket) -> None:
        """Tell of it at the place where its clip's packets would come: none comes before it."""
        self._buffer.waiting_bytes -= waiting.cost_bytes
        loss = self._losses.get(waiting.clip)
        if loss is None:
            loss = self._losses[waiting.clip] = PacketsLost(waiting.clip, waiting.packet.arrived)
            self._entries.appendleft(loss)
            self._changed.notify()
        loss.count += 1


def _cost_bytes(entry: _Kept) -> int:
    """What an entry takes of the budget."""
    match entry:
        case WaitingPacket():
            return entry.cost_bytes
        case WaitingEnd():
            return CLIP_COST_BYTES + entry.extra_bytes
        case _WaitingJob():
            return entry.size_bytes
    return 0
