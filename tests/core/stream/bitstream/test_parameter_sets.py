"""Parameter sets by kind and id, and the shape of the pictures that they tell."""

from typing import Any

import pytest

from tests.support.fakes import nal_units
from tests.support.video import encode
from vms_desktop.core.base.picture import Size
from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, payload
from vms_desktop.core.stream.bitstream.nal import LONG_START_CODE, parameter_sets_of
from vms_desktop.core.stream.bitstream.parameter_sets import MAX_SET_BYTES, ParameterSets, shape_of


def sets_of(video, codec):
    return nal_units(parameter_sets_of(video.units[0], codec))


def bits_of(text):
    """Bits written out, filled up to whole bytes; a set's data behind its head."""
    plain = text.replace(" ", "")
    plain += "1" + "0" * (-len(plain) - 1 & 7)
    return bytes(int(plain[at : at + 8], 2) for at in range(0, len(plain), 8))


def pps(number, sequence=0, tail="1"):
    """A PPS of H.264 with these ids."""
    return b"\x68" + bits_of(f"{exp_golomb(number)} {exp_golomb(sequence)} {tail}")


def exp_golomb(number):
    code = f"{number + 1:b}"
    return "0" * (len(code) - 1) + code


@pytest.mark.parametrize(
    "bits, numbers",
    [
        ("1", [0]),
        ("010 011", [1, 2]),
        ("00100 00111", [3, 6]),
        (exp_golomb(2**20) + "1", [2**20, 0]),
    ],
)
def test_exp_golomb_codes_are_numbers(bits, numbers):
    reader = BitReader(bits_of(bits))
    assert [reader.unsigned() for _ in numbers] == numbers


@pytest.mark.parametrize("code, number", [(0, 0), (1, 1), (2, -1), (3, 2), (4, -2)])
def test_signed_codes_go_up_and_down_by_turns(code, number):
    assert BitReader(bits_of(exp_golomb(code))).signed() == number


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0" * 40 + b"\1" + b"\xff" * 40, b"\1"])
def test_what_is_no_number_is_an_error(data):
    with pytest.raises(BitsError):
        BitReader(data).unsigned()


def test_bytes_that_only_keep_start_codes_away_are_no_part_of_the_payload():
    assert payload(b"a\0\0\3\1\0\0\3\0\0\3b\0\3") == b"a\0\0\1\0\0\0\0b\0\3"


@pytest.mark.parametrize(
    "codec, kinds, profile, chroma, depth, size",
    [
        ("h264", {}, 66, 1, 8, (320, 180)),
        ("h264", {"width": 96, "height": 70}, 66, 1, 8, (96, 70)),
        ("h264", {"pixel_format": "yuv422p10le"}, 122, 2, 10, (320, 180)),
        ("h264", {"pixel_format": "yuv444p", "height": 178}, 244, 3, 8, (320, 178)),
        ("h264", {"pixel_format": "gray"}, 100, 0, 8, (320, 180)),
        ("h264", {"height": 188, "params": "interlaced=1"}, 77, 1, 8, (320, 188)),
        ("h264", {"preset": "medium", "params": "cqm=jvt"}, 100, 1, 8, (320, 180)),
        ("hevc", {}, 1, 1, 8, (320, 180)),
        ("hevc", {"pixel_format": "yuv420p10le", "height": 190}, 2, 1, 10, (320, 190)),
        ("hevc", {"pixel_format": "yuv422p"}, 4, 2, 8, (320, 180)),
        (
            "hevc",
            {"params": "temporal-layers=2:bframes=3:rc-lookahead=8:b-pyramid=1"},
            1,
            1,
            8,
            (320, 180),
        ),
    ],
)
def test_the_shape_of_a_picture_stands_in_its_sets(codec, kinds, profile, chroma, depth, size):
    shape = shape_of(encode(1, codec=codec, **kinds).units[0], codec)
    assert shape == (profile, chroma, depth, depth, Size(*size))


