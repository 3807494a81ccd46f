"""A stream that is opened and read: the door at which addresses, times and errors are made sane.

One thread opens, reads and closes a stream; closing it from another while it
is being read is a segmentation fault in FFmpeg. Nothing behind this module
sees an FFmpeg error, an unchecked time or a password.
"""

import logging
import math
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer

from vms_desktop.core.address import (
    AddressKind,
    NetworkAddress,
    file_path,
    kind_of,
    network_address,
)
from vms_desktop.core.camera import CameraConfig, Transport
from vms_desktop.core.clock import Clock
from vms_desktop.core.errors import ConfigError, Problem, StreamError
from vms_desktop.core.inbox import Inbox
from vms_desktop.core.nal import is_annex_b, parameter_sets
from vms_desktop.core.packet import COPIED_VIDEO, AvPacket, Packet, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.reach import knock, reach
from vms_desktop.core.timestamps import TimestampGuard

log = logging.getLogger(__name__)

OPEN_LIMIT_S = 4.8
"""Connecting fails after at most this long (the promise is 5 s)."""
READ_TIMEOUT_S = 3.0
"""Silence after which a stream is lost."""
REST_BYTES = 120 * 1024
"""What may wait in the system's buffer: less than Linux gives a connection at first (128 KiB)."""
HANDSHAKES = 4
"""Cameras that shake hands at once; more would slow each other down."""

_AWAITED_S = 0.002  # Reading what is there already takes a tenth of this.
_MAX_FILE_LAG_S = 1.0  # A machine that slept does not play what it missed all at once.
_VIDEO_CODECS = frozenset({"h264", "hevc", "mjpeg"})
_AUDIO_CODECS = frozenset({"aac", "pcm_alaw", "pcm_mulaw", "opus"})
_LOCAL_VIDEO_CODECS = _VIDEO_CODECS | {"rawvideo", "mpeg4", "vp8", "vp9", "av1"}
_STAMPED_ON_ARRIVAL = frozenset({"mpjpeg"})  # Parts of a multipart reply carry no times.
_ARRIVAL_TIME_BASE = Fraction(1, 90_000)
_TO_ANNEX_B = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
_ERRORS: tuple[tuple[type[Exception], Problem], ...] = (
    (av.HTTPUnauthorizedError, Problem.WRONG_PASSWORD),
    (av.HTTPForbiddenError, Problem.WRONG_PASSWORD),
    (av.HTTPNotFoundError, Problem.NOT_FOUND),
    (av.FileNotFoundError, Problem.NOT_FOUND),
    (av.ConnectionRefusedError, Problem.REFUSED),
    (av.TimeoutError, Problem.TIMED_OUT),
    (av.ExitError, Problem.TIMED_OUT),
    (av.EOFError, Problem.ENDED),
)

# Format and options by scheme. FFmpeg ignores an option that it does not know without a
# word, so a test asks it for each of these.
_PROBING = {"probesize": "1000000", "analyzeduration": "1000000", "fpsprobesize": "0"}
_SCHEMES: Mapping[str, tuple[str | None, Mapping[str, str]]] = {
    "rtsp": ("rtsp", {"protocol_whitelist": "rtsp,rtp,tcp,udp"}),
    "rtsps": ("rtsp", {"protocol_whitelist": "rtsp,rtp,tcp,tls,udp"}),
    "http": (None, {"protocol_whitelist": "http,https,httpproxy,tcp,tls,crypto"}),
    "https": (None, {"protocol_whitelist": "http,https,httpproxy,tcp,tls,crypto"}),
    "rtmp": ("flv", {"protocol_whitelist": "rtmp,rtmpt,ffrtmphttp,http,tcp"}),
    "rtmps": ("flv", {"protocol_whitelist": "rtmps,rtmp,tls,tcp"}),
}


