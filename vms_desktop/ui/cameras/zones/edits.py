"""Areas while they are edited: the chosen one, the one being drawn, and the steps to undo.

Knows no widget; geometry stands in `shapes`.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import NamedTuple

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config import Point, Zone, ZoneKind, crosses_itself
from vms_desktop.ui.cameras.zones import shapes
from vms_desktop.ui.cameras.zones.shapes import longest_edge, middle, zone_of

_KEPT_STEPS = 100

Zones = tuple[Zone, ...]


class Chosen(NamedTuple):
    """The chosen zone, and the chosen one of its corners."""

    zone: int
    corner: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An area that is being drawn."""

    kind: ZoneKind
    points: tuple[Point, ...] = ()

    def takes(self, point: Point) -> bool:
        """True if the next corner may stand there without an edge crossing another."""
        return not crosses_itself((*self.points, point), closed=False)


class ZoneEdits:
    """Owns the zones, and the history of one sitting.

    What a method makes of a zone is valid or refused with a `ConfigError`; then
    nothing has changed.
    """

    def __init__(self) -> None:
        self.zones: Zones = ()
        self.chosen: Chosen | None = None
        self.draft: Draft | None = None
        self._past: list[Zones] = []
        self._future: list[Zones] = []
        self._joins: Hashable = None

    @property
    def can_undo(self) -> bool:
        """True if a step can be taken back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """True if a step that was taken back can be done again."""
        return bool(self._future)

    @property
    def chosen_zone(self) -> Zone | None:
        """The chosen zone."""
        return self.zones[self.chosen.zone] if self.chosen else None

    def load(self, zones: Zones) -> None:
        """Edit other zones, without a history."""
        self.zones = zones
        self.chosen = self.draft = None
        self._past, self._future = [], []

    def choose(self, chosen: Chosen | None) -> None:
        """Choose a zone, a corner, or nothing."""
        self.chosen, self._joins = chosen, None

    def choose_next(self, way: int) -> bool:
        """Choose the next (1) or previous (-1) of all zones and corners; False after the last."""
        stops: list[Chosen] = []
        for number, zone in enumerate(self.zones):
            stops.append(Chosen(number))
            stops += [Chosen(number, corner) for corner in range(len(zone.points))]
        start = -1 if way > 0 else len(stops)
        index = (stops.index(self.chosen) if self.chosen in stops else start) + way
        self.choose(stops[index] if 0 <= index < len(stops) else None)
        return self.chosen is not None

    def begin(self, kind: ZoneKind) -> None:
        """Begin to draw an area."""
        self.choose(None)
        self.draft = Draft(kind)

    def draw_to(self, point: Point) -> None:
        """Add a corner to what is being drawn; the same place twice is one corner."""
        if self.draft is None or self.draft.points[-1:] == (point,):
            return
        if not self.draft.takes(point):
            raise ConfigError("zones", Reason.CROSSES_ITSELF)
        self.draft = replace(self.draft, points=(*self.draft.points, point))

    def draw_back(self) -> None:
        """Take the latest corner of what is being drawn back; without one, stop drawing."""
        if self.draft is not None:
            points = self.draft.points[:-1]
            self.draft = replace(self.draft, points=points) if self.draft.points else None

    def cancel(self) -> None:
        """Forget what is being drawn."""
        self.draft = None

    def close(self) -> None:
        """Make what is being drawn a zone."""
        if self.draft is not None:
            self.add(zone_of("", self.draft.kind, self.draft.points))

    def add(self, zone: Zone) -> None:
        """A zone more, which is chosen."""
        self.draft = None
        self._take((*self.zones, zone))
        self.choose(Chosen(len(self.zones) - 1))

    def change(self, number: int, zone: Zone, joins: Hashable = None) -> None:
        """A zone is another."""
        self._take((*self.zones[:number], zone, *self.zones[number + 1 :]), joins)

    def rename(self, number: int, name: str) -> None:
        """A zone has another name; letters typed in a row are undone as one."""
        self.change(number, replace(self.zones[number], name=name), joins=("name", number))

    def remove(self, number: int) -> None:
        """A zone less."""
        self.choose(None)
        self._take(self.zones[:number] + self.zones[number + 1 :])

    def remove_all(self) -> None:
        """No zones."""
        self.cancel()
        self.choose(None)
        self._take(())

    def remove_chosen(self) -> None:
        """The chosen corner goes, or the chosen zone."""
        zone = self.chosen_zone
        if zone is None or self.chosen is None:
            return
        number, corner = self.chosen
        if corner is None:
            self.remove(number)
            return
        self.change(number, shapes.without_corner(zone, corner))
        self.choose(Chosen(number, corner % (len(zone.points) - 1)))

    def insert_corner(self) -> None:
        """One more corner after the chosen one, or in the longest edge; it is chosen."""
        zone = self.chosen_zone
        if zone is None or self.chosen is None:
            return
        number, corner = self.chosen
        edge = longest_edge(zone) if corner is None else corner
        self.change(number, shapes.with_corner_in(zone, edge, middle(zone, edge)))
        self.choose(Chosen(number, edge + 1))

    def nudge(self, right: float, down: float) -> None:
        """Move what is chosen by shares of the picture; a row of nudges is undone as one."""
        zone, chosen = self.chosen_zone, self.chosen
        if zone is None or chosen is None:
            return
        if chosen.corner is None:
            other = shapes.moved(zone, right, down)
        else:
            at = zone.points[chosen.corner]
            to = shapes.inside(at.x + right, at.y + down)
            other = shapes.with_corner_at(zone, chosen.corner, to)
        self.change(chosen.zone, other, joins=("place", chosen))

    def undo(self) -> None:
        """Take the latest step back."""
        self._travel(self._past, self._future)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._travel(self._future, self._past)

    def _take(self, zones: Zones, joins: Hashable = None) -> None:
        """Have other zones; a step that joins the one before is undone with it."""
        if zones == self.zones:
            return
        if joins is None or joins != self._joins:
            self._past = [*self._past[1 - _KEPT_STEPS :], self.zones]
        self._future, self._joins = [], joins
        self.zones = zones

    def _travel(self, back: list[Zones], forth: list[Zones]) -> None:
        if not back:
            return
        forth.append(self.zones)
        self.zones = back.pop()
        keeps = self.chosen is not None and self.chosen.zone < len(self.zones)
        self.choose(Chosen(self.chosen.zone) if keeps and self.chosen else None)
