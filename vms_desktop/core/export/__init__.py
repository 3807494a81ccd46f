"""Clips put together into files for others, copied where that will do, encoded where it must be.

An `ExportRequest` goes in; the `Exporter` carries it out, says how far it is, and leaves whole
files or none. What a crash would leave behind is noted beforehand.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.export.encoder import LineWriter
    from vms_desktop.core.export.exporter import (
        ExportCancelledError,
        Exporter,
        ExportRest,
        export_begins_at,
    )
    from vms_desktop.core.export.plan import FilePlan
    from vms_desktop.core.export.record import ExportRecord
    from vms_desktop.core.export.request import (
        MAX_COMMENT_CHARS,
        ExportRequest,
        ExportTrack,
        export_name,
    )

__all__ = [
    "MAX_COMMENT_CHARS",
    "ExportCancelledError",
    "ExportRecord",
    "ExportRequest",
    "ExportRest",
    "ExportTrack",
    "Exporter",
    "FilePlan",
    "LineWriter",
    "export_begins_at",
    "export_name",
]

__getattr__ = late_names(
    __name__,
    {
        "encoder": ("LineWriter",),
        "exporter": (
            "ExportCancelledError",
            "ExportRest",
            "Exporter",
            "export_begins_at",
        ),
        "plan": ("FilePlan",),
        "record": ("ExportRecord",),
        "request": (
            "ExportRequest",
            "ExportTrack",
            "MAX_COMMENT_CHARS",
            "export_name",
        ),
    },
)
