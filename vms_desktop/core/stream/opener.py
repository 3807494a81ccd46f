"""The opener of streams: an address is looked at, reached, and opened by whoever reads it best."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from vms_desktop.core.base import Clock, ConfigError, Problem, StreamError, Waiting
from vms_desktop.core.config import (
    AddressKind,
    CameraConfig,
    NetworkAddress,
    Transport,
    address_kind,
    file_path,
    network_address,
)
from vms_desktop.core.stream.container_reader import ContainerReader, open_container
from vms_desktop.core.stream.ffmpeg_stream import (
    LOCAL_VIDEO_CODECS,
    FileStream,
    LiveStream,
    open_options,
)
from vms_desktop.core.stream.mjpeg_stream import open_mjpeg
from vms_desktop.core.stream.network import HabitBook, Habits, Turns, is_listening, open_socket
from vms_desktop.core.stream.packets import (
    LONGEST_SILENCE_S,
    VIDEO_CODECS,
    MovedError,
    NotForUsError,
    Patience,
    Stream,
)
from vms_desktop.core.stream.rtsp import open_rtsp, probe
from vms_desktop.core.stream.webcams import webcam_device

# A file or a webcam opens within this, or never.
LOCAL_S = 2.4
# FFmpeg's thread waits so long for an RTSP packet, holding a place at the camera.
READ_LIMIT_S = 12.0
_GRACE_S = 1.0
# Cameras that shake hands at once; more would slow each other down.
HANDSHAKES = 4


class StreamOpener:
    """Opens streams for all cameras.

    Args:
        data_folder: What plain paths are relative to.
        patience: How long cameras are waited for.
        habits: What is known of them already.
    """

    def __init__(
        self,
        data_folder: Path,
        clock: Clock,
        patience: Patience | None = None,
        habits: HabitBook | None = None,
    ) -> None:
        self._data_folder = data_folder
        self._clock = clock
        self._patience = patience or Patience()
        self._turns = Turns(HANDSHAKES, self._patience.turn_s)
        self._habits = habits or HabitBook(clock)

    def open(self, camera: CameraConfig, address: str, inbox: Waiting) -> Stream:
        """Connect to one of the camera's addresses.

        Raises:
            StreamError: It could not be opened; its text holds no secret.
        """
        kind = address_kind(address)
        if kind is AddressKind.FILE:
            return self._open_file(file_path(address, self._data_folder), inbox)
        if kind is AddressKind.WEBCAM:
            return self._open_webcam(int(address), inbox)
        try:
            network = network_address(address, camera.username, camera.password)
        except ConfigError:
            raise StreamError(Problem.BAD_ADDRESS) from None
        return self._open_network(network, camera, inbox)

    def answers(self, camera: CameraConfig, address: str, inbox: Waiting) -> bool:
        """True if what is behind the address can be reached at all, at next to no cost."""
        if address_kind(address) is not AddressKind.NETWORK:
            return file_path(address, self._data_folder).exists()
        try:
            network = network_address(address, camera.username, camera.password)
        except ConfigError:
            return False
        return is_listening(network, lambda: inbox.stopped)

    def forget(self, camera: CameraConfig) -> None:
        """Judge a camera anew: a person has edited how it is reached."""
        for address in (camera.watched_url, camera.recorded_url):
            if not address or address_kind(address) is not AddressKind.NETWORK:
                continue
            with suppress(ConfigError):
                network = network_address(address, camera.username, camera.password)
                self._habits.forget(network.shown)

    def _open_network(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Waiting
    ) -> Stream:
        habits = self._habits.of(address.shown)
        over_tcp = address.protocol == "rtsp" and camera.transport is Transport.TCP
        is_theirs = habits.for_ffmpeg or habits.is_reordered or habits.once_by_ffmpeg
        met = False
        if (over_tcp or address.protocol == "http") and not (is_theirs or habits.over_udp):
            try:
                return self._open_ourselves(address, camera, inbox, habits)
            except NotForUsError as err:
                if not err.lasting:
                    # One connection a try: whether FFmpeg fares better shows the next one.
                    habits.once_by_ffmpeg = True
                    raise StreamError(Problem.BAD_DATA, address.host, answered=True) from None
                habits.over_udp = err.over_udp
                habits.for_ffmpeg = not err.over_udp
                met = not isinstance(err, MovedError)
        habits.once_by_ffmpeg = False
        if over_tcp and habits.over_udp:
            camera = replace(camera, transport=Transport.UDP)
        try:
            return self._open_by_ffmpeg(address, camera, inbox, met=met)
        except StreamError:
            habits.for_ffmpeg = False  # Perhaps the camera was only starting,
            if over_tcp:
                habits.over_udp = False  # or takes TCP now.
            raise

    def _open_ourselves(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Waiting, habits: Habits
    ) -> Stream:
        """Have it opened without FFmpeg; raises NotForUsError where that cannot be."""
        verify, patience = camera.tls_verify, self._patience

        def stopped() -> bool:
            return inbox.stopped

        if address.protocol == "rtsp":
            turn = self._turns.turn(stopped)
            return open_rtsp(
                address, stopped, self._clock, turn, verify=verify, patience=patience, habits=habits
            )
        # Not `wait`: an order that waits there would end it at once, again and again.
        return open_mjpeg(
            address, stopped, self._clock, inbox.rest, verify=verify, patience=patience
        )

    def _open_by_ffmpeg(
        self, address: NetworkAddress, camera: CameraConfig, inbox: Waiting, *, met: bool
    ) -> Stream:
        """Have FFmpeg open it; a camera that was `met` in this try need not be reached again."""
        verify, patience = camera.tls_verify, self._patience

        def stopped() -> bool:
            return inbox.stopped

        if not met and address.protocol == "rtsp":
            probe(address, stopped, patience, verify=verify)
        elif not met:
            open_socket(address, stopped, patience, verify=verify).close()
        form, options = open_options(address, camera, verify=verify)
        read_s = READ_LIMIT_S if form == "rtsp" else LONGEST_SILENCE_S
        with self._turns.turn(stopped):
            end = monotonic() + patience.answer_s
            # PyAV applies the open timeout twice, to connecting and to probing: a limit of ours
            # holds for both. FFmpeg's comes first, for what it has found out by then counts.
            limits = patience.answer_s, read_s
            opens = partial(open_container, address.url, form, options, limits, address.host)
            reader = ContainerReader(opens, address.host)
            container = reader.container(stopped, patience.answer_s + _GRACE_S)
        return LiveStream(
            reader,
            container,
            self._clock,
            VIDEO_CODECS,
            address.host,
            # What rests waits in the reader's queue; worth it where packets are many and even.
            may_rest=form == "rtsp" and camera.transport is Transport.TCP,
            first_s=max(0.0, end - monotonic()),
        )

    def _open_file(self, path: Path, inbox: Waiting) -> Stream:
        if not path.is_file():
            raise StreamError(Problem.NOT_FOUND, path.name)
        options = {"protocol_whitelist": "file"}
        container = open_container(f"file:{path}", None, options, (LOCAL_S, None), path.name)
        return FileStream(container, self._clock, inbox.wait, path.name)

    def _open_webcam(self, number: int, inbox: Waiting) -> Stream:
        form, name = webcam_device(number)
        opens = partial(open_container, name, form, {}, (LOCAL_S, READ_LIMIT_S), name)
        reader = ContainerReader(opens, name)
        container = reader.container(lambda: inbox.stopped, 2 * LOCAL_S)
        return LiveStream(reader, container, self._clock, LOCAL_VIDEO_CODECS, name)
