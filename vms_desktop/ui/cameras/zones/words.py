"""The words about areas: their names, the chosen one, and why something cannot be."""

from vms_desktop.core.base import Reason
from vms_desktop.core.config import Point, ZoneKind
from vms_desktop.ui.base import words_of
from vms_desktop.ui.cameras.zones.edits import Draft, ZoneEdits

_tr = words_of(__name__)


def kind_words(kind: ZoneKind) -> str:
    """The words for an area without a name."""
    return _tr("Watched area") if kind is ZoneKind.WATCH else _tr("Ignored area")


def refusal_words(reason: Reason) -> str:
    """The reason why an area cannot become what was asked for."""
    if reason is Reason.CROSSES_ITSELF:
        return _tr("The edges of an area may not cross")
    return _tr("An area needs three corners and room between them")


def draft_words(draft: Draft, at: Point) -> str:
    """The area that is being drawn, and how the keyboard goes on."""
    return _tr(
        "Corners drawn: {corners}. Cursor at {x} %, {y} %. Arrow keys move it, "
        "Enter adds a corner there, Enter again closes the area, Escape cancels"
    ).format(corners=len(draft.points), **_percent(at))


def chosen_words(edits: ZoneEdits) -> str:
    """The chosen area and corner, or how to choose one."""
    zone, chosen = edits.chosen_zone, edits.chosen
    if zone is None or chosen is None:
        return _tr("Areas: {count}. Tab chooses the next one").format(count=len(edits.zones))
    kind = kind_words(zone.kind)
    words = _tr("Area {number} of {count}: {name}").format(
        number=chosen.zone + 1,
        count=len(edits.zones),
        name=f"{zone.name}, {kind}" if zone.name else kind,
    )
    if chosen.corner is None:
        return words
    at = zone.points[chosen.corner]
    corner = _tr("corner {corner} of {corners} at {x} %, {y} %").format(
        corner=chosen.corner + 1, corners=len(zone.points), **_percent(at)
    )
    return f"{words}, {corner}"


def _percent(point: Point) -> dict[str, int]:
    return {"x": round(100 * point.x), "y": round(100 * point.y)}
