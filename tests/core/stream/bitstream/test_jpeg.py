"""Whole pictures are found in whatever stands around them, and nothing else is one."""

import itertools

import av
import cv2
import numpy as np
import pytest

from tests.support.memory import measured
from tests.support.video import numbered, read_number
from tests.support.web_camera import JPEGS, part
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.bitstream.jpeg import MAX_BYTES, MOST_CUT, Jpeg, JpegFinder
from vms_desktop.core.stream.packets.packet import Packet, VideoFacts
from vms_desktop.core.stream.packets.stream import ARRIVAL_TIME_BASE

SIZE = Size(160, 96)


def found(data, piece_bytes=65536):
    """The pictures in the data, fed in pieces of that size."""
    finder = JpegFinder()
    pieces = (data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes))
    return [jpeg for piece in pieces for jpeg in finder.feed(piece)]


def segment(code, content):
    return bytes((0xFF, code)) + (len(content) + 2).to_bytes(2) + content


def with_segment(jpeg, code, content):
    """The picture with another segment right behind its beginning."""
    return jpeg[:2] + segment(code, content) + jpeg[2:]


def encoded(picture, *flags):
    return cv2.imencode(".jpg", picture, flags)[1].tobytes()


def number_of(jpeg):
    """The number that stands in a picture, as the program's own decoder sees it."""
    data = av.Packet(jpeg.data)
    packet = Packet(data, True, True, 0, 0, 0, ARRIVAL_TIME_BASE, data.size, 0.0)
    decoder = Decoder(VideoFacts("mjpeg", jpeg.size, ARRIVAL_TIME_BASE, 0.0))
    (frame,) = [*decoder.decode(packet), *decoder.flush()]
    return read_number(frame.image.to_ndarray(format="bgr24"))


AROUND = {
    "as it should be": part,
    "one behind the other": bytes,
    "without length": lambda jpeg: part(jpeg, length=None),
    "with a length too long": lambda jpeg: part(jpeg, length=len(jpeg) + 7),
    "with a length too short": lambda jpeg: part(jpeg, length=len(jpeg) - 9),
    "with line feeds alone": lambda jpeg: part(jpeg, end="\n"),
    "with text between": lambda jpeg: b"hello\r\n" + part(jpeg) + b"\xff\xd8 noise \xff",
    "with a boundary in a comment": lambda jpeg: part(
        with_segment(jpeg, 0xFE, b"\xff\xd9\r\n--frame\r\n\r\n\xff\xd8\xff\xe0")
    ),
    "with a preview inside": lambda jpeg: part(with_segment(jpeg, 0xE1, b"Exif\0\0" + JPEGS[7])),
    "with padded markers": lambda jpeg: jpeg[:2] + b"\xff\xff" + jpeg[2:],
}


@pytest.mark.parametrize("piece_bytes", [1, 7, 65536])
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_every_picture_is_found_whatever_stands_around_it(around, piece_bytes):
    pictures = found(b"".join(map(around, JPEGS[:4])), piece_bytes)
    assert [jpeg.size for jpeg in pictures] == [SIZE] * 4
    assert [number_of(jpeg) for jpeg in pictures] == [0, 1, 2, 3]


def test_a_picture_is_there_with_its_last_byte():
    finder = JpegFinder()
    assert finder.feed(JPEGS[0][:-1]) == []
    assert finder.feed(JPEGS[0][-1:]) == [Jpeg(JPEGS[0], SIZE)]


@pytest.mark.parametrize("kept", [3, 20, 300, 0.5, -1])
def test_a_picture_that_is_cut_off_costs_no_other(kept):
    at = round(len(JPEGS[1]) * kept) if isinstance(kept, float) else kept
    finder = JpegFinder()
    data = part(JPEGS[0]) + part(JPEGS[1][:at]) + part(JPEGS[2]) + part(JPEGS[3])
    assert [jpeg.data for jpeg in finder.feed(data)] == [JPEGS[0], JPEGS[2], JPEGS[3]]
    assert finder.dropped == 1


