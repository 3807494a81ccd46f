"""The programs that the benchmark compares: how each is told its cameras and started."""

import compileall
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Camera:
    """Its name and its two addresses."""

    name: str
    url_sd: str
    url_hd: str


class Contender:
    """One program on a set of cameras, in a folder of its own.

    Attributes:
        name: What the table calls it.
        log: What the program printed.
    """

    name = ""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.log = folder / "log.txt"

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Write what the program reads at its start."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The command line that starts it."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What it finds in its environment."""
        return dict(os.environ)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def last_words(self) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-2000:]

    def statistics(self) -> dict[str, Any]:
        """What the program itself says at its end; empty where it says nothing."""
        return {}

    def clips(self) -> int:
        """How many clips it has recorded."""
        return sum(1 for path in self.folder.rglob("*") if path.suffix in (".mp4", ".mkv"))


class Vms(Contender):
    """This program, without a window or with one on the given display."""

    def __init__(self, folder: Path, display: str = "") -> None:
        super().__init__(folder)
        self.name = "vms-desktop, window" if display else "vms-desktop, headless"
        self._display = display
        self._statistics = folder / "statistics.json"

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Write `cameras.json`: every camera active, detecting and recording."""
        entries = {
            f"00000000-0000-4000-8000-{number:012}": {
                "name": camera.name,
                "url_sd": camera.url_sd,
                "url_hd": camera.url_hd,
                "is_active": True,
                "is_recording_enabled": True,
            }
            for number, camera in enumerate(cameras)
        }
        (self.folder / "cameras.json").write_text(json.dumps(entries, indent=2))
        # As the program's first start leaves it, whatever the environment says of bytecode.
        compileall.compile_dir(ROOT / "vms_desktop", quiet=1)

    def command(self) -> list[str]:
        """The program with a data folder of its own."""
        view = ["--page", "live", "--fullscreen"] if self._display else ["--headless"]
        return [sys.executable, "-m", "vms_desktop", *view, "--data-dir", str(self.folder)]

    def environment(self) -> dict[str, str]:
        """The display, and where the program leaves its own figures."""
        extra = {"VMS_STATS_FILE": str(self._statistics), "PYTHONPATH": str(ROOT)}
        if self._display:
            extra |= {"DISPLAY": self._display, "QT_QPA_PLATFORM": "xcb"}
        return {**os.environ, **extra}

    def statistics(self) -> dict[str, Any]:
        """Frames decoded and painted, packets dropped, latency, first picture."""
        if not self._statistics.exists():
            return {}
        statistics: dict[str, Any] = json.loads(self._statistics.read_text())
        return statistics


class Motion(Contender):
    """Debian's `motion`: watches SD, records HD by pass-through, shows nothing.

    What is not named here stands as Debian delivers it.
    """

    name = "motion"

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Write its configuration, and one file per camera."""
        common = {
            "daemon": "off",
            "log_level": 4,
            "target_dir": self.folder / "movies",
            "width": 640,
            "height": 360,
            "framerate": 15,
            "threshold": 1500,
            "pre_capture": 3,
            "event_gap": 10,
            "movie_max_time": 600,
            "movie_output": "on",
            "movie_passthrough": "on",
            "movie_codec": "mp4",
            "picture_output": "off",
            "webcontrol_port": 0,
            "stream_port": 0,
        }
        for number, camera in enumerate(cameras, 1):
            own = {
                "camera_name": camera.name,
                "camera_id": number,
                "netcam_url": camera.url_sd,
                "netcam_high_url": camera.url_hd,
            }
            self._write(f"camera{number}.conf", own)
        includes = [self.folder / f"camera{n}.conf" for n in range(1, len(cameras) + 1)]
        self._write("motion.conf", common, [f"camera {path}" for path in includes])

    def command(self) -> list[str]:
        """In the foreground, with the configuration just written."""
        return ["motion", "-n", "-c", str(self.folder / "motion.conf")]

    def _write(self, name: str, values: dict[str, Any], more: Sequence[str] = ()) -> None:
        lines = [f"{key} {value}" for key, value in values.items()]
        (self.folder / name).write_text("\n".join([*lines, *more]) + "\n")
