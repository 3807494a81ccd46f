"""Exports that are encoded anew, compared with their source picture by picture."""

from contextlib import suppress
from datetime import timedelta
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from tests.support.bars import KINDS as COLOUR_KINDS
from tests.support.bars import LIMITED, assert_bars, bars_of, film, marker, marker_of, read
from tests.support.exporting import START, Folder, Recorded
from vms_desktop.core.base.clock import CLIP_START_TAG

TICK_S = 1 / 90_000 + 1e-9
WIDE = Fraction(4, 3)
COLOURS: dict[str, dict[str, Any]] = {
    name: COLOUR_KINDS[name]
    for name in (
        "h264 601",
        "h264 601 full",
        "h264 601 untagged",
        "h264 709",
        "h264 709 full",
        "h264 HD 709",
        "h264 HD untagged",
        "h264 HD untagged full",
        "hevc 2020",
    )
}
KINDS = COLOURS | {
    "MJPEG": {"codec": "mjpeg", "pixel_format": "yuvj422p", "full": True},
    "B-frames": {"b_frames": 2, "count": 17},
    "one B-frame": {"b_frames": 1, "count": 12},
    "one picture": {"count": 1},
    "two pictures": {"b_frames": 2, "count": 2},
    "wide pixels": {"pixel_aspect": WIDE},
    "tall pixels": {"pixel_aspect": 1 / WIDE},
    "50 Hz": {"fps": 50, "count": 30},
    "60 Hz": {"fps": 60, "count": 30, "b_frames": 2},
    "NTSC": {"fps": Fraction(30_000, 1001), "count": 20},
    "12.5 Hz": {"fps": Fraction(25, 2), "count": 12},
    "uneven": {"times": [0, 40, 47, 300, 301, 302, 1500, 1540], "count": 8},
    "hevc": {"codec": "hevc", "b_frames": 2, "count": 14},
    "hevc full 10 bit": {"codec": "hevc", "pixel_format": "yuv420p10le", "full": True},
    "4:4:4": {"pixel_format": "yuv444p", "matrix": 1},
}


class Films(Folder):
    def film(self, name, begins_s=0, length_s=1, **kind):
        path = self.folder / f"{name}.mp4"
        film(str(path), **kind)
        start = START + timedelta(seconds=begins_s)
        return Recorded(path, start, start + timedelta(seconds=length_s))

    def encoded(self, *clips, **how):
        (path,) = self.export(*clips, **{"burn_in": True, **how}).outputs
        return path


@pytest.fixture
def films(tmp_path):
    return Films(tmp_path)


def shape_of(path):
    with av.open(str(path)) as container:
        source = container.streams.video[0]
        frame = next(container.decode(source))
        aspect = source.sample_aspect_ratio or 1
        return frame.width * aspect / frame.height, aspect, frame.rotation


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_there_once_at_its_time_in_its_colours(films, kind):
    clip = films.film("clip", **KINDS[kind])
    copy, given = films.encoded(clip), read(clip.path)
    taken = read(copy)

    assert [round(marker_of(frame)) for frame in taken] == pytest.approx(
        [marker(index)[0] for index in range(len(given))], abs=2
    )
    assert np.allclose(
        [frame.time - taken[0].time for frame in taken],
        [frame.time - given[0].time for frame in given],
        atol=TICK_S,
    )
    for source, frame in zip(given, taken, strict=True):
        assert_bars(bars_of(frame), bars_of(source))
    told = KINDS[kind].get("pixel_aspect", 1)
    shape, aspect, rotation = shape_of(copy)
    assert (aspect, rotation) == (1, 0)
    assert shape == pytest.approx(given[0].width * told / given[0].height, rel=0.01)


@pytest.mark.parametrize(
    "kind", ["h264 601", "h264 709 full", "h264 HD untagged", "MJPEG", "hevc 2020"]
)
def test_what_the_colours_mean_stands_in_the_file(films, kind):
    how = KINDS[kind]
    clip = films.film("clip", **how)
    (source, *_), (frame, *_) = read(clip.path), read(films.encoded(clip))
    assert frame.color_range == LIMITED
    assert frame.colorspace == (source.colorspace if source.colorspace != 2 else how["matrix"])
    assert frame.color_primaries == source.color_primaries
    assert frame.color_trc == source.color_trc


