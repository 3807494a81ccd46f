"""The door: an address is looked at, reached, and opened by whoever reads it best."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from vms_desktop.core.address import (
    AddressKind,
    NetworkAddress,
    file_path,
    kind_of,
    network_address,
)
from vms_desktop.core.camera import CameraConfig, Transport
from vms_desktop.core.clock import Clock
from vms_desktop.core.container_stream import (
    LOCAL_VIDEO_CODECS,
    ContainerStream,
    FileStream,
    open_container,
    open_options,
    webcam,
)
from vms_desktop.core.errors import ConfigError, Problem, StreamError
from vms_desktop.core.inbox import Inbox
from vms_desktop.core.mjpeg_stream import open_mjpeg
from vms_desktop.core.reach import CONNECT_TIMEOUT_S, knock, reach
from vms_desktop.core.rtsp_stream import NotForUsError, open_rtsp
from vms_desktop.core.stream import READ_TIMEOUT_S, VIDEO_CODECS, Stream

OPEN_LIMIT_S = 4.8
"""Connecting fails after at most this long (the promise is 5 s)."""
ANSWER_LIMIT_S = 30.0
"""A camera that has accepted the connection may take so long for its first picture."""
_LEAST_S = 2.0
"""FFmpeg opens nothing in less."""
HANDSHAKES = 4
"""Cameras that shake hands at once; more would slow each other down."""


class Door:
    """Opens streams for all cameras.

    Args:
        data_folder: What plain paths are relative to.
    """

    def __init__(self, data_folder: Path, clock: Clock) -> None:
        self._data_folder = data_folder
        self._clock = clock
        self._handshakes = BoundedSemaphore(HANDSHAKES)
        # Asked by many threads; a set's single operations need no lock.
        self._for_ffmpeg: set[str] = set()

    def open(self, camera: CameraConfig, address: str, inbox: Inbox[Any]) -> Stream:
        """Connect to one of the camera's addresses.

        Raises:
            StreamError: It could not be opened; its text holds no secret.
        """
        kind = kind_of(address)
        if kind is AddressKind.FILE:
            return self._open_file(file_path(address, self._data_folder), inbox)
        if kind is AddressKind.WEBCAM:
            return self._open_webcam(int(address))
        try:
            network = network_address(address, camera.username, camera.password)
        except ConfigError:
            raise StreamError(Problem.BAD_ADDRESS) from None
        return self._open_network(network, camera, inbox)

    def answers(self, camera: CameraConfig, address: str, inbox: Inbox[Any]) -> bool:
        """Whether what is behind the address can be reached at all, at next to no cost."""
        if kind_of(address) is not AddressKind.NETWORK:
            return file_path(address, self._data_folder).exists()
        try:
            network = network_address(address, camera.username, camera.password)
        except ConfigError:
            return False
        return knock(network, lambda: inbox.stopped)

    def _open_network(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Inbox[Any]
    ) -> Stream:
        end = monotonic() + OPEN_LIMIT_S
        is_rtsp = address.scheme in ("rtsp", "rtsps")
        over_tcp = is_rtsp and camera.transport is Transport.TCP
        over_http = address.scheme in ("http", "https")
        if (over_tcp or over_http) and address.shown not in self._for_ffmpeg:
            open_ours = self._open_rtsp if over_tcp else self._open_http
            try:
                return open_ours(address, camera, inbox)
            except NotForUsError as err:
                if err.lasting:
                    self._for_ffmpeg.add(address.shown)
            if end - monotonic() < _LEAST_S:
                # It has the whole time the next time.
                raise StreamError(Problem.TIMED_OUT, address.host, answered=True)
        return self._open_by_ffmpeg(address, camera, inbox, end)

    def _open_rtsp(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Inbox[Any]
    ) -> Stream:
        return open_rtsp(
            address,
            lambda: inbox.stopped,
            self._clock,
            self._slot(inbox),
            verify=camera.tls_verify,
            limit_s=OPEN_LIMIT_S,
            out_of_order=lambda: self._for_ffmpeg.add(address.shown),
        )

    def _open_http(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Inbox[Any]
    ) -> Stream:
        # Not `wait`: an order that waits there would end it at once, again and again.
        return open_mjpeg(
            address,
            lambda: inbox.stopped,
            self._clock,
            inbox.rest,
            verify=camera.tls_verify,
            limit_s=ANSWER_LIMIT_S,
        )

    def _open_by_ffmpeg(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Inbox[Any], end: float
    ) -> Stream:
        verify = camera.tls_verify
        timeout_s = min(CONNECT_TIMEOUT_S, end - monotonic())
        reach(address, lambda: inbox.stopped, timeout_s, verify=verify)
        left_s = max(_LEAST_S, end - monotonic())
        form, options = open_options(address, camera, verify=verify)
        with self._slot(inbox):
            # PyAV applies the open timeout twice: to connecting and to probing.
            container = open_container(
                address.url, form, options, (left_s / 2, READ_TIMEOUT_S), address.host
            )
        try:
            # A datagram that finds the buffer full is lost; over TCP the camera waits.
            may_rest = form == "rtsp" and camera.transport is Transport.TCP
            return ContainerStream(
                container, self._clock, VIDEO_CODECS, address.host, may_rest=may_rest
            )
        except StreamError as err:
            container.close()
            err.answered = True
            raise

    @contextmanager
    def _slot(self, inbox: Inbox[Any]) -> Iterator[None]:
        """The right to shake hands, waited for without missing the end."""
        while not self._handshakes.acquire(timeout=0.1):
            if inbox.stopped:
                raise StreamError(Problem.ENDED)
        try:
            yield
        finally:
            self._handshakes.release()

    def _open_file(self, path: Path, inbox: Inbox[Any]) -> Stream:
        if not path.is_file():
            raise StreamError(Problem.NOT_FOUND, path.name)
        options = {"protocol_whitelist": "file"}
        container = open_container(
            f"file:{path}", None, options, (OPEN_LIMIT_S / 2, None), path.name
        )
        try:
            return FileStream(container, self._clock, inbox.wait, path.name)
        except StreamError:
            container.close()
            raise

    def _open_webcam(self, number: int) -> Stream:
        form, name = webcam(number)
        container = open_container(name, form, {}, (OPEN_LIMIT_S / 2, READ_TIMEOUT_S), name)
        try:
            return ContainerStream(container, self._clock, LOCAL_VIDEO_CODECS, name)
        except StreamError:
            container.close()
            raise
