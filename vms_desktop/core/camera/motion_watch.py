"""Motion and events in the frames of a camera that is watched."""

from collections.abc import Callable
from datetime import datetime, timedelta

from vms_desktop.core.base import Clock
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.media import Frame, luma
from vms_desktop.core.motion import EventBegan, EventEnded, EventTracker, MotionDetector


class MotionWatch:
    """Judges frames, and tells a camera's other threads what moves; owned by the one that decodes.

    Args:
        event_began: Told the time of an event's first frame.

    Attributes:
        detector: What it judges with.
        moving: Whether an event is under way.
    """

    def __init__(
        self, shared: CameraShared, clock: Clock, event_began: Callable[[datetime], None]
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._event_began = event_began
        self._tracker = EventTracker()
        self.detector = MotionDetector()
        self.moving = False
        self.configure(shared.camera)

    def configure(self, camera: CameraConfig) -> None:
        """Judge by other settings from now on."""
        self.detector.configure(camera.sensitivity, camera.zones)

    def opened(self) -> None:
        """The stream is new."""
        self.detector.restart()

    def closed(self) -> None:
        """The stream is gone, and its event over."""
        self._tracker.lost()
        self.moving = False
        self._shared.boxes = ()

    def analyse(self, frame: Frame, now: float) -> None:
        """Judge a frame of monotonic time `now`."""
        shared, rotation = self._shared, self._shared.camera.rotation
        motion = self.detector.analyse(luma(frame.image, rotation), now)
        shared.boxes = motion.boxes
        if motion.moving:
            shared.moved(motion)
        change = self._tracker.update(motion.at, motion.since)
        if change is not None:
            self.moving = not isinstance(change, EventEnded)
            shared.event = change.event
        if isinstance(change, EventBegan):
            ago = self._clock.monotonic() - change.event.start
            self._event_began(self._clock.now() - timedelta(seconds=ago))
        if motion.moving:
            shared.highlights.offer(motion, frame, rotation)
