"""At which pictures a stream can be entered, and what those get for it."""

import itertools

import pytest

from tests.support.fakes import nal_units
from tests.support.packets import facts, video_packet
from tests.support.video import encode, entered_at_intra, read_number
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.bitstream.entry_points import (
    DOUBT_S,
    ENTRY_PATIENCE_S,
    EntryPoints,
    EntryWait,
    recovery_point,
)
from vms_desktop.core.stream.bitstream.nal import (
    H264_TYPES,
    H265_TYPES,
    LONG_START_CODE,
    parameter_sets_of,
)

FPS = 10
H264, H265 = (encode(6, gop=3, width=160, height=96, codec=codec) for codec in ("h264", "hevc"))
INTRA = entered_at_intra(40, gop=10)
SPS, PPS = nal_units(parameter_sets_of(H264.units[0], "h264"))
VIDEO_SET, SPS_265, PPS_265 = nal_units(parameter_sets_of(H265.units[0], "hevc"))
IDR, P = nal_units(H264.units[0])[-1], nal_units(H264.units[1])[-1]
AUD = b"\x09\xf0"
RECOVERY = b"\x06\x06\x01\xc4\x80"


def annex_b(*units):
    return b"".join(LONG_START_CODE + unit for unit in units)


def judged(video, known=b"", codec="h264"):
    entries = EntryPoints(codec, known)
    return [entries.take(unit, index / FPS) for index, unit in enumerate(video.units)]


def taken(*units, known=(SPS, PPS), codec="h264"):
    """The units of one picture as they come out, and whether it is an entry."""
    data, is_keyframe = EntryPoints(codec, annex_b(*known)).take(annex_b(*units), 0.0)
    return nal_units(data), is_keyframe


def sei(*messages, head=b"\x06"):
    return head + b"".join(bytes((kind, len(body))) + body for kind, body in messages) + b"\x80"


@pytest.mark.parametrize("video", [H264, H265])
def test_keyframes_with_their_sets_pass_as_they_came(video):
    found = judged(video, codec=video.codec)
    assert [data for data, _ in found] == list(video.units)
    assert [is_keyframe for _, is_keyframe in found] == list(video.keyframes)


@pytest.mark.parametrize(
    "sent, expected",
    [
        ((IDR,), (SPS, PPS, IDR)),
        ((SPS, IDR), (SPS, PPS, IDR)),
        ((PPS, IDR), (SPS, PPS, IDR)),
        ((PPS, SPS, IDR), (SPS, PPS, IDR)),
        ((SPS, PPS, SPS, PPS, IDR), (SPS, PPS, IDR)),
        ((AUD, b"\x06\x05\x01x\x80", IDR), (AUD, SPS, PPS, b"\x06\x05\x01x\x80", IDR)),
        ((AUD, SPS, PPS, IDR), (AUD, SPS, PPS, IDR)),
        ((SPS + b"\0", PPS + b"\0\0", IDR), (SPS, PPS, IDR)),
    ],
)
def test_what_is_missing_is_filled_in_and_put_in_order(sent, expected):
    assert taken(*sent) == (list(expected), True)


@pytest.mark.parametrize("told", [(VIDEO_SET,), (SPS_265,), (VIDEO_SET, PPS_265)])
def test_h265_sets_that_only_the_description_told_are_filled_in(told):
    idr = nal_units(H265.units[0])[-1]
    sent = [unit for unit in (VIDEO_SET, SPS_265, PPS_265) if unit not in told]
    units, is_keyframe = taken(*sent, idr, known=told, codec="hevc")
    assert (units, is_keyframe) == ([VIDEO_SET, SPS_265, PPS_265, idr], True)


def test_sets_of_an_earlier_picture_serve_a_later_keyframe():
    entries = EntryPoints("h264", b"")
    assert not entries.take(annex_b(SPS, PPS, P), 0.0).is_keyframe
    assert entries.take(annex_b(IDR), 1.0).data == annex_b(SPS, PPS, IDR)


def test_a_keyframe_of_which_no_set_is_known_is_no_entry():
    assert taken(IDR, known=()) == ([IDR], False)
    assert taken(SPS, IDR, known=()) == ([SPS, IDR], False)


def test_a_keyframe_whose_sets_are_not_understood_is_left_to_the_decoder():
    strange = b"\x68" + b"\x2c\x80"  # Of another id than the slice names.
    assert taken(SPS, strange, IDR, known=()) == ([SPS, strange, IDR], True)


@pytest.mark.parametrize(
    "unit, is_entry",
    [
        (RECOVERY, True),
        (sei((5, b"maker's own data"), (6, b"\xc4")), True),
        (sei((5, b"x" * 200), (6, b"\x09\xc4")), True),
        (b"\x06\x05\xff\x02" + b"x" * 257 + b"\x06\x01\xc4\x80", True),
        (sei((1, b"\x06\x01\xc4")), False),
        (sei((5, b"\0\0\3\1")), False),
        (b"\x06\x06", False),
        (b"\x06\xff\xff\xff", False),
    ],
)
def test_a_recovery_point_is_an_entry_wherever_it_stands_in_its_unit(unit, is_entry):
    assert taken(unit, P)[1] is is_entry
    assert taken(b"\x06\x04\x01x\x80", unit, P)[1] is is_entry


