"""Journals of gaps that an earlier version has blown up, made small again.

Where a day has no midnight, it wrote a line without any length over and over: a megabyte
a second, at every start again. The lines that tell a gap stand between those.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from vms_desktop.core.base import Layout, StorageError, StorageProblem, write_whole
from vms_desktop.core.library.gaps import GapLines
from vms_desktop.core.library.tree import files_below

log = logging.getLogger(__name__)

# A camera that is lost every five seconds writes less in a day.
SWOLLEN_BYTES = 2_000_000
# Read in some 50 ms where a line is like the one before.
PORTION_BYTES = 8_000_000


def shrink_journals(
    layout: Layout, held: Callable[[], AbstractContextManager[None]]
) -> Iterator[bool]:
    """Write journals that are larger than a day needs anew, without what tells nothing.

    Yields True after every portion; what is added between two is kept. No camera's folder is
    renamed, and no other journal written, while `held`.
    """
    swollen = [path for path, size in files_below(layout.gaps) if size > SWOLLEN_BYTES]
    for path in sorted(path for path in swollen if path.suffix == ".jsonl"):
        try:
            with path.open("rb") as file:
                yield from _shrink(layout, path, file, held)
        except (OSError, StorageError) as err:
            log.warning("%s not made smaller: %s", layout.relative(path), err)


def _shrink(
    layout: Layout, path: Path, file: IO[bytes], held: Callable[[], AbstractContextManager[None]]
) -> Iterator[bool]:
    lines = GapLines()
    while lines.read(file, PORTION_BYTES):
        yield True
    if not lines.passed_over:
        return
    with held():
        lines.read(file, PORTION_BYTES)  # What was added since.
        whole = b"".join(line.rstrip(b"\n") + b"\n" for _, line in lines.found.values())
        if os.path.samestat(path.stat(), os.fstat(file.fileno())):  # Else it was renamed.
            _write(path, whole)
    log.info("%s: %d lines that told nothing dropped", layout.relative(path), lines.passed_over)


def _write(path: Path, whole: bytes) -> None:
    try:
        write_whole(path, whole)
    except StorageError as err:
        if err.kind is not StorageProblem.FULL:
            raise
        # The journal itself may have filled the disk: in its own place there is room, and
        # whoever reads it half-way finds the gaps at its beginning.
        with path.open("r+b") as file:
            file.write(whole)
            file.truncate()
