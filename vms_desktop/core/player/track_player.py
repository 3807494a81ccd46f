"""One track follows the clock: it opens clips, decodes, and shows what belongs to the moment."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vms_desktop.core.base import Clock, Problem, StorageError, StreamError, Viewport, write_whole
from vms_desktop.core.media import SoundBuffer
from vms_desktop.core.player.clip_reader import DecodedFrame
from vms_desktop.core.player.open_clips import OpenClip, OpenClips
from vms_desktop.core.player.orders import (
    HearTrack,
    SaveFrame,
    ShowTrack,
    StepFrames,
    TrackOrder,
    TrackReport,
)
from vms_desktop.core.player.picture import PictureMaker, PlayedPicture, png
from vms_desktop.core.player.player import Player, Scene
from vms_desktop.core.player.sound import ClipSound
from vms_desktop.core.player.track import Segment, local_datetime

# So far ahead of the clock frames are decoded, at least two of them.
AHEAD_S = 0.12
# So long before its end the clip that follows is opened.
NEIGHBOUR_S = 2.0
# The part of its memory that a paused track fills with frames for steps back.
BACK_SHARE = 0.1
# Of one core, for decoding all tracks faster than life; before it takes more, keyframes alone
# are shown, since recording comes first.
BUSY_SHARE = 0.5
# The same at most at life's pace, where it is only a matter of keeping up.
OWN_PACE_SHARE = 0.9
# Pictures come no faster than a screen shows them.
SHOW_S = 1 / 60
LONGEST_WAIT_S, PAUSED_WAIT_S, SOUND_WAIT_S = 0.25, 5.0, 0.05


@dataclass(frozen=True, slots=True)
class _Place:
    """A moment of a clip that is open."""

    scene: Scene
    segment: Segment
    opened: OpenClip

    @property
    def rate(self) -> float:
        return self.scene.reading.rate

    @property
    def at_us(self) -> int:
        """The clip's time at the clock's moment."""
        return self.inside(self.scene.reading.position_us)

    def inside(self, moment_us: int) -> int:
        return self.segment.inside(moment_us, self.opened.length_us)

    def moment(self, at_us: int) -> int:
        return self.segment.moment(at_us, self.opened.length_us)


class TrackPlayer:
    """Plays one track of a `Player`; owned by one thread.

    `advance` does a small piece of work and says how long nothing is due. It
    always aims at where the clock is: a track that is slow leaves frames out.
    """

    def __init__(
        self,
        key: str,
        player: Player,
        report: TrackReport,
        sidecar_of: Callable[[Path], Path],
        clock: Clock,
    ) -> None:
        self.key = key
        self._player = player
        self._report = report
        self._now = clock.monotonic
        self._maker = PictureMaker(clock.monotonic)
        self._clips = OpenClips(sidecar_of, report.opened)
        self._viewport: Viewport | None = None
        self._sound: ClipSound | None = None
        self._shown: tuple[object, ...] | None = None
        self._shown_at = 0.0
        self._path: Path | None = None
        self._has_told = False
        self._frame: DecodedFrame | None = None
        self._skims = False

    def take(self, order: TrackOrder) -> None:
        """Carry out an order."""
        match order:
            case ShowTrack(viewport):
                self._viewport = viewport
            case HearTrack(buffer):
                self._hear(buffer)
            case StepFrames(frames):
                self._guarded(lambda scene: self._step(scene, frames))
            case SaveFrame(path):
                self._save(path)

    def advance(self) -> float:
        """Show what is due, or work ahead; the time in s until something is due."""
        return self._guarded(self._advance) or 0.0

    def drop(self, problem: Problem) -> None:
        """Count the clip that is played just now as one that cannot be."""
        self._fail(self._clips.touched, problem)

    def close(self) -> None:
        """Let go of every file."""
        self._hear(None)
        self._clips.close()

    # Following the clock.

    def _guarded(self, work: Callable[[Scene], float | None]) -> float | None:
        scene = self._player.scene(self.key)
        try:
            return work(scene)
        except StreamError as err:
            self._fail(self._clips.touched, err.kind)
            return None

    def _fail(self, path: Path | None, problem: Problem) -> None:
        if path is not None:
            self._clips.forget(path)
            self._player.failed(self.key, path)
            self._report.failed(path, problem)

    def _advance(self, scene: Scene) -> float:
        self._clips.divide(scene.tracks)
        segment = scene.timeline.at(scene.reading.position_us)
        if segment is None:
            return self._show_nothing(scene)
        place = self._open(scene, segment)
        self._skims = self._must_skim(place)
        frame = self._frame_of(place)
        if self._player.generation != scene.reading.generation:
            # A newer jump waits; the picture moves with the hand, however far this one got.
            if frame is not None:
                self._show(place, frame)
            return 0.0
        if frame is None:
            raise StreamError(Problem.BAD_DATA)
        if place.opened.was_cut_short():
            self._player.measured(self.key, segment.path, place.opened.length_us)
            return 0.0
        self._show(place, frame)
        due_us = self._due(place, frame)
        self._player.fed(self.key, scene.reading.generation, due_us)
        self._play_sound(place)
        return self._wait(place, due_us)

    def _open(self, scene: Scene, segment: Segment) -> _Place:
        opened, is_new = self._clips.open(segment.path)
        if is_new:
            self._player.measured(self.key, segment.path, opened.length_us)
        return _Place(scene, segment, opened)

    def _frame_of(self, place: _Place) -> DecodedFrame | None:
        frames = place.opened.frames
        if self._skims:
            return frames.keyframe(place.at_us)
        generation = place.scene.reading.generation
        return frames.at(place.at_us, lambda: self._player.generation != generation)

    def _must_skim(self, place: _Place) -> bool:
        """Whether decoding every frame would take too much of the machine."""
        if place.rate == 0:
            return False
        share = OWN_PACE_SHARE if abs(place.rate) <= 1 else BUSY_SHARE / place.scene.tracks
        # Once begun it goes on a little longer, so as not to go to and fro.
        share *= 0.7 if self._skims else 1.0
        return place.opened.effort(place.rate) * abs(place.rate) > share

    # Showing.

    def _show(self, place: _Place, frame: DecodedFrame) -> None:
        opened, rotation = place.opened, place.scene.rotation
        self._frame = frame
        self._tell_clip(opened.path)
        wanted = (opened.path, frame.at_us, self._viewport, rotation)
        if self._viewport is None or wanted == self._shown:
            return
        self._shown, self._shown_at = wanted, self._now()
        boxes = opened.boxes.at(frame.at_us / 1e6)
        picture = self._maker.picture(frame, opened.frames.reader, self._viewport, rotation, boxes)
        at = local_datetime(place.moment(frame.at_us))
        self._report.show(PlayedPicture(picture, at, opened.path))

    def _show_nothing(self, scene: Scene) -> float:
        reading = scene.reading
        self._tell_clip(None)
        self._frame = self._shown = None
        if self._sound is not None:
            self._sound.silence()
        forward = reading.rate >= 0
        find = scene.timeline.after if forward else scene.timeline.before
        neighbour = find(reading.position_us)
        due_us = reading.position_us
        if neighbour is not None:
            due_us = neighbour.start_us if forward else neighbour.end_us - 1
        self._player.fed(self.key, reading.generation, due_us, is_empty=True)
        if reading.rate == 0 or neighbour is None:
            return PAUSED_WAIT_S
        return 0.0 if self._prepare(scene, neighbour) else self._time_until(scene, due_us)

    def _tell_clip(self, path: Path | None) -> None:
        if self._has_told and path == self._path:
            return
        self._has_told, self._path = True, path
        self._clips.shrink_all_but(path)
        self._report.changed(path)

    def _due(self, place: _Place, frame: DecodedFrame) -> int:
        """The moment until which this frame is the right one, backwards down to which."""
        if place.rate < 0:
            return max(place.segment.start_us, place.moment(frame.at_us)) - 1
        frames = place.opened.frames
        if self._skims:
            following_us = frames.reader.keyframe_after(frame.at_us)
        else:
            following = frames.next_known(frame)
            following_us = following.at_us if following else None
        if following_us is None:
            return place.segment.end_us
        return min(place.segment.end_us, place.moment(following_us))

    # Due next, and done until then.

    def _wait(self, place: _Place, due_us: int) -> float:
        wait_s = PAUSED_WAIT_S
        if place.rate:
            not_before_s = self._shown_at + SHOW_S - self._now()
            wait_s = max(self._time_until(place.scene, due_us), not_before_s)
        if wait_s > 0 and self._work_ahead(place):
            return 0.0
        if self._sound is not None and place.rate == 1:
            wait_s = min(wait_s, SOUND_WAIT_S)
        return wait_s

    def _time_until(self, scene: Scene, moment_us: int) -> float:
        reading = scene.reading
        seconds = (moment_us - self._player.read().position_us) / 1e6 / reading.rate
        shortest_s = SHOW_S if reading.is_waiting else 0.0
        return min(LONGEST_WAIT_S, max(shortest_s, seconds))

    def _work_ahead(self, place: _Place) -> bool:
        """One packet of what is needed soon; False if there is nothing to do."""
        if not self._skims and self._decode_ahead(place):
            return True
        return place.rate != 0 and self._prepare_neighbour(place)

    def _decode_ahead(self, place: _Place) -> bool:
        frames, at_us = place.opened.frames, place.at_us
        if place.rate > 0:
            ahead_us = max(round(AHEAD_S * place.rate * 1e6), 2 * frames.reader.interval_us)
            return frames.toward(at_us + ahead_us)
        return frames.backward(at_us, 0.5 if place.rate < 0 else BACK_SHARE)

    def _prepare_neighbour(self, place: _Place) -> bool:
        segment, line, reading = place.segment, place.scene.timeline, place.scene.reading
        forward = place.rate > 0
        edge_us = segment.end_us if forward else segment.start_us
        if (edge_us - reading.position_us) / 1e6 / place.rate > NEIGHBOUR_S:
            return False
        neighbour = (line.after if forward else line.before)(segment.start_us)
        return neighbour is not None and self._prepare(place.scene, neighbour)

    def _prepare(self, scene: Scene, neighbour: Segment) -> bool:
        """Open a clip and decode its first picture, the last one backwards, a bit per call."""
        if neighbour.path not in self._clips:
            self._open(scene, neighbour)
            return True
        if self._skims:
            return False
        place = self._open(scene, neighbour)
        edge_us = neighbour.start_us if scene.reading.rate > 0 else neighbour.end_us - 1
        return place.opened.frames.toward(place.inside(edge_us))

    # Steps.

    def _step(self, scene: Scene, steps: int) -> None:
        """Go to the frame so many after (before) the one of the clock's moment."""
        moment_us = scene.reading.position_us
        for _ in range(abs(steps)):
            if self._player.generation != scene.reading.generation:
                return  # Somebody went elsewhere meanwhile.
            beside = self._next_moment if steps > 0 else self._last_moment
            found = beside(self._player.scene(self.key), moment_us)
            if found is None:
                break
            moment_us = found
        if moment_us != scene.reading.position_us:
            self._player.seek(moment_us)

    def _next_moment(self, scene: Scene, moment_us: int) -> int | None:
        """The moment of the frame after that of a moment, in whichever clip."""
        segment = scene.timeline.at(moment_us)
        if segment is not None:
            place = self._open(scene, segment)
            frame = place.opened.frames.after(self._frame_at(place, moment_us))
            if frame is not None and place.moment(frame.at_us) < segment.end_us:
                return place.moment(frame.at_us)
        following = self._player.scene(self.key).timeline.after(moment_us)
        return following.start_us if following else None

    def _last_moment(self, scene: Scene, moment_us: int) -> int | None:
        """The moment of the frame before that of a moment, in whichever clip."""
        segment = scene.timeline.at(moment_us)
        if segment is not None:
            place = self._open(scene, segment)
            shown = self._frame_at(place, moment_us)
            frame = place.opened.frames.before(shown)
            if frame is not None and place.moment(shown.at_us) > segment.start_us:
                return max(segment.start_us, place.moment(frame.at_us))
            moment_us = segment.start_us
        preceding = scene.timeline.before(moment_us)
        if preceding is None:
            return None
        place = self._open(scene, preceding)
        return place.moment(self._frame_at(place, preceding.end_us - 1).at_us)

    def _frame_at(self, place: _Place, moment_us: int) -> DecodedFrame:
        frame = place.opened.frames.at(place.inside(moment_us))
        if frame is None:
            raise StreamError(Problem.BAD_DATA)
        return frame

    # Snapshots and sound.

    def _save(self, path: Path) -> None:
        saved = None
        if self._frame is not None:
            with suppress(StorageError):
                write_whole(path, png(self._frame.frame, self._player.scene(self.key).rotation))
                saved = path
        self._report.saved(saved)

    def _hear(self, buffer: SoundBuffer | None) -> None:
        if self._sound is not None:
            self._sound.close()
        self._sound = ClipSound(buffer) if buffer is not None else None

    def _play_sound(self, place: _Place) -> None:
        if self._sound is None:
            return
        if place.rate == 1:
            self._sound.feed(place.opened.path, place.at_us, place.scene.reading.generation)
        else:
            self._sound.silence()
