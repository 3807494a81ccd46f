"""RTSP over TCP, spoken by the program itself: a camera is probed, asked and read.

`probe` makes sure without a password that a camera may be opened; `open_rtsp` describes, sets up
and plays, and hands out a `Stream`, or says by `NotForUsError` that FFmpeg has to read it. RTP
comes in interleaved and leaves as whole pictures and sounds. A try makes one connection.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.stream.rtsp.opening import open_rtsp, probe

__all__ = [
    "open_rtsp",
    "probe",
]

__getattr__ = late_names(
    __name__,
    {
        "opening": (
            "open_rtsp",
            "probe",
        ),
    },
)
