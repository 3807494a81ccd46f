"""The detector over files that are made here, good and bad ones."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.core.motion.file_detector import detect_file

WIDTH, HEIGHT, RATE = 320, 180, 10
CODECS = {"mp4": "libx264", "mkv": "libx265", "avi": "mjpeg", "h264": "libx264", "ts": "libx264"}


def picture(at: float, spans) -> np.ndarray:
    """A grey scene; during each span a bright block crosses it."""
    luma = np.fromfunction(lambda y, x: 90 + x / 8 + 20 * np.sin(y / 9), (HEIGHT, WIDTH))
    for begin_s, end_s in spans:
        if begin_s <= at < end_s:
            left = round(10 + (at - begin_s) * 60)
            luma[60:120, left : left + 30] = 220
    return luma.astype(np.uint8)


def make(path: Path, *spans, length_s: float, start_s: float = 0) -> Path:
    """A video of that length, in which something moves during the spans."""
    with av.open(str(path), "w") as container:
        codec = CODECS[path.suffix[1:]]
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.gop_size = WIDTH, HEIGHT, RATE
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec.startswith("libx"):
            quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
            stream.options = {"preset": "ultrafast", **quiet}
        for number in range(round(length_s * RATE)):
            frame = av.VideoFrame.from_ndarray(picture(number / RATE, spans), format="gray")
            frame.pts = number + round(start_s * RATE)
            container.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        container.mux(stream.encode())
    return path


def found(path: Path, **options) -> list[tuple[float, float]]:
    return [(event.start_s, event.end_s) for event in detect_file(path, **options)]


def close_to(*spans):
    return [pytest.approx(span, abs=0.35) for span in spans]


@pytest.mark.parametrize("suffix", sorted(CODECS))
def test_the_events_of_any_codec_are_found(tmp_path, suffix):
    path = make(tmp_path / f"clip.{suffix}", (2, 4), (8, 11), length_s=15)
    assert found(path) == close_to((2, 4), (8, 11))


def test_nothing_is_found_where_nothing_moves(tmp_path):
    assert found(make(tmp_path / "still.mp4", length_s=12)) == []


def test_moments_less_than_3_s_apart_are_one_event(tmp_path):
    path = make(tmp_path / "clip.mp4", (6, 8), (10, 12), (17, 19), length_s=20)
    assert found(path) == close_to((6, 12), (17, 19))


def test_the_end_of_the_file_ends_an_event(tmp_path):
    assert found(make(tmp_path / "clip.mp4", (6, 9), length_s=8)) == close_to((6, 8))


def test_times_count_from_the_first_frame(tmp_path):
    path = make(tmp_path / "clip.mkv", (3, 6), length_s=9, start_s=100)
    assert found(path) == close_to((3, 6))


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"from_s": 6}, [(8, 11)]),
        ({"to_s": 6}, [(2, 4)]),
        ({"from_s": 3, "to_s": 9}, [(3, 4), (8, 9)]),
        ({"from_s": 12}, []),
        ({"from_s": 99}, []),
        ({"sensitivity": 3000}, []),
        ({"sensitivity": 1500}, [(2, 4), (8, 11)]),
    ],
)
def test_only_what_is_asked_for_is_told(tmp_path, options, expected):
    path = make(tmp_path / "clip.mp4", (2, 4), (8, 11), length_s=15)
    assert found(path, **options) == close_to(*expected)


def test_zones_are_honoured(tmp_path):
    path = make(tmp_path / "clip.mp4", (2, 4), length_s=8)
    corners = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
    everywhere = Zone(name="", kind=ZoneKind.IGNORE, points=corners)
    assert found(path, zones=(everywhere,)) == []


def test_the_peak_is_the_largest_area_of_the_event(tmp_path):
    (event,) = detect_file(make(tmp_path / "clip.mp4", (2, 4), length_s=8))
    assert event.peak_area_px == pytest.approx((30 + 8) * (60 + 8), rel=0.15)


def test_progress_grows_to_the_whole(tmp_path):
    shares: list[float] = []
    found(make(tmp_path / "clip.mp4", length_s=4), progress=shares.append)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path):
    path = make(tmp_path / "clip.ts", (2, 4), (8, 11), length_s=15)
    data = bytearray(path.read_bytes())
    middle = len(data) // 188 * 188 // 2
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(data[: -len(data) // 20])
    assert found(path) == close_to((2, 4), (8, 11))


@pytest.mark.parametrize(
    "content, kind",
    [
        (None, Problem.NOT_FOUND),
        (b"", Problem.BAD_DATA),
        (b"no video at all, only words\n" * 50, Problem.BAD_DATA),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n", Problem.BAD_DATA),
    ],
)
def test_what_is_no_video_is_told_apart(tmp_path, content, kind):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StreamError) as error:
        found(path)
    assert error.value.kind is kind


def test_a_file_with_sound_only_has_no_video(tmp_path):
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        sound.rate = 8000
        container.mux(stream.encode(sound))
    with pytest.raises(StreamError) as error:
        found(path)
    assert error.value.kind is Problem.NO_VIDEO


@pytest.mark.parametrize("name", ["", "folder", "http://127.0.0.1:9/a.mp4", "concat:a|b"])
def test_only_a_regular_file_is_opened(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StreamError) as error:
        found(Path(name))
    assert error.value.kind is Problem.NOT_FOUND
