"""A circle is round wherever a picture is shown or saved, whatever the camera's pixels are."""

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.support.exporting import Folder
from tests.support.packets import HandClock, facts, video_packets
from tests.support.playing import DAY, Rig
from tests.support.shapes import ROUND, TURNED_SHAPES, TURNS, circle, roundness, shape
from tests.support.video import encode, write_clip
from vms_desktop.core.base.picture import Picture, Viewport
from vms_desktop.core.camera.highlights import Highlights
from vms_desktop.core.camera.live_view import Viewer, snapshot_png
from vms_desktop.core.camera.preview import Preview, Previewer, PreviewFrame, PreviewWishes
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.media.decode import Decoder, luma
from vms_desktop.core.media.thumbnail import make_thumbnail
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.motion_grid import NO_CELLS
from vms_desktop.core.player.orders import SaveFrame, ShowTrack

WIDE = Fraction(16, 11)
TILE = Viewport(472, 266)
LARGE = Viewport(1600, 900, hd=True)


@cache
def film(width, height, pixel_aspect, *, count=2, codec="h264"):
    paint = circle(pixel_aspect or Fraction(1))
    told = {"codec": codec, "pixel_aspect": pixel_aspect}
    return encode(count, width=width, height=height, paint=paint, **told)


def first_frame(video):
    return Decoder(facts(video)).decode(video_packets(video)[0])[0]


def read(image):
    return cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)


def true_shape(width, height, pixel_aspect, rotation):
    across = float(width * pixel_aspect / height)
    return pytest.approx(1 / across if rotation in (90, 270) else across, rel=0.02)


@pytest.mark.parametrize("room", [TILE, LARGE], ids=["tile", "HD"])
@pytest.mark.parametrize("width, height, pixel_aspect, rotation", TURNED_SHAPES)
def test_in_live(width, height, pixel_aspect, room, rotation):
    video = film(width, height, pixel_aspect)
    shown: list[Picture] = []
    viewer = Viewer(shown.append, HandClock().monotonic, hd=room.hd)
    viewer.viewport = room
    viewer.frame(first_frame(video), facts(video), rotation, (), 15)
    (picture,) = shown
    assert roundness(picture.pixels) == ROUND
    assert shape(picture.pixels) == true_shape(width, height, pixel_aspect, rotation)
    turned = (height, width) if rotation in (90, 270) else (width, height)
    assert picture.source == turned  # What is said of the stream is what it sends.
    assert picture.pixels.shape[0] <= max(picture.shown.height, room.height)


@pytest.mark.parametrize("rotation", TURNS)
def test_in_a_tile_that_is_filled(rotation):
    video = film(352, 288, WIDE)
    shown: list[Picture] = []
    viewer = Viewer(shown.append, HandClock().monotonic)
    viewer.viewport = Viewport(300, 300, fill=True)
    viewer.frame(first_frame(video), facts(video), rotation, (), 15)
    assert roundness(shown[0].pixels) == ROUND


@pytest.mark.parametrize("codec", ["hevc", "mjpeg"])
def test_with_other_codecs(codec):
    video = film(352, 288, WIDE, codec=codec)
    png = snapshot_png(video_packets(video), facts(video), 0)
    assert roundness(read(png)) == ROUND


@pytest.mark.parametrize("width, height, pixel_aspect, rotation", TURNED_SHAPES)
def test_in_a_snapshot(width, height, pixel_aspect, rotation):
    video = film(width, height, pixel_aspect)
    picture = read(snapshot_png(video_packets(video), facts(video), rotation))
    assert roundness(picture) == ROUND
    assert shape(picture) == true_shape(width, height, pixel_aspect, rotation)
    assert min(picture.shape[:2]) >= min(width, height)