@pytest.mark.parametrize(
    "other",
    [
        {"full": True},
        {"matrix": 1},
        {"size": (640, 384), "matrix": 1, "full": True},
        {"codec": "mjpeg", "pixel_format": "yuvj420p", "full": True},
        {"codec": "hevc", "pixel_format": "yuv420p10le"},
        {"size": (240, 192), "pixel_aspect": WIDE},
        {"size": (192, 320), "matrix": 1},
    ],
)
@pytest.mark.parametrize("turned_about", [False, True])
def test_pieces_that_differ_become_one(films, other, turned_about):
    kinds = [{}, other][:: -1 if turned_about else 1]
    clips = [films.film(f"{n}", begins_s=10 * n, **kind) for n, kind in enumerate(kinds)]
    frames = read(films.encoded(*clips))
    assert len(frames) == 8
    assert len({(f.width, f.height, f.colorspace, f.color_range) for f in frames}) == 1
    largest = max(clips, key=lambda clip: np.prod(shape_px(clip.path)))
    for clip, frame in zip(clips, (frames[0], frames[-1]), strict=True):
        if clip is largest:
            assert_bars(bars_of(frame))
    narrow = (192, 320) in (other.get("size"),)
    if not narrow:
        assert_bars(bars_of(frames[0]))
        assert_bars(bars_of(frames[-1]))


def shape_px(path):
    with av.open(str(path)) as container:
        source = container.streams.video[0]
        return source.width * (source.sample_aspect_ratio or 1), source.height


def test_an_exact_range_has_its_very_pictures(films):
    clip = films.film("clip", count=25, b_frames=2)
    begins, ends = (START + timedelta(seconds=s) for s in (0.12, 0.6))
    frames = read(films.encoded(clip, burn_in=False, exact=True, start=begins, end=ends))
    expected = [marker(index)[0] for index in range(3, 15)]
    assert [round(marker_of(frame)) for frame in frames] == pytest.approx(expected, abs=2)


def test_of_a_clip_that_is_cut_off_all_that_can_be_decoded_is_there(films):
    whole = films.film("whole", count=30, b_frames=2)
    clip = films.cut(whole, "clip", 0, 30, 0)
    held = clip.path.read_bytes()
    clip.path.write_bytes(held[: len(held) * 7 // 10])
    frames = read(films.encoded(clip))
    expected = [marker(index)[0] for index in range(len(frames))]
    assert len(frames) == decodable(clip.path) > 5
    assert [round(marker_of(frame)) for frame in frames] == pytest.approx(expected, abs=2)


def decodable(path):
    """How many pictures a player gets of a file that ends in the middle of a packet."""
    count = 0
    with av.open(str(path)) as container:
        source = container.streams.video[0]
        with suppress(av.FFmpegError):
            for packet in container.demux(source):
                count += len(packet.decode())
        return count + len(source.codec_context.decode(None))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("is_ours", [True, False])
@pytest.mark.parametrize("rotation", [0, 90])
def test_the_turn_that_a_file_tells_counts_more_than_its_camera(films, turn, is_ours, rotation):
    tags = {CLIP_START_TAG: "2026-03-02T12:00:00Z"} if is_ours else {}
    clip = films.film("clip", turn=turn, tags=tags)
    expected = turn if turn or is_ours else rotation
    (copy,) = films.export(clip, rotation=rotation).outputs
    assert -shape_of(copy)[2] % 360 == expected
    later = START + timedelta(seconds=0.04)
    exact = films.encoded(clip, rotation=rotation, burn_in=False, exact=True, start=later)
    (frame, *_) = read(exact)
    assert (frame.width > frame.height) == (expected in (0, 180))
    assert shown_upright(frame, expected)


def shown_upright(frame, turn):
    """Whether the bars, black at their left end, stand where the turn brings them."""
    grey = frame.to_ndarray(format="gray")
    height, width = grey.shape
    dark = {0: (height // 3, 3), 90: (3, width * 2 // 3)}
    dark |= {180: (height * 2 // 3, width - 4), 270: (height - 4, width // 3)}
    return all((grey[place] < 40) == (each == turn) for each, place in dark.items())


def test_pieces_that_are_turned_differently_are_not_joined_in_a_copy(films):
    clips = [films.film(f"{n}", begins_s=10 * n, turn=turn) for n, turn in enumerate((0, 90, 90))]
    outputs = films.export(*clips).outputs
    assert [(-shape_of(path)[2] % 360, len(read(path))) for path in outputs] == [(0, 4), (90, 8)]
    frames = read(films.encoded(*clips))
    assert len(frames) == 12
    assert len({(frame.width, frame.height) for frame in frames}) == 1
