"""Questions to the index as values, so that a thread can be asked them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from vms_desktop.core.base import Box
from vms_desktop.core.index.index import ClipIndex
from vms_desktop.core.index.search import MOST_AREA_HITS, AreaHit, heat_map, locate, search_area

# Folders of cameras; None for all of them.
ChosenFolders = tuple[str, ...] | None


_MOMENT = timedelta(milliseconds=1)


class Query(Protocol):
    """A question; `answer` may raise what the index raises."""

    def answer(self, index: ClipIndex, cancelled: Callable[[], bool]) -> Any:
        """The answer of the index; may be anything where `cancelled` said so meanwhile."""


@dataclass(frozen=True, slots=True)
class MonthQuery:
    """Answered with `dict[date, int]`: the days of a month that have clips."""

    year: int
    month: int
    folders: ChosenFolders = None

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        return index.days(self.year, self.month, self.folders)


@dataclass(frozen=True, slots=True)
class DayQuery:
    """Answered with the `IndexedClip`s of a day, oldest first.

    Those of other days that hold the moment `begins_at`, its start, lead them.
    """

    day: date
    folders: ChosenFolders = None
    begins_at: datetime | None = None

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        clips = index.clips_of_day(self.day, self.folders)
        if self.begins_at is None:
            return clips
        known = {clip.path for clip in clips}
        holding = index.clips_between(self.begins_at, self.begins_at + _MOMENT, self.folders)
        return (*(clip for clip in holding if clip.path not in known), *clips)


@dataclass(frozen=True, slots=True)
class CamerasQuery:
    """Answered with the `IndexedCamera`s."""

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        return index.folders()


@dataclass(frozen=True, slots=True)
class ArchivesQuery:
    """Answered with the archived `IndexedClip`s, oldest first."""

    folders: ChosenFolders = None

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        return index.archived(self.folders)


@dataclass(frozen=True, slots=True)
class NeighbourQuery:
    """Answered with the next `IndexedClip` after a moment, or the previous one before; or None."""

    at: datetime
    forward: bool
    folders: ChosenFolders = None

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        find = index.next_clip if self.forward else index.previous_clip
        return find(self.at, self.folders)


@dataclass(frozen=True, slots=True)
class NeighbourDayQuery:
    """Answered with the next `date` after a day that has clips, or the previous one; or None."""

    day: date
    forward: bool

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        find = index.next_day if self.forward else index.previous_day
        return find(self.day)


@dataclass(frozen=True, slots=True)
class AreaQuery:
    """Answered with `AreaHit`s, best first (see `search_area`)."""

    area: Box
    start_day: date
    end_day: date
    folders: ChosenFolders = None
    limit: int = MOST_AREA_HITS

    def answer(self, index: ClipIndex, cancelled: Callable[[], bool]) -> Any:
        return search_area(
            index,
            self.area,
            self.start_day,
            self.end_day,
            self.folders,
            limit=self.limit,
            cancelled=cancelled,
        )


@dataclass(frozen=True, slots=True)
class LocateQuery:
    """Answered with the same `AreaHit`s, their second looked up in the side-cars."""

    hits: tuple[AreaHit, ...]
    area: Box

    def answer(self, index: ClipIndex, cancelled: Callable[[], bool]) -> Any:
        return [hit if cancelled() else locate(index.layout, hit, self.area) for hit in self.hits]


@dataclass(frozen=True, slots=True)
class HeatQuery:
    """Answered with a heat map, shape (36, 64), 0…1."""

    day: date
    folders: ChosenFolders = None

    def answer(self, index: ClipIndex, _: Callable[[], bool]) -> Any:
        return heat_map(index, self.day, self.folders)
