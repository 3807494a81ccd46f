"""Films, and what FFmpeg reads of cameras, in which something is broken or comes late."""

from contextlib import closing
from functools import partial

import pytest

from tests.support.packets import HandClock, Hurried, camera
from tests.support.rtsp_camera import never
from tests.support.video import clip_bytes
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.stream.container_reader import ContainerReader, open_container
from vms_desktop.core.stream.ffmpeg_stream import LiveStream
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.stream import VIDEO_CODECS

FLV_HEAD_BYTES, FLV_FLAGS_AT, FLV_HAS_VIDEO = 13, 4, 1
FLV_SOUND, FLV_PICTURE = 8, 9
COUNT = 6


def film(container, *, audio=True):
    return clip_bytes(COUNT, width=64, height=64, gop=3, audio=audio, container=container)


def tags(flv):
    """The parts of an FLV behind its head, each with its length at its end."""
    at = FLV_HEAD_BYTES
    while at < len(flv):
        end = at + 11 + int.from_bytes(flv[at + 1 : at + 4]) + 4
        yield flv[at:end]
        at = end


def sounding_late(flv):
    """The film as a camera sends it that tells of pictures alone, and then has a sound too."""
    head = bytearray(flv[:FLV_HEAD_BYTES])
    head[FLV_FLAGS_AT] = FLV_HAS_VIDEO
    listed = list(tags(flv))
    return bytes(head) + b"".join(
        tag for kind in (FLV_PICTURE, FLV_SOUND) for tag in listed if tag[0] == kind
    )


@pytest.fixture
def opened(tmp_path):
    """Opens a film of these bytes, which plays without anybody having to wait."""

    def opening(data):
        (tmp_path / "film").write_bytes(data)
        clock = HandClock()
        return StreamOpener(tmp_path, clock).open(camera(), "film", Hurried(clock))

    return opening


def live(path):
    """A stream that FFmpeg reads as it comes, with as little looked at before as can be."""
    options = {"probesize": "32", "analyzeduration": "0"}
    opens = partial(open_container, f"file:{path}", "flv", options, (5.0, 5.0), "host")
    reader = ContainerReader(opens, "host")
    container = reader.container(never, 5)
    assert [track.type for track in container.streams] == ["video"]
    return LiveStream(reader, container, HandClock(), VIDEO_CODECS, "host")


def test_a_stream_whose_sound_begins_late_ends_as_any_other(tmp_path):
    """PyAV falls over such a one at its end, nearly every time; the thread was gone then."""
    (tmp_path / "late.flv").write_bytes(sounding_late(film("flv")))
    for _ in range(5):
        with closing(live(tmp_path / "late.flv")) as stream:
            packets = []
            with pytest.raises(StreamError) as ended:
                packets.extend(stream.packets(never))
        assert ended.value.kind is Problem.ENDED


def test_parameter_sets_that_are_none_are_told(opened):
    data = film("flv", audio=False)
    sets = next(tag for tag in tags(data) if tag[0] == FLV_PICTURE)
    # Behind the tag's head and the picture's: the record of the sets, whose lengths lie now.
    broken = sets[:16] + bytes(5) + b"\xff\xff\xff" + sets[24:]
    with pytest.raises(StreamError) as refused:
        opened(data.replace(sets, broken))
    assert refused.value.kind is Problem.BAD_DATA


def test_a_film_without_a_whole_picture_does_not_play_its_sound_without_a_rest(opened):
    data = film("flv")
    pictures = [tag for tag in tags(data) if tag[0] == FLV_PICTURE]
    for tag in pictures[1:]:
        data = data.replace(tag, tag[:16] + b"\xff" * (len(tag) - 20) + tag[-4:])
    packets = []
    with closing(opened(data)) as stream, pytest.raises(StreamError) as ended:
        packets.extend(stream.packets(never))
    assert not [packet for packet in packets if packet.is_video]
    assert ended.value.kind is Problem.ENDED
