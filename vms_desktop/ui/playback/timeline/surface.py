"""The timeline as it is seen: a day of several cameras at any scale. It has no hands.

Knows no file and no player: it is given clips and moments.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import TEXT_PX, Theme, resized_font
from vms_desktop.ui.playback.timeline.painter import Scene, TimelinePainter
from vms_desktop.ui.playback.timeline.places import Places, least_height, places, wanted_height
from vms_desktop.ui.playback.timeline.rows import RowClips, TimelineRow, refreshed
from vms_desktop.ui.playback.timeline.scale import DAY_S, SHORTEST_S, DayClock, TimeView
from vms_desktop.ui.playback.timeline.words import range_words

KEY_ZOOM_STEP: Final = 2.0
# The shortest clips are drawn wider than they are; the pointer finds them as drawn.
_REACH_PX = 3
# Playback's own steps are shorter, even at 16×: what is longer was a person's wish.
_JUMP_S = 5.0
# The description follows playback this seldom; a screen reader would talk without end.
_TELL_S = 60.0


class TimelineSurface(QWidget):
    """Shows rows of clips under a ruler, with playhead, marks and an overview.

    Attributes:
        view: The part of the day that is seen.
        position_s, marks_s: Playhead, and the marks I and O.
        is_key_focused: Whether the focus came by a key and is to be seen.
        places: Where its parts are.
    """

    def __init__(self, theme: Theme, parent: QWidget | None, zone: tzinfo | None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Timeline"))
        self.is_key_focused = False
        self._zone = zone
        self._rows: tuple[RowClips, ...] = ()
        self._chosen = ""
        self._clock = DayClock(0.0, DAY_S, zone)
        self.view = TimeView.whole(0.0, DAY_S, 1.0)
        self.position_s: float | None = None
        self.marks_s: tuple[float | None, float | None] = (None, None)
        self._pointer_x: float | None = None
        self._now_s: float | None = None
        self._told_s: float | None = None
        self._painter = TimelinePainter(theme)
        self._backdrop: tuple[Scene, QPixmap] | None = None
        self._names_px = 0
        self._is_unseen = True  # The day's clips are not known yet.
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.valueChanged.connect(self._rescrolled)
        self.places = self._arranged()

    @property
    def marks(self) -> tuple[datetime | None, datetime | None]:
        """The marks I and O."""
        start_s, end_s = self.marks_s
        return (
            None if start_s is None else self._local(start_s),
            None if end_s is None else self._local(end_s),
        )

    def set_span(self, start: datetime, end: datetime, clips: Sequence[IndexedClip] = ()) -> None:
        """Show another day: whole, or close where all its clips lie within an hour.

        The same day again changes nothing, but that its first clips may become known.
        """
        first_s = start.timestamp()
        last_s = max(end.timestamp(), first_s + SHORTEST_S)  # Samoa left a whole day out.
        if (first_s, last_s) != (self.view.first_s, self.view.last_s):
            self._clock = DayClock(first_s, last_s, self._zone)
            self.look_at(TimeView.whole(first_s, last_s, self.view.width_px))
            self._is_unseen = True
        if clips and self._is_unseen:
            self._is_unseen = False
            self._close_in(clips)

    def _close_in(self, clips: Sequence[IndexedClip]) -> None:
        """A young day's clips are hairlines in 24 hours; a person's own zoom is left alone."""
        if self.view.is_whole:
            begins_s = min(clip.start_at.timestamp() for clip in clips)
            ends_s = max(clip.end_at.timestamp() for clip in clips)
            self.look_at(self.view.closing_in(begins_s, ends_s))

    def set_rows(self, rows: tuple[TimelineRow, ...]) -> None:
        """Show other rows, or more of the same; scale, marks and gestures stay."""
        known = {old.row.key: old for old in self._rows}
        self._rows = tuple(refreshed(known.get(row.key), row) for row in rows)
        keys = [row.key for row in rows]
        if self._chosen not in keys:
            self._chosen = keys[0] if keys else ""
        # The chosen one's name is bold, and any may be chosen.
        metrics = QFontMetrics(resized_font(self.font(), TEXT_PX, bold=True))
        self._names_px = max((metrics.horizontalAdvance(row.name) for row in rows), default=0) + 2
        self._rearrange()
        self.updateGeometry()
        self._describe()

    def set_position(self, at: datetime) -> None:
        """Playback is there. The view follows, until a person has panned away."""
        at_s, before_s = at.timestamp(), self.position_s
        self.position_s = at_s
        jumped = before_s is None or abs(at_s - before_s) > _JUMP_S
        if jumped or (before_s is not None and self.view.shows(before_s)):
            self.look_at(self.view.following(at_s))
        if self._told_s is None or abs(at_s - self._told_s) >= _TELL_S:
            self._describe()
        self.update()

    def set_marks(self, start: datetime | None, end: datetime | None) -> None:
        """Show other marks; says nothing."""
        start_s = None if start is None else start.timestamp()
        self.marks_s = start_s, None if end is None else end.timestamp()
        self.update()

    def set_now(self, at: datetime) -> None:
        """The time that it is: what is later has not come yet."""
        self._now_s = at.timestamp()
        self.update()

    def choose_row(self, key: str) -> None:
        """Show a row as chosen; says nothing."""
        keys = [row.row.key for row in self._rows]
        if key in keys and key != self._chosen:
            self._chosen = key
            self._bar.setValue(self.places.scroll_for(keys.index(key)))
            self._describe()
            self.update()

    def zoom_in(self) -> None:
        """Twice as large, about the playhead."""
        self.look_at(self.view.zoomed(KEY_ZOOM_STEP, self._middle_s()))

    def zoom_out(self) -> None:
        """Half as large, about the playhead."""
        self.look_at(self.view.zoomed(1 / KEY_ZOOM_STEP, self._middle_s()))

    def zoom_all(self) -> None:
        """The whole day."""
        self._is_unseen = False
        self.look_at(TimeView.whole(self.view.first_s, self.view.last_s, self.view.width_px))

    def look_at(self, view: TimeView) -> None:
        """See another part of the day."""
        if view != self.view:
            self.view = view
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(800, wanted_height(len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, least_height(len(self._rows)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._rearrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.set_rows(tuple(row.row for row in self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        scene = self._scene()
        if self._backdrop is None or self._backdrop[0] != scene:
            self._backdrop = scene, self._painter.backdrop(scene)
        painter.drawPixmap(0, 0, self._backdrop[1])
        self._paint_moving(painter, scene)
        painter.end()

    def _paint_moving(self, painter: QPainter, scene: Scene) -> None:
        left = self.places.tracks.left()
        self._painter.paint_range(painter, scene, *self.marks_s)
        self._painter.paint_now(painter, scene)
        if not self._rows:
            self._painter.paint_words(painter, self.places.tracks, self.tr("No camera is chosen"))
        if self._pointer_x is not None:
            self._painter.paint_pointer(painter, self.places, self._pointer_x)
        if self.position_s is not None and self.view.shows(self.position_s):
            x = left + self.view.x_of(self.position_s)
            self._painter.paint_playhead(painter, self.places, x)
        if self.hasFocus() and self.is_key_focused:
            self._painter.paint_focus(painter, self.rect())

    def _scene(self) -> Scene:
        now_s = self._now_s
        if now_s is not None:
            # Time moves on within a pixel without a new picture; a day that is over has no now.
            pixel_s = 1 / self.view.px_per_s / self.devicePixelRatioF()
            now_s = None if now_s >= self.view.last_s else now_s // pixel_s * pixel_s
        return Scene(
            self.view, self._clock, self._rows, self._chosen, now_s, self.places,
            self.size(), self.devicePixelRatioF(), self.font(),
        )  # fmt: skip

    def _clip_at(self, key: str, at_s: float) -> IndexedClip | None:
        """The clip of a row that is drawn at a moment."""
        within_s = _REACH_PX / self.view.px_per_s
        found = (row.clip_at(at_s, within_s) for row in self._rows if row.row.key == key)
        return next(found, None)

    def _middle_s(self) -> float:
        """The moment that zooming by keys keeps in its place."""
        if self.position_s is not None and self.view.shows(self.position_s):
            return self.position_s
        return self.view.start_s + self.view.length_s / 2

    def _local(self, at_s: float) -> datetime:
        return self._clock.local(at_s)

    def _describe(self) -> None:
        """For a screen reader: the row, the moment and the chosen range."""
        names = [row.row.name for row in self._rows if row.row.key == self._chosen]
        self._told_s = self.position_s
        if self.position_s is not None:
            names.append(f"{self._local(self.position_s):%H:%M:%S}")
        start_s, end_s = self.marks_s
        if start_s is not None and end_s is not None:
            names.append(range_words(end_s - start_s))
        self.setAccessibleDescription(", ".join(names))

    def _rescrolled(self, scrolled_px: int) -> None:
        self.places = replace(self.places, scrolled_px=scrolled_px)
        self.update()

    def _rearrange(self) -> None:
        self.places = self._arranged()
        self.look_at(self.view.resized(self.places.tracks.width()))
        tracks = self.places.tracks
        self._bar.setRange(0, self.places.hidden_px)
        self._bar.setPageStep(tracks.height())
        self._bar.setVisible(self.places.hidden_px > 0)
        self._bar.setGeometry(self.width() - 12, tracks.top(), 10, tracks.height())
        self.update()

    def _arranged(self) -> Places:
        size, scrolled_px = self.size(), self._bar.value()
        return places(size.width(), size.height(), len(self._rows), self._names_px, scrolled_px)