class Stream:
    """An open stream; iterate over `packets()`, then `close()`.

    Attributes:
        video: The facts of its video.
        audio: PyAV's audio stream, for a clip's template and for decoding;
            None where there is none of a known codec.
        dropped: Video packets that came late and were left out.
    """

    def __init__(
        self,
        container: InputContainer,
        clock: Clock,
        codecs: frozenset[str],
        host: str,
        *,
        may_rest: bool = False,
    ) -> None:
        self.dropped = 0
        self._silence_s = READ_TIMEOUT_S - 0.1
        self._may_rest = may_rest
        self._received_bytes = 0
        self._opened_at = clock.monotonic()
        self._container = container
        self._clock = clock
        self._host = host
        if not container.streams.video:
            raise StreamError(Problem.NO_VIDEO, host)
        self._source = container.streams.video[0]
        codec = self._source.codec_context.name if self._source.codec_context else "?"
        if codec not in codecs:
            raise StreamError(Problem.UNSUPPORTED_CODEC, codec)
        self.audio = next(
            (s for s in container.streams.audio if s.codec_context.name in _AUDIO_CODECS), None
        )
        self._on_arrival = container.format.name in _STAMPED_ON_ARRIVAL
        self.video = _video_facts(self._source, self._on_arrival)
        self._to_annex_b = _annex_b_filter(self._source)
        self._video_guard = self._guard(self.video.time_base, self.video.frame_rate)
        self._audio_guard: TimestampGuard | None = None
        if self.audio is not None:
            self._audio_guard = self._guard(self.audio.time_base or _ARRIVAL_TIME_BASE, 50.0)

    def close(self) -> None:
        """Let go of the connection."""
        self._container.close()

    def packets(self, stopped: Callable[[], bool]) -> Iterator[Packet]:
        """The packets as they arrive, until `stopped()`.

        Raises:
            StreamError: The stream ended, fell silent, or sends nonsense.
        """
        read_at = progress = self._clock.monotonic()
        for data in self._read(stopped):
            now = self._clock.monotonic()
            if stopped():
                return
            packet = self._take(data, now, now - read_at > _AWAITED_S) if data.size else None
            # FFmpeg's own limit hands out what it held back first, and raises at twice the time.
            expired = now - read_at >= self._silence_s
            read_at = now
            if packet and packet.is_video and not expired:
                progress = now
            elif expired or now - progress >= self._silence_s:
                raise StreamError(Problem.TIMED_OUT, self._host)
            if packet:
                yield packet
                # What became of the packet takes its own time; that is no silence.
                read_at = self._clock.monotonic()
                progress += read_at - now
        raise StreamError(Problem.ENDED, self._host)

    def _read(self, stopped: Callable[[], bool]) -> Iterator[AvPacket]:
        """PyAV's packets, Annex B where that is known; stops at the end of the stream."""
        tracks = [self._source] if self.audio is None else [self._source, self.audio]
        demuxer = self._container.demux(tracks)
        while True:
            try:
                data = next(demuxer, None)
            except (av.FFmpegError, OSError) as err:
                raise stream_error(err, self._host) from None
            if data is None:
                return
            yield from self._converted(data)

    def _converted(self, data: AvPacket) -> list[AvPacket]:
        if self._to_annex_b is None or data.stream is not self._source or not data.size:
            return [data]
        try:
            return self._to_annex_b.filter(data)
        except av.FFmpegError:
            return []  # A unit that is cut off; the decoder would refuse it too.

    def rest_s(self, longest_s: float) -> float:
        """How long the next packets may wait in the system's buffer, unread; 0 for not at all.

        Packets that nobody waits for are read in groups: a wake-up costs more than its packet.
        """
        if not self._may_rest or not self._received_bytes:
            return 0.0
        open_s = self._clock.monotonic() - self._opened_at
        return min(longest_s, REST_BYTES * open_s / self._received_bytes)

    def _take(self, data: AvPacket, now: float, awaited: bool) -> Packet | None:
        self._received_bytes += data.size
        is_video = self.audio is None or data.stream_index != self.audio.index
        guard = self._video_guard if is_video else self._audio_guard
        assert guard is not None
        dts, pts = data.dts, data.pts
        time_base = self.video.time_base if is_video else data.time_base
        if is_video and self._on_arrival:
            dts = pts = int(now / _ARRIVAL_TIME_BASE)
        timed = guard.judge(dts, pts, data.duration)
        if timed is None:
            self.dropped += is_video
            return None
        return Packet(
            data=data,
            is_video=is_video,
            is_keyframe=data.is_keyframe,
            dts=timed.dts,
            pts=timed.pts,
            duration=data.duration or 0,
            time_base=time_base,
            size_bytes=data.size,
            arrived=now,
            breaks=timed.breaks,
            awaited=awaited,
        )

    @staticmethod
    def _guard(time_base: Fraction, frame_rate: float) -> TimestampGuard:
        return TimestampGuard(float(time_base), round(1 / (frame_rate or 15) / time_base))


