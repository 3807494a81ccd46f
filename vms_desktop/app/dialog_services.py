"""The services of the camera dialog, taken from the parts of the program."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vms_desktop.core.config import load_makes
from vms_desktop.core.stream import StreamOpener
from vms_desktop.resources import makes_json
from vms_desktop.ui.cameras.dialog import DialogServices
from vms_desktop.workers.camera import Fleet, StreamProbe, WebcamSearch

# A table of the user's own, in the data folder.
OWN_MAKES = "makes.json"


def dialog_services(
    fleet: Fleet, opener: StreamOpener, folder: Path, purge_hour: Callable[[], int]
) -> Callable[[], DialogServices]:
    """A maker of services, anew for every dialog; both tables of makes are read now."""
    own = None
    with suppress(OSError):
        own = (folder / OWN_MAKES).read_bytes()
    makes = load_makes(makes_json(), own)
    webcams = WebcamSearch(parent=fleet)

    def keyring(tell: Callable[[bool], None]) -> None:
        tell(fleet.catalogue.keyring_available)
        fleet.catalogue.keyring_found.connect(tell)
        fleet.catalogue.look_for_keyring()

    def services() -> DialogServices:
        return DialogServices(
            preview=fleet.preview,
            stream_test=lambda parent: StreamProbe(opener, parent),
            makes=makes,
            name_problem=fleet.catalogue.name_problem,
            keyring=keyring,
            purge_hour=purge_hour(),
            webcams=webcams.ask,
        )

    return services