@pytest.mark.parametrize(
    "unit, types, count",
    [
        (RECOVERY, H264_TYPES, 0),
        (b"\x06\x06\x02\x09\xc4\x80", H264_TYPES, 18),
        (b"\x06\x06\x00\x80", H264_TYPES, None),
        (b"\x4e\x01\x06\x01\xd0\x80", H265_TYPES, 0),
        (b"\x4e\x01\x06\x01\x20\x80", H265_TYPES, 2),
        (b"\x4e\x01\x81\x01\xd0\x80", H265_TYPES, None),
    ],
)
def test_a_recovery_point_tells_when_all_is_there(unit, types, count):
    assert recovery_point(unit, types) == count


def test_i_pictures_are_entries_where_the_stream_has_no_better_ones():
    sets = parameter_sets_of(INTRA.units[0], "h264")
    entries = EntryPoints("h264", sets)
    found = [entries.take(unit, index / FPS) for index, unit in enumerate(INTRA.units[1:], 1)]
    assert [is_keyframe for _, is_keyframe in found] == list(INTRA.keyframes[1:])


def test_i_pictures_between_keyframes_are_none():
    found = judged(INTRA)
    doubted = round(DOUBT_S * FPS)
    keys = [index for index, picture in enumerate(found) if picture.is_keyframe]
    assert keys == [0]
    again = EntryPoints("h264", b"")
    again.take(INTRA.units[0], 0.0)
    assert not again.take(INTRA.units[10], (doubted - 1) / FPS).is_keyframe
    assert again.take(INTRA.units[20], doubted / FPS).is_keyframe


def test_a_decoder_begins_at_such_an_i_picture():
    entries = EntryPoints("h264", parameter_sets_of(INTRA.units[0], "h264"))
    decoder, frames = Decoder(facts(INTRA)), []
    for index, unit in enumerate(INTRA.units[5:], 5):
        data, is_keyframe = entries.take(unit, index / FPS)
        frames += decoder.decode(video_packet(data, index, FPS, is_keyframe=is_keyframe))
    frames += decoder.flush()
    shown = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    assert shown == [2 * index for index in range(10, 40)]  # B pictures were left out.


def test_a_picture_of_which_only_one_slice_is_intra_is_no_entry():
    intra, predicted = nal_units(INTRA.units[10])[-1], nal_units(INTRA.units[11])[-1]
    sets = nal_units(parameter_sets_of(INTRA.units[0], "h264"))
    assert taken(intra, intra, known=sets)[1]
    assert not taken(intra, predicted, known=sets)[1]
    assert not taken(predicted, intra, known=sets)[1]


def test_the_first_picture_of_an_open_group_of_h265_is_an_entry():
    params = "open-gop=1:bframes=2:b-adapt=0:rc-lookahead=8"
    video = encode(13, gop=6, width=160, height=96, codec="hevc", params=params)
    found = judged(video, codec="hevc")
    kinds = [nal_units(unit)[-1][0] >> 1 & 63 for unit in video.units]
    assert 21 in kinds  # CRA
    assert [picture.is_keyframe for picture in found] == [kind >= 16 for kind in kinds]


def test_an_i_picture_of_h265_is_an_entry_where_the_stream_has_no_better_ones():
    p_picture = nal_units(H265.units[1])[-1]
    known = (VIDEO_SET, SPS_265, PPS_265)
    assert not taken(p_picture, known=known, codec="hevc")[1]
    # First slice, PPS 0, an I slice (ue 2): the head of a trailing picture.
    units, is_keyframe = taken(b"\x02\x01\xd8xyz", known=known, codec="hevc")
    assert is_keyframe
    assert units[:3] == [*known]
    assert recovery_point(units[3], H265_TYPES) == 0


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(
    "data", [b"", b"\0\0\1", b"nothing", b"\0\0\1\x65", b"\0\0\0\1\x41", b"\0\0\1\x26\1"]
)
def test_what_is_no_picture_is_no_entry(codec, data):
    assert EntryPoints(codec, b"").take(data, 0.0) == (data, False)


def told(pictures):
    """When a wait is given up, of (is keyframe, arrival) pairs."""
    wait = EntryWait()
    return [at for key, at in pictures if wait.in_vain(is_keyframe=key, arrived=at)]


@pytest.mark.parametrize(
    "keys_s, at",
    [
        ((), [5 + ENTRY_PATIENCE_S]),
        ((9,), []),
        ((14.9,), []),
        ((15,), []),
        ((16,), [5 + ENTRY_PATIENCE_S]),
    ],
)
def test_a_stream_without_an_entry_is_told_once_after_ten_seconds(keys_s, at):
    times = (5 + index / FPS for index in itertools.count())
    pictures = [(round(time, 1) in keys_s, round(time, 1)) for time in itertools.islice(times, 600)]
    assert told(pictures) == at
