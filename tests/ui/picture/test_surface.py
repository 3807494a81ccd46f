import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.support.stand_in import picture
from vms_desktop.core.base.picture import Box, Picture, Size, Viewport
from vms_desktop.ui.picture.images import to_image
from vms_desktop.ui.picture.surface import PictureSurface
from vms_desktop.ui.picture.zoom import NO_ZOOM, Zoom

AMBER = QColor("#f5a524")


@pytest.fixture
def surface(qtbot) -> PictureSurface:
    made = PictureSurface()
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def numbered(width: int, height: int) -> Picture:
    """A picture whose every pixel tells its place: column in blue, row in green."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 0] = np.arange(width) % 256
    pixels[..., 1] = (np.arange(height) % 256)[:, None]
    pixels[..., 3] = 255
    size = Size(width, height)
    return Picture(pixels, size, size, (), 0.0, 15.0, "H.264")


def wheel(surface: PictureSurface, at: QPointF, notches: int = 1) -> None:
    event = QWheelEvent(
        at,
        surface.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(surface, event)


@pytest.mark.parametrize("width", [401, 402, 403, 404])
def test_a_picture_of_any_width_comes_out_straight(qapp, width):
    image = to_image(numbered(width, 90))
    for x, y in [(0, 0), (width - 1, 0), (5, 89), (width - 1, 89)]:
        assert (image.pixelColor(x, y).blue(), image.pixelColor(x, y).green()) == (x % 256, y)


def test_a_picture_that_is_a_view_of_a_larger_one_comes_out_straight(qapp):
    large = numbered(640, 480)
    part = Picture(large.pixels[10:100, 20:121], large.source, large.shown, (), 0.0, 15.0, "H.264")
    colour = to_image(part).pixelColor(100, 89)
    assert (colour.blue(), colour.green()) == (120, 99)


def test_a_picture_made_for_the_room_is_shown_pixel_by_pixel(surface):
    shown = numbered(400, 225)
    surface.show_picture(shown)
    seen = surface.grab().toImage()
    for x, y in [(0, 0), (399, 0), (0, 224), (399, 224), (123, 45)]:
        colour = seen.pixelColor(x, y + 37)
        assert (colour.blue(), colour.green()) == (x % 256, y)


def test_beside_the_picture_it_is_black(surface):
    surface.show_picture(picture(400, 225))
    seen = surface.grab().toImage()
    assert seen.pixelColor(200, 10) == QColor(0, 0, 0)
    assert seen.pixelColor(200, 290) == QColor(0, 0, 0)
    assert seen.pixelColor(200, 150) == QColor(200, 200, 200)


def test_a_picture_of_another_size_is_scaled_into_the_room(surface):
    surface.show_picture(picture(160, 90))
    seen = surface.grab().toImage()
    assert seen.pixelColor(5, 150) == QColor(200, 200, 200)
    assert seen.pixelColor(5, 20) == QColor(0, 0, 0)


def test_it_asks_for_pictures_of_its_own_size_in_device_pixels(surface):
    surface.margin_px = 2
    assert surface.viewport() == Viewport(396, 296)
    assert surface.viewport(hd=True).hd


def test_without_room_it_asks_for_nothing(surface):
    surface.resize(1, 1)
    assert surface.viewport() is None


def test_an_old_picture_has_no_colour_and_is_dark(surface):
    shown = numbered(400, 225)
    surface.show_picture(shown)
    surface.hold_still()
    colour = surface.grab().toImage().pixelColor(200, 150)
    assert colour.red() == colour.green() == colour.blue()
    assert colour.red() < 60


def test_a_new_picture_ends_the_standstill(surface):
    surface.show_picture(picture(400, 225))
    surface.hold_still()
    surface.show_picture(picture(400, 225))
    assert surface.grab().toImage().pixelColor(200, 150) == QColor(200, 200, 200)


def test_each_picture_is_told_as_painted_once(qtbot):
    told: list[Picture] = []
    surface = PictureSurface(painted=told.append)
    qtbot.addWidget(surface)
    first, second = picture(), picture()
    for shown in (first, second):
        surface.show_picture(shown)
        surface.grab()
        surface.grab()
    assert told == [first, second]


def test_the_wheel_zooms_in_at_the_pointer_and_out_again(surface):
    surface.show_picture(numbered(400, 225))
    wheel(surface, QPointF(0, 37), 2)
    left, top, *_ = surface.zoom.part
    assert surface.zoom.scale == pytest.approx(1.5625)
    assert (left, top) == pytest.approx((0, 0), abs=0.01)
    wheel(surface, QPointF(0, 37), -2)
    assert surface.zoom == NO_ZOOM


def test_a_zoomed_picture_shows_its_part_enlarged(surface):
    surface.show_picture(numbered(400, 225))
    surface.set_zoom(Zoom(2, 0.25, 0.25))
    colour = surface.grab().toImage().pixelColor(200, 37 + 112)
    assert colour.blue() == pytest.approx(100, abs=2)
    assert colour.green() == pytest.approx(56, abs=2)


def test_dragging_pans_a_zoomed_picture(surface, qtbot):
    surface.show_picture(numbered(400, 225))
    surface.set_zoom(Zoom(2, 0.5, 0.5))
    qtbot.mousePress(surface, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    qtbot.mouseMove(surface, QPoint(120, 150))
    qtbot.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=QPoint(120, 150))
    assert surface.zoom.x == pytest.approx(0.6)


def test_the_middle_button_shows_the_whole_picture(surface, qtbot):
    surface.show_picture(picture(400, 225))
    surface.set_zoom(Zoom(3))
    qtbot.mouseClick(surface, Qt.MouseButton.MiddleButton)
    assert surface.zoom == NO_ZOOM


@pytest.mark.parametrize(
    "source, scale, expected",
    [
        (Size(640, 360), 1.0, Viewport(400, 300)),
        (Size(640, 360), 4.0, Viewport(640, 480)),  # no more than the source has
        (Size(1280, 720), 2.0, Viewport(800, 600)),
        (Size(3840, 2160), 9.0, Viewport(1920, 1440)),  # no more than is bearable
        (Size(320, 180), 9.0, Viewport(400, 300)),
    ],
)
def test_zoom_asks_for_more_detail_where_there_is_more(surface, source, scale, expected):
    surface.show_picture(picture(400, 225, source=source))
    surface.set_zoom(Zoom(scale))
    assert surface.viewport() == expected


@pytest.mark.parametrize(
    "zoom, fill, source, corner",
    [
        (NO_ZOOM, False, Size(640, 360), (100, 37 + 56)),
        (Zoom(2, 0.25, 0.25), False, Size(640, 360), (200, 37 + 112)),
        (NO_ZOOM, True, Size(1280, 360), (0, 37 + 56)),
    ],
)
def test_boxes_lie_where_the_motion_is(surface, zoom, fill, source, corner):
    surface.fill = fill
    surface.show_picture(picture(400, 225, source=source, value=0))
    surface.set_zoom(zoom)
    canvas = QImage(400, 300, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    surface.paint_boxes(painter, (Box(0.25, 0.25, 0.2, 0.2),), AMBER)
    painter.end()
    x, y = corner
    assert canvas.pixelColor(x + 12, y) == AMBER
    assert canvas.pixelColor(x, y + 12) == AMBER
    assert canvas.pixelColor(x + 12, y + 12) != AMBER
