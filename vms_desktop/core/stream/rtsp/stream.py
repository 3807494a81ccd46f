"""A camera's RTSP stream over TCP, read by this program itself.

FFmpeg reads every RTP packet in six system calls, asks for Python's lock
before each, and opens for a second and more without hearing that the end was
asked for. A tenth of the whole program's CPU lay there. What is unusual
(another codec or transport, a redirect, pictures out of order) stays FFmpeg's.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from vms_desktop.core.base import Clock, Problem, Size, StreamError
from vms_desktop.core.stream.bitstream import EntryPoints, parameter_sets_of
from vms_desktop.core.stream.network import Habits, Stopped
from vms_desktop.core.stream.packets import AvPacket, SoundSync, Stream, VideoFacts, av_packet
from vms_desktop.core.stream.rtsp.connection import RtspConnection
from vms_desktop.core.stream.rtsp.depacketizer import Depacketizer, Unit, parse_rtp
from vms_desktop.core.stream.rtsp.rtcp import (
    BYE,
    REPORT_S,
    SENDER_REPORT,
    Reception,
    parts,
    says_goodbye,
)
from vms_desktop.core.stream.rtsp.sdp import Track
from vms_desktop.core.stream.rtsp.sign_of_life import SignOfLife

MOST_BACKWARD = 3
# So many times backward in so many pictures are B-frames, whose order FFmpeg knows.
BACKWARD_WINDOW = 30
# Further from the others a picture is stamped wrongly, not sent out of order.
MOST_REORDERED_S = 2.0

CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
# How reports look that come on the channel of the packets (RFC 3551, 6).
_REPORT_TYPES = range(72, 77)


class Channel(NamedTuple):
    """A track that is sent: interleaved on `number`, its reports on the next one."""

    number: int
    track: Track
    depacketizer: Depacketizer
    is_video: bool


class RtspStream(Stream):
    """The stream that comes interleaved on an RTSP connection."""

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
        codec = CODECS[video.track.encoding]
        facts = VideoFacts(
            codec=codec,
            size=Size(0, 0),
            time_base=Fraction(1, video.track.clock_hz),
            frame_rate=video.track.frame_rate,
            parameters=parameter_sets_of(video.track.parameter_sets, codec),
        )
        audio = sound.depacketizer.sound if sound else None
        super().__init__(facts, audio, clock, host, may_rest=True, first_s=first_s)
        self._connection = connection
        self._url = url
        self._channels = channels
        self._bases = {c.number: Fraction(1, c.track.clock_hz) for c in channels.values()}
        self._sync = SoundSync()
        self._order = PictureOrder(round(MOST_REORDERED_S * video.track.clock_hz))
        self._entries = EntryPoints(codec, facts.parameters)
        self._habits = habits
        self._life = SignOfLife(connection, url, habits, clock.monotonic())
        self._receptions = {
            c.number: Reception(c.track.clock_hz, c.depacketizer.timeline)
            for c in channels.values()
        }
        self._report_at = clock.monotonic() + REPORT_S / 2

    def close(self) -> None:
        self._connection.end_session(self._url)

    def _read(self, stopped: Stopped) -> Iterator[tuple[AvPacket, bool]]:
        try:
            yield from self._packets(stopped)
        except StreamError as err:
            if not (stopped() or self._habits.is_reordered):
                self._life.lost(self._clock.monotonic(), hung_up=err.kind is Problem.ENDED)
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
        """The units that the received packets complete."""
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
                self._tell_sync()
            # Without its sound the picture goes on.
            is_picture = self._channels[number].is_video
            if kind == BYE and is_picture and says_goodbye(count, body, reception.source):
                raise StreamError(Problem.ENDED, self._host, answered=True)

    def _tell_sync(self) -> None:
        """Tell the sound how far the picture's clock is ahead, once both were reported on."""
        zeros_s = [each.zero_s for each in self._receptions.values() if each.zero_s is not None]
        if len(zeros_s) == 2:
            self._sync.told(zeros_s[1] - zeros_s[0])

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
            raise self._found_reordered()
        if not (channel.is_video or self._sync.has_picture):
            return None
        self._follows = unit.follows
        data, is_keyframe = unit.data, unit.is_keyframe
        if channel.is_video:
            data, is_keyframe = self._entries.take(data, self._clock.monotonic())
            if is_keyframe and self._entries.are_reordered:  # Before a clip begins with it.
                raise self._found_reordered()
        else:
            self.audio = channel.depacketizer.sound
        base, at = self._bases[channel.number], unit.ticks
        return av_packet(data, base, at, at, unit.duration, is_keyframe=is_keyframe)

    def _found_reordered(self) -> StreamError:
        self._habits.is_reordered = True
        return StreamError(Problem.ENDED, self._host, answered=True)


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
        """True if the order is still believed to be that of the screen."""
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
