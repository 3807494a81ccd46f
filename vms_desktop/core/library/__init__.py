"""The tree of recordings, looked after: what lies in it, what goes, what is kept, what is missing.

A `LibraryMaintainer` does the chores of one thread: leftovers of a crash, thumbnails, purging by
limits and by a person's answer, the recordings of deleted cameras, the state of the disk. The
journal of gaps tells when nothing was watched. In no other room are clips deleted.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.library.archive import (
        MAX_COMMENT_CHARS,
        FailedPath,
        Obstacle,
        Refusal,
        RefusedError,
        archive_clip,
        delete_clip,
        refusal_of,
        restore_clip,
        set_comment,
    )
    from vms_desktop.core.library.camera_disk import CameraDisk
    from vms_desktop.core.library.chores import Heartbeat
    from vms_desktop.core.library.disk_use import DiskUse, DiskUseCount
    from vms_desktop.core.library.gaps import (
        HEARTBEAT_S,
        Gap,
        GapJournal,
        GapKind,
        disk_gap,
        gap_reason,
        open_gaps,
        read_gaps,
    )
    from vms_desktop.core.library.maintainer import (
        BytesFreed,
        CamerasConfigured,
        ClipRecorded,
        DeleteRecordings,
        LibraryMaintainer,
        MaintainerCommand,
        MaintainerOrder,
        MaintainerReport,
        QuestionAnswered,
    )
    from vms_desktop.core.library.purger import PurgeResult
    from vms_desktop.core.library.removal import PendingRemovals, RemovalResult
    from vms_desktop.core.library.retention import GB, PurgeQuestion, PurgeReason
    from vms_desktop.core.library.storage_guard import StorageWatch
    from vms_desktop.core.library.system_load import MachineLoad
    from vms_desktop.core.library.tree import StoredClip, bare_clip

__all__ = [
    "GB",
    "HEARTBEAT_S",
    "MAX_COMMENT_CHARS",
    "BytesFreed",
    "CameraDisk",
    "CamerasConfigured",
    "ClipRecorded",
    "DeleteRecordings",
    "DiskUse",
    "DiskUseCount",
    "FailedPath",
    "Gap",
    "GapJournal",
    "GapKind",
    "Heartbeat",
    "LibraryMaintainer",
    "MachineLoad",
    "MaintainerCommand",
    "MaintainerOrder",
    "MaintainerReport",
    "Obstacle",
    "PendingRemovals",
    "PurgeQuestion",
    "PurgeReason",
    "PurgeResult",
    "QuestionAnswered",
    "Refusal",
    "RefusedError",
    "RemovalResult",
    "StorageWatch",
    "StoredClip",
    "archive_clip",
    "bare_clip",
    "delete_clip",
    "disk_gap",
    "gap_reason",
    "open_gaps",
    "read_gaps",
    "refusal_of",
    "restore_clip",
    "set_comment",
]

__getattr__ = late_names(
    __name__,
    {
        "archive": (
            "MAX_COMMENT_CHARS",
            "FailedPath",
            "Obstacle",
            "Refusal",
            "RefusedError",
            "archive_clip",
            "delete_clip",
            "refusal_of",
            "restore_clip",
            "set_comment",
        ),
        "disk_use": (
            "DiskUse",
            "DiskUseCount",
        ),
        "camera_disk": ("CameraDisk",),
        "chores": ("Heartbeat",),
        "gaps": (
            "HEARTBEAT_S",
            "Gap",
            "GapJournal",
            "GapKind",
            "disk_gap",
            "gap_reason",
            "open_gaps",
            "read_gaps",
        ),
        "maintainer": (
            "MaintainerOrder",
            "MaintainerReport",
            "DeleteRecordings",
            "BytesFreed",
            "LibraryMaintainer",
            "MaintainerCommand",
            "QuestionAnswered",
            "CamerasConfigured",
            "ClipRecorded",
        ),
        "purger": ("PurgeResult",),
        "removal": (
            "PendingRemovals",
            "RemovalResult",
        ),
        "retention": (
            "PurgeQuestion",
            "PurgeReason",
            "GB",
        ),
        "storage_guard": ("StorageWatch",),
        "system_load": ("MachineLoad",),
        "tree": ("StoredClip", "bare_clip"),
    },
)
