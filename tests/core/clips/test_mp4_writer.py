"""Clips as a player sees them: written from packets, opened again with PyAV."""

import io
import itertools
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.support.packets import (
    aac_sound,
    audio_packet,
    facts,
    g711_sound,
    given,
    small,
    video_packet,
    video_packets,
)
from tests.support.video import encode, entered_at_intra, read_number
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips import mp4_writer
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.stream.bitstream.entry_points import EntryPoints
from vms_desktop.core.stream.bitstream.nal import parameter_sets_of
from vms_desktop.core.stream.packets.packet import VideoFacts

FPS = 15
TAGS = {
    "camera_id": "cam-1",
    "camera_name": "Haustür €",
    "start_utc": "2026-03-02T12:00:00.123Z",
    "creation_time": "2026-03-02T12:00:00.123Z",
}
H264, HEVC, MJPEG = (small(45, codec=codec) for codec in ("h264", "hevc", "mjpeg"))


class Bench:
    """A clip that is being written into a folder."""

    def __init__(self, folder, video, audio=None, *, begins=0.0, rotation=0, name="x.part"):
        self.path = folder / name
        self.file = ClipFile(self._claim, lambda: False)
        first = video_packets(video, begins)[0]
        self.writer = ClipWriter(self.file, facts(video), first, audio, TAGS, rotation)

    def _claim(self):
        return os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), self.path

    def write(self, packets):
        for packet in sorted(packets, key=lambda packet: packet.arrived):
            self.writer.write(packet)
        return self

    def closed(self):
        self.writer.close()
        return self.path


def numbers(source):
    with av.open(source) as container:
        frames = container.decode(video=0)
        return [read_number(frame.to_ndarray(format="bgr24")) for frame in frames]


def lengths(path):
    """Start and end of every track, in seconds."""
    with av.open(str(path)) as container:
        times: dict[str, list[tuple[float, float]]] = {"video": [], "audio": []}
        for packet in container.demux():
            if packet.pts is not None:
                end = packet.pts + (packet.duration or 0)
                times[packet.stream.type].append(
                    (float(packet.pts * packet.time_base), float(end * packet.time_base))
                )
    return {
        kind: (min(times)[0], max(end for _, end in times))
        for kind, times in times.items()
        if times
    }


def sound_times(path):
    with av.open(str(path)) as container:
        packets = container.demux(audio=0)
        return [float(p.pts * p.time_base) for p in packets if p.pts is not None]


def track(path, kind):
    with av.open(str(path)) as container:
        (stream,) = (stream for stream in container.streams if stream.type == kind)
        return stream.codec_context.name, stream.codec_context.codec_tag


@pytest.mark.parametrize("video, tag", [(H264, "avc1"), (HEVC, "hvc1")])
def test_h264_and_h265_are_copied_bit_for_bit(tmp_path, video, tag):
    path = Bench(tmp_path, video).write(video_packets(video)).closed()
    assert track(path, "video") == (video.codec, tag)
    assert numbers(str(path)) == list(range(45))
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    for size, unit, is_key in zip(sizes, video.units, video.keyframes, strict=True):
        # A length is a byte longer than a short start code; parameter sets move to the header.
        assert -len(facts(video).parameters) * is_key <= size - len(unit) <= 8


def test_mjpeg_becomes_h264_with_its_pictures_colours_and_times(tmp_path):
    bench = Bench(tmp_path, MJPEG)
    path = bench.write(video_packets(MJPEG)).closed()
    assert track(path, "video") == ("h264", "avc1")
    assert (bench.writer.codec, bench.writer.size) == ("h264", Size(160, 96))
    assert numbers(str(path)) == list(range(45))
    assert lengths(path)["video"] == pytest.approx((0, 3.0), abs=0.1)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert abs(int(picture[70, 80].mean()) - 96) < 6


def test_raw_pictures_of_odd_size_become_h264(tmp_path):
    base = Fraction(1, 90_000)
    video = VideoFacts("rawvideo", Size(161, 97), base, 15, pixel_format="gray")
    packets = [
        video_packet(bytes([number * 8]) * (161 * 97), number, FPS, is_keyframe=True)
        for number in range(8)
    ]
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    writer = ClipWriter(ClipFile(lambda: (descriptor, path), bool), video, packets[0], None, {})
    for packet in packets:
        writer.write(packet)
    writer.close()
    assert writer.size == Size(160, 96)
    assert len(numbers(str(path))) == 8


