"""The state of the Playback page, kept while it is made anew in another language or theme.

Choices that outlive the program are in `kept_choice`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vms_desktop.ui.picture import Zoom
from vms_desktop.ui.playback.maintenance import LibraryTask
from vms_desktop.ui.playback.timeline import TimeView

if TYPE_CHECKING:
    from vms_desktop.ui.playback.day_player import DayPlayer
    from vms_desktop.ui.playback.page_parts import PlaybackParts


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """The state that a page takes over from the one in whose place it comes.

    Attributes:
        at: The moment at which the day was left; None where nothing was played on it.
        chosen, alone: Keys of views.
        marks: I and O.
        seen: The part of the day that the timeline shows.
        zooms: Of the views, by their keys.
        selected: Clips that are ticked among the recordings.
    """

    day: date | None
    at: datetime | None
    chosen: str | None
    alone: str | None
    mode: str
    task: LibraryTask | None
    marks: tuple[datetime | None, datetime | None]
    seen: TimeView
    zooms: Mapping[str, Zoom]
    selected: tuple[Path, ...]


def page_state(parts: "PlaybackParts", player: "DayPlayer", day: date | None) -> PageState:
    """The state of a page now."""
    return PageState(
        day=day,
        at=player.place(),
        chosen=parts.players.chosen,
        alone=parts.players.alone,
        mode=parts.mode,
        task=parts.maintenance.asked_task,
        marks=parts.timeline.marks,
        seen=parts.timeline.view,
        zooms=parts.players.zooms(),
        selected=tuple(clip.path for clip in parts.recordings.selected()),
    )


def show_again(state: PageState, parts: "PlaybackParts") -> None:
    """Show it of a day whose cameras and clips are known now."""
    parts.players.choose(state.chosen)
    parts.players.set_zooms(state.zooms)
    if state.alone:
        parts.players.set_alone(state.alone)
    parts.timeline.look_at(state.seen.resized(parts.timeline.view.width_px))
    parts.recordings.select(state.selected)
