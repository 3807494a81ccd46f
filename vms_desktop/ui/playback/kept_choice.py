"""The choice of cameras and kinds of clips, kept among the settings of the window."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vms_desktop.core.base import load_json
from vms_desktop.ui.playback.camera_list import KINDS

if TYPE_CHECKING:
    from vms_desktop.ui.playback.day_player import DayPlayer

_CAMERAS_KEY, _KINDS_KEY = "playback_cameras", "playback_kinds"


def recall_choice(player: "DayPlayer", window: Mapping[str, str]) -> None:
    """Choose what was chosen before; what is damaged there counts as nothing."""
    for folder in _texts(window.get(_CAMERAS_KEY, "")):
        player.chosen.switch(folder, True)
        player.is_free = False
    kinds = set(_texts(window.get(_KINDS_KEY, "")) or KINDS)
    player.kinds = tuple(kind for kind in KINDS if kind in kinds)


def kept_choice(player: "DayPlayer") -> dict[str, str]:
    """The choice as texts."""
    listed = () if player.is_free else player.chosen.listed
    return {
        _CAMERAS_KEY: json.dumps(listed),
        _KINDS_KEY: json.dumps(player.kinds),
    }


def _texts(text: str) -> list[str]:
    try:
        found = load_json(text.encode())
    except ValueError:  # Half a character, too.
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
