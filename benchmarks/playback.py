"""How quickly playback answers, and whether four cameras stay in step.

    python benchmarks/playback.py [--seeks 200]

Prints, for a 1080p H.264 clip at 25 frames a second with a keyframe every 2 s,
the time from a seek to a random moment until its picture is made, and that of
one frame back; for four 640x360 clips at 1x on one core, what they cost and
how far apart the pictures are that are shown at the same time.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QTimer

from vms_desktop.core.base import Clock, Layout, Viewport
from vms_desktop.core.player import (
    PlayedPicture,
    Player,
    ShowTrack,
    StepFrames,
    TrackPlayer,
    TrackReport,
    TrackSource,
    epoch_us,
)
from vms_desktop.workers import SoundOutput
from vms_desktop.workers.library import Playback

STARTED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HD, HD_RATE, HD_SECONDS = (1920, 1080), 25, 30
SD, SD_RATE, SD_SECONDS = (640, 360), 15, 20
KEYFRAME_S = 2
ROOM = Viewport(1280, 720)
QUARTER = Viewport(640, 360)
STEPS = 20
SAMPLE_MS = 16


@dataclass(frozen=True, slots=True)
class Film:
    """A clip for the player."""

    path: Path
    start_at: datetime
    end_at: datetime


def film(path: Path, size: tuple[int, int], rate: int, seconds: int, seed: int) -> Film:
    """Write a textured scene with noise through which something moves."""
    with av.open(str(path), "w", format="mp4") as out:
        options = {"preset": "veryfast", "tune": "zerolatency", "g": str(rate * KEYFRAME_S)}
        stream = out.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height = size
        stream.bit_rate = round(size[0] * size[1] * 2)  # 4 Mbit/s in 1080p, as cameras come set.
        for number, luma in enumerate(scenes(size, rate * seconds, seed)):
            chroma = np.full((size[1] // 2, size[0]), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return Film(path, STARTED_AT, STARTED_AT + timedelta(seconds=seconds))


def scenes(size: tuple[int, int], count: int, seed: int) -> Iterator[np.ndarray]:
    """The luma of each picture."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    place = 110 + 40 * np.sin(x / 37) + 25 * np.cos(y / 23) + 10 * np.sin(x * y / 9000)
    grains = rng.normal(0, 4, (8, size[1], size[0])).astype(np.float32)
    side = size[1] // 5
    for number in range(count):
        # Never the same noise twice at one place: no frame can be copied from another.
        shift = tuple(int(by) for by in rng.integers(0, size[1], 2))
        picture = place + np.roll(grains[number % len(grains)], shift, (0, 1))
        left = number * 7 % (size[0] - side)
        picture[side : 2 * side, left : left + side] += 60
        yield np.clip(picture, 0, 255).astype(np.uint8)


class Seat:
    """One track that is played in this thread, so that nothing but its work is measured."""

    def __init__(self, clip: Film) -> None:
        self.shown: PlayedPicture | None = None
        self.clip = clip
        self.player = Player(Clock(), lambda: None)
        self.player.set_tracks([TrackSource("cam", (clip,))])
        report = TrackReport(self._show, *[lambda *_: None] * 4)
        self.track = TrackPlayer("cam", self.player, report, lambda path: path, Clock())
        self.track.take(ShowTrack(ROOM))

    def _show(self, picture: PlayedPicture) -> None:
        self.shown = picture

    def seek(self, moment_us: int) -> float:
        """Go to a moment; seconds until its picture is there."""
        return self._timed(lambda: self.player.seek(moment_us))

    def step(self, frames: int) -> float:
        """Go on by so many frames; seconds until the picture is there."""
        return self._timed(lambda: self.track.take(StepFrames(frames)))

    def _timed(self, ask) -> float:  # type: ignore[no-untyped-def]
        self.shown, began = None, time.perf_counter()
        ask()
        while self.shown is None and self.track.advance() == 0:
            pass
        return time.perf_counter() - began