def test_a_closed_clip_is_an_ordinary_mp4_with_an_index(tmp_path):
    path = Bench(tmp_path, H264).write(video_packets(H264)).closed()
    data = path.read_bytes()
    assert data.count(b"moof") == 0 or data.rfind(b"moov") > data.rfind(b"moof")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.frames == 45
        assert stream.time_base is not None
        ticks = int(2 / stream.time_base)
        container.seek(ticks, stream=stream)
        assert next(container.demux(stream)).pts == ticks


def test_the_tags_stand_in_the_finished_clip_and_in_one_half_written(tmp_path):
    bench = Bench(tmp_path, H264)
    packets = video_packets(H264)
    bench.write(packets[:40])
    half = bench.path.read_bytes()
    bench.write(packets[40:])
    for source in (io.BytesIO(half), str(bench.closed())):
        with av.open(source) as container:
            assert {name: container.metadata[name] for name in TAGS} == TAGS


def test_what_was_written_up_to_a_kill_can_be_played_but_for_the_last_second(tmp_path):
    bench = Bench(tmp_path, H264)
    packets = video_packets(H264)
    for count in range(20, 46, 5):
        bench.write(packets[count - 20 if count == 20 else count - 5 : count])
        found = numbers(io.BytesIO(bench.path.read_bytes()))
        assert found == list(range(len(found)))
        assert len(found) >= count - FPS - 1
    bench.writer.abandon()


def test_a_kill_loses_no_more_than_a_second_of_rare_keyframes_either(tmp_path):
    video = small(75, gop=75)
    bench = Bench(tmp_path, video).write(video_packets(video))
    assert len(numbers(io.BytesIO(bench.path.read_bytes()))) >= 75 - FPS - 1
    bench.writer.abandon()


def test_an_abandoned_clip_is_whole_up_to_its_last_fragment(tmp_path):
    bench = Bench(tmp_path, H264).write(video_packets(H264)[:40])
    before = bench.path.read_bytes()
    bench.writer.abandon()
    del bench.writer
    assert bench.path.read_bytes() == before
    assert len(numbers(str(bench.path))) >= 24


def test_aac_is_copied_and_as_long_as_the_picture(tmp_path):
    audio, sound = aac_sound(3)
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + sound).closed()
    assert track(path, "audio")[0] == "aac"
    both = lengths(path)
    assert both["audio"] == pytest.approx(both["video"], abs=0.1)
    assert numbers(str(path)) == list(range(45))


@pytest.mark.parametrize("law", ["pcm_alaw", "pcm_mulaw"])
def test_g711_becomes_aac_and_is_as_long_as_the_picture(tmp_path, law):
    audio, sound = g711_sound(3, law=law)
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + sound).closed()
    assert track(path, "audio")[0] == "aac"
    both = lengths(path)
    # An AAC encoder begins with a frame of its own.
    assert both["audio"] == pytest.approx(both["video"], abs=0.15)
    with av.open(str(path)) as container:
        loudest = max(np.abs(frame.to_ndarray()).max() for frame in container.decode(audio=0))
    assert 0.2 < loudest < 0.5


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
def test_sound_that_begins_later_stays_with_its_picture(tmp_path, make):
    audio, sound = make(1.5, begins=1.5)
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + sound).closed()
    moments = sound_times(path)
    # Silence leads there: the header was written before anybody knew when the sound begins.
    steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert moments[0] == 0
    assert max(steps) < 0.3
    assert moments[-1] == pytest.approx(3.0, abs=0.15)


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
def test_a_hole_in_the_sound_does_not_move_what_follows(tmp_path, make):
    audio, sound = make(3)
    kept = [packet for packet in sound if not 1.0 <= packet.arrived < 2.0]
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + kept).closed()
    assert lengths(path)["audio"][1] == pytest.approx(3.0, abs=0.15)
    assert not [moment for moment in sound_times(path) if 1.2 < moment < 1.8]


def test_sound_before_the_first_picture_is_left_out(tmp_path):
    audio, sound = aac_sound(4, begins=9.0)
    video = video_packets(H264, begins=10.0)
    path = Bench(tmp_path, H264, audio, begins=10.0).write(video + sound).closed()
    assert lengths(path) == {
        "video": pytest.approx((0, 3), abs=0.1),
        "audio": pytest.approx((0, 3), abs=0.1),
    }


