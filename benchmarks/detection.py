"""What the motion detector costs, and what it finds.

    python benchmarks/detection.py [--clips FOLDER]

Prints the processor time of a quiet 640x360 camera at 15 frames a second and of
one through which somebody walks; with `--clips`, the events of every video file
below a folder.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vms_desktop.core.base import StreamError
from vms_desktop.core.motion import MotionDetector, detect_file

WIDTH_PX, HEIGHT_PX, FRAME_RATE = 640, 360, 15
SETTLED_S, MEASURED_S = 8, 60
PICTURES = 60
SUFFIXES = {".264", ".265", ".avi", ".h264", ".h265", ".mkv", ".mov", ".mp4", ".ts"}

Draw = Callable[[NDArray[np.float32], float], None]


def empty(place: NDArray[np.float32], at: float) -> None:
    """Draw nothing."""


def walker(place: NDArray[np.float32], at: float) -> None:
    """Draw somebody of 60 px who walks to and fro."""
    left = round(40 + abs(at * 60 % 1000 - 500))
    place[150:210, left : left + 22] += 50


def pictures(draw: Draw, noise: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Times in s and luma of a minute and a bit; the noise repeats after `PICTURES`."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    place = 110 + 40 * np.sin(x / 37) + 25 * np.cos(y / 23)
    grains = rng.normal(0, noise, (PICTURES, HEIGHT_PX, WIDTH_PX)).astype(np.float32)
    for number in range((SETTLED_S + MEASURED_S) * FRAME_RATE):
        picture = place + grains[number % PICTURES]
        draw(picture, number / FRAME_RATE)
        yield number / FRAME_RATE, np.clip(picture, 0, 255).astype(np.uint8)


def measure(draw: Draw, noise: float) -> tuple[int, float, int]:
    """Analysed frames, processor seconds and moving frames of the measured minute."""
    detector, analysed, spent_s, moving = MotionDetector(), 0, 0.0, 0
    for at, luma in pictures(draw, noise):
        began = time.thread_time()
        motion = detector.analyse(luma, at) if detector.wants(at) else None
        if at >= SETTLED_S:
            spent_s += time.thread_time() - began
            analysed += motion is not None
            moving += motion is not None and motion.moving
    return analysed, spent_s, moving


def report_cost() -> None:
    """Print the cost of each kind of scene."""
    print(
        f"{'640x360, 15 frames/s':28} {'analysed/s':>10} {'ms/frame':>9} {'core':>7} {'moving':>7}"
    )
    scenes = [("quiet", empty, 2.5), ("quiet, noisy night", empty, 12), ("moving", walker, 2.5)]
    for name, draw, noise in scenes:
        analysed, spent_s, moving = measure(draw, noise)
        print(
            f"{name:28} {analysed / MEASURED_S:10.1f} {1000 * spent_s / analysed:9.3f}"
            f" {100 * spent_s / MEASURED_S:6.2f}% {moving:7d}"
        )


def report_clips(folder: Path) -> None:
    """Print the events of every video file below a folder."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        began = time.perf_counter()
        try:
            events = [f"{event.start_s:.1f}-{event.end_s:.1f}" for event in detect_file(path)]
        except StreamError as err:
            events = [str(err)]
        took_s = time.perf_counter() - began
        print(f"{path.relative_to(folder)!s:44} {took_s:5.1f} s  {', '.join(events) or 'nothing'}")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    report_cost()
    if args.clips:
        report_clips(args.clips)


if __name__ == "__main__":
    main()
