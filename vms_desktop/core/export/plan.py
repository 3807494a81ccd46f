"""The plan of an export: which stretch of which clip goes into which file, copied or encoded.

Rules only: files are described by `ExportSource`, nothing is opened here but
to compare the keyframes at a seam.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from vms_desktop.core.base import Size
from vms_desktop.core.export.request import ExportRequest, ExportTrack
from vms_desktop.core.export.source import ExportSource
from vms_desktop.core.player import CLIP_SEAM_US, Segment, Timeline, epoch_us

# Finds the time at which one clip has the first frame of another, about an expected one.
FindFrame = Callable[[ExportSource, ExportSource, int], int | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one clip.

    Attributes:
        segment: Where the clip lies in time.
        from_us, until_us: Since the clip's first frame.
    """

    source: ExportSource
    segment: Segment
    from_us: int
    until_us: int

    @property
    def length_us(self) -> int:
        """How long the stretch is."""
        return self.until_us - self.from_us

    def moment(self, at_us: int) -> int:
        """The moment (µs since the epoch) of a time in the clip."""
        return self.segment.moment(at_us, self.source.length_us)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file to be made.

    Attributes:
        size: Of the picture in the file where it is encoded: in square pixels, turned.
    """

    track: ExportTrack
    pieces: tuple[Piece, ...]
    encode: bool
    size: Size

    @property
    def length_us(self) -> int:
        """How much is to be worked on."""
        return sum(piece.length_us for piece in self.pieces)

    @property
    def size_bytes(self) -> int:
        """About what a copy takes: its share of each clip's file."""
        return sum(p.source.size_bytes * p.length_us // p.source.length_us for p in self.pieces)


def plan_track(
    request: ExportRequest,
    track: ExportTrack,
    sources: Mapping[Path, ExportSource],
    find_frame: FindFrame,
) -> list[FilePlan]:
    """The files of one camera; none where it has nothing in the range.

    A copy holds one kind of picture: where the kind changes (SD after HD,
    other parameter sets, other pixels, another turn) a new file begins. What is encoded becomes
    one file, as large as its largest picture is shown.
    """
    lengths = {path: source.length_us for path, source in sources.items()}
    clips = [clip for clip in track.clips if clip.path in sources]
    groups = [clips] if request.concat else [[clip] for clip in clips]
    plans: list[FilePlan] = []
    for group in groups:
        segments = Timeline.of(group, lengths).segments
        pieces = list(_pieces(request, segments, sources, find_frame))
        plans += _files(request, track, pieces)
    return plans


def _pieces(
    request: ExportRequest,
    segments: Sequence[Segment],
    sources: Mapping[Path, ExportSource],
    find_frame: FindFrame,
) -> Iterator[Piece]:
    for segment, following in zip_longest(segments, segments[1:]):
        source = sources[segment.path]
        begins_us = max(segment.start_us, epoch_us(request.start) if request.start else 0)
        ends_us = min(segment.end_us, epoch_us(request.end) if request.end else segment.end_us)
        if begins_us >= ends_us:
            continue
        from_us = max(0, segment.inside(begins_us, source.length_us))
        until_us = segment.inside(ends_us - 1, source.length_us) + 1
        if ends_us == segment.end_us:
            until_us = _seam(segment, following, sources, find_frame, until_us)
        if until_us > from_us:
            yield Piece(source, segment, from_us, until_us)


def _seam(
    segment: Segment,
    following: Segment | None,
    sources: Mapping[Path, ExportSource],
    find_frame: FindFrame,
    until_us: int,
) -> int:
    """The time at which a clip gives way to the next one: at that one's first frame.

    Where a pre-roll reaches back into the clip before, the same frames stand in
    both; arrival times tell where only to a third of a second.
    """
    source = sources[segment.path]
    is_near = following and following.start_us - segment.end_us < CLIP_SEAM_US
    if following is None or not is_near or following.start_us != following.clip_start_us:
        return until_us
    other = sources[following.path]
    if other.path == source.path or other.video != source.video:
        return until_us
    found = find_frame(source, other, following.start_us - segment.clip_start_us)
    return until_us if found is None else found


def without(plan: FilePlan, path: Path) -> FilePlan:
    """The file without a clip."""
    rest = tuple(piece for piece in plan.pieces if piece.source.path != path)
    return replace(plan, pieces=rest)


def parts(plan: FilePlan, each_us: int) -> list[FilePlan]:
    """The same as several files of at most so many µs each, as far as keyframes allow.

    A copy is cut where a keyframe is, so that each file can be decoded by itself.
    """
    files: list[list[Piece]] = [[]]
    room_us = each_us
    for piece in plan.pieces:
        rest = piece
        while rest.length_us > room_us:
            cut_us = _cut_us(rest, room_us, encode=plan.encode, is_first=not files[-1])
            if cut_us is None:
                break
            if cut_us > rest.from_us:
                files[-1].append(replace(rest, until_us=cut_us))
                rest = replace(rest, from_us=cut_us)
            files.append([])
            room_us = each_us
        files[-1].append(rest)
        room_us -= rest.length_us
    return [replace(plan, pieces=tuple(pieces)) for pieces in files]


def _cut_us(piece: Piece, room_us: int, *, encode: bool, is_first: bool) -> int | None:
    """The time in a piece at which a file has to end; None where it cannot before it does."""
    last_us = piece.from_us + max(0, room_us)
    if encode:
        return max(last_us, piece.from_us + 1) if is_first else last_us
    inside = [us for us in piece.source.keyframes_us if piece.from_us < us < piece.until_us]
    fitting = [us for us in inside if us <= last_us]
    if fitting:
        return max(fitting)
    return min(inside, default=None) if is_first else piece.from_us


def _files(
    request: ExportRequest, track: ExportTrack, pieces: Sequence[Piece]
) -> Iterator[FilePlan]:
    if not pieces:
        return
    if request.burn_in or (request.exact and _wants_encoding(pieces)):
        sizes = (piece.source.video.shown_size for piece in pieces)
        largest = max(sizes, key=lambda size: size.width * size.height)
        yield FilePlan(track, tuple(pieces), True, largest)
        return
    for kind, group in groupby(pieces, key=lambda piece: piece.source.video):
        yield FilePlan(track, tuple(map(_snapped, group)), False, kind.shown_size)


def _wants_encoding(pieces: Sequence[Piece]) -> bool:
    """Whether copying cannot give the very frames asked for in one file."""
    kinds = {piece.source.video for piece in pieces}
    return len(kinds) > 1 or any(_snapped(piece) != piece for piece in pieces)


def _snapped(piece: Piece) -> Piece:
    """The piece from the keyframe at or before its beginning on: nothing before can be decoded."""
    return replace(piece, from_us=piece.source.keyframe_before(piece.from_us))
