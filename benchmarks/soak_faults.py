"""The faults of a soak: each is delivered, and says how it knows that it was."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.soak_journal import Journal, State
from benchmarks.soak_program import Configuration, FreezableDisk, Program
from tests.support.numbered_cameras import FPS, GOP, Camera

# As docs/reliability.md promises: recorded again within 5 s and a keyframe interval of its answer.
BACK_S = 5.0 + GOP / FPS
# A wrong password is tried again after 30 s, and a third time after another 30.
PASSWORD_BACK_S = 30.0 + BACK_S
# The process is started again within 5 s, and what it had of the last second may be lost.
RESTART_S = 5.0
KILL_LOSES_S = 1.0
# cameras.json is looked at once a second, and a second time to see whether it is whole.
LOOK_S = 2.0
_PAUSE_S = 0.1


class Kind(NamedTuple):
    """How often a kind comes within a round of all, and whether it concerns one camera."""

    times: int
    of_camera: bool


KINDS = {
    "silent": Kind(3, of_camera=True),
    "reset": Kind(3, of_camera=True),
    "refused": Kind(3, of_camera=True),
    "password": Kind(2, of_camera=True),
    "sets": Kind(3, of_camera=True),
    "jump": Kind(3, of_camera=True),
    "sound": Kind(2, of_camera=True),
    "kill": Kind(1, of_camera=False),
    "stop": Kind(2, of_camera=False),
    "disk": Kind(2, of_camera=False),
    "added": Kind(1, of_camera=False),
    "removed": Kind(1, of_camera=True),
    "renamed": Kind(1, of_camera=True),
}


@dataclass
class Stage:
    """Everything that a fault may lay hands on.

    Attributes:
        number: Says which picture is due next.
        spare: A camera that is wanted only while a fault adds it.
    """

    cameras: Sequence[Camera]
    spare: Camera
    program: Program
    configuration: Configuration
    disk: FreezableDisk | None
    recordings: Path
    journal: Journal
    number: Callable[[], int]
    rng: random.Random
    say: Callable[[str], None]
    renames: int = 0
    busy: set[int] = field(default_factory=set)
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)


class Marker:
    """Time that counts in another way, written down before it is over and again when it is."""

    def __init__(self, stage: Stage, name: str, camera: Camera | None, state: State) -> None:
        number = len(stage.journal.windows)
        self._stage, self._id, self._state = stage, f"{name}#{number}", state
        self._camera = camera.number if camera else None

    def write(self, first: int, last: int) -> int:
        """Say from which picture to before which; the latter."""
        self._stage.journal.write(
            "window",
            id=self._id,
            state=self._state.name,
            camera=self._camera,
            first=first,
            last=last,
        )
        return last


def promise(stage: Stage, name: str, camera: Camera | None, seconds: float) -> None:
    """From now on recording may take so long to come back."""
    now = stage.number()
    Marker(stage, name, camera, State.PROMISED).write(now, now + round(seconds * FPS))


@asynccontextmanager
async def unreachable(
    stage: Stage, name: str, camera: Camera, lasts_s: float, back_s: float
) -> AsyncIterator[None]:
    """A camera that cannot send; then the time that is promised for coming back."""
    window, first = Marker(stage, name, camera, State.UNREACHABLE), stage.number()
    window.write(first, first + round((lasts_s + 60) * FPS))
    try:
        yield
    finally:
        window.write(first, stage.number())
        promise(stage, name, camera, back_s)


async def until(condition: Callable[[], object], within_s: float) -> bool:
    """Whether it came true in time."""
    for _ in range(round(within_s / _PAUSE_S)):
        if condition():
            return True
        await asyncio.sleep(_PAUSE_S)
    return bool(condition())


Proof = tuple[bool, str]


async def silent(stage: Stage, camera: Camera) -> Proof:
    lasts_s, before = stage.rng.uniform(5, 30), camera.counts["withheld"]
    async with unreachable(stage, "silent", camera, lasts_s, BACK_S):
        camera.fall_silent()
        await asyncio.sleep(lasts_s)
        camera.wake()
    held = camera.counts["withheld"] - before
    return held > 0, f"{lasts_s:.0f} s, {held} pictures held back from open connections"


async def reset(stage: Stage, camera: Camera) -> Proof:
    promise(stage, "reset", camera, BACK_S)
    hung_up = camera.hang_up()
    return hung_up > 0, f"{hung_up} connections reset"


async def refused(stage: Stage, camera: Camera) -> Proof:
    lasts_s = stage.rng.uniform(5, 45)
    async with unreachable(stage, "refused", camera, lasts_s, BACK_S):
        camera.refuse()
        hung_up = camera.hang_up()
        await asyncio.sleep(lasts_s)
        stayed_away = camera.connections == 0
        await camera.listen()
    return hung_up > 0 and stayed_away, f"{lasts_s:.0f} s, {hung_up} connections reset, none came"


async def password(stage: Stage, camera: Camera) -> Proof:
    lasts_s, before = stage.rng.uniform(5, 50), camera.counts["refused"]
    async with unreachable(stage, "password", camera, lasts_s, PASSWORD_BACK_S):
        camera.refuses = True
        camera.hang_up()
        await asyncio.sleep(lasts_s)
        camera.refuses = False
    tries = camera.counts["refused"] - before
    return tries > 0, f"{lasts_s:.0f} s, {tries} times the right password was refused"


async def sets(stage: Stage, camera: Camera) -> Proof:
    before, old = camera.counts["changed"], camera.variant
    camera.variant = stage.rng.choice([each for each in range(3) if each != old])
    await until(lambda: camera.counts["changed"] > before, 3)
    changed = camera.counts["changed"] - before
    return changed > 0, f"set {old} to {camera.variant} in {changed} connections"


async def jump(stage: Stage, camera: Camera) -> Proof:
    by_s = stage.rng.choice([3600, -3600, 30, -30, 86_400, 3.7])
    is_stray, before = stage.rng.random() < 0.3, camera.counts["sent"]
    if is_stray:
        camera.stray = round(by_s * 90_000)
    else:
        camera.shift += round(by_s * 90_000)
    await until(lambda: camera.counts["sent"] > before + 1, 3)
    sent = camera.counts["sent"] - before
    return sent > 1, f"{by_s} s, {'one picture' if is_stray else 'from now on'}"


async def sound(stage: Stage, camera: Camera) -> Proof:
    lasts_s, before = stage.rng.uniform(10, 60), camera.counts["sound_withheld"]
    camera.is_mute = True
    await asyncio.sleep(lasts_s)
    camera.is_mute = False
    held = camera.counts["sound_withheld"] - before
    return held > 0, f"{lasts_s:.0f} s, {held} packets of sound held back"


async def kill(stage: Stage, _: Camera) -> Proof:
    async with stage.alone:
        worker = stage.program.worker()
        if worker is None:
            return False, "nobody to kill"
        killed = stage.number()
        worker.send_signal(signal.SIGKILL)
        last = killed + round(RESTART_S * FPS)
        Marker(stage, "kill", None, State.DOWN).write(killed - round(KILL_LOSES_S * FPS), last)
        back = Marker(stage, "kill", None, State.PROMISED)
        back.write(last, last + round(BACK_S * FPS))
        is_new = await until(lambda: stage.program.worker() not in (None, worker), 15)
        await asyncio.sleep(RESTART_S + BACK_S)
        now = stage.program.worker()
        return is_new, f"process {worker.pid} killed, now {now.pid if now else 'none'}"


async def stop(stage: Stage, _: Camera) -> Proof:
    async with stage.alone:
        worker, lasts_s = stage.program.worker(), stage.rng.uniform(2, 20)
        if worker is None:
            return False, "nobody to stop"
        window = Marker(stage, "stop", None, State.DOWN)
        # What had arrived and was not read yet is lost with the connection.
        first = stage.number() - round(KILL_LOSES_S * FPS)
        window.write(first, first + round((lasts_s + 5) * FPS))
        worker.send_signal(signal.SIGSTOP)
        try:
            stood = await until(lambda: worker.status() == psutil.STATUS_STOPPED, 2)
            await asyncio.sleep(lasts_s)
        finally:
            worker.send_signal(signal.SIGCONT)
        window.write(first, stage.number())
        promise(stage, "stop", None, BACK_S)
        await asyncio.sleep(BACK_S)
        return stood, f"{lasts_s:.0f} s"


async def disk(stage: Stage, _: Camera) -> Proof:
    async with stage.alone:
        worker, lasts_s = stage.program.worker(), stage.rng.uniform(3, 30)
        if stage.disk is None or worker is None:
            return False, "no disk to hang"
        await stage.disk.freeze()
        try:
            await asyncio.sleep(lasts_s)
            waiting = stage.disk.waiting(worker.pid)
        finally:
            stage.disk.thaw()
        await asyncio.sleep(BACK_S)  # What waited is written before the next one comes.
        return waiting > 0, f"{lasts_s:.0f} s, {waiting} threads waited for it"


async def added(stage: Stage, _: Camera) -> Proof:
    spare, lasts_s = stage.spare, stage.rng.uniform(30, 90)
    before = spare.counts["plays"]
    first = stage.number()
    window = Marker(stage, "added", spare, State.ADDED)
    stage.configuration.wanted.add(spare.number)
    stage.configuration.write()
    promise(stage, "added", spare, LOOK_S + BACK_S)
    # Written with what is over already, so that a soak that is ended here claims nothing.
    window.write(first, first)
    await asyncio.sleep(lasts_s)
    window.write(first, stage.number())
    stage.configuration.wanted.discard(spare.number)
    stage.configuration.write()
    came = spare.counts["plays"] - before
    left = await until(lambda: spare.connections == 0, 10)
    return came > 0 and left, f"{lasts_s:.0f} s, came {came} times, {'left' if left else 'stays'}"


async def removed(stage: Stage, camera: Camera) -> Proof:
    lasts_s, before = stage.rng.uniform(10, 40), camera.counts["plays"]
    async with unreachable(stage, "removed", camera, lasts_s, LOOK_S + BACK_S):
        stage.configuration.wanted.discard(camera.number)
        stage.configuration.write()
        left = await until(lambda: camera.connections == 0, 10)
        await asyncio.sleep(lasts_s)
        stage.configuration.wanted.add(camera.number)
        stage.configuration.write()
    came = await until(lambda: camera.counts["plays"] > before, 15)
    return left and came, f"{lasts_s:.0f} s, {'left' if left else 'stays'}"


async def renamed(stage: Stage, camera: Camera) -> Proof:
    stage.renames += 1
    old = stage.recordings / stage.configuration.name(camera).replace(" ", "_")
    name = f"Camera {camera.number} no {stage.renames} of {stage.number()}"
    stage.configuration.rename(camera, name)
    new = stage.recordings / name.replace(" ", "_")
    moved = await until(lambda: new.is_dir() and not old.exists(), 20)
    return moved, f"{old.name} to {new.name}"


_DELIVERERS: dict[str, Callable[[Stage, Camera], Awaitable[Proof]]] = {
    each.__name__: each
    for each in (
        *(silent, reset, refused, password, sets, jump, sound),
        *(kill, stop, disk, added, removed, renamed),
    )
}


async def deliver(stage: Stage, name: str) -> None:
    """Commit a fault, on a camera that has none at the moment; write down what came of it."""
    camera = await _chosen(stage, name)
    if camera is None:
        stage.say(f"{name}: no camera is well at the moment, left out")
        return
    is_of_camera = KINDS[name].of_camera
    number, target = stage.number(), camera.number if is_of_camera else None
    stage.say(f"{name} begins{f', camera {target}' if is_of_camera else ''}, picture {number}")
    if is_of_camera:
        stage.busy.add(camera.number)
    try:
        delivered, proof = await _DELIVERERS[name](stage, camera)
    except psutil.Error as err:
        delivered, proof = False, repr(err)
    stage.journal.write(
        "fault",
        fault=name,
        camera=stage.spare.number if name == "added" else target,
        number=number,
        delivered=delivered,
        proof=proof,
    )
    stage.say(f"{name} {'delivered' if delivered else 'NOT DELIVERED'}: {proof}")
    if is_of_camera:
        await asyncio.sleep(PASSWORD_BACK_S if name == "password" else BACK_S)
        stage.busy.discard(camera.number)


async def _chosen(stage: Stage, name: str) -> Camera | None:
    """A camera that plays and has no fault; any where the fault is not of a camera."""
    if not KINDS[name].of_camera:
        return stage.cameras[0]
    order = [camera for camera in stage.cameras if camera.has_sound or name != "sound"]
    stage.rng.shuffle(order)

    def well() -> list[Camera]:
        return [each for each in order if each.playing and each.number not in stage.busy]

    await until(well, 30)
    return next(iter(well()), None)
