"""The pictures that the documents show are those that `scripts/screenshots` takes."""

import re
from pathlib import Path

from scripts.guide.scenes import PICTURES

ROOT = Path(__file__).parents[1]


def test_every_picture_of_the_documents_is_taken_by_the_script_and_no_other():
    pages = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    shown = {
        name
        for page in pages
        for name in re.findall(r"images/([\w.]+)\)", page.read_text(encoding="utf-8"))
    }
    assert shown == PICTURES.keys()
    assert shown == {path.name for path in (ROOT / "docs" / "images").iterdir()}
