"""A clip: as a value, as a file that survives a kill, and as a place in the tree of recordings.

The packets of a recording come in through a `ClipStore` and become `.part`, then `.mp4` with
side-car and thumbnail; a side-car gives the `Clip` back. Which folder is whose camera's is known
here, and how much of all cameras may wait for the disk. Nothing is deleted here.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.clips.clip import Clip, ClipEnd, ClipSink, ClipSpec, Trigger
    from vms_desktop.core.clips.clip_store import ClipStore
    from vms_desktop.core.clips.disk_buffer import (
        MB,
        DiskBuffer,
        PacketsLost,
        WaitingEnd,
        WaitingPacket,
    )
    from vms_desktop.core.clips.folders import (
        CameraFolders,
        camera_folders_in,
        camera_name_problem,
        mark_leaving,
        read_folder_owner,
        read_folder_owners,
    )
    from vms_desktop.core.clips.recording import Loss, Recording, TellEnd
    from vms_desktop.core.clips.sidecar import (
        SidecarFacts,
        motion_grid_of,
        read_motion_grid,
        read_sidecar,
        read_sidecar_entry,
        read_sidecar_facts,
        sidecar_bytes,
        sidecar_json,
        write_sidecar,
    )
    from vms_desktop.core.clips.torn_end import pass_over_torn_end
    from vms_desktop.core.clips.unbuffered_file import ClipFile

__all__ = [
    "MB",
    "CameraFolders",
    "Clip",
    "ClipEnd",
    "ClipFile",
    "ClipSink",
    "ClipSpec",
    "ClipStore",
    "DiskBuffer",
    "Loss",
    "PacketsLost",
    "Recording",
    "SidecarFacts",
    "TellEnd",
    "Trigger",
    "WaitingEnd",
    "WaitingPacket",
    "camera_folders_in",
    "camera_name_problem",
    "mark_leaving",
    "motion_grid_of",
    "pass_over_torn_end",
    "read_folder_owner",
    "read_folder_owners",
    "read_motion_grid",
    "read_sidecar",
    "read_sidecar_entry",
    "read_sidecar_facts",
    "sidecar_bytes",
    "sidecar_json",
    "write_sidecar",
]

__getattr__ = late_names(
    __name__,
    {
        "clip": (
            "Clip",
            "ClipEnd",
            "ClipSink",
            "ClipSpec",
            "Trigger",
        ),
        "clip_store": ("ClipStore",),
        "disk_buffer": (
            "MB",
            "DiskBuffer",
            "PacketsLost",
            "WaitingEnd",
            "WaitingPacket",
        ),
        "folders": (
            "CameraFolders",
            "camera_folders_in",
            "camera_name_problem",
            "mark_leaving",
            "read_folder_owner",
            "read_folder_owners",
        ),
        "recording": (
            "Loss",
            "Recording",
            "TellEnd",
        ),
        "sidecar": (
            "SidecarFacts",
            "motion_grid_of",
            "read_motion_grid",
            "read_sidecar",
            "read_sidecar_entry",
            "read_sidecar_facts",
            "sidecar_bytes",
            "sidecar_json",
            "write_sidecar",
        ),
        "torn_end": ("pass_over_torn_end",),
        "unbuffered_file": ("ClipFile",),
    },
)
