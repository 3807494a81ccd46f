"""Whatever a camera announces, answers and sends over RTSP: pictures, sounds, or a typed error."""

from time import monotonic

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.fakes import nal_units
from tests.support.properties import given
from tests.support.rtsp_camera import Dial, Scripted, never
from tests.support.strategies import cuts, damaged, noise, pieces_of
from tests.support.wire import Wire, framed, reply, rtp
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.bitstream.nal import nal_types
from vms_desktop.core.stream.packets.stream import NotForUsError
from vms_desktop.core.stream.rtsp.connection import RtspConnection
from vms_desktop.core.stream.rtsp.depacketizer import (
    PictureDepacketizer,
    Timeline,
    depacketizer,
    parse_rtp,
)
from vms_desktop.core.stream.rtsp.opening import sound_of
from vms_desktop.core.stream.rtsp.rtcp import Reception, parts, says_goodbye
from vms_desktop.core.stream.rtsp.sdp import control_url, parse_sdp
from vms_desktop.core.stream.rtsp.sound_depacketizer import sound_depacketizer

SECRET = "S3ntinelW0rd"

codecs = st.sampled_from(["h264", "hevc"])
announcements = st.one_of(damaged(material.sdps), noise()).map(
    lambda data: data.decode("utf-8", "replace")
)
packets = st.one_of(
    damaged(lambda: material.rtp_packets("h264") + material.rtp_packets("hevc"), 3),
    st.builds(rtp, noise(80), st.integers(0, 70_000), st.integers(0, 1 << 33)),
    noise(60),
)
talks = st.one_of(damaged(material.rtsp_talks), noise())


@given(text=announcements)
def test_an_announcement_is_read_whatever_it_says(text):
    with bounded(len(text)):
        session = parse_sdp(text)
        for track in session.tracks:
            control_url(control_url("rtsp://a/b", session.control), track.control)
            for made in (depacketizer(track), sound_depacketizer(track)):
                assert made is None or track.clock_hz > 0
            assert 0 <= track.frame_rate <= 240
            track.parameter_sets  # noqa: B018 - decodes them
        if session.tracks:
            sound_of(session.tracks, session.tracks[0])


@given(
    payload=st.binary(min_size=1, max_size=60),
    sequence=st.integers(0, 65535),
    timestamp=st.integers(0, (1 << 32) - 1),
    marker=st.booleans(),
    kind=st.integers(0, 127),
)
def test_a_packet_that_is_written_is_read_again(payload, sequence, timestamp, marker, kind):
    data = rtp(payload, sequence, timestamp, marker=marker, payload_type=kind)
    assert parse_rtp(data) == (marker, sequence, timestamp, payload, kind)


@given(codec=codecs, listed=st.lists(packets, max_size=25))
def test_packets_become_pictures_or_nothing(codec, listed):
    taken = PictureDepacketizer(h265=codec == "hevc")
    with bounded(sum(map(len, listed))):
        units = [
            unit for data in listed if (packet := parse_rtp(data)) for unit in taken.take(packet)
        ]
    assert sum(len(unit.data) for unit in units) <= sum(5 * len(data) for data in listed)
    assert all(unit.data.startswith(b"\0\0\0\1") for unit in units)


@given(
    codec=codecs,
    lost=st.sets(st.integers(0, 200), max_size=2),
    twice=st.sets(st.integers(0, 200), max_size=1),
    swapped=st.sets(st.integers(0, 200), max_size=1),
    first=st.integers(0, 65535),
)
def test_a_picture_is_whole_or_not_given(codec, lost, twice, swapped, first):
    """Packets lost, doubled or out of their order never make a picture that nobody took."""
    listed = list(material.rtp_packets(codec))
    renumbered = [
        data[:2] + ((int.from_bytes(data[2:4]) + first) & 0xFFFF).to_bytes(2) + data[4:]
        for data in listed
    ]
    count = len(renumbered)
    order = [at for at in range(count) if at not in {each % count for each in lost}]
    for at in swapped:
        at %= len(order) - 1
        order[at], order[at + 1] = order[at + 1], order[at]
    for at in twice:
        at %= len(order)
        order.insert(at, order[at])
    taken = PictureDepacketizer(h265=codec == "hevc")
    units = [
        unit.data
        for at in order
        if (packet := parse_rtp(renumbered[at]))
        for unit in taken.take(packet)
    ]
    real = [_slices(unit, codec) for unit in material.video(codec).units]
    # Of what leads a picture some may be missing; of the picture nothing.
    assert all(_slices(unit, codec) in real for unit in units)
    harmed = 3 * (len(lost) + len(twice) + len(swapped))
    assert len(units) >= len(real) - harmed - 1
    assert harmed or len(units) == len(real)


def _slices(unit, codec):
    types = nal_types(codec)
    return [nal for nal in nal_units(unit) if types.of(nal[0]) in types.slices]


