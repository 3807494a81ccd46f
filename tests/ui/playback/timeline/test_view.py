"""The timeline under mouse, wheel and keys."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from tests.support.playback_steps import seen_of
from tests.support.timeline_clips import DAY, at, clip, gap, row
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.library.gaps import GapKind
from vms_desktop.ui.base.theme import DARK_THEME, LIGHT
from vms_desktop.ui.playback.timeline.hover import HoverPopup
from vms_desktop.ui.playback.timeline.view import TimelineView
from vms_desktop.ui.playback.timeline.words import gap_words

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE = Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ALLEY = row(clip(6, 3600), clip(9, 60), key="alley", name="Alley", gaps=[gap(2, 3)])
YARD = row(clip(12, 1800), key="yard", name="Yard")
RULER = -1


@pytest.fixture
def timeline(qtbot) -> Iterator[TimelineView]:
    """Two rows of a day, in the lower part of a window."""
    window = QMainWindow()
    body = QWidget()
    window.setCentralWidget(body)
    made = TimelineView(DARK_THEME, body, zone=DAY.tzinfo)
    window.resize(1000, 500)
    made.setGeometry(0, 300, 1000, 150)
    made.set_span(DAY, at(24))
    made.set_rows((ALLEY, YARD))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield made
    window.close()


@pytest.fixture
def told(timeline) -> list[tuple[str, tuple[object, ...]]]:
    """Every signal of the timeline, in order."""
    heard: list[tuple[str, tuple[object, ...]]] = []
    for name in ("seek_wanted", "scrub_began", "scrub_ended", "row_chosen", "hovered",
                 "unhovered", "clip_activated", "menu_wanted"):  # fmt: skip
        getattr(timeline, name).connect(lambda *facts, name=name: heard.append((name, facts)))
    return heard


def names(told: list[tuple[str, tuple[object, ...]]]) -> list[str]:
    return [name for name, _ in told]


def place(timeline: TimelineView, hours: float, number: int = 0) -> QPoint:
    """Where a row shows a moment; `RULER` for the ruler's handles."""
    area = timeline.places.handles if number == RULER else timeline.places.track(number)
    return QPoint(round(area.left() + timeline.view.x_of(at(hours).timestamp())), area.center().y())


def drag(timeline: TimelineView, start: QPoint, *stops: QPoint, button: Qt.MouseButton) -> None:
    QTest.mousePress(timeline, button, NONE, start)
    for stop in stops:
        send_move(timeline, stop, button)
    QTest.mouseRelease(timeline, button, NONE, stops[-1])


def send_move(timeline: TimelineView, to: QPoint, button: Qt.MouseButton) -> None:
    """Move with a button held, which `QTest.mouseMove` cannot."""
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), timeline.mapToGlobal(QPointF(to)), button, button, NONE
    )
    QApplication.sendEvent(timeline, event)


def hover(timeline: TimelineView, to: QPoint) -> None:
    send_move(timeline, to, Qt.MouseButton.NoButton)


