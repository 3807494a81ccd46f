"""The places of the files that come with the program; the only module that knows them.

From a checkout they stand beside the package, installed inside it. Imports no
Qt, so that the program without a window can ask for its demo footage too.
"""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def resources_folder() -> Path:
    """The folder `resources`, of the checkout or of the installed package."""
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def demo_folder() -> Path:
    """The footage of the demo cameras and its `scenes.json`."""
    return resources_folder() / "demo"


def icon_path(name: str) -> Path:
    """The SVG of an icon, drawn in `currentColor`."""
    return resources_folder() / "icons" / f"{name}.svg"


def translation_path(language: str) -> Path:
    """The words of a language (`en`, `fr`): JSON, contexts to sources to translations."""
    return resources_folder() / "translations" / f"{language}.json"


@cache
def style_sheet() -> str:
    """The style sheet, its colours still `$tokens`."""
    return (resources_folder() / "style.qss").read_text(encoding="utf-8")


def makes_json() -> bytes:
    """The shipped table of makes."""
    return (resources_folder() / "makes.json").read_bytes()