@pytest.mark.parametrize("width, height, pixel_aspect, rotation", TURNED_SHAPES)
def test_in_thumbnails_of_both_kinds(tmp_path, width, height, pixel_aspect, rotation):
    frame = first_frame(film(width, height, pixel_aspect))
    highlights = Highlights()
    highlights.offer(Motion(1, 1, (), 900, 100, NO_CELLS), frame, rotation)
    path = tmp_path / "a.mp4"
    told = {"paint": circle(pixel_aspect), "pixel_aspect": pixel_aspect}
    write_clip(path, 2, width=width, height=height, **told)
    for jpeg in (highlights.best(0, 2), make_thumbnail(path, None, rotation=rotation)):
        assert roundness(read(jpeg)) == ROUND
        assert shape(read(jpeg)) == true_shape(width, height, pixel_aspect, rotation)
        assert read(jpeg).shape[1] <= 320


@pytest.mark.parametrize("mask", [False, True], ids=["picture", "mask"])
@pytest.mark.parametrize("rotation", TURNS)
def test_in_the_picture_of_the_camera_dialog(rotation, mask):
    video = film(352, 288, WIDE)
    frames: list[PreviewFrame] = []
    wishes = PreviewWishes(0, (), rotation, viewport=Viewport(400, 400), mask=mask)
    previewer = Previewer(Preview(wishes, frames.append), HandClock().monotonic)
    previewer.frame(first_frame(video), facts(video), 0, 15)
    picture = frames[-1].picture
    assert shape(picture.pixels) == true_shape(352, 288, WIDE, rotation)
    if not mask:
        assert roundness(picture.pixels) == ROUND


def test_what_the_detector_sees_keeps_the_pixels_of_the_stream():
    """Areas that count are set in px² of the watched stream's own pixels."""
    frame = first_frame(film(352, 288, WIDE))
    assert luma(frame.image).shape == (288, 352)


@dataclass(frozen=True)
class Recorded:
    path: Path
    start_at: datetime
    end_at: datetime


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def clip(folder, name, begins_s, pixel_aspect, count=20, **size):
    told = {"paint": circle(pixel_aspect), "pixel_aspect": pixel_aspect}
    return folder.clip(name, begins_s, count, **({"width": 352, "height": 288} | told | size))


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("room", [Viewport(400, 300), LARGE])
def test_in_playback_and_what_is_saved_of_it(tmp_path, room, rotation):
    paint = circle(WIDE)
    write_clip(tmp_path / "a.mp4", 30, width=352, height=288, paint=paint, pixel_aspect=WIDE)
    rig = Rig(tmp_path)
    try:
        rig.play_clips(rotation=rotation, cam=[("a", 0, 2.0)])
        rig.tracks["cam"].take(ShowTrack(room))
        rig.seek(1)
        picture = rig.shown["cam"][-1].picture
        rig.tracks["cam"].take(SaveFrame(tmp_path / "saved.png"))
        rig.settle()
    finally:
        rig.close()
    saved = read((tmp_path / "saved.png").read_bytes())
    for pixels in (picture.pixels, saved):
        assert roundness(pixels) == ROUND
        assert shape(pixels) == true_shape(352, 288, WIDE, rotation)


# Files.


