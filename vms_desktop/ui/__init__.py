"""The window around its pages: all that is seen and clicked.

Values are shown and orders are sent; nothing is decided, and neither `av` nor `cv2` is loaded. At
the top stand rail, status bar, banners and the dialogs of the program itself. Each page has a room
(`live`, `playback`, `archives`, `cameras`) and imports no other page.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.fleet_banners import unread_settings_banner
    from vms_desktop.ui.main_window import MainWindow
    from vms_desktop.ui.start_box import (
        crashed_box,
        folder_in_use_box,
        folder_not_usable_box,
        show_start_box,
    )

__all__ = [
    "MainWindow",
    "crashed_box",
    "folder_in_use_box",
    "folder_not_usable_box",
    "show_start_box",
    "unread_settings_banner",
]

__getattr__ = late_names(
    __name__,
    {
        "fleet_banners": ("unread_settings_banner",),
        "main_window": ("MainWindow",),
        "start_box": (
            "crashed_box",
            "folder_in_use_box",
            "folder_not_usable_box",
            "show_start_box",
        ),
    },
)
