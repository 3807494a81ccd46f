"""Old clips' sound mended where they lie: a few bytes in place, noted before they are written.

The note holds what stood there, so that a repair that was cut short is undone; it is
the backup, there until the clip has been read anew. Nothing else of a clip is touched,
and its time of change stays: who reads the tree takes it for the clip it was.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from vms_desktop.core.base import (
    Layout,
    StorageError,
    load_json,
    parse_clip_path,
    read_at_most,
    set_times,
    sync_file,
    write_whole,
)
from vms_desktop.core.media import SoundPatch, is_sound_mended, patched_file

log = logging.getLogger(__name__)

_MOST_NOTE_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class _Note:
    """Of `sound-repair.json`; `old` and `new` in hexadecimal digits."""

    clip: str
    size_bytes: int
    accessed_ns: int
    changed_ns: int
    offset: int
    old: str
    new: str

    @property
    def was(self) -> bytes:
        return bytes.fromhex(self.old)

    def fits(self, path: Path) -> bool:
        """True if a file is the clip: what stands there is the old, the new or half of each."""
        try:
            with path.open("rb") as file:
                file.seek(self.offset)
                found = file.read(len(self.was))
                size_bytes = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return False
        each = zip(found, self.was, bytes.fromhex(self.new), strict=False)
        is_same = size_bytes == self.size_bytes and len(found) == len(self.was)
        return is_same and all(byte in known for byte, *known in each)


def repair_clip(layout: Layout, path: Path, patch: SoundPatch) -> bool:
    """Mend a clip; whether that was done. Nobody may move it meanwhile.

    It is left as it was where it has changed since it was looked at, has a second name
    (somebody's copy shares its bytes), or does not play as it ought to afterwards.

    Raises:
        OSError, StorageError: The disk does not do it; what was begun is undone by `settle`.
    """
    with path.open("r+b", buffering=0) as file:
        stat = os.fstat(file.fileno())
        with path.open("rb") as seen:
            if not is_sound_mended(patched_file(seen, patch), patch) or stat.st_nlink > 1:
                return False
        if _bytes_at(file, patch.offset, len(patch.old)) != patch.old:
            return False
        note = _Note(
            layout.relative(path),
            stat.st_size,
            stat.st_atime_ns,
            stat.st_mtime_ns,
            patch.offset,
            patch.old.hex(),
            patch.new.hex(),
        )
        write_whole(layout.sound_repair_json, json.dumps(asdict(note)).encode())
        _put(file, path, note, patch.new)
        with path.open("rb") as anew:
            is_done = is_sound_mended(anew, patch)
        if not is_done:
            _put(file, path, note, patch.old)
    layout.sound_repair_json.unlink(missing_ok=True)
    return is_done


def settle(layout: Layout) -> bool:
    """Undo a repair that was cut short; False where its clip cannot be reached for now."""
    try:
        note = _read_note(layout)
        if note is None:
            return True
        path = next((path for path in _places(layout, note) if note.fits(path)), None)
        if path is None and not layout.recordings_mark.exists():
            return False  # Its disk is not there.
        if path is not None:
            with path.open("r+b", buffering=0) as file:
                _put(file, path, note, note.was)
            log.warning("%s: a repair that was cut short is undone", layout.relative(path))
        layout.sound_repair_json.unlink(missing_ok=True)
    except (OSError, StorageError) as err:
        log.warning("a repair that was cut short is not undone: %s", err)
        return False
    return True


def _bytes_at(file: IO[bytes], offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _put(file: IO[bytes], path: Path, note: _Note, data: bytes) -> None:
    """Write, in one piece, and have the disk keep it; the file keeps its times."""
    file.seek(note.offset)
    if file.write(data) != len(data):
        raise OSError("written in part")  # As on a disk that is full; `settle` undoes it.
    sync_file(file.fileno(), path)
    set_times(path, note.accessed_ns, note.changed_ns)


def _read_note(layout: Layout) -> _Note | None:
    """The note of the last run; one that is none is deleted."""
    file = layout.sound_repair_json
    if not file.exists():
        return None
    try:
        found = _Note(**load_json(read_at_most(file, _MOST_NOTE_BYTES)))
        if len(found.was) == len(bytes.fromhex(found.new)) and found.offset >= 0:
            return found
    except (ValueError, TypeError):
        pass
    log.warning("%s is no note of a repair", file.name)
    file.unlink(missing_ok=True)
    return None


def _places(layout: Layout, note: _Note) -> Iterator[Path]:
    """The places of the clip: its folder may have followed a new name of its camera."""
    told = layout.root / note.clip
    if parse_clip_path(told) is None:
        return
    for tree in (layout.recordings, layout.archives):
        if told.is_relative_to(tree):
            yield told
        yield from tree.glob("/".join(("*", *told.parts[-2:])))
