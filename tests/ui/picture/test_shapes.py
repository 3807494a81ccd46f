"""A circle is round on the screen, and what is painted on it lies on it."""

from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QLabel

from tests.support.packets import facts, video_packets
from tests.support.shapes import ROUND, circle, roundness, shape
from tests.support.video import encode
from tests.support.zone_hand import WATCH, Hand, told_zones
from vms_desktop.core.base.picture import Box, Picture, Viewport
from vms_desktop.core.camera.live_view import Viewer
from vms_desktop.core.media.decode import Decoder, luma
from vms_desktop.ui.cameras.zones.editor import ZoneEditor
from vms_desktop.ui.picture.surface import PictureSurface
from vms_desktop.ui.picture.zoom import Zoom
from vms_desktop.ui.playback.area_search.picture import AreaPicture
from vms_desktop.ui.playback.timeline.hover import HoverPopup

WIDE, SQUARE = (352, 288, Fraction(16, 11)), (640, 360, Fraction(1))
AMBER = QColor(255, 160, 0)


def frame_of(width, height, pixel_aspect):
    told = {"paint": circle(pixel_aspect), "pixel_aspect": pixel_aspect}
    video = encode(1, width=width, height=height, **told)
    return facts(video), Decoder(facts(video)).decode(video_packets(video)[0])[0]


def picture_for(room: Viewport, stream=WIDE, rotation=0) -> Picture:
    """What a worker gives for that room."""
    shown: list[Picture] = []
    viewer = Viewer(shown.append, lambda: 0.0)
    viewer.viewport = room
    video, frame = frame_of(*stream)
    viewer.frame(frame, video, rotation, (), 15)
    return shown[0]


def pixels_of(image: QImage) -> np.ndarray:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), -1)
    return rows[:, : grey.width()].copy()


def screen(widget) -> np.ndarray:
    """What a widget shows, without the frame that says where the keyboard is."""
    pixels = pixels_of(widget.grab().toImage())
    pixels[:3] = pixels[-3:] = pixels[:, :3] = pixels[:, -3:] = 0
    return pixels


@pytest.fixture
def show(qtbot):
    """Shows a widget of a size; gives it back."""

    def show_one(widget, width, height):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return show_one


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(480, 380), (1300, 700)], ids=["shrunk", "enlarged"])
@pytest.mark.parametrize("make", [PictureSurface, ZoneEditor])
def test_a_circle_is_round_on_the_screen(show, make, size, rotation):
    surface = show(make(), *size)
    surface.show_picture(picture_for(surface.viewport(), rotation=rotation))
    assert roundness(screen(surface)) == ROUND


def test_a_picture_of_the_rooms_size_needs_no_second_scaling(show):
    surface = show(PictureSurface(), 400, 300)
    picture = picture_for(surface.viewport())
    surface.show_picture(picture)
    assert surface.picture_area()[2:] == (400, picture.pixels.shape[0])
    assert shape(picture.pixels) == pytest.approx(16 / 9, rel=0.01)


def test_a_circle_stays_round_when_it_is_enlarged(show):
    surface = show(PictureSurface(), 400, 300)
    surface.show_picture(picture_for(surface.viewport()))
    surface.set_zoom(Zoom(1.25, 0.5, 0.5))
    closer = picture_for(surface.viewport())
    assert closer.pixels.shape[1] > 400
    surface.show_picture(closer)
    assert roundness(screen(surface)) == ROUND


@pytest.mark.parametrize("fill", [False, True])
@pytest.mark.parametrize("stream", [WIDE, SQUARE], ids=["SD", "HD"])
def test_what_moves_in_sd_is_framed_in_sd_and_in_hd(show, stream, fill):
    """The box is found in the anamorphic stream's own pixels."""
    _, frame = frame_of(*WIDE)
    rows, columns = np.nonzero(luma(frame.image) > 128)
    box = Box(columns.min() / 352, rows.min() / 288, np.ptp(columns) / 352, np.ptp(rows) / 288)
    surface = show(PictureSurface(), 400, 300)
    surface.fill = fill
    surface.show_picture(picture_for(surface.viewport(), stream))
    canvas = QImage(400, 300, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    surface.paint_boxes(painter, (box,), AMBER)
    painter.end()
    framed = np.nonzero(pixels_of(canvas))
    disc = np.nonzero(screen(surface) > 128)
    for edges, inside in zip(framed, disc, strict=True):
        assert edges.min() == pytest.approx(inside.min(), abs=4)
        assert edges.max() == pytest.approx(inside.max(), abs=4)


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("stream", [WIDE, SQUARE], ids=["SD", "HD"])
def test_an_area_means_the_same_place_in_sd_and_in_hd(show, stream, rotation):
    """Three corners around the circle, put where it is seen."""
    editor = show(ZoneEditor(), 500, 500)
    told, hand = told_zones(editor), Hand(editor)
    editor.show_picture(picture_for(editor.viewport(), stream, rotation))
    rows, columns = np.nonzero(screen(editor) > 128)
    seen = [
        (columns.min(), rows.min()),
        (columns.max(), rows.min()),
        (columns.max(), rows.max()),
    ]
    editor.begin(WATCH)
    x, y, width, height = editor.view().area
    shares = [((column - x) / width, (row - y) / height) for column, row in seen]
    hand.click(*shares, shares[0])
    (zone,) = told[-1]
    across, down = (0.35 * 9 / 16, 0.35)
    if rotation:
        across, down = down, across
    wanted = [(0.5 - across, 0.5 - down), (0.5 + across, 0.5 - down), (0.5 + across, 0.5 + down)]
    for point, corner in zip(zone.points, wanted, strict=True):
        assert point == pytest.approx(corner, abs=0.01)


def test_the_picture_of_the_area_search_and_that_above_the_timeline_are_round(show):
    pixels = picture_for(Viewport(320, 180)).pixels
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32).copy()
    popup = show(HoverPopup(show(PictureSurface(), 600, 400)), 200, 150)
    popup.tell("", with_picture=True)
    popup.show_picture(image)
    label = popup.findChild(QLabel, "timelinePicture")
    assert roundness(pixels_of(label.pixmap().toImage())) == ROUND
    area = show(AreaPicture(), 500, 400)
    area.set_image(image)
    assert area.target().width() / area.target().height() == pytest.approx(16 / 9, rel=0.01)
