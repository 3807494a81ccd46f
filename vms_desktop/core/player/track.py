"""The timeline of a track: its clips laid out in time, without overlaps.

Moments are whole microseconds since the epoch (`_us`), so that a frame's time
survives the way to a `datetime` and back, and a seek to it shows that frame.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Protocol

from vms_desktop.core.base import PART_SUFFIX

# Clips less than this apart, or over each other, are one recording that was cut: arrivals come
# in groups of up to 0.35 s, and clips are named and described by arrivals.
CLIP_SEAM_US = 1_000_000
# The end of a clip over which such a difference is spread.
STRETCH_US = 4_000_000
# Taken for the length of a clip of which nobody knows it, until it is opened.
UNKNOWN_US = 60_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# From and to, in µs; the end is not part of it.
Span = tuple[int, int]


def epoch_us(at: datetime) -> int:
    """An aware time as a moment."""
    return (at - _EPOCH) // _MICROSECOND


def local_datetime(moment_us: int) -> datetime:
    """A moment as an aware time in the local zone."""
    return (_EPOCH + timedelta(microseconds=moment_us)).astimezone()


class PlayableClip(Protocol):
    """A clip as far as the player has to know it; both times are aware."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def start_at(self) -> datetime:
        """When its first frame was."""

    @property
    def end_at(self) -> datetime:
        """Its end; not after its start where it is not known yet."""


@dataclass(frozen=True, slots=True)
class TrackSource:
    """One camera's clips to be played.

    Attributes:
        key: Names the track: the camera's id, mostly.
        clips: By their start.
        rotation: Clockwise, a multiple of 90°.
    """

    key: str
    clips: tuple[PlayableClip, ...]
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which one clip is what is shown.

    Attributes:
        clip_start_us: The moment of the clip's first frame, at or before `start_us`.
        joins: The next clip goes on without a gap: the time of this one's last
            seconds is stretched until it ends there, so that no frame is lost.
    """

    path: Path
    clip_start_us: int
    start_us: int
    end_us: int
    joins: bool = False

    def moment(self, at_us: int, length_us: int) -> int:
        """The moment of the clip's time `at_us`; `length_us` is what the file really holds."""
        bend, numerator, denominator = self._stretch(length_us)
        if at_us <= bend:
            return self.clip_start_us + at_us
        return self.clip_start_us + bend + (at_us - bend) * numerator // denominator

    def inside(self, moment_us: int, length_us: int) -> int:
        """The latest time of the clip whose moment is not after `moment_us`."""
        at_us = moment_us - self.clip_start_us
        bend, numerator, denominator = self._stretch(length_us)
        if at_us <= bend:
            return at_us
        return bend - 1 - (-(at_us - bend + 1) * denominator // numerator)

    def _stretch(self, length_us: int) -> tuple[int, int, int]:
        room_us = self.end_us - self.clip_start_us
        width_us = min(length_us, STRETCH_US)
        bend = length_us - width_us
        if not self.joins or abs(room_us - length_us) >= min(CLIP_SEAM_US, width_us):
            return max(room_us, length_us), 1, 1
        return bend, room_us - bend, width_us


@dataclass(frozen=True, slots=True)
class Timeline:
    """A track's segments by time.

    Where clips overlap, the one that started last is shown: the stream that
    came back, and goes on. What is left of a longer clip follows it.
    """

    segments: tuple[Segment, ...] = ()
    _starts: tuple[int, ...] = field(default=(), repr=False)

    @staticmethod
    def of(
        clips: Iterable[PlayableClip],
        lengths_us: Mapping[Path, int],
        without: Collection[Path] = (),
    ) -> "Timeline":
        """Lay out clips; `lengths_us` tells what opened files really hold."""
        playable = (c for c in clips if c.path.suffix != PART_SUFFIX and c.path not in without)
        in_order = sorted(playable, key=lambda clip: clip.start_at)
        spans = [_span(clip, lengths_us) for clip in in_order]
        segments = _joined(_laid_out(spans))
        return Timeline(segments, tuple(segment.start_us for segment in segments))

    def at(self, moment_us: int) -> Segment | None:
        """The segment of a moment; None where there is no recording."""
        index = bisect_right(self._starts, moment_us) - 1
        if index < 0 or moment_us >= self.segments[index].end_us:
            return None
        return self.segments[index]

    def after(self, moment_us: int) -> Segment | None:
        """The first segment that starts after a moment."""
        index = bisect_right(self._starts, moment_us)
        return self.segments[index] if index < len(self.segments) else None

    def before(self, moment_us: int) -> Segment | None:
        """The last segment that ends at or before a moment."""
        index = bisect_right(self._starts, moment_us) - 1
        if index >= 0 and self.segments[index].end_us > moment_us:
            index -= 1
        return self.segments[index] if index >= 0 else None


def covered(timelines: Iterable[Timeline]) -> tuple[Span, ...]:
    """The time of which any timeline has a recording, as spans in order that do not touch."""
    spans = sorted((s.start_us, s.end_us) for timeline in timelines for s in timeline.segments)
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _span(clip: PlayableClip, lengths_us: Mapping[Path, int]) -> Segment:
    start = epoch_us(clip.start_at)
    told = epoch_us(clip.end_at) - start
    length = lengths_us.get(clip.path, told)
    # A file whose times jump ahead says more than was recorded.
    if 0 < told < length - CLIP_SEAM_US:
        length = told
    return Segment(clip.path, start, start, start + length)


def _laid_out(spans: Sequence[Segment]) -> list[Segment]:
    laid: list[Segment] = []
    for span in _with_lengths(spans):
        rest: list[Segment] = []
        while laid and laid[-1].end_us > span.start_us:
            last = laid.pop()
            if last.end_us - span.end_us >= CLIP_SEAM_US:
                rest.append(replace(last, start_us=max(last.start_us, span.end_us)))
            if last.start_us < span.start_us:
                laid.append(replace(last, end_us=span.start_us))
                break
        laid += [span, *reversed(rest)]
    return laid


def _with_lengths(spans: Sequence[Segment]) -> Iterator[Segment]:
    """A clip of unknown length lasts until the next one at most."""
    for span, following in zip_longest(spans, spans[1:]):
        if span.end_us > span.start_us:
            yield span
            continue
        end = span.start_us + UNKNOWN_US
        end = min(end, following.start_us) if following else end
        if end > span.start_us:
            yield replace(span, end_us=end)


def _joined(laid: Sequence[Segment]) -> tuple[Segment, ...]:
    """Let segments that nearly touch do so."""
    joined = list(laid)
    for index, (one, following) in enumerate(pairwise(laid)):
        if following.start_us - one.end_us < CLIP_SEAM_US and following.path != one.path:
            joined[index] = replace(one, end_us=following.start_us, joins=True)
    return tuple(joined)
