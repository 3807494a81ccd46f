"""The Playback page: day and cameras, the players, the timeline, the clips of the day."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent

from vms_desktop.core.base import Clock, day_end, day_of, day_start
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import Page, PageConnection
from vms_desktop.ui.playback.bar import RECORDINGS, TIMELINE
from vms_desktop.ui.playback.day_clips import DayClips
from vms_desktop.ui.playback.day_player import DayPlayer, Target
from vms_desktop.ui.playback.focus_keys import belongs_to_focus
from vms_desktop.ui.playback.kept_choice import kept_choice, recall_choice
from vms_desktop.ui.playback.page_commands import PageCommands
from vms_desktop.ui.playback.page_parts import PlaybackParts
from vms_desktop.ui.playback.page_state import PageState, page_state, show_again
from vms_desktop.ui.playback.player_control import PlayerControl
from vms_desktop.ui.playback.shown_clips import ShownClips
from vms_desktop.ui.playback.timeline import HoverClip, HoverFrames, TimelineRow
from vms_desktop.ui.widgets import snapshot_banner

if TYPE_CHECKING:
    from vms_desktop.ui.base import Actions, Preferences, Theme
    from vms_desktop.ui.clips import ClipTasks, LibraryServices
    from vms_desktop.workers.camera import Fleet


class PlaybackPage(Page):
    """Plays the recordings of one to four cameras in step.

    Attributes:
        parts: Its widgets.
        player: Gives the players their clips, and takes them where a person wants to be.

    Signals:
        told: A `Banner`.
    """

    told = Signal(object)

    def __init__(
        self,
        fleet: "Fleet",
        review: "LibraryServices",
        preferences: "Preferences",
        actions: "Actions",
        theme: "Theme",
        pictures_folder: Path,
        tasks: "ClipTasks",
        *,
        clock: Clock,
        parent: Page | None = None,
    ) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._review = review
        self._playback = review.playback
        self._preferences = preferences
        self._actions = actions
        self._pictures_folder = pictures_folder
        self._clock = clock
        self._theme = theme
        self._is_stopped = False
        self._awaited: PageState | None = None  # To be shown once its day is known.
        self.parts = PlaybackParts(self, fleet, review, actions, theme, day_of(clock.now()))
        self.bar = self.parts.bar
        self.days = DayClips(review.index, review.gaps, self)
        self.player = DayPlayer(self.days, self._playback, fleet, clock, self)
        self.control = PlayerControl(self._playback, self.parts.transport, actions.playback, self)
        self.shown = ShownClips(self._playback, self.player, self.parts.players, self)
        self.tasks = tasks
        self._commands = PageCommands(
            self.parts, self.days, self.player, self.tasks, review, self._wanted_clips, self
        )
        self._hover = HoverFrames(
            self.parts.timeline, review.hover, self.parts.thumbnails, self._hover_clip, self
        )
        self.parts.restore(preferences.value.window)
        recall_choice(self.player, preferences.value.window)
        self._connect_outside()
        self._connect_actions()
        self._connect_parts()
        self.parts.set_empty(False)
        self._show_sound()

    def open_at(
        self,
        camera_id: str | None = None,
        path: Path | None = None,
        at: datetime | None = None,
    ) -> None:
        """Show a camera's newest clip, or play a clip or from a moment; the page may be hidden."""
        plays = path is not None or at is not None
        self.set_mode(TIMELINE)
        self.player.open(Target("", path, at, plays, camera_id or ""))

    def enter(self) -> None:
        self._show_sound()
        self._show_mute()
        self.parts.take_keyboard()

    def stop(self) -> None:
        self._save_choice()
        self._is_stopped = True
        for signal, slot in self._connections():
            signal.disconnect(slot)
        self.player.set_active(False)
        self.days.stop()
        self.control.stop()
        self.shown.stop()
        self._commands.stop()
        self._hover.rest()
        self.parts.stop()
        self._playback.set_sound(None, 0)

    def tick(self, now: datetime) -> None:
        if self.isVisible():
            self.parts.timeline.set_now(now)
            self.parts.calendar.set_today(day_of(now))

    def go_back(self) -> bool:
        """Esc: from the camera that is alone, from what is selected, from the recordings."""
        if self.parts.players.alone is not None and self.parts.mode == TIMELINE:
            self.parts.players.set_alone(None)
        elif self.parts.mode == RECORDINGS:
            if not self.parts.recordings.clear_selection():
                self.set_mode(TIMELINE)
        elif self.parts.timeline.marks != (None, None):
            self.parts.timeline.clear_marks()
        else:
            return False
        return True

    def set_window_seen(self, seen: bool) -> None:
        self.parts.players.set_window_seen(seen)

    def set_full_screen(self, full: bool) -> None:
        self.parts.set_full_screen(full)

    def keep(self) -> object:
        self.player.remember()
        return page_state(self.parts, self.player, self.days.day)

    def bring_back(self, kept: object) -> None:
        assert isinstance(kept, PageState)
        if kept.task is not None:
            self.parts.maintenance.take_up(kept.task)
        self.set_mode(kept.mode)
        self.parts.timeline.set_marks(*kept.marks)
        self._awaited = kept
        if kept.at is not None:
            self.player.open(Target(kept.chosen or "", None, kept.at))
        elif kept.day is not None:
            self.player.show_day(kept.day)

    def focus_camera(self) -> str | None:
        config = self.player.config(self.parts.players.chosen or "")
        return config.id if config else None

    def set_mode(self, mode: str) -> None:
        """Show the timeline with the players, or all recordings of the day."""
        if mode == RECORDINGS:
            self._playback.pause()
        self.parts.set_mode(mode)
        self._actions.playback.recordings.setChecked(mode == RECORDINGS)
        self._show_clip_actions()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.parts.fit_columns(self.width())
        self.parts.timeline.set_now(self._clock.now())
        self.player.set_active(True)
        self.days.show_month(*self.parts.calendar.month)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self.parts.fit_columns(self.width())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._is_stopped:
            return  # The player belongs to the page that has taken its place.
        self.player.set_active(False)
        self._hover.rest()
        self._playback.set_sound(None, 0)
        self._save_choice()

    def event(self, event: QEvent) -> bool:
        """Leave the widget with the focus the keys that are its own; the others are the page's."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and belongs_to_focus(self.window().focusWidget(), event)
        ):
            event.accept()
            return True
        return super().event(event)

    def _connections(self) -> list[PageConnection]:
        """The signals of what outlives this page, each with its slot."""
        return [
            (self._fleet.cameras_changed, self._show_day),
            (self._preferences.changed, self._follow_preferences),
            (self._playback.position_changed, self._show_position),
            (self._playback.state_changed, self.parts.players.set_state),
            (self._playback.snapshot_saved, self._tell_snapshot),
            (self.tasks.deleting, self._leave_clips),
        ]

    def _connect_outside(self) -> None:
        for signal, slot in self._connections():
            signal.connect(slot)

    def _connect_actions(self) -> None:
        actions, parts = self._actions.playback, self.parts
        parts.players.addAction(actions.alone)
        does = {
            actions.snapshot: lambda: self._commands.snapshot(self._pictures_folder),
            actions.archive: lambda: self.tasks.archive(self._wanted_clips()),
            actions.delete: lambda: self.tasks.delete(self._wanted_clips()),
            actions.export: self._commands.export,
            actions.mark_in: parts.timeline.mark_start,
            actions.mark_out: parts.timeline.mark_end,
            actions.clear_marks: parts.timeline.clear_marks,
            actions.search_area: self._search_area,
            actions.recordings: self._toggle_mode,
            actions.next_day: lambda: self.player.go_to_day(1),
            actions.previous_day: lambda: self.player.go_to_day(-1),
            actions.alone: self._toggle_alone,
            actions.zoom_in: lambda: parts.players.zoom_by(1),
            actions.zoom_out: lambda: parts.players.zoom_by(-1),
            actions.zoom_reset: lambda: parts.players.zoom_by(0),
            actions.mute: lambda: self._preferences.change(muted=not self._preferences.value.muted),
        }
        for action, act in does.items():
            action.triggered.connect(lambda _on=False, act=act: act())
        for number, action in enumerate(actions.choose):
            action.triggered.connect(lambda _on=False, number=number: self._choose_number(number))

    def _connect_parts(self) -> None:
        parts, player = self.parts, self.player
        player.changed.connect(self._show_day)
        player.arrived.connect(self._arrive)
        player.emptied.connect(parts.set_empty)
        self.days.month_known.connect(parts.calendar.show_month)
        self.days.gaps_changed.connect(self._show_rows)
        parts.calendar.day_chosen.connect(player.show_day)
        parts.calendar.month_shown.connect(self.days.show_month)
        parts.cameras.switched.connect(player.switch)
        parts.kinds.changed.connect(player.set_kinds)
        parts.players.chosen_changed.connect(self._choose)
        parts.players.menu_wanted.connect(self._show_menu)
        parts.bar.mode_chosen.connect(self.set_mode)
        parts.bar.volume_changed.connect(lambda share: self._preferences.change(volume=share))
        self.control.clip_wanted.connect(player.go_to_clip)
        self.control.went_to_clip.connect(self.shown.follow)
        self.shown.changed.connect(self._show_clip_actions)
        self._commands.play_wanted.connect(self._play_clip)
        self.control.moved.connect(player.forget_target)
        self._connect_timeline()
        for gallery in (parts.gallery, parts.recordings):
            gallery.clip_activated.connect(self._play_clip)
            gallery.delete_wanted.connect(self.tasks.delete)
            gallery.archive_wanted.connect(self.tasks.archive)
            gallery.export_wanted.connect(self.tasks.export_clips)
        parts.recordings.selection_changed.connect(lambda _clips: self._show_clip_actions())

    def _connect_timeline(self) -> None:
        timeline = self.parts.timeline
        timeline.seek_wanted.connect(self._seek)
        timeline.scrub_began.connect(self.control.begin_scrub)
        timeline.scrub_ended.connect(self.control.end_scrub)
        timeline.row_chosen.connect(self._choose_row)
        timeline.clip_activated.connect(self._play_clip)
        timeline.menu_wanted.connect(lambda key, _at, place: self._show_menu(key, place))

    def _show_day(self, *_changed: object) -> None:
        parts, player = self.parts, self.player
        parts.cameras.show_cameras(player.listed(), player.chosen.listed)
        parts.kinds.set_kinds(player.kinds)
        parts.players.set_cameras(player.played())
        clips = player.clips()
        parts.gallery.set_clips(clips)
        parts.recordings.set_clips(clips)
        parts.bar.show_day(self.days.day)
        if self.days.day is not None:
            day = self.days.day
            parts.calendar.set_day(day)
            parts.timeline.set_span(day_start(day), day_end(day), self.days.clips)
        self._show_rows()
        self.shown.show_messages()
        self._show_clip_actions()
        if self._awaited is not None and self.days.day == self._awaited.day and clips:
            awaited, self._awaited = self._awaited, None
            show_again(awaited, parts)

    def _show_rows(self) -> None:
        player, gaps = self.player, self.days.gaps
        rows = [
            TimelineRow(folder, player.name(folder), player.clips_of(folder), gaps.get(folder, ()))
            for folder in player.chosen.shown(player.order())
        ]
        self.parts.timeline.set_rows(tuple(rows))
        self.parts.timeline.choose_row(self.parts.players.chosen or "")
        self.parts.fit_timeline()

    def _show_position(self, at: datetime) -> None:
        self.parts.transport.show_time(at)
        self.parts.timeline.set_position(at)
        self.shown.show_messages()

    def _show_clip_actions(self) -> None:
        """Let what can be done fit the clip that is shown, or those that are selected."""
        clips, actions = self._wanted_clips(), self._actions.playback
        has_clips, is_played = bool(self.player.clips()), self.parts.mode == TIMELINE
        self.parts.transport.set_enabled(has_clips and is_played)
        actions.archive.setEnabled(any(not clip.is_archived for clip in clips))
        actions.delete.setEnabled(bool(clips))
        actions.export.setEnabled(has_clips)
        actions.snapshot.setEnabled(is_played and self.shown.clip() is not None)
        for action in (actions.search_area, actions.next_day, actions.previous_day):
            action.setEnabled(self.days.day is not None)
        for gallery in (self.parts.gallery, self.parts.recordings):
            gallery.set_current(self.shown.path())

    def _wanted_clips(self) -> tuple[IndexedClip, ...]:
        if self.parts.mode == RECORDINGS:
            return self.parts.recordings.selected()
        clip = self.shown.clip()
        return (clip,) if clip else ()

    def _show_sound(self) -> None:
        settings = self._preferences.value
        available = self._fleet.sound_available
        self.parts.bar.show_sound(settings, available=available)
        heard = self.parts.players.chosen if available and not settings.muted else None
        self._playback.set_sound(heard if self.isVisible() else None, settings.volume)

    def _show_mute(self) -> None:
        self._actions.set_muted(self._preferences.value.muted)
        self._show_sound()

    def _follow_preferences(self, fields: frozenset[str]) -> None:
        if fields & {"muted", "volume"} and self.isVisible():
            self._show_mute()

    def _choose(self, key: str) -> None:
        self._playback.choose(key or None)
        self.parts.timeline.choose_row(key)
        self._show_sound()
        self._show_clip_actions()

    def _choose_row(self, folder: str) -> None:
        self.player.touch(folder)
        self.parts.players.choose(folder)

    def _choose_number(self, number: int) -> None:
        """The nth camera that plays."""
        keys = self.parts.players.tracks()
        if number < len(keys):
            self.parts.players.go_to(keys[number])

    def _arrive(self, folder: str) -> None:
        self.parts.players.choose(folder or self.parts.players.chosen)
        self.parts.transport.show_speed(1.0)
        self.control.speed = 1.0

    def _seek(self, at: datetime) -> None:
        self.player.forget_target()
        self._playback.seek(at)

    def _play_clip(self, clip: IndexedClip, at: datetime | None = None) -> None:
        """Play a clip from a moment in it, or from its beginning."""
        self.set_mode(TIMELINE)
        self.player.open(Target(clip.folder, clip.path, at or clip.start_at, plays=True))

    def _leave_clips(self, paths: tuple[Path, ...]) -> None:
        """Go to the next clip that stays, where the one that is played will be gone."""
        if self.shown.path() in paths:
            position = self._playback.position
            others = [c.start_at for c in self.player.clips() if c.path not in paths]
            later = [start for start in others if start > position]
            if others:
                self._playback.seek(min(later) if later else max(others))

    def _toggle_mode(self) -> None:
        self.set_mode(TIMELINE if self.parts.mode == RECORDINGS else RECORDINGS)

    def _toggle_alone(self) -> None:
        players = self.parts.players
        players.set_alone(None if players.alone else players.chosen)

    def _tell_snapshot(self, _key: str, path: str) -> None:
        self.told.emit(snapshot_banner(path, 1))

    def _search_area(self) -> None:
        self._commands.search_area(self._fleet.layout, self._clock, self._theme)

    def _show_menu(self, key: str, at: QPoint) -> None:
        if key:
            self._choose_row(key)
        self._actions.playback.menu(self._actions.full_screen, self).popup(at)

    def _hover_clip(self, folder: str, at: datetime) -> HoverClip | None:
        clip = self.player.clip_at(folder, at)
        return HoverClip(clip, self.player.rotation(folder)) if clip else None

    def _save_choice(self) -> None:
        kept = self.parts.places() | kept_choice(self.player)
        self._preferences.change(window=dict(self._preferences.value.window) | kept)
