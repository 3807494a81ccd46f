"""The packets of the last seconds, kept for a clip that may begin."""

from collections import deque

from vms_desktop.core.packet import Packet

MAX_BYTES = 48 * 2**20
"""Bounds the memory of a camera that sends rare keyframes or a huge bit rate."""
MARGIN_S = 1.2
"""Kept beyond what is asked for: an event is known up to a second after it began."""


class PreRoll:
    """Whole groups of pictures, each led by its keyframe; owned by one thread.

    Args:
        seconds: How far back a clip may begin.
    """

    def __init__(self, seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[list[Packet]] = deque()
        self._bytes = 0

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
        self._groups[-1].append(packet)
        self._bytes += packet.size_bytes
        oldest = packet.arrived - self.seconds - MARGIN_S
        while len(self._groups) > 1 and (
            self._groups[1][0].arrived <= oldest or self._bytes > self._max_bytes
        ):
            self._forget()
        if self._bytes > self._max_bytes:
            self.clear()

    def since(self, moment: float) -> list[Packet]:
        """The packets from the last keyframe at or before the moment; else from the oldest one."""
        first = 0
        for index, group in enumerate(self._groups):
            if group[0].arrived <= moment:
                first = index
        return [packet for group in list(self._groups)[first:] for packet in group]

    def last_group(self) -> list[Packet]:
        """The packets from the newest keyframe on."""
        return list(self._groups[-1]) if self._groups else []

    def clear(self) -> None:
        """Forget everything: what comes next does not join on."""
        self._groups.clear()
        self._bytes = 0

    def _forget(self) -> None:
        self._bytes -= sum(packet.size_bytes for packet in self._groups.popleft())
