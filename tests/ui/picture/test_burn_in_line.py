"""Time and name as they are written into exported pictures."""

from threading import Thread

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QFontDatabase

from tests.support.exporting import Folder, grey, pictures
from vms_desktop.ui.picture.burn_in_line import paint_burn_in_line

WHEN = "2026-11-22 14:31:03"
CAMERA = "كاميرا"
APART = "\u200c".join(CAMERA)
# The first letter, and how it is written before another one.
FIRST_ALONE, FIRST = CAMERA[0], f"{CAMERA[0]}\u200d"
LIKE = 0.8
WIDE, SIZE = 4000, 40
# Brighter than this are letters alone, not the picture.
GREY = 145

pytestmark = pytest.mark.usefixtures("qapp")


def ink(line):
    """What is not empty of a line."""
    rows, columns = np.nonzero(line > 40)
    return line[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def name_alone(name, size=SIZE):
    """A name without the time before it."""
    line = paint_burn_in_line(WHEN, name, size, WIDE)
    return ink(line[:, paint_burn_in_line(WHEN, "", size, WIDE).shape[1] + 1 :])


def alike(one, other):
    """Whether two pieces of text look the same, wherever they stand."""
    one, other = ink(one), ink(other)
    if max(abs(np.subtract(one.shape, other.shape))) > 2:
        return False
    return likeness(one, other)[0] > LIKE


def likeness(part, whole):
    """How well a piece is found in a text, 1 for wholly, and in which column."""
    room = np.pad(whole, part.shape[0] // 2)
    found = cv2.matchTemplate(room, np.pad(part, 1), cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, _row) = cv2.minMaxLoc(found)
    return best, column - part.shape[0] // 2 + 1


def test_arabic_letters_are_joined_and_the_first_stands_at_the_right():
    word, apart = name_alone(CAMERA), name_alone(APART)
    assert word.shape[1] < apart.shape[1] * 0.95
    assert likeness(word, apart)[0] < LIKE
    first = name_alone(FIRST)
    found, column = likeness(first[:, first.shape[1] // 3 :], word)
    assert found > LIKE
    assert column > word.shape[1] * 0.7
    assert likeness(name_alone(FIRST_ALONE), word)[0] < LIKE


def test_in_a_name_of_two_scripts_each_has_its_direction():
    mixed = name_alone(f"Cam {CAMERA} Nord")
    columns = []
    for word in ("Cam", CAMERA, "Nord"):
        found, column = likeness(name_alone(word), mixed)
        assert found > LIKE
        columns.append(column)
    assert columns == sorted(columns)


def test_thai_is_neither_question_marks_nor_empty_boxes():
    if QFontDatabase.WritingSystem.Thai not in QFontDatabase.writingSystems():
        pytest.skip("no font with Thai letters")
    letters = [name_alone(letter) for letter in "กขคง?"]
    assert not any(alike(letters[a], letters[b]) for a in range(5) for b in range(a))


def test_a_mark_stands_over_its_letter():
    assert alike(name_alone("e\u0301"), name_alone("é"))
    assert not alike(name_alone("e\u0301"), name_alone("e"))


@pytest.mark.parametrize("name", ["Door", CAMERA, f"{CAMERA} 2", "क", "🐶", "门", ""])
def test_the_time_stands_whole_at_the_left_whatever_the_script_of_the_name(name):
    time = paint_burn_in_line(WHEN, "", SIZE, WIDE)
    line = paint_burn_in_line(WHEN, name, SIZE, WIDE)
    assert alike(line[:, : time.shape[1]], time)


@pytest.mark.parametrize("name", ["A very long name " * 9, CAMERA * 30, "门口摄像机" * 20])
@pytest.mark.parametrize("room_px", [600, 420])
def test_a_long_name_is_cut_and_the_time_is_not(name, room_px):
    line = paint_burn_in_line(WHEN, name, SIZE, room_px)
    assert line.shape[1] <= room_px
    assert line.shape[1] > room_px * 0.9
    time = paint_burn_in_line(WHEN, "", int(SIZE * 0.6), WIDE)
    assert alike(line[:, : time.shape[1]], time)


def test_a_name_a_little_too_long_shrinks_and_stays_whole():
    wanted = paint_burn_in_line(WHEN, "Front door", SIZE, WIDE).shape[1]
    line = paint_burn_in_line(WHEN, "Front door", SIZE, wanted - 30)
    assert wanted - 80 < line.shape[1] <= wanted - 30


def test_where_there_is_no_room_for_the_time_it_is_smaller():
    line = paint_burn_in_line(WHEN, "Door", 12, 90)
    assert line.shape[1] <= 90
    assert line.max() > 150


def test_another_thread_writes_the_same():
    found = []
    thread = Thread(target=lambda: found.append(paint_burn_in_line(WHEN, CAMERA, SIZE, WIDE)))
    thread.start()
    thread.join(10)
    assert np.array_equal(found[0], paint_burn_in_line(WHEN, CAMERA, SIZE, WIDE))


def test_the_window_exports_with_this_line_in_the_picture(review, fleet, qtbot, tmp_path):
    folder = Folder(tmp_path)
    clip = folder.clip("a", 0.0, 5, paint=grey, width=640, height=360)
    results = []
    review.jobs.finished.connect(lambda _job, result: results.append(result))
    review.jobs.export(folder.request(clip, name=CAMERA, burn_in=True))
    qtbot.waitUntil(lambda: bool(results), timeout=10_000)
    (path,) = results[0].outputs
    strip = pictures(path)[0][-24:, :, 0]
    name = strip[:, paint_burn_in_line(WHEN, "", 16, 640).shape[1] + 12 :]
    letters = np.where(name > GREY, name, 0)
    assert alike(letters, name_alone(CAMERA, 16))
