"""A JSON object in a file that people edit too: read with patience, written whole.

A file that cannot be understood is left alone while somebody may still be
writing it, then set aside; the last good version takes its place. What a person
wrote is never written over without a copy.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.disk_service import tighten
from vms_desktop.core.base.errors import StorageError
from vms_desktop.core.base.files import clear_unfinished, storage_error, write_whole
from vms_desktop.core.base.json_text import LOSSY, Defect, DefectError, ParsedJson, parse_object

log = logging.getLogger(__name__)

KEPT_VERSIONS = 5
# An editor over a slow share, or a script, writes the rest of a file within this time.
QUIET_S = 10.0


@dataclass(frozen=True, slots=True)
class StoreNotice:
    """A file was not usable.

    Attributes:
        kind: Torn (no JSON) or invalid (JSON, but not an object).
        set_aside: Where a copy of it lies now; None if none could be made.
        is_restored: Whether an earlier version took its place.
        line, column: Where it cannot be read on, from 1; 0 where that says nothing.
    """

    kind: Defect
    set_aside: Path | None
    is_restored: bool
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class _Good:
    """A version that was understood; `data` is None for a file that was not there."""

    data: bytes | None
    parsed: ParsedJson


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A file that somebody may still be writing: its bytes (None: not there), and since when."""

    data: bytes | None
    since: float


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file for people to read: whole, and on the disk when this returns.

    Raises:
        StorageError: Nothing has changed.
    """
    write_whole(path, json_bytes(data))


def json_bytes(data: Any) -> bytes:
    """JSON for people to read, as it stands in every file."""
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace")


class JsonFile:
    """A JSON object in a file, with its last versions.

    Belongs to the thread that uses it.

    Args:
        parse: Understands the file's bytes; raises `DefectError`.
    """

    def __init__(
        self,
        path: Path,
        backups: Path,
        clock: Clock | None = None,
        parse: Callable[[bytes], ParsedJson] = parse_object,
    ) -> None:
        self.path = path
        self._backups = backups
        self._clock = clock or Clock()
        self._parse = parse
        self._good: _Good | None = None
        self._suspect: _Suspect | None = None
        self._seen: bytes | None = None
        self._said: bytes | None = None
        self._private = False

    def load(self, *, settle: bool = False) -> tuple[ParsedJson, StoreNotice | None]:
        """The object, and what had to be done to get one; a missing file is an empty one.

        While a file that cannot be understood, or has gone, changed less than
        `QUIET_S` ago, the last good version stands in for it and nothing is
        touched; `is_due` tells when to load again. With `settle` it is
        dealt with at once.

        Raises:
            StorageError: The file is there and the disk does not give it.
        """
        data = self._seen = self._read()
        self._keep_private()
        if data is None:
            return self._missing(settle=settle), None
        try:
            parsed = self._parse(data)
        except DefectError as err:
            if not settle and not self._stands_still(data):
                self._say_once(f"is not whole, the last good version stands in: {err}", data)
                return self._last_good().parsed, None
            return self._restore(err, data)
        if parsed.oddities:
            odd = ", ".join(sorted(parsed.oddities))
            self._say_once(f"is understood although it has {odd}", data)
        self._keep(data)
        self._good, self._suspect = _Good(data, parsed), None
        return parsed, None

    @property
    def is_due(self) -> bool:
        """Whether a file that was waited for has stood still long enough to be dealt with."""
        return self._suspect is not None and self._waited() >= QUIET_S

    def save(self, entries: dict[str, Any]) -> None:
        """Replace the file and keep a copy; also of what a person wrote there.

        Raises:
            StorageError: Nothing has changed.
        """
        self._keep_hand_written()
        data = json_bytes(entries)
        write_whole(self.path, data)
        self._seen, self._good, self._suspect = data, _Good(data, ParsedJson(entries)), None
        self._keep(data)

    def change_versions(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change the kept versions too, for what must not stand in any of them."""
        for version in self.versions():
            try:
                entries = self._parse(version.read_bytes()).entries
                changed = change(entries)
                if changed != entries:
                    write_json(version, changed)
            except (DefectError, OSError, StorageError) as err:
                log.warning("%s not changed: %s", version.name, err)

    def stamp(self) -> object:
        """Changes whenever the content does; None while there is none.

        It is the content itself: some disks count time in steps of 2 s, or
        number their files anew at every look.
        """
        try:
            return self._read()
        except StorageError:
            return None

    @property
    def loaded_stamp(self) -> object:
        """The stamp of what was read or written last."""
        return self._seen

    def versions(self) -> list[Path]:
        """The kept versions, newest first: by number, since clocks jump."""
        name = re.compile(re.escape(self.path.stem) + r"\.(\d+)\.json")
        try:
            found = [(name.fullmatch(path.name), path) for path in self._backups.iterdir()]
        except OSError:
            return []
        numbered = [(int(match[1]), path) for match, path in found if match]
        return [path for _, path in sorted(numbered, reverse=True)]

    def _read(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise storage_error(err) from None

    def _missing(self, *, settle: bool) -> ParsedJson:
        """The object while there is no file: some editors delete it before they write it anew."""
        had_entries = self._good is not None and self._good.parsed.entries
        if had_entries and not settle and not self._stands_still(None):
            return self._last_good().parsed
        self._good, self._suspect = _Good(None, ParsedJson()), None
        return ParsedJson()

    def _stands_still(self, data: bytes | None) -> bool:
        if self._suspect is None or self._suspect.data != data:
            self._suspect = _Suspect(data, self._clock.monotonic())
        return self._waited() >= QUIET_S

    def _waited(self) -> float:
        return self._clock.monotonic() - self._suspect.since if self._suspect else 0.0

    def _last_good(self) -> _Good:
        """The version that was understood last, in this run or an earlier one."""
        if self._good is not None:
            return self._good
        for version in self.versions():
            try:
                data = version.read_bytes()
                return _Good(data, self._parse(data))
            except (OSError, DefectError):
                continue
        return _Good(None, ParsedJson())

    def _restore(self, err: DefectError, data: bytes) -> tuple[ParsedJson, StoreNotice]:
        self._suspect = None
        try:
            aside: Path | None = self._copy_aside("broken", data)
        except StorageError as trouble:
            log.warning("%s could not be set aside: %s", self.path.name, trouble)
            aside = None
        good = self._last_good()
        if aside:
            self._put_back(good)
        notice = StoreNotice(err.kind, aside, good.data is not None, err.line, err.column)
        log.warning("%s: %s; copied to %s", self.path.name, err, aside.name if aside else "nowhere")
        return good.parsed, notice

    def _copy_aside(self, word: str, data: bytes) -> Path:
        """Keep what a person wrote, under a name that says why."""
        base = f"{self.path.name}.{word}-{self._clock.now():%Y%m%d-%H%M%S}"
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, 1000))
        free = (self.path.with_name(name) for name in names)
        aside = next(path for path in free if not path.exists())
        write_whole(aside, data)
        return aside

    def _put_back(self, good: _Good) -> None:
        try:
            if good.data is None:
                self.path.unlink(missing_ok=True)
            else:
                write_whole(self.path, good.data)
        except (OSError, StorageError) as err:
            log.warning("%s not written back: %s", self.path.name, err)
        else:
            self._seen, self._good = good.data, good

    def _keep_hand_written(self) -> None:
        """Copy what is about to be written over, where it says more than what was read of it."""
        data = self._read()
        known = self._good if self._good and self._good.data == data else None
        if data is None or (known and not known.parsed.oddities & LOSSY):
            return
        try:
            self._parse(data)
        except DefectError:
            self._copy_aside("broken", data)
        else:
            aside = self._copy_aside("edited", data)
            log.warning("%s was written by hand: kept as %s", self.path.name, aside.name)

    def _keep(self, data: bytes) -> None:
        """Copy a good version to the backups, where it is not the newest already."""
        versions = self.versions()
        number = int(versions[0].suffixes[-2][1:]) + 1 if versions else 1
        try:
            if versions and versions[0].read_bytes() == data:
                return
            write_whole(self._backups / f"{self.path.stem}.{number:06}.json", data)
            for old in versions[KEPT_VERSIONS - 1 :]:
                old.unlink(missing_ok=True)
        except (OSError, StorageError) as err:
            log.warning("no copy of %s kept: %s", self.path.name, err)

    def _say_once(self, words: str, data: bytes) -> None:
        """Log what a content is like, not at every look."""
        if self._said != data:
            self._said = data
            log.warning("%s %s", self.path.name, words)

    def _keep_private(self) -> None:
        """Close the file to others, passwords included; at the first look its copies too.

        Unfinished ones, which a kill during a save has left, go: no look would find them later.
        """
        copies: list[Path] = []
        if not self._private:
            self._private = True
            for folder in (self.path.parent, self._backups):
                clear_unfinished(folder)
            copies = [*self.versions(), *self.path.parent.glob(f"{self.path.name}.*-*")]
        for path in (self.path, *copies):
            if tighten(path):
                log.warning("others could read %s: it is for its owner alone now", path.name)
