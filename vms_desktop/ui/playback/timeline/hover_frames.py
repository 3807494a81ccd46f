"""The picture under the pointer on the timeline: first the thumbnail, then the exact frame."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer

from vms_desktop.core.base import Viewport
from vms_desktop.core.index import IndexedClip
from vms_desktop.core.player import TrackSource
from vms_desktop.ui.picture import to_image

if TYPE_CHECKING:
    from vms_desktop.ui.clips import ClipThumbnails
    from vms_desktop.ui.playback.timeline.view import TimelineView
    from vms_desktop.workers.library import Playback

KEY = "hover"
# The pointer has to rest so long before a file is opened for it.
REST_MS = 80
POLL_MS = 30
# Files stay open so long after the pointer has left.
LEAVE_MS = 3000
ROOM = Viewport(320, 180)


class HoverClip(NamedTuple):
    """A clip under the pointer."""

    clip: IndexedClip
    rotation: int


class HoverFrames(QObject):
    """Gives the timeline its pictures, with a player of its own.

    Args:
        clip_at: The clip of a row at a moment; None where there is none.
    """

    def __init__(
        self,
        timeline: "TimelineView",
        playback: "Playback",
        thumbnails: "ClipThumbnails",
        clip_at: Callable[[str, datetime], HoverClip | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._playback = playback
        self._thumbnails = thumbnails
        self._clip_at = clip_at
        self._key = ""
        self._at: datetime | None = None
        self._under: HoverClip | None = None
        self._has_frame = False
        self._rest = self._timer(REST_MS, self._look_for_frame, single=True)
        self._poll = self._timer(POLL_MS, self._take_frame)
        self._leave = self._timer(LEAVE_MS, self.rest, single=True)
        timeline.hovered.connect(self._follow)
        timeline.unhovered.connect(self._let_go)
        thumbnails.loaded.connect(self._show_thumbnail)

    def rest(self) -> None:
        """Close what is open."""
        for timer in (self._rest, self._poll, self._leave):
            timer.stop()
        self._under = None
        self._playback.set_tracks(())

    def _timer(self, ms: int, slot: Callable[[], None], *, single: bool = False) -> QTimer:
        timer = QTimer(self, singleShot=single, interval=ms)
        timer.timeout.connect(slot)
        return timer

    def _follow(self, key: str, at: datetime) -> None:
        self._leave.stop()
        self._key, self._at, self._has_frame = key, at, False
        self._under = self._clip_at(key, at)
        if self._under is None:
            self._rest.stop()
            self._poll.stop()
            return
        self._show_thumbnail()
        self._rest.start()

    def _let_go(self) -> None:
        self._rest.stop()
        self._poll.stop()
        self._under = None
        self._leave.start()

    def _show_thumbnail(self) -> None:
        if self._under is None or self._at is None or self._has_frame:
            return
        picture = self._thumbnails.get(self._under.clip, ROOM.width)
        shown = None if picture is None or picture.isNull() else picture
        self._timeline.show_hover_picture(self._key, self._at, shown)

    def _look_for_frame(self) -> None:
        if self._under is None or self._at is None:
            return
        clip, rotation = self._under
        self._playback.set_tracks([TrackSource(KEY, (clip,), rotation)])
        self._playback.set_viewport(KEY, ROOM)
        self._playback.pictures(KEY).take()  # What an earlier look has left.
        self._playback.seek(self._at)
        self._poll.start()

    def _take_frame(self) -> None:
        played = self._playback.pictures(KEY).take()
        if played is None or self._under is None or self._at is None:
            return
        if played.clip != self._under.clip.path or played.at > self._at:
            return
        self._has_frame = True
        image = to_image(played.picture).copy()
        self._timeline.show_hover_picture(self._key, self._at, image)
