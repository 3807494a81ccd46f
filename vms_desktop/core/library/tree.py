"""The recordings tree: what lies in it, and what a crash has left there."""

import heapq
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from vms_desktop.core.base import (
    CLIP_START_TAG,
    CLIP_SUFFIX,
    Layout,
    Size,
    StorageError,
    StreamError,
    make_private,
    moments_of,
    parse_clip_path,
    parse_day,
    storage_error,
    sync_folder,
)
from vms_desktop.core.clips import (
    Clip,
    Trigger,
    camera_folders_in,
    pass_over_torn_end,
    read_folder_owner,
    read_sidecar,
    write_sidecar,
)
from vms_desktop.core.media import VideoFile, open_mp4

log = logging.getLogger(__name__)

# A file changed later than this after its start was copied: its time says nothing.
LONGEST_CLIP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip's file, known without opening it.

    Attributes:
        start: Naive local time, as its name tells it.
        changed_at: When the file was last written, which is its end unless it was copied.
    """

    path: Path
    folder: str
    start: datetime
    size_bytes: int
    changed_at: datetime


def clips_of_day(layout: Layout, day: date) -> list[Clip]:
    """All clips of a local day, archived ones too, newest first, without their motions.

    A clip without a side-car (the web version's) has the facts that its file
    tells: codec and size stay empty.

    Raises:
        StorageError: The recordings are there and the disk does not give them.
    """
    found = (
        clip
        for tree in (layout.recordings, layout.archives)
        for folder in camera_folders_in(tree)
        for clip in _clips_in(tree / folder / f"{day:%Y-%m-%d}")
    )
    clips = [_known_clip(layout, stored) for stored in found]
    return sorted(clips, key=lambda clip: clip.start_at, reverse=True)


def oldest_clips(layout: Layout, folder: str | None = None) -> Iterator[StoredClip]:
    """The clips of one camera or of all, oldest first; reads the tree as far as it is asked.

    Raises:
        StorageError: The recordings are there and the disk does not give them.
    """
    folders = camera_folders_in(layout.recordings) if folder is None else [folder]
    cameras = (_clips_of_camera(layout.recordings / name) for name in folders)
    return heapq.merge(*cameras, key=lambda clip: clip.start)


def file_times(start: datetime, changed_at: datetime) -> tuple[datetime, datetime]:
    """When a clip began and ended, from its name's naive local start and its file's change.

    The start twice where that change is no end, as of a copy. In the repeated
    hour in autumn the change tells which of the two the name means.
    """
    possible = moments_of(start)
    for start_at in possible:
        if start_at <= changed_at <= start_at + LONGEST_CLIP:
            return start_at, changed_at
    return possible[0], possible[0]


def recordings_bytes(layout: Layout) -> int:
    """Bytes of all recordings, those being written too; walks the whole tree."""
    return sum(size for _, size in files_below(layout.recordings))


def files_below(folder: Path) -> Iterator[tuple[Path, int]]:
    """All files in a tree with their bytes; one that just vanished is none."""
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(OSError):
                yield path, path.stat().st_size


def recover_parts(layout: Layout) -> list[Clip]:
    """Make a clip of every `.part` that a crash has left; what nobody can play is `unreadable`.

    Each has its side-car. Called before this run writes any. Nothing is deleted, no clip is
    overwritten. A part that cannot be moved is logged and left for the next start.

    Raises:
        StorageError: The recordings are there and the disk does not give them.
    """
    parts = [
        path
        for folder in camera_folders_in(layout.recordings)
        for day in _days(layout.recordings / folder)
        for path in sorted(day.glob("*.part"))
    ]
    return [clip for path in parts if (clip := _recover(layout, path))]


def _days(folder: Path) -> list[Path]:
    return [folder / name for name in sorted(_names(folder)) if parse_day(name)]


def _clips_of_camera(folder: Path) -> Iterator[StoredClip]:
    for day in _days(folder):
        yield from _clips_in(day)


def _clips_in(day: Path) -> list[StoredClip]:
    """The clips of one camera's day in their order; a file that just vanished is none."""
    names = [name for name in _names(day) if name.endswith(CLIP_SUFFIX)]
    # `-10` after `-2`: the shorter name is the earlier one.
    names.sort(key=lambda name: (name[:8], len(name), name))
    return [clip for name in names if (clip := _stored(day / name))]


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names, not paths: there may be many
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as err:
        raise storage_error(err) from None


def _stored(path: Path) -> StoredClip | None:
    place = parse_clip_path(path)
    if place is None:
        return None
    try:
        stat = path.stat()
    except OSError:
        return None
    changed_at = datetime.fromtimestamp(stat.st_mtime).astimezone()
    return StoredClip(path, *place, stat.st_size, changed_at)


def _known_clip(layout: Layout, stored: StoredClip) -> Clip:
    sidecar = layout.sidecar_path(stored.path)
    return read_sidecar(sidecar, stored.path, motions=False) or _owned_clip(layout, stored)


def _owned_clip(layout: Layout, stored: StoredClip) -> Clip:
    owner = read_folder_owner(layout, stored.folder)
    camera_id, name = (owner.id, owner.name) if owner else ("", stored.folder)
    return replace(bare_clip(stored), camera_id=camera_id, camera_name=name)


def bare_clip(stored: StoredClip) -> Clip:
    """The clip that a file without a side-car tells of: when it was, and nothing of its camera."""
    start_at, end_at = file_times(stored.start, stored.changed_at)
    return Clip(
        camera_id="",
        camera_name="",
        path=stored.path,
        start_at=start_at,
        end_at=end_at,
        event_start_at=start_at,
        trigger=Trigger.MOTION,
        codec="",
        size=Size(0, 0),
        size_bytes=stored.size_bytes,
    )


def _recover(layout: Layout, part: Path) -> Clip | None:
    try:
        if pass_over_torn_end(part):
            log.warning("%s ends within the head of a fragment", layout.relative(part))
        facts = _probe(part)
        if facts is None:
            _set_aside(layout, part)
            return None
        stored = _stored(part)
        return _make_clip(layout, stored, facts) if stored else None
    except (OSError, StorageError) as err:
        log.warning("%s not recovered: %s", layout.relative(part), err)
        return None


def _make_clip(layout: Layout, stored: StoredClip, facts: "_Facts") -> Clip:
    """Give a part the name of a clip; described first, so that no kill leaves it without."""
    path = stored.path.with_suffix(CLIP_SUFFIX)
    if path.exists():
        path = layout.free_clip_path(stored.folder, stored.start)
    clip = _recovered_clip(layout, replace(stored, path=path), facts)
    try:
        write_sidecar(layout.sidecar_path(path), clip)
    except StorageError as err:  # Another disk perhaps; the clip is whole without it.
        log.warning("no side-car for %s: %s", layout.relative(path), err)
    stored.path.rename(path)
    sync_folder(path.parent)
    return clip


def _set_aside(layout: Layout, part: Path) -> None:
    folder = layout.unreadable.joinpath(*part.parts[-3:-1])
    make_private(folder)
    names = (part.name if n == 1 else f"{part.name}.{n}" for n in range(1, 1000))
    part.rename(next(folder / name for name in names if not (folder / name).exists()))


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that an MP4 tells: its tags, and its video as far as it can be read."""

    tags: dict[str, str]
    codec: str
    size: Size
    duration_s: float


def _probe(path: Path) -> _Facts | None:
    """The facts of a file that can be played; None for any other."""
    if parse_clip_path(path) is None:
        return None
    try:
        with open_mp4(path) as part:
            return _read_facts(part)
    except StreamError:
        return None


def _read_facts(part: VideoFile) -> _Facts | None:
    keyframes, first_s, end_s = 0, None, 0.0
    for packet in part.packets():
        if packet.pts is None or not packet.size:
            continue
        keyframes += packet.is_keyframe
        base = float(packet.time_base)
        first_s = packet.pts * base if first_s is None else min(first_s, packet.pts * base)
        end_s = max(end_s, (packet.pts + (packet.duration or 0)) * base)
    if not keyframes or first_s is None:
        return None
    context = part.video.codec_context
    size = Size(context.width, context.height)
    return _Facts(dict(part.container.metadata), context.name, size, end_s - first_s)


def _recovered_clip(layout: Layout, stored: StoredClip, facts: _Facts) -> Clip:
    owned = _owned_clip(layout, stored)
    start_at = _tagged_start(facts.tags) or owned.start_at
    return replace(
        owned,
        camera_id=facts.tags.get("camera_id") or owned.camera_id,
        camera_name=facts.tags.get("camera_name") or owned.camera_name,
        start_at=start_at,
        end_at=start_at + timedelta(seconds=facts.duration_s),
        event_start_at=start_at,
        codec=facts.codec,
        size=facts.size,
    )


def _tagged_start(tags: dict[str, str]) -> datetime | None:
    try:
        start_at = datetime.fromisoformat(tags[CLIP_START_TAG])
    except (KeyError, ValueError):
        return None
    return start_at.astimezone() if start_at.tzinfo else None
