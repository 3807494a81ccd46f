import pytest

from tests.support.video import encode
from vms_desktop.core.stream.bitstream.nal import is_annex_b, parameter_sets_of

SPS, PPS, SEI, IDR, SLICE = b"\x67abc", b"\x68de", b"\x06f", b"\x65picture", b"\x41picture"
VPS_265, SPS_265, PPS_265, IDR_265 = b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01picture"
LONG, SHORT = b"\0\0\0\1", b"\0\0\1"


def units(*parts, code=LONG):
    return b"".join(code + part for part in parts)


@pytest.mark.parametrize("code", [LONG, SHORT])
@pytest.mark.parametrize(
    "codec, before, expected",
    [
        ("h264", (SPS, PPS, SEI, IDR), (SPS, PPS)),
        ("h264", (SEI, SPS, PPS, PPS, IDR), (SPS, PPS, PPS)),
        ("h264", (IDR,), ()),
        ("h264", (SLICE, SPS, PPS), ()),
        ("h264", (SPS,), (SPS,)),
        ("hevc", (VPS_265, SPS_265, PPS_265, IDR_265), (VPS_265, SPS_265, PPS_265)),
        ("hevc", (IDR_265, SPS_265), ()),
    ],
)
def test_parameter_sets_are_those_before_the_first_slice(code, codec, before, expected):
    assert parameter_sets_of(units(*before, code=code), codec) == units(*expected)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\1", b"no units at all", b"\0\0\0\1"])
def test_what_holds_no_unit_has_no_parameter_sets(data):
    assert parameter_sets_of(data, "h264") == b""


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_only_keyframes_of_a_real_stream_carry_them(codec):
    video = encode(8, gop=5, codec=codec, width=160, height=96)
    found = [bool(parameter_sets_of(unit, codec)) for unit in video.units]
    assert found == list(video.keyframes)


def test_another_size_has_other_parameter_sets():
    sizes = [encode(1, width=width, height=96).units[0] for width in (160, 320)]
    assert parameter_sets_of(sizes[0], "h264") != parameter_sets_of(sizes[1], "h264")


@pytest.mark.parametrize(
    "data, expected",
    [(LONG + SPS, True), (SHORT + SPS, True), (b"\1\x42\0\x1e", False), (b"", False)],
)
def test_start_codes_tell_annex_b_from_length_prefixes(data, expected):
    assert is_annex_b(data) is expected