class FileStream(Stream):
    """A video file that plays in a loop at its own pace, as a camera would send it."""

    def __init__(
        self, container: InputContainer, clock: Clock, wait: Callable[[float], bool], name: str
    ) -> None:
        super().__init__(container, clock, _LOCAL_VIDEO_CODECS, name)
        self._silence_s = math.inf
        self._wait = wait
        # One turn of the loop lasts as long as its video; sound that is longer is cut.
        self._begun = clock.monotonic()
        self._turn_start_s = 0.0
        self._turn_end_s = 0.0

    def _read(self, stopped: Callable[[], bool]) -> Iterator[AvPacket]:
        while not stopped():
            count = 0
            for data in super()._read(stopped):
                if data.size:
                    count += 1
                    self._place(data, count)
                    yield data
            if not count:
                return
            self._turn_start_s = self._turn_end_s
            self._rewind()

    def _place(self, data: AvPacket, count: int) -> None:
        """Move the packet's times to this turn of the loop and wait until it is due."""
        tick = float(data.time_base)
        frame_s = 1 / (self.video.frame_rate or 25)
        is_video = data.stream_index == self._source.index
        first_s = float((self._source.start_time or 0) * self.video.time_base)
        shift = round((self._turn_start_s - first_s) / tick)
        if data.dts is None:  # Elementary streams have no times of their own.
            data.dts = data.pts = round(count * frame_s / tick) - shift
        data.dts += shift
        if data.pts is not None:
            data.pts += shift
        due_s = data.dts * tick
        if is_video:
            self._turn_end_s = max(self._turn_end_s, due_s + frame_s)
        ahead_s = self._begun + due_s - self._clock.monotonic()
        if ahead_s < -_MAX_FILE_LAG_S:
            self._begun -= ahead_s
        elif ahead_s > 0:
            self._wait(ahead_s)

    def _rewind(self) -> None:
        try:
            self._container.seek(self._source.start_time or 0, stream=self._source)
        except av.FFmpegError as err:
            raise stream_error(err, self._host) from None
        self._to_annex_b = _annex_b_filter(self._source)


class Door:
    """Opens streams for all cameras.

    Args:
        data_folder: What plain paths are relative to.
    """

    def __init__(self, data_folder: Path, clock: Clock) -> None:
        self._data_folder = data_folder
        self._clock = clock
        self._handshakes = BoundedSemaphore(HANDSHAKES)

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
        began = monotonic()
        verify = camera.tls_verify
        reach(address, lambda: inbox.stopped, verify=verify)
        left_s = max(2.0, OPEN_LIMIT_S - (monotonic() - began))
        form, options = open_options(address, camera, verify=verify)
        with self._slot(inbox):
            # PyAV applies the open timeout twice: to connecting and to probing.
            container = _open(
                address.url, form, options, (left_s / 2, READ_TIMEOUT_S), address.host
            )
        try:
            # A datagram that finds the buffer full is lost; over TCP the camera waits.
            may_rest = form == "rtsp" and camera.transport is Transport.TCP
            return Stream(container, self._clock, _VIDEO_CODECS, address.host, may_rest=may_rest)
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
        container = _open(f"file:{path}", None, options, (OPEN_LIMIT_S / 2, None), path.name)
        try:
            return FileStream(container, self._clock, inbox.wait, path.name)
        except StreamError:
            container.close()
            raise

    def _open_webcam(self, number: int) -> Stream:
        form, name = _webcam(number)
        container = _open(name, form, {}, (OPEN_LIMIT_S / 2, READ_TIMEOUT_S), name)
        try:
            return Stream(container, self._clock, _LOCAL_VIDEO_CODECS, name)
        except StreamError:
            container.close()
            raise


