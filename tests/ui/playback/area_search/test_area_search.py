"""A rectangle on a picture, and what moved there: asked, shown, played."""

from contextlib import nullcontext
from dataclasses import fields as dataclass_fields
from datetime import timedelta
from time import monotonic

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from tests.support.library import DAY, at, moved, put_clip
from tests.support.stand_in import StillClock, clip
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Box
from vms_desktop.core.index.index import IndexedClip
from vms_desktop.core.index.queries import AreaQuery, HeatQuery, LocateQuery, NeighbourQuery
from vms_desktop.core.index.search import AreaHit
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.playback.area_search import dialog as module
from vms_desktop.ui.playback.area_search import picture as shapes
from vms_desktop.ui.playback.area_search.dialog import AreaSearchDialog, SearchCamera
from vms_desktop.ui.playback.area_search.heat_picture import heat_image
from vms_desktop.ui.playback.area_search.picture import SMALLEST, AreaPicture, between, resized
from vms_desktop.ui.playback.area_search.results import HIT_ROLE
from vms_desktop.workers.library.library_index import LibraryIndex

CAMERAS = (SearchCamera("A", "Alley"), SearchCamera("B", "Yard"), SearchCamera("C", "Hall"))


def near(area: Box) -> object:
    return pytest.approx(tuple(area), abs=1e-9)


@pytest.mark.parametrize(
    "area, expected",
    [
        (between(0.6, 0.7, 0.2, 0.1), Box(0.2, 0.1, 0.4, 0.6)),
        (between(-1, 0.5, 2, 0.9), Box(0, 0.5, 1, 0.4)),
        (between(0.5, 0.5, 0.5, 0.5), Box(0.5, 0.5, *SMALLEST)),
        (shapes.moved(Box(0.2, 0.2, 0.4, 0.4), 0.9, -0.9), Box(0.6, 0, 0.4, 0.4)),
        (resized(Box(0.2, 0.2, 0.4, 0.4), (-1, 1), -0.1, 0.1), Box(0.1, 0.2, 0.5, 0.5)),
        (resized(Box(0.2, 0.2, 0.4, 0.4), (1, 0), 0.9, 0.9), Box(0.2, 0.2, 0.8, 0.4)),
        # An edge does not cross the other one.
        (
            resized(Box(0.2, 0.2, 0.4, 0.4), (-1, 0), 0.9, 0),
            Box(0.6 - SMALLEST[0], 0.2, SMALLEST[0], 0.4),
        ),
    ],
)
def test_an_area_stays_inside_the_picture_and_large_enough(area, expected):
    assert tuple(area) == near(expected)


def test_a_heat_map_shows_what_moved_at_all():
    heat = np.zeros((36, 64), np.float32)
    heat[0, 0], heat[0, 63] = 1, 0.001
    image = heat_image(heat)
    assert image is not None
    assert (image.width(), image.height()) == (64, 36)
    strong, weak = image.pixelColor(0, 0).alpha(), image.pixelColor(63, 0).alpha()
    assert strong > weak > 0
    assert image.pixelColor(0, 35).alpha() == 0
    assert heat_image(np.zeros((36, 64), np.float32)) is None


@pytest.fixture
def picture(qtbot):
    made = AreaPicture()
    qtbot.addWidget(made)
    made.resize(640, 360)
    made.set_image(QImage(320, 180, QImage.Format.Format_RGB32))
    made.set_area(Box(0.25, 0.25, 0.5, 0.5))
    with qtbot.waitExposed(made):
        made.show()
    return made


def drag(picture, start: tuple[int, int], end: tuple[int, int]) -> None:
    button = Qt.MouseButton.LeftButton
    QTest.mousePress(picture, button, pos=QPoint(*start))
    QTest.mouseMove(picture, QPoint(*end))
    QTest.mouseRelease(picture, button, pos=QPoint(*end))


@pytest.mark.parametrize(
    "start, end, expected",
    [
        ((20, 20), (84, 56), Box(20 / 640, 20 / 360, 0.1, 0.1)),  # beside it: a new one
        ((320, 180), (384, 180), Box(0.35, 0.25, 0.5, 0.5)),  # inside: moved
        ((480, 270), (544, 306), Box(0.25, 0.25, 0.6, 0.6)),  # its corner
        ((160, 180), (128, 190), Box(0.2, 0.25, 0.55, 0.5)),  # its left edge
    ],
)
def test_the_mouse_draws_moves_and_resizes(picture, start, end, expected):
    drag(picture, start, end)
    assert tuple(picture.area) == near(expected)


