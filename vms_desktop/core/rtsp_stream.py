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
from math import inf
from time import monotonic
from typing import NamedTuple

import av

from vms_desktop.core.address import NetworkAddress
from vms_desktop.core.clock import Clock
from vms_desktop.core.entry_points import EntryPoints
from vms_desktop.core.errors import Problem, StreamError
from vms_desktop.core.nal import parameter_sets
from vms_desktop.core.packet import AvPacket, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.reach import CONNECT_TIMEOUT_S, Stopped, connected
from vms_desktop.core.rtp import Depacketizer, Unit, depacketizer, parse_rtp
from vms_desktop.core.rtp_sound import SOUNDS, sound_depacketizer
from vms_desktop.core.rtsp import MOST_CHANNEL, Reply, RtspConnection
from vms_desktop.core.sdp import Track, control_url, is_absolute, parse_sdp
from vms_desktop.core.stream import READ_TIMEOUT_S, Stream

SIGN_OF_LIFE_S = 20.0
"""Cameras end a session from which they hear nothing for a minute, or for what they say."""
MOST_BACKWARD = 3
BACKWARD_WINDOW = 30
"""So many times backward in so many pictures are B-frames, whose order FFmpeg knows."""
MOST_APART_S = 2.0
"""Sound and picture of one camera that tell other times than this have clocks of their own."""
WORTH_MOVING_S = 0.03
"""Two clocks drift apart by seconds a day; by less than this nobody hears it."""

_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
_KINDS = {401: Problem.WRONG_PASSWORD, 403: Problem.WRONG_PASSWORD, 404: Problem.NOT_FOUND}
_SOUNDS_OF_FFMPEG = frozenset({"OPUS", "MP4A-LATM"})
_NOT_ENOUGH_BANDWIDTH = 453
_SENDER_REPORT = 200
_NTP_SECOND = 1 << 32


class NotForUsError(Exception):
    """FFmpeg has to read this stream.

    Attributes:
        lasting: Whether it will be so the next time, too.
    """

    def __init__(self, reason: object, *, lasting: bool = True) -> None:
        super().__init__(str(reason))
        self.lasting = lasting


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
    limit_s: float,
    out_of_order: Callable[[], None],
) -> "RtspStream":
    """Ask a camera for its stream; once it answers, within the slot.

    `out_of_order` is told where the stream turns out to be one for FFmpeg. All of it takes
    `limit_s` at most, and what is waited for the slot.

    Raises:
        StreamError: It could not be opened.
        NotForUsError: It could, by FFmpeg.
    """
    end = monotonic() + limit_s
    sock = connected(address, stopped, min(limit_s, CONNECT_TIMEOUT_S), verify=verify)
    connection = RtspConnection(sock, address, stopped, end)
    try:
        url = address.bare_url
        described = connection.request("DESCRIBE", url, {"Accept": "application/sdp"})
        _check_described(described, address)
        left_s = end - monotonic()
        with slot:
            connection.deadline = monotonic() + left_s
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
    session, base = parse_sdp(described.body), _base(described, address)
    together = control_url(base, session.control)
    channels: dict[int, _Channel] = {}
    for number, (track, made) in enumerate(_taken(session.tracks, address)):
        url = control_url(base, track.control)
        channel = _set_up(connection, url, track, made, 2 * number)
        # A second one on the same channel could not be told from the first.
        if channel and channel.number not in channels:
            channels[channel.number] = channel
    played = connection.request("PLAY", together, {"Range": "npt=0.000-"})
    _check(played)
    return RtspStream(connection, channels, clock, address.host, together, out_of_order)


def _base(described: Reply, address: NetworkAddress) -> str:
    """What names of tracks are below of; some cameras tell it without a scheme."""
    headers = described.headers
    told = headers.get("content-base") or headers.get("content-location") or ""
    return told if is_absolute(told) else address.bare_url


def _check_described(reply: Reply, address: NetworkAddress) -> None:
    if kind := _KINDS.get(reply.status):
        raise StreamError(kind, address.host, answered=True)
    _check(reply)