def wheel(timeline: TimelineView, to: QPoint, notches: float, modifiers=NONE) -> None:
    event = QWheelEvent(
        QPointF(to), timeline.mapToGlobal(QPointF(to)), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(timeline, event)


def card_of(timeline: TimelineView) -> HoverPopup:
    """The card about the moment under the pointer."""
    card = timeline.window().findChild(HoverPopup)
    assert card is not None
    return card


def near(moment: datetime, hours: float, within_s: float = 60) -> bool:
    return abs((moment - at(hours)).total_seconds()) <= within_s


def test_a_click_seeks_and_chooses_the_row(timeline, told):
    QTest.mouseClick(timeline, LEFT, NONE, place(timeline, 12.5, 1))
    assert names(told) == ["row_chosen", "scrub_began", "seek_wanted", "scrub_ended"]
    assert told[0][1] == ("yard",)
    assert near(told[2][1][0], 12.5)
    assert told[2][1][0].tzinfo is not None
    assert timeline.accessibleDescription().startswith("Yard, ")


def test_a_drag_seeks_all_the_way(timeline, told):
    stops = [place(timeline, hours) for hours in (5, 6, 7)]
    drag(timeline, place(timeline, 4), *stops, button=LEFT)
    seeks = [facts[0] for name, facts in told if name == "seek_wanted"]
    assert [round((moment - DAY).total_seconds() / 3600) for moment in seeks] == [4, 5, 6, 7]
    assert names(told)[0] == "scrub_began"
    assert names(told)[-1] == "scrub_ended"


def test_playback_does_not_pull_the_playhead_out_of_the_hand(timeline):
    QTest.mousePress(timeline, LEFT, NONE, place(timeline, 4))
    timeline.set_position(at(20))
    assert timeline.position_s == pytest.approx(at(4).timestamp(), abs=60)
    QTest.mouseRelease(timeline, LEFT, NONE, place(timeline, 4))
    timeline.set_position(at(20))
    assert timeline.position_s == at(20).timestamp()


def test_the_wheel_zooms_under_the_pointer_down_to_a_minute_and_back(timeline):
    pointer = place(timeline, 9)
    x = pointer.x() - timeline.places.tracks.left()
    under_s = timeline.view.at(x)
    for notches, length_s in ((1, 86_400 / 1.3), (60, 60), (-60, 86_400)):
        wheel(timeline, pointer, notches)
        start, end = seen_of(timeline)
        assert (end - start).total_seconds() == pytest.approx(length_s)
        assert timeline.view.at(x) == pytest.approx(under_s, abs=0.001)


@pytest.mark.parametrize("button", [RIGHT, MIDDLE])
def test_other_buttons_pan_and_do_not_seek(timeline, told, button):
    timeline.zoom_in()
    timeline.zoom_in()
    before = seen_of(timeline)[0]
    start = place(timeline, 12)
    drag(timeline, start, start + QPoint(100, 0), button=button)
    shift_s = (before - seen_of(timeline)[0]).total_seconds()
    assert shift_s == pytest.approx(100 / timeline.view.px_per_s, rel=0.01)
    assert told == []


def test_beside_a_clip_too_narrow_to_hit_pointer_and_click_mean_its_beginning(timeline, told):
    # Clip 9:00:00 to 9:01:00; a pixel is a minute and a half.
    beside = place(timeline, 9) + QPoint(3, 0)
    assert timeline.view.at(beside.x() - timeline.places.tracks.left()) > at(9.02).timestamp()
    hover(timeline, beside)
    assert told[-1] == ("hovered", ("alley", at(9)))
    QTest.mouseClick(timeline, LEFT, NONE, beside)
    assert ("seek_wanted", (at(9),)) in told


def test_dragging_the_ruler_pans_and_clicking_it_seeks(timeline, told):
    timeline.zoom_in()
    start = place(timeline, 12, RULER)
    drag(timeline, start, start - QPoint(50, 0), button=LEFT)
    assert told == []
    assert near(seen_of(timeline)[0], 6 + 50 / timeline.view.px_per_s / 3600)
    QTest.mouseClick(timeline, LEFT, NONE, place(timeline, 10, RULER))
    assert names(told) == ["seek_wanted"]


def test_shift_and_wheel_pan(timeline):
    timeline.zoom_in()
    before = timeline.view
    wheel(timeline, place(timeline, 12), -1, SHIFT)
    assert timeline.view.length_s == before.length_s
    assert timeline.view.start_s > before.start_s


def test_the_overview_leads_elsewhere_in_the_day(timeline, told):
    for _ in range(4):
        timeline.zoom_in()
    strip = timeline.places.overview
    quarter = QPoint(strip.left() + strip.width() // 4, strip.center().y())
    QTest.mouseClick(timeline, LEFT, NONE, quarter)
    start, end = seen_of(timeline)
    assert near(start + (end - start) / 2, 6, within_s=120)
    assert told == []


def test_a_double_click_plays_the_clip_and_only_a_clip(timeline, told):
    for hours in (6.5, 9.01, 15):
        QTest.mouseDClick(timeline, LEFT, NONE, place(timeline, hours))
    assert [facts[0] for name, facts in told if name == "clip_activated"] == list(ALLEY.clips)


def test_a_right_click_wants_a_menu_and_a_right_drag_does_not(timeline, told):
    QTest.mouseClick(timeline, RIGHT, NONE, place(timeline, 6.5, 1))
    (wanted,) = told
    assert wanted[0] == "menu_wanted"
    assert wanted[1][0] == "yard"
    assert near(wanted[1][1], 6.5)


def test_keys_set_the_marks_at_the_playhead(timeline, told):
    for hours, key in ((9, Qt.Key.Key_I), (10, Qt.Key.Key_O)):
        timeline.set_position(at(hours))
        QTest.keyClick(timeline, key)
    assert timeline.marks == (at(9), at(10))
    assert timeline.accessibleDescription() == "Alley, 10:00:00, 1:00:00 chosen"
    timeline.set_position(at(11))
    QTest.keyClick(timeline, Qt.Key.Key_I)
    assert timeline.marks == (at(11), None)
    QTest.keyClick(timeline, Qt.Key.Key_I, SHIFT)
    assert timeline.marks == (None, None)


@pytest.mark.parametrize(
    "grabbed, to, marks",
    [(9, 8, (8, 12)), (12, 13, (9, 13)), (9, 14, (14, 14)), (12, 7, (7, 7))],
)
def test_the_marks_can_be_dragged_by_their_flags(timeline, told, grabbed, to, marks):
    timeline.set_marks(at(9), at(12))
    side = QPoint(-6 if grabbed == 9 else 6, 0)
    start = place(timeline, grabbed, RULER) + side
    drag(timeline, start, place(timeline, to, RULER), button=LEFT)
    assert told == []
    assert all(near(mark, hours, 90) for mark, hours in zip(timeline.marks, marks, strict=True))


@pytest.mark.parametrize(
    "key, length_s",
    [(Qt.Key.Key_Plus, 43_200), (Qt.Key.Key_Minus, 86_400), (Qt.Key.Key_0, 86_400)],
)
def test_keys_zoom_about_the_playhead(timeline, key, length_s):
    timeline.set_position(at(9))
    x = place(timeline, 9).x()
    QTest.keyClick(timeline, key)
    assert timeline.view.length_s == pytest.approx(length_s)
    assert place(timeline, 9).x() == pytest.approx(x, abs=1)


def test_keys_choose_rows_turn_pages_and_play(timeline, told):
    timeline.set_position(at(12.1))
    focus(timeline)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(timeline, key)
    assert told == [("row_chosen", ("yard",)), ("clip_activated", (YARD.clips[0],))]
    timeline.zoom_in()
    timeline.zoom_in()
    before = seen_of(timeline)
    QTest.keyClick(timeline, Qt.Key.Key_PageDown)
    assert seen_of(timeline)[0] == before[1]


def focus(timeline: TimelineView, reason: Qt.FocusReason = Qt.FocusReason.TabFocusReason) -> None:
    QApplication.sendEvent(timeline, QFocusEvent(QEvent.Type.FocusIn, reason))


@pytest.mark.parametrize(
    "reason, key, is_kept",
    [
        (Qt.FocusReason.TabFocusReason, Qt.Key.Key_Up, True),
        (Qt.FocusReason.MouseFocusReason, Qt.Key.Key_Up, False),
        (Qt.FocusReason.MouseFocusReason, Qt.Key.Key_I, True),
        (Qt.FocusReason.TabFocusReason, Qt.Key.Key_Space, False),
    ],
)
def test_its_own_keys_go_before_the_shortcuts_of_the_window(timeline, reason, key, is_kept):
    focus(timeline, reason)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, NONE)
    event.ignore()
    QApplication.sendEvent(timeline, event)
    assert event.isAccepted() is is_kept


def test_a_screen_reader_is_told_row_and_time(timeline):
    timeline.set_position(at(14.5))
    focus(timeline)
    assert timeline.accessibleName() == "Timeline"
    assert timeline.accessibleDescription() == "Alley, 14:30:00"
    QTest.keyClick(timeline, Qt.Key.Key_Down)
    assert timeline.accessibleDescription() == "Yard, 14:30:00"


def test_the_pointer_is_told_of_with_a_card_above_it(timeline, told):
    hover(timeline, place(timeline, 6.5))
    card = card_of(timeline)
    assert card.isVisible()
    assert card.text.startswith("06:")
    assert card.text.endswith(" · 1:00:00")
    assert card.geometry().bottom() <= timeline.geometry().top()
    assert not card.has_picture
    (asked,) = told
    assert asked[0] == "hovered"
    assert asked[1][0] == "alley"
    assert near(asked[1][1], 6.5)
    timeline.show_hover_picture("alley", asked[1][1], QImage(64, 36, QImage.Format.Format_RGB32))
    assert card.has_picture
    QApplication.sendEvent(timeline, QEvent(QEvent.Type.Leave))
    assert not card.isVisible()
    assert told[-1] == ("unhovered", ())


def test_pictures_are_asked_for_at_most_every_few_milliseconds(timeline, told, qtbot):
    for step in range(50):
        hover(timeline, place(timeline, 6.1) + QPoint(step // 2, 0))
    assert 1 <= names(told).count("hovered") <= 10
    last_s = timeline.view.at(place(timeline, 6.1).x() + 24 - timeline.places.tracks.left())
    last = datetime.fromtimestamp(last_s, DAY.tzinfo)
    qtbot.waitUntil(lambda: told[-1] == ("hovered", ("alley", last)))


def test_a_picture_that_comes_too_late_is_not_shown(timeline, told):
    hover(timeline, place(timeline, 6.5))
    asked = told[0][1]
    hover(timeline, place(timeline, 12.2, 1))
    timeline.show_hover_picture(*asked, QImage(64, 36, QImage.Format.Format_RGB32))
    assert not card_of(timeline).has_picture


@pytest.mark.parametrize(
    "hours, text",
    [(2.5, "02:00:00 – 03:00:00 · Stream lost · Connection timed out"), (15, "15:00:")],
)
def test_a_gap_tells_its_reason_and_empty_time_only_when(timeline, hours, text):
    hover(timeline, place(timeline, hours) + QPoint(1, 0))
    assert card_of(timeline).text.startswith(text)


def test_a_recording_by_hand_and_an_archived_clip_say_so(timeline):
    kept = clip(6, 3600, trigger=Trigger.MANUAL, is_archived=True)
    timeline.set_rows((row(kept, key="alley"),))
    hover(timeline, place(timeline, 6.5))
    assert card_of(timeline).text.endswith("Recorded by hand · Archived")


def reasons() -> list[str]:
    lost = [f"stream_lost: {problem}" for problem in Problem]
    return [
        *lost,
        *(f"disk: {problem}" for problem in StorageProblem),
        "paused",
        GapKind.INACTIVE,
        GapKind.ASLEEP,
        GapKind.NOT_RUNNING,
    ]


@pytest.mark.parametrize("reason", [*reasons(), "stream_lost: None", "disk: other"])
def test_every_reason_for_a_gap_has_words(qapp, reason):
    assert gap_words(reason) not in ("", reason)
    assert "None" not in gap_words(reason)


def test_new_clips_disturb_neither_scale_nor_hand_nor_pointer(timeline, told):
    wheel(timeline, place(timeline, 6.5), 5)
    timeline.set_marks(at(6), at(7))
    hover(timeline, place(timeline, 6.5))
    view, words = timeline.view, card_of(timeline).text
    timeline.set_rows((row(*ALLEY.clips, clip(15), key="alley"), YARD))
    timeline.set_span(DAY, at(24))
    assert (timeline.view, card_of(timeline).text) == (view, words)
    assert card_of(timeline).isVisible()
    QTest.mousePress(timeline, LEFT, NONE, place(timeline, 6.5))
    timeline.set_rows((ALLEY, YARD))
    told.clear()
    send_move(timeline, place(timeline, 6.7), LEFT)
    QTest.mouseRelease(timeline, LEFT, NONE, place(timeline, 6.7))
    assert names(told) == ["seek_wanted", "scrub_ended"]
    assert timeline.marks == (at(6), at(7))


def test_the_view_follows_playback_and_stays_where_a_person_has_panned_to(timeline):
    timeline.set_position(at(9))
    for _ in range(5):
        timeline.zoom_in()
    playing = seen_of(timeline)[1]
    timeline.set_position(playing - timedelta(seconds=1))
    timeline.set_position(playing + timedelta(seconds=1))
    assert timeline.view.shows(timeline.position_s)
    timeline.turn_page(-5)
    looked_at = seen_of(timeline)
    timeline.set_position(playing + timedelta(seconds=2))
    assert seen_of(timeline) == looked_at
    timeline.set_position(at(20))
    assert timeline.view.shows(at(20).timestamp())


def test_another_day_is_shown_whole(timeline):
    timeline.zoom_in()
    timeline.set_span(at(24), at(48))
    assert seen_of(timeline) == (at(24), at(48))


def test_a_day_of_few_clips_is_shown_close_also_where_they_become_known_later(timeline):
    timeline.set_span(at(24), at(48), [clip(30)])
    assert near(seen_of(timeline)[0], 29.75)
    timeline.set_span(DAY, at(24))
    assert seen_of(timeline) == (DAY, at(24))
    timeline.set_span(DAY, at(24), [clip(15)])
    assert near(seen_of(timeline)[0], 14.75)


@pytest.mark.parametrize("known", [[], [clip(15)]])
@pytest.mark.parametrize("touches", ["zoom_in", "zoom_all zoom_in", "zoom_all"])
def test_a_zoom_that_a_person_has_chosen_stays_as_clips_arrive(timeline, touches, known):
    timeline.set_span(DAY, at(24), known)
    for touch in touches.split():
        getattr(timeline, touch)()
    chosen = seen_of(timeline)
    timeline.set_span(DAY, at(24), [clip(15), clip(15.5)])
    assert seen_of(timeline) == chosen


def test_more_rows_than_fit_can_be_scrolled_to(timeline):
    timeline.set_rows(tuple(row(key=str(number), name=f"Camera {number}") for number in range(20)))
    places = timeline.places
    assert places.hidden_px > 0
    for _ in range(19):
        timeline.choose_next_row(1)
    last = timeline.places.track(19)
    assert timeline.accessibleDescription() == "Camera 19"
    assert timeline.places.tracks.contains(last)


def colour_at(timeline: TimelineView, spot: QPoint) -> str:
    return timeline.grab().toImage().pixelColor(spot).name()


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT])
def test_strong_motion_is_amber_and_the_playhead_goes_through_all_rows(qtbot, theme):
    timeline = TimelineView(theme, zone=DAY.tzinfo)
    qtbot.addWidget(timeline)
    timeline.resize(1000, 150)
    timeline.set_span(DAY, at(24))
    timeline.set_rows((row(clip(6, 3600, strength=0.9), key="a"), row(key="b")))
    timeline.set_position(at(10))
    assert colour_at(timeline, place(timeline, 6.5)) == theme.amber
    for number in (0, 1):
        assert colour_at(timeline, place(timeline, 10, number)) == theme.text


def test_the_card_goes_with_its_timeline(timeline, qtbot):
    hover(timeline, place(timeline, 6.5))
    card = card_of(timeline)
    with qtbot.waitSignal(card.destroyed):
        timeline.deleteLater()
