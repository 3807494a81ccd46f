"""The story of one camera: its connections, what is recorded of it, and what is seen.

`SdSession` reads, detects and shows, `HdSession` holds the pre-roll and records; both ask one
`CameraShared` what is wanted now. Orders come in through an `Inbox`; statuses, pictures and clips
leave through what the session was given. `Preview` judges frames with settings that are still
being edited. A session is a plain loop; its thread belongs to `workers`.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.camera.hd_session import HdSession
    from vms_desktop.core.camera.preview import Preview, PreviewFrame, Wishes
    from vms_desktop.core.camera.preview_session import PreviewSession
    from vms_desktop.core.camera.sd_session import SdSession
    from vms_desktop.core.camera.session import (
        CameraChanged,
        CameraReport,
        FeedPreview,
        Listen,
        LookAgain,
        Order,
        Pause,
        SaveSnapshot,
        Session,
        ViewportChanged,
    )
    from vms_desktop.core.camera.shared import CameraShared
    from vms_desktop.core.camera.stream_probe import (
        Advice,
        CameraProbe,
        StreamFacts,
        StreamResult,
        StreamRole,
    )

__all__ = [
    "Advice",
    "CameraChanged",
    "CameraProbe",
    "CameraReport",
    "CameraShared",
    "FeedPreview",
    "HdSession",
    "Listen",
    "LookAgain",
    "Order",
    "Pause",
    "Preview",
    "PreviewFrame",
    "PreviewSession",
    "SaveSnapshot",
    "SdSession",
    "Session",
    "StreamFacts",
    "StreamResult",
    "StreamRole",
    "ViewportChanged",
    "Wishes",
]

__getattr__ = late_names(
    __name__,
    {
        "hd_session": ("HdSession",),
        "preview": (
            "Preview",
            "PreviewFrame",
            "Wishes",
        ),
        "preview_session": ("PreviewSession",),
        "sd_session": ("SdSession",),
        "session": (
            "CameraChanged",
            "CameraReport",
            "FeedPreview",
            "Listen",
            "LookAgain",
            "Order",
            "Pause",
            "SaveSnapshot",
            "Session",
            "ViewportChanged",
        ),
        "shared": ("CameraShared",),
        "stream_probe": (
            "Advice",
            "CameraProbe",
            "StreamFacts",
            "StreamResult",
            "StreamRole",
        ),
    },
)
