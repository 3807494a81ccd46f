"""The documents keep pace with the program: what they link to, name and count up is there."""

import re
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vms_desktop"
DOCS = ROOT / "docs"
RECORDS = DOCS / "decisions"

# Not the whole checkout: it is a data folder too, with recordings by the hundred thousand.
FOLDERS = ("docs", "benchmarks", "packaging", "resources", "scripts", "tests", ".github")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))]
)
ABOUT_CODE = [DOCS / "architecture.md", DOCS / "style.md", *sorted(RECORDS.glob("*.md"))]

MOST_RECORD_LINES = 30
MOST_ARCHITECTURE_LINES = 110


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def told(page: Path) -> str:
    """What a page says, without what it quotes in blocks and spans of code."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", read(page), flags=re.M | re.S))


def links(page: Path) -> list[str]:
    """The targets of links and pictures that lie in the repository."""
    return [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", told(page))
        if not re.match(r"[a-z]+:", target)
    ]


def anchors(page: Path) -> set[str]:
    """What the headings of a page are linked by, in the way of the usual forges."""
    without_blocks = re.sub(r"^```.*?^```", "", read(page), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", without_blocks, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_something(page):
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def test_there_are_links_to_follow():
    assert sum(len(links(page)) for page in PAGES) > len(PAGES)


@pytest.mark.parametrize(
    "link, leads",
    [
        ("docs/other.md", True),
        ("docs/other.md#two-words-in-code", True),
        ("docs", True),
        ("#here", True),
        ("docs/other.md#quoted", False),
        ("docs/none.md", False),
        ("#nowhere", False),
        ("../outside.md", False),
        ("/docs/other.md", False),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(link, leads, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path / "root")
    page, other = tmp_path / "root" / "page.md", tmp_path / "root" / "docs" / "other.md"
    other.parent.mkdir(parents=True)
    (tmp_path / "outside.md").touch()
    page.write_text(f"# Here\n[words]({link}), [elsewhere](https://example.org), `[no](link)`")
    other.write_text("# One\n## Two words, *in* `code`\n```\n# Quoted\n```\n")
    assert links(page) == [link]
    assert leads_somewhere(page, link) == leads


def test_every_page_that_the_code_cites_is_there():
    cited = {
        (path.relative_to(ROOT), name)
        for path in [*PACKAGE.rglob("*.py"), ROOT / "pyproject.toml"]
        for name in re.findall(r"docs/[\w/.-]+\.md", read(path))
    }
    assert cited
    assert [(path, name) for path, name in cited if not (ROOT / name).exists()] == []


def rules() -> dict[str, set[str]]:
    """The table of rooms: which others each may import."""
    page = read(DOCS / "architecture.md")
    table = page.split("| room | what it is | may import |")[1].split("\n\n")[0]
    cells = dict(re.findall(r"^\| `([\w/]+)` \| .+ \| ([\w/, ]+) \|$", table, flags=re.M))
    assert len(cells) == table.count("\n| `")
    return {room: allowed(room, cell, cells.keys()) for room, cell in cells.items()}


def allowed(room: str, cell: str, rooms: Iterable[str]) -> set[str]:
    """The rooms that a cell names: of the same layer, or another layer with all its rooms."""
    own = room.split("/")[0]
    names = set() if cell == "nothing" else set(cell.split(", "))
    others = {other for other in rooms if other.split("/")[0] in names - {own}}
    layers = {other.split("/")[0] for other in rooms}
    return others | (names & {own}) | {f"{own}/{name}" for name in names - layers}


def test_the_page_about_the_architecture_names_every_room_and_no_other():
    packages = {
        path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*/__init__.py")
    }
    assert sorted(rules()) == sorted(packages - {"."})


def test_what_a_room_may_import_are_rooms_and_no_circle_of_them():
    table = rules()
    assert {name for names in table.values() for name in names} <= table.keys()
    # RTSP's room is a part of the house of streams.
    inner = {"core/stream/rtsp": "core/stream"}
    houses: dict[str, set[str]] = {}
    for room, names in table.items():
        house = inner.get(room, room)
        houses.setdefault(house, set()).update({inner.get(name, name) for name in names} - {house})
    assert list(TopologicalSorter(houses).static_order())


@pytest.mark.parametrize(
    "room, cell, expected",
    [
        ("core/base", "nothing", set()),
        ("core/media", "base, stream/rtsp", {"core/base", "core/stream/rtsp"}),
        ("workers/jobs", "workers, core", {"workers", "core/base", "core/media"}),
        ("app", "workers", {"workers", "workers/jobs"}),
    ],
)
def test_a_row_of_the_table_is_understood(room, cell, expected):
    rooms = ("core/base", "core/media", "workers", "workers/jobs", "app")
    assert allowed(room, cell, rooms) == expected


def test_the_page_about_the_architecture_is_a_page():
    assert len(read(DOCS / "architecture.md").splitlines()) <= MOST_ARCHITECTURE_LINES


def names_in(page: Path) -> tuple[set[str], set[str], set[str]]:
    """Rooms and modules, paths in the repository, and classes that a page names."""
    text = read(page)
    spans = set(re.findall(r"`([^`\n]+)`", text))
    rooms = {span for span in spans if re.fullmatch(r"(core|workers|ui|app|cli)(/\w+)*", span)}
    paths = {
        span
        for span in spans
        if re.fullmatch(r"(vms_desktop|tests|docs|benchmarks|scripts|resources)/[\w./-]*", span)
    }
    drawn = "".join(re.findall(r"^```\n(.*?)^```", text, flags=re.M | re.S))
    classes = {span.split(".")[0] for span in spans if re.fullmatch(r"[A-Z][a-z]\w*(\.\w+)?", span)}
    return rooms, paths, classes | set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w*", drawn))


def is_there(room: str) -> bool:
    return (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()


def test_rooms_and_classes_that_a_page_names_are_in_the_program():
    words = {word for path in PACKAGE.rglob("*.py") for word in re.findall(r"[A-Z]\w+", read(path))}
    gone = {}
    for page in ABOUT_CODE:
        rooms, _, classes = names_in(page)
        gone[page.name] = [*(room for room in rooms if not is_there(room)), *(classes - words)]
    assert {page: names for page, names in gone.items() if names} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(page):
    _, paths, _ = names_in(page)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_names_of_every_kind_are_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "`core/base/clock` holds `Clock`, told in `docs/a.md`; `Stream.rest_s`, `DESCRIBE`, `.part`"
        "\n```\nSD ─► CameraTile\n```\n"
    )
    assert names_in(page) == ({"core/base/clock"}, {"docs/a.md"}, {"Clock", "Stream", "CameraTile"})


def files_named(page: Path) -> set[str]:
    """What a page's spans and blocks of code say of files: words with a folder, or a suffix."""
    code = re.findall(r"`([^`\n]+)`|^```\n(.*?)^```", read(page), flags=re.M | re.S)
    words = {word for pair in code for text in pair for word in text.split()}
    return {
        word.removeprefix("./")
        for word in words
        if re.fullmatch(r"(\./)?\.?\w[\w-]*(/[\w.-]+)+/?|[\w-]+\.(py|md|json|toml|qss)", word)
    }


