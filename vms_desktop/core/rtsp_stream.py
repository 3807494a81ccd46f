"""A camera's RTSP stream over TCP, read by this program itself.

FFmpeg reads every RTP packet in six system calls, asks for Python's lock
before each, and opens for a second and more without hearing that the end was
asked for. A tenth of the whole program's CPU lay there. What is unusual
(another codec or transport, a redirect, pictures out of order) stays FFmpeg's.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from typing import Any, NamedTuple

import av

from vms_desktop.core.clock import Clock
from vms_desktop.core.errors import Problem, StreamError
from vms_desktop.core.habits import Habits
from vms_desktop.core.nal import parameter_sets
from vms_desktop.core.packet import AvPacket, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.reach import Stopped
from vms_desktop.core.rtcp import BYE, REPORT_S, SENDER_REPORT, Reception, parts, says_goodbye
from vms_desktop.core.rtp import Depacketizer, Unit, parse_rtp
from vms_desktop.core.rtsp import RtspConnection
from vms_desktop.core.sdp import Track
from vms_desktop.core.sign_of_life import SignOfLife
from vms_desktop.core.stream import Stream

MOST_BACKWARD = 3
BACKWARD_WINDOW = 30
"""So many times backward in so many pictures are B-frames, whose order FFmpeg knows."""
MOST_APART_S = 2.0
"""Sound and picture of one camera that tell other times than this have clocks of their own."""
WORTH_MOVING_S = 0.03
"""Two clocks drift apart by seconds a day; by less than this nobody hears it."""

_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
SOUNDS = {"MPEG4-GENERIC": "aac", "PCMU": "pcm_mulaw", "PCMA": "pcm_alaw"}
_REPORT_TYPES = range(72, 77)
"""How reports look that come on the channel of the packets (RFC 3551, 6)."""
_NTP_SECOND = 1 << 32


class Channel(NamedTuple):
    """A track that is sent: interleaved on `number`, its reports on the next one."""

    number: int
    track: Track
    depacketizer: Depacketizer
    is_video: bool


class RtspStream(Stream):
    """What comes interleaved on an RTSP connection."""

    def __init__(
        self,
        connection: RtspConnection,
        channels: dict[int, Channel],
        clock: Clock,
        host: str,
        url: str,
        habits: Habits,
        *,
        first_s: float,
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
        audio = _template(sound.track) if sound else None
        super().__init__(facts, audio, clock, host, may_rest=True, first_s=first_s)
        self._connection = connection
        self._url = url
        self._channels = channels
        self._bases = {c.number: Fraction(1, c.track.clock_hz) for c in channels.values()}
        self._sync = SoundSync(video, sound) if sound else None
        self._order = PictureOrder()
        self._habits = habits
        self._life = SignOfLife(connection, url, habits, clock.monotonic())
        self._receptions = {c.number: Reception(c.track.clock_hz) for c in channels.values()}
        self._report_at = clock.monotonic() + REPORT_S / 2

    def close(self) -> None:
        self._connection.end_session(self._url)

    def _read(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        try:
            yield from self._packets(stopped)
        except StreamError:
            if not stopped():
                self._life.lost(self._clock.monotonic())
            raise

    def _packets(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        while not stopped():
            for channel, unit in self._units():
                if packet := self._packet(channel, unit):
                    yield packet, channel.is_video
            now = self._clock.monotonic()
            self._bear_silence(now)
            self._life.tend(now)
            self._report(now)
            self._connection.fill()

    def _units(self) -> Iterator[tuple[Channel, Unit]]:
        """What the received packets complete."""
        channels = self._channels
        for number, data in self._connection.frames():
            channel = channels.get(number)
            if channel is None:
                if number - 1 in channels:
                    self._reported(number - 1, data)
                continue
            packet = parse_rtp(data)
            if packet is None:
                continue
            if packet.payload_type in _REPORT_TYPES:
                self._reported(number, data)
                continue
            self._receptions[number].take(data)
            if packet.payload_type != channel.track.payload_type:
                # What only the camera's maker knows.
                channel.depacketizer.pass_over(packet.sequence)
                continue
            for unit in channel.depacketizer.take(packet):
                yield channel, unit

    def _reported(self, number: int, data: bytes) -> None:
        """The camera said something of the track on this channel."""
        reception = self._receptions[number]
        for kind, count, body in parts(data):
            if kind == SENDER_REPORT:
                reception.sender_reported(body, self._clock.monotonic())
            # Without its sound the picture goes on.
            is_picture = self._channels[number].is_video
            if kind == BYE and is_picture and says_goodbye(count, body, reception.source):
                raise StreamError(Problem.ENDED, self._host, answered=True)
        if self._sync:
            self._sync.reported(number, data)

    def _report(self, now: float) -> None:
        """Tell the camera what came of each track; some end a session without that."""
        for number, reception in self._receptions.items():
            reception.settle(now)
            if now >= self._report_at:
                self._connection.send_frame(number + 1, reception.report(now))
        if now >= self._report_at:
            self._report_at = now + REPORT_S

    def _packet(self, channel: Channel, unit: Unit) -> AvPacket | None:
        """The unit as PyAV takes it; None for sound from before the first picture."""
        if channel.is_video and not self._order.follows(unit.ticks):
            self._habits.for_ffmpeg = True
            raise StreamError(Problem.ENDED, self._host)
        shift = self._shift(channel, unit) if self._sync else 0
        if shift is None:
            return None
        packet = av.Packet(unit.data)
        packet.time_base = self._bases[channel.number]
        packet.pts = packet.dts = unit.ticks + shift
        packet.duration = unit.duration
        packet.is_keyframe = unit.is_keyframe
        return packet

    def _shift(self, channel: Channel, unit: Unit) -> int | None:
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

    def __init__(self, video: Channel, sound: Channel) -> None:
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
        if len(data) < 20 or data[1] != SENDER_REPORT:
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


def _template(sound: Track) -> av.AudioStream:
    """What tells muxer and decoder of a track's sound: a stream of a file that is never written."""
    container = av.open(BytesIO(), "w", format="nut")
    stream: Any = container.add_stream(SOUNDS[sound.encoding], rate=sound.clock_hz)
    stream.codec_context.layout = "stereo" if sound.channels == 2 else "mono"
    stream.time_base = Fraction(1, sound.clock_hz)
    with suppress(ValueError):
        stream.codec_context.extradata = bytes.fromhex(sound.parameters.get("config", ""))
    return stream  # type: ignore[no-any-return]
