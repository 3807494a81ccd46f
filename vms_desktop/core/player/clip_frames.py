"""The decoded frames of one clip around where it is looked at, bounded in bytes."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from operator import attrgetter

from vms_desktop.core.player.clip_reader import ClipReader, DecodedFrame

# So far ahead decoding on is taken for quicker than a seek, keyframes or not.
_REACH_US = 500_000
# Frames that are kept whatever their size: with fewer, one side would push out the other.
_FEWEST = 8

_at_us = attrgetter("at_us")


class ClipFrames:
    """Gives the exact frame of any time of a clip; owned by one thread.

    It keeps a run of frames without holes, which grows to the right as the
    reader decodes on and to the left by whole stretches from a keyframe. What
    is farthest from where it was asked last goes first. All of its methods
    raise `StreamError` where the file cannot be read any more.
    """

    def __init__(self, reader: ClipReader, budget_bytes: int) -> None:
        self.reader = reader
        self._budget = budget_bytes
        self._frames: list[DecodedFrame] = []
        self._bytes = 0
        self._focus_us = 0
        self._live = False  # What the reader gives next follows the last frame.
        self._begins = False  # Nothing can be decoded before the first frame.
        self._ended = False  # Nothing can be decoded after the last one.
        self._left_us = 0  # From here on everything has been decoded.
        self._behind: deque[DecodedFrame] | None = None
        self._behind_is_cut = False
        self._key: DecodedFrame | None = None

    # Asked for.

    def at(self, at_us: int, give_up: Callable[[], bool] = lambda: False) -> DecodedFrame | None:
        """The last frame at or before a time, the first one where there is none before.

        Given up, the nearest of what is there. None where no frame can be decoded.
        """
        while self.toward(at_us):
            if self._frames and give_up():
                break
        return self._known(at_us)

    def after(self, frame: DecodedFrame) -> DecodedFrame | None:
        """The frame that follows; None behind the last one."""
        self.at(frame.at_us)
        return self.next_known(frame)

    def before(self, frame: DecodedFrame) -> DecodedFrame | None:
        """The frame that precedes; None before the first one."""
        found = self.at(frame.at_us - 1) if frame.at_us > 0 else None
        return found if found is not None and found.at_us < frame.at_us else None

    def next_known(self, frame: DecodedFrame) -> DecodedFrame | None:
        """The frame that follows, where it is decoded already."""
        index = bisect_right(self._frames, frame.at_us, key=_at_us)
        return self._frames[index] if index < len(self._frames) else None

    def keyframe(self, at_us: int) -> DecodedFrame | None:
        """The keyframe before a time, decoded alone."""
        wanted = self.reader.keyframe_before(at_us)
        known = self._key
        if known is None or self.reader.keyframe_before(known.at_us) != wanted:
            self._leave_reader()
            known = self._key = self.reader.keyframe(at_us)
        return known

    # Done ahead, one packet per call.

    def toward(self, at_us: int) -> bool:
        """Work for `at`; False once nothing is left to do."""
        self._focus_us = at_us
        if not self._in_reach(at_us):
            self._restart(at_us)
        if not self._frames and self._live:
            return self._extend_right()
        if not self._begins and not self._reaches_back(at_us):
            return self._extend_left()
        return not self._settled(at_us) and self._extend_right()

    def backward(self, at_us: int, share: float = 0.5) -> bool:
        """Decode what lies before a time, up to a share of the budget; False if nothing to do."""
        self._focus_us = at_us
        if self._behind is None and (self._begins or self._has_before(at_us, share)):
            return False
        return self._extend_left()

    def shrink(self) -> None:
        """Keep a few frames only: nobody looks here for now."""
        self._leave_reader()
        self._trim(self._budget // 8, fewest=2)

    def close(self) -> None:
        """Let go of the file."""
        self._frames.clear()
        self.reader.close()

    # How it is done.

    def _known(self, at_us: int) -> DecodedFrame | None:
        if not self._frames:
            return None
        return self._frames[max(0, bisect_right(self._frames, at_us, key=_at_us) - 1)]

    def _settled(self, at_us: int) -> bool:
        return self._ended or (bool(self._frames) and self._frames[-1].at_us > at_us)

    def _reaches_back(self, at_us: int) -> bool:
        return bool(self._frames) and self._frames[0].at_us <= at_us

    def _has_before(self, at_us: int, share: float) -> bool:
        """Whether enough is decoded before a time."""
        count = bisect_right(self._frames, at_us, key=_at_us)
        if not self._frames or count <= _FEWEST // 4:
            return not self._frames
        # Two short of it is enough: trimming may have let go just those.
        return (count + 2) * self._frames[0].size_bytes >= share * self._budget

    def _in_reach(self, at_us: int) -> bool:
        """Whether the way to a time leads on from what is there."""
        if not self._frames:
            return self._live or self._ended
        if not self._reaches_back(at_us):
            return self._begins or self.reader.keyframe_before(self._left_us - 1) <= at_us
        last = self._frames[-1].at_us
        if self._settled(at_us) or self.reader.keyframe_before(at_us) <= last:
            return True
        return self._live and at_us - last < _REACH_US

    def _restart(self, at_us: int) -> None:
        self._frames.clear()
        self._bytes, self._ended, self._behind = 0, False, None
        self._left_us = self.reader.keyframe_before(at_us)
        self._begins = self._left_us == self.reader.keyframes_us[0]
        self.reader.seek(at_us)
        self._live = True

    def _extend_right(self) -> bool:
        self._behind = None
        if not self._live:
            self.reader.seek(self._frames[-1].at_us)
            self._live = True
        frames = self.reader.read()
        if frames is None:
            self._ended, self._live = True, False
            return False
        last = self._frames[-1].at_us if self._frames else -1
        for frame in frames:
            if frame.at_us > last:
                self._frames.append(frame)
                self._bytes += frame.size_bytes
        self._trim(self._budget)
        return True

    def _extend_left(self) -> bool:
        """Decode from the keyframe before what is there up to it."""
        if self._behind is None:
            self._behind, self._behind_is_cut = deque(), False
            self._live = False
            self.reader.seek(self._left_us - 1)
        frames, behind = self.reader.read(), self._behind
        behind.extend(frame for frame in frames or () if frame.at_us < self._left_us)
        while len(behind) > _FEWEST // 2 and behind[0].size_bytes * len(behind) > self._budget // 2:
            behind.popleft()
            self._behind_is_cut = True
        if frames is None or any(frame.at_us >= self._left_us for frame in frames):
            self._join_left(behind)
        return True

    def _join_left(self, behind: deque[DecodedFrame]) -> None:
        keyframe = self.reader.keyframe_before(self._left_us - 1)
        cut = self._behind_is_cut and bool(behind)
        self._left_us = behind[0].at_us if cut else keyframe
        self._begins = not cut and keyframe == self.reader.keyframes_us[0]
        self._frames[:0] = behind
        self._bytes += sum(frame.size_bytes for frame in behind)
        self._behind = None
        self._trim(self._budget)

    def _leave_reader(self) -> None:
        self._live, self._behind = False, None

    def _trim(self, budget_bytes: int, fewest: int = _FEWEST) -> None:
        """Let frames go from the end that is farther from the focus."""
        frames = self._frames
        while self._bytes > budget_bytes and len(frames) > fewest:
            if frames[-1].at_us - self._focus_us > self._focus_us - frames[0].at_us:
                self._bytes -= frames.pop().size_bytes
                self._live = self._ended = False
            else:
                self._bytes -= frames.pop(0).size_bytes
                self._left_us, self._begins = frames[0].at_us, False
