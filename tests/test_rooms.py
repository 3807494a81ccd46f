"""The rooms as a test: the table in docs/architecture.md says who may import whom."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vms_desktop
from tests.test_docs import rules

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vms_desktop"
MOST_MODULES = 25

# What stands at the top, and what each of it may import.
TOP = {
    "__main__": {"app", "cli"},
    "resources": set(),
    "late_names": set(),
}
# The package itself has the version; faces are made with `late_names`.
EVERYBODYS = {"", "resources", "late_names"}

# Modules that are offered whole: their functions are called by the module's name.
MODULES_OFFERED = {"icons", "words", "clip_captions"}

ROOMS = sorted(
    path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*/__init__.py")
)


def allowed_rooms() -> dict[str, set[str]]:
    return rules() | TOP


def room_of(module: str) -> str:
    """The room of a dotted module or package, as a path; a module at the top is its own."""
    parts = module.split(".")[1:]
    folder = PACKAGE.joinpath(*parts)
    if not folder.is_dir() or (len(parts) == 1 and folder.with_suffix(".py").exists()):
        parts = parts[:-1] if len(parts) > 1 else parts
    return "/".join(parts)


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path) -> list[tuple[str, str]]:
    """Every import of this program's own modules in a file: the module, and the name taken."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found += [(node.module or "", alias.name) for alias in node.names]
    return [(module, name) for module, name in found if is_ours(module)]


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "vms_desktop"


def faults_of(path: Path, allowed: dict[str, set[str]]) -> Iterator[str]:
    """What a file imports against the table, or past a face."""
    own = room_of(module_of(path))
    for module, name in imports_of(path):
        room = room_of(module)
        if room == own or room in EVERYBODYS:
            continue
        if room not in allowed[own]:
            yield f"{own} imports {room}: {module}"
        elif not is_of_the_face(room, module, name):
            yield f"{own} imports past the face of {room}: {module} {name}"


def is_of_the_face(room: str, module: str, name: str) -> bool:
    """Whether a name is taken from a room as it offers it; `app` and `cli` offer their modules."""
    if room in ("app", "cli"):
        return True
    face = importlib.import_module(f"vms_desktop.{room.replace('/', '.')}")
    return module == face.__name__ and name in face.__all__


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_module_imports_what_the_table_allows_and_only_faces(path):
    assert list(faults_of(path, allowed_rooms())) == []


@pytest.mark.parametrize(
    "place, line, is_fault",
    [
        ("core/media/new.py", "from vms_desktop.core.base import Clock", False),
        ("core/media/new.py", "from vms_desktop.core.base.clock import Clock", True),
        ("core/media/new.py", "from vms_desktop.core.base import clock", True),
        ("core/media/new.py", "import vms_desktop.core.base.clock as clock", True),
        ("core/media/new.py", "from vms_desktop.core.media.frame import Frame", False),
        ("core/media/new.py", "from vms_desktop.core.clips import Clip", True),
        ("core/media/new.py", "from vms_desktop.app.demo import demo_cameras", True),
        ("core/media/new.py", "def f():\n    from vms_desktop.ui.base import Theme", True),
        (
            "core/media/new.py",
            "if TYPE_CHECKING:\n    from vms_desktop.core.clips import Clip",
            True,
        ),
        ("ui/live/new.py", "from vms_desktop.ui.playback import PlaybackPage", True),
        ("ui/live/new.py", "from vms_desktop.ui.base import icons", False),
        ("workers/new.py", "from vms_desktop.core.camera import SdSession", False),
        ("workers/new.py", "from vms_desktop.workers.camera import Fleet", True),
        ("resources.py", "from vms_desktop.core.base import Clock", True),
        ("app/new.py", "from vms_desktop.ui import MainWindow", False),
        ("app/new.py", "from vms_desktop.ui.main_window import MainWindow", True),
    ],
)
def test_every_kind_of_fault_is_seen(place, line, is_fault, tmp_path, monkeypatch):
    path = tmp_path / "vms_desktop" / place
    path.parent.mkdir(parents=True)
    path.write_text(line)
    monkeypatch.setattr(
        f"{__name__}.module_of", lambda _: f"vms_desktop.{place[:-3]}".replace("/", ".")
    )
    assert bool(list(faults_of(path, allowed_rooms()))) == is_fault


def test_every_room_that_imports_another_is_in_the_table():
    assert {room_of(module_of(path)) for path in PACKAGE.rglob("*.py")} - {
        ""
    } <= allowed_rooms().keys()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_not_full(room):
    modules = [path for path in (PACKAGE / room).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_tells_what_it_is_for(room):
    face = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    assert len((ast.get_docstring(face) or "").splitlines()) >= 3


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("app", "cli", "core")])
def test_a_face_offers_what_it_lists_and_lists_what_it_offers(room):
    name = f"vms_desktop.{room.replace('/', '.')}"
    face = importlib.import_module(name)
    modules = {module.name for module in pkgutil.iter_modules(face.__path__)}
    named_alike = set(face.__all__) & modules
    assert named_alike <= MODULES_OFFERED, "whoever asks might get the module for its content"
    listed = set(face.__all__) - modules
    assert listed == names_for_types(PACKAGE / room / "__init__.py")
    for each in listed:
        assert getattr(face, each) is not None
    with pytest.raises(AttributeError, match="has no attribute"):
        face.no_such_name  # noqa: B018


def names_for_types(path: Path) -> set[str]:
    """What a face tells the type checker of."""
    return {name for module, name in imports_of(path) if module != "vms_desktop.late_names"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("app", "cli", "core")])
def test_a_face_offers_nothing_that_nobody_wants(room):
    name = f"vms_desktop.{room.replace('/', '.')}"
    files = [
        *PACKAGE.rglob("*.py"),
        *(ROOT / "benchmarks").glob("*.py"),
        *(ROOT / "scripts").rglob("*.py"),
    ]
    wanted = {
        taken
        for path in files
        if not path.is_relative_to(PACKAGE / room) or path.parent != PACKAGE / room
        for module, taken in imports_of(path)
        if module == name
    }
    assert set(importlib.import_module(name).__all__) - wanted == set()


def test_the_package_has_nothing_but_rooms_and_what_stands_at_the_top():
    top = {module.name for module in pkgutil.iter_modules(vms_desktop.__path__)}
    assert top == TOP.keys() | {room for room in ROOMS if "/" not in room}
