"""Hours of recording with a fault a minute: what was on the disk of what cameras sent.

Run it from the checkout: `python benchmarks/soak.py --minutes 100 --folder FOLDER`. It ends
with 0 where at least 99.9 % were durable, memory was flat and every fault has happened.
"""

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from collections.abc import Coroutine, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.soak_faults import BACK_S, KINDS, RESTART_S, Marker, Stage, deliver
from benchmarks.soak_figures import Figures, figures
from benchmarks.soak_journal import Journal, State
from benchmarks.soak_program import Configuration, FreezableDisk, Program
from benchmarks.soak_tables import as_json, page, table
from tests.support.numbered_cameras import FPS, GOP, Camera
from tests.support.numbered_pictures import Recorded

MINUTE_S = 60.0
SAMPLE_S = 10.0
# No fault begins so soon after the start, nor so late that it is not over at the end.
QUIET_S = 20.0
LAST_S = 90.0
# So long before a look a picture may still be on its way.
ON_ITS_WAY_S = 15.0
END_S = 5.0
FROZEN = "ext4 in a file, frozen"
# So long before its end the program may have pictures that it has not read.
END_MARGIN_S = 2.0


class Soak:
    """One run; everything but the reading of files happens in one loop."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._folder: Path = options.folder.resolve()
        self._journal = Journal(self._folder / "journal.jsonl")
        self._data = self._folder / "data"
        self._data.mkdir(parents=True, exist_ok=True)
        self._recorded = Recorded()
        self._program = Program(self._data, self._folder)
        self._disk: FreezableDisk | None = None
        self._recordings = self._data / "recordings"
        # A later session begins at the keyframe after some numbers that nobody sent.
        self._first = -(-(self._journal.length + 10 * GOP) // GOP) * GOP if self._resumed else 0
        self._began = time.monotonic()
        self._elapsed_before_s = self._journal.length / FPS
        self._tasks: set[asyncio.Task[None]] = set()
        self._errors: list[BaseException] = []
        self._asked = self._is_ending = False
        self._cameras = [
            Camera(number, has_hd=number % 2 == 0, has_sound=number % 3 == 0)
            for number in range(options.cameras + 1)
        ]

    @property
    def _resumed(self) -> bool:
        return bool(self._journal.spans)

    def number(self) -> int:
        """Which picture is due next."""
        return self._first + int((time.monotonic() - self._began) * FPS)

    async def run(self) -> Figures:
        """All of it; the figures at the end."""
        seed = self._options.seed + len(self._journal.spans)
        say(f"seed {self._options.seed}, session {len(self._journal.spans) + 1}, {self._folder}")
        self._mount()
        try:
            for camera in self._cameras:
                await camera.listen()
            stage = self._stage(random.Random(seed))
            stage.configuration.wanted.discard(stage.spare.number)
            stage.configuration.write()
            self._start(stage)
            await self._pass_time(stage)
            return await self._end()
        finally:
            for task in self._tasks:
                task.cancel()
            if not self._program.has_ended:
                self._program.end()
            if self._disk is not None:
                self._disk.unmount()

    def _mount(self) -> None:
        lacks = FreezableDisk.lacks() if "disk" in self._options.kinds else "left out"
        if not lacks:
            disk = FreezableDisk(self._folder)
            disk.mount()
            self._disk, self._recordings = disk, disk.path / "recordings"
        else:
            self._options.kinds = [kind for kind in self._options.kinds if kind != "disk"]
            say(f"no disk hangs: {lacks}")
        self._journal.write("fact", **{"disk that hangs": lacks or FROZEN})
        settings = {"recordings_folder": str(self._recordings)} if self._disk else {}
        path = self._data / "settings.json"
        if settings and not path.exists():
            self._recordings.mkdir(exist_ok=True)
            path.write_text(json.dumps(settings))

    def _stage(self, rng: random.Random) -> Stage:
        *cameras, spare = self._cameras
        configuration = Configuration(self._data, self._cameras)
        return Stage(
            cameras=cameras,
            spare=spare,
            program=self._program,
            configuration=configuration,
            disk=self._disk,
            recordings=self._recordings,
            journal=self._journal,
            number=self.number,
            rng=rng,
            say=say,
        )

    def _start(self, stage: Stage) -> None:
        self._began = time.monotonic()
        self._journal.write("session", first=self._first, seed=self._options.seed)
        last = self._first + round(RESTART_S * FPS)
        Marker(stage, "start", None, State.DOWN).write(self._first, last)
        Marker(stage, "start", None, State.PROMISED).write(last, last + round(BACK_S * FPS))
        self._program.start()
        for work in (self._send(), self._sample(), self._commit(stage), self._report()):
            self._spawn(work)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()):
                self._errors.append(error)

        task.add_done_callback(done)

    async def _pass_time(self, stage: Stage) -> None:
        until = self._began + self._options.minutes * MINUTE_S
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask)
        while time.monotonic() < until and not self._asked:
            await asyncio.sleep(0.5)
            if self._errors:
                raise self._errors[0]
            if self._program.has_ended:
                raise SystemExit("the program has ended by itself")

    def _ask(self) -> None:
        """End now, in order: with all figures, and the program first."""
        self._asked = True

    async def _send(self) -> None:
        sent = self._first
        while True:
            reached = self.number()
            for number in range(sent, reached):
                for camera in self._cameras:
                    camera.send(number)
            sent = reached
            due = self._began + (sent - self._first + 1) / FPS
            await asyncio.sleep(max(0.005, due - time.monotonic()))

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            if found := self._program.measure():
                elapsed_s = self._elapsed_before_s + time.monotonic() - self._began
                found["life"] += 1000 * len(self._journal.spans)
                self._journal.write("sample", elapsed_s=round(elapsed_s, 1), **found)
            self._note_reached()

    def _note_reached(self) -> None:
        """Write down how far it has come. What it comes to while it ends does not count."""
        if not self._is_ending:
            self._journal.write("reached", number=self.number())

    async def _commit(self, stage: Stage) -> None:
        kinds = _rounds(stage.rng, self._options.kinds)
        every_s = MINUTE_S / self._options.faults_a_minute
        began = self._began + QUIET_S
        last = self._began + self._options.minutes * MINUTE_S - LAST_S - every_s
        while began <= last:
            due = began + stage.rng.uniform(0, every_s)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._spawn(deliver(stage, next(kinds)))
            began += every_s

    async def _report(self) -> None:
        every_s = self._options.report_minutes * MINUTE_S
        for _ in range(math.ceil(self._options.minutes * MINUTE_S / every_s) - 1):
            await asyncio.sleep(every_s)
            self._note_reached()
            await self._tell(on_its_way=round(ON_ITS_WAY_S * FPS))

    async def _tell(self, on_its_way: int) -> Figures:
        length = self._journal.length - on_its_way
        recorded = await asyncio.to_thread(self._recorded.look, self._recordings)
        result = _worked_out(self._journal, recorded, self._options, length)
        print(table(result), flush=True)
        _write(self._folder, result)
        return result

    async def _end(self) -> Figures:
        self._is_ending = True
        # What is sent while the program ends is nobody's; what is on its way is read in groups.
        self._journal.write("reached", number=self.number() - round(END_MARGIN_S * FPS))
        code, took_s = await asyncio.to_thread(self._program.end)
        for task in self._tasks:
            task.cancel()
        parts = [
            path for path in self._recordings.rglob("*.part") if ".unreadable" not in path.parts
        ]
        facts = {"exit code": code, "ended in s": round(took_s, 2), "unfinished clips": len(parts)}
        self._journal.write("fact", **facts)
        return await self._tell(on_its_way=0)


def _rounds(rng: random.Random, kinds: Sequence[str]) -> Iterator[str]:
    """Every kind as often as it is to come, shuffled, again and again."""
    while True:
        one = [kind for kind in kinds for _ in range(KINDS[kind].times)]
        rng.shuffle(one)
        yield from one


def _worked_out(
    journal: Journal, recorded: Recorded, options: argparse.Namespace, length: int
) -> Figures:
    return figures(journal, recorded, options.cameras, options.warm_up * MINUTE_S, length)


def _write(folder: Path, result: Figures) -> None:
    (folder / "summary.json").write_text(json.dumps(as_json(result), indent=2) + "\n")


def say(text: str) -> None:
    """A line with its time."""
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)


def summary(options: argparse.Namespace) -> Figures:
    """The figures of a run that has ended, however it has."""
    journal = Journal(options.folder / "journal.jsonl")
    frozen = FreezableDisk(options.folder)
    has_disk = journal.facts["disk that hangs"] == FROZEN
    if has_disk:
        frozen.mount(takes_over=False)
    try:
        place = (frozen.path if has_disk else options.folder / "data") / "recordings"
        recorded = Recorded().look(place)
    finally:
        if has_disk:
            frozen.unmount()
    result = _worked_out(journal, recorded, options, journal.length)
    print(page(result) if options.markdown else table(result))
    _write(options.folder, result)
    return result


def passed(result: Figures) -> bool:
    """Whether the run shows what is promised; one too short for its memory may."""
    facts = result.facts
    ended = facts.get("exit code") == 0 and facts.get("ended in s", END_S) <= END_S
    whole = not (result.damaged or result.unreadable or facts.get("unfinished clips"))
    delivered = result.undelivered == 0 and any(kind.begun for kind in result.kinds.values())
    return all(
        (result.is_available, result.is_flat is not False, ended, whole, delivered),
    )


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("--folder", type=Path, required=True, help="where everything of this run lies")
    add("--minutes", type=float, default=100)
    add("--cameras", type=int, default=6)
    add("--seed", type=int, default=random.randrange(10**6), help="of the faults")
    add("--faults-a-minute", type=float, default=1)
    add("--without", nargs="*", default=[], choices=KINDS, metavar="KIND", help=" ".join(KINDS))
    add("--only", nargs="*", default=list(KINDS), choices=KINDS, metavar="KIND")
    add("--warm-up", type=float, default=30, help="minutes of a process that say nothing of memory")
    add("--report-minutes", type=float, default=10)
    add("--resume", action="store_true", help="go on with the run in this folder")
    add("--summary", action="store_true", help="only the figures of the run in this folder")
    add("--markdown", action="store_true", help="with --summary: as docs/reliability.md has them")
    options = parser.parse_args(arguments)
    options.kinds = [kind for kind in options.only if kind not in options.without]
    is_there = (options.folder / "journal.jsonl").exists()
    if is_there != (options.resume or options.summary):
        parser.error(f"{options.folder} holds {'a' if is_there else 'no'} run")
    return options


def main() -> None:
    """Run it, or tell of a run; end with 0 where it shows what is promised."""
    options = parse()
    result = summary(options) if options.summary else asyncio.run(Soak(options).run())
    sys.exit(0 if passed(result) else 1)


if __name__ == "__main__":
    main()
