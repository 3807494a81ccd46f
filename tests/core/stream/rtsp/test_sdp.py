"""What cameras announce is understood, however they write it; what is no SDP raises nothing."""

import random
from base64 import b64encode

import pytest

from tests.support.bounds import bounded, tried_again
from vms_desktop.core.stream.rtsp.sdp import control_url, is_absolute, parse_sdp

START = b"\x00\x00\x00\x01"
SPS, PPS, VPS = b"\x67\x42\x00\x1e", b"\x68\xce\x38\x80", b"\x40\x01\x0c"
HEAD = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=Porch\r\nt=0 0\r\n"


def coded(unit):
    return b64encode(unit).decode()


def track(*lines, head=HEAD):
    """The only track of a session that has these lines."""
    (found,) = parse_sdp(head + "\r\n".join(lines) + "\r\n").tracks
    return found


@pytest.mark.parametrize(
    "media, attribute, expected",
    [
        ("video 0 RTP/AVP 96", "rtpmap:96 H264/90000", ("video", 96, "H264", 90_000, 1)),
        ("video 0 RTP/AVP 98 99", "rtpmap:98 h265/90000 ", ("video", 98, "H265", 90_000, 1)),
        ("video 0 RTP/AVP/TCP 96", "rtpmap: 96 H264/90000", ("video", 96, "H264", 90_000, 1)),
        ("video 5000/2 RTP/AVPF 96", "rtpmap:96 H264/90000", ("video", 96, "H264", 90000, 1)),
        ("video 0 RTP/AVP 26", "", ("video", 26, "JPEG", 90_000, 1)),
        ("audio 0 RTP/AVP 0", "", ("audio", 0, "PCMU", 8000, 1)),
        ("audio 0 RTP/AVP 8\t ", "", ("audio", 8, "PCMA", 8000, 1)),
        # What is said goes before what the number stands for.
        ("audio 0 RTP/AVP 8", "rtpmap:8 PCMU/8000/1", ("audio", 8, "PCMU", 8000, 1)),
        ("audio 0 RTP/AVP 97", "rtpmap:97 MP4A-LATM/16000", ("audio", 97, "MP4A-LATM", 16000, 1)),
        ("audio 0 RTP/AVP 2", "rtpmap:2 G726-32/8000", ("audio", 2, "G726-32", 8000, 1)),
        ("audio 0 RTP/AVP 97", "rtpmap:97 opus/48000/2", ("audio", 97, "OPUS", 48000, 2)),
        ("audio 0 RTP/AVP 97", "fmtp:97", ("audio", 97, "", 0, 1)),
        (
            "application 0 RTP/AVP 107",
            "rtpmap:107 x.y/90000",
            ("application", 107, "X.Y", 90000, 1),
        ),
        ("application/MAKER 0 RTP/AVP smart/1/90000", "", ("application", -1, "", 0, 1)),
        # Nothing of ours: what is encrypted, travels otherwise, or is not named.
        ("video 0 RTP/SAVP 96", "rtpmap:96 H264/90000", ("video", 96, "", 0, 1)),
        ("video 0 udp 33", "", ("video", 33, "", 0, 1)),
        ("video 0 RTP/AVP 96", "rtpmap:97 H264/90000", ("video", 96, "", 0, 1)),
        ("audio 0 RTP/AVP 8", "rtpmap:8 PCMA/99999999999999", ("audio", 8, "PCMA", 0, 1)),
        ("video 0 RTP/AVP 9999999999999999", "rtpmap:96 H264/9", ("video", -1, "", 0, 1)),
    ],
)
def test_a_track_is_what_its_lines_say(media, attribute, expected):
    found = track(f"m={media}", f"a={attribute}")
    said = (found.media, found.payload_type, found.encoding, found.clock_hz, found.channels)
    assert said == expected


def test_tracks_come_in_their_order_each_with_its_own_lines():
    session = parse_sdp(
        HEAD + "a=control:*\nm=audio 0 RTP/AVP 96\na=rtpmap:96 mpeg4-generic/48000/1\n"
        "a=control:one\na=fmtp:96 SizeLength=13; config=1188; mode=AAC-hbr;\n"
        "m=video 0 RTP/AVP 96\na=control:two\na=rtpmap:96 H264/90000\n"
    )
    assert session.control == ""
    assert [(each.encoding, each.control) for each in session.tracks] == [
        ("MPEG4-GENERIC", "one"),
        ("H264", "two"),
    ]
    sound = session.tracks[0].parameters
    assert (sound["sizelength"], sound["config"], sound["mode"]) == ("13", "1188", "AAC-hbr")


def test_the_first_address_of_a_track_counts_wherever_it_stands():
    lines = ["a=control:track1", "a=rtpmap:96 H264/90000", "a=x-dimensions: 704, 576"]
    assert track("m=video 0 RTP/AVP 96", *lines, "a=control:late").control == "track1"
    assert track("m=video 0 RTP/AVP 96", *reversed(lines)).control == "track1"


