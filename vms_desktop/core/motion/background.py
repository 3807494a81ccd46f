"""The picture of a camera without what moves in it: learnt, and compared with each new one.

Works on small luma planes, uint8 of shape (height, width); knows no threshold of
area, no zone and no event.
"""

import math
from collections import deque
from copy import copy, deepcopy
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.motion.motion_grid import MOTION_GRID

# The brightness of a picture: shape (height, width).
Luma = NDArray[np.uint8]

# Time constant of the background: what stands still for a tenth of it belongs to it.
HISTORY_S = 60.0

# A model that is not fed forgets nothing, but learns no slow change of light either.
LONGEST_UNFED_S = 2.0
# MOG2: foreground is what differs by six standard deviations, which are between 2 and 9 levels.
VAR_THRESHOLD = 36
MIXTURES = 3
# What a copied model takes for the noise until it knows better; with OpenCV's 15 much of what
# is faint is missed at first, with 8 leaves in the wind count.
COPIED_VARIANCE = 10.0

STRIDE_S = 0.12
# A pixel has changed where it differs by more than noise does between two pictures: 3.6
# standard deviations of it are 4.5 times the mean difference.
FEWEST_LEVELS, MOST_LEVELS = 8, 40
NOISE_FACTOR = 4.5
NOISE_RATE, NOISE_FALL_RATE = 0.1, 0.5

RESTLESS_HISTORY_S = 120.0
RESTLESS_SPAN_S = 5.0
# A cell is restless that changes in a fifth of the pictures; of swaying branches every cell
# does, of somebody who dances on the spot for a minute the outline does not.
RESTLESS_SHARE = 0.2
STILL_SHARE = 0.08
CHANGED_CELL_SHARE = 0.2

# More than this share of the picture at once is the light or the camera, not a visitor.
WHOLE_SHARE = 0.5
# So is this much that stands still.
STATIC_SHARE = 0.25

BLACK_LEVEL = 16
WHITE_LEVEL = 235
COARSE_GRID = (16, 9)
EXPOSURE_HISTORY_S = 120.0
SETTLING_EXPOSURE_S = 2.0
# Below this many usable cells of the grid, exposure cannot be told from content.
FEWEST_CELLS = 16
GREATEST_GAIN = 3.0
# Light that changes by more than 1 % per second, and for some seconds after a larger change.
DRIFT_HISTORY_S = 3.0
DRIFT_LOG_GAIN = 0.03


