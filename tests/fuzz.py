"""The properties of the tests, tried with inputs without end: `python -m tests.fuzz [TARGET]`.

Each finding is made small, within a minute, and written to `build/fuzz` as a program that
shows it. All that lie there are tried first at every start, until somebody removes them.
"""

import argparse
import ast
import faulthandler
import importlib
import logging
import os
import pickle
import runpy
import signal
import sys
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from hypothesis import seed, settings
from hypothesis.errors import HypothesisWarning

from tests.support.bounds import OverBoundError
from tests.support.properties import Broken
from tests.support.strategies import FUZZ, register_profiles

ROOT = Path(__file__).parents[1]
FOUND = ROOT / "build" / "fuzz"
# What the program was given last, in case that ends the process.
LAST = FOUND / "last-input.pickle"

# What has ended a thread of the program.
_of_threads: list[BaseException] = []


class Target(NamedTuple):
    """A property, by the room of its tests and its name."""

    name: str
    module: str
    judged: Any

    @property
    def stem(self) -> str:
        """What the files of its findings begin with."""
        return self.name.replace("/", "-").replace("::", "-")

    def run(self, number: int, tried: Callable[[dict[str, Any]], None]) -> None:
        """Try some inputs, those of a seed; raises what the smallest bad one does."""
        judge = self.judged.hypothesis
        inner = judge.inner_test

        def noting(**given: Any) -> None:
            tried(given)
            inner(**given)
            if _of_threads:
                raise _of_threads.pop()

        judge.inner_test = noting
        inner.begin_anew()
        try:
            seed(number)(self.judged)()
        finally:
            judge.inner_test = inner


def place_of(error: BaseException) -> str:
    """Its kind, and the last line of ours in it; what is too slow is so in a whole function."""
    if isinstance(error, BaseExceptionGroup):  # It failed once and not again.
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "vms_desktop" in frame.filename] or frames[-1:]
    if not ours:
        return type(error).__name__
    at = ours[-1].name if isinstance(error, OverBoundError) else ours[-1].lineno
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{at}"


class Finding(NamedTuple):
    """An input that breaks a property."""

    target: Target
    given: dict[str, Any]
    error: BaseException

    @property
    def place(self) -> str:
        """What went wrong and where, the same for inputs of one fault."""
        return place_of(self.error)

    def write(self) -> Path:
        """Write a program that shows it; its path."""
        FOUND.mkdir(parents=True, exist_ok=True)
        names = (FOUND / f"{self.target.stem}-{number}.py" for number in range(1, 10_000))
        path = next(path for path in names if not path.exists())
        called = f"{self.target.module}.{self.target.judged.__name__}"
        text = (
            f'"""{self.place}: {str(self.error)[:200]!r}."""\n\n'
            f"import pickle\n\nimport {self.target.module}\n\n"
            f"given = {_literal(self.given)}\n{called}.hypothesis.inner_test(**given)\n"
        )
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        return path


def _literal(given: dict[str, Any]) -> str:
    text = repr(given)
    try:
        if ast.literal_eval(text) == given:
            return text
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        pass
    return f"pickle.loads({pickle.dumps(given)!r})  # {text[:200]!r}"


def targets(wanted: str = "") -> Iterator[Target]:
    """The properties whose room or name holds the text."""
    for path in sorted((ROOT / "tests").rglob("test_properties.py")):
        relative = path.relative_to(ROOT).with_suffix("")
        module = importlib.import_module(".".join(relative.parts))
        for name, value in vars(module).items():
            if name.startswith("test_") and hasattr(value, "hypothesis"):
                target = Target(f"{'/'.join(relative.parts[1:-1])}::{name}", module.__name__, value)
                if wanted in target.name:
                    yield target


class Fuzz:
    """Tries targets in turn; knows what was found, in this run and in those before."""

    def __init__(self, chosen: list[Target]) -> None:
        self._chosen = chosen
        self._found: set[tuple[str, str]] = set()
        self._tries = 0
        self._last: dict[str, Any] = {}

    @property
    def faults(self) -> int:
        """How many were found that are there now."""
        return len(self._found)

    def replay(self) -> None:
        """Try what was found before, for these targets."""
        for path in sorted(FOUND.glob("*.py")):
            target = next((each for each in self._chosen if path.name.startswith(each.stem)), None)
            if target is None:
                continue
            try:
                runpy.run_path(str(path))
            except (Exception, Broken) as err:  # noqa: BLE001 - whatever it raises, it is there
                place = place_of(_cause(err))
                self._found.add((target.name, place))
                print(f"still there: {place}: {path}", flush=True)
            else:
                print(f"mended: {path}", flush=True)

    def run(self, seconds: float, number: int) -> None:
        """Try all again and again until the time is over, each time with the next seed."""
        end = monotonic() + seconds
        while monotonic() < end:
            for target in self._chosen:
                if monotonic() >= end:
                    break
                self._try(target, number)
            print(f"seed {number}: {self._tries} inputs, {self.faults} faults", flush=True)
            number += 1

    def _try(self, target: Target, number: int) -> None:
        try:
            target.run(number, self._note)
        except Broken as err:
            self._tell(Finding(target, err.given, _cause(err)))
        except Exception as err:  # noqa: BLE001 - whatever a property raises is a finding
            self._tell(Finding(target, self._last, err))

    def _note(self, given: dict[str, Any]) -> None:
        self._tries, self._last = self._tries + 1, given
        LAST.write_bytes(pickle.dumps(given))

    def _tell(self, finding: Finding) -> None:
        if (finding.target.name, finding.place) not in self._found:
            self._found.add((finding.target.name, finding.place))
            print(f"{finding.place}: {finding.target.name}: {finding.write()}", flush=True)


def _cause(error: BaseException) -> BaseException:
    return error.__cause__ or error if isinstance(error, Broken) else error


def _told(chosen: list[Target]) -> None:
    rooms = Counter(target.name.partition("::")[0] for target in chosen)
    print(f"{len(chosen)} properties:", ", ".join(f"{room} ({n})" for room, n in rooms.items()))
    print(f"what is found goes to {FOUND}; Ctrl+C ends it", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", default="", help="part of a room's or property's name")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="else without end")
    parser.add_argument("--seed", type=int, default=None, help="where to begin; else anywhere")
    parser.add_argument("--list", action="store_true", help="name the targets and end")
    given = parser.parse_args()
    faulthandler.enable()
    threading.excepthook = lambda ended: _of_threads.append(ended.exc_value or SystemExit())
    logging.disable()
    warnings.simplefilter("ignore", HypothesisWarning)  # An input is as long as it is.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Before the properties are loaded: each keeps the profile that it is made under.
    register_profiles()
    settings.load_profile(FUZZ)
    chosen = list(targets(given.target))
    if given.list:
        print(*(target.name for target in chosen), sep="\n")
        return
    if not chosen:
        raise SystemExit(f"no target has {given.target!r} in its name; see --list")
    FOUND.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _told(chosen)
    work = Fuzz(chosen)
    try:
        work.replay()
        work.run(given.seconds, int.from_bytes(os.urandom(4)) if given.seed is None else given.seed)
    except KeyboardInterrupt:
        print(f"ended, with {work.faults} faults", flush=True)
    LAST.unlink(missing_ok=True)
    sys.exit(min(1, work.faults))


if __name__ == "__main__":
    main()
