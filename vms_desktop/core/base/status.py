"""The state of a camera, as values: `ui` has the words and colours for them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vms_desktop.core.base.errors import Problem, StorageProblem


class CameraState(StrEnum):
    """The one state of a camera that is told first; recording goes before motion."""

    INITIALIZING = "initializing"
    CONNECTING = "connecting"
    LIVE = "live"
    MOTION = "motion"
    RECORDING = "recording"
    STREAM_LOST = "stream_lost"
    FAILED = "failed"
    PAUSED = "paused"
    INACTIVE = "inactive"

    @property
    def has_picture(self) -> bool:
        """Whether new pictures arrive in this state."""
        return self in (CameraState.LIVE, CameraState.MOTION, CameraState.RECORDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A camera's state with the facts that a person wants beside it.

    Attributes:
        since_at: When this state began.
        problem, detail: Why the stream is lost or failed; the detail (a host,
            a codec) holds no secret.
        next_try_at, attempt: The coming try to connect and its number since
            the camera was last live.
        last_picture_at: When the last picture arrived, for a camera that is lost.
        recording_since_at: When the clip that is being written began.
        manual: Whether a person asked for this recording.
        storage: What is wrong with the disk, beside any state.
    """

    state: CameraState
    since_at: datetime
    problem: Problem | None = None
    detail: str = ""
    next_try_at: datetime | None = None
    attempt: int = 0
    last_picture_at: datetime | None = None
    recording_since_at: datetime | None = None
    manual: bool = False
    storage: StorageProblem | None = None