def test_sound_on_a_clock_of_its_own_is_placed_by_its_arrival(tmp_path):
    audio, sound = aac_sound(3)
    shifted = [packet._replace(dts=packet.dts + 10**9, pts=packet.pts + 10**9) for packet in sound]
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + shifted).closed()
    assert lengths(path)["audio"] == pytest.approx((0, 3), abs=0.1)


def test_sound_whose_clock_jumps_does_not_stretch_the_clip(tmp_path):
    audio, sound = aac_sound(3)
    jump = len(sound) // 2
    sound[jump:] = [
        packet._replace(dts=packet.dts + 10**9, pts=packet.pts + 10**9, breaks=number == 0)
        for number, packet in enumerate(sound[jump:])
    ]
    path = Bench(tmp_path, H264, audio).write(video_packets(H264) + sound).closed()
    assert lengths(path)["audio"] == pytest.approx((0, 3), abs=0.1)
    assert lengths(path)["video"] == pytest.approx((0, 3), abs=0.1)


@pytest.mark.parametrize("make", [aac_sound, g711_sound])
def test_a_broken_sound_packet_never_stops_the_picture(tmp_path, make):
    audio, sound = make(3)
    base = sound[0].time_base
    broken = [
        audio_packet(bytes([number] * 7), 10 * number, base=base, ticks=sound[0].duration)
        for number in range(4)
    ]
    backward = [packet._replace(dts=packet.dts - 5) for packet in sound[20:30]]
    bench = Bench(tmp_path, H264, audio)
    path = bench.write(video_packets(H264) + sound + broken + backward).closed()
    assert numbers(str(path)) == list(range(45))


def test_sound_that_the_muxer_refuses_never_stops_the_picture(tmp_path, caplog, monkeypatch):
    audio, sound = aac_sound(3)

    class Refusing:
        def __init__(self, container, sound):
            self.sound = sound
            self._track = container.add_stream("aac", rate=sound.rate_hz)

        def lead(self, until_s):
            return []

        def packets(self, packet):
            packet.data.dts = packet.data.pts = 5
            packet.data.stream = self._track
            return [packet.data]

        def flush(self):
            raise av.InvalidDataError(1, "no")

    monkeypatch.setattr(mp4_writer, "sound_track", Refusing)
    bench = Bench(tmp_path, H264, audio)
    path = bench.write(video_packets(H264) + sound).closed()
    assert numbers(str(path)) == list(range(45))
    (record,) = caplog.records
    assert "goes on without sound" in record.message
    caplog.clear()


def test_the_same_packet_can_stand_in_two_clips_and_is_left_as_it_was(tmp_path):
    packets = video_packets(H264, begins=100.0)
    untouched = [(packet.data.dts, packet.data.pts, packet.data.time_base) for packet in packets]
    first = Bench(tmp_path, H264, begins=100.0, name="1").write(packets).closed()
    begins = packets[15]
    later = ClipWriter(
        second := ClipFile(
            lambda: (os.open(tmp_path / "2", os.O_CREAT | os.O_RDWR), tmp_path / "2"), bool
        ),
        facts(H264),
        begins,
        None,
        {},
    )
    for packet in packets[15:]:
        later.write(packet)
    later.close()
    assert second.path is not None
    assert numbers(str(first)) == list(range(45))
    assert numbers(str(tmp_path / "2")) == list(range(15, 45))
    assert lengths(tmp_path / "2")["video"] == pytest.approx((0, 2), abs=0.01)
    assert [(p.data.dts, p.data.pts, p.data.time_base) for p in packets] == untouched


@pytest.mark.parametrize("video", [H264, MJPEG])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_rotation_stands_in_the_file_for_players(tmp_path, video, rotation):
    path = Bench(tmp_path, video, rotation=rotation).write(video_packets(video)).closed()
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert frame.rotation % 360 == -rotation % 360  # FFmpeg counts against the clock.


