"""Clips are opened in one way, which tells damage from a disk that fails."""

import ast
import errno
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.support.failing_file import FailingFile, fail_behind_header
from tests.support.video import clip_bytes, still
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.export.source import read_source
from vms_desktop.core.media.mp4 import mp4_in, open_mp4, packets_in, probe_file
from vms_desktop.core.media.old_sound import open_with_sound
from vms_desktop.core.media.thumbnail import make_thumbnail
from vms_desktop.core.motion.file_detector import detect_file, motions_of_clip
from vms_desktop.core.player.clip_reader import ClipReader

READERS = {
    "opened": open_mp4,
    "opened with its sound": open_with_sound,
    "played": ClipReader,
    "exported": lambda path: read_source(path, 0),
    "shown small": lambda path: make_thumbnail(path, 1.0),
    "watched": lambda path: list(motions_of_clip(path)),
}
PRODUCT = Path(__file__).parents[3] / "vms_desktop"


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip_bytes(45))
    return path


@pytest.fixture
def large_clip(clip):
    """More than is read with a header."""
    clip.write_bytes(clip_bytes(90, paint=still))
    return clip


def kind_of_failure(read, path):
    with pytest.raises(StreamError) as error:
        read(path)
    assert str(path) not in str(error.value)
    return error.value.kind


@pytest.fixture(params=READERS)
def read(request):
    return READERS[request.param]


def test_a_codec_that_nobody_here_knows_is_told_by_every_reader(clip, read):
    """As of a clip that another program has put there."""
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzz1"))
    assert kind_of_failure(read, clip) is Problem.UNSUPPORTED_CODEC
    assert kind_of_failure(lambda path: list(detect_file(path)), clip) is Problem.UNSUPPORTED_CODEC
    assert probe_file(clip) is None


@pytest.mark.parametrize(
    "data", [b"", b"no video at all", clip_bytes(45)[:400]], ids=["empty", "text", "cut"]
)
def test_what_is_no_clip_is_told_by_every_reader(clip, read, data):
    clip.write_bytes(data)
    assert kind_of_failure(read, clip) is Problem.BAD_DATA
    assert probe_file(clip) is None


def test_a_file_that_is_not_there_is_told_by_every_reader(clip, read):
    clip.unlink()
    assert kind_of_failure(read, clip) is Problem.NOT_FOUND
    with pytest.raises(FileNotFoundError):
        probe_file(clip)


def test_a_file_that_must_not_be_read_is_told_by_every_reader(clip, read, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert kind_of_failure(read, clip) is Problem.UNREACHABLE
    with pytest.raises(PermissionError):
        probe_file(clip)


def test_a_clip_is_probed_from_its_first_picture(clip):
    found = probe_file(clip)
    assert found is not None
    assert (found.codec, found.size, found.duration_s) == ("h264", Size(320, 180), 3)


def test_a_disk_that_fails_behind_the_header_is_no_end_of_the_clip(large_clip, monkeypatch):
    fail_behind_header(monkeypatch, large_clip)
    with open_mp4(large_clip) as opened:
        assert kind_of_failure(lambda _: list(opened.packets()), large_clip) is Problem.UNREACHABLE


def test_a_place_that_no_file_has_is_damage_and_not_the_disk(clip):
    with clip.open("rb") as file:
        failing: Any = FailingFile(file, reads=0, code=errno.EINVAL)
        with pytest.raises(StreamError) as error:
            mp4_in(failing)
    assert error.value.kind is Problem.BAD_DATA


def test_a_place_that_no_file_has_ends_what_a_clip_gives(large_clip, monkeypatch):
    fail_behind_header(monkeypatch, large_clip, code=errno.EINVAL)
    with open_mp4(large_clip) as opened:
        assert 0 < len(list(opened.packets())) < 90


def test_packets_begin_at_the_keyframe_before_a_time(clip):
    with clip.open("rb") as file, mp4_in(file) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        at = round(2.5 / video.time_base)
        [first] = islice(packets_in(container, video, at=at), 1)
        assert first.is_keyframe
        assert first.pts is not None
        assert 0 < first.pts <= at


def test_a_deleted_clip_that_is_open_is_read_to_its_end(clip):
    with open_mp4(clip) as opened:
        clip.unlink()
        assert len(list(opened.frames())) == 45


def test_a_file_is_opened_for_reading_in_three_places_alone():
    """Streams of cameras, files of any kind for `detect`, and clips."""
    readers = {
        path.stem
        for path in PRODUCT.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "av.open"
        and not {"'w'", "BytesIO"} & set(map(_kind, call.args))
    }
    assert readers == {"container_reader", "file_detector", "mp4"}


def _kind(argument):
    """How an argument is spelled, of a call that which function."""
    return ast.unparse(argument.func if isinstance(argument, ast.Call) else argument)
