import av
import cv2
import numpy as np
import pytest

from tests.support import material
from tests.support.video import clip_bytes, numbered, read_number
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.thumbnail import make_thumbnail, read_thumbnail


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Three seconds of numbered pictures, 15 a second, a keyframe every second."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    path.write_bytes(clip_bytes(45, width=640, height=360))
    return path


def picture(jpeg):
    assert jpeg.startswith(b"\xff\xd8")
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    "at_s, number", [(None, 0), (0, 0), (1.0, 15), (1.4, 21), (2.9, 44), (99, 44)]
)
def test_the_picture_is_that_of_its_moment(at_s, number, clip):
    thumbnail = picture(make_thumbnail(clip, at_s))
    assert thumbnail.shape == (180, 320, 3)
    assert read_number(thumbnail) == number


@pytest.mark.parametrize("rotation, turns", [(90, 3), (180, 2), (270, 1)])
def test_the_picture_is_turned_clockwise(rotation, turns, clip):
    upright = picture(make_thumbnail(clip, 1.0, width=640))
    turned = picture(make_thumbnail(clip, 1.0, width=640, rotation=rotation))
    assert np.abs(np.rot90(upright, turns).astype(int) - turned).mean() < 4


def test_a_picture_is_never_enlarged(tmp_path):
    (tmp_path / "a.mp4").write_bytes(clip_bytes(2, width=160, height=90))
    assert picture(make_thumbnail(tmp_path / "a.mp4", None)).shape == (90, 160, 3)


def test_h265_is_decoded_too(tmp_path):
    (tmp_path / "a.mp4").write_bytes(clip_bytes(16, codec="hevc"))
    assert read_number(picture(make_thumbnail(tmp_path / "a.mp4", 1.0))) == 15


def test_a_clip_cut_short_shows_what_there_is(tmp_path):
    path = tmp_path / "a.mp4"
    flags = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(str(path), "w", options=flags) as out:
        stream = out.add_stream("libx264", rate=15, options={"g": "5"})
        stream.width, stream.height = 320, 180
        for index in range(30):
            pixels = numbered(index, 320, 180)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        out.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    assert 10 <= read_number(picture(make_thumbnail(path, 99))) < 30


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, Problem.NOT_FOUND),
        (b"", Problem.BAD_DATA),
        (b"no video at all" * 100, Problem.BAD_DATA),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", Problem.BAD_DATA),
    ],
)
def test_a_file_that_is_no_video_is_an_error_with_a_kind(content, problem, tmp_path):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StreamError) as caught:
        make_thumbnail(path, 1.0)
    assert caught.value.kind is problem
    assert str(tmp_path) not in str(caught.value)


def test_a_file_with_sound_alone_has_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        silence.sample_rate = 48_000
        out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    with pytest.raises(StreamError) as caught:
        make_thumbnail(path, None)
    assert caught.value.kind is Problem.NO_VIDEO


def test_a_picture_that_says_to_be_huge_is_not_decoded(tmp_path):
    """Two bytes of its head are enough for gigabytes of memory, and the end of the program."""
    made = material.thumbnails()[-2]
    room, path = Size(160, 90), tmp_path / "x.jpg"
    path.write_bytes(made)
    shown = read_thumbnail(path, room)
    assert shown is not None
    assert shown.shape == (90, 160, 4)
    path.write_bytes(material.said_to_be(made, 65_500, 16_000))
    assert read_thumbnail(path, room) is None


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_not_shown(tmp_path, data):
    (tmp_path / "x.jpg").write_bytes(data)
    assert read_thumbnail(tmp_path / "x.jpg", Size(160, 90)) is None
