"""What the search asks the index, and the answers put together."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.index_queries import AreaQuery, LocateQuery, Query
from vms_desktop.core.picture import Box
from vms_desktop.core.search import LOCATED_HITS, MOST_HITS, AreaHit
from vms_desktop.ui.playback.area_search_form import SearchCamera, Span
from vms_desktop.ui.playback.area_search_shapes import recorded_area

if TYPE_CHECKING:
    from vms_desktop.workers.library_index import LibraryIndex

_CHANNEL = "area-search"


class AreaQuestions(QObject):
    """Asks for one area at a time; answers to older questions are passed over.

    An area belongs to the picture as it was recorded: cameras that are turned
    differently are asked for one by one, and what is found is put together.

    Signals:
        found: The `AreaHit`s of all cameras, best first, in a tuple.
        improved: Some of them, their second looked up.
    """

    found = Signal(object)
    improved = Signal(object)

    def __init__(self, index: "LibraryIndex", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._waiting: dict[int, Callable[[Any], None]] = {}
        self._searches: set[int] = set()
        self._locating: set[int] = set()
        self._hits: list[AreaHit] = []
        index.answered.connect(self._take_answer)

    def ask(self, query: Query, take: Callable[[Any], None], channel: str = _CHANNEL) -> int:
        """Ask anything; the newest question of a kind and channel is answered."""
        number = self._index.ask(query, channel)
        self._waiting[number] = take
        return number

    def search(self, shown: Box, span: Span, cameras: Iterable[SearchCamera]) -> None:
        """Ask what moved in an area, in shares of the pictures as they are shown."""
        self.forget()
        by_rotation: dict[int, list[str]] = {}
        for camera in cameras:
            by_rotation.setdefault(camera.rotation, []).append(camera.folder)
        for rotation, folders in sorted(by_rotation.items()):
            self._search(recorded_area(shown, rotation), rotation, span, tuple(folders))

    def forget(self) -> None:
        """Whatever is still found was not asked for any more."""
        for number in self._searches | self._locating:
            self._waiting.pop(number, None)
        self._searches.clear()
        self._locating.clear()
        self._hits.clear()

    def stop(self) -> None:
        """Take no more answers."""
        self.forget()
        self._waiting.clear()

    def _search(self, area: Box, rotation: int, span: Span, folders: tuple[str, ...]) -> None:
        channel = f"{_CHANNEL}-{rotation}"

        def take(hits: list[AreaHit]) -> None:
            self._searches.discard(number)
            self._take_hits(hits)
            self._locate(tuple(hits[LOCATED_HITS:]), area, channel)

        number = self.ask(AreaQuery(area, span.start, span.end, folders), take, channel)
        self._searches.add(number)

    def _take_hits(self, hits: list[AreaHit]) -> None:
        best = sorted([*self._hits, *hits], key=lambda hit: -hit.score)
        self._hits = best[:MOST_HITS]
        if not self._searches:
            self.found.emit(tuple(self._hits))

    def _locate(self, hits: tuple[AreaHit, ...], area: Box, channel: str) -> None:
        """Have the seconds of the next hits looked up, a screen's worth at a time."""
        if not hits:
            return

        def take(located: list[AreaHit]) -> None:
            self._locating.discard(number)
            self.improved.emit(tuple(located))
            self._locate(hits[LOCATED_HITS:], area, channel)

        number = self.ask(LocateQuery(hits[:LOCATED_HITS], area), take, channel)
        self._locating.add(number)

    def _take_answer(self, number: int, answer: Any) -> None:
        take = self._waiting.pop(number, None)
        if take is not None:
            take(answer)
