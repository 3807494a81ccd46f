"""What a soak says at its end: availability, what faults cost, whether memory is flat.

All of it is worked out anew from the journal and the files, so that it can be had again
after the soak itself was ended. Numbers of pictures are the only clock.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.numbered_cameras import FPS
from tests.support.numbered_pictures import Recorded

AIM = 0.999
# A loss that begins so long after a fault is not put down to it any more.
BLAMED_S = 90
HOUR_S = 3600.0
# What still counts as flat, per hour; a shorter time than this tells nothing. PSS is told and
# not judged: what it counts of libraries changes with every other program that uses them.
FLAT = {"rss_mb": 6.0, "anonymous_mb": 6.0, "descriptors": 3.0, "threads": 3.0}
FLAT_AFTER_S = 1800.0


class State(IntEnum):
    """How a picture counts; the higher goes before the lower where times overlap."""

    COUNTED = 0
    ADDED = 1
    PROMISED = 2
    DOWN = 3
    UNREACHABLE = 4


@dataclass(frozen=True, slots=True)
class Window:
    """Pictures `first` to before `last` of a camera (None: of all) that count in another way.

    `PROMISED` is the time that reconnecting may take, `DOWN` that in which the program was
    killed or stopped, `UNREACHABLE` that in which the camera could send nothing or was not
    wanted, `ADDED` that in which one was wanted which usually is not.
    """

    state: State
    camera: int | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """A fault that was begun at picture `number`, and the proof that it happened."""

    kind: str
    camera: int | None
    number: int
    delivered: bool
    proof: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The process that does the work, at a moment; `life` is its number.

    `anonymous_mb` is what it shares with nobody: heaps and stacks.
    """

    elapsed_s: float
    life: int
    age_s: float
    rss_mb: float
    pss_mb: float
    descriptors: int
    threads: int
    cpu_s: float
    anonymous_mb: float = 0.0


TOLD: dict[str, Callable[[Sample], float]] = {
    "rss_mb": lambda sample: sample.rss_mb,
    "anonymous_mb": lambda sample: sample.anonymous_mb,
    "pss_mb": lambda sample: sample.pss_mb,
    "descriptors": lambda sample: sample.descriptors,
    "threads": lambda sample: sample.threads,
}


class Journal:
    """What happened in a soak, line by line in a file; a later soak can go on with it.

    Attributes:
        spans: The pictures of each session, first and last.
        windows: By the fault's name and number, and by state: a fault may have one of each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.spans: list[list[int]] = []
        self.windows: dict[tuple[str, State], Window] = {}
        self.faults: list[FaultRecord] = []
        self.samples: list[Sample] = []
        self.facts: dict[str, Any] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(json.loads(line))

    def write(self, kind: str, **values: Any) -> None:
        """Add a line: `session`, `reached`, `window`, `fault`, `sample` or `fact`."""
        line = {"kind": kind, **values}
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        values = {name: value for name, value in line.items() if name != "kind"}
        match line["kind"]:
            case "session":
                self.spans.append([values["first"], values["first"]])
            case "reached":
                self.spans[-1][1] = values["number"]
            case "window":
                name, state = values.pop("id"), State[values.pop("state")]
                self.windows[name, state] = Window(state=state, **values)
            case "fault":
                self.faults.append(FaultRecord(**_renamed(values)))
            case "sample":
                self.samples.append(Sample(**values))
            case "fact":
                self.facts |= values

    @property
    def length(self) -> int:
        """One more than the last picture that counts."""
        return self.spans[-1][1] if self.spans else 0


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    """A fault's own kind has another name in its line."""
    return {("kind" if name == "fault" else name): value for name, value in values.items()}


def states(journal: Journal, camera: int, *, is_spare: bool) -> NDArray[np.int8]:
    """How each picture of a camera counts; what no session has sent is unreachable."""
    length = journal.length
    usual = State.UNREACHABLE if is_spare else State.COUNTED
    result = np.full(length, State.UNREACHABLE, np.int8)
    for first, last in journal.spans:
        result[first:last] = usual
    for state in (State.ADDED, State.PROMISED, State.DOWN, State.UNREACHABLE):
        for window in journal.windows.values():
            if window.state is state and window.camera in (None, camera):
                part = result[window.first : window.last]
                if state is State.ADDED:
                    part[:] = State.COUNTED
                elif not is_spare or window.camera is not None:
                    part[:] = state
                else:
                    part[part != State.UNREACHABLE] = state
    return result


