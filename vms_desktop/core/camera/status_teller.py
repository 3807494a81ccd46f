"""The status of one stream, told whenever it changes."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from vms_desktop.core.base import (
    CameraState,
    Clock,
    Problem,
    Sleep,
    Status,
    StorageProblem,
    StreamError,
)


class StatusTeller:
    """Makes a `Status` of what happens to a stream; used by the thread that reads it.

    Args:
        tell: Takes each new status.
        storage: What is wrong with the disk at the moment; told beside any state.
    """

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[Status], None],
        storage: Callable[[], StorageProblem | None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._storage = storage
        self._status = Status(state=CameraState.INITIALIZING, since_at=clock.now())
        self._pictured: float | None = None
        self._slept: Sleep | None = None

    @property
    def has_picture(self) -> bool:
        """Whether the stream was told to be live."""
        return self._status.state.has_picture

    def connecting(self) -> None:
        """A try to connect begins; a problem stays told until there is a picture."""
        if self._status.problem is None:
            self.become(CameraState.CONNECTING)
        else:
            self._publish(replace(self._status, next_try_at=None))

    def pictured(self, now: float) -> None:
        """A picture came."""
        self._pictured = now

    def become(
        self,
        state: CameraState,
        recording_since_at: datetime | None = None,
        *,
        manual: bool = False,
    ) -> None:
        """Tell a state without a problem, if there is anything new about it."""
        known = self._status
        told = (known.state, known.recording_since_at, known.manual, known.storage)
        if told == (state, recording_since_at, manual, self._storage()):
            return
        self._publish(
            Status(
                state=state,
                since_at=known.since_at if state is known.state else self._clock.now(),
                recording_since_at=recording_since_at,
                manual=manual,
            )
        )

    def slept(self, sleep: Sleep, *, is_lost: bool) -> None:
        """Nothing ran meanwhile, and a connection from before it, if there was one, is closed."""
        self._slept = sleep
        if self._pictured is not None:
            self._pictured -= sleep.hidden_s
        if is_lost:
            lost, since_at = CameraState.STREAM_LOST, sleep.began_at
            self._publish(Status(state=lost, since_at=since_at, problem=Problem.ASLEEP))

    def lacks_keyframes(self) -> None:
        """Pictures come and none is a keyframe; the stream stays open, one may come."""
        since_at, problem = self._lost_since(), Problem.NO_KEYFRAMES
        self._publish(Status(state=CameraState.FAILED, since_at=since_at, problem=problem))

    def failed(self, err: StreamError, delay_s: float, attempt: int) -> None:
        """The stream was lost or did not open; try number `attempt` comes after the delay."""
        now = self._clock.now()
        self._publish(
            Status(
                state=CameraState.FAILED if err.kind.lasting else CameraState.STREAM_LOST,
                since_at=self._lost_since(),
                problem=err.kind,
                detail=err.detail,
                next_try_at=None if delay_s == math.inf else now + timedelta(seconds=delay_s),
                attempt=attempt,
            )
        )

    def _lost_since(self) -> datetime:
        known = self._status
        if known.problem is Problem.ASLEEP and self._slept:
            return self._slept.ended_at
        if known.problem is not None:
            return known.since_at
        # A camera that was paused was not lost meanwhile.
        return (known.state.has_picture and self._picture_at()) or self._clock.now()

    def _picture_at(self) -> datetime | None:
        """The time of the last picture; None where none has come."""
        if self._pictured is None:
            return None
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - self._pictured)

    def _publish(self, status: Status) -> None:
        self._status = replace(status, last_picture_at=self._picture_at(), storage=self._storage())
        self._tell(self._status)
