"""The verdict on the disk of one camera's clips; its folder may be another disk's than the tree's.

Knows no file, no clock and no thread: it is told what was written, and what was refused.
"""

from collections.abc import Callable

from vms_desktop.core.base import DiskCalls, StorageProblem
from vms_desktop.core.library.storage_guard import StorageWatch

# After a failure, how long until the next clip is tried.
RETRY_S = 3.0
# s more in which a failure is told: the next clip, if one is wanted, has been tried by then.
RETRIED_S = 2.0
# A disk that has not caught up after so many beats of the program is too slow: until then it
# may be writing what waited while it hung.
SLOW_BEATS = 10
# What was written is proof for so many s; by then a disk that refuses has said so.
PROOF_S = 2.0
# What a look at the recordings folder found, and what need not be so in a camera's.
_ELSEWHERE = frozenset(StorageProblem) - {
    StorageProblem.MISSING,
    StorageProblem.FULL,
    StorageProblem.HANGING,
}


class CameraDisk:
    """Told by the thread that writes a camera's clips, asked from any; `now` is monotonic s.

    Args:
        watch: What is known of the folder around.
        calls: Stand around what that thread asks of the disk.
        waits: Whether anything is left to be written.
    """

    def __init__(self, watch: StorageWatch, calls: DiskCalls, waits: Callable[[], bool]) -> None:
        self._watch, self._calls, self._waits = watch, calls, waits
        self._failure: tuple[StorageProblem, float] | None = None
        # What was found when a packet was last written all the same, and when that was.
        self._disproved: StorageProblem | None = None
        self._written_at = float("-inf")
        self._kept_up_beat = watch.pulse.beats

    # What the thread tells.

    def kept_up(self) -> None:
        """What comes is written in time; where nothing waits the next packet's thread says so."""
        self._kept_up_beat = self._watch.pulse.beats

    def written(self, now: float) -> None:
        """A packet was written."""
        found = self._watch.found
        self._failure = None
        self._disproved = found if found in _ELSEWHERE else None
        self._written_at = now

    def failed(self, problem: StorageProblem, now: float) -> None:
        """The disk refused."""
        self._failure = (problem, now)
        self._disproved, self._written_at = None, float("-inf")

    # What anybody asks.

    def problem(self, now: float) -> StorageProblem | None:
        """Why nothing can be written at the moment, or less than comes."""
        if self._calls.hang:
            return StorageProblem.HANGING
        if failure := self._failure_within(RETRY_S + RETRIED_S, now):
            return failure
        if (found := self._watch.problem) and not self._is_disproved(found, now):
            return found
        return StorageProblem.SLOW if self._is_slow() else None

    def may_begin(self, now: float) -> bool:
        """Whether a clip may begin: on a disk that only hangs, too, where it waits."""
        return self._watch.may_begin and self._failure_within(RETRY_S, now) is None

    def is_gone(self, now: float) -> bool:
        """Whether the folder is gone: a file in it still takes bytes that nobody will ever find."""
        return StorageProblem.MISSING in (self._failure_within(RETRY_S, now), self._watch.found)

    def why_dropped(self, since: float) -> StorageProblem:
        """Why packets found no room that came from `since` on."""
        has_hung = self._calls.hung_until >= since
        return StorageProblem.HANGING if has_hung else StorageProblem.SLOW

    def why_unwritten(self) -> StorageProblem:
        """Why the thread does not come back from it."""
        return StorageProblem.SLOW if self._is_slow() else StorageProblem.HANGING

    def _failure_within(self, seconds: float, now: float) -> StorageProblem | None:
        """The last failure, if it is no older and nothing was written since."""
        failure = self._failure
        return failure[0] if failure and now - failure[1] < seconds else None

    def _is_disproved(self, found: StorageProblem, now: float) -> bool:
        """Whether this camera's clips are written, whatever the folder around them refuses."""
        is_proof = now - self._written_at < PROOF_S
        return found in _ELSEWHERE and (is_proof or found is self._disproved)

    def _is_slow(self) -> bool:
        """Whether the disk answers and yet takes less than comes."""
        since = max(self._kept_up_beat, self._calls.hung_until_beat)
        return self._watch.pulse.beats - since > SLOW_BEATS and self._waits()
