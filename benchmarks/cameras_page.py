"""The Cameras page with many cameras: how soon it is there, and what painting it costs.

Run it from the checkout: `python benchmarks/cameras_page.py --cameras 64`. It needs no
screen; the fleet is a stand-in, so that only the window is measured. With `--disk-use CLIPS`
it measures instead what counting that many clips does to Live, with a real fleet.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QDialog

from benchmarks.disk_use import tell_disk_use
from tests.support.camera_dialogs import Notes, services
from tests.support.stand_in import FleetStandIn, camera, picture
from vms_desktop.app.library_services import review_parts, stop_review
from vms_desktop.core.base import CameraState, Clock
from vms_desktop.core.clips import CameraFolders
from vms_desktop.core.config import Settings
from vms_desktop.core.library import DiskUse
from vms_desktop.ui import MainWindow
from vms_desktop.ui.base import DARK_THEME, PageKey, apply_theme
from vms_desktop.ui.cameras import CamerasPage
from vms_desktop.ui.picture import to_image

STATES = (CameraState.LIVE, CameraState.RECORDING, CameraState.MOTION, CameraState.STREAM_LOST)
ROUNDS = 20
CLIPS = 500_000
STOP_S = 4.0


def many(number: int, folder: Path) -> FleetStandIn:
    """A fleet of so many cameras, with half a million clips between them."""
    fleet = FleetStandIn(
        tuple(camera(each, name=f"Camera {each}") for each in range(number)), folder
    )
    for each in range(number):
        fleet.become(f"cam{each}", STATES[each % len(STATES)])
        use = DiskUse(each * 1_000_000_000, CLIPS // number, each * 10_000_000, each)
        fleet.catalogue.disk_use[f"cam{each}"] = use
    return fleet


def took_ms(step: Callable[[], object]) -> float:
    """How long a step takes, what it has painted included."""
    began = time.perf_counter()
    step()
    QApplication.processEvents()
    return (time.perf_counter() - began) * 1000


def median_ms(step: Callable[[], object]) -> float:
    """The median of some rounds."""
    return statistics.median(took_ms(step) for _ in range(ROUNDS))


def measure(window: MainWindow, fleet: FleetStandIn) -> dict[str, float]:
    """Every figure in ms."""
    figures = {"page shown first": took_ms(lambda: window.show_page(PageKey.CAMERAS))}
    page = window.pages.current
    assert isinstance(page, CamerasPage)
    model = window._cameras
    for row in model.rows():
        model.set_picture(row.id, QPixmap.fromImage(to_image(picture(96, 54))))
    QApplication.processEvents()
    window.show_page(PageKey.LIVE)
    figures["page shown again"] = took_ms(lambda: window.show_page(PageKey.CAMERAS))
    figures["list painted whole"] = median_ms(page.view.viewport().repaint)
    figures["one state changed"] = median_ms(lambda: fleet.become("cam1", CameraState.MOTION))
    figures["disk use counted anew"] = median_ms(
        lambda: fleet.catalogue.disk_use_changed.emit(fleet.catalogue.disk_use)
    )
    small = QPixmap.fromImage(to_image(picture(96, 54)))
    figures["one picture"] = median_ms(lambda: model.set_picture("cam1", small))
    figures["typed a letter"] = took_ms(lambda: page.bar.search.setText("1"))
    page.bar.search.clear()
    figures["dialog opened"] = took_ms(lambda: window.tasks.edit("cam3"))
    for dialog in window.findChildren(QDialog):
        dialog.done(QDialog.DialogCode.Rejected)
    figures["dialog opened again"] = took_ms(lambda: window.tasks.edit("cam5"))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=64)
    parser.add_argument("--disk-use", type=int, metavar="CLIPS")
    arguments = parser.parse_args()
    application = QApplication([])
    if arguments.disk_use:
        apply_theme(application, DARK_THEME)
        tell_disk_use(arguments.disk_use)
        return
    with tempfile.TemporaryDirectory() as folder:
        fleet = many(arguments.cameras, Path(folder))
        notes = Notes()
        settings = Settings(language="en")
        review = review_parts(fleet, Clock(), CameraFolders(fleet.layout, lambda *_: None))
        window = MainWindow(
            fleet, settings, lambda _settings: None, Path(folder), lambda: services(notes), review
        )
        window.resize(1600, 900)
        window.show()
        QApplication.processEvents()
        for name, figure in measure(window, fleet).items():
            print(f"{name:24} {figure:8.1f} ms")
        window.close()
        stop_review(review, time.monotonic() + STOP_S)


if __name__ == "__main__":
    main()
