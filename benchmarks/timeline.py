"""The timeline with many clips: what a frame costs at the scale of a day and while zooming.

Run it from the checkout: `python benchmarks/timeline.py`. It needs no screen; beside it
stands one `fillRect` per clip in sight, which is what a timeline does that knows no pixels.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from tests.support.timeline_clips import DAY, clip, row
from vms_desktop.core.library import Gap
from vms_desktop.ui.base import DARK_THEME, apply_theme
from vms_desktop.ui.playback.timeline import TimelineRow, TimelineView
from vms_desktop.ui.playback.timeline.view import ZOOM_STEP

WIDTH_PX, HEIGHT_PX = 1280, 160
ROUNDS = 60
FRAME_MS = 1000 / 60


def rows(clips: int, cameras: int) -> tuple[TimelineRow, ...]:
    """A day of so many clips, spread over so many cameras."""
    dice = random.Random(1)
    return tuple(
        row(
            *(clip(dice.uniform(0, 23.9), dice.uniform(5, 60), strength=dice.random())
              for _ in range(clips // cameras)),
            key=str(number),
            name=f"Camera {number}",
            gaps=[Gap(DAY + timedelta(hours=3), DAY + timedelta(hours=4), "paused")],
        )
        for number in range(cameras)
    )  # fmt: skip


def took_ms(step: Callable[[], object]) -> float:
    """How long a step takes."""
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def told(name: str, times_ms: list[float]) -> None:
    """Print the median and what 95 of 100 frames stay below."""
    median, most = statistics.median(times_ms), statistics.quantiles(times_ms, n=20)[-1]
    share = most / FRAME_MS
    print(
        f"  {name:<28} median {median:6.2f} ms   95 % {most:6.2f} ms   {share:5.2f} frames of 60/s"
    )


def zooming(timeline: TimelineView, paint: Callable[[], object]) -> list[float]:
    """Frames from a day to a minute and back, about different moments."""
    times = []
    for turn in range(6):
        about_s = timeline.view.first_s + 86_400 * (turn + 0.5) / 6
        for factor in [ZOOM_STEP] * 28 + [1 / ZOOM_STEP] * 28:
            timeline.look_at(timeline.view.zoomed(factor, about_s))
            times.append(took_ms(paint))
        timeline.zoom_all()
    return times


def playing(timeline: TimelineView, paint: Callable[[], object]) -> list[float]:
    """Frames in which only the playhead moves."""
    times = []
    for second in range(ROUNDS):
        timeline.set_position(DAY + timedelta(hours=12, seconds=second))
        times.append(took_ms(paint))
    return times


def whole_day(timeline: TimelineView, paint: Callable[[], object]) -> list[float]:
    """Frames of the whole day, each made anew."""
    times = []
    for number in range(ROUNDS):
        timeline.choose_row(str(number % 2))
        times.append(took_ms(paint))
    return times


def a_rectangle_each(day: tuple[TimelineRow, ...], target: QPixmap) -> float:
    """The same clips without arrays: one rectangle per clip."""
    painter, colour = QPainter(target), QColor(DARK_THEME.blue)
    for number, each in enumerate(day):
        for one in each.clips:
            left = (one.start_at - DAY).total_seconds() * WIDTH_PX / 86_400
            wide = max(2.0, one.duration_s * WIDTH_PX / 86_400)
            painter.fillRect(QRectF(left, number * 25, wide, 18), colour)
    return float(painter.end())


def measure(clips: int, cameras: int) -> None:
    """Print all figures for one size of day."""
    day = rows(clips, cameras)
    timeline = TimelineView(DARK_THEME, zone=UTC)
    timeline.resize(WIDTH_PX, HEIGHT_PX)
    timeline.set_span(DAY, DAY + timedelta(days=1))
    print(f"{clips} clips of {cameras} cameras, {WIDTH_PX} pixels wide")
    print(f"  {'given':<28}        {took_ms(lambda: timeline.set_rows(day)):6.2f} ms")
    timeline.set_now(datetime(2026, 11, 22, 18, tzinfo=UTC))
    target = QPixmap(WIDTH_PX, HEIGHT_PX)

    def paint() -> None:
        timeline.render(target)

    for name, way in (("24 h", whole_day), ("zooming, 24 h to 1 min", zooming),
                      ("playing", playing)):  # fmt: skip
        told(name, way(timeline, paint))
    told("a rectangle per clip", [took_ms(lambda: a_rectangle_each(day, target)) for _ in range(5)])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--cameras", type=int, default=4)
    arguments = parser.parse_args()
    application = QApplication([])
    apply_theme(application, DARK_THEME)
    for clips in arguments.clips:
        measure(clips, arguments.cameras)


if __name__ == "__main__":
    main()