@given(stamps=st.lists(st.integers(0, (1 << 32) - 1), max_size=20))
def test_times_that_wrap_go_on(stamps):
    timeline = Timeline()
    ticks = [timeline.ticks(stamp) for stamp in stamps]
    assert all((tick - stamp + stamps[0]) % (1 << 32) == 0
               for tick, stamp in zip(ticks, stamps, strict=True))  # fmt: skip


sounds = st.one_of(
    damaged(material.aac_frames, 3),
    damaged(lambda: [b"\0\x10" + (len(f) << 3).to_bytes(2) + f for f in material.aac_frames()], 3),
    noise(80),
)


@given(
    text=st.one_of(announcements, st.sampled_from([each.decode() for each in material.sdps()])),
    payloads=st.lists(sounds, max_size=6),
    stamps=st.lists(st.integers(0, (1 << 32) - 1), min_size=6, max_size=6),
)
def test_packets_become_sound_or_nothing(text, payloads, stamps):
    with bounded(len(text) + sum(map(len, payloads))):
        for track in parse_sdp(text).tracks:
            made = sound_depacketizer(track)
            if made is None:
                continue
            for number, (payload, stamp) in enumerate(zip(payloads, stamps, strict=False)):
                packet = parse_rtp(rtp(payload, number, stamp))
                if packet is None:
                    continue
                units = made.take(packet)
                assert all(unit.duration >= 0 for unit in units)
            assert made.sound is not None


@given(
    listed=st.lists(packets, max_size=6),
    reports=st.lists(noise(60), max_size=4),
    now=st.floats(0, 1e9),
)
def test_reports_are_made_of_whatever_comes(listed, reports, now):
    reception = Reception(90_000, Timeline())
    with bounded(sum(map(len, listed + reports))):
        for data in listed:
            if parse_rtp(data):
                reception.take(data)
                reception.settle(now)
        for data in reports:
            for kind, count, body in parts(data):
                reception.sender_reported(body, now)
                says_goodbye(count, body, reception.source)
                assert 0 <= kind <= 255
        made = list(parts(reception.report(now + 5)))
    assert [kind for kind, _, _ in made] == [201, 202]


def connection(data, cuts=()):
    """One to a camera that says this, cut so, and hangs up."""
    wire = Wire(lambda _asked: b"")
    for piece in filter(None, pieces_of(data, cuts)):
        wire.feed(piece)
    wire.is_over = True
    address = network_address("rtsp://10.0.0.9:554/live", "me", SECRET)
    return RtspConnection(wire, address, never, monotonic() + 30), wire  # type: ignore[arg-type]


@given(data=talks, cuts=cuts)
def test_a_camera_that_says_anything_is_answered_or_left(data, cuts):
    talk, wire = connection(data, cuts)
    frames = []
    with bounded(len(data)):
        try:
            answer = talk.request("DESCRIBE", "rtsp://10.0.0.9:554/live")
            assert 200 <= answer.status <= 999
            while True:
                frames += talk.frames()
                talk.take_answer()
                talk.fill()
        except StreamError as err:
            assert SECRET not in f"{err}{err!r}{vars(err)}"
    assert sum(len(each) for _, each in frames) <= len(data)
    assert all(SECRET.encode() not in sent for sent in wire.sent)


@given(data=talks, cuts=cuts)
def test_what_a_camera_says_means_the_same_however_it_comes(data, cuts):
    told = []
    for places in ((), cuts):
        talk, _ = connection(data, places)
        heard: list[object] = []
        try:
            answer = talk.request("OPTIONS", "rtsp://10.0.0.9:554/live")
            heard.append((answer.status, answer.body))
            while True:
                heard += talk.frames()
                talk.fill()
        except StreamError as err:
            heard.append(err.kind)
        told.append(heard)
    assert told[0] == told[1]


@given(
    described=st.one_of(damaged(material.sdps), noise()),
    set_up=damaged(lambda: [b"interleaved=0-1", b"RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=0"]),
    sent=st.lists(st.tuples(st.integers(0, 4), packets), max_size=12),
)
def test_a_stream_that_opens_hands_out_packets_with_times(described, set_up, sent):
    camera = Scripted(
        DESCRIBE=reply(200, {}, described.decode("utf-8", "replace")),
        SETUP=reply(200, {"Session": "7", "Transport": set_up.decode("utf-8", "replace")}),
    )
    with (
        pytest.MonkeyPatch.context() as patch,
        bounded(len(described) + len(set_up) + sum(len(data) for _, data in sent)),
    ):
        dial = Dial(patch)
        try:
            stream, wire = dial(camera)
            for channel, data in sent:
                wire.feed(framed(channel, data[:60_000]))
            wire.is_over = True
            last: dict[bool, int] = {}
            for packet in stream.packets(never):
                assert packet.dts > last.get(packet.is_video, -(1 << 62))
                last[packet.is_video] = packet.dts
        except StreamError as err:
            assert "s3cr3t" not in f"{err!r}{vars(err)}"
        except NotForUsError:
            pass
