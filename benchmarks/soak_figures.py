"""The figures of a soak: availability, what faults cost, whether memory is flat.

All of it is worked out anew from the journal and the files, so that it can be had again
after the soak itself was ended.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.soak_journal import Journal, Sample, State, states
from tests.support.numbered_cameras import FPS
from tests.support.numbered_pictures import Recorded

# The least availability of a camera.
AIM = 0.999
# A loss that begins so long after a fault is not put down to it any more.
BLAMED_S = 90
HOUR_S = 3600.0
# What still counts as flat, per hour, once so long was measured that it tells anything. PSS is
# told and not judged: what it counts of libraries changes with every other program's use of them.
FLAT = {"rss_mb": 6.0, "anonymous_mb": 6.0, "descriptors": 3.0, "threads": 3.0}
FLAT_AFTER_S = 1800.0

TOLD: dict[str, Callable[[Sample], float]] = {
    "rss_mb": lambda sample: sample.rss_mb,
    "anonymous_mb": lambda sample: sample.anonymous_mb,
    "pss_mb": lambda sample: sample.pss_mb,
    "descriptors": lambda sample: sample.descriptors,
    "threads": lambda sample: sample.threads,
}


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
