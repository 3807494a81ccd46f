"""Threads, and nothing decided in them: each runs what `core` decides and tells of it in signals.

QtCore only. Its rooms: `camera` (what runs for cameras), `library` (what looks after clips, finds
and plays them), `jobs` (what a person has done to clips). At the top stands what they share: how a
thread is named, begins again after a bug and is waited for, a one-place hand-over, the loudspeaker.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.workers.latest import Latest
    from vms_desktop.workers.sound_output import SoundOutput
    from vms_desktop.workers.store_worker import StoreWorker
    from vms_desktop.workers.threads import (
        Worker,
        give_way,
        join_all,
        run_guarded,
        run_until_done,
        run_with_restart,
    )

__all__ = [
    "Latest",
    "SoundOutput",
    "StoreWorker",
    "Worker",
    "give_way",
    "join_all",
    "run_guarded",
    "run_until_done",
    "run_with_restart",
]

__getattr__ = late_names(
    __name__,
    {
        "latest": ("Latest",),
        "sound_output": ("SoundOutput",),
        "store_worker": ("StoreWorker",),
        "threads": (
            "Worker",
            "give_way",
            "join_all",
            "run_guarded",
            "run_until_done",
            "run_with_restart",
        ),
    },
)
