"""Cameras watched live: processor and memory per camera, against Debian's `motion`.

Run it from the checkout: `python benchmarks/live.py --cameras 16 --seconds 30 --against motion`.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.contenders import Camera, Contender, Motion, Vms
from benchmarks.measure import Cost, Watch, stop, wait
from tests.support.rtsp_server import Mount, RtspServer, missing_parts
from tests.support.video import Encoded, Paint, crossing, encode, still

FPS = 15
GOP = 30
QUIET_S = 8
CROSSING_S = 4
# Something crosses each camera's picture once within this time.
LOOP_S = 60
SCREEN = "1920x1080x24"
SD = (640, 360, 500_000)
# Width, height and bit/s.
HD = (1920, 1080, 3_000_000)


@dataclass(frozen=True, slots=True)
class Round:
    """One program, measured once."""

    name: str
    cost: Cost
    server_cpu_percent: float
    screen_cpu_percent: float
    stop_s: float
    clips: int
    statistics: dict[str, Any]


def scene(width: int, height: int, bit_rate: int) -> Encoded:
    """A minute that is quiet, but for something that crosses."""

    def piece(seconds: int, paint: Paint) -> Encoded:
        return encode(
            seconds * FPS,
            width=width,
            height=height,
            fps=FPS,
            gop=GOP,
            paint=paint,
            bit_rate=bit_rate,
            preset="veryfast",
        )

    quiet = piece(QUIET_S, still)
    moving = piece(CROSSING_S, crossing([(0, CROSSING_S * FPS)], side_px=height // 6))
    return moving + quiet * ((LOOP_S - CROSSING_S) // QUIET_S)


def mounts(count: int) -> list[Mount]:
    """SD and HD of every camera; the crossings are spread over the loop."""
    streams = {"sd": scene(*SD), "hd": scene(*HD)}
    groups = LOOP_S * FPS // GOP
    return [
        Mount(path=f"/cam{n}/{kind}", video=video, first=(n + 1) * groups // (count + 1) * GOP)
        for n in range(count)
        for kind, video in streams.items()
    ]


def measure(
    contender: Contender,
    cameras: Sequence[Camera],
    server: RtspServer,
    screen: subprocess.Popen[bytes] | None,
    options: argparse.Namespace,
) -> Round:
    """Start a program, let it settle, watch it for a while, end it."""
    contender.configure(cameras)
    process = contender.start()
    try:
        wait(options.warm_up, process)
        watches = [Watch(pid) for pid in (process.pid, server.pid)]
        watch_screen = Watch(screen.pid) if screen else None
        wait(options.seconds, process)
        cost, server_cost = (watch.cost() for watch in watches)
        screen_cpu_percent = watch_screen.cost().cpu_percent if watch_screen else 0.0
    except RuntimeError as err:
        sys.exit(f"{err}\n{contender.last_words()}")
    finally:
        stop_s = stop(process)
    if process.returncode:
        print(f"{contender.name} ended with {process.returncode}\n{contender.last_words()}")
    return Round(
        name=contender.name,
        cost=cost,
        server_cpu_percent=server_cost.cpu_percent,
        screen_cpu_percent=screen_cpu_percent,
        stop_s=stop_s,
        clips=contender.clips(),
        statistics=contender.statistics(),
    )


@contextmanager
def virtual_screen(wanted: bool) -> Iterator[tuple[str, subprocess.Popen[bytes] | None]]:
    """An X server without a screen on a free display, where one is wanted."""
    if not wanted:
        yield "", None
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        yield f":{process.stdout.readline().decode().strip()}", process
    finally:
        stop(process)
        process.stdout.close()


def run(options: argparse.Namespace) -> list[Round]:
    """Every round of every program, in turn, on the same server."""
    rounds = []
    with (
        tempfile.TemporaryDirectory(prefix="vms-benchmark-") as folder,
        virtual_screen(options.window) as (display, screen),
        RtspServer(mounts(options.cameras)) as server,
    ):
        cameras = [
            Camera(f"Camera {n}", server.url(f"/cam{n}/sd"), server.url(f"/cam{n}/hd"))
            for n in range(options.cameras)
        ]
        for turn in range(options.rounds):
            contenders: list[Contender] = []
            if not options.only_against:
                contenders.append(Vms(Path(folder) / f"vms{turn}", display))
            if options.against:
                contenders.append(Motion(Path(folder) / f"motion{turn}"))
            for contender in contenders:
                rounds.append(measure(contender, cameras, server, screen, options))
                print(describe(rounds[-1], options.cameras), flush=True)
    return rounds


def describe(one: Round, cameras: int) -> str:
    """One round in one line."""
    figures = "".join(f", {key} {value}" for key, value in one.statistics.items())
    return (
        f"{one.name}: {one.cost.cpu_percent / cameras:.2f} % of a core per camera, "
        f"PSS {one.cost.pss_bytes / 1e6:.0f} MB, RSS {one.cost.rss_bytes / 1e6:.0f} MB, "
        f"{one.clips} clips, ended in {one.stop_s:.1f} s, "
        f"RTSP server {one.server_cpu_percent:.0f} %, X server {one.screen_cpu_percent:.0f} %"
        f"{figures}"
    )


def ratios(rounds: Sequence[Round]) -> str:
    """The medians of this program over those of the other one."""
    ours = [one for one in rounds if one.name.startswith("vms-desktop")]
    theirs = [one for one in rounds if one.name == Motion.name]
    if not ours or not theirs:
        return ""
    cpu, memory = (
        statistics.median(read(one) for one in ours)
        / statistics.median(read(one) for one in theirs)
        for read in (lambda one: one.cost.cpu_percent, lambda one: one.cost.pss_bytes)
    )
    return f"{ours[0].name} / {Motion.name}: CPU {cpu:.2f}, memory {memory:.2f}"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line.

    Raises:
        SystemExit: It is wrong, or something that it needs is not installed.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30, help="measured, per round")
    parser.add_argument("--warm-up", type=float, default=15, help="seconds before each round")
    parser.add_argument("--rounds", type=int, default=1, help="turns of each program")
    parser.add_argument("--window", action="store_true", help="paint all tiles, under Xvfb")
    parser.add_argument("--against", choices=[Motion.name], help="also run this program")
    parser.add_argument("--only-against", action="store_true", help="run only the other program")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    options = parser.parse_args(arguments)
    if missing := missing_parts():
        parser.error(f"the RTSP server lacks {missing}")
    for name, wanted in (("motion", options.against), ("Xvfb", options.window)):
        if wanted and not shutil.which(name):
            parser.error(f"{name} is not installed")
    return options


def main() -> None:
    """Run, print, and write what was asked for."""
    options = parse()
    rounds = run(options)
    print(ratios(rounds))
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in rounds], indent=2) + "\n")


if __name__ == "__main__":
    main()
