"""Digital zoom as arithmetic: the part of a picture that is seen. Knows no widget."""

from dataclasses import dataclass, replace

MAX_SCALE = 12.0
# One notch of the wheel; ten notches are nearly the whole range.
STEP = 1.25


@dataclass(frozen=True, slots=True)
class Zoom:
    """The enlargement of a picture, and the point of it (0…1) in the middle of the view."""

    scale: float = 1.0
    x: float = 0.5
    y: float = 0.5

    @property
    def is_on(self) -> bool:
        """True if less than the whole picture is seen."""
        return self.scale > 1.0

    @property
    def part(self) -> tuple[float, float, float, float]:
        """The part that is seen: left, top, width, height in shares of the picture."""
        side = 1 / self.scale
        return self.x - side / 2, self.y - side / 2, side, side

    def by(self, factor: float, x: float, y: float) -> "Zoom":
        """Enlarge by a factor; the point under the pointer (0…1 of the view) stays put."""
        scale = min(MAX_SCALE, max(1.0, self.scale * factor))
        left, top, side, _ = self.part
        new_side = 1 / scale
        new_left, new_top = left + x * (side - new_side), top + y * (side - new_side)
        return Zoom(scale, new_left + new_side / 2, new_top + new_side / 2)._inside()

    def moved(self, x: float, y: float) -> "Zoom":
        """Drag the picture by shares of the view."""
        return replace(self, x=self.x - x / self.scale, y=self.y - y / self.scale)._inside()

    def _inside(self) -> "Zoom":
        half = 0.5 / self.scale
        return replace(self, x=min(1 - half, max(half, self.x)), y=min(1 - half, max(half, self.y)))


NO_ZOOM = Zoom()
