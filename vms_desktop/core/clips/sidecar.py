"""The side-car of a clip: what is known of it, and where it moved, as JSON.

The format, `version` 1, is described in docs/file-formats.md.
"""

import base64
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vms_desktop.core.base import Box, Size, load_json, local_time, utc_text, write_whole
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.motion import MOTION_GRID, MOTION_GRID_BYTES, Motion, MotionCells

VERSION = 1
# More than any clip lasts; keeps a damaged file from asking for all memory.
MAX_SECONDS = 24 * 3600

# More than any picture is wide or high.
MAX_PX = 65_535

_MALFORMED = (KeyError, TypeError, ValueError, OverflowError, AttributeError)


@dataclass(frozen=True, slots=True)
class SidecarFacts:
    """The facts that one reading of a side-car tells.

    Attributes:
        clip: The clip without its motions; None where the side-car is not one.
        grid: The motion grid, see `motion_grid_of`; None where there is none.
        comment: What a person wrote to an archived clip.
        is_torn: Whether the file can be read and is no JSON; an empty one too.
    """

    clip: Clip | None = None
    grid: MotionCells | None = None
    comment: str = ""
    is_torn: bool = False


def write_sidecar(path: Path, clip: Clip) -> None:
    """Write the side-car of a clip, whole or not at all.

    Raises:
        StorageError: The disk does not take it.
    """
    write_whole(path, sidecar_bytes(sidecar_json(clip)))


def sidecar_bytes(entry: Mapping[str, Any]) -> bytes:
    """The content of a side-car as it is written, whoever writes it."""
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, which only JSON's own spelling can say, keeps it.
    return text.encode("utf-8", "backslashreplace")


def read_sidecar_entry(path: Path) -> dict[str, Any] | None:
    """The keys and values of a side-car, whoever wrote it; None where it has none.

    Raises:
        OSError: It is not there, or the disk does not give it.
    """
    try:
        return _parsed(path.read_bytes())
    except ValueError:
        return None


def _parsed(data: bytes) -> dict[str, Any] | None:
    """An object in JSON; None for another value. Raises ValueError for what is no JSON."""
    entry = load_json(data)
    return entry if isinstance(entry, dict) else None


def read_sidecar(path: Path, clip_path: Path, *, motions: bool = True) -> Clip | None:
    """The clip that a side-car describes; None where it is missing, torn or not one.

    Times are in the local zone. The `cells` of a motion are those of its whole
    second, its areas are not kept (0). Without `motions` the clip has none,
    which is much cheaper for a list of clips.
    """
    try:
        return _clip(read_sidecar_entry(path) or {}, clip_path, motions)
    except (OSError, *_MALFORMED):
        return None


def read_sidecar_facts(path: Path, clip_path: Path) -> SidecarFacts:
    """The facts of a side-car that an index wants, from one reading, whatever lies there."""
    try:
        entry = _parsed(path.read_bytes()) or {}
    except (OSError, ValueError) as err:
        return SidecarFacts(is_torn=isinstance(err, ValueError))
    try:
        clip = _clip(entry, clip_path, motions=False)
    except _MALFORMED:
        clip = None
    return SidecarFacts(clip, _grid(entry), _comment(entry))


def read_motion_grid(path: Path) -> MotionCells | None:
    """The motion grid of a side-car, see `motion_grid_of`; None where there is none."""
    return read_sidecar_facts(path, path).grid


def motion_grid_of(clip: Clip) -> MotionCells:
    """The cells that moved in every second of a clip: shape (seconds, 36, 64)."""
    return _unpack(_seconds_moved(clip))


def sidecar_json(clip: Clip) -> dict[str, Any]:
    """The content of a clip's side-car."""
    area_px = round(clip.peak_area_px, 1)
    peak = {"at": utc_text(clip.peak_at), "area_px": area_px} if clip.peak_at else None
    return {
        "version": VERSION,
        "camera_id": clip.camera_id,
        "camera_name": clip.camera_name,
        "start": utc_text(clip.start_at),
        "end": utc_text(clip.end_at),
        "event_start": utc_text(clip.event_start_at),
        "trigger": str(clip.trigger),
        "peak": peak,
        "codec": clip.codec,
        "width": clip.size.width,
        "height": clip.size.height,
        "size_bytes": clip.size_bytes,
        "boxes": [_boxes_json(motion) for motion in clip.motions],
        "grid": _grid_json(_seconds_moved(clip)),
    }


