import errno
import random
from collections import deque
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from tests.support.video import clip_bytes, numbered, read_number, still, write_clip
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.media.mp4 import open_mp4
from vms_desktop.core.player import clip_reader
from vms_desktop.core.player.clip_frames import ClipFrames
from vms_desktop.core.player.clip_reader import ClipReader

FPS, GOP, COUNT = 15, 15, 60
PLENTY = 2**30
FRAME_BYTES = 320 * 180 * 3 // 2
FRAGMENTED = "hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof"


def write(path, count=COUNT, encoder="libx264", options=None, movflags=None, pts=None):
    """A clip of numbered pictures whose encoder gets all the options that there are."""
    given = {"g": str(GOP), "preset": "ultrafast", **(options or {})}
    flags = {"movflags": movflags, "frag_duration": "1000000"} if movflags else {}
    with av.open(str(path), "w", format="mp4", options=flags) as out:
        stream = out.add_stream(encoder, rate=FPS, options=given)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, 15360)
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(index, 320, 180), format="bgr24")
            frame.pts = pts(index) if pts else index * 1024
            frame.time_base = Fraction(1, 15360)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    write(folder / "plain.mp4", options={"tune": "zerolatency"})
    write(folder / "b-frames.mp4", options={"bf": "3", "preset": "veryfast"})
    write(folder / "long-gop.mp4", options={"g": "600", "tune": "zerolatency"})
    write(folder / "fragmented.mp4", options={"tune": "zerolatency"}, movflags=FRAGMENTED)
    write(folder / "mpeg4.mp4", encoder="mpeg4", options={"b": "2000000"})
    write_clip(folder / "hevc.mp4", COUNT, codec="hevc", fps=FPS, gop=GOP)
    write_clip(folder / "sound.mp4", COUNT, fps=FPS, gop=GOP, audio=True)
    return folder


KINDS = ["plain", "b-frames", "long-gop", "fragmented", "mpeg4", "hevc", "sound"]


@pytest.fixture
def opened(clips):
    made = []

    def make(name="plain", budget=PLENTY, folder=clips):
        made.append(ClipFrames(ClipReader(folder / f"{name}.mp4"), budget))
        return made[-1]

    yield make
    for frames in made:
        frames.close()


def number(frame):
    return read_number(frame.frame.image.to_ndarray(format="bgr24"))


def time_of(index):
    return round(index * 1e6 / FPS)


def at(frames, index, slip_us=0):
    return number(frames.at(time_of(index) + slip_us))


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_shows_the_last_frame_at_or_before_it(kind, opened):
    frames = opened(kind)
    for index in random.Random(1).sample(range(1, COUNT), 12):
        found = [at(frames, index, slip) for slip in (-1, 0, 1, 66_000)]
        assert found == [index - 1, index, index, index]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("budget", [PLENTY, 4 * FRAME_BYTES])
def test_every_frame_is_reached_by_steps_both_ways(kind, budget, opened):
    frames = opened(kind, budget)
    frame, seen = frames.at(0), []
    while frame is not None:
        seen.append(number(frame))
        last, frame = frame, frames.after(frame)
    assert seen == [*range(COUNT)]
    seen.clear()
    while last is not None:
        seen.append(number(last))
        last = frames.before(last)
    assert seen == [*reversed(range(COUNT))]


@pytest.mark.parametrize("kind", KINDS)
def test_steps_to_and_fro_over_a_keyframe_are_exact(kind, opened):
    frames = opened(kind, 6 * FRAME_BYTES)
    frame = frames.at(time_of(31))
    seen = []
    for way in "bbbaabbbbbaaaaaaab":
        frame = frames.before(frame) if way == "b" else frames.after(frame)
        seen.append(number(frame))
    assert seen == [30, 29, 28, 29, 30, 29, 28, 27, 26, 25, 26, 27, 28, 29, 30, 31, 32, 31]


def test_beyond_its_ends_a_clip_shows_its_ends(opened):
    frames = opened()
    assert [at(frames, 0, -1), at(frames, 1000)] == [0, COUNT - 1]
    assert frames.before(frames.at(0)) is None
    assert frames.after(frames.at(time_of(1000))) is None


