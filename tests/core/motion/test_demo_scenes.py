"""The demo films and the sample configuration that shows them."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from vms_desktop.core.config.camera import camera_from_json
from vms_desktop.core.motion.file_detector import detect_file

ROOT = Path(__file__).resolve().parents[3]
FILMS = ROOT / "resources" / "demo"
SCENES = {entry["file"]: entry for entry in json.loads((FILMS / "scenes.json").read_text())}
SAMPLE = json.loads((ROOT / "cameras.json").read_text(encoding="utf-8"))

MAX_BYTES = 1_000_000
MAX_KEYFRAME_INTERVAL_S = 2.0
# Detection may begin and end a little off what can just be seen at the edge of the picture.
TOLERANCE_S = 2.5

every_film = pytest.mark.parametrize("name", sorted(SCENES))


def test_there_are_four_films():
    assert sorted(SCENES) == ["driveway.mp4", "farm_gate.mp4", "front_door.mp4", "shop.mp4"]
    assert sorted(path.name for path in FILMS.glob("*.mp4")) == sorted(SCENES)


@every_film
def test_a_film_is_small_h264_as_its_description_says(name):
    scene = SCENES[name]
    assert (FILMS / name).stat().st_size < MAX_BYTES
    with av.open(FILMS / name) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (
            (stream.width, stream.height) == (640, 360) == (scene["width_px"], scene["height_px"])
        )
        assert stream.average_rate == scene["frame_rate"]
        assert float(stream.duration * stream.time_base) == pytest.approx(scene["duration_s"])


@every_film
def test_a_film_can_be_joined_every_two_seconds(name):
    with av.open(FILMS / name) as film:
        times = [float(p.pts * p.time_base) for p in film.demux(video=0) if p.is_keyframe]
    assert times[0] == pytest.approx(0)
    assert np.diff(times).max() == pytest.approx(MAX_KEYFRAME_INTERVAL_S)


@every_film
def test_a_film_ends_as_it_begins(name):
    with av.open(FILMS / name) as film:
        pictures = [_coarse(frame.to_ndarray(format="gray")) for frame in _ends(film)]
    assert np.abs(pictures[0] - pictures[-1]).max() < 12


def _coarse(picture):
    """Means of 20×20 px: leaves and noise differ from frame to frame, the scene must not."""
    return picture.reshape(18, 20, 32, 20).mean(axis=(1, 3))


def _ends(film):
    """The first frame, and those since the last keyframe."""
    yield next(film.decode(video=0))
    film.seek(film.duration, backward=True)
    yield from film.decode(video=0)


@every_film
def test_something_crosses_soon_and_leaves_time_for_the_clip_to_end(name):
    scene = SCENES[name]
    crossings = scene["crossings_s"]
    assert 8 <= crossings[0][0] <= 12
    assert all(begins < ends for begins, ends in crossings)
    following = [*crossings[1:], [crossings[0][0] + scene["duration_s"]]]
    assert all(
        after[0] - before[1] >= 12 for before, after in zip(crossings, following, strict=True)
    )


@every_film
def test_the_detector_sees_the_crossings_and_nothing_else(name):
    events = [(event.start_s, event.end_s) for event in detect_file(FILMS / name)]
    expected = SCENES[name]["crossings_s"]
    assert len(events) == len(expected)
    assert np.abs(np.array(events) - np.array(expected)).max() < TOLERANCE_S


def test_the_sample_shows_the_four_films():
    cameras = [camera_from_json(key, entry) for key, entry in SAMPLE.items()]
    assert [camera.name for camera in cameras] == ["Front door", "Driveway", "Shop", "Farm gate"]
    assert sorted(camera.url_sd for camera in cameras) == [
        f"resources/demo/{name}" for name in sorted(SCENES)
    ]
    assert all(camera.is_active and camera.is_recording_enabled for camera in cameras)
    assert all(camera.show_detection and not camera.extra for camera in cameras)