def random_moments(clip: Film, count: int) -> Iterator[int]:
    """Moments all over a clip."""
    rng = random.Random(1)
    length_us = epoch_us(clip.end_at) - epoch_us(clip.start_at)
    for _ in range(count):
        yield epoch_us(clip.start_at) + rng.randrange(length_us)


def tell(what: str, seconds: list[float]) -> None:
    """Print a row of figures in ms."""
    ms = np.array(seconds) * 1000
    median, most, longest = np.percentile(ms, [50, 95, 100])
    print(f"{what:42} median {median:6.1f} ms   95 % {most:6.1f} ms   longest {longest:6.1f} ms")


def measure_hd(folder: Path, seeks: int) -> None:
    """Seeks and steps in 1080p."""
    clip = film(folder / "hd.mp4", HD, HD_RATE, HD_SECONDS, 1)
    rate_mbps = clip.path.stat().st_size * 8 / HD_SECONDS / 1e6
    print(f"1080p H.264, {HD_RATE} fps, {rate_mbps:.1f} Mbit/s, keyframes {KEYFRAME_S} s apart")
    fresh = []
    for moment in random_moments(clip, seeks // 10):
        seat = Seat(clip)
        fresh.append(seat.seek(moment))
        seat.track.close()
    tell("  a clip opened, and its picture", fresh)
    seat = Seat(clip)
    tell("  seek to a random time", [seat.seek(moment) for moment in random_moments(clip, seeks)])
    firsts, others = [], []
    for moment in random_moments(clip, seeks // 10):
        seat.seek(moment)
        firsts.append(seat.step(-1))
        others += [seat.step(-1) for _ in range(STEPS)]
    tell("  one frame back, right after a seek", firsts)
    tell(f"  each of {STEPS} more", others)
    seat.track.close()


@contextmanager
def one_core() -> Iterator[None]:
    """Run on one processor only, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})
    yield
    os.sched_setaffinity(0, everywhere)


def measure_in_step(folder: Path) -> None:
    """Four cameras at once."""
    keys = "abcd"
    films = {
        key: film(folder / f"{key}.mp4", SD, SD_RATE, SD_SECONDS, n + 2)
        for n, key in enumerate(keys)
    }
    application = QCoreApplication.instance() or QCoreApplication([])
    with one_core():
        playback = Playback(Layout(folder), SoundOutput())
        playback.set_tracks([TrackSource(key, (clip,)) for key, clip in films.items()])
        for key in keys:
            playback.set_viewport(key, QUARTER)
        apart, pictures = [], dict.fromkeys(keys, 0)
        shown: dict[str, datetime] = {}

        def sample() -> None:
            for key in keys:
                if played := playback.pictures(key).take():
                    shown[key] = played.at
                    pictures[key] += 1
            if len(shown) == len(keys):
                apart.append((max(shown.values()) - min(shown.values())).total_seconds())

        timer = QTimer(interval=SAMPLE_MS)
        timer.timeout.connect(sample)
        timer.start()
        playback.state_changed.connect(lambda state: state.is_playing or application.quit())
        playback.seek(STARTED_AT)
        playback.play(1)
        began, spent = time.monotonic(), time.process_time()
        application.exec()
        seconds, spent = time.monotonic() - began, time.process_time() - spent
        playback.stop(time.monotonic() + 5)
    interval_ms = 1000 / SD_RATE
    print(f"4 x 640x360 H.264, {SD_RATE} fps, at 1x, on one core")
    print(f"  cost {spent / seconds:.1%} of it, {seconds:.1f} s for {SD_SECONDS} s")
    rate = statistics.mean(pictures.values()) / SD_SECONDS
    print(f"  pictures shown {rate:.1f} per second and camera")
    tell(f"  apart (a frame lasts {interval_ms:.0f} ms)", apart)
    within = sum(one <= 1.01 / SD_RATE for one in apart) / len(apart)
    print(f"  within one frame of each other {within:.2%} of the time")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeks", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vms-playback-") as folder:
        measure_hd(Path(folder), options.seeks)
        measure_in_step(Path(folder))


if __name__ == "__main__":
    main()