def test_a_keyframe_without_parameter_sets_takes_those_of_the_stream(tmp_path):
    packets = video_packets(H264)
    bare = H264.units[0].removeprefix(facts(H264).parameters)
    assert len(bare) < len(H264.units[0])
    packets[0] = packets[0]._replace(data=given(bare, 0, packets[0].time_base, is_keyframe=True))
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    file = ClipFile(lambda: (descriptor, path), bool)
    writer = ClipWriter(file, facts(H264), packets[0], None, {})
    for packet in packets:
        writer.write(packet)
    writer.close()
    assert numbers(str(path)) == list(range(45))


@pytest.mark.parametrize("data", [b"\0\0\0\1\x65nonsense", bytes(500), b"\xff" * 50])
def test_a_keyframe_that_is_none_is_refused(tmp_path, data):
    packet = video_packet(data, 0, FPS, is_keyframe=True)
    bare = replace(facts(H264), parameters=b"")
    with pytest.raises(StreamError):
        ClipWriter(ClipFile(lambda: (-1, tmp_path), bool), bare, packet, None, {})


def by_turns(codec, *kinds):
    """A video whose groups of ten pictures are encoded now in one way, now in another."""
    ways = [encode(40, gop=10, width=160, height=96, codec=codec, **kind) for kind in kinds]
    groups = [ways[group % len(ways)].units[10 * group : 10 * group + 10] for group in range(4)]
    return replace(ways[0], units=tuple(unit for group in groups for unit in group))


@pytest.mark.parametrize(
    "codec, kinds",
    [
        ("h264", ({"fps": 15}, {"fps": 12})),
        ("h264", ({"params": "ref=1"}, {"params": "ref=4:level=4.1"})),
        ("h264", ({"params": "cabac=0"}, {"params": "cabac=1:bframes=0"})),
        ("hevc", ({"fps": 15}, {"fps": 12})),
        ("hevc", ({"params": "signhide=1"}, {"params": "signhide=0"})),
    ],
)
def test_sets_that_change_under_way_play_on(tmp_path, codec, kinds):
    video = by_turns(codec, *kinds)
    assert len({parameter_sets_of(unit, codec) for unit in video.units[::10]}) == 2
    path = Bench(tmp_path, video).write(video_packets(video)).closed()
    assert numbers(str(path)) == list(range(40))


def test_a_set_that_was_changed_and_changes_back_is_not_left_out(tmp_path):
    video = by_turns("hevc", {"params": "signhide=1"}, {"params": "signhide=0"})
    path = Bench(tmp_path, video).write(video_packets(video)).closed()
    with av.open(str(path)) as container:
        keyframes = [bytes(p) for p in container.demux(video=0) if p.is_keyframe]
    sets = parameter_sets_of(video.units[0], "hevc").split(b"\0\0\0\1")[1:]
    pps = sets[-1]
    assert [pps in keyframe for keyframe in keyframes] == [False, False, True, False]


def test_the_head_of_the_file_has_the_sets_of_its_own_first_keyframe(tmp_path):
    for codec in ("h264", "hevc"):
        video = small(3, codec=codec)
        other = replace(facts(small(3, codec=codec, width=320)), codec=codec)
        packets = video_packets(video)
        path = tmp_path / codec

        def claim(path: Path = path) -> tuple[int, Path]:
            return os.open(path, os.O_CREAT | os.O_RDWR), path

        file = ClipFile(claim, bool)
        writer = ClipWriter(file, other, packets[0], None, {})
        for packet in packets:
            writer.write(packet)
        writer.close()
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            assert (context.width, context.height) == (160, 96)
            for unit in parameter_sets_of(video.units[0], codec).split(b"\0\0\0\1")[1:]:
                assert unit in (context.extradata or b"")


def test_a_clip_that_begins_at_an_i_picture_plays_and_can_be_sought(tmp_path):
    video = entered_at_intra(40, gop=10)
    entries = EntryPoints("h264", parameter_sets_of(video.units[0], "h264"))
    judged = [entries.take(unit, index) for index, unit in enumerate(video.units[10:])]
    units = tuple(picture.data for picture in judged)
    late = replace(video, units=units, keyframes=tuple(each.is_keyframe for each in judged))
    path = Bench(tmp_path, late).write(video_packets(late)).closed()
    assert numbers(str(path)) == list(range(20, 80, 2))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        marked = [p.is_keyframe for p in container.demux(stream) if p.size]
        assert stream.time_base is not None
        container.seek(round(1 / stream.time_base), stream=stream)
        first = next(container.decode(stream))
        assert read_number(np.asarray(first.to_ndarray(format="bgr24"), np.uint8)) == 40
    assert marked == list(late.keyframes)