@dataclass
class CameraFigures:
    """Seconds of a camera, and which were on the disk."""

    camera: int
    reachable_s: float = 0.0
    durable_s: float = 0.0
    promised_s: float = 0.0
    promised_durable_s: float = 0.0
    down_s: float = 0.0
    down_durable_s: float = 0.0
    unreachable_s: float = 0.0
    twice: int = 0

    @property
    def availability(self) -> float:
        """Durable of reachable; 1 where nothing was reachable."""
        return self.durable_s / self.reachable_s if self.reachable_s else 1.0


@dataclass
class KindFigures:
    """What a kind of fault did: how often, what it cost beyond the promise, the way back."""

    begun: int = 0
    delivered: int = 0
    lost_s: float = 0.0
    longest_return_s: float = 0.0
    longest_promise_s: float = 0.0


@dataclass
class Figures:
    """A whole soak."""

    elapsed_s: float = 0.0
    cameras: list[CameraFigures] = field(default_factory=list)
    kinds: dict[str, KindFigures] = field(default_factory=dict)
    losses: list[dict[str, Any]] = field(default_factory=list)
    slopes: dict[str, dict[str, float]] = field(default_factory=dict)
    measured_s: float = 0.0
    lost_before_kill_s: float = 0.0
    damaged: int = 0
    unreadable: list[str] = field(default_factory=list)
    streams: dict[str, int] = field(default_factory=dict)
    cpu_percent: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def undelivered(self) -> int:
        return sum(kind.begun - kind.delivered for kind in self.kinds.values())

    @property
    def is_available(self) -> bool:
        return all(camera.availability >= AIM for camera in self.cameras)

    @property
    def is_flat(self) -> bool | None:
        """Whether nothing grew; None where too little time has been measured."""
        if self.measured_s < FLAT_AFTER_S:
            return None
        return all(self.slopes[name]["per_hour"] <= most for name, most in FLAT.items())


def figures(
    journal: Journal, recorded: Recorded, cameras: int, warm_up_s: float, length: int
) -> Figures:
    """Work out everything up to picture `length`. Camera number `cameras` is the spare one."""
    result = Figures(
        elapsed_s=sum(last - first for first, last in journal.spans) / FPS,
        damaged=recorded.damaged,
        unreadable=recorded.problems,
        streams=dict(recorded.of),
        facts=dict(journal.facts),
    )
    for fault in journal.faults:
        kind = result.kinds.setdefault(fault.kind, KindFigures())
        kind.begun += 1
        kind.delivered += fault.delivered
    for camera in range(cameras + 1):
        counted = states(journal, camera, is_spare=camera == cameras)[:length]
        times = recorded.count(camera, length)
        result.cameras.append(_camera(camera, counted, times))
        for first, last in _runs((counted == State.COUNTED) & (times == 0)):
            _blame(result, journal, camera, first, last)
        _ways_back(result, journal, camera, times, counted)
    _slopes(result, journal.samples, warm_up_s)
    return result


def _camera(number: int, counted: NDArray[np.int8], times: NDArray[np.int64]) -> CameraFigures:
    def seconds(state: State, *, durable: bool = False) -> float:
        return float(((counted == state) & ((times > 0) | (not durable))).sum()) / FPS

    return CameraFigures(
        camera=number,
        reachable_s=seconds(State.COUNTED),
        durable_s=seconds(State.COUNTED, durable=True),
        promised_s=seconds(State.PROMISED),
        promised_durable_s=seconds(State.PROMISED, durable=True),
        down_s=seconds(State.DOWN),
        down_durable_s=seconds(State.DOWN, durable=True),
        unreachable_s=seconds(State.UNREACHABLE),
        twice=int((times > 1).sum()),
    )


