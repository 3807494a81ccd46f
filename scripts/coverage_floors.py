"""Holds what the tests run of each room against its floor, which only rises.

`python -m scripts.coverage_floors REPORT.json [--raise]`: the report is that of `coverage json`;
with --raise the floors follow upward what was measured, and none is lowered.
"""

import json
import math
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

FLOORS = Path(__file__).with_name("coverage_floors.toml")
PACKAGE = "vms_desktop"
# Percent: two runs of the same tests differ by this much, since what waits for cameras and
# clocks does not always go the same way.
SLACK = 1.0


def measured(
    report: Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]],
) -> dict[str, float]:
    """The share of its own lines that ran, in percent, of each room: a folder of the package."""
    lines: dict[str, list[tuple[int, int]]] = {}
    for path, file in report["files"].items():
        folder = Path(path.replace("\\", "/")).parent.relative_to(PACKAGE).as_posix()
        room = PACKAGE if folder == "." else folder
        summary = file["summary"]
        lines.setdefault(room, []).append((summary["covered_lines"], summary["num_statements"]))
    return {room: _percent(counts) for room, counts in sorted(lines.items())}


def _percent(counts: list[tuple[int, int]]) -> float:
    ran, whole = (sum(numbers) for numbers in zip(*counts, strict=True))
    return 100 * ran / whole if whole else 100.0


def complaints(shares: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """What is wrong, a line each: a room below its floor, without one, or gone."""
    below = [
        f"{room}: {share:.1f} % of its lines ran, the floor is {floors[room]} %"
        for room, share in shares.items()
        if room in floors and share < floors[room]
    ]
    new = [f"{room}: has no floor" for room in shares if room not in floors]
    gone = [f"{room}: has a floor and is no room" for room in floors if room not in shares]
    return below + new + gone


def raised(shares: Mapping[str, float], floors: Mapping[str, float]) -> dict[str, int]:
    """The floors just under what was measured, or where they are if that is higher."""
    return {
        room: max(math.floor(share - SLACK), int(floors.get(room, 0)))
        for room, share in shares.items()
    }


def written(table: str, floors: Mapping[str, int]) -> str:
    """The file of floors with other numbers, and the words above them."""
    heading = table.split("[floors]")[0]
    return f"{heading}[floors]\n" + "".join(f'"{room}" = {at}\n' for room, at in floors.items())


def main(report: Path, *, rise: bool) -> int:
    """Compare, and say what is wrong; the exit code."""
    shares = measured(json.loads(report.read_text(encoding="utf-8")))
    table = FLOORS.read_text(encoding="utf-8")
    floors: dict[str, float] = tomllib.loads(table)["floors"]
    for room, share in shares.items():
        print(f"{room:28} {share:5.1f} %   floor {floors.get(room, 0):3} %")
    if rise:
        floors = dict(raised(shares, floors))
        FLOORS.write_text(written(table, raised(shares, floors)), encoding="utf-8")
    wrong = complaints(shares, floors)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), rise="--raise" in sys.argv[2:]))