@pytest.mark.parametrize(
    "codec, params",
    [
        ("h264", "open-gop=1:bframes=2:b-adapt=0"),
        ("hevc", "open-gop=1:bframes=2:b-adapt=0:rc-lookahead=8"),
        ("hevc", "open-gop=0:radl=2:bframes=2:b-adapt=0:rc-lookahead=8"),
    ],
)
def test_a_clip_from_within_open_groups_has_what_can_be_decoded_and_no_more(
    tmp_path, codec, params
):
    groups = open_groups(codec, params)
    entry = next(i for i, (each, _) in enumerate(groups) if i and each.is_keyframe)
    packets, first_shown = [packet for packet, _ in groups], groups[entry][1]
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    file = ClipFile(lambda: (descriptor, path), bool)
    writer = ClipWriter(file, replace(facts(H264), codec=codec), packets[entry], None, {})
    for packet in packets[entry:]:
        writer.write(packet)
    writer.close()
    shown = numbers(str(path))
    assert shown == list(range(shown[0], 40))
    with av.open(str(path)) as container:
        assert sum(packet.size > 0 for packet in container.demux(video=0)) == len(shown)
    # RADL pictures are shown before their keyframe, and need none but it.
    assert ("radl" in params) == (shown[0] < first_shown)


def open_groups(codec, params):
    """Packets of pictures that do not come in the order in which they are shown."""
    video = encode(40, gop=8, width=160, height=96, codec=codec, params=params)
    delay = max(index - shown for index, shown in enumerate(video.order))
    entries = EntryPoints(codec, b"")
    found = []
    for index, (unit, shown) in enumerate(zip(video.units, video.order, strict=True)):
        data, is_keyframe = entries.take(unit, index / FPS)
        packet = video_packet(data, index, FPS, is_keyframe=is_keyframe)
        found.append((packet._replace(pts=packet.dts + (shown + delay - index) * 6000), shown))
    return found


RHYTHMS = {
    "flows": lambda _: True,
    "falls silent": lambda seconds: seconds < 2,
    "comes seldom": lambda seconds: seconds % 0.3 < 0.025,
    "comes in bursts": lambda seconds: seconds % 2 < 0.3,
}


@pytest.mark.parametrize("rhythm", RHYTHMS)
@pytest.mark.parametrize("kind", [aac_sound, g711_sound])
def test_pictures_wait_for_no_sound_on_their_way_to_the_disk(tmp_path, kind, rhythm):
    video, (sound, packets) = encode(6 * FPS, width=160, height=96, fps=FPS), kind(6)
    packets = [each for each in packets if RHYTHMS[rhythm](each.arrived)]
    assert packets
    bench, behind = Bench(tmp_path, video, sound), []
    for packet in sorted([*video_packets(video), *packets], key=lambda packet: packet.arrived):
        bench.write([packet])
        if packet.is_video and packet.arrived > 2:
            behind.append(packet.arrived - newest_on_disk(bench.path))
    assert len(behind) > 3 * FPS
    # A fragment of 0.4 s, and the picture that tells its end.
    assert max(behind) < 0.4 + 1.5 / FPS
    with av.open(str(bench.closed())) as clip:
        assert len([each for each in clip.demux(clip.streams.video[0]) if each.size]) == 6 * FPS


def newest_on_disk(path):
    """The time of the last picture that a kill would leave."""
    with av.open(str(path)) as clip:
        packets = [each for each in clip.demux(clip.streams.video[0]) if each.size]
        return max(float(each.pts * each.time_base) for each in packets if each.pts is not None)


def test_sound_that_comes_a_second_late_stands_where_it_belongs(tmp_path):
    video, (sound, packets) = encode(4 * FPS, width=160, height=96, fps=FPS), aac_sound(4)
    times = {}
    for late_s in (0, 1):
        late = [each._replace(arrived=each.arrived + late_s) for each in packets]
        bench = Bench(tmp_path, video, sound, name=f"{late_s}.part")
        with av.open(str(bench.write([*video_packets(video), *late]).closed())) as clip:
            kept = [(each.pts, each.stream.type) for each in clip.demux() if each.size]
        times[late_s] = sorted(kept)
    assert times[0] == times[1]