def test_a_camera_that_writes_no_ends_is_understood():
    endless = [part(jpeg.removesuffix(b"\xff\xd9")) for jpeg in JPEGS[:10]]
    pictures = found(b"".join(endless))
    assert [number_of(jpeg) for jpeg in pictures] == list(range(MOST_CUT, 9))


def test_a_last_picture_without_end_counts_where_all_has_come():
    finder = JpegFinder()
    finder.feed(JPEGS[0][:-2])
    assert finder.end(is_complete=True) == [Jpeg(JPEGS[0], SIZE)]
    finder.feed(JPEGS[0][:-2])
    assert finder.end(is_complete=False) == []
    assert finder.feed(JPEGS[1]) == [Jpeg(JPEGS[1], SIZE)]


@pytest.mark.parametrize(
    "width, height, flags, grey",
    [
        (321, 241, (), False),
        (320, 240, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1), False),
        (320, 240, (cv2.IMWRITE_JPEG_RST_INTERVAL, 2), False),
        (320, 240, (), True),
    ],
)
def test_every_kind_of_picture_is_found_with_its_size(width, height, flags, grey):
    picture = numbered(11, width, height)
    jpeg = encoded(picture[..., 0] if grey else picture, *flags)
    (first, second) = found(jpeg + jpeg, 100)
    assert first == second == Jpeg(jpeg, Size(width, height))
    assert number_of(first) == 11


def test_a_picture_without_its_tables_is_found_and_decoded():
    jpeg = encoded(numbered(5, 160, 96))
    at = jpeg.index(b"\xff\xc4")
    while jpeg[at : at + 2] == b"\xff\xc4":
        jpeg = jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4]) :]
    assert [number_of(each) for each in found(part(jpeg) * 2)] == [5, 5]


def ink():
    """A picture of four components, as printers take them."""
    at = JPEGS[0].index(b"\xff\xc0")
    return JPEGS[0][: at + 9] + b"\x04" + JPEGS[0][at + 10 :]


NO_PICTURES = {
    "text": b"<html>Please log in</html>" * 100,
    "two ends": b"\xff\xd8\xff\xd9" * 10,
    "no frame": b"\xff\xd8" + segment(0xDA, b"\1\2\3") + b"abc\xff\xd9",
    "a segment of no length": b"\xff\xd8\xff\xe0\0\1" + b"abc" * 20,
    "ink": ink(),
    "nothing high": JPEGS[0].replace((96).to_bytes(2) + (160).to_bytes(2), b"\0\0\0\xa0"),
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_passed_over_and_the_next_one_found(data):
    assert found(data) == []
    assert [jpeg.data for jpeg in found(data + JPEGS[1] + JPEGS[2])] == [JPEGS[1], JPEGS[2]]


def test_noise_is_not_held_and_counted():
    finder = JpegFinder()
    with measured() as held:
        for _ in range(100):
            finder.feed(b"x" * 65536)
        assert held.size_bytes < 2 * 65536
    assert finder.noise_bytes > 99 * 65536
    assert not finder.is_open


def test_a_picture_that_never_ends_is_given_up_and_the_next_one_found():
    finder = JpegFinder()
    finder.feed(JPEGS[0][:-2])
    sizes_bytes = []
    with measured() as held:
        for piece in itertools.repeat(b"\x55" * 65536, 3 * MAX_BYTES // 65536):
            finder.feed(piece)
            sizes_bytes.append(held.size_bytes)
    assert max(sizes_bytes) <= 1.2 * MAX_BYTES  # Python gives a growing buffer an eighth more.
    assert finder.dropped == 1
    assert finder.feed(JPEGS[1]) == [Jpeg(JPEGS[1], SIZE)]


def test_random_bytes_are_survived():
    noise = np.random.default_rng(3).integers(0, 256, 300_000, np.uint8).tobytes()
    damaged = bytearray(part(JPEGS[0]) * 50)
    damaged[::97] = noise[: len(damaged[::97])]
    finder = JpegFinder()
    for data in (noise, bytes(damaged)):
        for at in range(0, len(data), 1000):
            finder.feed(data[at : at + 1000])
    finder.clear()
    assert finder.feed(JPEGS[1]) == [Jpeg(JPEGS[1], SIZE)]
