"""The services that the rest of the program gives the camera dialog, as functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from vms_desktop.core.base import Reason
    from vms_desktop.core.config import CameraConfig, Make
    from vms_desktop.core.stream import Webcam
    from vms_desktop.workers.camera import CameraPreview, StreamProbe


@dataclass(frozen=True, slots=True)
class DialogServices:
    """The services of the camera dialog.

    Attributes:
        preview: Begins the live picture of a camera with the settings being edited.
        stream_test: Makes what tries both streams.
        makes: The makes of cameras whose addresses are known.
        name_problem: Why a camera (by its id) cannot have a name; None where it can.
        keyring: Calls back, perhaps again later, with whether the system keeps passwords.
        purge_hour: The local hour at which old clips are deleted.
        webcams: Calls back, later, with the webcams that are present.
    """

    preview: "Callable[[CameraConfig, QObject], CameraPreview]"
    stream_test: "Callable[[QObject], StreamProbe]"
    makes: "tuple[Make, ...]"
    name_problem: "Callable[[str, str], Reason | None]"
    keyring: "Callable[[Callable[[bool], None]], None]"
    purge_hour: int
    webcams: "Callable[[Callable[[tuple[Webcam, ...]], None]], None]"
