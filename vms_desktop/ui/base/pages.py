"""The pages of the window: which there are, and which of them is shown."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QStackedWidget, QWidget


class PageKey(StrEnum):
    """The pages that there are; `--page` and the settings know them by these names."""

    LIVE = "live"
    PLAYBACK = "playback"
    ARCHIVES = "archives"
    CAMERAS = "cameras"


def page_key(name: str) -> PageKey:
    """The page of this name; the first where there is none."""
    return PageKey(name) if name in set(PageKey) else PageKey.LIVE


# Something that happens outside a page, and what the page does then.
PageConnection = tuple[SignalInstance, Callable[..., object]]


class Page(QWidget):
    """One page. What does not concern it, it leaves as it is here.

    Attributes:
        bar: Its controls; the window places them above its banners.
    """

    bar: QWidget

    def enter(self) -> None:
        """It is shown from now on: the actions are its own."""

    def stop(self) -> None:
        """Let go of the fleet: the page is made anew, or the window closes."""

    def tick(self, now: datetime) -> None:
        """Another second has passed."""

    def go_back(self) -> bool:
        """Esc: one step back; False where there is none."""
        return False

    def set_window_seen(self, seen: bool) -> None:
        """The window can be seen, or no longer: it is minimised or covered."""

    def set_full_screen(self, full: bool) -> None:
        """The window fills the screen, or no longer."""

    def keep(self) -> object:
        """Gives what is to be as it was once the page has been made anew."""
        return None

    def bring_back(self, kept: object) -> None:
        """Be as another page of this kind was: `kept` is what it gave."""

    def focus_camera(self) -> str | None:
        """The camera that actions of every page are about; None where there is none."""
        return None


class Pages(QObject):
    """Makes each page when it is first shown, and shows one with its bar.

    Attributes:
        bars, stack: Hold the bars and the pages; the window places both.
        key: The page that is shown; none before the first.

    Signals:
        changed: Another page is shown (its `PageKey`).
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bars = QStackedWidget()
        self.stack = QStackedWidget()
        self.key: PageKey | None = None
        self._makers: dict[PageKey, Callable[[], Page]] = {}
        self._made: dict[PageKey, Page] = {}
        self._is_window_seen = True

    def __iter__(self) -> Iterator[Page]:
        """The pages that have been made."""
        return iter(self._made.values())

    def add(self, key: PageKey, maker: Callable[[], Page]) -> None:
        """There is a page of this key, made by `maker` when it is wanted."""
        self._makers[key] = maker

    @property
    def current(self) -> Page:
        """The page that is shown."""
        assert self.key is not None, "no page was shown yet"
        return self._made[self.key]

    def page(self, key: PageKey) -> Page:
        """The page of a key, made now where it was not."""
        if key not in self._made:
            page = self._made[key] = self._makers[key]()
            page.set_window_seen(self._is_window_seen)
            self.bars.addWidget(page.bar)
            self.stack.addWidget(page)
        return self._made[key]

    def show(self, key: PageKey) -> None:
        """Show a page in the place of another."""
        if key == self.key:
            return
        new = self.page(key)
        if self.key is not None:
            # First: it must not take back what the new page asks the fleet for.
            self.current.hide()
        self.key = key
        self.bars.setCurrentWidget(new.bar)
        self.stack.setCurrentWidget(new)
        new.show()
        self.changed.emit(key)
        new.enter()

    def keep(self) -> dict[PageKey, object]:
        """Gives what the pages are brought back to, by their keys."""
        return {key: page.keep() for key, page in self._made.items()}

    def bring_back(self, kept: Mapping[PageKey, object]) -> None:
        """Make pages that were there before as they were."""
        for key, of_page in kept.items():
            self.page(key).bring_back(of_page)

    def set_window_seen(self, seen: bool) -> None:
        """The window can be seen, or no longer."""
        self._is_window_seen = seen
        for page in self:
            page.set_window_seen(seen)
