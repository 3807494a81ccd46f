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
        address_kind,
        check_address,
        completed_address,
        file_path,
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
    from vms_desktop.core.config.makes import Make, MakeNote, filled_addresses, load_makes
    from vms_desktop.core.config.schedule import (
        DAY_S,
        WHOLE_WEEK,
        ScheduleRange,
        WeekTimes,
        schedule_applies,
        second_of_day,
        week_of,
    )
    from vms_desktop.core.config.settings import (
        GRID_LAYOUTS,
        LANGUAGES,
        Settings,
        SettingsStore,
        View,
    )
    from vms_desktop.core.config.zones import Point, Zone, ZoneKind, crosses_itself, zones_of

__all__ = [
    "DAY_S",
    "DEFAULT_PORTS",
    "GRID_LAYOUTS",
    "IMPORT_MOST_BYTES",
    "LANGUAGES",
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
    "address_kind",
    "bounds_of",
    "camera_from_json",
    "check_address",
    "completed_address",
    "crosses_itself",
    "declarations",
    "export_json",
    "file_path",
    "filled_addresses",
    "has_two_logins",
    "is_text",
    "kept_login",
    "load_makes",
    "network_address",
    "parse_network",
    "read_import",
    "redact",
    "schedule_applies",
    "second_of_day",
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
            "completed_address",
            "file_path",
            "address_kind",
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
            "filled_addresses",
            "load_makes",
        ),
        "schedule": (
            "DAY_S",
            "ScheduleRange",
            "WHOLE_WEEK",
            "WeekTimes",
            "schedule_applies",
            "second_of_day",
            "week_of",
        ),
        "settings": (
            "LANGUAGES",
            "GRID_LAYOUTS",
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
