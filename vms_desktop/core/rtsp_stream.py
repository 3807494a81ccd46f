"""A camera's RTSP stream over TCP, read by this program itself.

FFmpeg reads every RTP packet in six system calls, asks for Python's lock
before each, and opens for a second and more without hearing that the end was
asked for. A tenth of the whole program's CPU lay there. What is unusual
(another codec or transport, a redirect, pictures out of order) stays FFmpeg's.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from fractions import Fraction
from io import BytesIO
from typing import Any, NamedTuple

import av
from av.container import OutputContainer

from vms_desktop.core.address import NetworkAddress
from vms_desktop.core.clock import Clock
from vms_desktop.core.errors import Problem, StreamError
from vms_desktop.core.packet import AvPacket, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.reach import connected
from vms_desktop.core.rtp import Depacketizer, Unit, depacketizer, parse_rtp
from vms_desktop.core.rtsp import Reply, RtspConnection
from vms_desktop.core.sdp import Track, control_url, parse_sdp
from vms_desktop.core.stream import READ_TIMEOUT_S, Stream

SIGN_OF_LIFE_S = 20.0
"""Cameras end a session from which they hear nothing for a minute; some for half of one."""
MOST_BACKWARD = 3
BACKWARD_WINDOW = 12
"""So many times backward in so many pictures are B-frames, whose order FFmpeg knows."""
MOST_APART_S = 2.0
"""Sound and picture of one camera that tell other times than this have clocks of their own."""

_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
_SOUNDS = {"MPEG4-GENERIC": "aac", "PCMU": "pcm_mulaw", "PCMA": "pcm_alaw"}
_KINDS = {401: Problem.WRONG_PASSWORD, 403: Problem.WRONG_PASSWORD, 404: Problem.NOT_FOUND}
_SOUNDS_OF_FFMPEG = frozenset({"OPUS", "MP4A-LATM"})
_SENDER_REPORT = 200
_NTP_SECOND = 1 << 32

Stopped = Callable[[], bool]


class NotForUsError(Exception):
    """FFmpeg has to read this stream."""


class _Channel(NamedTuple):
    """A track that is sent: interleaved on `number`, its reports on the next one."""

    number: int
    track: Track
    depacketizer: Depacketizer
    is_video: bool


def open_rtsp(
    address: NetworkAddress,
    stopped: Stopped,
    clock: Clock,
    slot: AbstractContextManager[None],
    *,
    verify: bool,
    out_of_order: Callable[[], None],
) -> "RtspStream":
    """Ask a camera for its stream; once it answers, within the slot.

    `out_of_order` is told where the stream turns out to be one for FFmpeg.

    Raises:
        StreamError: It could not be opened.
        NotForUsError: It could, by FFmpeg.
    """
    sock = connected(address, stopped, verify=verify)
    connection = RtspConnection(sock, address, stopped)
    try:
        url = address.bare_url
        described = connection.request("DESCRIBE", url, {"Accept": "application/sdp"})
        _check(described, address)
        with slot:
            return _opened(connection, address, clock, described, out_of_order)
    except BaseException:
        connection.close()
        raise


def _opened(
    connection: RtspConnection,
    address: NetworkAddress,
    clock: Clock,
    described: Reply,
    out_of_order: Callable[[], None],
) -> "RtspStream":
    session, headers = parse_sdp(described.body), described.headers
    base = headers.get("content-base") or headers.get("content-location") or address.bare_url
    together = control_url(base, session.control)
    channels = [
        _set_up(connection, address, control_url(base, track.control), track, made, 2 * number)
        for number, (track, made) in enumerate(_taken(session.tracks, address))
    ]
    _check(connection.request("PLAY", together, {"Range": "npt=0.000-"}), address)
    return RtspStream(connection, channels, clock, address.host, together, out_of_order)


def _check(reply: Reply, address: NetworkAddress) -> None:
    if reply.status == 200:
        return
    if kind := _KINDS.get(reply.status):
        raise StreamError(kind, address.host, answered=True)
    raise NotForUsError(reply.status)


def _taken(
    tracks: tuple[Track, ...], address: NetworkAddress
) -> Iterator[tuple[Track, Depacketizer]]:
    """The first picture, and the first sound of a codec that this program knows."""
    video = next((track for track in tracks if track.media == "video"), None)
    if video is None:
        raise StreamError(Problem.NO_VIDEO, address.host, answered=True)
    yield video, _depacketizer(video)
    for sound in tracks:
        if sound.media == "audio" and sound.encoding in _SOUNDS.keys() | _SOUNDS_OF_FFMPEG:
            yield sound, _depacketizer(sound)
            return


def _depacketizer(track: Track) -> Depacketizer:
    made = depacketizer(track)
    if made is None:
        raise NotForUsError(track.encoding)
    return made


def _set_up(
    connection: RtspConnection,
    address: NetworkAddress,
    url: str,
    track: Track,
    made: Depacketizer,
    number: int,
) -> _Channel:
    transport = f"RTP/AVP/TCP;unicast;interleaved={number}-{number + 1}"
    reply = connection.request("SETUP", url, {"Transport": transport})
    _check(reply, address)
    session = reply.headers.get("session", "").partition(";")[0].strip()
    connection.session = session or connection.session
    given = re.search(r"interleaved=(\d+)", reply.headers.get("transport", ""))
    return _Channel(int(given[1]) if given else number, track, made, track.media == "video")


class RtspStream(Stream):
    """What comes interleaved on an RTSP connection."""

    def __init__(
        self,
        connection: RtspConnection,
        channels: list[_Channel],
        clock: Clock,
        host: str,
        url: str,
        out_of_order: Callable[[], None],
    ) -> None:
        video = channels[0].track
        facts = VideoFacts(
            codec=_CODECS[video.encoding],
            size=Size(0, 0),
            time_base=Fraction(1, video.clock_hz),
            frame_rate=video.frame_rate,
            parameters=video.parameter_sets,
        )
        sound = channels[1].track if len(channels) > 1 else None
        # The stream of a file that is never written tells muxer and decoder what sound it is.
        self._nowhere = av.open(BytesIO(), "w", format="nut")
        audio = _template(self._nowhere, sound) if sound else None
        super().__init__(facts, audio, clock, host, may_rest=True)
        self._connection = connection
        self._url = url
        self._channels = {channel.number: channel for channel in channels}
        self._bases = {c.number: Fraction(1, c.track.clock_hz) for c in channels}
        self._sync = SoundSync(channels) if sound else None
        self._order = PictureOrder()
        self._out_of_order = out_of_order

    def close(self) -> None:
        with suppress(StreamError):
            self._connection.send("TEARDOWN", self._url)
        self._connection.close()

    def _read(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        seen = alive = self._clock.monotonic()
        while not stopped():
            for channel, unit in self._units():
                if packet := self._packet(channel, unit):
                    yield packet, channel.is_video
                    if channel.is_video:
                        # What became of the packet takes its own time; that is no silence.
                        seen = self._clock.monotonic()
            now = self._clock.monotonic()
            if now - seen > READ_TIMEOUT_S:
                raise StreamError(Problem.TIMED_OUT, self._host)
            if now - alive > SIGN_OF_LIFE_S:
                alive = now
                self._connection.send("OPTIONS", self._url)
            self._connection.fill()

    def _units(self) -> Iterator[tuple[_Channel, Unit]]:
        """What the received packets complete."""
        channels = self._channels
        for number, data in self._connection.frames():
            channel = channels.get(number)
            if channel is not None:
                packet = parse_rtp(data)
                if packet is not None:
                    for unit in channel.depacketizer.take(packet):
                        yield channel, unit
            elif self._sync:
                self._sync.reported(number - 1, data)

    def _packet(self, channel: _Channel, unit: Unit) -> AvPacket | None:
        """The unit as PyAV takes it; None for sound from before the first picture."""
        if channel.is_video and not self._order.follows(unit.ticks):
            self._out_of_order()
            raise StreamError(Problem.ENDED, self._host)
        shift = self._sync.shift(channel.is_video, self._clock.monotonic()) if self._sync else 0
        if shift is None:
            return None
        packet = av.Packet(unit.data)
        packet.time_base = self._bases[channel.number]
        packet.pts = packet.dts = unit.ticks + shift
        packet.duration = unit.duration
        packet.is_keyframe = unit.is_keyframe
        return packet


class PictureOrder:
    """Notices pictures that do not come in the order in which they are shown."""

    def __init__(self) -> None:
        self._last = 0
        self._backward: deque[bool] = deque(maxlen=BACKWARD_WINDOW)

    def follows(self, ticks: int) -> bool:
        """Whether the order is still believed to be that of the screen."""
        self._backward.append(ticks < self._last)
        self._last = ticks
        return self._backward.count(True) < MOST_BACKWARD


class SoundSync:
    """Where the sound's times begin on the picture's clock.

    First by arrival; exactly, once the camera has reported for both which of
    their times are the same moment (RFC 3550, 6.4.1).
    """

    def __init__(self, channels: list[_Channel]) -> None:
        self._video, self._sound = channels
        self._begun_at: float | None = None
        self._shift: int | None = None
        self._zeros: dict[int, float] = {}

    def shift(self, is_video: bool, now: float) -> int | None:
        """What to add to a unit's ticks; None for sound from before the first picture."""
        if is_video:
            self._begun_at = now if self._begun_at is None else self._begun_at
            return 0
        if self._shift is None and self._begun_at is not None:
            self._shift = round((now - self._begun_at) * self._sound.track.clock_hz)
        return self._shift

    def reported(self, number: int, data: bytes) -> None:
        """A packet of reports came for the track of that channel."""
        known = len(self._zeros) == 2
        if known or len(data) < 20 or data[1] != _SENDER_REPORT or self._shift is None:
            return
        channel = self._video if number == self._video.number else self._sound
        told_s = int.from_bytes(data[8:16]) / _NTP_SECOND
        ticks = channel.depacketizer.timeline.at(int.from_bytes(data[16:20]))
        if ticks is not None and told_s:
            self._zeros[number] = told_s - ticks / channel.track.clock_hz
        if len(self._zeros) == 2:
            self._settle(self._shift)

    def _settle(self, shift: int) -> None:
        apart_s = self._zeros[self._sound.number] - self._zeros[self._video.number]
        exact = round(apart_s * self._sound.track.clock_hz)
        if abs(exact - shift) <= MOST_APART_S * self._sound.track.clock_hz:
            self._shift = exact


def _template(container: OutputContainer, sound: Track) -> av.AudioStream:
    """A stream that says what a track's sound is."""
    stream: Any = container.add_stream(_SOUNDS[sound.encoding], rate=sound.clock_hz)
    stream.codec_context.layout = "stereo" if sound.channels == 2 else "mono"
    stream.time_base = Fraction(1, sound.clock_hz)
    with suppress(ValueError):
        stream.codec_context.extradata = bytes.fromhex(sound.parameters.get("config", ""))
    return stream  # type: ignore[no-any-return]
