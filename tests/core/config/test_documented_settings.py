"""The page about the files names every setting, with the bounds and the default in force."""

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.declared import declarations
from vms_desktop.core.config.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "file-formats.md"
FILES = [("cameras.json", CameraConfig), ("settings.json", Settings)]


def rows(file):
    """The table about a file, by key: type and default as they stand there."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {file}\n")[1].split("\n## ")[0]
    table = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    found = {}
    for keys, *cells in table:
        names = re.findall(r"`(\w+)`", keys)
        for name, *about in zip(names, *(each_of(cell, len(names)) for cell in cells), strict=True):
            found[name] = about
    return found


def each_of(cell, count):
    """A cell's parts where a row is about several keys; one part may stand for all of them."""
    parts = cell.strip().split(", ") if count > 1 else [cell.strip()]
    return parts if len(parts) == count else parts * count


def as_documented(value):
    return value if isinstance(value, str) and value else json.dumps(value)


@pytest.mark.parametrize("file, kind", FILES)
def test_every_setting_is_documented(file, kind):
    assert rows(file).keys() == declarations(kind).keys()


@pytest.mark.parametrize(
    "file, kind, key", [(file, kind, key) for file, kind in FILES for key in declarations(kind)]
)
def test_bounds_choices_and_default_are_those_in_force(file, kind, key):
    values, default = rows(file)[key]
    declaration = declarations(kind)[key]
    if declaration.bounds:
        assert re.sub(r"\s", "", values) == "{}–{}".format(*declaration.bounds)
    if declaration.choices:
        listed = [as_documented(each) for each in declaration.choices]
        assert values.replace("`", "").split(", ") == listed
    [field] = [each for each in fields(kind) if each.name == key]
    if field.default is not MISSING:
        assert default.strip("`") == as_documented(declaration.write(field.default))