def _runs(missing: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _blame(result: Figures, journal: Journal, camera: int, first: int, last: int) -> None:
    """Put a loss down to the fault before it that could concern the camera."""
    before = [
        fault
        for fault in journal.faults
        if fault.camera in (None, camera) and -FPS <= first - fault.number <= BLAMED_S * FPS
    ]
    newest = max(before, key=lambda fault: fault.number, default=None)
    name = newest.kind if newest else "no fault"
    lost_s = (last - first) / FPS
    result.kinds.setdefault(name, KindFigures()).lost_s += lost_s
    after_s = (first - newest.number) / FPS if newest else None
    result.losses.append(
        {"camera": camera, "first": first, "lost_s": lost_s, "kind": name, "after_s": after_s}
    )


def _ways_back(
    result: Figures,
    journal: Journal,
    camera: int,
    times: NDArray[np.int64],
    counted: NDArray[np.int8],
) -> None:
    """How long recording took to begin again, and what a kill took with it."""
    for (name, _), window in journal.windows.items():
        if window.camera not in (None, camera) or window.first >= len(times):
            continue
        if window.camera is None and counted[window.first] == State.UNREACHABLE:
            continue
        kind = result.kinds.setdefault(name.split("#")[0], KindFigures())
        if window.state is State.PROMISED:
            found = np.flatnonzero(times[window.first :])
            took_s = (int(found[0]) if len(found) else len(times) - window.first) / FPS
            kind.longest_return_s = max(kind.longest_return_s, took_s)
            promise_s = (window.last - window.first) / FPS
            kind.longest_promise_s = max(kind.longest_promise_s, promise_s)
        elif name.startswith("kill#"):
            # The window begins as long before the kill as may be lost.
            killed = window.first + FPS
            found = np.flatnonzero(times[:killed])
            lost = counted[int(found[-1]) + 1 : killed] if len(found) else counted[:0]
            if np.isin(lost, (State.COUNTED, State.DOWN)).all():
                result.lost_before_kill_s = max(result.lost_before_kill_s, len(lost) / FPS)


def _slopes(result: Figures, samples: Sequence[Sample], warm_up_s: float) -> None:
    """Least squares over all lives of the process with one slope, each with its own level."""
    warm = [sample for sample in samples if sample.age_s >= warm_up_s]
    lives = [[each for each in warm if each.life == life] for life in {s.life for s in warm}]
    lives = [life for life in lives if len(life) > 1]
    result.measured_s = sum(life[-1].age_s - life[0].age_s for life in lives)
    for name, read in TOLD.items():
        above = below = 0.0
        for life in lives:
            t = np.array([each.age_s for each in life]) / HOUR_S
            y = np.array([read(each) for each in life], float)
            above += float(((t - t.mean()) * (y - y.mean())).sum())
            below += float(((t - t.mean()) ** 2).sum())
        values = [read(each) for each in warm] or [0.0]
        result.slopes[name] = {
            "per_hour": above / below if below else 0.0,
            "first": values[0],
            "last": values[-1],
            "least": min(values),
            "most": max(values),
        }
    whole = [[each for each in samples if each.life == life] for life in {s.life for s in samples}]
    spent_s = sum(life[-1].cpu_s - life[0].cpu_s for life in whole)
    passed_s = sum(life[-1].age_s - life[0].age_s for life in whole)
    result.cpu_percent = 100 * spent_s / passed_s if passed_s else 0.0


def as_json(result: Figures) -> dict[str, Any]:
    """Every figure, and the verdicts."""
    values = asdict(result)
    for camera, figure in zip(values["cameras"], result.cameras, strict=True):
        camera["availability"] = figure.availability
    verdicts = {"available": result.is_available, "flat": result.is_flat}
    return {**verdicts, "undelivered": result.undelivered, **values}


def table(result: Figures) -> str:
    """Every figure, for people."""
    lines = [
        f"{result.elapsed_s / 60:.1f} min, program {result.cpu_percent:.1f} % of a core",
        "camera  availability  reachable s   durable s | promised s (of it durable) "
        "| down s (of it durable) | unreachable s | twice",
    ]
    for each in result.cameras:
        lines.append(
            f"{each.camera:6}  {each.availability:11.4%} {each.reachable_s:12.1f} "
            f"{each.durable_s:11.1f} | {each.promised_s:10.1f} ({each.promised_durable_s:8.1f})"
            f"       | {each.down_s:6.1f} ({each.down_durable_s:6.1f})"
            f"        | {each.unreachable_s:13.1f} | {each.twice:5}"
        )
    lines.append("fault       begun delivered  lost beyond the promise  recording again (promised)")
    for name, kind in sorted(result.kinds.items()):
        lines.append(
            f"{name:11} {kind.begun:5} {kind.delivered:9}  {kind.lost_s:21.1f} s  "
            f"{kind.longest_return_s:13.1f} s ({kind.longest_promise_s:.1f} s)"
        )
    lines.append(f"lost before a kill: {result.lost_before_kill_s:.1f} s at most (promised 1 s)")
    lines.append(f"pictures by stream: {result.streams}, damaged: {result.damaged}")
    lines.append(f"unreadable clips: {result.unreadable or 'none'}")
    for name, slope in result.slopes.items():
        lines.append(
            f"{name:12} {slope['per_hour']:+8.2f} per hour over {result.measured_s / 60:.0f} min; "
            f"first {slope['first']:.1f}, last {slope['last']:.1f}, "
            f"{slope['least']:.1f} to {slope['most']:.1f}"
        )
    lines += [f"{name}: {value}" for name, value in result.facts.items()]
    flat = {True: "flat", False: "NOT FLAT", None: "too short to tell whether it is flat"}
    available = "available" if result.is_available else f"BELOW {AIM:.1%}"
    lines.append(f"{available}, {flat[result.is_flat]}, {result.undelivered} faults not delivered")
    return "\n".join(lines)


def page(result: Figures) -> str:
    """The figures as they stand in `docs/reliability.md`."""
    return "\n".join([*_totals(result), "", *_by_kind(result)])


def _totals(result: Figures) -> list[str]:
    cameras = result.cameras
    reachable_s, durable_s = (
        sum(each.reachable_s for each in cameras),
        sum(each.durable_s for each in cameras),
    )
    delivered = sum(kind.delivered for kind in result.kinds.values())
    lines = [
        "| | measured | aim |",
        "|---|---|---|",
        f"| faults that happened, in {result.elapsed_s / 60:.0f} minutes | {delivered} | |",
        f"| seconds on the disk of seconds reachable, all cameras | {durable_s:.1f} of "
        f"{reachable_s:.1f}, {durable_s / max(1, reachable_s):.3%} | |",
        f"| the same, the worst camera | {min(each.availability for each in cameras):.3%} "
        f"| ≥ {AIM:.1%} |",
        f"| while connecting anew was promised to take time | "
        f"{sum(each.promised_durable_s for each in cameras):.1f} of "
        f"{sum(each.promised_s for each in cameras):.1f} s | |",
        f"| while the program was killed, stopped or starting | "
        f"{sum(each.down_durable_s for each in cameras):.1f} of "
        f"{sum(each.down_s for each in cameras):.1f} s | |",
        f"| lost before a kill, at most | {result.lost_before_kill_s:.1f} s | ≤ 1 s |",
    ]
    for name, unit in (("rss_mb", " MB"), ("descriptors", ""), ("threads", "")):
        slope = result.slopes[name]
        lines.append(
            f"| {name.removesuffix('_mb')}, change per hour (least, most) "
            f"| {slope['per_hour']:+.1f}{unit} ({slope['least']:.0f}, {slope['most']:.0f}{unit}) "
            f"| ≤ {FLAT[name]:.0f}{unit} |"
        )
    lines.append(f"| processor | {result.cpu_percent:.1f} % of a core | |")
    return lines


def _by_kind(result: Figures) -> list[str]:
    lines = ["| fault | happened | lost beyond the promise | recording again (promised) |"]
    lines.append("|---|---|---|---|")
    for name, kind in sorted(result.kinds.items()):
        back = f"{kind.longest_return_s:.1f} s ({kind.longest_promise_s:.0f} s)"
        lines.append(
            f"| {name} | {kind.delivered} of {kind.begun} | {kind.lost_s:.1f} s "
            f"| {back if kind.longest_promise_s else 'was never away'} |"
        )
    return lines