def _check(reply: Reply) -> None:
    if reply.status != 200:
        is_passing = reply.status >= 500 or reply.status == _NOT_ENOUGH_BANDWIDTH
        raise NotForUsError(reply.status, lasting=not is_passing)


def _taken(
    tracks: tuple[Track, ...], address: NetworkAddress
) -> Iterator[tuple[Track, Depacketizer]]:
    """The first picture, and the first sound of a codec that this program knows."""
    video = next((track for track in tracks if track.media == "video"), None)
    if video is None:
        raise StreamError(Problem.NO_VIDEO, address.host, answered=True)
    yield video, _depacketizer(video)
    for sound in tracks:
        if sound.media == "audio" and sound.encoding in SOUNDS.keys() | _SOUNDS_OF_FFMPEG:
            yield sound, _depacketizer(sound)
            return


def _depacketizer(track: Track) -> Depacketizer:
    made = depacketizer(track) if track.media == "video" else sound_depacketizer(track)
    if made is None:
        raise NotForUsError(track.encoding)
    return made


def _set_up(
    connection: RtspConnection, url: str, track: Track, made: Depacketizer, number: int
) -> _Channel | None:
    """The track's channel; None for a sound that the camera does not want to send."""
    is_video = track.media == "video"
    transport = f"RTP/AVP/TCP;unicast;interleaved={number}-{number + 1}"
    reply = connection.request("SETUP", url, {"Transport": transport})
    if reply.status != 200 and not is_video:
        return None
    _check(reply)
    name, _, told = reply.headers.get("session", "").partition(";")
    connection.session = connection.session or name.strip()
    if timeout := re.search(r"timeout *= *0*([1-9]\d{0,5})", told):
        connection.timeout_s = min(connection.timeout_s, int(timeout[1]))
    given = reply.headers.get("transport", "")
    found = re.search(r"interleaved *= *(\d{1,3})", given)
    chosen = int(found[1]) if found else number
    if "client_port" in given or chosen > MOST_CHANNEL:
        raise NotForUsError(given)
    return _Channel(chosen, track, made, is_video)


