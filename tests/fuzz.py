"""The properties of the tests, tried with inputs without end: `python -m tests.fuzz [TARGET]`.

Each finding is made as small as it gets and written to `build/fuzz` as a file to be run.
"""

import argparse
import ast
import faulthandler
import importlib
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from hypothesis import seed, settings

from tests.support.strategies import FUZZ, register_profiles

ROOT = Path(__file__).parents[1]
FOUND = ROOT / "build" / "fuzz"
# What the program was given last, in case that ends the process.
LAST = FOUND / "last-input.pickle"


class Target(NamedTuple):
    """A property, by the room of its tests and its name."""

    name: str
    module: str
    property: Any

    def run(self, number: int, tried: Callable[[dict[str, Any]], None]) -> None:
        """Try some inputs, those of a seed; raises what the smallest bad one does."""
        judge = self.property.hypothesis
        inner = judge.inner_test

        def noting(**given: Any) -> None:
            tried(given)
            inner(**given)

        judge.inner_test = noting
        try:
            seed(number)(self.property)()
        finally:
            judge.inner_test = inner


class Finding(NamedTuple):
    """An input that breaks a property."""

    target: Target
    given: dict[str, Any]
    error: BaseException

    @property
    def place(self) -> str:
        """What went wrong and where, the same for inputs of one fault."""
        error = self.error
        if isinstance(error, BaseExceptionGroup):  # It failed once and not again.
            error = error.exceptions[0]
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "vms_desktop" in frame.filename] or frames[-1:]
        return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"

    def write(self) -> Path:
        """Write a program that shows it; its path."""
        FOUND.mkdir(parents=True, exist_ok=True)
        stem = self.target.name.replace("/", "-").replace("::", "-")
        names = (FOUND / f"{stem}-{number}.py" for number in range(1, 10_000))
        path = next(path for path in names if not path.exists())
        called = f"{self.target.module}.{self.target.property.__name__}"
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


def fuzz(wanted: str, seconds: float, first_seed: int) -> int:
    """Try the targets in turn until the time is over; how many faults were found."""
    chosen = list(targets(wanted))
    if not chosen:
        raise SystemExit(f"no target has {wanted!r} in its name; see --list")
    FOUND.mkdir(parents=True, exist_ok=True)
    end, number, tries = monotonic() + seconds, first_seed, 0
    found: set[tuple[str, str]] = set()
    last: dict[str, Any] = {}

    def tried(given: dict[str, Any]) -> None:
        nonlocal tries, last
        tries, last = tries + 1, given
        LAST.write_bytes(pickle.dumps(given))

    while monotonic() < end:
        for target in chosen:
            if monotonic() >= end:
                break
            try:
                target.run(number, tried)
            except Exception as err:  # noqa: BLE001 - whatever a property raises is a finding
                finding = Finding(target, last, err)
                if (target.name, finding.place) not in found:
                    found.add((target.name, finding.place))
                    print(f"{finding.place}: {target.name}: {finding.write()}", flush=True)
        print(f"seed {number}: {tries} inputs, {len(found)} faults", flush=True)
        number += 1
    LAST.unlink(missing_ok=True)
    return len(found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", default="", help="part of a room's or property's name")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="else without end")
    parser.add_argument("--seed", type=int, default=None, help="where to begin; else anywhere")
    parser.add_argument("--list", action="store_true", help="name the targets and end")
    given = parser.parse_args()
    faulthandler.enable()
    logging.disable()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    register_profiles()
    settings.load_profile(FUZZ)
    if given.list:
        print(*(target.name for target in targets(given.target)), sep="\n")
        return
    first_seed = int.from_bytes(os.urandom(4)) if given.seed is None else given.seed
    try:
        sys.exit(min(1, fuzz(given.target, given.seconds, first_seed)))
    except KeyboardInterrupt:
        print("ended")


if __name__ == "__main__":
    main()
