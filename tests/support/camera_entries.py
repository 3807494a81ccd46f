"""Cameras as they stand in `cameras.json`, and the file as an editor writes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def entry(url_sd: str, **changes: Any) -> dict[str, Any]:
    """A camera in `cameras.json`, which does not record unless told to."""
    name = changes.pop("name", "Door")
    usual = {"name": name, "url_sd": url_sd, "is_active": True, "is_recording_enabled": False}
    return usual | changes


def always(url_sd: str, **changes: Any) -> dict[str, Any]:
    """A camera that is recorded at all times."""
    return entry(url_sd, is_recording_enabled=True, recording_mode="always", **changes)


def write_cameras(folder: Path, cameras: Mapping[str, Any]) -> None:
    """Write `cameras.json` as an editor does."""
    temporary = folder / "cameras.json.new"
    temporary.write_text(json.dumps(cameras))
    temporary.replace(folder / "cameras.json")
