"""Kills a process at random moments while it saves cameras, and looks what is left of them.

`python -m tests.faults.saves 500 [SEED]`
"""

import os
import random
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event

from tests.support.sentinel import PASSWORD, USER, leaks
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import CameraStore

# A save takes a few ms, one after the other.
LATEST_KILL_S = 0.06
_BEGAN, _ENDED = b"b", b"e"


@dataclass(slots=True)
class Tally:
    """What kills have cost.

    Attributes:
        within: How many came while a save was under way.
        left: Unfinished files that they left.
        damages: What should not be, in words.
    """

    kills: int = 0
    within: int = 0
    left: int = 0
    damages: list[str] = field(default_factory=list)


def cameras(number: int) -> list[CameraConfig]:
    """Three cameras that all say which save they come from."""
    return [
        CameraConfig(
            id=key,
            name=f"Camera {key}",
            url_sd="rtsp://camera/sd",
            username=USER,
            password=PASSWORD,
            sensitivity=number,
        )
        for key in "abc"
    ]


def store_in(folder: Path) -> CameraStore:
    return CameraStore(folder / "cameras.json", folder / "backups")


def kill_again_and_again(folder: Path, kills: int, seed: int) -> Tally:
    """Forks for each kill; to be called where no other thread runs."""
    chance, tally, saved = random.Random(seed), Tally(), 0
    store_in(folder).save(cameras(saved))
    for _ in range(kills):
        told = _saves_of_a_child(folder, saved, chance.uniform(0, LATEST_KILL_S))
        tally.kills += 1
        tally.within += told.endswith(_BEGAN)
        tally.left += len(list(folder.rglob("*.tmp")))
        least = saved + told.count(_ENDED)
        saved = _look(folder, tally, least, saved + told.count(_BEGAN))
    tally.damages += leaks(folder)
    return tally


def _saves_of_a_child(folder: Path, saved: int, delay_s: float) -> bytes:
    """What a child told of its saves until it was killed, so long after the first began."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _save_for_ever(folder, saved, writing)
    os.close(writing)
    told = os.read(reading, 1)
    Event().wait(delay_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 4096):
        told += more
    os.close(reading)
    return told


def _save_for_ever(folder: Path, saved: int, telling: int) -> None:
    try:
        store = store_in(folder)
        store.load()
        for number in count(saved + 1):
            os.write(telling, _BEGAN)
            store.save(cameras(number))
            os.write(telling, _ENDED)
    finally:
        os._exit(1)


def _look(folder: Path, tally: Tally, least: int, most: int) -> int:
    """Load as the next start does; the save that it found."""
    loaded = store_in(folder).load()
    found = {camera.sensitivity for camera in loaded.cameras}
    if len(loaded.cameras) != 3 or loaded.invalid or loaded.notice:
        tally.damages.append(f"cameras lost: {loaded}")
    elif len(found) > 1 or not least <= min(found) <= most:
        tally.damages.append(f"saves {found}, not {least} to {most}")
    if unfinished := [path.name for path in folder.rglob("*.tmp")]:
        tally.damages.append(f"left: {unfinished}")
    return int(max(found, default=most))


def main() -> int:
    kills = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    with tempfile.TemporaryDirectory(prefix="vms-saves-") as home:
        folder = Path(home) / "data"
        folder.mkdir(mode=0o700)
        tally = kill_again_and_again(folder, kills, seed)
    told = (
        f"seed {seed}: {tally.kills} kills, {tally.within} within a save, {tally.left} files left"
    )
    sys.stdout.write("\n".join([told, *tally.damages[:10], ""]))
    return int(bool(tally.damages) or tally.within == 0)


if __name__ == "__main__":
    sys.exit(main())
