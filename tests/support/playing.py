"""A player without threads, whose clock is the test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.packets import HandClock
from tests.support.video import numbered, read_number, write_clip
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.player.orders import ShowTrack, StepFrames, TrackReport
from vms_desktop.core.player.player import Player
from vms_desktop.core.player.track import TrackSource, epoch_us
from vms_desktop.core.player.track_player import TrackPlayer

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
FPS = 15
ROOM = Viewport(320, 180)


@dataclass(frozen=True)
class Recorded:
    path: Path
    start_at: datetime
    end_at: datetime


def write_files(folder):
    """Clips of four seconds; the numbers of their frames tell which clip it is."""
    for name, first in (("a", 0), ("b", 1000), ("c", 2000)):
        write_clip(folder / f"{name}.mp4", 60, fps=FPS, paint=numbered_from(first))
    write_clip(folder / "sound.mp4", 60, fps=FPS, audio=True)
    write_clip(folder / "slow.mp4", 40, fps=10, paint=numbered_from(3000))
    write_clip(folder / "long-gop.mp4", 60, fps=FPS, gop=600)
    (folder / "broken.mp4").write_bytes(b"no video at all" * 100)
    return folder


def numbered_from(first):
    return lambda index, width, height: numbered(first + index, width, height)


class Rig:
    """One player and its tracks, each advanced by hand until nothing is due."""

    def __init__(self, folder):
        self.folder = folder
        self.clock = HandClock()
        self.player = Player(self.clock, lambda: None)
        self.tracks = {}
        self.shown = {}
        self.told = []
        self.open = {}

    def clip(self, name, start_s, seconds=4.0):
        start = DAY + timedelta(seconds=start_s)
        return Recorded(self.folder / f"{name}.mp4", start, start + timedelta(seconds=seconds))

    def play_clips(self, rotation=0, **lines):
        sources = [
            TrackSource(key, tuple(self.clip(*given) for given in line), rotation)
            for key, line in lines.items()
        ]
        self.player.set_tracks(sources)
        for key in lines.keys() - self.tracks.keys():
            self.tracks[key] = self.track(key)
        self.settle()

    def track(self, key):
        def tell(kind):
            return lambda *values: self.told.append((key, kind, *values))

        report = TrackReport(
            show=lambda picture: self.shown.setdefault(key, []).append(picture),
            changed=tell("changed"),
            failed=tell("failed"),
            saved=tell("saved"),
            opened=lambda paths: self.open.update({key: paths}),
        )
        sidecar_of = lambda path: path.with_suffix(".json")  # noqa: E731
        track = TrackPlayer(key, self.player, report, sidecar_of, self.clock)
        track.take(ShowTrack(ROOM))
        return track

    def settle(self):
        """Let every track work until nothing is due; the shortest time until something is."""
        for _ in range(5000):
            waits = [track.advance() for track in self.tracks.values()]
            if min(waits) > 0:
                return min(waits)
        raise AssertionError("never done")

    def seek(self, seconds):
        self.player.seek(epoch_us(DAY) + round(seconds * 1e6))
        self.settle()

    def run(self, seconds, pace_s=0.01):
        """Let time pass; what each track showed, as numbers."""
        self.shown.clear()
        for _ in range(round(seconds / pace_s)):
            self.clock.time += pace_s
            self.settle()
        return self.numbers()

    def numbers(self, key="cam"):
        return [read_number(played.picture.pixels) for played in self.shown.get(key, [])]

    def number(self, key="cam"):
        return read_number(self.shown[key][-1].picture.pixels)

    @property
    def seconds(self):
        return (self.player.read().position_us - epoch_us(DAY)) / 1e6

    def step(self, frames, key="cam"):
        self.tracks[key].take(StepFrames(frames))
        self.settle()

    def close(self):
        for track in self.tracks.values():
            track.close()
        assert not any(self.open.values())

    def changes(self, key="cam"):
        """What a track said it shows, after the nothing with which it begins."""
        return [
            path and path.stem
            for k, kind, *rest in self.told
            if (k, kind) == (key, "changed")
            for path in rest
        ][1:]

    def failures(self):
        return [
            (path.stem, problem)
            for _, kind, *rest in self.told
            if kind == "failed"
            for path, problem in [rest]
        ]