def test_every_file_that_a_recipe_names_is_there():
    named = files_named(ROOT / "CONTRIBUTING.md")
    assert len(named) > 40
    # Made by what the page tells to run, or the name of a file in a folder that was named.
    made = {".venv/bin/pip", ".venv/bin/pre-commit", ".venv/bin/python", "build/fuzz"}
    folders = [PACKAGE, ROOT / "docs", ROOT / "tests"]
    gone = [
        name
        for name in named - made - {"cameras.json", "settings.json"}
        if not (ROOT / name).exists()
        and ("/" in name or not any(list(folder.rglob(name)) for folder in folders))
    ]
    assert gone == []


def test_files_are_seen_in_code_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "a/b.py or `core/a.py`, `./run -x tests/b`, `c.py`, `d=e(f)`\n```\n./scripts/test\n```\n"
    )
    assert files_named(page) == {"core/a.py", "tests/b", "c.py", "scripts/test"}


def records() -> list[Path]:
    return sorted(path for path in RECORDS.glob("*.md") if path.name != "README.md")


def test_every_record_stands_in_the_list_by_its_title():
    listed = re.findall(
        r"^- \[(\d{4})\]\(([\w-]+\.md)\) · (.+)$", read(RECORDS / "README.md"), re.M
    )
    assert sorted(listed) == [
        (path.name[:4], path.name, read(path).splitlines()[0].removeprefix(f"# {path.name[:4]} · "))
        for path in records()
    ]


def test_records_are_numbered_without_a_gap_and_short():
    assert [path.name[:5] for path in records()] == [
        f"{number:04}-" for number in range(1, len(records()) + 1)
    ]
    lengths = {path.name: len(read(path).splitlines()) for path in records()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_RECORD_LINES} == {}


@pytest.mark.parametrize("path", records(), ids=lambda path: path.name[:4])
def test_a_record_tells_context_decision_and_consequence(path):
    parts = re.findall(r"^\*\*(\w+)\.\*\* ", read(path), re.M)
    assert parts[:3] == ["Context", "Decision", "Consequence"]
    assert set(parts[3:]) <= {"Departures", "Measured", "Code"}
