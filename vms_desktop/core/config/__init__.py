"""Everything that a person sets, and the files that keep it.

A camera (`CameraConfig`), its areas, the hours in which it records and the program's own
`Settings` are frozen values, valid by construction. The stores read and write `cameras.json` and
`settings.json`; the keyring keeps passwords out of them; `read_import` and `export_json` carry
cameras from one installation to another. Knows no stream, no thread and no window.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.config.address import (
        DEFAULT_PORTS,
        AddressKind,
        NetworkAddress,
        check_address,
        completed,
        file_path,
        kind_of,
        network_address,
        parse_network,
        redact,
        split_login,
    )
    from vms_desktop.core.config.camera import (
        MAX_NAME_CHARS,
        ROTATIONS,
        CameraConfig,
        RecordingMode,
        Transport,
        camera_from_json,
        shown_values,
        with_edits,
    )
    from vms_desktop.core.config.camera_store import CameraStore, InvalidCamera, LoadedCameras
    from vms_desktop.core.config.declared import bounds_of, declarations, is_text
    from vms_desktop.core.config.exchange import (
        IMPORT_MOST_BYTES,
        ImportReport,
        export_json,
        read_import,
    )
    from vms_desktop.core.config.login import StreamLogin, has_two_logins, kept_login, shown_login
    from vms_desktop.core.config.makes import Make, MakeNote, filled, load_makes
    from vms_desktop.core.config.schedule import (
        DAY_S,
        WHOLE_WEEK,
        ScheduleRange,
        WeekTimes,
        applies,
        second_of,
        week_of,
    )
    from vms_desktop.core.config.settings import LANGUAGES, LAYOUTS, Settings, SettingsStore, View
    from vms_desktop.core.config.zones import Point, Zone, ZoneKind, crosses_itself, zones_of

__all__ = [
    "DAY_S",
    "DEFAULT_PORTS",
    "IMPORT_MOST_BYTES",
    "LANGUAGES",
    "LAYOUTS",
    "MAX_NAME_CHARS",
    "ROTATIONS",
    "WHOLE_WEEK",
    "AddressKind",
    "CameraConfig",
    "CameraStore",
    "ImportReport",
    "InvalidCamera",
    "LoadedCameras",
    "Make",
    "MakeNote",
    "NetworkAddress",
    "Point",
    "RecordingMode",
    "ScheduleRange",
    "Settings",
    "SettingsStore",
    "StreamLogin",
    "Transport",
    "View",
    "WeekTimes",
    "Zone",
    "ZoneKind",
    "applies",
    "bounds_of",
    "camera_from_json",
    "check_address",
    "completed",
    "crosses_itself",
    "declarations",
    "export_json",
    "file_path",
    "filled",
    "has_two_logins",
    "is_text",
    "kept_login",
    "kind_of",
    "load_makes",
    "network_address",
    "parse_network",
    "read_import",
    "redact",
    "second_of",
    "shown_login",
    "shown_values",
    "split_login",
    "week_of",
    "with_edits",
    "zones_of",
]

__getattr__ = late_names(
    __name__,
    {
        "address": (
            "AddressKind",
            "DEFAULT_PORTS",
            "NetworkAddress",
            "check_address",
            "completed",
            "file_path",
            "kind_of",
            "network_address",
            "parse_network",
            "redact",
            "split_login",
        ),
        "camera": (
            "CameraConfig",
            "MAX_NAME_CHARS",
            "ROTATIONS",
            "RecordingMode",
            "Transport",
            "camera_from_json",
            "shown_values",
            "with_edits",
        ),
        "camera_store": (
            "CameraStore",
            "InvalidCamera",
            "LoadedCameras",
        ),
        "declared": (
            "bounds_of",
            "declarations",
            "is_text",
        ),
        "exchange": (
            "IMPORT_MOST_BYTES",
            "ImportReport",
            "export_json",
            "read_import",
        ),
        "login": (
            "StreamLogin",
            "has_two_logins",
            "kept_login",
            "shown_login",
        ),
        "makes": (
            "Make",
            "MakeNote",
            "filled",
            "load_makes",
        ),
        "schedule": (
            "DAY_S",
            "ScheduleRange",
            "WHOLE_WEEK",
            "WeekTimes",
            "applies",
            "second_of",
            "week_of",
        ),
        "settings": (
            "LANGUAGES",
            "LAYOUTS",
            "Settings",
            "SettingsStore",
            "View",
        ),
        "zones": (
            "Point",
            "Zone",
            "ZoneKind",
            "crosses_itself",
            "zones_of",
        ),
    },
)
