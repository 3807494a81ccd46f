"""The packets of the last seconds, kept for a clip that may begin."""

import mmap
import sys
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import av

from vms_desktop.core.stream import Packet

# Bounds the memory of a camera that sends rare keyframes or a huge bit rate.
MAX_BYTES = 48 * 2**20
# Kept beyond what is asked for, at least: an event is known up to a second after it began.
MARGIN_S = 1.2
# A hundred blocks hold what a camera sends in half a minute; of the oldest, half is waste.
BLOCK_BYTES = 128 * 1024

_EMPTY = av.Packet()


class ByteStore:
    """Copies bytes, one behind the other, into blocks mapped from the system, apart from the heap.

    In the heap, what is kept for seconds lies among what lives for moments and leaves it
    full of holes: with sixteen cameras 10 MB. A block goes back to the system with the
    last view into it.
    """

    def __init__(self) -> None:
        self._free = memoryview(bytearray())

    def keep(self, data: memoryview) -> memoryview:
        """A view of a copy of these bytes."""
        size = data.nbytes
        if size > self._free.nbytes:
            self._free = memoryview(_block(max(size, BLOCK_BYTES)))
        kept, self._free = self._free[:size], self._free[size:]
        kept[:] = data
        return kept


def _block(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)  # nobody else's without a word
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


class _Kept(NamedTuple):
    """A packet, its bytes beside it."""

    packet: Packet
    data: memoryview


class PreRoll:
    """Whole groups of pictures, each led by its keyframe; owned by one thread.

    Args:
        seconds: How far back a clip may begin.

    Attributes:
        margin_s: How much is kept beyond that.
    """

    def __init__(self, seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self.seconds = seconds
        self.margin_s = MARGIN_S
        self._max_bytes = max_bytes
        self._groups: deque[list[_Kept]] = deque()
        self._bytes = 0
        self._store = ByteStore()

    @property
    def empty(self) -> bool:
        """Whether no clip could begin."""
        return not self._groups

    def add(self, packet: Packet) -> None:
        """Keep a packet; what no clip can begin with any more is forgotten."""
        if packet.is_video and packet.is_keyframe:
            self._groups.append([])
        if not self._groups:
            return  # Keyframe first: nothing before it can be decoded.
        data = self._store.keep(memoryview(packet.data))
        self._groups[-1].append(_Kept(packet._replace(data=_EMPTY), data))
        self._bytes += packet.size_bytes
        oldest = packet.arrived - self.seconds - self.margin_s
        while len(self._groups) > 1 and (
            self._groups[1][0].packet.arrived <= oldest or self._bytes > self._max_bytes
        ):
            self._forget()
        if self._bytes > self._max_bytes:
            self.clear()

    def since(self, moment: float) -> list[Packet]:
        """The packets from the last keyframe at or before the moment; else from the oldest one."""
        first = 0
        for index, group in enumerate(self._groups):
            if group[0].packet.arrived <= moment:
                first = index
        return [packet for group in list(self._groups)[first:] for packet in _packets(group)]

    def last_group(self) -> list[Packet]:
        """The packets from the newest keyframe on."""
        return _packets(self._groups[-1]) if self._groups else []

    def clear(self) -> None:
        """Forget everything: what comes next does not join on."""
        self._groups.clear()
        self._bytes = 0

    def _forget(self) -> None:
        self._bytes -= sum(kept.packet.size_bytes for kept in self._groups.popleft())


def _packets(group: Iterable[_Kept]) -> list[Packet]:
    return [kept.packet.around(kept.data) for kept in group]
