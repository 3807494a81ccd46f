"""The ground of every page: the actions and their keys, how things look and are said.

The palettes, the icons, the languages and the words for the values of `core`; the actions with
their keys; the settings as the window changes them. Knows no page and shows nothing by itself.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.base.actions import Actions, key_of, with_key
    from vms_desktop.ui.base.desktop import open_path, place_box
    from vms_desktop.ui.base.key_places import KeyPlaces
    from vms_desktop.ui.base.menu_keys import wants_menu
    from vms_desktop.ui.base.on_screen import bring_in, keep_on_screen, room_for
    from vms_desktop.ui.base.pages import Connection, Page, PageKey, Pages, page_key
    from vms_desktop.ui.base.playback_actions import PlaybackActions
    from vms_desktop.ui.base.preferences import Preferences
    from vms_desktop.ui.base.theme import (
        DARK,
        TEXT_PX,
        Theme,
        Tone,
        apply_theme,
        resized,
        theme_named,
    )
    from vms_desktop.ui.base.translation import Language, words_of
    from vms_desktop.ui.base.words import (
        Message,
        bytes_words,
        clock_time,
        counter,
        duration,
        entry_name,
        field_words,
        frame_rate_words,
        long_day,
        problem_words,
        reason_words,
        remedy_words,
        short_day,
        storage_alarm,
        storage_words,
    )

__all__ = [
    "DARK",
    "TEXT_PX",
    "Actions",
    "Connection",
    "KeyPlaces",
    "Language",
    "Message",
    "Page",
    "PageKey",
    "Pages",
    "PlaybackActions",
    "Preferences",
    "Theme",
    "Tone",
    "apply_theme",
    "bring_in",
    "bytes_words",
    "clock_time",
    "counter",
    "duration",
    "entry_name",
    "field_words",
    "frame_rate_words",
    "icons",
    "keep_on_screen",
    "key_of",
    "long_day",
    "open_path",
    "page_key",
    "place_box",
    "problem_words",
    "reason_words",
    "remedy_words",
    "resized",
    "room_for",
    "short_day",
    "storage_alarm",
    "storage_words",
    "theme_named",
    "wants_menu",
    "with_key",
    "words",
    "words_of",
]

__getattr__ = late_names(
    __name__,
    {
        "actions": (
            "Actions",
            "key_of",
            "with_key",
        ),
        "desktop": (
            "open_path",
            "place_box",
        ),
        "key_places": ("KeyPlaces",),
        "menu_keys": ("wants_menu",),
        "on_screen": (
            "bring_in",
            "keep_on_screen",
            "room_for",
        ),
        "pages": (
            "Connection",
            "Page",
            "PageKey",
            "Pages",
            "page_key",
        ),
        "playback_actions": ("PlaybackActions",),
        "preferences": ("Preferences",),
        "theme": (
            "DARK",
            "TEXT_PX",
            "Theme",
            "Tone",
            "apply_theme",
            "resized",
            "theme_named",
        ),
        "translation": (
            "Language",
            "words_of",
        ),
        "words": (
            "Message",
            "bytes_words",
            "clock_time",
            "counter",
            "duration",
            "entry_name",
            "field_words",
            "frame_rate_words",
            "long_day",
            "problem_words",
            "reason_words",
            "remedy_words",
            "short_day",
            "storage_alarm",
            "storage_words",
        ),
    },
)
