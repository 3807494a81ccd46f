"""The ground of every page: the actions and their keys, how things look and are said.

The palettes, the icons, the languages and the words for the values of `core`; the actions with
their keys; the settings as the window changes them. Of the pages it knows names, keys and actions
alone, and shows nothing by itself.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.base.actions import Actions, shortcut_words, tooltip_with_key
    from vms_desktop.ui.base.desktop import open_path, place_box
    from vms_desktop.ui.base.key_places import KeyPlaces
    from vms_desktop.ui.base.menu_keys import wants_menu
    from vms_desktop.ui.base.on_screen import bring_onto_screen, keep_on_screen, room_on_screen
    from vms_desktop.ui.base.pages import Page, PageConnection, PageKey, Pages, page_key
    from vms_desktop.ui.base.playback_actions import PlaybackActions
    from vms_desktop.ui.base.preferences import Preferences
    from vms_desktop.ui.base.theme import (
        DARK_THEME,
        TEXT_PX,
        Theme,
        Tone,
        apply_theme,
        resized_font,
        theme_named,
    )
    from vms_desktop.ui.base.translation import Language, words_of
    from vms_desktop.ui.base.words import (
        PictureMessage,
        bytes_words,
        camera_entry_name,
        clock_time,
        counter_words,
        duration_words,
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
    "DARK_THEME",
    "TEXT_PX",
    "Actions",
    "KeyPlaces",
    "Language",
    "Page",
    "PageConnection",
    "PageKey",
    "Pages",
    "PictureMessage",
    "PlaybackActions",
    "Preferences",
    "Theme",
    "Tone",
    "apply_theme",
    "bring_onto_screen",
    "bytes_words",
    "camera_entry_name",
    "clock_time",
    "counter_words",
    "duration_words",
    "field_words",
    "frame_rate_words",
    "icons",
    "keep_on_screen",
    "long_day",
    "open_path",
    "page_key",
    "place_box",
    "problem_words",
    "reason_words",
    "remedy_words",
    "resized_font",
    "room_on_screen",
    "short_day",
    "shortcut_words",
    "storage_alarm",
    "storage_words",
    "theme_named",
    "tooltip_with_key",
    "wants_menu",
    "words",
    "words_of",
]

__getattr__ = late_names(
    __name__,
    {
        "actions": (
            "Actions",
            "shortcut_words",
            "tooltip_with_key",
        ),
        "desktop": (
            "open_path",
            "place_box",
        ),
        "key_places": ("KeyPlaces",),
        "menu_keys": ("wants_menu",),
        "on_screen": (
            "bring_onto_screen",
            "keep_on_screen",
            "room_on_screen",
        ),
        "pages": (
            "Page",
            "PageConnection",
            "PageKey",
            "Pages",
            "page_key",
        ),
        "playback_actions": ("PlaybackActions",),
        "preferences": ("Preferences",),
        "theme": (
            "DARK_THEME",
            "TEXT_PX",
            "Theme",
            "Tone",
            "apply_theme",
            "resized_font",
            "theme_named",
        ),
        "translation": (
            "Language",
            "words_of",
        ),
        "words": (
            "PictureMessage",
            "bytes_words",
            "camera_entry_name",
            "clock_time",
            "counter_words",
            "duration_words",
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
