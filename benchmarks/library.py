"""The library's index over as many clips as wanted: filled, looked at again, and asked.

Makes a library of real, tiny files (hard links to a few), measures, and deletes
it. Beside it what a program without an index does for a list of clips: open
each file with OpenCV for its duration.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.video import clip_bytes, numbered
from vms_desktop.core.base import Box, Clock, Inbox, Layout, Size
from vms_desktop.core.clips import Clip, Trigger, sidecar_json
from vms_desktop.core.index import (
    AreaQuery,
    ClipIndex,
    ClipIndexWriter,
    HeatQuery,
    Indexer,
    IndexOrder,
    IndexReport,
    discard_index,
    scan_tree,
)
from vms_desktop.core.motion import Motion

CAMERAS = 16
BUSY_DAY_CLIPS = 2000
CLIPS_PER_DAY = 34 * CAMERAS
NEWEST = date(2026, 11, 22)
# Of one file: ext4 allows 65,000.
LINKS = 20_000
VARIANTS = 64
CLIP_S = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip of the library lies, and which of the variants it is."""

    camera: int
    day: date
    second: int
    variant: int


def places(clips: int) -> Iterator[Place]:
    """A newest day with 2,000 clips, then as many ordinary days as are needed."""
    made, day = 0, NEWEST
    while made < clips:
        of_day = min(BUSY_DAY_CLIPS if day == NEWEST else CLIPS_PER_DAY, clips - made)
        step = 86_000 * CAMERAS // max(of_day, CAMERAS)
        for number in range(of_day):
            yield Place(number % CAMERAS, day, number // CAMERAS * step, made + number)
        made, day = made + of_day, day - timedelta(days=1)


class Generator:
    """Writes a library, as fast as the disk takes names."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._sources = layout.root / "sources"
        self._sources.mkdir(parents=True)
        self._clip = clip_bytes(5, width=64, height=64)
        self._jpeg = cv2.imencode(".jpg", numbered(1, 320, 180))[1].tobytes()
        self._texts = [_sidecar(number, len(self._clip)) for number in range(VARIANTS)]
        self._made = 0
        self._folders: set[tuple[int, date]] = set()

    def make(self, clips: int) -> None:
        """Write that many clips, each with thumbnail and side-car."""
        for place in places(clips):
            if self._made % LINKS == 0:
                self._new_sources()
            self._put(place)
            self._made += 1

    def _new_sources(self) -> None:
        for name, data in (("clip", self._clip), ("jpeg", self._jpeg)):
            path = self._sources / f"{name}-{self._made}"
            path.write_bytes(data)
            os.utime(path, (1.7e9, 1.7e9))
        self._source = f"{self._sources}/clip-{self._made}", f"{self._sources}/jpeg-{self._made}"

    def _put(self, place: Place) -> None:
        start = datetime(place.day.year, place.day.month, place.day.day).astimezone()
        start += timedelta(seconds=place.second)
        inside = f"Camera_{place.camera:02}/{place.day}"
        if (place.camera, place.day) not in self._folders:
            self._folders.add((place.camera, place.day))
            for tree in (self._layout.recordings, self._layout.thumbnails):
                (tree / inside).mkdir(parents=True)
        stem = f"{inside}/{start:%H-%M-%S}"
        os.link(self._source[0], f"{self._layout.recordings}/{stem}.mp4")
        os.link(self._source[1], f"{self._layout.thumbnails}/{stem}.jpg")
        entry = dict(self._texts[place.variant % VARIANTS])
        entry |= {"camera_id": f"id-{place.camera}", "camera_name": f"Camera {place.camera:02}"}
        entry |= {"start": _iso(start), "event_start": _iso(start + timedelta(seconds=5))}
        entry |= {"end": _iso(start + timedelta(seconds=CLIP_S))}
        entry["peak"] = {"at": _iso(start + timedelta(seconds=9)), "area_px": 900.0}
        with open(f"{self._layout.thumbnails}/{stem}.json", "w") as file:  # noqa: PTH123 - faster
            file.write(json.dumps(entry))

    def settle(self) -> None:
        """Let the folders look as if nothing had changed for a while."""
        for camera, day in self._folders:
            for tree in (self._layout.recordings, self._layout.thumbnails):
                os.utime(tree / f"Camera_{camera:02}" / f"{day}", (1.7e9, 1.7e9))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _sidecar(seed: int, size_bytes: int) -> dict[str, Any]:
    """The side-car of a clip of 30 s in which something the size of a person walks for 20."""
    start_at = datetime(2026, 11, 22).astimezone()
    random = np.random.default_rng(seed)
    row, column = int(random.integers(0, 28)), int(random.integers(0, 40))
    motions = []
    for number in range(200):
        at_s, cells = 5 + number / 10, np.zeros((36, 64), bool)
        left = column + number // 10
        cells[row : row + 8, left : left + 4] = True
        box = Box(left / 64, row / 36, 4 / 64, 8 / 36)
        motions.append(Motion(at_s, at_s, (box,), 900, 500, np.packbits(cells).tobytes()))
    clip = Clip(
        camera_id="",
        camera_name="",
        path=Path("x.mp4"),
        start_at=start_at,
        end_at=start_at + timedelta(seconds=CLIP_S),
        event_start_at=start_at,
        trigger=Trigger.MOTION,
        codec="h264",
        size=Size(1920, 1080),
        size_bytes=size_bytes,
        motions=tuple(motions),
    )
    return sidecar_json(clip)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall time in ms, and the result."""
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


def tell(
    what: str, work: Callable[[], Any], size: Callable[[Any], object], rounds: int = 9
) -> None:
    """Print the first time and the median of the next ones, in ms."""
    first_ms, result = timed(work)
    median_ms = statistics.median(timed(work)[0] for _ in range(rounds))
    print(f"{what:<42} first {first_ms:8.1f} ms   median {median_ms:8.1f} ms   ({size(result)})")


def fill(layout: Layout) -> None:
    """Print what the first index costs at full speed, and a second look at the same tree."""
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        for what in ("first index, without rests", "second look, nothing has changed"):
            began, cpu = time.perf_counter(), time.process_time()
            longest = last = 0.0
            for _ in scan_tree(index, datetime.now().astimezone()):
                now = time.perf_counter() - began
                longest, last = max(longest, now - last), now
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{what:<42} {wall:8.1f} s, {cpu:.1f} s of processor, "
                f"longest step {longest * 1000:.0f} ms ({index.count()} clips)"
            )
    size_mb = layout.index_file.stat().st_size / 1e6
    print(f"{'size of the index':<42} {size_mb:8.1f} MB")


