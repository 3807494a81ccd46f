"""Habits of cameras that connections have shown, so that the next one need not find them out.

What would cost a recording to find out again is kept across starts: see docs/file-formats.md.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vms_desktop.core.base import Clock, StorageError, load_json, local_time, utc_text, write_whole

log = logging.getLogger(__name__)

# A camera that hung up when it was asked for its sound is asked again after an hour.
SOUND_REST_S = 3600.0
# Then a camera is judged anew: another one may answer at its address.
KEPT = timedelta(days=30)
MOST_KEPT = 1000
VERSION = 1


@dataclass(slots=True)
class Habits:
    """A camera's ways at one address.

    Attributes:
        for_ffmpeg: FFmpeg has to read it, as shows whenever it is opened.
        is_reordered: Its pictures do not come in the order in which they are shown, as shows
            only once they are recorded: FFmpeg has to read it.
        once_by_ffmpeg: The next try is FFmpeg's: it was refused to us for no lasting reason.
        over_udp: It refuses TCP and sends by UDP alone; FFmpeg reads that.
        useless_signs: Methods that it does not take for a sign of life.
    """

    for_ffmpeg: bool = False
    is_reordered: bool = False
    once_by_ffmpeg: bool = False
    over_udp: bool = False
    useless_signs: set[str] = field(default_factory=set)
    _no_sound_until: float = float("-inf")

    def is_silent(self, now: float) -> bool:
        """True if its sound is left out for now, since asking for it costs the picture."""
        return now < self._no_sound_until

    def hung_up_at_sound(self, now: float) -> None:
        """It closed the connection when it was asked for its sound."""
        self._no_sound_until = now + SOUND_REST_S


class HabitBook:
    """The habits of all cameras, by addresses without a login; asked by many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # A dict's single operations need no lock.
        self._habits: dict[str, Habits] = {}
        self._learnt: dict[str, datetime] = {}

    def of(self, address: str) -> Habits:
        """The habits of a camera; what is told of it there is known from now on."""
        learnt_at = self._learnt.get(address)
        if learnt_at and not self._counts(learnt_at):
            self.forget(address)
        return self._habits.setdefault(address, Habits())

    def forget(self, address: str) -> None:
        """Judge what is behind an address anew."""
        self._habits.pop(address, None)
        self._learnt.pop(address, None)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The habits worth keeping, as the file has them. Called by one thread."""
        now = self._clock.monotonic()
        told = {address: _facts(habits, now) for address, habits in list(self._habits.items())}
        known = {address: facts for address, facts in told.items() if facts}
        for address in told.keys() - known.keys():
            self._learnt.pop(address, None)
        return {
            address: {"learnt": utc_text(self._learnt_at(address)), **facts}
            for address, facts in known.items()
        }

    def take(self, entries: Mapping[str, Any]) -> None:
        """Know what the file says; what is no entry, or too old, is left out."""
        for address, entry in entries.items():
            try:
                learnt_at = local_time(entry["learnt"])
                habits = _habits(entry, self._clock.monotonic())
            except (KeyError, TypeError, ValueError, OverflowError):
                continue
            if self._counts(learnt_at):
                self._learnt[address] = learnt_at
                self._habits.setdefault(address, habits)

    def _counts(self, learnt_at: datetime) -> bool:
        """True if it is young enough still; a clock that was ahead makes nothing younger."""
        return abs(self._clock.now() - learnt_at) < KEPT

    def _learnt_at(self, address: str) -> datetime:
        return self._learnt.setdefault(address, self._clock.now())


class HabitFile:
    """Keeps a book across starts; belongs to one thread."""

    def __init__(self, path: Path, book: HabitBook) -> None:
        self._path = path
        self._book = book
        self._written: dict[str, dict[str, Any]] = {}
        self._is_failing = False

    def load(self) -> None:
        """Know what earlier runs have found out; nothing where the file is not usable."""
        try:
            entry: Any = load_json(self._path.read_bytes())
            self._book.take(entry["cameras"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
            log.info("habits.json not usable: %s", err)
        self._written = self._book.entries()

    def look(self) -> None:
        """Write what has been found out since."""
        entries = self._book.entries()
        if entries == self._written:
            return
        newest = sorted(entries, key=lambda address: entries[address]["learnt"])[-MOST_KEPT:]
        data = {"version": VERSION, "cameras": {each: entries[each] for each in newest}}
        try:
            write_whole(self._path, json.dumps(data, indent=2).encode(), sync=False)
        except StorageError as err:
            if not self._is_failing:
                log.warning("habits.json not written: %s", err)
            self._is_failing = True
        else:
            self._written, self._is_failing = entries, False


def _facts(habits: Habits, now: float) -> dict[str, Any]:
    """Those that cost a recording, or a connection, to find out again."""
    facts: dict[str, Any] = {
        "reordered": habits.is_reordered,
        "over_udp": habits.over_udp,
        "no_sound": habits.is_silent(now),
        "useless_signs": sorted(habits.useless_signs),
    }
    return {key: value for key, value in facts.items() if value}


def _habits(entry: Mapping[str, Any], now: float) -> Habits:
    signs: Iterable[Any] = entry.get("useless_signs", ())
    habits = Habits(
        is_reordered=entry.get("reordered") is True,
        over_udp=entry.get("over_udp") is True,
        useless_signs={sign for sign in signs if isinstance(sign, str)},
    )
    if entry.get("no_sound") is True:
        habits.hung_up_at_sound(now)
    return habits
