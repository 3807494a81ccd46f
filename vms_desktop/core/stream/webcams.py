"""The webcams of this machine, for choosing one and for opening it.

Asks the system: not for the GUI thread.
"""

import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from vms_desktop.core.base import Problem, StreamError

_LINUX_DEVICES = Path("/sys/class/video4linux")

# Of Linux' videodev2.h: struct v4l2_capability, VIDIOC_QUERYCAP = _IOR('V', 0, 104 bytes).
_CAPABILITY = struct.Struct("=16s32s32sII I12x")
_QUERY = 0x80685600
_OF_THIS_NODE = 0x80000000
_CAPTURES = 0x00000001 | 0x00001000  # Single planes and several.


@dataclass(frozen=True, slots=True)
class Webcam:
    """A webcam as it is addressed, and as people know it."""

    number: int
    name: str


def list_webcams() -> tuple[Webcam, ...]:
    """The webcams that are present, by number; takes some milliseconds or, at worst, seconds."""
    if sys.platform == "win32":
        return _listed_by_ffmpeg("dshow")
    if sys.platform == "darwin":
        return _listed_by_ffmpeg("avfoundation")
    return linux_webcams(_LINUX_DEVICES, captures)


def webcam_device(number: int) -> tuple[str, str]:
    """FFmpeg's input format and device name for the webcam of this number.

    Raises:
        StreamError: There is none.
    """
    if sys.platform == "darwin":
        return "avfoundation", str(number)
    if sys.platform == "win32":
        for webcam in _listed_by_ffmpeg("dshow"):
            if webcam.number == number:
                return "dshow", f"video={webcam.name}"
        raise StreamError(Problem.NOT_FOUND, str(number))
    return "v4l2", f"/dev/video{number}"


def linux_webcams(devices: Path, captures: Callable[[int], bool]) -> tuple[Webcam, ...]:
    """The nodes of Linux that give pictures.

    A camera has other nodes too, for its metadata, and encoders look like cameras.

    Args:
        devices: The system's folder of video devices.
        captures: Whether the node of a number gives pictures.
    """
    try:
        names = [path.name for path in devices.iterdir()]
    except OSError:  # No video device at all.
        return ()
    numbers = sorted(int(name[5:]) for name in names if name[:5] == "video" and name[5:].isdigit())
    return tuple(
        Webcam(number, _name(devices / f"video{number}")) for number in numbers if captures(number)
    )


def _name(device: Path) -> str:
    try:
        return (device / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return device.name


def captures(number: int) -> bool:
    """True if the driver says that this node captures; one that may not be asked counts."""
    import fcntl  # Of Unix only.

    reply = bytearray(_CAPABILITY.size)
    try:
        node = os.open(f"/dev/video{number}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        return True  # Shown, so that the test can say what is wrong.
    except OSError:
        return False
    try:
        fcntl.ioctl(node, _QUERY, reply)
    except OSError:
        return False
    finally:
        os.close(node)
    *_, whole, of_node = _CAPABILITY.unpack(reply)
    return bool((of_node if whole & _OF_THIS_NODE else whole) & _CAPTURES)


def _listed_by_ffmpeg(form: str) -> tuple[Webcam, ...]:
    """Numbered by their place among the devices with video."""
    try:
        found = av.enumerate_input_devices(form)
    except (av.FFmpegError, ValueError, OSError):  # An FFmpeg that lacks this format.
        return ()
    cameras = [device for device in found if "video" in device.media_types]
    return tuple(Webcam(number, camera.description) for number, camera in enumerate(cameras))
