"""Exports of what cannot be copied, and onto disks that take no more."""

import errno
import itertools
import os
import resource
import signal
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import av
import numpy as np
import pytest

from tests.support.exporting import FPS, START, Folder, Recorded, blocks, is_even, numbers, times
from tests.support.video import numbered
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.base.files import DiskUsage
from vms_desktop.core.export import exporter, room_needed
from vms_desktop.core.export.exporter import ExportCancelledError, Exporter, export_begins_at
from vms_desktop.core.export.file import make_folder
from vms_desktop.core.export.request import ExportRequest, ExportTrack
from vms_desktop.core.export.source import SourceReader
from vms_desktop.core.library.archive import FailedPath, Obstacle


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def clip_of(folder, name, begins_s, codec, first=0, sound=None, count=20, **options):
    """A clip as another program may have put it there."""
    path = folder.folder / f"{name}.mp4"
    with av.open(str(path), "w", format="mov" if codec == "prores_ks" else "mp4") as output:
        stream = output.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height = 160, 96
        stream.pix_fmt = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
        stream.codec_context.gop_size = FPS
        heard = output.add_stream(sound[0], rate=sound[1], layout=sound[2]) if sound else None
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(first + index, 160, 96), format="bgr24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if heard:
            output.mux(heard.encode(tone(sound[1], sound[2], count / FPS)))
            output.mux(heard.encode(None))
    start = START + timedelta(seconds=begins_s)
    return Recorded(path, start, start + timedelta(seconds=count / FPS))


def tone(rate: int, layout: str, seconds: float) -> av.AudioFrame:
    channels = av.AudioLayout(layout).nb_channels
    wave = np.sin(np.arange(round(rate * seconds)) * 440 * 2 * np.pi / rate) * 16_000
    samples = np.repeat(wave.astype(np.int16), channels).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    frame.sample_rate = rate
    return frame


@pytest.mark.parametrize(
    "codec, name, options",
    [
        ("libsvtav1", "av1", {"preset": "12", "svtav1-params": "lookahead=0"}),
        ("libvpx-vp9", "vp9", {"deadline": "realtime"}),
        ("mpeg4", "mpeg4", {"q": "2"}),
    ],
)
def test_what_an_mp4_takes_is_copied_though_nobody_here_encodes_it(folder, codec, name, options):
    clip = clip_of(folder, "a", 0, codec, **options)
    given = [bytes(packet) for packet in packets(clip.path)]
    (path,) = folder.export(clip).outputs
    assert [bytes(packet) for packet in packets(path)] == given
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec.canonical_name == name
    (burnt,) = folder.export(clip, burn_in=True).outputs
    assert len(times(burnt)) == 20
    with av.open(str(burnt)) as container:
        assert container.streams.video[0].codec_context.name == "h264"


def packets(path):
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def test_what_no_mp4_takes_is_named_and_the_others_are_exported(folder):
    strange = clip_of(folder, "b", 10, "prores_ks", first=50)
    a, c = folder.clip("a", 0), folder.clip("c", 20, first=100)
    result = folder.export(a, strange, c)
    assert [n for path in result.outputs for n in numbers(path)] == [*range(20), *range(100, 120)]
    assert result.failed == (FailedPath(strange.path, Obstacle.NOT_FOR_MP4, "PRORES"),)
    assert len(folder.files()) == len(result.outputs)


@pytest.mark.parametrize("how", [{"exact": True}, {"burn_in": True}])
def test_what_no_mp4_takes_is_encoded_where_that_is_asked(folder, how):
    strange = clip_of(folder, "b", 10, "prores_ks", first=50)
    result = folder.export(strange, **how)
    assert (len(times(result.outputs[0])), result.failed) == (20, ())


def test_another_codec_in_the_middle_is_encoded_into_the_one_file(folder):
    clips = folder.clip("a", 0), clip_of(folder, "b", 10, "mpeg4", first=50, q="2")
    (path,) = folder.export(*clips, burn_in=True).outputs
    assert len(times(path)) == 40


@pytest.mark.parametrize("sound", [("pcm_s16le", 16_000, "mono"), ("pcm_s16le", 96_000, "5.1")])
def test_sound_that_no_player_expects_becomes_aac(folder, sound):
    clip = clip_of(folder, "a", 0, "mpeg4", sound=sound)
    result = folder.export(clip)
    assert result.failed == ()
    with av.open(str(result.outputs[0])) as container:
        heard = list(container.decode(audio=0))
        assert container.streams.audio[0].codec_context.name == "aac"
    assert heard[-1].time == pytest.approx(2, abs=0.15)


