"""Which clip each view shows, and what is said where it shows none."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Problem
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import words
from vms_desktop.ui.playback.clip_words import clip_problem

if TYPE_CHECKING:
    from vms_desktop.ui.playback.day_player import DayPlayer
    from vms_desktop.ui.playback.players import Players
    from vms_desktop.workers.library import Playback


class ShownClips(QObject):
    """Listens to the player for the views.

    Signals:
        changed: A view shows another clip, or none.
    """

    changed = Signal()

    def __init__(
        self,
        playback: "Playback",
        player: "DayPlayer",
        players: "Players",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._playback = playback
        self._player = player
        self._players = players
        self._shown: dict[str, Path | None] = {}
        self._failed: dict[Path, Problem] = {}
        # The camera that had something to show since it was chosen: only it is left behind.
        self._had = ""
        playback.track_changed.connect(self._take_track)
        playback.clip_failed.connect(self._take_failure)

    def stop(self) -> None:
        """Let go of the player."""
        self._playback.track_changed.disconnect(self._take_track)
        self._playback.clip_failed.disconnect(self._take_failure)

    def path(self) -> Path | None:
        """The clip that the chosen view shows."""
        return self._shown.get(self._players.chosen or "")

    def clip(self) -> IndexedClip | None:
        """The same as the index knows it."""
        return self._player.clip_of(self.path())

    def follow(self) -> None:
        """Choose a camera that has a recording now, where the chosen one has none."""
        players, at = self._players, self._playback.position
        if self._player.clip_at(players.chosen or "", at) is not None:
            return
        keys = [key for key in players.tracks() if self._player.clip_at(key, at)]
        if keys:
            players.go_to(keys[0])

    def show_messages(self) -> None:
        """Say where nothing was recorded, and which clip cannot be played."""
        for key in self._players.tracks():
            view = self._players.view(key)
            if self._shown.get(key) is not None:
                view.set_message(None)
            elif key in self._shown or not self._player.clips_of(key):
                view.set_message(self._message(key))

    def _message(self, key: str) -> words.PictureMessage:
        clip = self._player.clip_at(key, self._playback.position)
        if clip is not None and clip.path in self._failed:
            told = clip_problem(self._failed[clip.path])
            return words.PictureMessage("failed", self.tr("This clip cannot be played"), told)
        return words.PictureMessage("no_recording", self.tr("No recording"))

    def _take_track(self, key: str, path: Path | None) -> None:
        if key == self._players.chosen and (path or self._shown.get(key)):
            self._had = key
        self._shown[key] = path
        if self._playback.is_playing:
            self._follow_play()
        if path is not None:
            self._failed.pop(path, None)
        self.show_messages()
        self.changed.emit()

    def _follow_play(self) -> None:
        """Play has gone on in another camera's clip: that one is large now.

        A camera that a person chose while it had nothing to show stays chosen.
        """
        players = self._players
        chosen = players.chosen or ""
        if chosen != self._had or self._shown.get(chosen) is not None:
            return
        others = [key for key in players.tracks() if self._shown.get(key) is not None]
        if others:
            players.go_to(others[0])
            self._had = others[0]

    def _take_failure(self, _key: str, path: Path, problem: Problem) -> None:
        self._failed[path] = problem
        self.show_messages()
