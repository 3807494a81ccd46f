"""The camera that is heard: the one that is alone or chosen, while sound is on."""

from typing import TYPE_CHECKING

from vms_desktop.ui.base import Preferences

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet


class Listening:
    """Keeps the fleet listening to the right camera; tells it only what changes."""

    def __init__(self, fleet: "Fleet", preferences: Preferences) -> None:
        self._fleet = fleet
        self._preferences = preferences
        self._heard: str | None = None
        self._volume: float | None = None

    def follow(self, camera_id: str | None) -> None:
        """This camera is the one in focus now; None for none."""
        settings = self._preferences.value
        if self._volume != settings.volume:
            self._volume = settings.volume
            self._fleet.set_volume(settings.volume)
        # Asked last: the answer takes 4 MB and looks for devices.
        is_on = camera_id and not settings.muted and self._fleet.sound_available
        wanted = camera_id if is_on else None
        if wanted != self._heard:
            self._heard = wanted
            self._fleet.listen(wanted)