@pytest.mark.parametrize("budget_frames", [1, 10, 20])
def test_memory_is_bounded_whatever_is_asked(budget_frames, opened):
    frames = opened("long-gop", budget_frames * FRAME_BYTES)
    size = frames.at(0).size_bytes
    most = max(budget_frames * FRAME_BYTES, 8 * size)
    for index in [50, 49, 48, 10, 11, 59, 3, 2, 1, 58]:
        assert at(frames, index) == index
        while frames.backward(time_of(index)):
            assert held(frames) <= 1.5 * most + size
        assert held(frames) <= most + size
    frames.shrink()
    assert held(frames) <= max(most / 8, 2 * size)


def held(frames):
    """The bytes of every frame in any of its runs."""
    runs = [kept for kept in vars(frames).values() if isinstance(kept, list | deque)]
    assert runs
    return sum(frame.size_bytes for run in runs for frame in run)


def test_a_seek_forward_decodes_from_the_last_keyframe_only(opened):
    frames = opened()
    frames.at(0)
    before = frames.reader.decoded
    assert at(frames, 47) == 47
    assert frames.reader.decoded - before <= 5


def test_a_seek_that_is_given_up_gives_what_it_has(opened):
    frames = opened("long-gop")
    asked = iter([False, False, True])
    assert number(frames.at(time_of(50), lambda: next(asked))) < 5
    assert at(frames, 50) == 50


def test_work_ahead_makes_the_next_frames_ready(opened):
    frames = opened()
    frame = frames.at(time_of(20))
    while frames.toward(time_of(25)):
        pass
    decoded = frames.reader.decoded
    assert [number(frame := frames.next_known(frame)) for _ in range(5)] == [*range(21, 26)]
    assert frames.reader.decoded == decoded


def test_work_backwards_makes_the_frames_before_ready(opened):
    frames = opened()
    frame = frames.at(time_of(20))
    while frames.backward(time_of(20)):
        pass
    decoded = frames.reader.decoded
    assert [number(frame := frames.before(frame)) for _ in range(20)] == [*range(19, -1, -1)]
    assert frames.reader.decoded == decoded


@pytest.mark.parametrize("kind", KINDS)
def test_keyframes_are_decoded_alone(kind, opened):
    frames = opened(kind)
    found = [number(frames.keyframe(time_of(index))) for index in (0, 20, 44, 59, 14)]
    assert found == ([0, 0, 0, 0, 0] if kind == "long-gop" else found)
    assert all(f <= i for f, i in zip(found, (0, 20, 44, 59, 14), strict=True))
    if kind not in ("long-gop", "b-frames", "mpeg4"):
        assert found == [0, 15, 30, 45, 0]
    assert at(frames, 33) == 33


def test_a_clip_tells_its_length_and_its_frame_rate(opened):
    reader = opened().reader
    assert (reader.length_us, reader.frame_rate) == (4_000_000, 15)
    assert (reader.size, reader.codec_name) == ((320, 180), "H.264")
    assert reader.keyframes_us == (0, 1_000_000, 2_000_000, 3_000_000)


@pytest.mark.parametrize("width, threads", [(640, 1), (1280, 2)])
def test_hd_is_decoded_by_two_threads(width, threads, tmp_path, opened, monkeypatch):
    files = []

    def noted(path):
        files.append(open_mp4(path))
        return files[-1]

    monkeypatch.setattr(clip_reader, "open_mp4", noted)
    write_clip(tmp_path / "a.mp4", 2, width=width, height=64)
    opened("a", folder=tmp_path)
    assert [file.video.codec_context.thread_count for file in files] == [threads]


