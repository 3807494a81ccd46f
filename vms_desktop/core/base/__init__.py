"""The ground of every room: failures with a kind, time as an object, hand-overs, whole files.

Values pass through here, no decisions: how large a picture is, where things lie in the data
folder, how a file is written whole and read with patience. Imports no other room, no Qt and no
FFmpeg. A new thing goes into the room that uses it, and comes here with its second user.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.base.clock import CLIP_START_TAG, Clock, local_time, utc_tag, utc_text
    from vms_desktop.core.base.disk_calls import DiskCalls, Pulse
    from vms_desktop.core.base.disk_service import (
        DISK_REFUSALS,
        DiskService,
        has_folder_times,
        has_locks,
        set_mode,
        set_times,
        sync_file,
        sync_folder,
        tell_refusal,
    )
    from vms_desktop.core.base.errors import (
        ConfigError,
        Problem,
        Reason,
        StorageError,
        StorageProblem,
        StreamError,
    )
    from vms_desktop.core.base.files import (
        DiskUsage,
        clear_unfinished,
        disk_usage,
        make_private,
        read_at_most,
        storage_error,
        unfinished_file,
        write_whole,
    )
    from vms_desktop.core.base.inbox import CancellableInbox, Inbox, Waiting
    from vms_desktop.core.base.json_file import JsonFile, StoreNotice, json_bytes, write_json
    from vms_desktop.core.base.json_text import (
        Defect,
        DefectError,
        JsonOddity,
        JsonPairs,
        ParsedJson,
        load_json,
        parse_object,
        parse_value,
    )
    from vms_desktop.core.base.layout import (
        CLIP_SUFFIX,
        PART_SUFFIX,
        Layout,
        folder_name,
        parse_clip_path,
        parse_day,
        part_path,
        snapshot_path,
    )
    from vms_desktop.core.base.local_day import (
        LocalDays,
        comes_twice,
        day_before,
        day_end,
        day_of,
        day_start,
        moments_of,
        offset_text,
        parts_by_day,
    )
    from vms_desktop.core.base.picture import Box, Picture, Size, Viewport
    from vms_desktop.core.base.pulse_lock import HeldError, PulseLock
    from vms_desktop.core.base.sleep_watch import SLEEP_BEAT_S, Sleep, SleepWatch
    from vms_desktop.core.base.status import CameraState, Status

__all__ = [
    "CLIP_START_TAG",
    "CLIP_SUFFIX",
    "DISK_REFUSALS",
    "PART_SUFFIX",
    "SLEEP_BEAT_S",
    "Box",
    "CameraState",
    "CancellableInbox",
    "Clock",
    "ConfigError",
    "Defect",
    "DefectError",
    "DiskCalls",
    "DiskService",
    "DiskUsage",
    "HeldError",
    "Inbox",
    "JsonFile",
    "JsonOddity",
    "JsonPairs",
    "Layout",
    "LocalDays",
    "ParsedJson",
    "Picture",
    "Problem",
    "Pulse",
    "PulseLock",
    "Reason",
    "Size",
    "Sleep",
    "SleepWatch",
    "Status",
    "StorageError",
    "StorageProblem",
    "StoreNotice",
    "StreamError",
    "Viewport",
    "Waiting",
    "clear_unfinished",
    "comes_twice",
    "day_before",
    "day_end",
    "day_of",
    "day_start",
    "disk_usage",
    "folder_name",
    "has_folder_times",
    "has_locks",
    "json_bytes",
    "load_json",
    "local_time",
    "make_private",
    "moments_of",
    "offset_text",
    "parse_clip_path",
    "parse_day",
    "parse_object",
    "parse_value",
    "part_path",
    "parts_by_day",
    "read_at_most",
    "set_mode",
    "set_times",
    "snapshot_path",
    "storage_error",
    "sync_file",
    "sync_folder",
    "tell_refusal",
    "unfinished_file",
    "utc_tag",
    "utc_text",
    "write_json",
    "write_whole",
]

__getattr__ = late_names(
    __name__,
    {
        "clock": (
            "Clock",
            "CLIP_START_TAG",
            "local_time",
            "utc_tag",
            "utc_text",
        ),
        "disk_calls": (
            "DiskCalls",
            "Pulse",
        ),
        "disk_service": (
            "DiskService",
            "DISK_REFUSALS",
            "has_folder_times",
            "has_locks",
            "set_mode",
            "set_times",
            "sync_file",
            "sync_folder",
            "tell_refusal",
        ),
        "errors": (
            "ConfigError",
            "Problem",
            "Reason",
            "StorageError",
            "StorageProblem",
            "StreamError",
        ),
        "files": (
            "DiskUsage",
            "clear_unfinished",
            "disk_usage",
            "make_private",
            "read_at_most",
            "storage_error",
            "unfinished_file",
            "write_whole",
        ),
        "inbox": (
            "CancellableInbox",
            "Inbox",
            "Waiting",
        ),
        "json_file": (
            "JsonFile",
            "StoreNotice",
            "json_bytes",
            "write_json",
        ),
        "json_text": (
            "Defect",
            "DefectError",
            "JsonOddity",
            "JsonPairs",
            "ParsedJson",
            "load_json",
            "parse_object",
            "parse_value",
        ),
        "layout": (
            "CLIP_SUFFIX",
            "Layout",
            "PART_SUFFIX",
            "folder_name",
            "parse_clip_path",
            "parse_day",
            "part_path",
            "snapshot_path",
        ),
        "local_day": (
            "LocalDays",
            "comes_twice",
            "day_before",
            "day_end",
            "day_of",
            "day_start",
            "moments_of",
            "offset_text",
            "parts_by_day",
        ),
        "picture": (
            "Box",
            "Picture",
            "Size",
            "Viewport",
        ),
        "pulse_lock": (
            "HeldError",
            "PulseLock",
        ),
        "sleep_watch": (
            "SLEEP_BEAT_S",
            "Sleep",
            "SleepWatch",
        ),
        "status": (
            "CameraState",
            "Status",
        ),
    },
)
