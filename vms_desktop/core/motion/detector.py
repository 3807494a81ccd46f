"""The detector of motion: OpenCV's MOG2 with everything around it that keeps it honest.

Knows luma planes and the caller's clock; no stream, no thread, no event. How it
decides, and what each step is there for, stands with `MotionDetector`.
"""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import cv2
import numpy as np

from vms_desktop.core.base import Box, Size
from vms_desktop.core.config import Zone
from vms_desktop.core.motion.background import Background, Difference, Luma, as_luma
from vms_desktop.core.motion.motion_grid import MOTION_GRID, NO_CELLS
from vms_desktop.core.motion.tracks import Rect, Track, Tracks, merged
from vms_desktop.core.motion.zone_mask import zone_mask

# Smallest moving share of the picture that counts where `sensitivity` is 0.
AUTOMATIC_AREA_SHARE = 0.00125

# How soon frames are analysed. They come on a grid of their own (67 ms at 15 fps): a quarter and
# a tenth of a second are meant, and one that is 20 ms early is taken.
QUIET_INTERVAL_S = 0.23
BUSY_ANALYSIS_INTERVAL_S = 0.08
# Of a camera whose frames are this far apart every one is taken: three make an event.
SLOW_CAMERA_S = 0.15

ANALYSIS_WIDTH_PX = 320
# What moves is measured this much larger on every side, in px of the SD picture: 2 px for the
# web version's dilating twice, about 2 for its blurring. So its px² hold at any analysis size.
GROWTH_PX = 4
# A blob needs this share of the picture before it is grown: a person of 20 x 7 px in
# 432 x 244 has 0.13 %, the edge of a white line on a trembling pole 0.05 %.
SMALLEST_RAW_SHARE = 0.0006

# Blind for this long after the light was switched, and until it has been stable for a moment.
RELEARN_S = 0.6
STABLE_S = 0.3

# Of a blob that moves, the edges change between two analysed frames; of one that was left
# behind by a digit or a lamp, nothing does.
CHANGED_SHARE = 0.12
# Foreground of this share of the picture may be a lamp's light rather than a thing.
LARGE_SHARE = 0.1
# Less than this share of the changes going the other way is light, not motion.
BOTH_WAYS_SHARE = 0.1

# Boxes closer than this share of the picture's width are drawn as one: head, trunk and legs.
BOX_GAP_SHARE = 0.02
MOST_BOXES = 16
MOST_BLOBS = 64


@dataclass(frozen=True, slots=True)
class Motion:
    """The motion in one analysed frame.

    Attributes:
        at: Time of the frame, in s of the caller's clock.
        since: Time of the first frame of the unbroken run of moving frames
            that this one confirms; None where nothing (yet) counts as motion.
        boxes: Where it moves, largest first; empty where `since` is None.
        area_px: The largest moving area, in px² of the SD picture after
            blurring and dilating, whatever size the analysis runs at; also
            told where it is below the threshold.
        threshold_px: The smallest area that counts at the moment, likewise.
        cells: Which cells of `MOTION_GRID` moved, packed.
    """

    at: float
    since: float | None
    boxes: tuple[Box, ...]
    area_px: float
    threshold_px: float
    cells: bytes

    @property
    def moving(self) -> bool:
        """Whether this frame belongs to an event."""
        return self.since is not None


