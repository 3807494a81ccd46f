"""The meter and the slider of the sensitivity tell and take areas in px² on one scale."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QSlider, QSpinBox

from vms_desktop.core.base.picture import Size
from vms_desktop.core.motion.detector import MotionDetector
from vms_desktop.ui.base.theme import DARK_THEME, Tone
from vms_desktop.ui.cameras.dialog.motion_meter import MotionMeter, scale_for
from vms_desktop.ui.cameras.dialog.sensitivity_slider import SensitivitySlider

SD, UHD = Size(640, 360), Size(3840, 2160)


@pytest.fixture
def meter(qtbot) -> MotionMeter:
    made = MotionMeter(DARK_THEME)
    qtbot.addWidget(made)
    made.resize(500, 40)
    return made


@pytest.fixture
def slider(qtbot) -> SensitivitySlider:
    made = SensitivitySlider()
    qtbot.addWidget(made)
    made.set_picture_size(SD)
    return made


@pytest.fixture
def told(slider) -> list[float]:
    """The sensitivities that the slider told, in order."""
    values: list[float] = []
    slider.sensitivity_changed.connect(values.append)
    return values


@pytest.mark.parametrize("size", [Size(160, 120), SD, Size(360, 640), UHD])
def test_the_scale_is_monotone_and_its_places_come_back(size):
    scale = scale_for(size)
    areas = [scale.area_px(step / 1000) for step in range(1001)]
    assert areas == sorted(areas)
    assert areas[0] < areas[500] < areas[1000]
    for share in (0, 0.25, 0.5, 1):
        assert scale.share(scale.area_px(share)) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("area_px, share", [(0, 0), (1, 0), (10_000_000, 1)])
def test_what_is_off_the_scale_stands_at_its_end(area_px, share):
    assert scale_for(SD).share(area_px) == share


def test_numbers_are_written_as_the_language_does(meter):
    meter.show_motion(1640.4, moving=True)
    meter.set_threshold(1200)
    before = QLocale()
    QLocale.setDefault(QLocale("fr_FR"))
    french = meter.area_text(), meter.threshold_text()
    QLocale.setDefault(QLocale("en_GB"))
    english = meter.area_text()
    QLocale.setDefault(before)
    assert french == ("1\u202f640\u00a0px²", "1\u202f200\u00a0px²")
    assert english == "1,640\u00a0px²"


@pytest.mark.parametrize("moving, colour", [(True, "amber"), (False, "blue")])
def test_the_bar_is_amber_while_something_moves_that_counts(meter, moving, colour):
    meter.show_motion(5000, moving=moving)
    middle = meter.bar().center().y()
    assert meter.grab().toImage().pixelColor(40, middle) == QColor(getattr(DARK_THEME, colour))


@pytest.mark.parametrize("area_px, longer", [(2000, True), (500, False)])
def test_the_bar_passes_the_mark_where_the_area_counts(meter, area_px, longer):
    meter.set_threshold(1000)
    meter.show_motion(area_px, moving=False)
    right_of_mark = round(meter.mark_x()) + 5
    colour = meter.grab().toImage().pixelColor(right_of_mark, meter.bar().center().y())
    assert (colour == DARK_THEME.colour(Tone.BLUE)) is longer


def test_nothing_jumps_when_a_number_grows_a_digit(meter):
    meter.set_threshold(1200)
    meter.show_motion(9, moving=False)
    before = [place for place, _ in meter._columns(500)]
    meter.show_motion(12345, moving=False)
    assert [place for place, _ in meter._columns(500)] == before


def test_without_a_frame_there_is_no_area(meter):
    meter.show_motion(5000, moving=True)
    meter.show_motion(None, moving=False)
    assert meter.area_text() == "—"
    assert meter.grab().toImage().pixelColor(40, meter.bar().center().y()) == QColor(
        DARK_THEME.line
    )


@pytest.mark.parametrize("value", [0.0, 0.25, 10.0, 1200.0, 1234.5678, 90_000.0, 9_999_999.25])
@pytest.mark.parametrize("size", [Size(160, 120), UHD])
def test_a_value_from_a_file_stays_exactly_what_it_is(slider, told, value, size):
    slider.set_sensitivity(value)
    slider.set_picture_size(size)
    assert slider.sensitivity == value
    assert told == []


def test_to_the_right_it_is_more_sensitive(slider, told):
    bar = slider.findChild(QSlider)
    slider.set_sensitivity(1200)
    for _ in range(5):
        QTest.keyClick(bar, Qt.Key.Key_Right)
    assert told == sorted(told, reverse=True)
    assert len(set(told)) == 5
    QTest.keyClick(bar, Qt.Key.Key_Home)
    assert told[-1] == 57_600
    QTest.keyClick(bar, Qt.Key.Key_End)
    assert told[-1] == 92


def test_the_mark_moves_as_the_slider_moves(slider, meter):
    bar = slider.findChild(QSlider)
    slider.threshold_changed.connect(lambda: meter.set_threshold(slider.threshold_px))
    slider.set_sensitivity(1000)
    for step in range(0, 1001, 50):
        bar.setValue(step)
        assert meter.mark_x() / meter.width() == pytest.approx(1 - step / 1000, abs=0.01)


@pytest.mark.parametrize("size", [SD, UHD, Size(360, 640)])
def test_automatic_tells_the_threshold_that_the_detector_chooses(slider, size):
    import numpy as np

    detector = MotionDetector()
    motion = detector.analyse(np.zeros((size.height, size.width), np.uint8), 0)
    slider.set_sensitivity(0)
    slider.set_picture_size(size)
    assert slider.findChild(QCheckBox).isChecked()
    assert slider.threshold_px == motion.threshold_px
    assert slider.findChild(QSpinBox).value() == round(motion.threshold_px)


def test_moving_the_slider_ends_automatic(slider, told):
    slider.set_sensitivity(0)
    QTest.keyClick(slider.findChild(QSlider), Qt.Key.Key_Right)
    assert told[-1] > 0
    assert not slider.findChild(QCheckBox).isChecked()


def test_automatic_is_chosen_and_left_at_the_same_threshold(slider, told):
    slider.set_sensitivity(1200)
    box = slider.findChild(QCheckBox)
    box.click()
    assert told == [0]
    box.click()
    assert told == [0, 288]


def test_a_typed_number_is_taken_as_it_is(slider, told):
    number = slider.findChild(QSpinBox)
    number.selectAll()
    QTest.keyClicks(number, "777")
    assert told == []
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert told == [777]
    assert slider.findChild(QSlider).value() == round(1000 * (1 - scale_for(SD).share(777)))


def test_before_there_is_a_picture_automatic_has_no_number(qtbot):
    fresh = SensitivitySlider()
    qtbot.addWidget(fresh)
    assert fresh.threshold_px is None
    assert fresh.findChildren(QSpinBox)[0].text() == "—"
