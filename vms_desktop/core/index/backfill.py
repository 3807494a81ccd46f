"""Gives clips what they lack, made from their files: facts, thumbnail, motion grid.

For clips of the web version, clips put there by hand, and side-cars that were
lost. Works in small steps, at the latest after each decoded frame, so that
whoever runs it can rest. A clip is only read, but for old ones whose sound is
mended (`sound_repair`); nothing that exists is replaced but a side-car that is
no JSON.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from vms_desktop.core.base import (
    Problem,
    StorageError,
    StorageProblem,
    StreamError,
    storage_error,
    write_whole,
)
from vms_desktop.core.clips import (
    Clip,
    motion_grid_of,
    read_sidecar_entry,
    read_sidecar_facts,
    sidecar_bytes,
    sidecar_json,
)
from vms_desktop.core.index.entries import described, file_facts, summarise
from vms_desktop.core.index.index import ClipState, IndexedClip
from vms_desktop.core.index.scan import Step
from vms_desktop.core.index.sound_repair import repair_clip, settle
from vms_desktop.core.index.writer import ClipIndexWriter, DayKey, IndexEntry, KnownFile, Want
from vms_desktop.core.media import SoundPatch, make_thumbnail, probe_file, sound_patch
from vms_desktop.core.motion import Motion, motions_of_clip

log = logging.getLogger(__name__)

PORTION = 200


class DiskFailedError(Exception):
    """The disk does not give what it has: the work is put off, nothing is said of the clip."""


class Backfiller:
    """Gives clips what they lack; belongs to the thread that writes the index.

    Args:
        rotation_of: How a camera's picture is turned, by its id.
        held: No camera's folder is renamed, and no clip moved, meanwhile; held for a moment only.
        in_use: The clips that are played or exported; their sound waits for the next `steps`.

    Attributes:
        at_work: The clip that is worked on at this moment, and what it is to get.
    """

    def __init__(
        self,
        index: ClipIndexWriter,
        rotation_of: Callable[[str], int],
        held: Callable[[], AbstractContextManager[None]],
        in_use: Callable[[], frozenset[Path]] = frozenset,
    ) -> None:
        self._index = index
        self._rotation_of = rotation_of
        self._held = held
        self._in_use = in_use
        self._put_off: set[Path] = set()
        self.at_work: tuple[Path, Want] | None = None

    def steps(self, want: Want) -> Generator[Step, None, None]:
        """Give every clip that lacks it one kind of thing, the newest clips first.

        What cannot be made is not tried again before the clip changes.

        Raises:
            DiskFailedError: Later, perhaps.
            sqlite3.Error: The index cannot be written.
        """
        if want is Want.SOUND and not settle(self._index.layout):
            raise DiskFailedError("a repair is not undone")  # Its clip would be taken for whole.
        total, done, failed = self._index.count_wanting(want), 0, 0
        make = {
            Want.PROBE: self._probe,
            Want.THUMBNAIL: self._picture,
            Want.GRID: self._watch,
            Want.SOUND: self._hear,
        }
        while portion := self._portion(want):
            for path in portion:
                made, self.at_work = True, (path, want)
                for result in self._tried(path, want, make[want]):
                    made, self.at_work = result, None
                    yield Step(done, total, failed=failed)
                    self.at_work = path, want
                done, failed, self.at_work = done + 1, failed + (not made), None
                # How a clip sounds in other players changes nothing that is shown.
                where = frozenset() if want is Want.SOUND else self._where(path)
                yield Step(done, max(total, done), where, failed)

    def _portion(self, want: Want) -> list[Path]:
        most = PORTION + len(self._put_off)
        return [path for path, _ in self._index.wanting(want, most) if path not in self._put_off]

    def _tried(
        self, path: Path, want: Want, make: Callable[[IndexedClip, KnownFile], Iterator[bool]]
    ) -> Iterator[bool]:
        """Work at one clip; False at last where it cannot be done."""
        known = self._index.known(path)
        if known is None:
            return
        try:
            yield from make(*known)
        except FileNotFoundError:
            self._index.remove([path])
        except StreamError as err:
            log.info("%s not adopted: %s", self._index.layout.relative(path), err)
            if err.kind is Problem.NOT_FOUND:
                self._index.remove([path])
            self.drop(path, want)
            yield False
        except PermissionError:
            log.warning("%s must not be read", self._index.layout.relative(path))
            self.drop(path, want)
            yield False
        except OSError as err:
            raise DiskFailedError(err.strerror) from None

    def _probe(self, clip: IndexedClip, known: KnownFile) -> Iterator[bool]:
        facts = probe_file(clip.path)
        if facts is None:
            log.warning("%s cannot be played", self._index.layout.relative(clip.path))
            clip = replace(clip, state=ClipState.UNREADABLE, end_at=clip.start_at)
            self._index.upsert(IndexEntry(clip, known.stamp, None))
            yield False
            return
        end_at = clip.start_at + timedelta(seconds=facts.duration_s)
        clip = replace(clip, state=ClipState.OK, codec=facts.codec, size=facts.size, end_at=end_at)
        self._index.upsert(IndexEntry(clip, known.stamp, None, known.wants & ~Want.PROBE))
        yield True

    def _picture(self, clip: IndexedClip, known: KnownFile) -> Iterator[bool]:
        thumbnail = self._index.layout.thumbnail_path(clip.path)
        if not thumbnail.exists():
            at_s = (clip.peak_at - clip.start_at).total_seconds() if clip.peak_at else None
            jpeg = make_thumbnail(clip.path, at_s, rotation=self._rotation_of(clip.camera_id))
            if not self._write(clip.path, thumbnail, jpeg):
                self.drop(clip.path, Want.THUMBNAIL)
                yield False
                return
        wants = known.wants & ~Want.THUMBNAIL
        self._index.upsert(IndexEntry(replace(clip, has_thumbnail=True), known.stamp, None, wants))
        yield True

    def _watch(self, clip: IndexedClip, known: KnownFile) -> Iterator[bool]:
        motions: list[Motion] = []
        for motion in motions_of_clip(clip.path, self._rotation_of(clip.camera_id)):
            if motion is not None and motion.moving:
                motions.append(motion)
            yield True
        whole = _clip_of(clip, tuple(motions))
        self._describe(whole)
        # Read anew: what was known at the beginning may be minutes old.
        facts = file_facts(self._index.layout, clip.path, _day(clip))
        entry = described(self._index.layout, clip.path, facts)
        if entry and not entry.wants & Want.GRID:
            self._index.upsert(entry)
            return
        summary = summarise(motion_grid_of(whole))
        clip, wants = replace(clip, strength=summary.strength), known.wants & ~Want.GRID
        self._index.upsert(IndexEntry(clip, known.stamp, summary.packed, wants))

    def _hear(self, clip: IndexedClip, known: KnownFile) -> Iterator[bool]:
        """Mend the sound of an old clip where it lies; one that cannot be mended stays."""
        try:
            with clip.path.open("rb") as file:
                patch = sound_patch(file)
            if patch and not self._mend(clip.path, patch):
                return
        except FileNotFoundError:
            raise
        except (OSError, StorageError) as err:
            kind = storage_error(err).kind
            if kind is not StorageProblem.READ_ONLY:
                raise DiskFailedError(str(kind)) from None
            log.info("%s is left as it sounds: %s", self._index.layout.relative(clip.path), kind)
        stamp = known.stamp
        if patch:  # Where a disk sets no times, this keeps the clip from being taken for a new one.
            stamp = file_facts(self._index.layout, clip.path, _day(clip)).stamp
        self._index.upsert(IndexEntry(clip, stamp, None, known.wants & ~Want.SOUND))
        yield True

    def _mend(self, path: Path, patch: SoundPatch) -> bool:
        """False where it has to wait."""
        with self._held():
            if path in self._in_use():
                self._put_off.add(path)
                return False
            if repair_clip(self._index.layout, path, patch):
                log.info("the sound of %s is mended", self._index.layout.relative(path))
            return True

    def _describe(self, clip: Clip) -> None:
        """Write the side-car, unless one is there that says something."""
        layout = self._index.layout
        path = layout.sidecar_path(clip.path)
        if layout.is_archived(clip.path):
            self._describe_archived(clip, path)
        elif not path.exists() or read_sidecar_facts(path, clip.path).is_torn:
            self._write(clip.path, path, sidecar_bytes(sidecar_json(clip)))

    def _describe_archived(self, clip: Clip, path: Path) -> None:
        """Add the facts to a comment of the web version's, which stays as it is."""
        try:
            found = read_sidecar_entry(path)
        except FileNotFoundError:
            found = {"comment": ""}
        if found is not None and "version" not in found:
            self._write(clip.path, path, sidecar_bytes({**found, **sidecar_json(clip)}))

    def _write(self, clip_path: Path, path: Path, data: bytes) -> bool:
        with self._held():
            if not clip_path.exists():
                raise FileNotFoundError
            try:
                write_whole(path, data, sync=False)
            except StorageError as err:
                log.warning("%s not written: %s", self._index.layout.relative(path), err)
                return False
        return True

    def drop(self, path: Path, want: Want) -> None:
        """Do not try again before the clip changes."""
        known = self._index.known(path)
        if known:
            clip, file = known
            self._index.upsert(IndexEntry(clip, file.stamp, None, file.wants & ~want))

    def _where(self, path: Path) -> frozenset[tuple[str, date]]:
        place = self._index.place(path)
        return frozenset({place[:2]}) if place else frozenset()


def _clip_of(clip: IndexedClip, motions: tuple[Motion, ...]) -> Clip:
    """The clip as its side-car will tell it; areas are px² of the file's own picture."""
    peak = max(motions, key=lambda motion: motion.area_px, default=None)
    first_s = motions[0].at if motions else 0.0
    return Clip(
        camera_id=clip.camera_id,
        camera_name=clip.camera_name,
        path=clip.path,
        start_at=clip.start_at,
        end_at=clip.end_at,
        event_start_at=clip.start_at + timedelta(seconds=first_s),
        trigger=clip.trigger,
        codec=clip.codec,
        size=clip.size,
        size_bytes=clip.size_bytes,
        peak_at=clip.start_at + timedelta(seconds=peak.at) if peak else None,
        peak_area_px=peak.area_px if peak else 0.0,
        motions=motions,
    )


def _day(clip: IndexedClip) -> DayKey:
    return DayKey(clip.folder, date.fromisoformat(clip.path.parts[-2]), clip.is_archived)
