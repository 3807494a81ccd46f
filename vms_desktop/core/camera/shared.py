"""The values that the threads of one camera share, and when it is to be recorded."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from vms_desktop.core.base import Box, SleepWatch
from vms_desktop.core.camera.highlights import KEPT_S, Highlights
from vms_desktop.core.clips import ClipEnd, Trigger
from vms_desktop.core.config import CameraConfig, RecordingMode, schedule_applies
from vms_desktop.core.motion import Event, Motion

# HD silent for this long during an event: SD is recorded instead.
HD_SILENT_S = 2.0
# While an HD picture is younger, SD is not shown in its place.
HD_PICTURE_FRESH_S = 1.0
# An HD stream that sends a picture every few seconds is silent after so many of its intervals.
HD_INTERVALS = 1.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recording that is wanted now: why, and since when (monotonic s)."""

    trigger: Trigger
    since: float


def wanted(
    camera: CameraConfig, event: Event | None, manual_since: float | None, now: float, at: datetime
) -> Wanted | None:
    """The recording that is wanted at this moment; None where none is.

    `event` is the newest event, over or not, in monotonic seconds; `at` is local time.
    """
    if manual_since is not None:
        return Wanted(Trigger.MANUAL, manual_since)
    mode = camera.recording_mode
    if not camera.is_recording_enabled or mode is RecordingMode.MANUAL:
        return None
    if not schedule_applies(camera.schedule, at):
        return None
    if mode is RecordingMode.ALWAYS:
        return Wanted(Trigger.ALWAYS, now)
    if event is None:
        return None
    end = max(event.end + camera.post_record_seconds, event.start + camera.min_recording_time)
    return Wanted(Trigger.MOTION, event.start) if now < end else None


class CameraShared:
    """The hand-over between a camera's threads: the watching, the recording, the writing one.

    Every value on it is immutable and replaced whole, but for the two counts, which are
    statistics; the motions and the highlights have locks of their own.

    Attributes:
        camera: The configuration in force.
        sleeps: Tells when nothing ran; all cameras share one.
        event: The newest event in monotonic s, over or not.
        known_after_s: How long after its beginning an event is known at the latest.
        manual_since: When a person asked for a recording, None when nobody did.
        hd_at: When the newest HD packet arrived that a clip could go on with; None before
            the first.
        hd_interval_s: How far apart its pictures come by its own rhythm, where that is slow.
        login_settled: Whether the camera is known not to refuse the password: one
            stream tries it for both.
        boxes: What moves now, for pictures of either stream.
        hd_shown_at: When the newest HD picture was shown.
        highlights: Pictures of the moments with most motion.
        decoded, dropped: Frames decoded and packets dropped, for statistics.
        sound_from_hd: Whether HD carries the sound, so that SD need not be heard.
    """

    def __init__(self, camera: CameraConfig, sleeps: SleepWatch | None = None) -> None:
        self.camera = camera
        self.sleeps = sleeps or SleepWatch()
        self.event: Event | None = None
        self.known_after_s = 0.0
        self.manual_since: float | None = None
        self.hd_at: float | None = None
        self.hd_interval_s = 0.0
        self.login_settled = False
        self.boxes: tuple[Box, ...] = ()
        self.hd_shown_at = float("-inf")
        self.decoded = 0
        self.dropped = 0
        self.sound_from_hd = False
        self.highlights = Highlights()
        self._lock = Lock()
        self._motions: deque[Motion] = deque()

    def wanted(self, now: float, at: datetime) -> Wanted | None:
        """The recording that is wanted at this moment; no event lasts through a sleep."""
        event, manual_since, slept = self.event, self.manual_since, self.sleeps.newest
        if slept is not None:
            event = event if event and event.start >= slept.ended else None
            manual_since = manual_since and max(manual_since, slept.ended)
        return wanted(self.camera, event, manual_since, now, at)

    def hd_serves(self, now: float) -> bool:
        """True if HD packets arrive, so that SD need not be recorded.

        While the program was stopped for a moment nobody took them: that is no silence.
        """
        if self.hd_at is None:
            return False
        silent_s = max(HD_SILENT_S, HD_INTERVALS * self.hd_interval_s)
        hiccup = self.sleeps.hiccup
        unread_s = max(0.0, hiccup.ended - max(hiccup.began, self.hd_at))
        return now - self.hd_at - unread_s <= silent_s

    def hd_is_shown(self, now: float) -> bool:
        """True if HD is seen, so that SD need not be shown in its place."""
        fresh_s = max(HD_PICTURE_FRESH_S, HD_INTERVALS * self.hd_interval_s)
        return now - self.hd_shown_at <= fresh_s

    def moved(self, motion: Motion) -> None:
        """Remember a moving frame for the side-car of the clip that it falls into."""
        with self._lock:
            self._motions.append(motion)
            while self._motions[0].at < motion.at - KEPT_S:
                self._motions.popleft()

    def motions_between(self, start: float, end: float) -> tuple[Motion, ...]:
        """The moving frames of a span of monotonic time."""
        with self._lock:
            return tuple(motion for motion in self._motions if start <= motion.at <= end)

    def clip_end(self, start: float, last: float, end_at: datetime) -> ClipEnd:
        """What is known of a clip that ends, by its monotonic start and its last packet's."""
        motions = tuple(
            replace(motion, at=motion.at - start) for motion in self.motions_between(start, last)
        )
        return ClipEnd(end_at, motions, self.highlights.best(start, last))
