"""The recorder begins, cuts and ends clips: packets to files without decoding."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from vms_desktop.core.base import Clock, StreamError
from vms_desktop.core.camera.live_view import snapshot_png
from vms_desktop.core.camera.pre_roll import MARGIN_S, PreRoll
from vms_desktop.core.camera.setbacks import Setbacks
from vms_desktop.core.camera.shared import CameraShared, Wanted
from vms_desktop.core.clips import ClipSink, ClipSpec, Trigger
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.stream import COPIED_VIDEO, AudioFacts, Packet, VideoFacts
from vms_desktop.core.stream.bitstream import Shape, shape_of

log = logging.getLogger(__name__)

# Clips are cut at the first keyframe after ten minutes.
MAX_CLIP_S = 600.0
# A stream that announced sound is given so long to send it before its first clip begins.
SOUND_WAIT_S = 1.0
# Sound that changes its kind begins a new clip, after so long at the soonest.
SOUND_CHANGE_S = 10.0
# A stream whose newest packet is older sends no keyframe soon.
FLOWING_S = 1.0
# A wall clock that jumps further than this begins a new clip, with the next keyframe: names and
# times stay true, and no picture is in two clips or in none.
CLOCK_STEP_S = 2.0


class Recorder:
    """Records one stream of one camera; owned by the thread that reads it.

    Args:
        may_record: Whether this stream is the one to record at a moment (HD before SD).
        covered_until: Until when the other stream was the one; None where it never was.
    """

    def __init__(
        self,
        shared: CameraShared,
        sink: ClipSink,
        clock: Clock,
        may_record: Callable[[float], bool],
        covered_until: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._shared = shared
        self._camera = shared.camera
        self._sink = sink
        self._clock = clock
        self._may_record = may_record
        self._covered_until = covered_until
        self._pre_roll = PreRoll(shared.camera.pre_record_seconds)
        self._video: VideoFacts | None = None
        self._audio: AudioFacts | None = None
        self._shape: Shape | None = None
        self._heard_at = float("-inf")
        self._begun_at: float | None = None
        self._setbacks = Setbacks()
        self._clip: _RunningClip | None = None
        self._taken_until = float("-inf")

    @property
    def ready(self) -> bool:
        """Whether a clip could begin: a keyframe is there."""
        return not self._pre_roll.empty

    @property
    def last_group(self) -> list[Packet]:
        """The packets from the newest keyframe on, for a picture right now."""
        return self._pre_roll.last_group()

    def snapshot(self) -> bytes:
        """The newest full frame as a PNG, out of the pre-roll; empty where there is none."""
        if self._video is None:
            return b""
        return snapshot_png(self.last_group, self._video, self._camera.rotation)

    def opened(self, video: VideoFacts, audio: AudioFacts | None) -> None:
        """The stream is open: packets of these kinds will come."""
        self._video, self._shape = video, None
        self._audio = audio
        self._heard_at = float("-inf")
        self._begun_at = None
        self._setbacks = Setbacks()

    def closed(self) -> None:
        """The stream is gone: the clip ends with what came."""
        self._finish()
        self._pre_roll.clear()
        self._audio = None

    def packet(self, packet: Packet) -> None:
        """Keep or record a packet."""
        if not packet.is_video:
            self._heard_at = packet.arrived
            self._audio = packet.sound or self._audio
        elif packet.is_keyframe and self._is_reshaped(packet):
            self._finish()
            self._pre_roll.clear()
        elif packet.breaks and self._clip:
            self._clip.is_over = True
        self._pre_roll.margin_s = max(MARGIN_S, self._shared.known_after_s)
        self._pre_roll.add(packet)
        self._begun_at = packet.arrived if self._begun_at is None else self._begun_at
        want = self._shared.wanted(packet.arrived, self._clock.now())
        if want is None:
            self._finish()
        elif self._clip:
            self._go_on(self._clip, packet, want)
        elif self._may_record(packet.arrived) and self._may_begin(packet.arrived):
            self._begin(self._pre_roll.since(self._start_of(want)), want)

    def configure(self, camera: CameraConfig) -> None:
        """Go on with another configuration.

        One that changes what a clip is (its folder, its tracks) cuts the running clip with
        the next keyframe; where none comes any more, at once.
        """
        if self._clip and _clip_facts(camera) != _clip_facts(self._camera):
            self._clip.is_over = True
            if self._clock.monotonic() - self._clip.last > FLOWING_S:
                self._finish()
        self._camera = camera
        self._pre_roll.seconds = camera.pre_record_seconds

    def _go_on(self, clip: "_RunningClip", packet: Packet, want: Wanted) -> None:
        clip.is_over |= not self._may_record(packet.arrived)
        if self._is_cut_at(packet, clip):
            self._finish()
            if self._may_record(packet.arrived):
                self._begin([packet], want)
        elif not self._sink.write(clip.number, packet):
            self._break_off(clip, packet.arrived)
        else:
            clip.take(packet)

    def _is_cut_at(self, packet: Packet, clip: "_RunningClip") -> bool:
        """True if another clip begins with this keyframe."""
        if not (packet.is_video and packet.is_keyframe):
            return False
        other_sound = clip.audio is not None and self._audio != clip.audio
        longest_s = SOUND_CHANGE_S if other_sound else MAX_CLIP_S
        lasts_long = packet.arrived - clip.spec.start >= longest_s
        return clip.is_over or lasts_long or self._stepped(clip)

    def _break_off(self, clip: "_RunningClip", now: float) -> None:
        """End a clip that could not be written on, and see what the next one does without."""
        is_told, lasted_s = True, now - clip.spec.start
        if self._sink.ready:  # It was not the disk.
            is_told = self._setbacks.refused(now, lasted_s, had_sound=clip.audio is not None)
        if is_told:
            without = "" if self._setbacks.takes_sound else "; the next has no sound"
            log.warning("%s: the clip could not be written on%s", clip.spec.camera.name, without)
        # Its last packets may not have reached the disk: the next clip may have them too.
        self._end(clip)

    def _may_begin(self, now: float) -> bool:
        is_ready = self._sink.ready and self._setbacks.may_begin(now)
        return is_ready and not self._awaits_sound(now)

    def _begin(self, packets: list[Packet], want: Wanted) -> None:
        if not packets or self._video is None:
            return
        first, camera, now = packets[0], self._camera, self._clock.monotonic()
        wall = self._clock.now()
        spec = ClipSpec(
            camera=camera,
            video=self._video,
            start_at=(wall - timedelta(seconds=now - first.arrived)).astimezone(),
            start=first.arrived,
            event_start_at=(wall - timedelta(seconds=now - want.since)).astimezone(),
            trigger=want.trigger,
        )
        # A track that was announced and never sends spoils the file.
        heard = now - self._heard_at < max(2.0, camera.pre_record_seconds)
        is_taken = heard and camera.record_audio and self._setbacks.takes_sound
        audio = self._audio if is_taken else None
        try:
            number = self._sink.begin(spec, first, audio)
        except StreamError as err:
            log.warning("%s: no clip begins with this keyframe: %s", camera.name, err)
            self._pre_roll.clear()
            return
        offset = wall - timedelta(seconds=now)
        self._clip = clip = _RunningClip(number, spec, audio, offset, first)
        for packet in packets:
            if not self._sink.write(number, packet):
                self._break_off(clip, now)
                return
            clip.take(packet)

    def _finish(self) -> None:
        if self._clip:
            self._taken_until = self._clip.last
            self._end(self._clip)

    def _end(self, clip: "_RunningClip") -> None:
        self._clip = None
        end_at = clip.spec.start_at + timedelta(seconds=clip.lasts_s)
        end = self._shared.clip_end(clip.spec.start, clip.last, end_at)
        self._sink.finish(clip.number, end)

    def _awaits_sound(self, now: float) -> bool:
        """True if the sound that was announced may still come: a clip has it from its start."""
        if self._audio is None or not self._camera.record_audio or self._begun_at is None:
            return False
        return self._heard_at < self._begun_at and now - self._begun_at < SOUND_WAIT_S

    def _start_of(self, want: Wanted) -> float:
        """From where on this stream is recorded: not again what a clip has already.

        That is what the other stream's clip has, and this one's clip before where the same
        recording goes on; an event that begins after it has a pre-roll of its own.
        """
        covered = max(self._covered_until() or float("-inf"), self._taken_until)
        start = want.since - self._camera.pre_record_seconds
        goes_on = want.trigger is Trigger.ALWAYS or want.since <= covered
        return max(start, covered) if goes_on else start

    def _stepped(self, clip: "_RunningClip") -> bool:
        offset = self._clock.now() - timedelta(seconds=self._clock.monotonic())
        return abs((offset - clip.offset).total_seconds()) > CLOCK_STEP_S

    def _is_reshaped(self, packet: Packet) -> bool:
        """True if the camera changed its picture (its size, mostly), without a word.

        Parameter sets that change anything else stay where they are: in the clip.
        """
        if self._video is None:
            return False
        if self._video.codec not in COPIED_VIDEO:
            return packet.breaks
        shape = shape_of(bytes(packet.data), self._video.codec)
        if shape is None or shape == self._shape:
            return False
        known, self._shape = self._shape, shape
        return known is not None


def _clip_facts(camera: CameraConfig) -> tuple[object, ...]:
    return camera.name, camera.rotation, camera.record_audio


class _RunningClip:
    """A clip that is being written.

    Attributes:
        offset: Wall minus monotonic time when it began.
        last: Arrival of its newest packet.
        is_over: The camera began anew, or was edited, or its other stream has taken over: it
            ends before the next keyframe, so that no picture is in two clips or in none.
    """

    def __init__(
        self, number: int, spec: ClipSpec, audio: AudioFacts | None, offset: datetime, first: Packet
    ) -> None:
        self.number = number
        self.spec = spec
        self.audio = audio
        self.offset = offset
        self.last = first.arrived
        self.is_over = False
        self._first_dts = self._newest_dts = first.dts
        self._time_base = first.time_base

    def take(self, packet: Packet) -> None:
        """A packet was written."""
        self.last = packet.arrived
        if packet.is_video:
            self._newest_dts = packet.dts

    @property
    def lasts_s(self) -> float:
        """Its length: as its packets came, or longer where its first ones came all at once."""
        told_s = float((self._newest_dts - self._first_dts) * self._time_base)
        return max(self.last - self.spec.start, told_s)