def disturb(layout: Layout, seconds: float = 20.0) -> None:
    """Print what the background's first index does to a thread that wakes up every 10 ms."""
    quiet = lateness(seconds / 4)
    discard_index(layout.index_file)
    inbox: Inbox[IndexOrder] = Inbox()
    report = IndexReport(*(lambda *_: None,) * 3)
    indexer = Indexer(layout, Clock(), inbox, report)
    thread = Thread(target=indexer.run)
    thread.start()
    cpu = time.process_time()
    busy = lateness(seconds)
    share = (time.process_time() - cpu) / seconds
    inbox.stop()
    thread.join()
    with closing(ClipIndex(layout.index_file, layout)) as index:
        rate = index.count() / seconds
    print(
        f"first index in the background: {rate:.0f} clips/s, {share:.0%} of a core; a wake-up "
        f"is late by {quiet[0]:.1f} ms (99 %: {quiet[1]:.1f}) before, "
        f"{busy[0]:.1f} ms (99 %: {busy[1]:.1f}) meanwhile"
    )


def lateness(seconds: float) -> tuple[float, float]:
    """Median and 99th percentile, in ms, by which waits of 10 ms take longer."""
    pause, late, end = Event(), [], time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        pause.wait(0.01)
        late.append((time.perf_counter() - began - 0.01) * 1000)
    return statistics.median(late), statistics.quantiles(late, n=100)[98]


def forget_cache(path: Path) -> None:
    """Have the system read the file from the disk again."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def ask(layout: Layout, clips: int) -> None:
    """Print how long the answers take; the first one with nothing of the index in memory."""
    oldest = NEWEST - timedelta(days=min(clips, 100_000) // CLIPS_PER_DAY + 1)
    area, noon = Box(0.4, 0.4, 0.2, 0.2), datetime(2026, 11, 20, 12).astimezone()
    forget_cache(layout.index_file)
    with closing(ClipIndex(layout.index_file, layout)) as index:
        tell("a day with 2,000 clips", lambda: index.clips_of_day(NEWEST), len)
        tell("calendar month", lambda: index.days(2026, 11), len)
        tell("cameras with counts", index.folders, len)
        tell("next clip", lambda: index.next_clip(noon), lambda clip: clip.path.name)
        search = partial(AreaQuery(area, oldest, NEWEST).answer, index, lambda: False)
        tell("area search over at most 100,000 clips", search, lambda hits: f"{len(hits)} hits", 5)
        heat_map = partial(HeatQuery(NEWEST).answer, index, lambda: False)
        tell("heat map of the day", heat_map, lambda heat: heat.shape)


def compare(layout: Layout) -> None:
    """Print what it costs to open every file of the busiest day with OpenCV."""
    paths = sorted(layout.recordings.glob(f"*/{NEWEST}/*.mp4"))

    def durations() -> list[float]:
        return [_duration_s(path) for path in paths]

    tell("the same day, each file opened by OpenCV", durations, len, 3)


def _duration_s(path: Path) -> float:
    capture = cv2.VideoCapture(str(path))
    duration_s = capture.get(cv2.CAP_PROP_FRAME_COUNT) / (capture.get(cv2.CAP_PROP_FPS) or 1)
    capture.release()
    return float(duration_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="on which disk; a folder of its own is made")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="vms-library-", dir=options.folder))
    try:
        layout = Layout(root)
        generator = Generator(layout)
        seconds = timed(lambda: generator.make(options.clips))[0] / 1000
        generator.settle()
        print(f"{options.clips} clips made in {seconds:.0f} s, SQLite {sqlite3.sqlite_version}")
        fill(layout)
        ask(layout, options.clips)
        compare(layout)
        disturb(layout)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
