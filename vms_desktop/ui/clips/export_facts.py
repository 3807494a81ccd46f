"""The facts of an export before it is made: names, length and size, without a look at the files.

Sizes are those of the clips' own packets, for the share of each that is wanted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from vms_desktop.core.export import ExportRequest, ExportTrack, export_name
from vms_desktop.core.player import PlayableClip


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """The files that a request comes to.

    Attributes:
        names: Of the files. Where one is taken, or the kind of picture changes
            within it, the writer adds `-2`.
        length_s: Of all files together.
        size_bytes: 0 where no clip knows its size.
    """

    names: tuple[str, ...] = ()
    length_s: float = 0.0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The part of a clip that is wanted."""

    clip: PlayableClip
    start_at: datetime
    end_at: datetime


def export_facts(request: ExportRequest, begins: Sequence[datetime | None] = ()) -> ExportFacts:
    """Names, length and size of the files that a request gives.

    Args:
        begins: The times of each track's first picture, where they are known.
    """
    names: list[str] = []
    length, size_bytes = timedelta(), 0.0
    for track, begins_at in zip_longest(request.tracks, begins[: len(request.tracks)]):
        stretches = list(_stretches(track, request.start, request.end))
        for stretch in stretches[:1] if request.concat else stretches:
            is_first = stretch is stretches[0]
            at = begins_at if begins_at and is_first else stretch.start_at
            names.append(export_name(track.name, at, request.comment))
        length += _joint_length(stretches)
        size_bytes += sum(_size_bytes(stretch) for stretch in stretches)
    return ExportFacts(tuple(names), length.total_seconds(), round(size_bytes))


def clips_wanted(track: ExportTrack, request: ExportRequest) -> int:
    """The number of a camera's clips of which a request takes something."""
    return sum(1 for _ in _stretches(track, request.start, request.end))


def _stretches(
    track: ExportTrack, start: datetime | None, end: datetime | None
) -> Iterator[_Stretch]:
    for clip in sorted(track.clips, key=lambda clip: clip.start_at):
        clip_end = max(clip.start_at, clip.end_at)
        begins = max(clip.start_at, start) if start else clip.start_at
        ends = min(clip_end, end) if end else clip_end
        if begins < ends or begins == ends == clip.start_at:
            yield _Stretch(clip, begins, ends)


def _joint_length(stretches: list[_Stretch]) -> timedelta:
    """The time that stretches cover, what lies in two of them once."""
    covered, until = timedelta(), None
    for stretch in stretches:
        begins = max(stretch.start_at, until) if until else stretch.start_at
        covered += max(timedelta(), stretch.end_at - begins)
        until = max(until, stretch.end_at) if until else stretch.end_at
    return covered


def _size_bytes(stretch: _Stretch) -> float:
    clip = stretch.clip
    whole: float = getattr(clip, "size_bytes", 0)  # What is indexed knows it, what is played not.
    length = (clip.end_at - clip.start_at).total_seconds()
    return whole * (stretch.end_at - stretch.start_at).total_seconds() / length if length else whole
