"""Files that say how they are turned: honoured wherever a clip is seen or looked at."""

from io import BytesIO

import av
import cv2
import numpy as np
import pytest

from tests.support.bars import film
from tests.support.packets import clip_of, facts, video_packets
from tests.support.playing import Rig
from tests.support.video import crossing, encode, write_clip
from vms_desktop.core.base.clock import CLIP_START_TAG
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.media.decode import Fitter
from vms_desktop.core.media.frame import Framer, told_turn
from vms_desktop.core.media.thumbnail import make_thumbnail
from vms_desktop.core.motion.file_detector import motions_of_clip
from vms_desktop.core.player.orders import SaveFrame, ShowTrack

OURS = {CLIP_START_TAG: "2026-03-02T12:00:00Z"}
CASES = [(0, True, 90, 0), (90, True, 0, 90), (180, True, 90, 180), (270, True, 270, 270)]
CASES += [(0, False, 90, 90), (90, False, 0, 90), (270, False, 90, 270), (0, False, 0, 0)]
"""What the file says, whether this program wrote it, how the camera is turned now; what counts."""


@pytest.fixture(params=CASES, ids=str)
def turned_clip(request, tmp_path):
    told, is_ours, rotation, expected = request.param
    path = tmp_path / "a.mp4"
    film(str(path), count=10, turn=told, tags=OURS if is_ours else {})
    return path, rotation, expected


def black_corner(pixels):
    """By how much a picture is turned whose upper left is black, clockwise."""
    grey = pixels[..., :3].mean(axis=2)
    height, width = grey.shape
    places = {0: (height // 4, 3), 90: (3, width * 3 // 4)}
    places |= {180: (height * 3 // 4, width - 4), 270: (height - 4, width // 4)}
    return min(places, key=lambda turn: grey[places[turn]])


def test_a_tile_of_playback_is_turned_as_the_file_says(turned_clip, tmp_path, request):
    _, rotation, expected = turned_clip
    rig = Rig(tmp_path)
    request.addfinalizer(rig.close)
    rig.play_clips(cam=[("a", 0, 0.4)], rotation=rotation)
    rig.tracks["cam"].take(ShowTrack(Viewport(320, 320)))
    rig.seek(0.1)
    picture = rig.shown["cam"][-1].picture
    assert black_corner(picture.pixels) == expected
    assert (picture.shown.width > picture.shown.height) == (expected in (0, 180))
    assert picture.source == picture.shown
    rig.tracks["cam"].take(SaveFrame(tmp_path / "saved.png"))
    assert black_corner(cv2.imread(str(tmp_path / "saved.png"))) == expected


def test_a_thumbnail_is_turned_as_the_file_says(turned_clip):
    path, rotation, expected = turned_clip
    jpeg = make_thumbnail(path, None, rotation=rotation)
    assert black_corner(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1)) == expected


def test_what_moves_in_a_file_is_found_where_it_is_shown(tmp_path):
    path = tmp_path / "walk.mp4"
    write_clip(path, 90, paint=crossing([(30, 80)]), fps=15)
    for rotation, axis in ((0, 0), (90, 1)):
        boxes = [
            motion.boxes[0]
            for motion in motions_of_clip(path, rotation)
            if motion is not None and motion.boxes
        ]
        middles = np.array([(b.x + b.width / 2, b.y + b.height / 2) for b in boxes])
        assert np.ptp(middles[:, axis]) > 0.4
        assert np.ptp(middles[:, 1 - axis]) < 0.2


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_clip_stays_as_it_was_recorded_when_its_camera_is_turned(tmp_path, rotation):
    video = encode(10, width=320, height=192)
    path = clip_of(
        tmp_path / "clip.mp4", video_packets(video), facts(video), tags=OURS, rotation=rotation
    )
    with av.open(str(path)) as container:
        source = container.streams.video[0]
        (frame, *_) = Framer(source).frames([next(container.decode(source))])
    assert frame.told_turn == rotation
    for later in (0, 90, 180, 270):
        assert frame.turn(later) == rotation
        pixels = Fitter().fit(frame, Viewport(320, 320), later)
        assert (pixels.shape[1] > pixels.shape[0]) == (rotation in (0, 180))


@pytest.mark.parametrize(
    "turn, mirror, expected",
    [
        (0, (True, False), 0),
        (0, (False, True), 180),
        (0, (True, True), 180),
        (90, (True, False), 90),
        (90, (False, True), 270),
        (180, (True, False), 180),
        (270, (True, False), 270),
        (270, (True, True), 90),
    ],
)
def test_of_a_mirrored_file_above_stays_above(turn, mirror, expected):
    target = BytesIO()
    film(target, count=1, turn=turn, mirror=mirror)
    with av.open(BytesIO(target.getvalue()), "r") as container:
        (image,) = container.decode(video=0)
    assert told_turn(image) == expected
