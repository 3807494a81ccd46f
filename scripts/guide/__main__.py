"""Takes pictures of the window: `python -m scripts.guide FOLDER [PICTURE…]`, all unless named."""

import os
import sys
import tempfile
from pathlib import Path

from tests.support.screen import offscreen

# Beside the frame that a desktop would draw, as much as the window wants in height.
SCREEN_PX = (1800, 944)


def main(folder: Path, names: list[str]) -> int:
    """Take them; the exit code."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        # The export offers the folder of a user's videos.
        (root / "user-dirs.dirs").write_text('XDG_VIDEOS_DIR="/home/anna/Videos"\n')
        os.environ["XDG_CONFIG_HOME"] = made
        os.environ["QT_QPA_PLATFORM"] = offscreen(root, SCREEN_PX)
        from PySide6.QtWidgets import QApplication

        from scripts.guide.house import fill_library, house
        from scripts.guide.palette import paletted
        from scripts.guide.scenes import PICTURES
        from vms_desktop.core.base.layout import Layout

        if unknown := set(names) - PICTURES.keys():
            sys.stderr.write(f"no such picture: {', '.join(sorted(unknown))}\n")
            return 2
        application = QApplication(["guide"])
        today = fill_library(Layout(root / "data"))
        for name in names or PICTURES:
            scene, theme, language = PICTURES[name]
            with house(root / "data", today, theme, language) as shown:
                # Quality 0 of a PNG is the smallest file.
                if not paletted(scene(shown).toImage()).save(str(folder / name), "PNG", 0):
                    sys.stderr.write(f"cannot write {folder / name}\n")
                    return 1
            sys.stdout.write(f"{folder / name}\n")
        del application
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
