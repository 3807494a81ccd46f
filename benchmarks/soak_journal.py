"""What happened in a soak: its sessions, faults and samples, a line each in a file.

Numbers of pictures are its only clock. Knows no file of the program's.
"""

import json
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
