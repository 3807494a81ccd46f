"""The model that all tracks' threads share: the clock, what lies where, what cannot be played."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from vms_desktop.core.base import Clock
from vms_desktop.core.player.clock import PlaybackClock, Reading
from vms_desktop.core.player.track import Timeline, TrackSource, covered, local_datetime

# Soon after its beginning a clip counts as not begun: going back reaches the one before.
GRACE_US = 1_000_000
# A clip that failed is tried again when somebody asks for it, not sooner.
RETRY_S = 2.0
MAX_TRACKS = 4


@dataclass(frozen=True, slots=True)
class PlayState:
    """Whether it plays, and how fast.

    Attributes:
        is_playing: Whether the clock is meant to move.
        rate: Seconds of recording per second, negative backwards; while paused the last one.
        is_waiting: No track has had a picture to show for a while.
    """

    is_playing: bool = False
    rate: float = 1.0
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one track has to know to show its moment.

    Attributes:
        reading: The clock's moment.
        timeline: The track's segments.
        rotation: Clockwise, of the track's pictures.
        tracks: How many tracks share the machine.
    """

    reading: Reading
    timeline: Timeline
    rotation: int
    tracks: int


class Player:
    """One clock and the timelines of up to four tracks; every method may be called by any thread.

    Args:
        wake: Called, without the lock, when all tracks have to look again.
    """

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        self._lock = Lock()
        self._now = clock.monotonic
        self._wake = wake
        self._clock = PlaybackClock()
        self._sources: dict[str, TrackSource] = {}
        self._timelines: dict[str, Timeline] = {}
        self._lengths_us: dict[Path, int] = {}
        self._failed: dict[Path, float] = {}
        self._chosen: str | None = None

    # What a person does.

    def set_tracks(self, sources: Sequence[TrackSource]) -> None:
        """The tracks from now on; those that stay play on undisturbed.

        Raises:
            ValueError: More than four, or two of one key.
        """
        given = {source.key: source for source in sources}
        if len(given) != len(sources) or len(sources) > MAX_TRACKS:
            raise ValueError("up to four tracks, each with its own key")
        with self._lock:
            self._sources = given
            paths = {clip.path for source in sources for clip in source.clips}
            self._lengths_us = {p: us for p, us in self._lengths_us.items() if p in paths}
            self._failed = {p: at for p, at in self._failed.items() if p in paths}
            self._lay_out(given)
        self._wake()

    def choose(self, key: str | None) -> None:
        """The track whose frames are stepped; None for the first one with a recording."""
        with self._lock:
            self._chosen = key

    def play(self, rate: float) -> None:
        """Play at a rate, negative backwards. Raises ValueError below ¼ and above 16."""
        with self._lock:
            self._clock.play(rate, self._now())
        self._wake()

    def pause(self) -> None:
        """Stand still."""
        with self._lock:
            self._clock.pause(self._now())
        self._wake()

    def seek(self, moment_us: int) -> None:
        """Go to a moment; what failed there is tried again."""
        with self._lock:
            self._forgive(moment_us)
            self._clock.seek(moment_us, self._now())
        self._wake()

    @property
    def skip_empty(self) -> bool:
        """Whether time without any recording is jumped over."""
        return self._clock.skip_empty

    @skip_empty.setter
    def skip_empty(self, skip: bool) -> None:
        with self._lock:
            self._clock.skip_empty = skip
        self._wake()

    def clip_start(self, steps: int) -> int | None:
        """The moment at which a clip begins, so many after (before) the present one."""
        with self._lock:
            position = self._clock.read(self._now()).position_us
            starts = self._starts()
        beyond = [start for start in starts if start > position]
        past = [start for start in starts if start < position - GRACE_US] or starts[:1]
        if steps > 0:
            return beyond[min(steps, len(beyond)) - 1] if beyond else None
        return past[max(0, len(past) + steps)] if past else None

    def ends(self) -> tuple[int, int] | None:
        """The moments at which the first and the last clip begin; None without any."""
        with self._lock:
            starts = self._starts()
        return (starts[0], starts[-1]) if starts else None

    # What the threads ask and tell.

    @property
    def generation(self) -> int:
        """Grows with every jump of the clock."""
        return self._clock.generation

    @property
    def playing(self) -> bool:
        """Whether the clock is meant to move."""
        return self._clock.playing

    @property
    def rate(self) -> float:
        """The rate at which it moves, or moved last."""
        return self._clock.rate

    @property
    def is_settling(self) -> bool:
        """Whether a track still works on the last jump."""
        with self._lock:
            return self._clock.is_settling

    @property
    def stepped_key(self) -> str | None:
        """The track whose frames are stepped."""
        with self._lock:
            return self._stepped()

    def read(self) -> Reading:
        """The clock's moment, and how it moves."""
        reading, moved = self._read()
        if moved:
            self._wake()
        return reading

    def scene(self, key: str) -> Scene:
        """The scene of a track; an empty timeline for one that is gone."""
        reading, moved = self._read()
        with self._lock:
            timeline = self._timelines.get(key, Timeline())
            source = self._sources.get(key)
            count = len(self._sources)
        if moved:
            self._wake()
        return Scene(reading, timeline, source.rotation if source else 0, max(1, count))

    def fed(self, key: str, generation: int, until_us: int, *, is_empty: bool = False) -> None:
        """A track shows what is right until a moment; see `PlaybackClock.fed`."""
        with self._lock:
            was_settling = self._clock.is_settling
            self._clock.fed(key, generation, until_us, is_empty=is_empty)
            settled = was_settling and not self._clock.is_settling
        if settled:
            self._wake()

    def measured(self, key: str, path: Path, length_us: int) -> None:
        """The file of a clip has turned out to be this long."""
        with self._lock:
            if self._lengths_us.get(path) == length_us:
                return
            self._lengths_us[path] = length_us
            self._lay_out([key])

    def failed(self, key: str, path: Path) -> None:
        """A clip cannot be played: its time counts as empty."""
        with self._lock:
            self._failed[path] = self._now()
            self._lay_out([key])
        self._wake()

    # With the lock held.

    def _read(self) -> tuple[Reading, bool]:
        with self._lock:
            before = self._clock.generation
            reading = self._clock.read(self._now())
            return reading, self._clock.generation != before

    def _lay_out(self, keys: Sequence[str] | dict[str, TrackSource]) -> None:
        for key in keys:
            if key in self._sources:
                clips = self._sources[key].clips
                self._timelines[key] = Timeline.of(clips, self._lengths_us, self._failed)
        self._timelines = {key: self._timelines[key] for key in self._sources}
        self._clock.lay_out(self._sources, covered(self._timelines.values()))

    def _forgive(self, moment_us: int) -> None:
        old = {path for path, at in self._failed.items() if self._now() - at > RETRY_S}
        at = local_datetime(moment_us)
        for key, source in self._sources.items():
            asked = {
                clip.path
                for clip in source.clips
                if clip.path in old and clip.start_at <= at <= clip.end_at
            }
            if asked:
                self._failed = {p: at for p, at in self._failed.items() if p not in asked}
                self._lay_out([key])

    def _starts(self) -> list[int]:
        timelines = self._timelines.values()
        return sorted({segment.start_us for line in timelines for segment in line.segments})

    def _stepped(self) -> str | None:
        if self._chosen in self._sources:
            return self._chosen
        position = self._clock.read(self._now()).position_us
        at_work = (key for key, line in self._timelines.items() if line.at(position))
        return next(at_work, next(iter(self._sources), None))
