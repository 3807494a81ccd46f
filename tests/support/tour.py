"""Opens every page and dialog over a library of long names, and tells what does not fit its screen.

A process of its own for each size of screen, since Qt takes that at its start alone:
`python -m tests.support.tour WIDTH HEIGHT SCALE [FOLDER]`, the size in logical pixels. What is
wrong is printed, a line each; FOLDER takes a picture of everything that was opened.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.screen import offscreen

# What a desktop takes of the screen's height for itself.
PANEL_PX = 40


def prepare_screen(width: int, height: int, scale: float, folder: Path) -> None:
    """Let Qt start on a screen of this many logical pixels; the desktop's panel is not there."""
    device_px = (round(width * scale), round((height - PANEL_PX) * scale))
    os.environ["QT_QPA_PLATFORM"] = offscreen(folder, device_px)
    os.environ["QT_SCALE_FACTOR"] = str(scale)


class Tour:
    """Walks through the program in one language and theme.

    Attributes:
        wrong: What does not fit, a sentence each.
    """

    def __init__(self, root: Path, language: str, theme: str, shots: Path | None) -> None:
        self.root, self.language, self.theme, self.shots = root, language, theme, shots
        self.wrong: list[str] = []

    def run(self) -> None:
        from tests.support.tour_places import Places

        with Places.made(self.root, self.language, self.theme) as places:
            for name, widget in places.walk():
                self._look(name, widget)

    def _look(self, name: str, widget: Any) -> None:
        from tests.support.fitting import complaints

        place = f"{self.language} {name}"
        self.wrong += [f"{place}: {said}" for said in complaints(widget)]
        if self.shots is not None:
            widget.grab().save(str(self.shots / f"{name}_{self.theme}_{self.language}.png"))


def main(arguments: list[str]) -> int:
    width, height, scale = int(arguments[0]), int(arguments[1]), float(arguments[2])
    shots = Path(arguments[3]) if len(arguments) > 3 else None
    if shots is not None:
        shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepare_screen(width, height, scale, folder)
        from PySide6.QtWidgets import QApplication

        application = QApplication(["tour"])
        wrong: list[str] = []
        for language, theme in (("en", "dark"), ("fr", "light")):
            tour = Tour(folder / language, language, theme, shots)
            tour.run()
            wrong += tour.wrong
        del application
    sys.stdout.write("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
