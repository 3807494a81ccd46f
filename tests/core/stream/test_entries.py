"""Where a stream is entered, whoever reads it, and what is filled in there."""

from base64 import b64encode
from contextlib import closing
from fractions import Fraction
from io import BytesIO

import av
import pytest
from av.container import InputContainer

from tests.support.fakes import nal_units
from tests.support.rtsp_camera import PICTURE as H264_PICTURE
from tests.support.rtsp_camera import STEP, Scripted, feed, opens, taken
from tests.support.video import encode, entered_at_intra, read_number
from tests.support.wire import framed, rtp
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.media.decode import Decoder
from vms_desktop.core.stream.bitstream.nal import parameter_sets_of
from vms_desktop.core.stream.bitstream.parameter_sets import ParameterSets
from vms_desktop.core.stream.opener import StreamOpener

H265 = encode(20, gop=10, width=160, height=96, codec="hevc")
H265_SETS = nal_units(parameter_sets_of(H265.units[0], "hevc"))
PICTURE = ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H265/90000", "a=control:video"]


@pytest.mark.parametrize("told", [{0}, {1}, {2}, {0, 2}, {0, 1, 2}])
def test_sets_that_only_the_description_tells_lead_every_keyframe(dial, told):
    names = ("sprop-vps", "sprop-sps", "sprop-pps")
    listed = [f"{names[index]}={b64encode(H265_SETS[index]).decode()}" for index in sorted(told)]
    stream, wire = dial(Scripted(*PICTURE, f"a=fmtp:96 {';'.join(listed)}"))
    sequence, hidden = 0, [H265_SETS[each] for each in told]
    for index, unit in enumerate(H265.units):
        sent = [nal for nal in nal_units(unit) if nal not in hidden]
        for number, nal in enumerate(sent):
            marker = number == len(sent) - 1
            wire.feed(framed(0, rtp(nal, sequence, index * STEP, marker=marker)))
            sequence += 1
    packets = taken(stream, 20)
    assert [packet.is_keyframe for packet in packets] == list(H265.keyframes)
    assert parameter_sets_of(bytes(packets[10].data), "hevc") == parameter_sets_of(
        H265.units[0], "hevc"
    )
    decoder = Decoder(stream.video)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    numbers = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    assert numbers == list(range(20))


def test_a_stream_of_i_pictures_is_entered_at_the_first_one(dial, monkeypatch):
    # Its sets tell of the B pictures that were left out.
    monkeypatch.setattr(ParameterSets, "are_reordered", False)
    video = entered_at_intra(40, gop=10)
    sets = nal_units(parameter_sets_of(video.units[0], "h264"))
    sprop = f"a=fmtp:96 sprop-parameter-sets={','.join(b64encode(each).decode() for each in sets)}"
    stream, wire = dial(Scripted(*H264_PICTURE, sprop))
    feed(wire, video.units[5:])
    packets = taken(stream, 35)
    assert [packet.is_keyframe for packet in packets] == list(video.keyframes[5:])
    decoder = Decoder(stream.video)
    frames = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.flush()
    numbers = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    assert numbers == list(range(20, 80, 2))


def test_a_stream_that_ffmpeg_reads_is_entered_at_i_pictures_too(tmp_path):
    video = entered_at_intra(40, gop=10)
    sets = parameter_sets_of(video.units[0], "h264")
    (tmp_path / "camera.h264").write_bytes(sets + b"".join(video.units[10:]))
    with closing(opens(StreamOpener(tmp_path, Clock()), "camera.h264")) as stream:
        packets = taken(stream, 30)
    assert [packet.is_keyframe for packet in packets] == list(video.keyframes[10:])
    assert all(packet.pts >= packet.dts for packet in packets)
    decoder = Decoder(stream.video)
    frames = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.flush()
    numbers = [read_number(frame.image.to_ndarray(format="bgr24")) for frame in frames]
    assert numbers == list(range(20, 80, 2))


def test_a_container_with_lengths_is_entered_at_recovery_points_too(tmp_path):
    """As RTMP, FLV and MP4 have them: the filter's packets belong to no stream."""
    video = encode(40, gop=10, width=160, height=96, params="open-gop=1:bframes=2:b-adapt=0")
    path = tmp_path / "camera.flv"
    first, *others = (nal_units(unit) for unit in video.units)
    bare = first + [nal for unit in others for nal in unit if nal[0] & 31 not in (7, 8)]
    with (
        av.open(BytesIO(b"".join(b"\0\0\0\1" + nal for nal in bare)), format="h264") as source,
        av.open(str(path), "w", format="flv") as output,
    ):
        assert isinstance(source, InputContainer)
        track = output.add_stream_from_template(source.streams.video[0])
        packets = (packet for packet in source.demux(video=0) if packet.size)
        for number, packet in enumerate(packets):
            packet.stream, packet.time_base = track, Fraction(1, 1_000)
            packet.pts = packet.dts = number * 40
            output.mux(packet)
    with closing(opens(StreamOpener(tmp_path, Clock()), path.name)) as stream:
        packets = taken(stream, 40)
    entries = [packet for packet in packets if packet.is_keyframe]
    assert len(entries) >= 4
    assert all(parameter_sets_of(bytes(entry.data), "h264") for entry in entries)
