"""What the dialog sees: frames judged with the edited settings, at once and as they come."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
import pytest

from tests.support.video import crossing, still
from vms_desktop.core.base.picture import Size, Viewport
from vms_desktop.core.camera.preview import (
    SETTLE_S,
    Preview,
    Previewer,
    PreviewFrame,
    PreviewWishes,
)
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.core.media.decode import luma
from vms_desktop.core.media.frame import SQUARE_PIXELS, Frame
from vms_desktop.core.motion.detector import AUTOMATIC_AREA_SHARE, MotionDetector
from vms_desktop.core.stream.packets.packet import VideoFacts

FPS = 15
SIZE = Size(320, 180)
ROOM = Viewport(160, 90)
WISHES = PreviewWishes(sensitivity=0, zones=(), rotation=0, viewport=ROOM)
FACTS = VideoFacts("h264", SIZE, Fraction(1, 90_000), FPS)
RIGHT_HALF = Zone(
    name="Right",
    kind=ZoneKind.WATCH,
    points=(Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1)),
)
# A square of 40 px enters at the left at second 6 and leaves at the right at second 10.
ENTERS_S, LEAVES_S = 6, 10
SCENE = crossing([(ENTERS_S * FPS, LEAVES_S * FPS)])


@cache
def frame_at(index, paint=SCENE):
    picture = av.VideoFrame.from_ndarray(paint(index, *SIZE), format="bgr24")
    return Frame(picture.reformat(format="yuv420p"), SQUARE_PIXELS)


class Watching:
    """A preview and what it was shown; its frames come from the scene, 15 a second."""

    def __init__(self, wishes=WISHES, **known):
        self.frames: list[PreviewFrame] = []
        self.preview = Preview(wishes, self.frames.append)
        self.previewer = Previewer(self.preview, lambda: 7.0, **known)

    def see(self, from_s, until_s, paint=SCENE):
        """What is shown from one second of the scene to another."""
        self.frames.clear()
        for index in range(round(from_s * FPS), round(until_s * FPS)):
            self.previewer.frame(frame_at(index, paint), FACTS, index / FPS, 14.9)
        return list(self.frames)

    def wish(self, **changes):
        self.preview.wishes = replace(self.preview.wishes, **changes)


def learnt(until_s=5.5):
    """The detector of a camera that has run for some seconds."""
    detector = MotionDetector()
    for index in range(0, round(until_s * FPS), 4):
        detector.analyse(luma(frame_at(index).image), index / FPS)
    return detector


def first_moving(frames):
    return next((number for number, frame in enumerate(frames) if frame.moving), None)


def test_a_picture_says_what_it_shows():
    (frame,) = Watching(replace(WISHES, rotation=90, viewport=Viewport(90, 90))).see(0, 1 / FPS)
    picture = frame.picture
    assert picture.pixels.shape == (90, 48, 4)
    assert not picture.pixels.flags.writeable
    assert (picture.source, picture.codec) == (Size(180, 320), "H.264")
    assert (picture.decoded_at, picture.frame_rate) == (7.0, 14.9)


def test_the_frame_after_an_edit_carries_the_new_threshold_at_any_moment():
    watching = Watching(known=learnt())
    automatic = AUTOMATIC_AREA_SHARE * SIZE.width * SIZE.height
    assert watching.see(5.5, 5.6)[-1].threshold_px == automatic
    for number, sensitivity in enumerate((900.0, 1200.5, 3.0, 0.0)):
        watching.wish(sensitivity=sensitivity)
        at = 5.6 + number / FPS
        (frame,) = watching.see(at, at + 1 / FPS)
        assert frame.threshold_px == (sensitivity or automatic)


def test_no_edit_of_sensitivity_or_areas_makes_it_learn_anew():
    watching = Watching(known=learnt())
    watching.see(5.5, 6.2)
    edits: list[dict[str, Any]] = [{"sensitivity": 500.0}, {"zones": (RIGHT_HALF,)}, {"zones": ()}]
    for number, changes in enumerate(edits):
        watching.wish(**changes)
        at = 6.2 + number / 5
        assert not any(frame.settling for frame in watching.see(at, at + 1 / 5))
    assert watching.see(6.8, 7.4)[-1].moving


def test_an_area_that_is_drawn_silences_what_moves_outside_of_it_from_the_next_frame():
    watching = Watching(known=learnt())
    assert watching.see(5.5, 7)[-1].area_px > 1000
    watching.wish(zones=(RIGHT_HALF,))
    frames = watching.see(7, 7.3)
    assert {frame.area_px for frame in frames} == {0}
    assert watching.see(7.3, 9.5)[-1].area_px > 1000


def test_the_meter_of_a_running_camera_is_of_use_at_once():
    watching = Watching(known=learnt())
    frames = watching.see(5.5, 8)
    assert not any(frame.settling for frame in frames)
    assert {frame.area_px for frame in frames[:7]} == {0}
    entered = round(0.5 * FPS)
    assert first_moving(frames) - entered <= FPS


def test_somebody_who_moves_when_the_dialog_opens_is_measured_as_by_the_camera_itself():
    known = learnt(until_s=7)
    watching = Watching(known=known)
    areas = [frame.area_px for frame in watching.see(7.2, 8)]
    index = round(8 * FPS)
    own = known.analyse(luma(frame_at(index).image), 8).area_px
    assert areas[3] == pytest.approx(own, rel=0.1)
    assert areas[-1] == pytest.approx(own, rel=0.1)


def test_the_cameras_own_detector_is_not_disturbed():
    alone, watched = learnt(), learnt()
    watching = Watching(replace(WISHES, sensitivity=9000, zones=(RIGHT_HALF,)), known=watched)
    watching.see(5.5, 7)
    indices = range(round(5.5 * FPS), LEAVES_S * FPS, 2)
    motions = [
        [detector.analyse(luma(frame_at(index).image), index / FPS) for index in indices]
        for detector in (alone, watched)
    ]
    assert motions[0] == motions[1]
    assert any(motion.moving for motion in motions[0])


def test_a_stream_that_nobody_knows_yet_is_learnt_for_two_seconds():
    watching = Watching()
    settling = [frame.settling for frame in watching.see(0, SETTLE_S + 0.5)]
    assert settling[: round(SETTLE_S * FPS)] == [True] * round(SETTLE_S * FPS)
    assert not settling[-1]
    watching.previewer.opened()
    assert watching.see(4, 4.2)[-1].settling


def test_a_camera_that_settles_itself_is_no_quicker_to_learn_but_no_slower_either():
    watching = Watching(known=learnt(until_s=1))
    settling = [frame.settling for frame in watching.see(1, 4)]
    assert settling.index(False) <= SETTLE_S * FPS


@pytest.mark.parametrize("rate", [6, 8, 10, 12, 15, 20, 25, 30, 60])
def test_the_meter_lives_whatever_the_cameras_frame_rate(rate, monkeypatch):
    analysed = []
    good = MotionDetector.analyse

    def counting(detector, picture, at):
        analysed.append(at)
        return good(detector, picture, at)

    monkeypatch.setattr(MotionDetector, "analyse", counting)
    watching = Watching()
    for index in range(3 * rate):
        watching.previewer.frame(frame_at(index, still), FACTS, index / rate, rate)
    assert 6 * 3 <= len(analysed) <= 13 * 3
    assert len(watching.frames) == 3 * rate


def test_the_mask_is_what_the_detector_sees_in_black_and_white_at_the_pictures_size():
    watching = Watching(known=learnt())
    watching.see(5.5, 7)
    watching.wish(mask=True)
    frame = watching.see(7, 7.5)[-1]
    assert frame.is_mask
    pixels = frame.picture.pixels
    assert pixels.shape == (90, 160, 4)
    assert not pixels.flags.writeable
    assert set(np.unique(pixels[..., :3])) == {0, 255}
    rows, columns = np.nonzero(pixels[..., 0])
    (box,) = frame.picture.boxes
    assert box.x * 160 - 2 <= columns.min() <= columns.max() <= (box.x + box.width) * 160 + 2
    assert box.y * 90 - 2 <= rows.min() <= rows.max() <= (box.y + box.height) * 90 + 2
    watching.wish(zones=(RIGHT_HALF,))
    assert not watching.see(7.5, 7.6)[-1].picture.pixels[..., 0].any()
    watching.wish(mask=False)
    assert not watching.see(7.6, 7.7)[-1].is_mask


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_is_judged_as_it_is_shown(rotation):
    watching = Watching(known=learnt(until_s=3))
    watching.see(3, 3.5)
    watching.wish(rotation=rotation, viewport=Viewport(180, 180))
    assert watching.see(3.5, 3.6)[-1].settling
    frame = watching.see(3.6, 7.5)[-1]
    (box,) = frame.picture.boxes
    height, width = frame.picture.pixels.shape[:2]
    part = frame.picture.pixels[
        round(box.y * height) : round((box.y + box.height) * height),
        round(box.x * width) : round((box.x + box.width) * width),
        0,
    ]
    assert np.median(part) > 200


def test_a_camera_that_is_turned_in_its_settings_already_is_known_too():
    known = MotionDetector()
    for index in range(0, round(5.5 * FPS), 4):
        known.analyse(luma(frame_at(index).image, 90), index / FPS)
    wishes = replace(WISHES, rotation=90)
    assert not Watching(wishes, known=known, known_rotation=90).see(5.5, 5.6)[0].settling
    assert Watching(wishes, known=learnt(), known_rotation=0).see(5.5, 5.6)[0].settling


def test_nothing_is_made_where_nobody_can_see_it_but_the_detector_goes_on_learning():
    watching = Watching(replace(WISHES, viewport=None))
    assert watching.see(0, 4) == []
    watching.wish(viewport=ROOM)
    assert not watching.see(4, 4.1)[0].settling


def test_a_closed_preview_is_shown_nothing():
    watching = Watching()
    watching.preview.close()
    assert watching.previewer.closed
    assert watching.see(0, 0.5) == []
