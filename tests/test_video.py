"""The tests' own video is what it says, or nothing proved with it holds."""

import io

import av
import pytest
from av.stream import Stream

from tests.support.video import clip_bytes, encode, read_number


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_numbers_are_readable_after_compression(codec):
    container = "mov" if codec == "mjpeg" else "mp4"
    clip = clip_bytes(20, codec=codec, container=container, width=160, height=96)
    with av.open(io.BytesIO(clip), "r") as source:
        frames = [frame.to_ndarray(format="bgr24") for frame in source.decode(video=0)]
    assert [read_number(frame) for frame in frames] == list(range(20))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_one_access_unit_per_picture_and_a_keyframe_per_group(codec):
    video = encode(12, gop=5, codec=codec, width=160, height=96)
    assert [index for index, key in enumerate(video.keyframes) if key] == [0, 5, 10]
    assert len(video.units) == 12
    assert all(unit.startswith((b"\0\0\1", b"\0\0\0\1")) for unit in video.units)


def length_s(stream: Stream) -> float:
    assert stream.duration is not None
    assert stream.time_base is not None
    return float(stream.duration * stream.time_base)


def test_a_clip_with_sound_has_both_tracks_of_the_same_length():
    clip = clip_bytes(15, audio=True, width=160, height=96)
    with av.open(io.BytesIO(clip)) as source:
        lengths = {stream.type: length_s(stream) for stream in source.streams}
    assert lengths["video"] == pytest.approx(1.0)
    assert lengths["audio"] == pytest.approx(1.0, abs=0.05)
