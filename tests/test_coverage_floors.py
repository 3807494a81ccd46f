"""Of every room the tests run as much as its floor says, and floors only rise."""

import json
import tomllib

import pytest

from scripts import coverage_floors

HEADING = "# Why there are floors.\n[floors]\n"


def report(**files):
    summaries = {
        path: {"summary": {"covered_lines": ran, "num_statements": whole}}
        for path, (ran, whole) in files.items()
    }
    return {"files": summaries}


def test_a_rooms_share_is_that_of_the_lines_in_its_own_folder():
    files = {
        "vms_desktop/late_names.py": (9, 10),
        "vms_desktop/ui/rail.py": (1, 4),
        "vms_desktop/ui/about.py": (4, 6),
        "vms_desktop/ui/live/tile.py": (1, 1),
    }
    expected = {"vms_desktop": 90.0, "ui": 50.0, "ui/live": 100.0}
    assert coverage_floors.measured(report(**files)) == expected


@pytest.mark.parametrize(
    "shares, floors, rooms",
    [
        ({"ui": 80.0}, {"ui": 80}, []),
        ({"ui": 79.9}, {"ui": 80}, ["ui"]),
        ({"ui": 80.0, "app": 50.0}, {"ui": 80}, ["app"]),
        ({"ui": 80.0}, {"ui": 80, "app": 50}, ["app"]),
    ],
)
def test_a_room_below_its_floor_without_one_or_gone_is_named(shares, floors, rooms):
    wrong = coverage_floors.complaints(shares, floors)
    assert [line.split(":")[0] for line in wrong] == rooms


def test_a_floor_follows_upward_with_some_slack_and_never_down():
    shares = {"ui": 91.7, "app": 60.0, "cli": 88.2}
    assert coverage_floors.raised(shares, {"ui": 85, "app": 75}) == {"ui": 90, "app": 75, "cli": 87}


def test_raised_floors_are_written_below_the_words_that_stood_there(tmp_path, monkeypatch, capsys):
    table, measured = tmp_path / "floors.toml", tmp_path / "report.json"
    table.write_text(f'{HEADING}"ui" = 20\n')
    measured.write_text(json.dumps(report(**{"vms_desktop/ui/rail.py": (3, 4)})))
    monkeypatch.setattr(coverage_floors, "FLOORS", table)
    assert coverage_floors.main(measured, rise=True) == 0
    assert table.read_text().startswith(HEADING)
    assert tomllib.loads(table.read_text())["floors"] == {"ui": 74}
    assert "75.0 %" in capsys.readouterr().out


def test_every_room_has_its_floor():
    floors = tomllib.loads(coverage_floors.FLOORS.read_text(encoding="utf-8"))["floors"]
    package = coverage_floors.FLOORS.parents[1] / coverage_floors.PACKAGE
    rooms = {path.parent.relative_to(package).as_posix() for path in package.rglob("__init__.py")}
    assert floors.keys() == (rooms - {"."}) | {coverage_floors.PACKAGE}
