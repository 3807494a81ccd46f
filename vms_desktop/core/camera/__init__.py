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
    from vms_desktop.core.camera.preview import Preview, PreviewFrame, PreviewWishes
    from vms_desktop.core.camera.preview_session import PreviewSession
    from vms_desktop.core.camera.sd_session import SdSession
    from vms_desktop.core.camera.session import (
        CameraChanged,
        CameraOrder,
        CameraReport,
        CameraSession,
        FeedPreview,
        Listen,
        LookAgain,
        Pause,
        SaveSnapshot,
        ViewportChanged,
    )
    from vms_desktop.core.camera.shared import CameraShared
    from vms_desktop.core.camera.stream_probe import (
        CameraProbe,
        StreamAdvice,
        StreamFacts,
        StreamResult,
        StreamRole,
    )

__all__ = [
    "CameraChanged",
    "CameraOrder",
    "CameraProbe",
    "CameraReport",
    "CameraSession",
    "CameraShared",
    "FeedPreview",
    "HdSession",
    "Listen",
    "LookAgain",
    "Pause",
    "Preview",
    "PreviewFrame",
    "PreviewSession",
    "PreviewWishes",
    "SaveSnapshot",
    "SdSession",
    "StreamAdvice",
    "StreamFacts",
    "StreamResult",
    "StreamRole",
    "ViewportChanged",
]

__getattr__ = late_names(
    __name__,
    {
        "hd_session": ("HdSession",),
        "preview": (
            "Preview",
            "PreviewFrame",
            "PreviewWishes",
        ),
        "preview_session": ("PreviewSession",),
        "sd_session": ("SdSession",),
        "session": (
            "CameraChanged",
            "CameraReport",
            "FeedPreview",
            "Listen",
            "LookAgain",
            "CameraOrder",
            "Pause",
            "SaveSnapshot",
            "CameraSession",
            "ViewportChanged",
        ),
        "shared": ("CameraShared",),
        "stream_probe": (
            "StreamAdvice",
            "CameraProbe",
            "StreamFacts",
            "StreamResult",
            "StreamRole",
        ),
    },
)
