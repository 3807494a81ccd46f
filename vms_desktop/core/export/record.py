"""The record of the files that exports are writing: a crash leaves none behind for good.

What the record names lies in folders of the user. It is deleted only where its name is of
the kind that an export gives, with a token nobody else has, and it holds the begin of an MP4.
"""

import json
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from vms_desktop.core.base import (
    PART_SUFFIX,
    DefectError,
    StorageError,
    parse_object,
    read_at_most,
    write_whole,
)

log = logging.getLogger(__name__)

_MOST_BYTES = 1_000_000
_HIDDEN = re.compile(rf"\..+\.mp4\.[0-9a-f]{{12}}\{PART_SUFFIX}")
_MP4_BEGINS = b"ftyp"


def hidden_name(name: str) -> str:
    """The name that a file has until it is whole."""
    return f".{name}.{uuid4().hex[:12]}{PART_SUFFIX}"


class ExportRecord:
    """The record in the data folder; belongs to the thread that exports.

    Args:
        path: Its JSON file, there only while there is something to be remembered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: tuple[Path, ...] = ()

    def begin(self, part: Path) -> None:
        """A file is about to be made."""
        self._keep((*self._parts, part))

    def end(self, part: Path) -> None:
        """It has its name by now, or is gone."""
        self._keep([each for each in self._parts if each != part])

    def clean(self) -> tuple[Path, ...]:
        """Delete the files that an earlier run left, and give them.

        One whose disk is not there now is remembered for the next start.
        """
        removed, later = [], []
        self._parts = self._read()
        for part in self._parts:
            if not part.parent.is_dir():
                later.append(part)
            elif not _is_left_over(part):
                continue
            elif _deleted(part):
                log.info("deleted %s, which an export did not complete", part.name)
                removed.append(part)
            else:
                later.append(part)
        self._keep(later)
        return tuple(removed)

    def _read(self) -> tuple[Path, ...]:
        try:
            parts = parse_object(read_at_most(self._path, _MOST_BYTES)).entries.get("parts")
        except (StorageError, DefectError):  # Mostly there is none.
            return ()
        texts = parts if isinstance(parts, list) else []
        found = [Path(part) for part in texts if isinstance(part, str)]
        return tuple(part for part in found if part.is_absolute())

    def _keep(self, parts: Sequence[Path]) -> None:
        if tuple(parts) == self._parts:
            return
        self._parts = tuple(parts)
        try:
            if parts:
                text = json.dumps({"parts": [str(part) for part in parts]})
                write_whole(self._path, text.encode())
            else:
                self._path.unlink(missing_ok=True)
        except (OSError, StorageError) as err:
            # An export is worth more than the record of it.
            log.warning("%s not written: %s", self._path.name, err)


def _is_left_over(part: Path) -> bool:
    if not _HIDDEN.fullmatch(part.name) or part.is_symlink():
        return False
    try:
        head = read_at_most(part, 8)
    except StorageError:
        return False
    return not head or head[4:] == _MP4_BEGINS


def _deleted(part: Path) -> bool:
    try:
        part.unlink()
    except OSError as err:
        log.warning("%s not deleted: %s", part.name, err.strerror)
        return False
    return True
