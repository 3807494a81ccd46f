"""The clips of the day that is shown, kept in step with the library."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from vms_desktop.core.base import day_of, day_start
from vms_desktop.core.index import (
    CamerasQuery,
    ChosenFolders,
    DayQuery,
    IndexedCamera,
    IndexedClip,
    MonthQuery,
    NeighbourDayQuery,
    NeighbourQuery,
    Query,
)
from vms_desktop.core.library import Gap

if TYPE_CHECKING:
    from vms_desktop.workers.library import GapReader, LibraryIndex

CHANNEL = "playback"
# Changes of the library within this time are looked up once.
TOGETHER_MS = 250


class DayClips(QObject):
    """Asks the index, one answer of each kind at a time; lives in the GUI thread.

    Attributes:
        day: The day that is shown; None before the first one.
        clips: All clips of that day, oldest first.
        reaching: Those of the day before that last beyond midnight.
        cameras: All folders of the library; None until they are known.
        gaps: The day's gaps by folder.

    Signals:
        cameras_changed: `cameras` is another.
        clips_changed: `clips` is another, and whether the day is another too.
        month_known: Year, month, and how many clips each of its days has.
        gaps_changed: `gaps` is another.
    """

    cameras_changed = Signal()
    clips_changed = Signal(bool)
    month_known = Signal(int, int, object)
    gaps_changed = Signal()

    def __init__(
        self, index: "LibraryIndex", gaps: "GapReader", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._index = index
        self._gap_reader = gaps
        self._waiting: dict[type, tuple[int, Callable[[Any], None]]] = {}
        self._month: tuple[int, int] | None = None
        self._is_active = False
        self._wanted: date | None = None
        self.day: date | None = None
        self.clips: tuple[IndexedClip, ...] = ()
        self.reaching: tuple[IndexedClip, ...] = ()
        self.cameras: tuple[IndexedCamera, ...] | None = None
        self.gaps: dict[str, tuple[Gap, ...]] = {}
        self._timer = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._timer.timeout.connect(self.refresh)
        index.answered.connect(self._take)
        index.indexer.library_changed.connect(self._follow)
        gaps.gaps_read.connect(self._take_gaps)

    def stop(self) -> None:
        """Let go of the index."""
        self._timer.stop()
        self._index.answered.disconnect(self._take)
        self._index.indexer.library_changed.disconnect(self._follow)
        self._gap_reader.gaps_read.disconnect(self._take_gaps)

    def set_active(self, active: bool) -> None:
        """Follow the library from now on, or no longer: nobody looks."""
        self._is_active = active
        if active:
            self._index.indexer.look_now()  # What was put into older days by hand is seen now.
            self.refresh()
        else:
            self._timer.stop()  # Its questions would take the place of whoever shows days then.

    def refresh(self) -> None:
        """Ask again for everything that is shown."""
        self._ask(CamerasQuery(), self._take_cameras)
        if self._wanted is not None:
            self._ask_day(self._wanted)
        if self._month is not None:
            self.show_month(*self._month)

    def show_day(self, day: date) -> None:
        """Show the clips of a day."""
        self._wanted = day
        self._ask_day(day)

    def show_month(self, year: int, month: int) -> None:
        """Find out which days of a month have clips."""
        self._month = year, month
        self._ask(MonthQuery(year, month), lambda days: self.month_known.emit(year, month, days))

    def find(
        self,
        at: datetime,
        take: Callable[[IndexedClip | None], None],
        *,
        forward: bool,
        folders: ChosenFolders = None,
    ) -> None:
        """Find the clip that begins next after a moment, or last before it."""
        self._ask(NeighbourQuery(at, forward, folders), take)

    def stop_finding(self) -> None:
        """Want no more what was asked to be found."""
        for asked in (NeighbourQuery, NeighbourDayQuery):
            self._waiting.pop(asked, None)

    def find_day(self, take: Callable[[date | None], None], *, forward: bool) -> None:
        """Find the next day that has clips, or the previous one."""
        day = self._wanted or day_of(datetime.now(UTC))
        self._ask(NeighbourDayQuery(day, forward), take)

    def _ask(self, query: Query, take: Callable[[Any], None]) -> None:
        self._waiting[type(query)] = self._index.ask(query, CHANNEL), take

    def _ask_day(self, day: date) -> None:
        query = DayQuery(day, begins_at=day_start(day))
        self._ask(query, lambda clips: self._take_clips(day, clips))

    def _take(self, number: int, answer: object) -> None:
        for key, (waiting, take) in list(self._waiting.items()):
            if waiting == number:
                del self._waiting[key]
                take(answer)

    def _take_cameras(self, cameras: tuple[IndexedCamera, ...]) -> None:
        if cameras != self.cameras:
            self.cameras = cameras
            self.cameras_changed.emit()

    def _take_clips(self, day: date, found: tuple[IndexedClip, ...]) -> None:
        is_other = day != self.day
        self._gap_reader.ask(day, [camera.folder for camera in self.cameras or ()])
        clips = tuple(clip for clip in found if clip.path.parent.name == day.isoformat())
        reaching = found[: len(found) - len(clips)]
        if not is_other and (clips, reaching) == (self.clips, self.reaching):
            return
        if is_other:
            self.gaps = {}
        self.day, self.clips, self.reaching = day, clips, reaching
        self.clips_changed.emit(is_other)

    def _take_gaps(self, day: date, gaps: dict[str, tuple[Gap, ...]]) -> None:
        if day == self.day and gaps != self.gaps:
            self.gaps = gaps
            self.gaps_changed.emit()

    def _follow(self, _changed: frozenset[tuple[str, date]]) -> None:
        if self._is_active and not self._timer.isActive():
            self._timer.start()
