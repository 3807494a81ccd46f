"""All that the fleet knows of one configured camera."""

from dataclasses import dataclass, field

from vms_desktop.core.base import Picture, Status, Viewport
from vms_desktop.core.config import CameraConfig
from vms_desktop.workers import Latest
from vms_desktop.workers.camera.running_camera import RunningCamera


@dataclass(slots=True)
class CameraRecord:
    """A camera as long as it is configured; belongs to the GUI thread.

    Attributes:
        running: Its threads, where it has any now that are not on their way out.
        pictures: Where its newest picture waits.
        viewport: How large its pictures are wanted; None where nobody sees them.
        is_locked: Nobody knows its password: a try without one might lock the account.
        crashes: How many times a bug has ended one of its threads.
    """

    camera: CameraConfig
    status: Status
    running: RunningCamera | None = None
    pictures: Latest[Picture] = field(default_factory=Latest)
    viewport: Viewport | None = None
    is_paused: bool = False
    is_locked: bool = False
    crashes: int = 0

    @property
    def is_to_run(self) -> bool:
        """Whether it is to have threads, which may be paused."""
        return self.camera.is_active and not self.is_locked