def _boxes_json(motion: Motion) -> list[Any]:
    boxes = ([round(float(share), 4) for share in box] for box in motion.boxes)
    return [round(float(motion.at), 3), *boxes]


def _grid_json(seconds: bytes) -> dict[str, Any]:
    return {
        "columns": MOTION_GRID.width,
        "rows": MOTION_GRID.height,
        "seconds": len(seconds) // MOTION_GRID_BYTES,
        "bits": base64.b64encode(zlib.compress(seconds, 9)).decode(),
    }


def _seconds_moved(clip: Clip) -> bytes:
    """The cells of its motions put together by seconds, packed as in `Motion`."""
    count = min(max(1, math.ceil(clip.duration_s)), MAX_SECONDS)
    grid = np.zeros((count, MOTION_GRID_BYTES), np.uint8)
    for motion in clip.motions:
        if len(motion.cells) == MOTION_GRID_BYTES:
            grid[_second(motion.at, count)] |= np.frombuffer(motion.cells, np.uint8)
    return grid.tobytes()


def _second(at_s: float, count: int) -> int:
    return min(max(int(at_s), 0), count - 1)


def _unpack(seconds: bytes) -> MotionCells:
    bits = np.unpackbits(np.frombuffer(seconds, np.uint8))
    return bits.astype(np.bool_).reshape(-1, MOTION_GRID.height, MOTION_GRID.width)


def _grid(entry: Mapping[str, Any]) -> MotionCells | None:
    try:
        return _unpack(_grid_bytes(entry["grid"]))
    except (KeyError, TypeError, ValueError):
        return None


def _comment(entry: Mapping[str, Any]) -> str:
    comment = entry.get("comment")
    return comment.encode("utf-8", "replace").decode() if isinstance(comment, str) else ""


def _clip(entry: Mapping[str, Any], clip_path: Path, motions: bool) -> Clip:
    peak = entry.get("peak")
    return Clip(
        camera_id=_text(entry["camera_id"]),
        camera_name=_text(entry["camera_name"]),
        path=clip_path,
        start_at=local_time(entry["start"]),
        end_at=local_time(entry["end"]),
        event_start_at=local_time(entry["event_start"]),
        trigger=Trigger(entry["trigger"]),
        codec=_text(entry["codec"]),
        size=Size(_px(entry["width"]), _px(entry["height"])),
        size_bytes=int(entry["size_bytes"]),
        peak_at=local_time(peak["at"]) if peak else None,
        peak_area_px=_finite(peak["area_px"]) if peak else 0,
        motions=tuple(_motions(entry)) if motions else (),
    )


def _text(given: object) -> str:
    """The text; ValueError for half a surrogate pair, which can be neither written nor shown."""
    text = str(given)
    text.encode()
    return text


def _px(given: Any) -> int:
    px = int(given)
    if not 0 <= px <= MAX_PX:
        raise ValueError("not the size of a picture")
    return px


def _finite(given: Any) -> float:
    number = float(given)
    if not math.isfinite(number):
        raise ValueError("not a number to reckon with")
    return number


def _motions(entry: Mapping[str, Any]) -> Iterable[Motion]:
    packed = _grid_bytes(entry["grid"])
    seconds = [packed[i : i + MOTION_GRID_BYTES] for i in range(0, len(packed), MOTION_GRID_BYTES)]
    for at_s, *boxes in entry["boxes"]:
        yield Motion(
            at=_finite(at_s),
            since=_finite(at_s),
            boxes=tuple(Box(*map(_finite, box)) for box in boxes),
            area_px=0,
            threshold_px=0,
            cells=seconds[_second(at_s, len(seconds))],
        )


def _grid_bytes(grid: Mapping[str, Any]) -> bytes:
    """The packed seconds of a grid; ValueError where they are not what they say."""
    count = grid["seconds"]
    shape = (grid["columns"], grid["rows"])
    if shape != MOTION_GRID or not 1 <= count <= MAX_SECONDS:
        raise ValueError("not a grid of this version")
    size = count * MOTION_GRID_BYTES
    try:
        packed = zlib.decompressobj().decompress(base64.b64decode(grid["bits"]), size)
    except zlib.error as err:
        raise ValueError(str(err)) from None
    if len(packed) != size:
        raise ValueError("a grid cut short")
    return packed
