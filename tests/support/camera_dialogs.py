"""Opens camera dialogs over services that only take notes."""

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from tests.support.stand_in import status
from vms_desktop.core.base.errors import Reason
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera.preview import PreviewFrame
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.makes import Make, MakeNote
from vms_desktop.core.stream.webcams import Webcam
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.cameras.dialog.dialog import CameraDialog
from vms_desktop.ui.cameras.dialog.services import DialogServices
from vms_desktop.workers.latest import Latest

HIKVISION = Make(
    key="hikvision",
    name="Hikvision",
    url_sd="rtsp://{host}:554/Streaming/Channels/102",
    url_hd="rtsp://{host}:554/Streaming/Channels/101",
    verified=True,
)
TAPO = Make(
    key="tapo",
    name="Tapo",
    url_sd="rtsp://{host}/stream2",
    url_hd="rtsp://{host}/stream1",
    note=MakeNote.ACCOUNT_IN_APP,
)
RING = Make(key="ring", name="Ring", note=MakeNote.NO_RTSP)
TAKEN = "Back door"


class PreviewStandIn(QObject):
    """Notes what it is told to show."""

    status_changed = Signal(object)

    def __init__(self, camera: CameraConfig, parent: QObject) -> None:
        super().__init__(parent)
        self.frames: Latest[PreviewFrame] = Latest()
        self.status = status(CameraState.CONNECTING)
        self.cameras = [camera]
        self.stopped = False

    def set_camera(self, camera: CameraConfig) -> None:
        self.cameras.append(camera)

    def set_viewport(self, viewport: object) -> None:
        self.viewport = viewport

    def show_mask(self, mask: bool) -> None:
        self.mask = mask

    def stop(self) -> None:
        self.stopped = True


class StreamTestStandIn(QObject):
    """Notes what it is to test; tests speak with its signals."""

    answered = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.cameras: list[CameraConfig] = []
        self.cancelled = False

    def start(self, camera: CameraConfig) -> None:
        self.cameras.append(camera)

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Notes:
    """What a dialog did."""

    previews: list[PreviewStandIn] = field(default_factory=list)
    tests: list[StreamTestStandIn] = field(default_factory=list)
    saved: list[CameraConfig] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


WEBCAMS = (Webcam(0, "Laptop"), Webcam(2, "Desk"))


def services(
    notes: Notes, *, keyring: bool = False, webcams: tuple[Webcam, ...] = WEBCAMS
) -> DialogServices:
    def preview(camera: CameraConfig, parent: QObject) -> Any:
        notes.previews.append(PreviewStandIn(camera, parent))
        return notes.previews[-1]

    def stream_test(parent: QObject) -> Any:
        notes.tests.append(StreamTestStandIn(parent))
        return notes.tests[-1]

    return DialogServices(
        preview=preview,
        stream_test=stream_test,
        makes=(HIKVISION, TAPO, RING),
        name_problem=lambda name, _camera_id: Reason.TAKEN if name == TAKEN else None,
        keyring=lambda tell: tell(keyring),
        purge_hour=3,
        webcams=lambda found: found(webcams),
    )


def opened(qtbot, camera: CameraConfig | None, **offered: Any) -> tuple[CameraDialog, Notes]:
    """A dialog that is shown, and what it does."""
    notes = Notes()
    dialog = CameraDialog(camera, services(notes, **offered), DARK_THEME, is_new=camera is None)
    dialog.saved.connect(notes.saved.append)
    dialog.delete_wanted.connect(notes.deleted.append)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog, notes
