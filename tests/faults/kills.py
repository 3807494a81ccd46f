"""Kills the program at random moments while its cameras record, and looks what that cost.

`python -m tests.faults.kills 1000 [SEED]`
"""

import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.support.camera_entries import always
from tests.support.fakes import FakeCamera
from tests.support.program import Program, program
from tests.support.sent_and_recorded import Sent, fault_video, pictures_in
from tests.support.sentinel import LOGIN, leaks, leaks_of_processes, with_login
from tests.support.waiting import wait_until

# Every other kill comes so long after the start at the latest, which may be before anything is
# recorded; the others so long after all cameras record.
LATEST_KILL_S = 4.0
LATEST_RECORDING_S = 2.5
# What a kill may cost, of what the camera had sent.
MOST_LOST_S = 1.0
DAMAGES_SHOWN = 10


@dataclass(slots=True)
class Tally:
    """What kills have cost.

    Attributes:
        kills: How many there were.
        recording: Cameras that recorded when they were killed, over all kills.
        most_lost_s: The most that one of these lost, of what it had sent.
        clips: Every file that a kill has left, without its suffix, and the pictures in it.
        shells: Files that had no whole fragment yet.
        damages: What should not be, in words.
    """

    kills: int = 0
    recording: int = 0
    most_lost_s: float = 0.0
    clips: dict[Path, list[int]] = field(default_factory=dict)
    shells: set[Path] = field(default_factory=set)
    damages: list[str] = field(default_factory=list)


class Killing:
    """Two cameras, one of them with HD, recorded at all times into one data folder."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.tally = Tally()
        self._folder = folder
        self._random = random.Random(seed)
        self._recorded: dict[str, tuple[str, FakeCamera]] = {}
        self._cameras: dict[str, dict[str, object]] = {}

    def run(self, kills: int, *, tell: bool = False) -> Tally:
        """Start and kill so many times, then start once more and end well."""
        with ExitStack() as stack:
            door, sd, hd = (
                stack.enter_context(FakeCamera(fault_video(), (LOGIN,))) for _ in range(3)
            )
            self._recorded = {"a": ("Door", door), "b": ("Yard", hd)}
            self._cameras = {
                "a": with_login(always(door.url(), name="Door")),
                "b": with_login(always(sd.url(), url_hd=hd.url(), name="Yard")),
            }
            for number in range(kills):
                self._kill_once()
                if tell and (number + 1) % 10 == 0:
                    _say(f"{number + 1} kills, most lost {self.tally.most_lost_s:.3f} s")
            self._start_well()
        return self.tally

    def _kill_once(self) -> None:
        for _, camera in self._recorded.values():
            camera.sent.clear()
        before = self._stems()
        with program(self._folder, self._cameras) as running:
            self._wait(running)
            told = [key for key in self._recorded if running.states(key)[-1:] == ["recording"]]
            self._note(leaks_of_processes(running.process.pid))
            killed = running.kill()
        self.tally.kills += 1
        new = self._stems() - before
        for stem in new:
            self._read(stem)
        for key in told:
            name, camera = self._recorded[key]
            there = {
                index
                for stem in new
                if stem.parts[-3] == name
                for index in self.tally.clips.get(stem, [])
            }
            self._count(list(camera.sent), there, killed)

    def _wait(self, running: Program) -> None:
        """Until the moment of the kill."""
        latest_s = LATEST_KILL_S
        if self.tally.kills % 2:
            for key in self._recorded:
                running.until_state("recording", key, 20)
            latest_s = LATEST_RECORDING_S
        Event().wait(self._random.uniform(0, latest_s))

    def _count(self, sent: list[Sent], there: set[int], killed: float) -> None:
        self.tally.recording += 1
        gone = (killed - at for at, index in sent if at <= killed and index not in there)
        self.tally.most_lost_s = max(self.tally.most_lost_s, *gone, 0.0)

    def _stems(self) -> set[Path]:
        found = (self._folder / "recordings").glob("*/*/*-*-*.*")
        return {path.with_suffix("") for path in found}

    def _read(self, stem: Path) -> None:
        path = stem.with_suffix(".part")
        if not path.exists():
            self._note([f"{stem.name} was never a part"])
        elif b"moof" in path.read_bytes():
            self.tally.clips[stem] = pictures_in(path)
        else:
            self.tally.shells.add(stem)

    def _start_well(self) -> None:
        """The next start: it mends all that the kills have left, and ends well."""
        before = self._stems()
        with program(self._folder) as running:
            wait_until(lambda: self._stems() - before)
            for key in self._recorded:
                running.until_state("recording", key)
            code, _ = running.end()
        self._note([f"it ended with {code}"] if code else [])
        with program(self._folder, None, "--reindex", headless=False) as reindexing:
            self._look_at(reindexing)

    def _look_at(self, reindexing: Program) -> None:
        code = reindexing.process.wait(60)
        self._note([f"no index could be made: {reindexing.log}"] if code else [])
        parts = (self._folder / "recordings").glob("*/*/*.part")
        self._note([f"{path.name} is left" for path in (*parts, *self._folder.rglob("*.tmp"))])
        for stem, pictures in self.tally.clips.items():
            path = stem.with_suffix(".mp4")
            if not path.exists() or pictures_in(path) != pictures:
                self._note([f"{stem.name} is not what the kill had left"])
            thumbnails = self._folder / "thumbnails" / Path(*stem.parts[-3:])
            self._note([] if thumbnails.with_suffix(".json").exists() else ["no side-car"])
        aside = (self._folder / "recordings" / ".unreadable").rglob("*.part*")
        shells = {Path(*path.with_suffix("").parts[-3:]) for path in aside}
        if shells != {Path(*stem.parts[-3:]) for stem in self.tally.shells}:
            self._note([f"set aside: {sorted(map(str, shells))}"])
        self._note(leaks(self._folder))

    def _note(self, damages: list[str]) -> None:
        self.tally.damages += damages


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    kills = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    _say(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="vms-kills-") as home:
        folder = Path(home) / "data"
        folder.mkdir(mode=0o700)
        tally = Killing(folder, seed).run(kills, tell=True)
    _say(f"{tally.kills} kills of {tally.recording} cameras that recorded")
    _say(f"most lost: {tally.most_lost_s:.3f} s; {len(tally.clips)} clips, all of them read")
    for damage in tally.damages[:DAMAGES_SHOWN]:
        _say(damage)
    return int(bool(tally.damages) or tally.most_lost_s > MOST_LOST_S)


if __name__ == "__main__":
    sys.exit(main())
