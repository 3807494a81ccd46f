"""A screen of any size for Qt's offscreen platform, which has one of 800 × 800 by itself."""

import json
from pathlib import Path


def offscreen(folder: Path, width: int, height: int) -> str:
    """The value of `QT_QPA_PLATFORM` for a screen of so many device pixels; its file in `folder`."""
    screen = {"name": "screen", "x": 0, "y": 0, "width": width, "height": height}
    densities = {"dpr": 1, "logicalDpi": 96, "logicalBaseDpi": 96}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen | densities]}))
    return f"offscreen:configfile={config}"
