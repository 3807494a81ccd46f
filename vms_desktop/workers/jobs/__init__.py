"""Jobs that a person has done to clips: archived, put back, commented, deleted, exported.

One job after the other, exports in a thread of their own; each ends with a result, given up or not.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult, JobUnderWay, LibraryJobs

__all__ = [
    "JobKind",
    "JobResult",
    "JobUnderWay",
    "LibraryJobs",
]

__getattr__ = late_names(
    __name__,
    {
        "library_jobs": (
            "JobKind",
            "JobResult",
            "JobUnderWay",
            "LibraryJobs",
        ),
    },
)
