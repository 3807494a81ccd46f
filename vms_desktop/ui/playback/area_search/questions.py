"""The questions that the search asks the index, and the answers put together."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Box
from vms_desktop.core.index import (
    LOCATED_AREA_HITS,
    MOST_AREA_HITS,
    AreaHit,
    AreaQuery,
    LocateQuery,
    Query,
)
from vms_desktop.ui.playback.area_search.form import SearchCamera, Span

if TYPE_CHECKING:
    from vms_desktop.workers.library import LibraryIndex

_CHANNEL = "area-search"


class AreaQuestions(QObject):
    """Asks for one area at a time; answers to older questions are passed over.

    An area belongs to the picture as it was shown when it was recorded: what moved is
    found in the picture as it is turned, and kept so.

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
        self._searching: set[int] = set()
        index.answered.connect(self._take_answer)

    def ask(self, query: Query, take: Callable[[Any], None], channel: str = _CHANNEL) -> int:
        """Ask anything; the newest question of a kind and channel is answered."""
        number = self._index.ask(query, channel)
        self._waiting[number] = take
        return number

    def search(self, shown: Box, span: Span, cameras: Iterable[SearchCamera]) -> None:
        """Ask what moved in an area, in shares of the pictures as they are shown."""
        self.forget()
        folders = tuple(camera.folder for camera in cameras)

        def take(hits: list[AreaHit]) -> None:
            self._searching.discard(number)
            self.found.emit(tuple(sorted(hits, key=lambda hit: -hit.score)[:MOST_AREA_HITS]))
            self._locate(tuple(hits[LOCATED_AREA_HITS:]), shown)

        number = self.ask(AreaQuery(shown, span.start, span.end, folders), take)
        self._searching.add(number)

    def forget(self) -> None:
        """Whatever is still found was not asked for any more."""
        for number in self._searching:
            self._waiting.pop(number, None)
        self._searching.clear()

    def stop(self) -> None:
        """Take no more answers."""
        self.forget()
        self._waiting.clear()

    def _locate(self, hits: tuple[AreaHit, ...], area: Box) -> None:
        """Have the seconds of the next hits looked up, a screen's worth at a time."""
        if not hits:
            return

        def take(located: list[AreaHit]) -> None:
            self._searching.discard(number)
            self.improved.emit(tuple(located))
            self._locate(hits[LOCATED_AREA_HITS:], area)

        number = self.ask(LocateQuery(hits[:LOCATED_AREA_HITS], area), take)
        self._searching.add(number)

    def _take_answer(self, number: int, answer: Any) -> None:
        take = self._waiting.pop(number, None)
        if take is not None:
            take(answer)
