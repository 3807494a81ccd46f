"""What counting the clips on the disk does to Live: pictures painted before, meanwhile and after.

The grid of Live shows four demo cameras; the counted clips are hard links to one small file.
"""

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from tests.support.camera_entries import entry
from tests.support.running import RunningFleet, running_fleet
from vms_desktop.core.base import Clock
from vms_desktop.ui.base import DARK_THEME
from vms_desktop.ui.live import CameraGrid, PaintLog

CAMERAS = 64
FILMS = ("driveway", "farm_gate", "front_door", "shop")
DAYS = 90
# Of one file: ext4 allows 65,000.
LINKS = 50_000
QUIET_S = 15.0


def tell_disk_use(clips: int) -> None:
    """Make the clips, count them while Live paints, and print both rates."""
    with tempfile.TemporaryDirectory(prefix="vms-disk-use-") as name:
        folder = Path(name)
        made = make_clips(folder, clips)
        with running_fleet(folder, _cameras()) as running:
            running.until_live(*FILMS)
            print(f"{made} clips of {CAMERAS} cameras")
            _measure(running, made)


def make_clips(folder: Path, clips: int) -> int:
    """Link so many clips, the same number for each camera and day; how many there are."""
    per_day = max(1, round(clips / CAMERAS / DAYS))
    made = 0
    for name in _names().values():
        for number in range(DAYS):
            day = folder / "recordings" / name / f"{date(2026, 11, 20) - timedelta(days=number)}"
            day.mkdir(parents=True)
            for second in range(per_day):
                if made % LINKS == 0:
                    source = folder / f"source-{made}"
                    source.write_bytes(bytes(1000))
                hour, rest = divmod(second * (86_400 // per_day), 3600)
                os.link(source, f"{day}/{hour:02}-{rest // 60:02}-{rest % 60:02}.mp4")
                made += 1
    return made


def _names() -> dict[str, str]:
    """The folders by the cameras' ids: those that run, and others that only have clips."""
    others = {f"idle{number}": f"Idle_{number}" for number in range(CAMERAS - len(FILMS))}
    return {film: film for film in FILMS} | others


def _cameras() -> dict[str, Any]:
    films = Path(__file__).parents[1] / "resources" / "demo"
    return {
        key: entry(str(films / f"{key}.mp4"), name=name, is_active=key in FILMS)
        for key, name in _names().items()
    }


def _measure(running: RunningFleet, clips: int) -> None:
    log, fleet = PaintLog(), running.fleet
    grid = CameraGrid(fleet, DARK_THEME, Clock(), log)
    grid.set_cameras([camera for camera in fleet.cameras() if camera.is_active])
    grid.resize(1280, 720)
    grid.show()
    _pass(lambda: log.painted > 100)
    _tell("before", fleet, log, _for(QUIET_S))
    began = time.monotonic()
    fleet.catalogue.count_disk_use()
    _tell("meanwhile", fleet, log, lambda: _counted(running) >= clips)
    print(f"counted in {time.monotonic() - began:.1f} s")
    _tell("after", fleet, log, _for(QUIET_S))
    grid.close()


def _counted(running: RunningFleet) -> int:
    return sum(use.recordings for use in running.fleet.catalogue.disk_use.values())


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _tell(what: str, fleet: Any, log: PaintLog, done: Callable[[], bool]) -> None:
    """Let Live go on until it is done; print what was decoded and painted meanwhile."""
    began, decoded, painted = time.monotonic(), fleet.counts()[0], log.painted
    cpu_s = time.process_time()
    _pass(done)
    seconds = time.monotonic() - began
    decoded, painted = fleet.counts()[0] - decoded, log.painted - painted
    cpu = (time.process_time() - cpu_s) / seconds
    print(
        f"{what:<10} {seconds:6.1f} s: {decoded / seconds:6.2f} frames decoded a second, "
        f"{painted / seconds:6.2f} painted, {decoded - painted} not painted, {cpu:.0%} of a core"
    )


def _pass(done: Callable[[], bool]) -> None:
    """Let Qt's events happen until it is done."""
    loop, look = QEventLoop(), QTimer(interval=50)
    look.timeout.connect(lambda: loop.quit() if done() else None)
    look.start()
    loop.exec()