def test_a_clip_without_a_keyframe_is_named_and_the_others_are_exported(folder):
    blind, other = folder.clip("a", 0), folder.clip("b", 10, first=100)
    without_keyframes(blind.path)
    result = folder.export(blind, other)
    assert numbers(result.outputs[0]) == list(range(100, 120))
    assert result.failed == (FailedPath(blind.path, Problem.NO_KEYFRAMES),)


def without_keyframes(path):
    """Have the clip's header name none that is there (`stss`)."""
    data = bytearray(path.read_bytes())
    place = data.index(b"stss")
    size = int.from_bytes(data[place - 4 : place])
    data[place + 12 : place - 4 + size] = b"\x00\x00\xff\xff" * ((size - 16) // 4)
    path.write_bytes(data)


@pytest.mark.parametrize("error", [MemoryError(), ValueError(), av.EOFError(1, "x"), OSError(5)])
def test_whatever_goes_wrong_with_a_clip_costs_no_other(folder, error, monkeypatch):
    clips = [folder.clip(name, 10 * n, first=100 * n) for n, name in enumerate("abc")]
    packets, calls = SourceReader.packets, itertools.count()

    def failing(reader, *span):
        if next(calls) == 1:
            raise error
        return packets(reader, *span)

    monkeypatch.setattr(SourceReader, "packets", failing)
    result = folder.export(*clips)
    assert numbers(result.outputs[0]) == [*range(20), *range(200, 220)]
    assert [each.path for each in result.failed] == [clips[1].path]
    assert len(folder.files()) == 1


@contextmanager
def no_file_above(size_bytes):
    """As FAT32 at 4 GiB: the system refuses with EFBIG."""
    before, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


def rich(folder, name, begins_s, count=100, first=0, **options):
    return folder.clip(name, begins_s, count, first=first, width=320, height=192, **options)


@pytest.mark.parametrize("burn_in", [False, True])
def test_a_disk_that_takes_no_large_file_gets_several_without_a_lost_frame(folder, burn_in):
    clips = rich(folder, "a", 0, audio=True), rich(folder, "b", 10, first=100, audio=True)
    (whole,) = folder.export(*clips, burn_in=burn_in).outputs
    shown, limit = numbers(whole), whole.stat().st_size * 2 // 5
    with no_file_above(limit):
        result = folder.export(*clips, burn_in=burn_in)
    assert result.failed == ()
    assert len(result.outputs) >= 3
    assert [n for path in result.outputs for n in numbers(path)] == shown == list(range(200))
    assert all(path.stat().st_size <= limit and is_even(times(path)) for path in result.outputs)
    assert len({path.name for path in result.outputs}) == len(result.outputs)
    assert folder.told[-1] == 1.0
    assert len(folder.files()) == len(result.outputs) + 1


def test_parts_of_a_clip_with_b_frames_hold_each_frame_once(folder):
    path = folder.folder / "b.mp4"
    with av.open(str(path), "w") as output:
        options = {"bf": "2", "b-adapt": "0", "g": "10"}
        stream = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for index in range(60):
            frame = av.VideoFrame.from_ndarray(numbered(index, 160, 96), format="bgr24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    clip = Recorded(path, START, START + timedelta(seconds=6))
    (whole,) = folder.export(clip).outputs
    with no_file_above(20_000 + (whole.stat().st_size - 20_000) // 2):
        result = folder.export(clip)
    assert len(result.outputs) > 1
    assert [n for part in result.outputs for n in numbers(part)] == list(range(60))


def test_a_disk_that_is_known_for_its_limit_never_has_to_refuse(folder, monkeypatch):
    clip = folder.clip("a", 0, 60, paint=noise)
    limit = clip.path.stat().st_size // 3
    monkeypatch.setattr(exporter, "file_limit", lambda _folder: limit)
    result = folder.export(clip)
    assert len(result.outputs) > 3
    assert max(path.stat().st_size for path in result.outputs) <= limit
    assert sum(len(times(part)) for part in result.outputs) == 60


def noise(index: int, width: int, height: int) -> np.ndarray:
    """A picture that takes far more room than the index of its file."""
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)


def test_a_disk_that_takes_not_even_a_keyframe_says_so(folder):
    clip = rich(folder, "a", 0)
    with no_file_above(17_000):
        result = folder.export(clip)
    assert result.failed == (FailedPath(folder.out, StorageProblem.TOO_LARGE),)
    assert (result.outputs, folder.files()) == ((), [])


def full_after(monkeypatch, room_bytes, number=errno.ENOSPC):
    write, room = os.write, [room_bytes]

    def full(descriptor, data):
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(number, os.strerror(number))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    return room


def test_what_a_full_disk_took_stays_and_the_rest_goes_to_another(folder, monkeypatch):
    clips = [folder.clip(name, 60 * n, 40, first=100 * n) for n, name in enumerate("abc")]
    size = clips[0].path.stat().st_size
    monkeypatch.setattr(room_needed, "disk_usage", lambda _path: DiskUsage(10**9, 0))
    room = full_after(monkeypatch, 10**9)
    (path,) = folder.export(clips[0]).outputs
    room[0] = (10**9 - room[0]) * 3 // 2
    path.unlink()
    result = folder.export(*clips, concat=False)
    assert len(folder.files()) == len(result.outputs) == 1
    (failed,) = result.failed
    assert (failed.path, failed.problem) == (folder.out, StorageProblem.FULL)
    assert failed.missing_bytes == pytest.approx(2 * size, rel=0.2)

    room[0] = 10**9
    other = folder.folder / "other"
    rest = Exporter(
        replace(result.rest.request, folder=other),
        lambda *_done: None,
        lambda: False,
        blocks,
        plans=result.rest.plans,
    ).run()
    assert [numbers(path)[0] for path in (*result.outputs, *rest.outputs)] == [0, 100, 200]
    assert {path.parent for path in rest.outputs} == {other}
    assert rest.rest is None


@pytest.mark.parametrize(
    "number, problem",
    [
        (errno.EDQUOT, StorageProblem.FULL),
        (errno.EACCES, StorageProblem.FORBIDDEN),
        (errno.EROFS, StorageProblem.READ_ONLY),
        (errno.EIO, StorageProblem.FAILING),
        (errno.ENODEV, StorageProblem.MISSING),
    ],
)
def test_why_a_disk_refuses_is_told_apart(folder, number, problem, monkeypatch):
    clip = folder.clip("a", 0)
    full_after(monkeypatch, 2_000, number)
    (failed,) = folder.export(clip).failed
    assert (failed.path, failed.problem) == (folder.out, problem)
    assert folder.files() == []


@pytest.mark.parametrize(
    "number, problem",
    [
        (errno.ENAMETOOLONG, StorageProblem.BAD_NAME),
        (errno.EINVAL, StorageProblem.BAD_NAME),
        (errno.EACCES, StorageProblem.FORBIDDEN),
    ],
)
def test_a_name_or_a_right_that_is_refused_is_told(folder, number, problem, monkeypatch):
    clip, opened = folder.clip("a", 0), os.open

    def refusing(path, *how, **more):
        if str(path).endswith(".part"):
            raise OSError(number, os.strerror(number))
        return opened(path, *how, **more)

    monkeypatch.setattr(os, "open", refusing)
    (failed,) = folder.export(clip).failed
    assert failed.problem is problem


def test_the_folder_of_a_stick_that_was_pulled_is_missing_and_not_made_anew(folder):
    folder.out = folder.folder / "stick" / "exports"
    (failed,) = folder.export(folder.clip("a", 0)).failed
    assert failed.problem is StorageProblem.MISSING
    assert not (folder.folder / "stick").exists()


def test_a_folder_that_only_lacks_itself_is_made(tmp_path):
    make_folder(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_when_copies_begin_is_known_before(folder):
    """With the keyframe before the start; with the clip where the start is before it."""
    a, b = folder.clip("a", 0, 40), folder.clip("b", 10, 40)
    tracks = ExportTrack("A", (a, b)), ExportTrack("B", (b,)), ExportTrack("C", ())
    start = START + timedelta(seconds=1.4)
    request = ExportRequest(tracks=tracks, folder=folder.out, start=start)
    begins = export_begins_at(request, lambda: False)
    assert begins == (START + timedelta(seconds=1), b.start_at, None)
    assert folder.files() == []
    with pytest.raises(ExportCancelledError):
        export_begins_at(request, lambda: True)