class RtspStream(Stream):
    """What comes interleaved on an RTSP connection."""

    def __init__(
        self,
        connection: RtspConnection,
        channels: dict[int, _Channel],
        clock: Clock,
        host: str,
        url: str,
        out_of_order: Callable[[], None],
    ) -> None:
        video, sound = (*channels.values(), None)[:2]
        assert video is not None
        codec = _CODECS[video.track.encoding]
        facts = VideoFacts(
            codec=codec,
            size=Size(0, 0),
            time_base=Fraction(1, video.track.clock_hz),
            frame_rate=video.track.frame_rate,
            parameters=parameter_sets(video.track.parameter_sets, codec),
        )
        audio = sound.depacketizer.sound if sound else None
        super().__init__(facts, audio, clock, host, may_rest=True)
        self._connection = connection
        self._url = url
        self._channels = channels
        self._bases = {c.number: Fraction(1, c.track.clock_hz) for c in channels.values()}
        self._sync = SoundSync(video, sound) if sound else None
        self._order = PictureOrder()
        self._entries = EntryPoints(codec, facts.parameters)
        self._out_of_order = out_of_order

    def close(self) -> None:
        with suppress(StreamError):
            self._connection.send("TEARDOWN", self._url)
        self._connection.close()

    def _read(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        connection, monotonic_s = self._connection, self._clock.monotonic
        # A third: one that is refused, since its nonce has grown old, leaves time for the next.
        alive_s = min(SIGN_OF_LIFE_S, max(1.0, connection.timeout_s / 3))
        seen, alive = monotonic_s(), -inf
        while not stopped():
            for channel, unit in self._units():
                if packet := self._packet(channel, unit):
                    came = monotonic_s()
                    yield packet, channel.is_video
                    # What became of the packet takes its own time; that is no silence.
                    seen = monotonic_s() if channel.is_video else seen + monotonic_s() - came
            now = monotonic_s()
            if now - seen > READ_TIMEOUT_S:
                raise StreamError(Problem.TIMED_OUT, self._host)
            if now - alive > alive_s:
                alive = now
                connection.show_life(self._url)
            connection.fill()

    def _units(self) -> Iterator[tuple[_Channel, Unit]]:
        """What the received packets complete."""
        channels = self._channels
        for number, data in self._connection.frames():
            channel = channels.get(number)
            if channel is not None:
                packet = parse_rtp(data)
                if packet is None:
                    continue
                if packet.payload_type != channel.track.payload_type:
                    # Reports on the wrong channel, or what only the camera's maker knows.
                    channel.depacketizer.pass_over(packet.sequence)
                    continue
                for unit in channel.depacketizer.take(packet):
                    yield channel, unit
            elif self._sync:
                self._sync.reported(number - 1, data)

    def _packet(self, channel: _Channel, unit: Unit) -> AvPacket | None:
        """The unit as PyAV takes it; None for sound from before the first picture."""
        if channel.is_video and not self._order.follows(unit.ticks):
            self._out_of_order()
            raise StreamError(Problem.ENDED, self._host)
        shift = self._shift(channel, unit) if self._sync else 0
        if shift is None:
            return None
        data, is_keyframe = unit.data, unit.is_keyframe
        if channel.is_video:
            data, is_keyframe = self._entries.take(data, self._clock.monotonic())
        else:
            self.audio = channel.depacketizer.sound
        packet = av.Packet(data)
        packet.time_base = self._bases[channel.number]
        packet.pts = packet.dts = unit.ticks + shift
        packet.duration = unit.duration
        packet.is_keyframe = is_keyframe
        return packet

    def _shift(self, channel: _Channel, unit: Unit) -> int | None:
        assert self._sync is not None
        now = self._clock.monotonic()
        if not channel.is_video:
            return self._sync.shift(unit.ticks, now)
        self._sync.seen(unit.ticks, now)
        return 0


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
    """Where the sound's times lie on the picture's clock.

    By arrival first; exactly, once the camera has reported for both which of
    their times are the same moment (RFC 3550, 6.4.1). Its reports are followed
    for good, since the two clocks drift apart.
    """

    def __init__(self, video: _Channel, sound: _Channel) -> None:
        self._video, self._sound = video, sound
        self._picture: tuple[float, float] | None = None
        self._shift: int | None = None
        self._zeros: dict[int, float] = {}

    def seen(self, ticks: int, now: float) -> None:
        """A picture came."""
        self._picture = ticks / self._video.track.clock_hz, now

    def shift(self, ticks: int, now: float) -> int | None:
        """What to add to a sound's ticks; None for sound from before the first picture."""
        if self._picture is None:
            return None
        picture_s, at = self._picture
        arrived = round((picture_s + now - at) * self._sound.track.clock_hz) - ticks
        if self._shift is None or self._are_apart(self._shift, arrived):
            self._shift = arrived
        return self._shift

    def reported(self, number: int, data: bytes) -> None:
        """A packet of reports came for the track of that channel."""
        if len(data) < 20 or data[1] != _SENDER_REPORT:
            return
        channel = next((c for c in (self._video, self._sound) if c.number == number), None)
        told_s = int.from_bytes(data[8:16]) / _NTP_SECOND
        if channel is None or not told_s:
            return
        ticks = channel.depacketizer.timeline.at(int.from_bytes(data[16:20]))
        if ticks is not None:
            self._zeros[number] = told_s - ticks / channel.track.clock_hz
            self._settle()

    def _settle(self) -> None:
        if self._shift is None or len(self._zeros) < 2:
            return
        clock_hz = self._sound.track.clock_hz
        apart_s = self._zeros[self._sound.number] - self._zeros[self._video.number]
        exact = round(apart_s * clock_hz)
        if WORTH_MOVING_S * clock_hz < abs(exact - self._shift) and not self._are_apart(
            exact, self._shift
        ):
            self._shift = exact

    def _are_apart(self, shift: int, other: int) -> bool:
        return abs(shift - other) > MOST_APART_S * self._sound.track.clock_hz
