"""The transport's actions, carried out by the player."""

from collections.abc import Callable
from datetime import timedelta
from math import copysign
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vms_desktop.ui.playback.speeds import next_speed
from vms_desktop.ui.playback.transport import Transport

if TYPE_CHECKING:
    from vms_desktop.ui.base import PlaybackActions
    from vms_desktop.workers.library import Playback

SKIP_S = 5.0


class PlayerControl(QObject):
    """Plays, steps and goes from clip to clip.

    Attributes:
        speed: How fast it plays, or will.

    Signals:
        moved: A person has gone somewhere: what was being opened no longer counts.
        clip_wanted: The next clip (+1) or the one before (-1).
        went_to_clip: The clock stands at the beginning of another clip.
    """

    moved = Signal()
    clip_wanted = Signal(int)
    went_to_clip = Signal()

    def __init__(
        self,
        playback: "Playback",
        transport: Transport,
        actions: "PlaybackActions",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._playback = playback
        self._transport = transport
        self._rate_before_scrub: float | None = None
        self.speed = 1.0
        playback.state_changed.connect(transport.show_state)
        transport.speed_chosen.connect(self.set_speed)
        self._connect(actions)

    def stop(self) -> None:
        """Let go of the player."""
        self._playback.state_changed.disconnect(self._transport.show_state)

    def play(self) -> None:
        """Play forwards."""
        self._playback.play(self.speed)

    def toggle_play(self) -> None:
        """Play, or stand still."""
        self._playback.pause() if self._playback.is_playing else self.play()

    def reverse(self) -> None:
        """Play backwards, or stand still."""
        backwards = self._playback.is_playing and self._playback.rate < 0
        self._playback.pause() if backwards else self._playback.play(-self.speed)

    def set_speed(self, rate: float) -> None:
        """Play so fast from now on, in the same direction."""
        self.speed = rate
        self._transport.show_speed(rate)
        if self._playback.is_playing:
            self._playback.play(copysign(rate, self._playback.rate))

    def step(self, way: int) -> None:
        """One frame; 5 s while it plays."""
        if self._playback.is_playing:
            self.skip(way)
        else:
            self.moved.emit()
            self._playback.step(way)

    def skip(self, way: int) -> None:
        """Five seconds."""
        self.moved.emit()
        self._playback.seek(self._playback.position + timedelta(seconds=SKIP_S * way))

    def begin_scrub(self) -> None:
        """Stand still while a person drags along the timeline."""
        self._rate_before_scrub = self._playback.rate if self._playback.is_playing else None
        self._playback.pause()

    def end_scrub(self) -> None:
        """Go on as before, and the same way."""
        before, self._rate_before_scrub = self._rate_before_scrub, None
        if before is not None:
            self._playback.play(copysign(self.speed, before))

    def _connect(self, actions: "PlaybackActions") -> None:
        does = {
            actions.play: self.toggle_play,
            actions.reverse: self.reverse,
            actions.back: lambda: self.step(-1),
            actions.forward: lambda: self.step(1),
            actions.skip_back: lambda: self.skip(-1),
            actions.skip_forward: lambda: self.skip(1),
            actions.previous_clip: lambda: self._go_to_clip(-1),
            actions.next_clip: lambda: self._go_to_clip(1),
            actions.faster: lambda: self.set_speed(next_speed(self.speed, 1)),
            actions.slower: lambda: self.set_speed(next_speed(self.speed, -1)),
            actions.first: lambda: self._go_to_end(self._playback.first),
            actions.last: lambda: self._go_to_end(self._playback.last),
        }
        for action, act in does.items():
            action.triggered.connect(lambda _on=False, act=act: act())

    def _go_to_clip(self, steps: int) -> None:
        self.clip_wanted.emit(steps)
        self.went_to_clip.emit()

    def _go_to_end(self, go: Callable[[], None]) -> None:
        self.moved.emit()
        go()
        self.went_to_clip.emit()
