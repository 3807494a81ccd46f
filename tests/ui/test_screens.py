"""Windows within their screens, words within their places."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from tests.support.stand_in import camera
from vms_desktop.ui.base import on_screen
from vms_desktop.ui.playback.transport import Transport
from vms_desktop.ui.shortcuts import ShortcutsDialog
from vms_desktop.ui.widgets.fitting_dialog import FittingDialog
from vms_desktop.ui.widgets.labels import (
    ElidedButton,
    NameBox,
    NamedCheck,
    PlainLabel,
    breakable_text,
    elided_name,
)
from vms_desktop.ui.widgets.wrapping_row import WrappingRow

ROOT = Path(__file__).parents[2]
TOUR_S = 240
LONG = "Entrance of the old warehouse, at the side of the street (north)"
SMALL_ROOM = QRect(10, 10, 700, 380)


@pytest.mark.parametrize(
    "size",
    [("1024", "640", "1"), ("1366", "768", "1"), ("1280", "720", "1.5"), ("960", "540", "2")],
    ids="×".join,
)
def test_every_page_and_dialog_fits_its_screen_in_both_languages(size):
    """1280 × 720 at 1.5 and 960 × 540 at 2 are a screen of 1920 × 1080 pixels."""
    tour = subprocess.run(
        [sys.executable, "-m", "tests.support.tour", *size],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=TOUR_S,
        check=False,
        text=True,
    )
    assert (tour.stdout.splitlines(), tour.returncode) == ([], 0), tour.stderr


def test_every_dialog_is_one_that_fits():
    others = [
        f"{path.name}: {node.name}"
        for path in (ROOT / "vms_desktop" / "ui").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) in ("QDialog", "QMessageBox") for base in node.bases)
    ]
    assert others == ["fitting_dialog.py: FittingDialog"]


def test_qts_own_dialogs_are_kept_on_the_screen_too():
    sources = {path: path.read_text("utf-8") for path in (ROOT / "vms_desktop").rglob("*.py")}
    asking = [p for p, text in sources.items() if "QMessageBox(" in text or "QFileDialog(" in text]
    assert asking
    assert [path.name for path in asking if "keep_on_screen(" not in sources[path]] == []


class SayingDialog(FittingDialog):
    """A dialog with a label that a test makes longer."""

    def __init__(self) -> None:
        super().__init__()
        self.said = PlainLabel("Short")


@pytest.fixture
def dialog(qtbot) -> SayingDialog:
    made = SayingDialog()
    column = QVBoxLayout()
    column.addWidget(made.said)
    made.lay_out(column, QPushButton("Save"))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def inside(window: QWidget) -> bool:
    screen = QGuiApplication.screenAt(window.geometry().center())
    assert screen is not None
    return screen.availableGeometry().contains(window.frameGeometry())


def test_a_dialog_grows_with_what_it_says(dialog, qtbot):
    before = dialog.height()
    dialog.said.setText("Long words. " * 60)
    qtbot.waitUntil(lambda: dialog.height() > before)
    qtbot.waitUntil(lambda: dialog.said.height() >= dialog.said.heightForWidth(dialog.said.width()))


def test_a_dialog_says_more_than_the_screen_holds_and_its_button_stays(dialog, qtbot):
    dialog.said.setText("Long words. " * 4000)
    button = dialog.findChild(QPushButton)
    qtbot.waitUntil(lambda: dialog.height() > 900)
    QApplication.processEvents()
    assert inside(dialog)
    assert button.visibleRegion().boundingRect().size() == button.size()


def test_a_window_that_comes_to_a_smaller_screen_becomes_smaller(window, qtbot):
    smaller = QGuiApplication.screens()[1].availableGeometry()
    window.resize(1500, 900)
    window.move(smaller.topLeft())
    qtbot.waitUntil(lambda: smaller.contains(window.frameGeometry()))


def test_a_screen_that_becomes_smaller_takes_its_windows_in(window, dialog, qtbot, monkeypatch):
    window.resize(1500, 900)
    dialog.resize(1200, 800)
    monkeypatch.setattr(on_screen, "room_on_screen", lambda _window: SMALL_ROOM)
    QGuiApplication.primaryScreen().availableGeometryChanged.emit(SMALL_ROOM)
    for each in (window, dialog):
        qtbot.waitUntil(lambda each=each: SMALL_ROOM.contains(each.geometry()))


def test_a_place_that_was_left_on_a_larger_screen_is_brought_in(
    open_window, saved, monkeypatch, qtbot
):
    first = open_window(width=1800, height=1000)
    first.close()
    monkeypatch.setattr(on_screen, "room_on_screen", lambda _window: SMALL_ROOM)
    second = open_window(width=1800, height=1000, window=dict(saved[-1].window))
    qtbot.waitUntil(lambda: SMALL_ROOM.contains(second.geometry()))


@pytest.mark.parametrize(
    "words, name, width, shown",
    [
        ("{name} (inactive)", "Gate", 300, "Gate (inactive)"),
        ("{name} (inactive)", LONG, 160, "Entran… (inactive)"),
        ("{name}", LONG, 100, "Entrance o…"),
        ("{name} · 12:30", "الباب", 300, "\u2068الباب\u2069 · 12:30"),
        ("{name} · 12:30", "倉庫の裏口と駐車場を見る北側の監視カメラ", 160, "倉庫の裏口… · 12:30"),
    ],
)
def test_the_name_is_cut_and_what_is_said_of_it_is_not(qapp, words, name, width, shown):
    metrics = QFontMetrics(qapp.font())
    said = elided_name(words, name, metrics, width)
    assert said.endswith(words.removeprefix("{name}"))
    assert ("…" in said) == ("…" in shown)
    assert said.startswith(shown[:4])
    assert metrics.horizontalAdvance(said) <= width


def test_a_check_shows_the_state_whole_and_tells_the_name_under_the_pointer(qtbot):
    check = NamedCheck()
    qtbot.addWidget(check)
    check.resize(180, 20)
    check.set_name("Entrée & cour (côté rue) du magasin", "{name} (supprimée)")
    check.show()
    assert check.text().endswith("… (supprimée)")
    assert check.is_elided
    assert check.toolTip() == "Entrée & cour (côté rue) du magasin (supprimée)"
    check.resize(600, 20)
    assert check.text() == "Entrée && cour (côté rue) du magasin (supprimée)"


@pytest.mark.parametrize("kind", [ElidedButton, NameBox])
def test_what_is_cut_is_whole_under_the_pointer_and_only_then(qtbot, kind):
    made = kind()
    qtbot.addWidget(made)
    made.set_whole(LONG) if kind is ElidedButton else made.addItem(LONG)
    made.resize(120, 28)
    made.show()
    assert (made.is_elided, made.toolTip()) == (True, LONG)
    made.resize(900, 28)
    assert (made.is_elided, made.toolTip()) == (False, "")


def test_a_path_is_broken_at_its_marks_and_a_word_without_any_anywhere():
    assert breakable_text("short words stay").split() == ["short", "words", "stay"]
    path = "/videos/a_folder_that_is_long/clip.mp4"
    assert "/\u200b" in breakable_text(path)
    assert breakable_text(path).replace("\u200b", "") == path
    assert breakable_text("x" * 30) == "\u200b".join("x" * 30)


def test_a_row_goes_on_below_where_it_is_too_long(qtbot):
    page = QWidget()
    buttons = [QPushButton("A button of some width") for _ in range(3)]
    row = WrappingRow(*buttons)
    page.setLayout(row)
    qtbot.addWidget(page)
    one_line = row.heightForWidth(2000)
    assert row.heightForWidth(buttons[0].sizeHint().width() + 10) > 2 * one_line
    page.resize(buttons[0].sizeHint().width() + 10, 300)
    page.show()
    assert len({button.x() for button in buttons}) == 1
    assert len({button.y() for button in buttons}) == 3


@pytest.mark.parametrize("width", [344, 400, 480, 560, 700, 1000])
def test_archive_delete_and_speeds_are_in_reach_at_every_width(window, qtbot, width):
    actions = window.actions_.playback
    transport = Transport(actions, window._theme)
    qtbot.addWidget(transport)
    transport.resize(width, transport.height())
    with qtbot.waitExposed(transport):
        transport.show()
    in_row = {b.defaultAction() for b in transport._worded if b.isVisible()}
    in_menu = set(transport._more.menu().actions()) if transport._more.isVisible() else set()
    assert {actions.archive, actions.delete} <= in_row | in_menu
    speeds = transport._speeds.isVisible() or transport._speed.isVisible()
    assert speeds or transport._speed_menu.menuAction() in in_menu


def test_a_speed_of_the_menu_is_the_one_of_the_row(window, qtbot):
    transport = Transport(window.actions_.playback, window._theme)
    qtbot.addWidget(transport)
    four = next(a for a in transport._speed_menu.actions() if a.text() == "4×")
    with qtbot.waitSignal(transport.speed_chosen) as told:
        four.trigger()
    assert told.args == [4.0]
    transport.show_speed(0.5)
    assert transport._speed.text() == "½×"


def test_f1_tells_keys_under_the_page_where_they_work(window, qtbot):
    dialog = ShortcutsDialog(window.actions_)
    qtbot.addWidget(dialog)
    groups = dict(dialog._groups(window.actions_))
    assert list(groups) == ["Everywhere", "Live", "Playback", "Archives", "Cameras", "Mouse"]
    assert ("F11", "Full screen") in groups["Everywhere"]
    assert ("R", "Record now") in groups["Live"]
    assert ("A", "Archive") in groups["Playback"]
    assert ("Alt+Up", "Move up") in groups["Cameras"]
    assert [row for row in groups["Live"] if row[0] == "1–9"] == [("1–9", "Choose a camera")]
    titles = [label.text() for label in dialog.findChildren(QLabel) if label.property("title")]
    assert titles == list(groups)


def test_the_gaps_of_a_full_screen_are_dark_in_the_light_theme(open_window, qtbot):
    window = open_window(theme="light")
    frame, grid = window.page._frame, window.page.grid
    first, second = (grid._tiles[key].geometry() for key in ("cam1", "cam2"))

    def gaps() -> set[bool]:
        """Whether the frame around the tiles, and what is between two, are dark."""
        between = QPoint((first.right() + second.left()) // 2 + 1, first.center().y())
        seen = frame.grab().toImage()
        places = (grid.pos() / 2, grid.pos() + between)
        return {seen.pixelColor(place).lightness() < 30 for place in places}

    assert gaps() == {False}
    window.set_full_screen(True)
    qtbot.waitUntil(lambda: gaps() == {True})
    window.set_full_screen(False)
    qtbot.waitUntil(lambda: gaps() == {False})


def test_a_tile_tells_a_name_that_is_cut(fleet, open_window, qtbot):
    fleet.replace_cameras(tuple(camera(n, name=LONG if n == 1 else "Gate") for n in range(1, 5)))
    window = open_window(width=900, height=560)
    tiles = {key: window.page.grid._tiles[key] for key in ("cam1", "cam2")}
    for tile in tiles.values():
        tile.grab()
    assert [tile.cut_words for tile in tiles.values()] == [LONG, ""]
