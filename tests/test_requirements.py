"""What `scripts/run` and `scripts/test` install: every dependency in one release, known by hash."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = {name: (ROOT / "requirements" / f"{name}.txt").read_text() for name in ("run", "test")}

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "win32", "darwin")


def pins(name: str) -> list[Requirement]:
    """One entry per line that begins with a name; its hashes stand in the lines that follow."""
    lines = re.findall(r"^[a-z0-9].*(?= \\$)", FILES[name], flags=re.MULTILINE)
    return [Requirement(line) for line in lines]


def holding(requirements: list[Requirement], python: str, platform: str) -> list[Requirement]:
    place = {"python_version": python, "python_full_version": f"{python}.1"}
    place |= {"sys_platform": platform, "implementation_name": "cpython"}
    return [one for one in requirements if one.marker is None or one.marker.evaluate(place)]


DEPENDENCIES = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
TEST = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["test"]]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    "wanted, files",
    [(DEPENDENCIES + BUILD, ["run"]), (TEST, ["run", "test"])],
    ids=["to run", "to test"],
)
def test_every_dependency_has_one_release_that_the_project_allows(wanted, files, python, platform):
    pinned = [pin for name in files for pin in holding(pins(name), python, platform)]
    for requirement in holding(wanted, python, platform):
        named = canonicalize_name(requirement.name)
        releases = [str(pin.specifier)[2:] for pin in pinned if pin.name == named]
        assert len(releases) == 1, f"run scripts/renew for {requirement}: {releases}"
        assert requirement.specifier.contains(releases[0]), f"run scripts/renew for {requirement}"


@pytest.mark.parametrize("name", FILES)
def test_a_release_is_exact_and_known_by_its_hashes(name):
    blocks = re.split(r"\n(?=\S)", FILES[name].strip())
    blocks = [block for block in blocks if not block.startswith(("#", "-r"))]
    assert len(blocks) == len(pins(name)) > 10
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==[\w.]+ ", block), block
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize("name", FILES)
def test_no_address_says_where_a_release_comes_from(name):
    """Whoever has a mirror of their own keeps using it."""
    assert "://" not in FILES[name]
    assert "index" not in FILES[name]


def test_what_is_pinned_to_run_is_not_pinned_otherwise_to_test():
    assert not {pin.name for pin in pins("run")} & {pin.name for pin in pins("test")}
    assert "-r run.txt" in FILES["test"].splitlines()
