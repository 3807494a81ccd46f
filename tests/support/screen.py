"""Screens of any size for Qt's offscreen platform, which has one of 800 × 800 by itself."""

import json
from pathlib import Path


def offscreen(folder: Path, *sizes_px: tuple[int, int]) -> str:
    """`QT_QPA_PLATFORM` for screens of these sizes, side by side; its file lies in `folder`."""
    densities = {"dpr": 1, "logicalDpi": 96, "logicalBaseDpi": 96}
    screens: list[dict[str, object]] = []
    left = 0
    for number, (width, height) in enumerate(sizes_px):
        place = {"x": left, "y": 0, "width": width, "height": height}
        screens.append({"name": f"screen {number}", **place, **densities})
        left += width
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": screens}))
    return f"offscreen:configfile={config}"