def told_by(path):
    """The pixels as FFmpeg understands the file, and its stored size."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        return stream.sample_aspect_ratio, (context.width, context.height)


def as_seen(path):
    """Its pictures as a player shows them that knows of pixels that are not square."""
    with av.open(str(path)) as container:
        aspect = container.streams.video[0].sample_aspect_ratio
        assert aspect is not None
        for frame in container.decode(video=0):
            pixels = frame.to_ndarray(format="bgr24")
            size = round(frame.width * aspect), frame.height
            yield cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def written(folder, video, **told):
    path = folder / "x.mp4"
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    packets = video_packets(video)
    file = ClipFile(lambda: (os.open(path, flags, 0o600), path), lambda: False)
    writer = ClipWriter(file, replace(facts(video), **told), packets[0], None, {})
    for packet in packets:
        writer.write(packet)
    writer.close()
    return path


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_a_recording_keeps_the_cameras_pixels_and_says_how_wide_they_are(tmp_path, codec):
    path = written(tmp_path, film(352, 288, WIDE, count=15, codec=codec))
    assert told_by(path) == (WIDE, (352, 288))
    assert b"pasp" + (16).to_bytes(4) + (11).to_bytes(4) in path.read_bytes()


@pytest.mark.parametrize("by_codec", [None, Fraction(1), Fraction(12, 11)])
def test_a_recording_keeps_what_the_container_of_its_stream_says(tmp_path, by_codec):
    path = written(tmp_path, film(352, 288, by_codec, count=15), pixel_aspect=WIDE)
    assert told_by(path) == (WIDE, (352, 288))
    assert shape(read(make_thumbnail(path, None))) == true_shape(352, 288, WIDE, 0)


def test_a_recording_of_a_camera_that_says_nothing_says_nothing(tmp_path):
    paint = circle(Fraction(12, 11))
    path = written(tmp_path, encode(15, width=352, height=288, paint=paint))
    assert b"pasp" not in path.read_bytes()
    assert roundness(read(make_thumbnail(path, None))) == ROUND


@pytest.mark.parametrize("width, height, pixel_aspect, rotation", TURNED_SHAPES)
def test_in_an_export_that_is_encoded(folder, width, height, pixel_aspect, rotation):
    source = clip(folder, "a", 0, pixel_aspect, 6, width=width, height=height)
    start = DAY + timedelta(seconds=0.3)
    (path,) = folder.export(source, start=start, exact=True, rotation=rotation).outputs
    aspect, size = told_by(path)
    assert aspect == 1
    assert size[0] / size[1] == true_shape(width, height, pixel_aspect, rotation)
    assert {roundness(picture) == ROUND for picture in as_seen(path)} == {True}


def test_time_in_the_picture_is_not_squeezed(folder):
    """The strip of an anamorphic clip is that of a clip of its true shape."""
    strips = []
    for name, pixel_aspect, width in (("a", WIDE, 352), ("b", Fraction(1), 512)):
        source = clip(folder, name, 0, pixel_aspect, width=width)
        (path,) = folder.export(source, burn_in=True).outputs
        picture = next(as_seen(path))
        assert roundness(picture[:260]) == ROUND
        strips.append(picture[-20:, :300].astype(int))
    assert np.abs(strips[0] - strips[1]).mean() < 4


def test_pieces_of_different_pixels_stand_in_one_encoded_file(folder):
    sd, hd = clip(folder, "a", 0, WIDE), clip(folder, "b", 2, Fraction(1), width=640, height=360)
    (path,) = folder.export(sd, hd, exact=True).outputs
    assert told_by(path) == (Fraction(1), (640, 360))
    seen = list(as_seen(path))
    assert len(seen) == 40
    assert {roundness(picture) == ROUND for picture in seen} == {True}


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_an_export_that_is_copied_keeps_its_pixels(folder, codec):
    (path,) = folder.export(clip(folder, "a", 0, WIDE, codec=codec)).outputs
    assert told_by(path) == (WIDE, (352, 288))
    assert {roundness(picture) == ROUND for picture in as_seen(path)} == {True}


def retold(source, pixel_aspect):
    """The same packets in a file whose header says another thing of the pixels."""
    path = source.path.with_stem(f"{source.path.stem}-retold")
    with av.open(str(source.path)) as given, av.open(str(path), "w") as taken:
        stream = taken.add_stream_from_template(given.streams.video[0])
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                taken.mux(packet)
    return Recorded(path, source.start_at, source.end_at)


def test_a_copy_keeps_what_the_header_of_a_clip_says(folder):
    given = retold(clip(folder, "a", 0, Fraction(12, 11)), WIDE)
    (path,) = folder.export(given).outputs
    assert told_by(path)[0] == WIDE


def test_clips_whose_pixels_differ_are_not_joined_in_a_copy(folder):
    one, other = clip(folder, "a", 0, WIDE), clip(folder, "b", 2, WIDE)
    assert len(folder.export(one, other).outputs) == 1
    outputs = folder.export(one, retold(other, Fraction(12, 11))).outputs
    assert [told_by(path)[0] for path in outputs] == [WIDE, Fraction(12, 11)]