class MotionDetector:
    """Frame in, `Motion` out; one camera, one thread.

    A frame is shrunk by a whole number, its exposure is brought back to that of
    the background, and it is compared with the frame before. Where nothing
    changed between the two, nothing can move, and the costly part, MOG2, is
    only fed once a second. Otherwise what MOG2 calls foreground, cleaned of
    single pixels, of restless places (`Background`) and of what zones exclude,
    falls into blobs; those that are large enough and of which a part changed
    since the frame before, not all to one side while the light is changing, are
    followed (`Tracks`), and those that were followed long enough are motion.
    Foreground all over the picture is the light: the background is learnt anew.

    The state is the background, the last few frames at the analysis size and
    the tracks; no reference to a caller's array is kept.
    """

    def __init__(
        self,
        *,
        sensitivity: float = 0,
        zones: tuple[Zone, ...] = (),
        settle_s: float = 5.0,
    ) -> None:
        self._settle_s = settle_s
        self.configure(sensitivity, zones)
        self.restart()

    def configure(self, sensitivity: float, zones: tuple[Zone, ...]) -> None:
        """Take new settings, effective from the next frame; what was learnt is kept."""
        self._sensitivity = sensitivity
        self._zones = zones
        self._watched: Luma | None = None

    def restart(self) -> None:
        """The stream is new: learn its picture again, and be silent while it settles."""
        self._background = Background()
        self._tracks = Tracks()
        self._size = Size(0, 0)
        self._last_at: float | None = None
        self._offered_at = math.inf
        self._settled_at = self._relearnt_at = -math.inf
        self._mask: Luma = np.zeros((1, 1), np.uint8)

    def copied(self, *, settle_s: float) -> "MotionDetector":
        """Another detector that has learnt the same, and goes on with frames of its own."""
        twin = copy(self)
        twin._settle_s = settle_s
        twin._background = self._background.copied()
        twin._tracks = copy(self._tracks)
        if self._last_at is not None:
            twin._settled_at = min(self._settled_at, self._last_at + settle_s)
        return twin

    @property
    def settling(self) -> bool:
        """Whether the picture is still being learnt, so that nothing counts as motion."""
        return self._last_at is None or self._last_at < max(self._settled_at, self._relearnt_at)

    @property
    def mask(self) -> Luma:
        """The foreground of the last frame: uint8, 0 or 255, at the analysis size."""
        return self._mask

    @property
    def calm(self) -> bool:
        """Whether nothing seems to move, so that the next frame need not come at once."""
        return not self._tracks.pending

    def wants(self, at: float) -> bool:
        """True if the frame at `at`, in s, is due: more often while something moves."""
        offered_at, self._offered_at = self._offered_at, at
        if self._last_at is None or at < self._last_at or at - offered_at >= SLOW_CAMERA_S:
            return True
        busy = not self.calm or at < max(self._settled_at, self._relearnt_at)
        return at - self._last_at >= (BUSY_ANALYSIS_INTERVAL_S if busy else QUIET_INTERVAL_S)

    def learn(self, luma: Luma, at: float) -> None:
        """Take a frame for the background alone, as if this ended the settling.

        For a file, whose opening can be looked at before it is judged.
        """
        picture = self._arrived(luma, at)
        self._settled_at = at
        self._background.learn(picture, at)

    def analyse(self, luma: Luma, at: float) -> Motion:
        """Take one frame.

        `luma` is the Y plane of the SD frame, shape (height, width), possibly a
        strided view; `at` its time in s, not before that of the frame before.
        """
        difference = self._difference(self._arrived(luma, at), at)
        blobs = self._blobs(difference) if difference else []
        return self._judged(blobs, at)

    def _arrived(self, luma: Luma, at: float) -> Luma:
        """The frame at the analysis size; another size, or a clock set back, is a new stream."""
        size = Size(luma.shape[1], luma.shape[0])
        if size != self._size or (self._last_at is not None and at < self._last_at):
            self._begin(size, at)
        self._last_at = at
        return self._shrunk(luma)

    def _begin(self, size: Size, at: float) -> None:
        self.restart()
        self._size = size
        self._factor = max(1, round(size.width / ANALYSIS_WIDTH_PX))
        self._watched = None
        self._settled_at = at + self._settle_s

    def _shrunk(self, luma: Luma) -> Luma:
        """The frame at the analysis size, without single pixels of rain and noise.

        A whole factor keeps OpenCV on its fast path (9 µs against 480 for 640×360).
        """
        factor = self._factor
        if factor == 1:
            return as_luma(cv2.GaussianBlur(cv2.medianBlur(luma, 3), (3, 3), 0))
        size = (luma.shape[1] // factor, luma.shape[0] // factor)
        whole = luma[: size[1] * factor, : size[0] * factor]
        return as_luma(cv2.medianBlur(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), 3))

    def _difference(self, picture: Luma, at: float) -> Difference | None:
        self._mask = np.zeros(picture.shape, np.uint8)
        if at < self._settled_at:
            self._background.learn(picture, at)
            return None
        if at < self._relearnt_at:
            if self._background.relearn(picture, at):
                self._relearnt_at = max(self._relearnt_at, at + STABLE_S)
            return None
        difference = self._background.compare(picture, at)
        if difference is None or not difference.whole:
            return difference
        self._relearnt_at = at + RELEARN_S
        self._background.relearn(picture, at)
        self._tracks = Tracks()
        return None

    def _blobs(self, difference: Difference) -> list["_Blob"]:
        """The foreground where motion counts, grown, and changed since the frame before."""
        mask = self._mask = self._counted(_lively(difference))
        if cv2.countNonZero(mask) == 0:
            return []
        radius = max(1, round(GROWTH_PX / self._factor))
        kernel = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
        grown = cv2.dilate(mask, kernel)
        contours, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        largest = sorted(contours, key=cv2.contourArea, reverse=True)[:MOST_BLOBS]
        changed = as_luma(cv2.bitwise_and(grown, difference.changed))
        blobs = (self._blob(each, radius, changed, difference.brightened) for each in largest)
        return [blob for blob in blobs if blob]

    def _blob(
        self, contour: cv2.typing.MatLike, radius: int, changed: Luma, brightened: Luma | None
    ) -> "_Blob | None":
        """The blob inside a contour; None where it is noise, stands still, or is light."""
        x, y, width, height = cv2.boundingRect(contour)
        part, mask = np.s_[y : y + height, x : x + width], self._mask
        pixels = cv2.countNonZero(mask[part])
        fewest = max(3, CHANGED_SHARE * pixels)
        if pixels < SMALLEST_RAW_SHARE * mask.size or cv2.countNonZero(changed[part]) < fewest:
            return None
        if brightened is not None and _is_light(changed[part], brightened[part]):
            return None
        left, top, width, height = cv2.boundingRect(mask[part])
        return _Blob(Rect(x + left, y + top, width, height), self._area_px(contour, radius))

    def _area_px(self, contour: cv2.typing.MatLike, radius: int) -> float:
        """Area in px² of the SD picture, grown by `GROWTH_PX` whatever the analysis size.

        A contour runs through the centres of the outermost pixels; what is
        missing to the growth is a seam along it (Steiner's formula).
        """
        factor = self._factor
        seam_px = GROWTH_PX - (radius - 0.5) * factor
        length_px = cv2.arcLength(contour, True) * factor
        return float(cv2.contourArea(contour) * factor**2 + length_px * seam_px)

    def _counted(self, foreground: Luma) -> Luma:
        """The foreground inside the zones that are watched."""
        if not self._zones:
            return foreground
        if self._watched is None:
            height, width = foreground.shape
            self._watched = zone_mask(self._zones, Size(width, height))
        return as_luma(cv2.bitwise_and(foreground, self._watched))

    def _judged(self, blobs: Sequence["_Blob"], at: float) -> Motion:
        threshold_px = (
            self._sensitivity or AUTOMATIC_AREA_SHARE * self._size.width * self._size.height
        )
        large = [blob for blob in blobs if blob.area_px >= threshold_px]
        tracks = self._tracks.update([blob.rect for blob in large], at, self._mask.shape[1])
        confirmed = [track for track in tracks if track.confirmed]
        return Motion(
            at=at,
            since=min((track.since for track in confirmed), default=None),
            boxes=self._boxes(confirmed),
            area_px=max((blob.area_px for blob in blobs), default=0.0),
            threshold_px=threshold_px,
            cells=self._cells(confirmed),
        )

    def _boxes(self, tracks: Sequence[Track]) -> tuple[Box, ...]:
        height, width = self._mask.shape
        rects = merged([track.rect for track in tracks], BOX_GAP_SHARE * width)
        return tuple(
            Box(rect.x / width, rect.y / height, rect.width / width, rect.height / height)
            for rect in rects[:MOST_BOXES]
        )

    def _cells(self, tracks: Sequence[Track]) -> bytes:
        if not tracks:
            return NO_CELLS
        moving = np.zeros_like(self._mask)
        for x, y, width, height in (track.rect for track in tracks):
            part = np.s_[y : y + height, x : x + width]
            moving[part] = self._mask[part]
        cells = cv2.resize(moving, MOTION_GRID, interpolation=cv2.INTER_AREA)
        return np.packbits(cells != 0).tobytes()


@dataclass(frozen=True, slots=True)
class _Blob:
    """A part of one frame that hangs together and changes, px² as `Motion.area_px`."""

    rect: Rect
    area_px: float


def _lively(difference: Difference) -> Luma:
    """The foreground; where much of it stands still (a lamp was lit), what is next to a change."""
    foreground, changed = difference.foreground, difference.changed
    pixels = cv2.countNonZero(foreground)
    if pixels < LARGE_SHARE * foreground.size:
        return foreground
    both = as_luma(cv2.bitwise_and(foreground, cv2.dilate(changed, np.ones((3, 3), np.uint8))))
    return foreground if cv2.countNonZero(both) > CHANGED_SHARE * pixels else both


def _is_light(changed: Luma, brightened: Luma) -> bool:
    """True if what changed became brighter, or darker, all of it.

    What moves covers at one end what it uncovers at the other.
    """
    pixels = cv2.countNonZero(changed)
    brighter = cv2.countNonZero(cv2.bitwise_and(changed, brightened))
    return min(brighter, pixels - brighter) < BOTH_WAYS_SHARE * pixels
