"""A stream that is open: its packets with sane times, whoever reads it.

Nothing behind this module sees an unchecked time or a password. One thread
reads a stream and closes it.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from fractions import Fraction

from vms_desktop.core.base import Clock, Problem, StreamError
from vms_desktop.core.stream.packets.clock_watch import CLOCK_SETTLE_S
from vms_desktop.core.stream.packets.packet import AudioFacts, AvPacket, Packet, VideoFacts
from vms_desktop.core.stream.packets.patience import FIRST_SILENCE_S, Silence
from vms_desktop.core.stream.packets.sound_sync import SoundSync
from vms_desktop.core.stream.packets.timestamps import Timed, TimestampGuard

log = logging.getLogger(__name__)

# What may wait in the system's buffer: less than Linux gives a connection at first (128 KiB).
REST_BYTES = 120 * 1024
VIDEO_CODECS = frozenset({"h264", "hevc", "mjpeg"})
AUDIO_CODECS = frozenset({"aac", "pcm_alaw", "pcm_mulaw", "opus"})
ARRIVAL_TIME_BASE = Fraction(1, 90_000)

_AWAITED_S = 0.002  # Reading what is there already takes a tenth of this.


class NotForUsError(Exception):
    """FFmpeg has to read this stream.

    Attributes:
        lasting: Whether it will be so the next time, too.
        over_udp: Whether the camera does not send over TCP.
    """

    def __init__(self, reason: object, *, lasting: bool = True, over_udp: bool = False) -> None:
        super().__init__(str(reason))
        self.lasting = lasting
        self.over_udp = over_udp


class MovedError(NotForUsError):
    """FFmpeg has to read it on another port, where nobody has asked yet."""


class Stream(ABC):
    """An open stream; iterate over `packets()`, then `close()`.

    Attributes:
        video: The facts of its video.
        audio: The facts of its sound as they are known by now: packets may tell more, or
            others, than was announced. None where there is none of a known codec.
        dropped: Video packets that came late, or were not whole, and were left out.
        left_off_s: Where another connection would have to go on, in s of the stream's own
            time; None where nothing is ever sent twice.
    """

    left_off_s: float | None = None

    def __init__(
        self,
        video: VideoFacts,
        audio: AudioFacts | None,
        clock: Clock,
        host: str,
        *,
        may_rest: bool,
        on_arrival: bool = False,
        settle_s: float = CLOCK_SETTLE_S,
        first_s: float = FIRST_SILENCE_S,
    ) -> None:
        self.video = video
        self.audio = audio
        self.dropped = 0
        self._clock = clock
        self._host = host
        self._first_s = first_s
        self._silence = Silence(clock.monotonic(), first_s)
        self._tick_s = float(video.time_base)
        self._may_rest = may_rest
        self._on_arrival = on_arrival
        self._received_bytes = 0
        self._opened_at = clock.monotonic()
        self._video_guard = _guard(video.time_base, video.frame_rate, settle_s)
        self._audio_guard: TimestampGuard | None = None
        if audio is not None:
            self._audio_guard = _guard(audio.time_base, 50.0, settle_s, puts_right=False)
        # It puts the sound's clock right: by the picture's.
        self._sync = SoundSync(apart_s=0.0)
        # Whether nothing is missing before the packet that `_read` hands out, by its number.
        self._follows: bool | None = None
        self._doubted: set[str] = set()

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""

    def go_on_from(self, left_off_s: float | None) -> None:  # noqa: B027 - few send twice
        """Leave out what the connection before this one has taken (its `left_off_s`)."""

    @abstractmethod
    def _read(self, stopped: Callable[[], bool]) -> Iterator[tuple[AvPacket, bool]]:
        """Packets and whether they are video, Annex B; stops at the end of the stream.

        Bears silence between them, no longer than it is told to.
        """

    def packets(self, stopped: Callable[[], bool]) -> Iterator[Packet]:
        """The packets as they arrive, until `stopped()`.

        Raises:
            StreamError: The stream ended, fell silent, or sends nonsense.
        """
        read_at = self._clock.monotonic()
        silence = self._silence = Silence(read_at, self._first_s)
        for data, is_video in self._read(stopped):
            now = self._clock.monotonic()
            if stopped():
                return
            packet = self._take(data, is_video, now, read_at) if data.size else None
            read_at = now
            if packet:
                if packet.is_video:
                    silence.picture(now, packet.dts * self._tick_s, breaks=packet.breaks)
                yield packet
                # What became of the packet takes its own time; that is no silence.
                read_at = self._clock.monotonic()
                silence.excuse(read_at - now)
        if not stopped():
            raise StreamError(Problem.ENDED, self._host)

    @property
    def interval_s(self) -> float:
        """The distance of its pictures by its own rhythm; 0 where they come all the time."""
        return self._silence.interval_s(self._clock.monotonic())

    def _bear_silence(self, now: float) -> None:
        """Go on waiting for the next picture, unless the stream is lost.

        Raises:
            StreamError: It has been silent for too long.
        """
        if self._silence.is_too_long(now):
            raise StreamError(Problem.TIMED_OUT, self._host)

    def rest_s(self, longest_s: float) -> float:
        """The time that the next packets may wait in the system's buffer, unread; 0 for none.

        Packets that nobody waits for are read in groups: a wake-up costs more than its packet.
        """
        if not self._may_rest or not self._received_bytes:
            return 0.0
        open_s = self._clock.monotonic() - self._opened_at
        return min(longest_s, REST_BYTES * open_s / self._received_bytes)

    def _take(self, data: AvPacket, is_video: bool, now: float, read_at: float) -> Packet | None:
        self._received_bytes += data.size
        timed = self._timed_picture(data, now) if is_video else self._timed_sound(data, now)
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
            time_base=self.video.time_base if is_video else data.time_base,
            size_bytes=data.size,
            arrived=now,
            breaks=timed.breaks,
            awaited=now - read_at > _AWAITED_S,
            sound=None if is_video else self.audio,
        )

    def _timed_picture(self, data: AvPacket, now: float) -> Timed | None:
        guard, dts, pts = self._video_guard, data.dts, data.pts
        if self._on_arrival:
            dts = pts = int(now / ARRIVAL_TIME_BASE)
        timed = guard.judge(dts, pts, data.duration, now, self._follows)
        if not guard.believed:
            self._tell_doubt("picture", guard.speed)
        if timed is not None and self._audio_guard is not None:
            self._sync.seen(timed.dts * guard.tick_s, guard.shift_s, now)
        return timed

    def _timed_sound(self, data: AvPacket, now: float) -> Timed | None:
        """The sound's times on the picture's clock; None for sound before the first picture."""
        guard = self._audio_guard
        assert guard is not None
        timed = guard.judge(data.dts, data.pts, data.duration, now, self._follows)
        if not guard.believed:
            self._tell_doubt("sound", guard.speed)
        moved_s = timed and self._sync.move_s(timed.dts * guard.tick_s, guard.shift_s, now)
        if timed is None or moved_s is None:
            return None
        moved = round(moved_s / guard.tick_s)
        return Timed(timed.dts + moved, timed.pts + moved)

    def _tell_doubt(self, track: str, speed: float | None) -> None:
        """Once for each track that arrival places its packets."""
        if track in self._doubted:
            return
        self._doubted.add(track)
        how = "has no order" if speed is None else f"runs {speed:.3g} times as fast as it should"
        log.warning("%s: the clock of the %s %s: arrival counts", self._host, track, how)


def _guard(
    time_base: Fraction, frame_rate: float, settle_s: float, *, puts_right: bool = True
) -> TimestampGuard:
    usual = round(1 / (frame_rate or 15) / time_base)
    return TimestampGuard(float(time_base), usual, settle_s, puts_right=puts_right)
