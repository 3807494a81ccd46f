"""Playback of one to four cameras in step, as the window sees it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from vms_desktop.core.base import Clock, Layout, Viewport
from vms_desktop.core.media import SoundBuffer
from vms_desktop.core.player import (
    HearTrack,
    LookAgain,
    PlayedPicture,
    Player,
    PlayState,
    SaveFrame,
    ShowTrack,
    StepFrames,
    TrackOrder,
    TrackPlayer,
    TrackReport,
    TrackSource,
    epoch_us,
    local_datetime,
)
from vms_desktop.workers import Latest, SoundOutput, join_all
from vms_desktop.workers.library.playback_worker import PlaybackWorker

TELL_MS = 33
# Waiting is worth a word after this long.
WAITING_S = 0.3


class Playback(QObject):
    """Plays tracks, each in a thread of its own, on one clock; used from the GUI thread.

    A moment shows the last frame at or before it, on every track. Where clips
    of a track overlap, the one that started last is shown.

    Wants a parent: left to Python's collector it would be destroyed in whichever
    thread that runs. `stop` comes before its end.

    Signals:
        position_changed: The aware time that is shown, up to 30 times a second.
        state_changed: The new `PlayState`.
        track_changed: Key, and the path that is shown now; None where nothing was recorded.
        clip_failed: Key, path and `Problem`; the clip's time counts as empty from now on.
        snapshot_saved: Key and path, empty where it could not be saved.
    """

    position_changed = Signal(object)
    state_changed = Signal(object)
    track_changed = Signal(str, object)
    clip_failed = Signal(str, object, object)
    snapshot_saved = Signal(str, str)

    _woken = Signal()

    def __init__(
        self,
        layout: Layout,
        sound: SoundOutput,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._layout = layout
        self._sound = sound
        self._clock = clock or Clock()
        self._workers: dict[str, PlaybackWorker] = {}
        self._leaving: set[PlaybackWorker] = set()
        self._pictures: dict[str, Latest[PlayedPicture]] = {}
        self._viewports: dict[str, Viewport | None] = {}
        self._heard: str | None = None
        self._buffer: SoundBuffer | None = None
        self._state = PlayState()
        self._told_us: int | None = None
        self._waiting_since: float | None = None
        self._news: Latest[bool] = Latest()
        # Replaced whole: read by the tracks' threads.
        self._woken_workers: tuple[PlaybackWorker, ...] = ()
        self._open_workers: tuple[PlaybackWorker, ...] = ()
        self._player = Player(self._clock, self._wake)
        self._woken.connect(self._tell)
        self._timer = QTimer(self, interval=TELL_MS)
        self._timer.timeout.connect(self._tell)

    # What is played.

    def set_tracks(self, tracks: Sequence[TrackSource]) -> None:
        """The tracks from now on, one to four; those that stay play on undisturbed.

        Raises:
            ValueError: More than four, or two of one key.
        """
        self._player.set_tracks(tracks)
        keys = [track.key for track in tracks]
        for key in self._workers.keys() - set(keys):
            self._leave(key)
        for key in keys:
            if key not in self._workers:
                self._begin(key)
        self._wake()

    def pictures(self, key: str) -> Latest[PlayedPicture]:
        """The place in which the newest picture of a track waits."""
        return self._pictures.setdefault(key, Latest())

    def set_viewport(self, key: str, viewport: Viewport | None) -> None:
        """The room for a track's picture; None where nobody sees it."""
        self._viewports[key] = viewport
        self._post(key, ShowTrack(viewport))

    def set_sound(self, key: str | None, volume: float) -> None:
        """The track that is heard, at a volume of 0 to 1; only at its own pace, forwards."""
        self._sound.volume = volume
        if key == self._heard:
            return
        if self._heard is not None:
            self._post(self._heard, HearTrack(None))
        self._heard = key
        self._buffer = self._sound.open() if key is not None else None
        if key is None:
            self._sound.close()
        else:
            self._post(key, HearTrack(self._buffer))

    # Transport.

    @property
    def state(self) -> PlayState:
        """The state in which it plays, as told last."""
        return self._state

    @property
    def is_playing(self) -> bool:
        """Whether the clock is meant to move."""
        return self._player.playing

    @property
    def rate(self) -> float:
        """The rate at which it moves, or moved last."""
        return self._player.rate

    @property
    def position(self) -> datetime:
        """The time that is shown."""
        return local_datetime(self._player.read().position_us)

    def play(self, rate: float = 1.0) -> None:
        """Play at ¼ to 16 times the pace, backwards where negative; ValueError for another."""
        self._player.play(rate)

    def pause(self) -> None:
        """Stand still."""
        self._player.pause()

    def seek(self, at: datetime) -> None:
        """Go to a time; while one seek is under way, only the newest other one is kept."""
        self._player.seek(epoch_us(at))

    def step(self, frames: int) -> None:
        """Go exactly so many frames of the chosen track forward, back where negative."""
        self._player.pause()
        key = self._player.stepped_key
        if key is not None and frames:
            self._post(key, StepFrames(frames))

    def choose(self, key: str | None) -> None:
        """The track whose frames are stepped; None for the first one with a recording."""
        self._player.choose(key)

    def go_to_clip(self, steps: int) -> None:
        """To the beginning of the next clip (+1) or of this one or the one before (-1)."""
        start_us = self._player.clip_start(steps)
        if start_us is not None:
            self._player.seek(start_us)

    def first(self) -> None:
        """To the beginning of the first clip."""
        if ends := self._player.ends():
            self._player.seek(ends[0])

    def last(self) -> None:
        """To the beginning of the last clip."""
        if ends := self._player.ends():
            self._player.seek(ends[1])

    @property
    def skip_empty(self) -> bool:
        """Whether play jumps over time of which no track has a recording."""
        return self._player.skip_empty

    @skip_empty.setter
    def skip_empty(self, skip: bool) -> None:
        self._player.skip_empty = skip

    def snapshot(self, key: str, path: Path) -> None:
        """Save the frame that a track shows, in full, as a PNG."""
        if key in self._workers:
            self._post(key, SaveFrame(path))
        else:
            self.snapshot_saved.emit(key, "")

    # The end.

    def in_use(self) -> frozenset[Path]:
        """The clips that are open now, and must not be deleted; may be asked by any thread."""
        return frozenset(path for worker in self._open_workers for path in worker.open_files)

    def stop(self, deadline: float) -> bool:
        """End all threads by monotonic `deadline`; whether they are gone.

        One that hangs in the system (a share that does not answer) is left behind.
        """
        self._timer.stop()
        self._sound.close()
        for key in list(self._workers):
            self._leave(key)
        return join_all(set(self._leaving), deadline)

    # How it is done.

    def _begin(self, key: str) -> None:
        def make_track(report: TrackReport) -> TrackPlayer:
            sidecar_of = self._layout.sidecar_path
            return TrackPlayer(key, self._player, report, sidecar_of, self._clock)

        worker = PlaybackWorker(key, make_track, self.pictures(key), self)
        worker.track_changed.connect(self.track_changed)
        worker.clip_failed.connect(self.clip_failed)
        worker.snapshot_saved.connect(self.snapshot_saved)
        worker.finished.connect(partial(self._gone, worker))
        self._workers[key] = worker
        self._note_workers()
        worker.post(ShowTrack(self._viewports.get(key)))
        if key == self._heard:
            worker.post(HearTrack(self._buffer))
        worker.start()

    def _leave(self, key: str) -> None:
        worker = self._workers.pop(key)
        self._leaving.add(worker)
        self._note_workers()
        worker.stop()

    def _gone(self, worker: PlaybackWorker) -> None:
        self._leaving.discard(worker)
        self._note_workers()
        worker.deleteLater()

    def _note_workers(self) -> None:
        self._woken_workers = tuple(self._workers.values())
        self._open_workers = (*self._woken_workers, *self._leaving)

    def _post(self, key: str, order: TrackOrder) -> None:
        if key in self._workers:
            self._workers[key].post(order)

    def _wake(self) -> None:
        """Have everybody look again; called by any thread."""
        for worker in self._woken_workers:
            worker.post(LookAgain())
        if self._news.put(True):
            self._woken.emit()

    def _tell(self) -> None:
        self._news.take()
        reading, now = self._player.read(), self._clock.monotonic()
        if not reading.is_waiting:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        waiting = self._waiting_since is not None and now - self._waiting_since > WAITING_S
        if reading.position_us != self._told_us:
            self._told_us = reading.position_us
            self.position_changed.emit(local_datetime(reading.position_us))
        self._tell_state(PlayState(self._player.playing, self._player.rate, waiting))
        self._keep_telling(reading.is_waiting)

    def _tell_state(self, state: PlayState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _keep_telling(self, waiting: bool) -> None:
        if (self._player.playing or waiting) != self._timer.isActive():
            self._timer.stop() if self._timer.isActive() else self._timer.start()
