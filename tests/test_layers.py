"""The architecture as a test: imports go from app to ui to workers to core, never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vms_desktop"
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 50

FORBIDDEN = {
    "core": (
        "PySide6",
        "shiboken6",
        "vms_desktop.workers",
        "vms_desktop.ui",
        "vms_desktop.app.program",
    ),
    "workers": ("PySide6.QtWidgets", "PySide6.QtGui", "vms_desktop.ui", "vms_desktop.app.program"),
    "ui": ("vms_desktop.app.program", "av", "cv2"),
}


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported_names(path: Path) -> Iterator[str]:
    """Every module and name that a file imports, relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layer_imports_only_downwards(layer):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(PACKAGE / layer)
        for name in imported_names(path)
        if any(name == bad or name.startswith(f"{bad}.") for bad in FORBIDDEN[layer])
    ]
    assert not wrong


def test_every_layer_has_modules_that_are_checked():
    assert all(sources(PACKAGE / layer) for layer in FORBIDDEN)


@pytest.mark.parametrize(
    "line, name",
    [
        ("import PySide6.QtCore", "PySide6.QtCore"),
        ("from PySide6 import QtCore", "PySide6.QtCore"),
        ("from ..ui import theme", "vms_desktop.ui.theme"),
        ("def late():\n    import cv2", "cv2"),
    ],
)
def test_every_form_of_import_is_seen(line, name, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    source = tmp_path / "vms_desktop" / "core" / "module.py"
    source.parent.mkdir(parents=True)
    source.write_text(line)
    assert name in set(imported_names(source))


def test_no_file_is_too_long_to_read():
    files = sources(PACKAGE) + sources(ROOT / "tests")
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_too_long_to_read():
    too_long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources(PACKAGE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert not too_long


def test_nobody_sleeps():
    sleepers = [
        str(path.relative_to(ROOT))
        for path in sources(PACKAGE) + sources(ROOT / "tests")
        if "time.sleep" in imported_names(path) or _calls_sleep(path)
    ]
    assert not sleepers


def _calls_sleep(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id == "time"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


DAY_CALLS = {"combine", "today", "date"}


def test_nobody_takes_a_screen_from_a_window():
    """A collected window would take the screen with it: see vms_desktop/ui/base/on_screen.py."""
    taken = [
        f"{path}:{node.lineno}"
        for path in (*sources(PACKAGE), *sources(ROOT / "tests"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "screen"
    ]
    assert not taken


def test_where_a_day_begins_and_which_it_is_one_module_works_out():
    others = [path for path in sources(PACKAGE) if path.name != "local_day.py"]
    wrong = [f"{path.relative_to(ROOT)}: {call}" for path in others for call in _day_calls(path)]
    assert not wrong


@pytest.mark.parametrize(
    "line, is_wrong",
    [
        ("datetime.combine(day, time()).astimezone()", True),
        ("at.astimezone().date()", True),
        ("clock.now().date()", True),
        ("date.today()", True),
        ("at.replace(hour=0, minute=0)", True),
        ("edit.date()", False),
        ("at.replace(minute=0)", False),
        ("date(2026, 9, 6)", False),
    ],
)
def test_every_way_to_work_out_a_day_is_seen(line, is_wrong, tmp_path):
    source = tmp_path / "module.py"
    source.write_text(line)
    assert bool(_day_calls(source)) == is_wrong


def _day_calls(path: Path) -> list[str]:
    """The calls that make days of moments or moments of days, but for those of a `QDateEdit`."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr in DAY_CALLS and ast.unparse(node.func.value) != "edit")
            or (node.func.attr == "replace" and "hour" in {word.arg for word in node.keywords})
        )
    ]
