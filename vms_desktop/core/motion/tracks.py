"""Tracks of what moves, from frame to frame; only what lasts is motion.

Works in px of the analysed picture, with time passed in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Rect(NamedTuple):
    """A rectangle in px of the analysed picture."""

    x: int
    y: int
    width: int
    height: int

    def near(self, other: "Rect", gap: float) -> bool:
        """True if the two touch, or lie at most `gap` px apart in both directions."""
        return (
            self.x - gap <= other.x + other.width
            and other.x - gap <= self.x + self.width
            and self.y - gap <= other.y + other.height
            and other.y - gap <= self.y + self.height
        )

    def distance(self, other: "Rect") -> float:
        """The distance between the centres of both, in px."""
        across = self.x - other.x + (self.width - other.width) / 2
        down = self.y - other.y + (self.height - other.height) / 2
        return math.hypot(across, down)

    def joined(self, other: "Rect") -> "Rect":
        """The smallest rectangle that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Rect(x, y, right - x, bottom - y)


@dataclass(frozen=True, slots=True)
class Track:
    """Something that moved in `frames` analysed frames, the first at `since`, in s.

    `leapt` tells that it was at some time faster than what lives on the ground.
    """

    rect: Rect
    since: float
    last_at: float
    frames: int
    leapt: bool

    @property
    def confirmed(self) -> bool:
        """Whether it has lasted long enough to be motion."""
        fewest = FEWEST_LEAPING_FRAMES if self.leapt else FEWEST_FRAMES
        return self.frames >= fewest and self.last_at - self.since >= SHORTEST_S


FEWEST_FRAMES = 3
FEWEST_LEAPING_FRAMES = 5
# An insect at the lens is seen for one or two frames, a digit of a clock changes in one.
SHORTEST_S = 0.25
# What was motion already may be missed for a moment (it stops, it passes behind a pole).
LONGEST_MISS_S = 1.0
# How far something may jump between two frames, in shares of the picture's width: a fixed
# one for its outline, one per second for its speed.
REACH_SHARE = 0.02
REACH_SHARE_PER_S = 0.5
# Its centre, faster than this, leaps: an insect crosses the picture in less than a second.
LEAP_SHARE_PER_S = 0.9


class Tracks:
    """Follows moving rectangles through the frames of one stream."""

    def __init__(self) -> None:
        self._tracks: tuple[Track, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether something is being followed, so that frames should come faster."""
        return bool(self._tracks)

    def update(self, rects: Sequence[Rect], at: float, width: int) -> tuple[Track, ...]:
        """Take the rectangles of the frame at `at`; the tracks that each of them continues.

        `width` is that of the picture. The answer is in the order of `rects`.
        """
        current = tuple(self._continued(rect, at, width) for rect in rects)
        since = {track.since for track in current}
        missed = tuple(
            track
            for track in self._tracks
            if track.confirmed and track.since not in since and at - track.last_at <= LONGEST_MISS_S
        )
        self._tracks = current + missed
        return current

    def _continued(self, rect: Rect, at: float, width: int) -> Track:
        def reach(track: Track) -> float:
            return width * (REACH_SHARE + REACH_SHARE_PER_S * min(at - track.last_at, 1.0))

        former = [track for track in self._tracks if rect.near(track.rect, reach(track))]
        if not former:
            return Track(rect, at, at, 1, leapt=False)
        first = min(former, key=lambda track: track.since)
        leap_px = LEAP_SHARE_PER_S * (at - first.last_at) * width
        leapt = min(rect.distance(track.rect) for track in former) > leap_px
        return Track(rect, first.since, at, first.frames + 1, first.leapt or leapt)


def merged(rects: Sequence[Rect], gap: float) -> list[Rect]:
    """The rectangles with those joined that lie at most `gap` px apart, largest first."""
    apart: list[Rect] = []
    for rect in rects:
        while near := next((other for other in apart if rect.near(other, gap)), None):
            apart.remove(near)
            rect = rect.joined(near)
        apart.append(rect)
    return sorted(apart, key=lambda rect: rect.width * rect.height, reverse=True)
