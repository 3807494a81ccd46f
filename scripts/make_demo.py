"""Draws the four demo films and notes when something crosses them.

python scripts/make_demo.py [--out resources/demo] [SCENE …]
"""

import argparse
import importlib
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
from demo_scenes.film import FRAME_RATE, shoot
from demo_scenes.geometry import HEIGHT_PX, WIDTH_PX

ROOT = Path(__file__).resolve().parent.parent
# The slowest first, so that two cores end at about the same time.
SCENES = ("farm_gate", "driveway", "shop", "front_door")


def main() -> int:
    """Make the films asked for, all of them unless some are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "demo")
    args = parser.parse_args()
    if unknown := set(args.scenes) - set(SCENES):
        parser.error(f"no such scene: {', '.join(sorted(unknown))}")
    scenes = args.scenes or SCENES
    args.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(min(len(scenes), os.cpu_count() or 1)) as pool:
        entries = list(pool.map(_make, scenes, [args.out] * len(scenes)))
    _write_index(args.out / "scenes.json", entries)
    return 0


def _make(name: str, out: Path) -> dict[str, object]:
    """Make one film and describe it."""
    # One process per film is the parallelism.
    cv2.setNumThreads(1)
    scene = importlib.import_module(f"demo_scenes.{name}").scene()
    crossings = shoot(scene, out, seed=SCENES.index(name))
    sys.stdout.write(f"{name}: {(out / f'{name}.mp4').stat().st_size} bytes\n")
    return {
        "file": f"{name}.mp4",
        "duration_s": scene.seconds,
        "frame_rate": FRAME_RATE,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "crossings_s": crossings,
    }


def _write_index(path: Path, made: list[dict[str, object]]) -> None:
    """Describe the new films, and keep what is known of the others."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    entries = {entry["file"]: entry for entry in [*known, *made]}
    ordered = [entries[name] for name in sorted(entries)]
    path.write_text(json.dumps(ordered, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