@pytest.mark.parametrize(
    "key, modifier, expected",
    [
        (Qt.Key.Key_Left, "", Box(0.25 - 1 / 64, 0.25, 0.5, 0.5)),
        (Qt.Key.Key_Down, "Control", Box(0.25, 0.25 + 4 / 36, 0.5, 0.5)),
        (Qt.Key.Key_Right, "Shift", Box(0.25, 0.25, 0.5 + 1 / 64, 0.5)),
        (Qt.Key.Key_Up, "Shift", Box(0.25, 0.25, 0.5, 0.5 - 1 / 36)),
        (Qt.Key.Key_Home, "", Box(0, 0, 1, 1)),
    ],
)
def test_keys_move_and_resize(picture, qtbot, key, modifier, expected):
    names = {"": "NoModifier"}.get(modifier, f"{modifier}Modifier")
    with qtbot.waitSignal(picture.area_changed):
        QTest.keyClick(picture, key, Qt.KeyboardModifier[names])
    assert tuple(picture.area) == near(expected)


class IndexStandIn(QObject):
    answered = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, object]] = []

    def ask(self, query: object, channel: str = "") -> int:
        self.asked.append((len(self.asked) + 1, query))
        return len(self.asked)

    def newest(self, kind: type) -> tuple[int, object]:
        return next((n, query) for n, query in reversed(self.asked) if isinstance(query, kind))

    def answer(self, kind: type, answer: object) -> None:
        self.answered.emit(self.newest(kind)[0], answer)


@pytest.fixture
def index(qapp):
    return IndexStandIn()


