"""Whatever a camera sends as pictures and sounds: it is understood or passed over."""

from contextlib import suppress
from fractions import Fraction

from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.properties import given
from tests.support.strategies import cuts, damaged, noise, pieces_of
from vms_desktop.core.stream.bitstream.aac import (
    AacTrack,
    aac_silence,
    adts_frames,
    build_aac_config,
    channels_of_aac,
    parse_aac_config,
    parse_adts,
)
from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, joined
from vms_desktop.core.stream.bitstream.entry_points import EntryPoints, recovery_point
from vms_desktop.core.stream.bitstream.jpeg import JpegFinder
from vms_desktop.core.stream.bitstream.nal import (
    first_unit_at,
    nal_types,
    parameter_sets_of,
    picture_head,
    units_from,
)
from vms_desktop.core.stream.bitstream.parameter_sets import (
    MAX_SET_BYTES,
    ParameterSets,
    shape_of,
)
from vms_desktop.core.stream.packets.packet import AudioFacts

codecs = st.sampled_from(["h264", "hevc"])
pictures = st.one_of(damaged(material.pictures), noise())
sets = st.one_of(
    damaged(lambda: material.parameter_sets("h264") + material.parameter_sets("hevc")), noise()
)


@given(codec=codecs, known=sets, units=st.lists(pictures, max_size=3))
def test_a_picture_is_judged_and_never_cut(codec, known, units):
    with bounded(len(known) + sum(map(len, units))):
        entries = EntryPoints(codec, b"\0\0\0\1" + known)
        for number, data in enumerate(units):
            picture = entries.take(data, float(number))
            head = picture_head(data, nal_types(codec))
            assert picture.data.endswith(data[head.slice_at :])
            assert picture.is_keyframe or picture.data == data
            entries.are_reordered  # noqa: B018 - asks


@given(codec=codecs, data=pictures)
def test_units_lie_behind_each_other(codec, data):
    with bounded(len(data)):
        parameter_sets_of(data, codec)
        shape_of(data, codec)
        spans = list(units_from(data, first_unit_at(data)))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(data) for edge in edges)


@given(codec=codecs, units=st.lists(sets, max_size=6), picture_set=st.integers(0, 300))
def test_parameter_sets_are_kept_or_refused(codec, units, picture_set):
    with bounded(sum(map(len, units))):
        known = ParameterSets(codec)
        for unit in filter(None, units):
            kind = nal_types(codec).of(unit[0])
            key = known.take(kind, unit)
            assert key is None or key[0] == kind
            recovery_point(unit, nal_types(codec))
        assert set(known.used_by(picture_set).values()) <= set(units)
        known.shape(picture_set)
        if units and units[0]:
            known.slice_head(units[0], 0)


@given(codec=codecs, edge=st.integers(0, 200))
def test_a_set_that_is_cut_short_is_none_or_says_the_same(codec, edge):
    types = nal_types(codec)
    for unit in material.parameter_sets(codec):
        whole, cut = ParameterSets(codec), ParameterSets(codec)
        for each in material.parameter_sets(codec):
            whole.take(types.of(each[0]), each)
            cut.take(types.of(each[0]), each[:edge] if each == unit else each)
        assert cut.shape(0) in (None, whole.shape(0))


@given(fields=st.lists(st.tuples(st.integers(0, 1 << 32), st.integers(1, 32)), max_size=12))
def test_bits_that_are_written_are_read_again(fields):
    numbers = [(number % (1 << count), count) for number, count in fields]
    reader = BitReader(joined(*numbers))
    assert [(reader.bits(count), count) for _, count in numbers] == numbers


@given(data=noise(40).map(lambda data: data[:MAX_SET_BYTES]))
def test_codes_are_read_until_the_bits_end(data):
    reader, count = BitReader(data), 0
    with bounded(len(data)), suppress(BitsError):
        while count <= 8 * len(data):
            reader.signed() if count % 2 else reader.unsigned()
            count += 1
    assert count <= 8 * len(data)


@given(data=st.one_of(damaged(material.aac_configs), noise()))
def test_a_configuration_is_possible_or_none(data):
    with bounded(len(data)):
        found = parse_aac_config(data)
    assert found is None or (1_000 <= found.core_hz <= 192_000 and found.frame_ticks(90_000) >= 0)


@given(kind=st.integers(1, 30), rate_hz=st.integers(1_000, 192_000), channels=st.integers(1, 7))
def test_a_configuration_that_is_built_is_read_again(kind, rate_hz, channels):
    found = parse_aac_config(build_aac_config(kind, rate_hz, channels))
    if kind in (5, 29):  # What extends another one needs its second half.
        return
    assert found is not None
    assert (found.object_type, found.core_hz) == (kind, rate_hz)
    assert found.core_channels == (channels if channels < 7 else 8)


@given(
    frames=st.lists(st.one_of(damaged(material.aac_frames), noise()), max_size=5),
    config=st.one_of(damaged(material.aac_configs), st.just(b"")),
    rate_hz=st.sampled_from([8_000, 16_000, 44_100, 12_345]),
    channels=st.integers(1, 8),
    is_raw=st.booleans(),
)
def test_sound_is_taken_or_passed_over(frames, config, rate_hz, channels, is_raw):
    track = AacTrack(
        AudioFacts("aac", rate_hz, channels, Fraction(1, rate_hz), config), is_raw=is_raw
    )
    with bounded(len(config) + sum(map(len, frames))):
        for data in frames:
            assert sum(map(len, track.take(data))) <= len(data)
            assert track.frame_ticks >= 0
            list(adts_frames(data))
            parse_adts(data)
            if data:
                assert channels_of_aac(data) in (0, 1, 2)


@given(channels=st.integers(1, 2))
def test_silence_has_the_channels_it_is_made_for(channels):
    assert channels_of_aac(aac_silence(channels)) == channels


streams = st.lists(st.one_of(damaged(material.jpegs), noise(60)), max_size=5).map(b"".join)


@given(data=streams, cuts=cuts, is_complete=st.booleans())
def test_the_same_pictures_are_found_however_they_come(data, cuts, is_complete):
    with bounded(len(data)):
        whole, pieces = JpegFinder(), JpegFinder()
        found = whole.feed(data) + whole.end(is_complete=is_complete)
        came = [each for piece in pieces_of(data, cuts) for each in pieces.feed(piece)]
        came += pieces.end(is_complete=is_complete)
    assert came == found
    assert sum(len(each.data) for each in found) <= len(data) + 2 * len(found)
    assert all(each.data.startswith(b"\xff\xd8\xff") for each in found)
    assert all(each.data.endswith(b"\xff\xd9") and all(each.size) for each in found)


@given(
    numbers=st.lists(st.integers(0, 2), max_size=4),
    between=st.lists(noise(40).filter(lambda data: b"\xff" not in data), min_size=5, max_size=5),
    cuts=cuts,
)
def test_no_whole_picture_is_lost_in_noise(numbers, between, cuts):
    pictures = [material.jpegs()[number] for number in numbers]
    data = b"".join(
        noise + picture for noise, picture in zip(between, [*pictures, b""], strict=False)
    )
    finder = JpegFinder()
    found = [each.data for piece in pieces_of(data, cuts) for each in finder.feed(piece)]
    assert found == pictures
    assert finder.dropped == 0


@given(data=streams, most=st.integers(100, 5000))
def test_no_more_is_held_than_is_allowed(data, most):
    finder = JpegFinder(most)
    for piece in pieces_of(data, range(0, len(data), 64)):
        finder.feed(piece)
        assert len(finder._held) <= most
