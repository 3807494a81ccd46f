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
from vms_desktop.core.sound_sync import SenderReports, SoundSync
from vms_desktop.core.stream import READ_TIMEOUT_S, Stream

SIGN_OF_LIFE_S = 20.0
"""Cameras end a session from which they hear nothing for a minute, or for what they say."""
MOST_BACKWARD = 3
BACKWARD_WINDOW = 30
"""So many times backward in so many pictures are B-frames, whose order FFmpeg knows."""
MOST_REORDERED_S = 2.0
"""Further from the others a picture is stamped wrongly, not sent out of order."""

_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
_KINDS = {401: Problem.WRONG_PASSWORD, 403: Problem.WRONG_PASSWORD, 404: Problem.NOT_FOUND}
_SOUNDS_OF_FFMPEG = frozenset({"OPUS", "MP4A-LATM"})
_NOT_ENOUGH_BANDWIDTH = 453


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
        self._reports: SenderReports | None = None
        if sound:
            self._sync = SoundSync()
            self._reports = SenderReports(
                video.number,
                sound.number,
                {each.number: each.depacketizer.timeline for each in (video, sound)},
                {each.number: each.track.clock_hz for each in (video, sound)},
            )
        self._order = PictureOrder(round(MOST_REORDERED_S * video.track.clock_hz))
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
            elif self._reports and (apart_s := self._reports.take(number - 1, data)) is not None:
                self._sync.told(apart_s)

    def _packet(self, channel: _Channel, unit: Unit) -> AvPacket | None:
        """The unit as PyAV takes it; None for sound from before the first picture."""
        if channel.is_video and not self._order.follows(unit.ticks):
            self._out_of_order()
            raise StreamError(Problem.ENDED, self._host)
        if not (channel.is_video or self._sync.has_picture):
            return None
        self._follows = unit.follows
        data, is_keyframe = unit.data, unit.is_keyframe
        if channel.is_video:
            data, is_keyframe = self._entries.take(data, self._clock.monotonic())
        else:
            self.audio = channel.depacketizer.sound
        packet = av.Packet(data)
        packet.time_base = self._bases[channel.number]
        packet.pts = packet.dts = unit.ticks
        packet.duration = unit.duration
        packet.is_keyframe = is_keyframe
        return packet


class PictureOrder:
    """Notices pictures that do not come in the order in which they are shown.

    A picture that is shown between the two latest so far came after one that needs it.
    Further back, or further away, it is only stamped wrongly.
    """

    def __init__(self, most_apart: int) -> None:
        self._most_apart = most_apart
        self._latest: int | None = None
        self._before = 0
        self._backward: deque[bool] = deque(maxlen=BACKWARD_WINDOW)

    def follows(self, ticks: int) -> bool:
        """Whether the order is still believed to be that of the screen."""
        latest = self._latest
        if latest is None or abs(ticks - latest) > self._most_apart:
            self._latest = self._before = ticks
            is_between = False
        elif ticks >= latest:
            if ticks > latest:
                self._before, self._latest = latest, ticks
            is_between = False
        else:
            is_between = ticks > self._before
            self._before = max(self._before, ticks)
        self._backward.append(is_between)
        return self._backward.count(True) < MOST_BACKWARD