class Exposure:
    """Brings pictures to the brightness of a slow reference, by one factor.

    A camera that opens its iris multiplies linear light, which gamma leaves a
    factor on luma above black; its median over a coarse grid is that of the
    background as long as what moves covers less than half of the picture.
    """

    def __init__(self) -> None:
        self._reference: NDArray[np.float32] | None = None
        self._gain, self._slow_gain = 1.0, 1.0

    @property
    def drifts(self) -> bool:
        """Whether the light is changing: dusk, a cloud, an iris that hunts."""
        return abs(math.log(self._gain / self._slow_gain)) > DRIFT_LOG_GAIN

    def corrected(self, picture: Luma, elapsed_s: float, history_s: float) -> Luma:
        """The picture as it would be at the reference's exposure.

        `history_s` is the time constant at which the reference follows the pictures.
        """
        small = cv2.resize(picture, COARSE_GRID, interpolation=cv2.INTER_AREA)
        grid = small.astype(np.float32) - BLACK_LEVEL
        if self._reference is None:
            self._reference = grid
            return picture
        gain = self._gain = self._gain_between(grid, self._reference)
        self._slow_gain += _rate(elapsed_s, DRIFT_HISTORY_S) * (gain - self._slow_gain)
        self._reference += _rate(elapsed_s, history_s) * (grid - self._reference)
        if abs(gain - 1) < 0.005:
            return picture
        levels = (np.arange(256, dtype=np.float32) - BLACK_LEVEL) * gain + BLACK_LEVEL
        return as_luma(cv2.LUT(picture, np.clip(levels, 0, 255).astype(np.uint8)))

    @staticmethod
    def _gain_between(grid: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
        lowest, highest = 8, WHITE_LEVEL - BLACK_LEVEL - 5
        usable = (np.minimum(grid, reference) > lowest) & (np.maximum(grid, reference) < highest)
        if np.count_nonzero(usable) < FEWEST_CELLS:
            return 1.0
        gain = _median(reference[usable] / grid[usable])
        return min(max(gain, 1 / GREATEST_GAIN), GREATEST_GAIN)


class Change:
    """Finds what differs between a picture and an earlier one by more than noise.

    The earlier one is the newest that is `STRIDE_S` old, so that slow walkers
    take a step between the two at any rate of analysis. The noise is that of
    the median cell of a coarse grid, so that what moves in a part of the
    picture does not count as noise.
    """

    def __init__(self) -> None:
        self._earlier: deque[tuple[float, Luma]] = deque()
        self._noise = 0.0

    def since(self, picture: Luma, at: float) -> Luma | None:
        """The change up to the picture of time `at`: 0 or 255; None where there is none."""
        while len(self._earlier) > 1 and self._earlier[1][0] <= at - STRIDE_S:
            self._earlier.popleft()
        earlier = self._earlier[0][1] if self._earlier else picture
        self._earlier.append((at, picture))
        difference = cv2.absdiff(picture, earlier)
        levels = min(max(NOISE_FACTOR * self._heard(difference), FEWEST_LEVELS), MOST_LEVELS)
        _, changed = cv2.threshold(difference, levels, 255, cv2.THRESH_BINARY)
        if cv2.countNonZero(changed) == 0:
            return None
        changed = cv2.medianBlur(changed, 3)
        return as_luma(changed) if cv2.countNonZero(changed) else None

    def brightened(self) -> Luma:
        """The places where the last picture is brighter than the earlier one: 0 or 255."""
        return as_luma(cv2.compare(self._earlier[-1][1], self._earlier[0][1], cv2.CMP_GT))

    def _heard(self, difference: cv2.typing.MatLike) -> float:
        """The mean difference that noise makes; what a switched light makes hardly counts."""
        cells = cv2.resize(difference, COARSE_GRID, interpolation=cv2.INTER_AREA)
        heard = min(_median(cells), MOST_LEVELS / NOISE_FACTOR)
        rate = NOISE_RATE if heard > self._noise else NOISE_FALL_RATE
        self._noise += rate * (heard - self._noise)
        return self._noise


class Restlessness:
    """Places that change most of the time: leaves in the wind, water, running digits.

    Counted in cells much larger than a leaf: a person who walks through one of
    them changes it for less than a second. While learning, only what changes in
    every span of `RESTLESS_SPAN_S` counts, so that somebody who lingers in the
    opening of a file is not taken for a tree.
    """

    def __init__(self) -> None:
        self._shares = np.zeros(MOTION_GRID[::-1], np.float32)
        self._spans: list[NDArray[np.float32]] = []
        self._span_at = 0.0
        self._learnt = 0

    def learn(self, changed: Luma | None, at: float) -> None:
        """Take what changed in one of the pictures that are seen while settling."""
        if self._learnt == 0:
            self._span_at = at
        elif at - self._span_at >= RESTLESS_SPAN_S:
            self._spans.append(self._shares)
            self._span_at, self._learnt = at, 0
        self._learnt += 1
        self._mix(changed, 1 / self._learnt)

    def saw(self, changed: Luma | None, elapsed_s: float) -> None:
        """Take what changed in one picture, `elapsed_s` after the one before."""
        if self._learnt:
            self._shares, self._spans, self._learnt = self._overall(), [], 0
        self._mix(changed, _rate(elapsed_s, RESTLESS_HISTORY_S))

    def _overall(self) -> NDArray[np.float32]:
        """The mean share of each cell, 0 where it was still in one of the spans."""
        spans = np.stack([*self._spans, self._shares])
        always = spans.min(axis=0) > STILL_SHARE
        return np.where(always, spans.mean(axis=0), 0).astype(np.float32)

    def _mix(self, changed: Luma | None, rate: float) -> None:
        self._shares = self._shares * (1 - rate)
        if changed is not None:
            cells = cv2.resize(changed, MOTION_GRID, interpolation=cv2.INTER_AREA)
            self._shares += (cells > 255 * CHANGED_CELL_SHARE).astype(np.float32) * rate

    def quieted(self, foreground: Luma) -> Luma:
        """The foreground outside of restless places and what lies next to them."""
        restless = (self._shares > RESTLESS_SHARE).astype(np.uint8)
        if not restless.any():
            return foreground
        size = foreground.shape[::-1]
        quiet = cv2.dilate(restless, np.ones((3, 3), np.uint8)) == 0
        scaled = cv2.resize(quiet.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        return as_luma(cv2.bitwise_and(foreground, foreground, mask=scaled))


@dataclass(frozen=True, slots=True)
class Difference:
    """One picture against the background, and against the picture before.

    Attributes:
        foreground: uint8, 0 or 255: what is not background.
        changed: uint8, 0 or 255: what differs from the picture before.
        brightened: Likewise, what is brighter than before; only while the
            light is changing, else None.
        whole: Whether so much of it is foreground that the light was switched.
    """

    foreground: Luma
    changed: Luma
    brightened: Luma | None
    whole: bool


class Background:
    """OpenCV's MOG2 on one channel, fed by time and only when that can tell something.

    Owns the model, the exposure reference and the last few pictures.
    """

    def __init__(self) -> None:
        self._model = _model()
        self._exposure = Exposure()
        self._change = Change()
        self._restless = Restlessness()
        self._fed_at = -math.inf
        self._seen_at = 0.0
        self._learnt = 0

    def copied(self) -> "Background":
        """Another one that has learnt the same.

        OpenCV gives away the means of its model only, not how they vary: that,
        and what a place looks like at other times, the copy learns anew. On
        four filmed scenes its areas were 10 % off at first, seldom 30 %.
        """
        twin = copy(self)
        twin._model = _model()
        if self._fed_at > -math.inf:
            usual = twin._model.getVarInit()
            twin._model.setVarInit(COPIED_VARIANCE)
            twin._model.apply(self._model.getBackgroundImage(), None, 1.0)
            twin._model.setVarInit(usual)
        twin._exposure = deepcopy(self._exposure)
        twin._change = deepcopy(self._change)
        twin._restless = deepcopy(self._restless)
        return twin

    def learn(self, picture: Luma, at: float) -> None:
        """Take a picture of which nothing is known yet: all so far weigh the same."""
        level = self._level(picture, at, SETTLING_EXPOSURE_S)
        self._learnt += 1
        self._restless.learn(self._change.since(level, at), at)
        self._feed(level, at, 1 / self._learnt)

    def relearn(self, picture: Luma, at: float) -> bool:
        """Take a picture that changed as a whole for the background; True while it still does."""
        self._exposure = Exposure()
        level = self._level(picture, at, SETTLING_EXPOSURE_S)
        changed = self._change.since(level, at)
        self._feed(level, at, 1.0)
        return changed is not None and _share(changed) > STATIC_SHARE

    def compare(self, picture: Luma, at: float) -> Difference | None:
        """The difference; None where the picture is the one before, so that nothing can move."""
        elapsed_s = at - self._seen_at
        level = self._level(picture, at, EXPOSURE_HISTORY_S)
        changed = self._change.since(level, at)
        self._restless.saw(changed, elapsed_s)
        unfed_s = at - self._fed_at
        if changed is None and unfed_s < LONGEST_UNFED_S:
            return None
        raw = self._feed(level, at, _rate(min(unfed_s, LONGEST_UNFED_S), HISTORY_S))
        if changed is None:
            return Difference(raw, raw, None, whole=True) if _share(raw) > STATIC_SHARE else None
        foreground = as_luma(cv2.medianBlur(raw, 3))
        whole = _share(foreground) > WHOLE_SHARE
        brightened = self._change.brightened() if self._exposure.drifts else None
        return Difference(self._restless.quieted(foreground), changed, brightened, whole)

    def _level(self, picture: Luma, at: float, history_s: float) -> Luma:
        elapsed_s, self._seen_at = max(0.0, at - self._seen_at), at
        return self._exposure.corrected(picture, elapsed_s, history_s)

    def _feed(self, level: Luma, at: float, rate: float) -> Luma:
        self._fed_at = at
        return as_luma(self._model.apply(level, None, rate))


def _model() -> cv2.BackgroundSubtractorMOG2:
    model = cv2.createBackgroundSubtractorMOG2(varThreshold=VAR_THRESHOLD, detectShadows=False)
    # With OpenCV's five the models of many cameras do not fit into the processor's cache.
    model.setNMixtures(MIXTURES)
    return model


def _share(mask: Luma) -> float:
    return cv2.countNonZero(mask) / mask.size


def _median(values: NDArray[np.generic]) -> float:
    """The (upper) median; a tenth of the time that NumPy's own takes for so few values."""
    flat = np.sort(values, axis=None)
    return float(flat[flat.size // 2])


def _rate(elapsed_s: float, history_s: float) -> float:
    """The weight of a picture that stands for `elapsed_s` of a history."""
    return 1 - math.exp(-elapsed_s / history_s)


def as_luma(picture: cv2.typing.MatLike) -> Luma:
    """A picture that OpenCV's stubs call a matrix, as what it is."""
    return picture  # type: ignore[return-value]
