"""The cameras, running.

A `Fleet` makes what runs match what is configured; the window and `--headless` talk to it: orders
go in by its methods, statuses, clips and notices leave by its signals. A camera has two threads
that read and one that writes. Beside it: pictures of a camera that is being edited, its streams
tried out, webcams looked for.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.workers.camera.fleet import Fleet
    from vms_desktop.workers.camera.parts import FleetParts, Notice, NoticeKind
    from vms_desktop.workers.camera.preview import CameraPreview
    from vms_desktop.workers.camera.stream_probe import StreamProbe, stop_stream_probes
    from vms_desktop.workers.camera.webcam_search import WebcamSearch

__all__ = [
    "CameraPreview",
    "Fleet",
    "FleetParts",
    "Notice",
    "NoticeKind",
    "StreamProbe",
    "WebcamSearch",
    "stop_stream_probes",
]

__getattr__ = late_names(
    __name__,
    {
        "fleet": ("Fleet",),
        "parts": (
            "FleetParts",
            "Notice",
            "NoticeKind",
        ),
        "preview": ("CameraPreview",),
        "stream_probe": (
            "StreamProbe",
            "stop_stream_probes",
        ),
        "webcam_search": ("WebcamSearch",),
    },
)
