"""The preview in a camera's dialog: its frames judged with the settings being edited.

Knows neither the connection nor the window: a session hands in its frames, and
what is made of them goes to `Preview.show`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Picture, Size, Viewport
from vms_desktop.core.camera.live_view import Viewer
from vms_desktop.core.config import Zone
from vms_desktop.core.media import Frame, luma
from vms_desktop.core.motion import BUSY_ANALYSIS_INTERVAL_S, Motion, MotionDetector
from vms_desktop.core.stream import VideoFacts

# Shorter than a running camera's: what a preview takes for motion while it learns is no event.
SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """A picture of the camera with what the edited settings make of it.

    Attributes:
        picture: Fitted to the preview's room; for the mask the detector's mask in grey.
        area_px: The largest moving area in the newest analysed frame, as `Motion.area_px`.
        threshold_px: The smallest that counts, likewise.
        moving: Whether that frame belongs to an event.
        is_mask: Whether the picture is the mask.
        settling: Whether the detector still learns the picture, so that no area is known.
    """

    picture: Picture
    area_px: float
    threshold_px: float
    moving: bool
    is_mask: bool
    settling: bool = False


@dataclass(frozen=True, slots=True)
class PreviewWishes:
    """The edited settings, and what of the camera is to be seen.

    Attributes:
        viewport: The room for the pictures; None where nobody can see them.
        mask: Whether the detector's mask is wanted instead of the camera's picture.
    """

    sensitivity: float
    zones: tuple[Zone, ...]
    rotation: int
    viewport: Viewport | None = None
    mask: bool = False


class Preview:
    """The hand-over between a preview and the thread that has the camera's frames.

    Attributes:
        wishes: Immutable, and replaced whole, from any thread.
        closed: Nobody looks any more.
    """

    def __init__(self, wishes: PreviewWishes, show: Callable[[PreviewFrame], object]) -> None:
        self.wishes = wishes
        self._show = show
        self.closed = False

    def close(self) -> None:
        """Want no frame any more. From any thread."""
        self.closed = True

    def show(self, frame: PreviewFrame) -> None:
        """Take a frame; the newest wins."""
        if not self.closed:
            self._show(frame)


class Previewer:
    """Makes a preview's frames of a stream's; owned by the thread that decodes the stream.

    Has a detector of its own, which takes frames as often as one in whose
    picture something moves. Where a running camera's is given, it begins with
    what that one has learnt, and is at once of use.
    """

    def __init__(
        self,
        preview: Preview,
        clock: Callable[[], float],
        known: MotionDetector | None = None,
        known_rotation: int = 0,
    ) -> None:
        self._preview = preview
        self._viewer = Viewer(self._show, clock)
        wishes = self._taken = preview.wishes
        if known is not None and wishes.rotation == known_rotation:
            self._detector = known.copied(settle_s=SETTLE_S)
        else:
            self._detector = MotionDetector(settle_s=SETTLE_S)
        self._detector.configure(wishes.sensitivity, wishes.zones)
        self._motion: Motion
        self._analysed_at = -math.inf

    @property
    def closed(self) -> bool:
        """Whether nobody looks any more."""
        return self._preview.closed

    def opened(self) -> None:
        """The stream is new."""
        self._detector.restart()
        self._analysed_at = -math.inf

    def frame(self, frame: Frame, video: VideoFacts, now: float, frame_rate: float) -> None:
        """Judge a frame of monotonic time `now` and show it."""
        wishes = self._preview.wishes
        if self._due(wishes, now):
            self._analysed_at = now
            self._motion = self._detector.analyse(luma(frame.image, wishes.rotation), now)
        self._viewer.viewport = wishes.viewport
        self._viewer.frame(frame, video, wishes.rotation, self._motion.boxes, frame_rate)

    def _due(self, wishes: PreviewWishes, now: float) -> bool:
        """True if the frame is to be analysed; the first after a change of settings always is."""
        taken, self._taken = self._taken, wishes
        if wishes.rotation != taken.rotation:
            self._detector.restart()
        changed = replace(taken, viewport=wishes.viewport, mask=wishes.mask) != wishes
        if changed:
            self._detector.configure(wishes.sensitivity, wishes.zones)
        return changed or now - self._analysed_at >= BUSY_ANALYSIS_INTERVAL_S

    def _show(self, picture: Picture) -> None:
        """Show the picture, or the detector's mask in its place, and what was made of it."""
        motion, is_mask = self._motion, self._taken.mask
        if is_mask:
            height, width = picture.pixels.shape[:2]
            picture = picture._replace(pixels=mask_pixels(self._detector.mask, Size(width, height)))
        self._preview.show(
            PreviewFrame(
                picture=picture,
                area_px=motion.area_px,
                threshold_px=motion.threshold_px,
                moving=motion.moving,
                is_mask=is_mask,
                settling=self._detector.settling,
            )
        )


def mask_pixels(mask: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """A mask of 0 and 255 as grey pixels: (height, width, 4) B G R X, read-only."""
    scaled = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    pixels = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_GRAY2BGRA), np.uint8)
    pixels.flags.writeable = False
    return pixels
