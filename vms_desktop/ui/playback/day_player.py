"""The player's day: the clips that are shown and played, and the way to what was asked for."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Clock, day_of, parse_day
from vms_desktop.core.index import IndexedClip
from vms_desktop.core.player import TrackSource
from vms_desktop.ui.playback.camera_list import KINDS, ListedCamera, is_shown
from vms_desktop.ui.playback.chosen_cameras import MOST_PLAYED, ChosenCameras
from vms_desktop.ui.playback.player_view import PlayedCamera

if TYPE_CHECKING:
    from vms_desktop.core.config import CameraConfig
    from vms_desktop.ui.playback.day_clips import DayClips
    from vms_desktop.workers.camera import Fleet
    from vms_desktop.workers.library import Playback

# Clocks that were put back may have left clips of the future.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Target:
    """Something to be shown as soon as it is found; all empty: the newest clip.

    Attributes:
        camera_id: Whose newest clip it is, where no folder, clip or moment is known.
        plays: Whether it is played then.
    """

    folder: str = ""
    path: Path | None = None
    at: datetime | None = None
    plays: bool = False
    camera_id: str = ""


class DayPlayer(QObject):
    """Gives the player its tracks and takes it where a person wants to be.

    Attributes:
        chosen: The cameras that are listed and played.
        kinds: The kinds of clips that are shown, of `KINDS`.
        is_free: Whether nobody has chosen cameras yet, and the page may.

    Signals:
        changed: What is shown is another, and whether the day is another too.
        arrived: What was asked for is shown now (the camera's folder).
        emptied: Whether there is nothing at all to play.
    """

    changed = Signal(bool)
    arrived = Signal(str)
    emptied = Signal(bool)

    def __init__(
        self,
        days: "DayClips",
        playback: "Playback",
        fleet: "Fleet",
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._days = days
        self._playback = playback
        self._fleet = fleet
        self._clock = clock
        self._is_active = False
        self._target: Target | None = None
        self._places: dict[date, datetime] = {}
        self._by_folder: dict[str, tuple[IndexedClip, ...]] = {}
        self.chosen = ChosenCameras()
        self.kinds: tuple[str, ...] = KINDS
        self.is_free = True
        days.cameras_changed.connect(self._take_cameras)
        days.clips_changed.connect(self._take_clips)

    def order(self) -> tuple[str, ...]:
        """All folders: configured cameras as the file has them, then the others by name."""
        numbers = {camera.id: number for number, camera in enumerate(self._fleet.cameras())}
        known = sorted(
            self._days.cameras or (),
            key=lambda each: (numbers.get(each.camera_id, len(numbers)), each.name.casefold()),
        )
        return tuple(each.folder for each in known)

    def listed(self) -> tuple[ListedCamera, ...]:
        """The lines of the list of cameras."""
        counts = Counter(clip.folder for clip in self._days.clips if is_shown(clip, self.kinds))
        return tuple(self._line(folder, counts[folder]) for folder in self.order())

    def _line(self, folder: str, clips: int) -> ListedCamera:
        config, name = self.config(folder), self.name(folder)
        if config is None:
            return ListedCamera(folder, name, clips, self.tr("{name} (deleted)"), is_quiet=True)
        if not config.is_active:
            return ListedCamera(folder, name, clips, self.tr("{name} (inactive)"), is_quiet=True)
        return ListedCamera(folder, name, clips)

    def config(self, folder: str) -> "CameraConfig | None":
        """The camera of a folder; None for one that is deleted."""
        camera_id = next((c.camera_id for c in self._days.cameras or () if c.folder == folder), "")
        return next((c for c in self._fleet.cameras() if c.id == camera_id), None)

    def name(self, folder: str) -> str:
        """The name of a camera."""
        config = self.config(folder)
        if config is not None:
            return config.name
        return next((c.name for c in self._days.cameras or () if c.folder == folder), folder)

    def rotation(self, folder: str) -> int:
        """The turn of a camera's pictures, clockwise."""
        config = self.config(folder)
        return config.rotation if config else 0

    def clips(self) -> tuple[IndexedClip, ...]:
        """The clips of the cameras that are listed, oldest first."""
        return self._listed_of(self._days.clips)

    def _listed_of(self, clips: Iterable[IndexedClip]) -> tuple[IndexedClip, ...]:
        listed = self.chosen.listed
        return tuple(clip for clip in clips if clip.folder in listed and is_shown(clip, self.kinds))

    def clips_of(self, folder: str) -> tuple[IndexedClip, ...]:
        """A camera's clips among them, and those that reach into the day."""
        return self._by_folder.get(folder, ())

    def clip_at(self, folder: str, at: datetime) -> IndexedClip | None:
        """The camera's clip that began last of those that hold a moment."""
        clips = self.clips_of(folder)
        number = bisect_right(clips, at, key=lambda clip: clip.start_at)
        return next((clip for clip in reversed(clips[:number]) if at <= clip.end_at), None)

    def clip_of(self, path: Path | None) -> IndexedClip | None:
        """A clip of the day by its path."""
        clips = (*self._days.reaching, *self._days.clips)
        return next((clip for clip in clips if clip.path == path), None)

    def played(self) -> tuple[PlayedCamera, ...]:
        """The cameras that play."""
        made = []
        for folder in self.chosen.played(self.order()):
            config = self.config(folder)
            shows = config is None or config.show_detection
            made.append(PlayedCamera(folder, self.name(folder), shows, self.rotation(folder)))
        return tuple(made)

    def set_active(self, active: bool) -> None:
        """The page is shown, or not: then nothing plays and no file is open."""
        self._is_active = active
        self._days.set_active(active)
        if active:
            self._set_tracks()
            self._seek_remembered()
            if self._target is None and self._days.day is None:
                self._target = Target()
            self._go()
        else:
            self.remember()
            self._playback.pause()
            self._playback.set_tracks(())

    def open(self, target: Target) -> None:
        """Go to a camera, a clip or a moment, as soon as it is known."""
        self._days.stop_finding()
        self._target = target
        if self._is_active:
            self._go()

    def forget_target(self) -> None:
        """A person has gone elsewhere meanwhile."""
        self._days.stop_finding()
        self._target = None

    def show_day(self, day: date) -> None:
        """Show another day, where it was left or at its first clip."""
        self.forget_target()
        self.remember()
        self._days.show_day(day)

    def switch(self, folder: str, on: bool) -> None:
        """Choose a camera, or no longer."""
        self.is_free = False
        self.chosen.switch(folder, on)
        self._show(is_other_day=False)

    def touch(self, folder: str) -> None:
        """Have a camera among the players."""
        before = self.chosen.listed
        self.chosen.touch(folder)
        if self.chosen.listed != before:
            self._show(is_other_day=False)

    def set_kinds(self, kinds: tuple[str, ...]) -> None:
        """Show these kinds of clips."""
        self.kinds = kinds
        self._show(is_other_day=False)

    def go_to_clip(self, steps: int) -> None:
        """The next clip or the one before, on another day where this one has none."""
        position = self._playback.position
        starts = [clip.start_at for folder in self._folders() for clip in self.clips_of(folder)]
        is_there = any((start > position) if steps > 0 else (start < position) for start in starts)
        self._target = None
        if is_there or self._days.day is None:
            self._playback.go_to_clip(steps)
        else:
            self._days.find(position, self._open_found, forward=steps > 0, folders=self._folders())

    def go_to_day(self, way: int) -> None:
        """The next day that has clips, or the one before."""
        self._days.find_day(self._open_day, forward=way > 0)

    # How it is done.

    def remember(self) -> None:
        """Keep the moment at which this day is left."""
        if self._days.day is not None and day_of(self._playback.position) == self._days.day:
            self._places[self._days.day] = self._playback.position

    def place(self) -> datetime | None:
        """The moment at which the day was left."""
        return self._places.get(self._days.day) if self._days.day else None

    def _folders(self) -> tuple[str, ...]:
        return tuple(camera.key for camera in self.played())

    def _open_found(self, clip: IndexedClip | None) -> None:
        if clip is not None:
            self.open(Target(clip.folder, clip.path, clip.start_at))

    def _open_day(self, day: date | None) -> None:
        if day is not None:
            self.show_day(day)

    def _take_cameras(self) -> None:
        self._show(is_other_day=False)
        self.emptied.emit(not any(c.recordings + c.archives for c in self._days.cameras or ()))
        self._go()

    def _take_clips(self, is_other_day: bool) -> None:
        if self.is_free:
            self._choose_some()
        self._show(is_other_day=is_other_day)
        wanted = self._target
        self._go()
        if is_other_day and self._target is wanted:  # Nothing was wanted, or it is not there.
            self._begin_day()

    def _choose_some(self) -> None:
        """The cameras with the newest clips of the day, until four play."""
        newest = dict.fromkeys(clip.folder for clip in reversed(self._days.clips))
        others = [folder for folder in newest if folder not in self.chosen.listed]
        room = max(0, MOST_PLAYED - len(self.chosen.listed))
        self.chosen = ChosenCameras((*reversed(others[:room]), *self.chosen.listed))

    def _show(self, *, is_other_day: bool) -> None:
        by_folder: dict[str, list[IndexedClip]] = {}
        for clip in (*self._listed_of(self._days.reaching), *self.clips()):
            by_folder.setdefault(clip.folder, []).append(clip)
        self._by_folder = {folder: tuple(found) for folder, found in by_folder.items()}
        self._set_tracks()
        self.changed.emit(is_other_day)

    def _set_tracks(self) -> None:
        if self._is_active and self._days.day is not None:
            tracks = [TrackSource(c.key, self.clips_of(c.key), c.rotation) for c in self.played()]
            self._playback.set_tracks(tracks)

    def _begin_day(self) -> None:
        """Begin where the day was left, else at its first clip."""
        self._playback.pause()
        if not self._seek_remembered():
            starts = [clip.start_at for clip in self.clips()]
            if starts:
                self._playback.seek(min(starts))

    def _seek_remembered(self) -> bool:
        at = self.place()
        if at is not None:
            self._playback.seek(at)
        return at is not None

    def _go(self) -> None:
        """One step nearer to what is wanted; the next answer brings the next step."""
        target = self._target
        if target is None or not self._is_active or self._days.cameras is None:
            return
        if target.camera_id and not target.folder:
            target = self._target = replace(target, folder=self._folder_of(target.camera_id))
        if target.path is None and target.at is None:
            self._find_newest(target)
            return
        day = _day_of(target)
        if day != self._days.day:
            self.remember()
            self._days.show_day(day)
        else:
            self._arrive(target)

    def _folder_of(self, camera_id: str) -> str:
        found = (c.folder for c in self._days.cameras or () if c.camera_id == camera_id)
        return next(found, "")

    def _find_newest(self, target: Target) -> None:
        folders = (target.folder,) if target.folder else None
        at = self._clock.now() + _AHEAD
        self._days.find(at, self._take_newest, forward=False, folders=folders)

    def _take_newest(self, clip: IndexedClip | None) -> None:
        target = self._target
        if target is None:
            return
        if clip is not None:
            at = clip.start_at if target.plays else clip.event_start_at
            self.open(Target(clip.folder, clip.path, at, target.plays))
        elif self._days.day is not None:
            self._target = None
        elif target.folder:
            self.open(Target())

    def _arrive(self, target: Target) -> None:
        clip = self.clip_of(target.path)
        if clip is None and target.path is not None:
            return  # It was closed just now: the index tells of it in a moment.
        self._target = None
        folder = clip.folder if clip else target.folder
        if clip is not None and not is_shown(clip, self.kinds):
            self.kinds = KINDS
        if folder:
            self.chosen.touch(folder)
        self._show(is_other_day=False)
        at = target.at or (clip.start_at if clip else None)
        if at is not None:
            self._playback.pause()
            self._playback.seek(at)
        if target.plays:
            self._playback.play(1.0)
        self.arrived.emit(folder)


def _day_of(target: Target) -> date:
    """The day in whose folder a clip lies; else that of the moment."""
    day = parse_day(target.path.parent.name) if target.path else None
    if day is not None:
        return day
    assert target.at is not None
    return day_of(target.at)
