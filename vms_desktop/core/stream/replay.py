"""A server's repetition after a break, of which what has been taken already is left out."""

from typing import Generic, TypeVar

# Servers keep their segments for about so long; further back it is another timeline.
KEPT_S = 120.0

T = TypeVar("T")


class Replay(Generic[T]):
    """Leaves out what an earlier connection has taken, by the stream's own times.

    What is new and can only be decoded with pictures from before comes with them, from the
    keyframe on: nothing that arrived is lost.

    Args:
        until_s: The time of the last picture that was taken; None where none was.
    """

    def __init__(self, until_s: float | None) -> None:
        self._until_s = until_s
        self._group: list[T] = []

    def fresh(self, item: T, at_s: float, *, is_video: bool, is_keyframe: bool) -> list[T]:
        """Gives what may go on, now that this came."""
        until_s = self._until_s
        if until_s is None:
            return [item]
        if not is_video:
            self._group.append(item)
            return []
        if is_keyframe:
            self._group.clear()
        self._group.append(item)
        if until_s - KEPT_S < at_s <= until_s:
            return []
        self._until_s = None
        group, self._group = self._group, []
        return group