@pytest.mark.parametrize(
    "lines, rate",
    [
        (["a=framerate:15.000000"], 15),
        (["a=framerate:12.5 "], 12.5),
        (["a=x-framerate: 5"], 5),
        (["a=framerate:0S", "a=framerate:25"], 25),
        (["a=framerate:0"], 0),
        (["a=framerate:nan"], 0),
        (["a=framerate:inf"], 0),
        (["a=framerate:-5"], 0),
        (["a=framerate:1e-300"], 0),
        (["a=framerate:90000"], 0),
        ([], 0),
    ],
)
def test_a_frame_rate_is_taken_where_it_is_one(lines, rate):
    assert track("m=video 0 RTP/AVP 96", *lines).frame_rate == rate


@pytest.mark.parametrize(
    "fmtp, expected",
    [
        (f"packetization-mode=1;sprop-parameter-sets={coded(SPS)},{coded(PPS)}", [SPS, PPS]),
        (f'sprop-parameter-sets="{coded(SPS)},{coded(PPS)}"', [SPS, PPS]),
        (f"profile-level-id=1; sprop-parameter-sets={coded(SPS)},,", [SPS]),
        (f"sprop-sps={coded(SPS)};sprop-pps={coded(PPS)};sprop-vps={coded(VPS)}", [VPS, SPS, PPS]),
        (f"sprop-parameter-sets={coded(SPS).rstrip('=')},{coded(START + PPS)}", [SPS, PPS]),
        ("sprop-parameter-sets=Z", []),
        ("sprop-parameter-sets=é", []),
        ("packetization-mode=1", []),
        ("", []),
    ],
)
def test_parameter_sets_are_those_of_the_decoder_in_its_order(fmtp, expected):
    found = track("m=video 0 RTP/AVP 96", f"a=fmtp:96 {fmtp}")
    assert found.parameter_sets == b"".join(START + unit for unit in expected)


BASE = "rtsp://10.0.0.9:554/live?channel=1&subtype=0"


@pytest.mark.parametrize(
    "base, control, expected",
    [
        (BASE, "", BASE),
        (BASE, "*", BASE),
        (BASE, "trackID=1", f"{BASE}/trackID=1"),
        (f"{BASE}/", "trackID=1", f"{BASE}/trackID=1"),
        (BASE, "/trackID=1", f"{BASE}/trackID=1"),
        (BASE, "track:1", f"{BASE}/track:1"),
        (BASE, "track1?mode=unicast", f"{BASE}/track1?mode=unicast"),
        (BASE, "rtsp://10.0.0.9/other/video?a=b", "rtsp://10.0.0.9/other/video?a=b"),
        (BASE, "RTSPS://10.0.0.9/video", "RTSPS://10.0.0.9/video"),
        (BASE, "rtsp://[::1", "rtsp://[::1"),
        ("rtsps://10.0.0.9:322/x", "/y", "rtsps://10.0.0.9:322/x/y"),
    ],
)
def test_a_track_is_found_below_its_session_or_at_its_own_address(base, control, expected):
    assert control_url(base, control) == expected


def test_an_address_without_its_scheme_is_not_whole():
    assert not is_absolute("10.0.0.9:554/stream0/")
    assert is_absolute("rtsp://10.0.0.9/")


def test_a_session_may_have_an_address_of_its_own():
    head = HEAD + "a=control:rtsp://10.0.0.9/all/?x=1\r\n"
    assert parse_sdp(head + "m=video 0 RTP/AVP 96\r\n").control == "rtsp://10.0.0.9/all/?x=1"


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_lines_end_as_they_like(ending):
    text = HEAD + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
    (found,) = parse_sdp(text.replace("\r\n", ending)).tracks
    assert (found.encoding, found.control) == ("H264", "v")


def test_nonsense_raises_nothing():
    dice = random.Random(1)
    alphabet = "m=aviudo 019/*:;,=\r\n\t%é\u0663RTPAVPH264rtpmapfmtpcontrolframerate"
    for _ in range(2000):
        text = "".join(dice.choices(alphabet, k=60))
        for found in parse_sdp("m=video 0 RTP/AVP 96\na=" + text).tracks:
            assert isinstance(found.parameter_sets, bytes)
            control_url(BASE, found.control)
    assert parse_sdp("").tracks == ()


@pytest.mark.parametrize(
    "text",
    [
        "a=x\r\n" * 20_000 + "m=video 0 RTP/AVP 96\r\n" * 20_000,
        "m=" + "a" * 100_000,
        "m=a" + " " * 100_000,
        "m=a 0 " + "a " * 50_000,
    ],
)
@tried_again
def test_a_long_announcement_is_read_at_once(text):
    with bounded(len(text)):
        parse_sdp(text)


def test_no_more_tracks_are_read_than_a_camera_can_have():
    text = HEAD + "m=video 0 RTP/AVP 96\r\n" * 40 + "a=control:late\r\n"
    tracks = parse_sdp(text).tracks
    assert len(tracks) == 32
    assert all(not each.control for each in tracks)