@pytest.fixture
def dialog(qtbot, index, thumbnail_reader, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SETTLE_MS", 1)
    today = StillClock(at("12:00:00", DAY + timedelta(days=2)))
    layout = Layout(tmp_path)
    made = AreaSearchDialog(index, thumbnail_reader, layout, CAMERAS, "A", DAY, today, DARK_THEME)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def indexed(number: int) -> IndexedClip:
    known = clip(number)
    fields = {field.name for field in dataclass_fields(IndexedClip)}
    values = {each.name: getattr(known, each.name) for each in dataclass_fields(known)}
    return IndexedClip(folder="A", **{key: values[key] for key in fields & values.keys()})


def hit(number: int, score: float, at_s: float = 5.0) -> AreaHit:
    return AreaHit(indexed(number), score, at_s)


def test_it_begins_with_the_camera_and_the_day_that_are_looked_at(index, dialog):
    _, asked = index.newest(AreaQuery)
    assert (asked.folders, asked.start_day, asked.end_day) == (("A",), DAY, DAY)
    assert index.newest(HeatQuery)[1] == HeatQuery(DAY, ("A",))
    assert index.newest(NeighbourQuery)[1].folders == ("A",)
    assert dialog.told.text() == "Searching…"


def test_another_rectangle_is_searched_when_the_hand_rests(index, dialog, qtbot):
    dialog.picture.set_area(Box(0.5, 0.5, 0.25, 0.25))
    dialog.picture.set_area(Box(0.5, 0.5, 0.5, 0.25))
    qtbot.waitUntil(lambda: index.newest(AreaQuery)[1].area == Box(0.5, 0.5, 0.5, 0.25))
    areas = [query.area for _, query in index.asked if isinstance(query, AreaQuery)]
    assert len(areas) == 2


@pytest.mark.parametrize(
    "key, first, last", [("day", 0, 0), ("7", -4, 2), ("30", -27, 2), ("span", -6, 0)]
)
def test_spans_reach_from_the_day_or_back_from_today(index, dialog, key, first, last):
    dialog.span.choose(key)
    _, asked = index.newest(AreaQuery)
    assert [(day - DAY).days for day in (asked.start_day, asked.end_day)] == [first, last]


def test_all_cameras_are_asked_for_the_area_as_it_is_shown(index, dialog):
    dialog.picture.set_area(Box(0, 0, 0.5, 0.25))
    for row in (1, 2):
        dialog.cameras.item(row).setCheckState(Qt.CheckState.Checked)
    query = [query for _, query in index.asked if isinstance(query, AreaQuery)][-1]
    assert (query.folders, query.area) == (("A", "B", "C"), Box(0, 0, 0.5, 0.25))


def test_an_answer_to_an_older_question_is_passed_over(index, dialog):
    older, _ = index.newest(AreaQuery)
    dialog.span.choose("7")
    index.answered.emit(older, [hit(1, 1.0)])
    assert dialog.model.hits == ()
    index.answer(AreaQuery, [hit(2, 1.0)])
    assert dialog.told.text() == "1 clip(s), best first"


def test_seconds_that_were_not_looked_up_follow(index, dialog):
    hits = [hit(n, 100.0 - n) for n in range(100)]
    index.answer(AreaQuery, hits)
    _, asked = index.newest(LocateQuery)
    assert asked.hits == tuple(hits[48:96])
    index.answer(LocateQuery, [hit(n, 100.0 - n, at_s=30.0) for n in range(48, 96)])
    assert [dialog.model.hits[n].at_s for n in (47, 48, 95, 96)] == [5, 30, 30, 5]
    assert index.newest(LocateQuery)[1].hits == tuple(hits[96:])


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_a_result_plays_at_the_second_it_happened(index, dialog, qtbot, way):
    index.answer(AreaQuery, [hit(1, 2.0, at_s=12.0), hit(2, 1.0)])
    view = dialog.view
    with qtbot.waitSignal(dialog.play_wanted) as told:
        if way == "click":
            place = view.visualRect(dialog.model.index(0)).center()
            QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        else:
            view.setCurrentIndex(dialog.model.index(0))
            QTest.keyClick(view, Qt.Key.Key_Return)
    played, moment = told.args
    assert (played, moment) == (indexed(1), clip(1).start_at + timedelta(seconds=12))


def test_where_nothing_moved_it_says_so(index, dialog):
    index.answer(AreaQuery, [])
    assert dialog.told.text() == "Nothing moved there"
    assert dialog.empty.isVisible()
    assert "larger rectangle" in dialog.empty.text()


def test_without_a_camera_nothing_is_asked(index, dialog):
    asked = len(index.asked)
    dialog.cameras.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.told.text() == "No camera is chosen"
    assert len(index.asked) == asked


def is_warm(picture: AreaPicture) -> bool:
    """Whether a heat map lies over the picture, in the middle of what is searched."""
    colour = picture.grab().toImage().pixelColor(picture.target().center().toPoint())
    return colour.red() > colour.blue() + 50


def test_the_heat_map_can_be_taken_away_and_belongs_to_the_camera_shown(index, dialog):
    heat = np.ones((36, 64), np.float32)
    index.answer(HeatQuery, heat)
    assert is_warm(dialog.picture)
    dialog.heat.click()
    assert not is_warm(dialog.picture)
    assert not dialog.legend.isVisible()
    dialog.heat.click()
    late, _ = index.newest(HeatQuery)
    dialog.camera.setCurrentIndex(2)
    index.answered.emit(late, heat)
    assert not is_warm(dialog.picture)
    assert index.newest(HeatQuery)[1].folders == ("C",)
    assert dialog.cameras.folders() == {"C"}


def test_a_picture_that_is_handed_in_goes_before_a_thumbnail(index, dialog):
    dialog.set_picture("B", QImage(30, 40, QImage.Format.Format_RGB32))
    asked = [query for _, query in index.asked if isinstance(query, NeighbourQuery)]
    dialog.camera.setCurrentIndex(1)
    assert [query for _, query in index.asked if isinstance(query, NeighbourQuery)] == asked
    target = dialog.picture.target()
    assert target.width() / target.height() == pytest.approx(3 / 4)


def test_a_real_library_is_searched_from_end_to_end(qtbot, data_dir, tmp_path, thumbnail_reader):
    layout = Layout(data_dir)
    inside = put_clip(layout, at("10:00:00"), moved(3.5, (18, 32)))
    put_clip(layout, at("11:00:00"), moved(3.5, (0, 0)))
    image = QImage(32, 18, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    assert image.save(str(layout.thumbnail_path(inside.path)))
    clock = StillClock(at("12:00:00"))
    index = LibraryIndex(layout, clock, nullcontext)
    index.start()
    try:
        shown = CAMERAS[:1]
        dialog = AreaSearchDialog(
            index, thumbnail_reader, layout, shown, "A", DAY, clock, DARK_THEME
        )
        qtbot.addWidget(dialog)
        dialog.show()
        index.indexer.library_changed.connect(lambda _changed: dialog.search())
        dialog.search()  # It may have changed already.
        qtbot.waitUntil(lambda: len(dialog.model.hits) == 1)
        (found,) = dialog.model.hits
        assert (found.clip.path, found.at_s) == (inside.path, 3.0)
        assert dialog.model.index(0).data(HIT_ROLE) == found
        dialog.close()
    finally:
        assert index.stop(monotonic() + 5)
