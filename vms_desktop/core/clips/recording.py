"""One recording on its way to the disk: a clip, or several where packets were lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import av

from vms_desktop.core.base import DiskCalls, StorageError, StorageProblem, StreamError
from vms_desktop.core.clips.clip import Clip, ClipEnd, ClipSpec
from vms_desktop.core.clips.clip_store import ClipStore, OpenClip
from vms_desktop.core.clips.disk_buffer import PacketsLost, WaitingPacket
from vms_desktop.core.stream import AudioFacts, Packet

# s: what a kill costs, too.
TOLD_LOSS_S = 1.0
# s: packets that waited longer did so for a disk that hung; a failure at their head, of a share
# that connects anew, say, need not be that of the rest.
WAITED_S = 5.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Packets that reach no clip: those that arrived from `since_at` on, before `until_at`."""

    since_at: datetime
    until_at: datetime
    problem: StorageProblem


class RecordingReport(Protocol):
    """Whom a recording tells what becomes of it, from the thread that writes."""

    def closed(self, clip: Clip, *, is_whole: bool) -> None:
        """A clip has its name; whole, or up to its last fragment."""

    def lost(self, loss: Loss) -> None:
        """Packets are missing."""

    def failed(self, err: StorageError | av.FFmpegError) -> None:
        """The disk or the muxer refused."""


# Tells all that is known of a clip's end: from its start and the arrival of its last packet, both
# in monotonic s, and from the wall's time of the end.
TellEnd = Callable[[float, float, datetime], ClipEnd]


class Recording:
    """What a session records as one clip; for the writing thread, but where another is named.

    Nothing of a clip is made before its first packet is written: while the disk hangs many
    may wait, and a muxer with its encoder takes up to 1 MB.

    Args:
        first: The keyframe that it begins with.
        calls: Stand around those of the disk.

    Raises:
        StreamError: The first packet is no keyframe that can be understood.

    Attributes:
        spec: As it began; any thread may read it.
        is_broken: Nothing more is taken of its session; any thread may read it.
    """

    def __init__(
        self,
        store: ClipStore,
        spec: ClipSpec,
        first: Packet,
        audio: AudioFacts | None,
        calls: DiskCalls,
        tell_end: TellEnd,
        report: RecordingReport,
    ) -> None:
        self.spec = spec
        self.is_broken = False
        self._store, self._audio, self._calls = store, audio, calls
        self._tell_end, self._report = tell_end, report
        store.check(spec, first)
        self._clip: OpenClip | None = None
        self._last = self._unwritten_since = first.arrived
        self._is_begun = False
        self._lost_since: float | None = None
        self._problem: StorageProblem | None = None
        self._may_retry = True

    def write(self, waiting: WaitingPacket, now: float) -> bool:
        """Write a packet, in another clip where those before it were lost; True if it is."""
        packet = waiting.packet
        if self._clip is None and not self._goes_on(waiting, now):
            return False
        assert self._clip is not None
        before = self._clip.file.written_bytes
        try:
            self._clip.write(packet)
        except (StorageError, av.FFmpegError) as err:
            # In this order: whoever sees it broken asks next whether it was the disk.
            self._report.failed(err)
            self.is_broken = True
            problem = err.kind if isinstance(err, StorageError) else None
            self._last = self._unwritten_since
            self._break(self._unwritten_since, problem)
            return False
        if self._clip.file.written_bytes > before:
            # The muxer has let go of what came before, and waits for more of this.
            self._unwritten_since = packet.arrived
        self._last = packet.arrived
        self._may_retry = True
        return True

    def lose(self, lost: PacketsLost, problem: StorageProblem) -> None:
        """Packets that waited went for want of room: the clip ends with those before."""
        self._is_begun = True
        self._break(lost.since, problem)

    def end(self, end: ClipEnd | None = None) -> None:
        """End it, whole or with what there is of it; None where its session cannot tell."""
        end_at = end.end_at if end else self._at(self._last)
        # A failure that costs no more is told by the camera's state.
        self._tell_loss(end_at, TOLD_LOSS_S if self.is_broken else 0)
        clip, self._clip = self._clip, None
        if clip is None:
            return
        if end is None or clip.spec is not self.spec:
            end = self._tell_end(clip.spec.start, self._last, end_at)
        self._close(clip, end)

    def unwritten(self, now: float, problem: StorageProblem) -> Loss:
        """What is lost if the thread never comes back from the disk; any thread may ask."""
        since = self._lost_since if self._lost_since is not None else self._unwritten_since
        return Loss(self._at(since), self._at(now), self._problem or problem)

    def _break(self, since: float, problem: StorageProblem | None) -> None:
        """End the clip before a packet that is lost; a keyframe may begin the next."""
        if self._lost_since is None:
            self._lost_since, self._problem = since, problem
        clip, self._clip = self._clip, None
        if clip is not None:
            end = self._tell_end(clip.spec.start, self._last, self._at(self._last))
            self._close(clip, end, is_whole=not self.is_broken)

    def _goes_on(self, waiting: WaitingPacket, now: float) -> bool:
        """Begin another clip with a packet, if one can."""
        if not waiting.begins or (self.is_broken and not self._is_worth_a_try(waiting, now)):
            return False
        self._may_retry = not self.is_broken
        packet = waiting.packet
        spec = self.spec
        if self._is_begun:
            spec = replace(spec, start=packet.arrived, start_at=self._at(packet.arrived))
        self._is_begun = True
        try:
            self._clip = self._store.begin(spec, packet, self._audio, self._calls)
        except StreamError:
            return False  # The next one may be a keyframe.
        self._tell_loss(spec.start_at)
        self._last = self._unwritten_since = packet.arrived
        return True

    def _is_worth_a_try(self, waiting: WaitingPacket, now: float) -> bool:
        return self._may_retry and now - waiting.at > WAITED_S

    def _tell_loss(self, until_at: datetime, least_s: float = 0) -> None:
        since, problem = self._lost_since, self._problem
        self._lost_since = self._problem = None
        if since is None or problem is None:
            return
        since_at = self._at(since)
        if (until_at - since_at).total_seconds() > least_s:
            self._report.lost(Loss(since_at, until_at, problem))

    def _close(self, clip: OpenClip, end: ClipEnd, *, is_whole: bool = True) -> None:
        closed = None
        if is_whole and clip.part is not None:
            try:
                closed = clip.close(end)
            except (StorageError, av.FFmpegError) as err:
                self._report.failed(err)
        found = closed or clip.salvage(end)
        if found:
            self._report.closed(found, is_whole=closed is not None)

    def _at(self, arrived: float) -> datetime:
        return self.spec.start_at + timedelta(seconds=arrived - self.spec.start)
