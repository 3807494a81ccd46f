"""What the detector calls motion, and what it does not: drawn scenes, no stream."""

import io
import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import av
import cv2
import numpy as np
import pytest

from vms_desktop.core.base.picture import Size
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.core.motion.detector import MotionDetector
from vms_desktop.core.motion.motion_grid import MOTION_GRID, NO_CELLS
from vms_desktop.core.motion.tracks import Rect, merged

SMALL = Size(325, 244)
SD = Size(640, 360)
FRAME_RATE = 15
SETTLED_S = 5.0

Draw = Callable[[np.ndarray, float], None]


class Scene(NamedTuple):
    """A place with texture and sensor noise, into which something is drawn."""

    size: Size
    noise: float = 3

    def frame(self, draw: Draw, at: float, number: int) -> np.ndarray:
        width, height = self.size
        picture = ground(self.size).copy()
        draw(picture, at)
        top, left = number * 131 % (len(GRAIN) - height), number * 57 % (len(GRAIN) - width)
        picture += self.noise * GRAIN[top : top + height, left : left + width]
        return np.clip(picture, 0, 255).astype(np.uint8)


RNG = np.random.default_rng(2)
GRAIN = RNG.normal(0, 1, (2100, 2100)).astype(np.float32)


@cache
def ground(size: Size) -> np.ndarray:
    y, x = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    place = 115 + 35 * np.sin(x / 37) + 20 * np.cos(y / 23) + 8 * np.sin(x / 2.1) * np.sin(y / 1.7)
    place[size.height // 8 : size.height // 3, size.width * 2 // 3 : size.width * 5 // 6] = 70
    return np.asarray(place, np.float32)


def nothing(picture: np.ndarray, at: float) -> None:
    """An empty scene."""


def person(from_s: float, *, x: float = 100, y: int = 120, speed: float = 22, contrast: float = 28):
    """Somebody 20 px high and 7 wide who appears at `from_s` and walks, in px per second."""

    def draw(picture: np.ndarray, at: float) -> None:
        if at >= from_s:
            left = round(x + (at - from_s) * speed)
            picture[y : y + 20, max(0, left) : max(0, left + 7)] += contrast

    return draw


def block(from_s: float, *, x: int, y: int, width: int, height: int, speed: float = 60):
    def draw(picture: np.ndarray, at: float) -> None:
        if at >= from_s:
            left = round(x + (at - from_s) * speed)
            picture[y : y + height, left : left + width] = 235

    return draw


def together(*draws: Draw) -> Draw:
    def draw(picture: np.ndarray, at: float) -> None:
        for one in draws:
            one(picture, at)

    return draw


def watched(scene: Scene, draw: Draw, until_s: float, detector=None, rate=FRAME_RATE, from_s=0.0):
    """What a detector says of the frames it wants, from `from_s` to `until_s`."""
    detector = detector or MotionDetector()
    times = [number / rate for number in range(round(from_s * rate), round(until_s * rate))]
    return [
        detector.analyse(scene.frame(draw, at, round(at * rate)), at)
        for at in times
        if detector.wants(at)
    ]


def first_moving(motions):
    return next((motion.at for motion in motions if motion.moving), None)


def write(picture: np.ndarray, text: str) -> None:
    letters = np.zeros(picture.shape, np.uint8)
    cv2.putText(letters, text, (5, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255,), 2)
    picture[letters > 127] = 245


def clock(text: Callable[[float], str]) -> Draw:
    return lambda picture, at: write(picture, text(at))


def insect(for_s: float) -> Draw:
    def draw(picture: np.ndarray, at: float) -> None:
        if 7 <= at < 7 + for_s:
            height, width = picture.shape
            centre = (round(width * (0.2 + 1.5 * (at - 7))), height // 2)
            cv2.circle(picture, centre, height // 6, (225,), -1)

    return draw


def rain(picture: np.ndarray, at: float) -> None:
    rng = np.random.default_rng(round(at * 1000))
    count = picture.size // 100
    picture.flat[rng.integers(0, picture.size, count)] = rng.choice((0, 255), count)


def streaks(picture: np.ndarray, at: float) -> None:
    rng = np.random.default_rng(round(at * 1000))
    for x, y in rng.integers(0, min(picture.shape), (40, 2)).tolist():
        cv2.line(picture, (x, y), (x + 2, y + 10), (220,), 1)


def exposure(change: float, over_s: float) -> Draw:
    def draw(picture: np.ndarray, at: float) -> None:
        moments = (7, 7 + over_s, 9 + over_s, 9 + 2 * over_s)
        picture[:] = (picture - 16) * np.interp(at, moments, (1, 1 + change, 1 + change, 1)) + 16

    return draw


def light(factor: float, offset: float = 0, *, at_s: float = 7) -> Draw:
    def draw(picture: np.ndarray, at: float) -> None:
        if at >= at_s:
            picture[:] = picture * factor + offset

    return draw


def infrared(picture: np.ndarray, at: float) -> None:
    if 7 <= at < 9:
        picture *= np.interp(at, (7, 7.5, 8, 9), (1, 0.1, 1.8, 1.2))
    elif at >= 9:
        picture[:] = 255 - picture * 0.8


def dusk(picture: np.ndarray, at: float) -> None:
    """Night falls within 6 s while a window is lit."""
    night = np.interp(at, (7, 13), (0, 1))
    picture[:] = picture * (1 - 0.7 * night) + 6 * night
    picture[30:80, 60:100] += 160 * np.interp(at, (8, 12), (0, 1))


def lamp(picture: np.ndarray, at: float) -> None:
    if at >= 7:
        picture[:, : picture.shape[1] // 3] += 50


def tree(picture: np.ndarray, at: float) -> None:
    height, width = picture.shape
    for branch in range(12):
        phase = branch * 0.7
        sway = 10 * np.sin(2 * np.pi * at / (2.1 + 0.17 * branch) + phase)
        gust = 4 * np.sin(2 * np.pi * at / 0.9 + phase)
        tip = (round(width * 0.7 + branch * 6 + sway + gust - 20), round(height * 0.3 + branch * 8))
        cv2.line(picture, (round(width * 0.75), round(height * 0.9)), tip, (50,), 3)


@pytest.mark.parametrize(
    "draw, until_s",
    [
        pytest.param(nothing, 30, id="an empty scene"),
        pytest.param(clock(lambda at: f"12:59:{30 + at:02.0f}"), 24, id="a clock"),
        pytest.param(clock(lambda at: f"2025-11-22 {at // 8:.0f}"), 20, id="a clock of minutes"),
        pytest.param(clock(lambda at: f"{at:07.2f}"), 14, id="a clock of hundredths"),
        pytest.param(insect(0.07), 9, id="an insect in one frame"),
        pytest.param(insect(0.14), 9, id="an insect in two frames"),
        pytest.param(insect(0.34), 9, id="an insect that crosses the picture"),
        pytest.param(rain, 12, id="rain of single pixels"),
        pytest.param(streaks, 12, id="rain in streaks"),
        pytest.param(exposure(0.4, 1), 12, id="brighter by 40 % in 1 s"),
        pytest.param(exposure(-0.4, 1), 12, id="darker by 40 % in 1 s"),
        pytest.param(exposure(-0.4, 2), 14, id="darker by 40 % in 2 s"),
        pytest.param(light(0.3), 10, id="light off"),
        pytest.param(light(0.6, 60), 10, id="fog"),
        pytest.param(infrared, 13, id="infrared filter"),
        pytest.param(lamp, 11, id="a lamp in a third of the picture"),
        pytest.param(dusk, 15, id="dusk"),
        pytest.param(tree, 20, id="a tree that sways"),
        pytest.param(block(1, x=0, y=50, width=60, height=90, speed=180), 8, id="what ends early"),
    ],
)
@pytest.mark.parametrize("size", [SMALL, SD], ids=["325x244", "640x360"])
def test_is_not_motion(draw, until_s, size):
    assert first_moving(watched(Scene(size), draw, until_s)) is None


def test_much_noise_is_not_motion():
    assert first_moving(watched(Scene(SMALL, noise=15), nothing, 20)) is None


@pytest.mark.parametrize("deblocked", [True, False])
def test_compression_is_not_motion(deblocked):
    motions = watched_video(encoded(Scene(SD, noise=5), nothing, 11, 100_000), deblocked)
    assert first_moving(motions) is None


@pytest.mark.parametrize("contrast", [20, -28, 60])
@pytest.mark.parametrize("rate", [5, 12.5, 15, 25])
@pytest.mark.parametrize("size", [SMALL, Size(432, 244)], ids=["325x244", "432x244"])
def test_a_person_of_20_px_is_found_within_600_ms(contrast, rate, size):
    motions = watched(Scene(size), person(7, contrast=contrast), 8.2, rate=rate)
    assert first_moving(motions) - 7 <= 0.6 + 1e-9


@pytest.mark.parametrize("appears", [7 + number / 15 for number in range(4)])
@pytest.mark.parametrize("rate", [10, 12.5, 15, 25, 30])
def test_a_person_is_found_within_600_ms_whenever_they_appear(appears, rate):
    motions = watched(Scene(SMALL), person(appears), 8.4, rate=rate)
    seen_first = math.ceil(appears * rate - 1e-6) / rate
    assert first_moving(motions) - seen_first <= 0.6 + 1e-9


@pytest.mark.parametrize(
    "disturbance",
    [
        pytest.param(light(0.35), id="light off"),
        pytest.param(light(0.6, 50), id="fog"),
        pytest.param(light(1.4), id="light on"),
        pytest.param(infrared, id="infrared filter"),
        pytest.param(lamp, id="lamp"),
        pytest.param(dusk, id="dusk"),
        pytest.param(tree, id="tree"),
        pytest.param(clock(lambda at: f"12:59:{30 + at:02.0f}"), id="clock"),
        pytest.param(rain, id="rain"),
    ],
)
def test_a_person_is_found_soon_in_spite_of(disturbance):
    draw = together(disturbance, person(10.53, x=60))
    motions = watched(Scene(SMALL), draw, 12)
    assert 10.5 < first_moving(motions) < 11.3


def test_a_person_is_found_while_exposure_swings():
    draw = together(person(7.53), exposure(-0.4, 1))
    assert 7.5 < first_moving(watched(Scene(SMALL), draw, 9)) < 8.3


def test_a_person_in_a_compressed_video_is_found():
    draw = together(person(7.03, y=180), person(7.03, y=190))
    motions = watched_video(encoded(Scene(SD), draw, 9, 250_000), deblocked=False)
    assert 7 < first_moving(motions) < 7.7


def test_a_run_is_told_from_its_first_frame_with_a_box_around_it():
    motions = watched(Scene(SD), block(7, x=200, y=90, width=40, height=100), 9)
    moving = [motion for motion in motions if motion.moving]
    assert {motion.since for motion in moving} == {moving[0].since}
    assert moving[0].since < moving[0].at - 0.25
    last = moving[-1]
    (box,) = last.boxes
    assert box.x * 640 == pytest.approx(200 + (last.at - 7) * 60, abs=6)
    assert (box.y * 360, box.width * 640, box.height * 360) == pytest.approx((90, 40, 100), abs=8)


def test_nothing_moves_while_the_detector_settles_and_after_a_restart():
    detector, scene = MotionDetector(), Scene(SMALL)
    motions = watched(scene, person(1, x=0, speed=15), 8, detector)
    assert 5 < first_moving(motions) < 5.6
    detector.restart()
    again = watched(scene, person(1, x=0, speed=15), 16, detector, from_s=8)
    assert 13 <= first_moving(again) < 13.6


def test_frames_are_wanted_more_often_while_something_moves():
    motions = watched(Scene(SD), block(8, x=100, y=90, width=40, height=100), 10)
    quiet = [motion.at for motion in motions if 6 <= motion.at < 8]
    moving = [motion.at for motion in motions if 8.3 <= motion.at < 9.9]
    assert len(quiet) == 8
    assert len(moving) == 12


@pytest.mark.parametrize("fps", [1, 2])
def test_a_slow_camera_is_analysed_at_its_own_rate(fps):
    draw = block(10, x=50, y=90, width=80, height=100, speed=50)
    motions = watched(Scene(SD), draw, 17, rate=fps)
    assert len(motions) == 17 * fps
    assert first_moving(motions) == 10 + 2 / fps


@pytest.mark.parametrize("size", [Size(320, 180), SD, Size(1280, 720), Size(1920, 1080)])
def test_an_area_is_told_in_px_of_the_sd_picture_whatever_the_analysis_size(size):
    draw = block(1, x=40, y=30, width=60, height=90, speed=45)
    motions = watched(Scene(size), draw, 3, MotionDetector(settle_s=0.9))
    grown_px = (60 + 8) * (90 + 8)
    assert max(motion.area_px for motion in motions) == pytest.approx(grown_px, rel=0.12)


@pytest.mark.parametrize("sensitivity, found", [(0, True), (5000, True), (9000, False)])
def test_only_an_area_of_at_least_the_sensitivity_counts(sensitivity, found):
    draw = block(7, x=100, y=90, width=60, height=90)
    motions = watched(Scene(SD), draw, 8.5, MotionDetector(sensitivity=sensitivity))
    assert (first_moving(motions) is not None) is found
    assert max(motion.area_px for motion in motions) > 5000
    assert motions[-1].threshold_px == sensitivity or sensitivity == 0


def test_new_settings_take_effect_with_the_next_frame_and_forget_nothing():
    scene, draw = Scene(SD), block(7, x=60, y=90, width=60, height=90)
    detector = MotionDetector()
    assert first_moving(watched(scene, draw, 9, detector))
    detector.configure(50_000, ())
    assert first_moving(watched(scene, draw, 9.5, detector, from_s=9)) is None
    detector.configure(0, ())
    assert first_moving(watched(scene, draw, 10, detector, from_s=9.5)) < 9.95


def test_a_new_picture_size_settles_again():
    detector = MotionDetector()
    watched(Scene(SMALL), nothing, 6, detector)
    motions = watched(Scene(SD), person(7), 10, detector, from_s=6)
    assert first_moving(motions) is None


def zone(kind: ZoneKind, left: float, right: float) -> Zone:
    corners = (Point(left, 0), Point(right, 0), Point(right, 1), Point(left, 1))
    return Zone(name="", kind=kind, points=corners)


@pytest.mark.parametrize(
    "zones, found",
    [
        ((), True),
        ((zone(ZoneKind.WATCH, 0, 0.5),), True),
        ((zone(ZoneKind.WATCH, 0.5, 1),), False),
        ((zone(ZoneKind.IGNORE, 0, 0.5),), False),
        ((zone(ZoneKind.IGNORE, 0.5, 1),), True),
        ((zone(ZoneKind.WATCH, 0, 1), zone(ZoneKind.IGNORE, 0, 0.5)), False),
        ((zone(ZoneKind.WATCH, 0.5, 1), zone(ZoneKind.WATCH, 0, 0.5)), True),
    ],
)
def test_motion_counts_inside_watched_and_outside_ignored_zones(zones, found):
    draw = block(7, x=40, y=90, width=60, height=90)
    motions = watched(Scene(SD), draw, 8.5, MotionDetector(zones=zones))
    assert (first_moving(motions) is not None) is found


def test_the_cells_are_where_it_moves():
    motions = watched(Scene(SD), block(7, x=100, y=100, width=60, height=100), 8.5)
    cells = np.unpackbits(np.frombuffer(motions[-1].cells, np.uint8)).reshape(MOTION_GRID[::-1])
    left = 100 + (motions[-1].at - 7) * 60
    rows, columns = np.nonzero(cells)
    assert (rows.min(), rows.max()) == pytest.approx((10, 19), abs=1)
    assert (columns.min(), columns.max()) == pytest.approx((left // 10, (left + 60) // 10), abs=1)
    assert motions[0].cells == NO_CELLS == bytes(288)


@pytest.mark.parametrize(
    "rects, expected",
    [
        ([], []),
        ([(0, 0, 4, 4), (20, 0, 6, 6)], [(20, 0, 6, 6), (0, 0, 4, 4)]),
        ([(0, 0, 4, 4), (6, 0, 4, 4)], [(0, 0, 10, 4)]),
        ([(0, 0, 4, 4), (12, 0, 4, 4), (6, 2, 4, 4)], [(0, 0, 16, 6)]),
    ],
)
def test_rectangles_that_are_near_each_other_are_one_box_largest_first(rects, expected):
    assert merged([Rect(*rect) for rect in rects], gap=2) == expected


def test_a_strided_read_only_view_is_taken_and_not_kept():
    detector = MotionDetector(settle_s=0.5)
    padded = np.full((360, 704), 90, np.uint8)
    luma = padded[:, :640]
    luma.flags.writeable = False
    assert not detector.analyse(luma, 0).moving
    padded[:] = 0
    assert not detector.analyse(np.full((360, 640), 90, np.uint8), 0.2).moving
    assert detector.mask.shape == (180, 320)


@pytest.mark.parametrize("size", [Size(16, 16), Size(48, 36), Size(240, 426), Size(4000, 3000)])
def test_any_picture_size_is_taken(size):
    frame = np.zeros((size.height, size.width), np.uint8)
    detector = MotionDetector(settle_s=0.1)
    for number in range(4):
        motion = detector.analyse(frame, number / 5)
        frame[: size.height // 3, : size.width // 3] += 60
    assert len(motion.cells) == 288


def encoded(scene: Scene, draw: Draw, until_s: float, bit_rate: int) -> io.BytesIO:
    """H.264 at a low bit rate, a keyframe every 2 s."""
    video = io.BytesIO()
    with av.open(video, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height = scene.size
        stream.pix_fmt, stream.bit_rate, stream.gop_size = "yuv420p", bit_rate, 2 * FRAME_RATE
        stream.options = {"preset": "superfast", "tune": "zerolatency"}
        for number in range(round(until_s * FRAME_RATE)):
            luma = scene.frame(draw, number / FRAME_RATE, number)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(luma, format="gray")))
        container.mux(stream.encode())
    video.seek(0)
    return video


def watched_video(video: io.BytesIO, deblocked: bool):
    """What a detector says of a video; without deblocking, as Live decodes what nobody sees."""
    detector = MotionDetector()
    with av.open(video, "r") as container:
        stream = container.streams.video[0]
        if not deblocked:
            stream.codec_context.options = {"skip_loop_filter": "all"}
        return [
            detector.analyse(np.asarray(frame.to_ndarray(format="gray"), np.uint8), frame.time)
            for frame in container.decode(stream)
            if detector.wants(frame.time)
        ]
