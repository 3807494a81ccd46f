"""Points, directions and the camera of a scene.

Metres throughout: x to the right, y up, z away from the viewer. Points and
colours (linear RGB) are float32 arrays whose last axis has length 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

WIDTH_PX, HEIGHT_PX = 640, 360
OVERSAMPLING = 2


def vector(*values: float) -> Array:
    """A point, direction or colour."""
    return np.array(values, np.float32)


def unit(vectors: Array) -> Array:
    """The same directions with length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def rgb(code: str) -> Array:
    """Linear RGB of a web colour such as `#aabbcc`."""
    shares = np.array([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return (shares**2.2).astype(np.float32)


def turned(points: Array, angle: float) -> Array:
    """Points turned about the vertical axis; a positive `angle` (rad) takes z towards x."""
    sine, cosine = np.sin(angle), np.cos(angle)
    matrix = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], np.float32)
    return points @ matrix.T


def smoothstep(values: Array | float, low: float, high: float) -> Array:
    """0 up to `low`, 1 from `high`, and a soft S between them."""
    share = np.clip((np.asarray(values, np.float32) - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


@dataclass(frozen=True)
class View:
    """Where the surveillance camera hangs and what it looks at.

    Attributes:
        angle: Horizontal angle of view in degrees.
    """

    eye: Array
    target: Array
    angle: float

    @property
    def axes(self) -> tuple[Array, Array, Array]:
        """Right, up and forward."""
        forward = unit(self.target - self.eye)
        right = unit(np.cross(vector(0, 1, 0), forward))
        return right, np.cross(forward, right).astype(np.float32), forward

    @property
    def focal_px(self) -> float:
        """Focal length in pixels of the finished picture."""
        return WIDTH_PX / 2 / np.tan(np.radians(self.angle) / 2)

    def rays(self) -> Array:
        """Directions through all pixels of the oversampled picture, row by row."""
        width, height = WIDTH_PX * OVERSAMPLING, HEIGHT_PX * OVERSAMPLING
        across = (np.arange(width) + 0.5 - width / 2) / OVERSAMPLING / self.focal_px
        down = (np.arange(height) + 0.5 - height / 2) / OVERSAMPLING / self.focal_px
        right, up, forward = self.axes
        directions = forward + across[None, :, None] * right - down[:, None, None] * up
        return unit(directions.astype(np.float32).reshape(-1, 3))

    def project(self, points: Array) -> tuple[Array, Array]:
        """Pixels (n×2) of the finished picture, and distances along the axis of view."""
        right, up, forward = self.axes
        offsets = points - self.eye
        depth = np.maximum(offsets @ forward, 0.05)
        across = WIDTH_PX / 2 + self.focal_px * (offsets @ right) / depth
        down = HEIGHT_PX / 2 - self.focal_px * (offsets @ up) / depth
        return np.stack([across, down], axis=-1).astype(np.float32), depth
