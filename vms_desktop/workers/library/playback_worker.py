"""The thread that plays one track."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Problem
from vms_desktop.core.player import PlayedPicture, TrackOrder, TrackPlayer, TrackReport
from vms_desktop.workers import Latest, Worker, run_with_restart

RESTART_S = 1.0


class PlaybackWorker(Worker[TrackOrder]):
    """Runs a `TrackPlayer` and speaks for it in signals.

    Attributes:
        open_files: What it holds open now; replaced whole.

    Signals:
        track_changed: Key, and the path that is shown now or None.
        clip_failed: Key, path and `Problem`.
        snapshot_saved: Key and path, empty where it could not be saved.
    """

    track_changed = Signal(str, object)
    clip_failed = Signal(str, object, object)
    snapshot_saved = Signal(str, str)

    def __init__(
        self,
        key: str,
        make_track: Callable[[TrackReport], TrackPlayer],
        pictures: Latest[PlayedPicture],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(f"play-{key}", parent)
        self.open_files: frozenset[Path] = frozenset()
        self._key = key
        self._pictures = pictures
        self._track = make_track(
            TrackReport(
                show=pictures.put,
                changed=self._tell_change,
                failed=lambda path, problem: self.clip_failed.emit(key, path, problem),
                saved=lambda path: self.snapshot_saved.emit(key, str(path) if path else ""),
                opened=self._remember_open,
            )
        )

    def run(self) -> None:
        drop = partial(self._track.drop, Problem.CRASHED)
        run_with_restart(self, self._play, RESTART_S, drop)
        self._track.close()

    def _play(self) -> None:
        wait_s = 0.0
        while not self.inbox.wait(wait_s):
            while (order := self.inbox.take()) is not None:
                self._track.take(order)
            wait_s = self._track.advance()

    def _tell_change(self, path: Path | None) -> None:
        if path is None:
            # One that waits still would be taken after the news, and cover what it says.
            self._pictures.take()
        self.track_changed.emit(self._key, path)

    def _remember_open(self, paths: frozenset[Path]) -> None:
        self.open_files = paths