# Bad input.


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, Problem.NOT_FOUND),
        (b"", Problem.BAD_DATA),
        (b"no video at all" * 100, Problem.BAD_DATA),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", Problem.BAD_DATA),
        (clip_bytes(30)[:-700], Problem.NO_VIDEO),  # What tells of it stood at the end.
    ],
)
def test_a_file_that_is_no_video_is_an_error_with_a_kind(content, problem, tmp_path):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StreamError) as caught:
        ClipReader(path)
    assert caught.value.kind is problem
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_no_clip(tmp_path):
    with pytest.raises(StreamError) as caught:
        ClipReader(tmp_path)
    assert caught.value.kind is Problem.UNREACHABLE


def test_a_file_with_sound_alone_has_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        silence = np.zeros((1, 1024), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    with pytest.raises(StreamError) as caught:
        ClipReader(path)
    assert caught.value.kind is Problem.NO_VIDEO


@pytest.mark.parametrize("movflags", ["faststart", "frag_keyframe+empty_moov"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_clip_cut_short_plays_up_to_there(movflags, share, tmp_path, opened):
    path = tmp_path / "a.mp4"
    write(path, movflags=movflags, options={"tune": "zerolatency"})
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * share)])
    frames = opened("a", folder=tmp_path)
    last = frames.at(time_of(COUNT))
    assert 0 < number(last) < COUNT - 1
    assert number(last) == round(last.at_us * FPS / 1e6)
    assert abs(frames.reader.length_us - last.at_us) < 200_000
    assert [at(frames, index) for index in (5, 0, 3)] == [5, 0, 3]


def test_damaged_packets_are_passed_over(tmp_path, opened):
    path = tmp_path / "a.mp4"
    write(path, options={"tune": "zerolatency"})
    with av.open(str(path)) as whole:
        video = whole.streams.video[0]
        units = [(entry.pos, entry.size) for entry in video.index_entries][15:30]
    data = bytearray(path.read_bytes())
    for position, size in units:
        data[position + 4 : position + size] = b"\x00" * (size - 4)
    path.write_bytes(data)
    frames = opened("a", folder=tmp_path)
    assert [at(frames, index) for index in (14, 30, 59, 40, 5)] == [14, 30, 59, 40, 5]
    assert at(frames, 20) in (14, 30)
    assert at(frames, 3) == 3
    seen, frame = [], frames.at(0)
    while frame is not None:
        seen.append(number(frame))
        frame = frames.after(frame)
    assert seen[:15] == [*range(15)]
    assert seen[-30:] == [*range(30, 60)]


def test_times_that_jump_ahead_keep_the_frames_in_order(tmp_path, opened):
    write(
        tmp_path / "a.mp4",
        options={"tune": "zerolatency"},
        pts=lambda index: index * 1024 + (3600 * 15360 if index >= 30 else 0),
    )
    frames = opened("a", folder=tmp_path)
    assert [at(frames, 10), at(frames, 29), at(frames, 45)] == [10, 29, 29]
    assert at(frames, 30, 3_600_000_000) == 30


def test_a_file_deleted_while_it_is_open_plays_on(tmp_path, opened):
    path = tmp_path / "a.mp4"
    write(path, options={"tune": "zerolatency"})
    frames = opened("a", folder=tmp_path)
    assert at(frames, 3) == 3
    path.unlink()
    assert [at(frames, 59), at(frames, 20)] == [59, 20]


class FileOfAShare(BytesIO):
    """A file whose share can go away."""

    gone = False

    def read(self, *args):
        if self.gone:
            raise OSError(errno.ESTALE, "Stale file handle")
        return super().read(*args)


def test_a_share_that_vanishes_is_an_error_with_a_kind(tmp_path, opened, monkeypatch):
    path = tmp_path / "a.mp4"
    write_clip(path, COUNT, width=640, height=360, paint=still)
    file = FileOfAShare(path.read_bytes())
    with path.open("rb") as real:
        monkeypatch.setattr(file, "fileno", real.fileno)
        monkeypatch.setattr(Path, "open", lambda *_: file)
        frames = opened("a", folder=tmp_path)
    assert frames.at(0)
    file.gone = True
    with pytest.raises(StreamError) as caught:
        frames.at(time_of(50))
    assert caught.value.kind is Problem.UNREACHABLE