def test_cameras_that_only_tell_another_rate_have_the_same_shape():
    one, other = (encode(1, fps=fps).units[0] for fps in (10, 12))
    assert parameter_sets_of(one, "h264") != parameter_sets_of(other, "h264")
    assert shape_of(one, "h264") == shape_of(other, "h264")


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_picture_without_its_sets_has_no_shape(codec):
    unit = encode(1, codec=codec).units[0]
    slices = nal_units(unit)[-1]
    assert shape_of(LONG_START_CODE + slices, codec) is None
    assert shape_of(b"", codec) is None


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_sets_that_are_cut_off_anywhere_raise_nothing(codec):
    for unit in sets_of(encode(1, codec=codec), codec):
        kind = unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63
        for end in range(1, len(unit)):
            ParameterSets(codec).take(kind, unit[:end])


def test_what_a_picture_needs_is_its_sequence_and_each_picture_set_of_that():
    sps, first = sets_of(encode(1), "h264")
    sets = ParameterSets("h264", LONG_START_CODE + sps + LONG_START_CODE + first)
    second, others = pps(1), pps(2, sequence=5)
    assert [sets.take(8, second), sets.take(8, others)] == [(8, 1), (8, 2)]
    assert list(sets.used_by(0).values()) == [sps, first, second]
    assert sets.used_by(1) == sets.used_by(0)
    assert sets.used_by(2) == {}  # Its sequence was never told.
    assert sets.used_by(9) == {}


def test_a_set_takes_the_place_of_the_one_of_its_id():
    sps, first = sets_of(encode(1), "h264")
    sets = ParameterSets("h264", LONG_START_CODE + sps + LONG_START_CODE + first)
    changed = pps(0, tail="0")
    sets.take(8, changed)
    assert list(sets.used_by(0).values()) == [sps, changed]


def test_h265_needs_its_video_set_first():
    found = sets_of(encode(1, codec="hevc"), "hevc")
    sets = ParameterSets("hevc")
    for unit in reversed(found):
        sets.take(unit[0] >> 1 & 63, unit)
    assert list(sets.used_by(0).values()) == found


@pytest.mark.parametrize(
    "kind, unit", [(8, pps(256)), (8, pps(0) + bytes(MAX_SET_BYTES)), (6, pps(0)), (8, b"\x68")]
)
def test_what_is_no_set_is_not_kept(kind, unit):
    assert ParameterSets("h264").take(kind, unit) is None


def test_sets_do_not_grow_without_end():
    sets = ParameterSets("h264", parameter_sets_of(encode(1).units[0], "h264"))
    for number in range(2000):
        sets.take(8, pps(number % 300, tail=f"{number:b}"))
    assert len(sets.used_by(0)) == 1 + 256


@pytest.mark.parametrize(
    "codec, params, are_reordered",
    [
        ("h264", "bframes=0", False),
        ("h264", "bframes=2:b-adapt=0", True),
        ("h264", "bframes=2:b-adapt=0:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500", True),
        ("h264", "bframes=0:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500", False),
        ("h264", "bframes=2:b-adapt=0:videoformat=pal:colorprim=bt709:overscan=show", True),
        ("h264", "bframes=0:videoformat=pal:colorprim=bt709:overscan=show", False),
        ("h264", "bframes=2:b-adapt=0:chromaloc=1:sar=17/13", True),
        ("hevc", "bframes=0", False),
        ("hevc", "bframes=2:b-adapt=0:rc-lookahead=8", True),
        ("hevc", "temporal-layers=2:bframes=3:rc-lookahead=8:b-pyramid=1", True),
    ],
)
def test_sets_say_whether_pictures_come_in_the_order_in_which_they_are_shown(
    codec, params, are_reordered
):
    options: dict[str, Any] = {"preset": "medium"} if codec == "h264" else {}
    unit = encode(1, codec=codec, params=params, **options).units[0]
    assert ParameterSets(codec, parameter_sets_of(unit, codec)).are_reordered is are_reordered
    assert shape_of(unit, codec) is not None