def open_options(
    address: NetworkAddress, camera: CameraConfig, *, verify: bool
) -> tuple[str | None, dict[str, str]]:
    """FFmpeg's name of the format, None to let it probe, and its options for the address."""
    form, given = _SCHEMES[address.scheme]
    options = dict(_PROBING) | dict(given)
    microseconds = str(round(READ_TIMEOUT_S * 1e6))
    if form == "rtsp":
        options |= {
            "rtsp_transport": str(camera.transport),
            "timeout": microseconds,
            "allowed_media_types": "video+audio",
        }
    elif form is None:
        options["rw_timeout"] = microseconds
    if address.scheme in ("rtsps", "https", "rtmps") and verify:
        options["tls_verify"] = "1"
        if authorities := ssl.get_default_verify_paths().cafile:
            options["ca_file"] = authorities
    return form, options


def stream_error(err: Exception, host: str) -> StreamError:
    """The failure of FFmpeg as one of ours. Its text quotes the address, password included."""
    for kind, problem in _ERRORS:
        if isinstance(err, kind):
            return StreamError(problem, host, answered=True)
    log.debug("%s: %s", host, getattr(err, "strerror", type(err).__name__))
    return StreamError(Problem.BAD_DATA, host, answered=True)


def _open(
    url: str,
    form: str | None,
    options: dict[str, str],
    timeout: tuple[float, float | None],
    shown: str,
) -> InputContainer:
    try:
        return av.open(url, format=form, options=options, timeout=timeout)
    except (av.FFmpegError, OSError) as err:
        raise stream_error(err, shown) from None
    except ValueError:  # PyAV's word for a format that this FFmpeg lacks.
        raise StreamError(Problem.BAD_ADDRESS, shown) from None


def _video_facts(source: av.VideoStream, on_arrival: bool) -> VideoFacts:
    context = source.codec_context
    extradata = context.extradata or b""
    return VideoFacts(
        codec=context.name,
        size=Size(context.width, context.height),
        time_base=_ARRIVAL_TIME_BASE if on_arrival else source.time_base or _ARRIVAL_TIME_BASE,
        frame_rate=float(source.average_rate or 0),
        parameters=parameter_sets(extradata, context.name) if is_annex_b(extradata) else b"",
        pixel_format=context.pix_fmt or "",
    )


def _annex_b_filter(source: av.VideoStream) -> BitStreamFilterContext | None:
    """What turns length-prefixed units into Annex B; None where they come so already."""
    context = source.codec_context
    extradata = context.extradata or b""
    if context.name not in COPIED_VIDEO or not extradata or is_annex_b(extradata):
        return None
    return BitStreamFilterContext(_TO_ANNEX_B[context.name], in_stream=source)


def _webcam(number: int) -> tuple[str, str]:
    """FFmpeg's input format and device name for the system's webcam of this number."""
    if sys.platform == "darwin":
        return "avfoundation", str(number)
    if sys.platform == "win32":
        found = av.enumerate_input_devices("dshow")
        devices = [device for device in found if "video" in device.media_types]
        if number >= len(devices):
            raise StreamError(Problem.NOT_FOUND, str(number))
        return "dshow", f"video={devices[number].description}"
    return "v4l2", f"/dev/video{number}"
