"""RTP packets become whole pictures, whatever a camera leaves out or marks wrongly."""

import itertools
import random
import struct

import pytest

from tests.support.memory import measured
from tests.support.wire import rtp
from vms_desktop.core.stream.rtsp.depacketizer import (
    MAX_PICTURE_BYTES,
    PictureDepacketizer,
    RtpPacket,
    Timeline,
    depacketizer,
    parse_rtp,
)
from vms_desktop.core.stream.rtsp.sdp import Track

START = b"\x00\x00\x00\x01"
SPS, PPS, SEI = b"\x67sps", b"\x68pps", b"\x06\x05sei"
IDR, IDR_REST = b"\x65\x88first", b"\x65\x08second"
P, P_REST = b"\x41\x9afirst half", b"\x41\x1asecond half"
H265_SPS, H265_IDR, H265_P = b"\x42\x01sps", b"\x26\x01\x80idr", b"\x02\x01\x80pic"
STEP = 6000


def annex_b(*units):
    return b"".join(START + unit for unit in units)


def stap(*units):
    return b"\x78" + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def h265_ap(*units):
    return b"\x60\x01" + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def fu(unit, count=3, *, end=True):
    """The unit in so many fragments (FU-A)."""
    body, size = unit[1:], -(-len(unit[1:]) // count)
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    flags = [0x80] + [0] * (len(pieces) - 2) + [0x40 if end else 0]
    return [
        bytes((unit[0] & 0xE0 | 28, flag | unit[0] & 31)) + piece
        for flag, piece in zip(flags, pieces, strict=True)
    ]


def h265_fu(unit):
    """The unit in two fragments."""
    kind, head = unit[0] >> 1 & 63, bytes((unit[0] & 0x81 | 49 << 1, unit[1]))
    half = len(unit) // 2 + 1
    return [
        head + bytes((0x80 | kind,)) + unit[2:half],
        head + bytes((0x40 | kind,)) + unit[half:],
    ]


class Sender:
    """Numbers and sends the packets of a picture after the other."""

    def __init__(self, *, h265=False, first=0):
        self.taken = PictureDepacketizer(h265=h265)
        self.sequence, self.time = first, 1000
        self.units = []

    def packet(self, payload, *, marker=False):
        packet = RtpPacket(marker, self.sequence & 0xFFFF, self.time, payload, 96)
        self.sequence += 1
        self.units += self.taken.take(packet)

    def picture(self, *payloads, marks="last", lost=()):
        """A picture's packets without those of the indices in `lost`."""
        for index, payload in enumerate(payloads):
            is_last = index == len(payloads) - 1
            marker = marks == "all" or (marks == "last" and is_last)
            if index in lost:
                self.sequence += 1
            else:
                self.packet(payload, marker=marker)
        self.time += STEP

    @property
    def pictures(self):
        return [unit.data for unit in self.units]


@pytest.mark.parametrize(
    "payloads, units",
    [
        ([P], [P]),
        ([SPS, PPS, IDR], [SPS, PPS, IDR]),
        ([stap(SPS, PPS), IDR], [SPS, PPS, IDR]),
        ([stap(SPS, PPS, IDR)], [SPS, PPS, IDR]),
        ([stap(SPS, PPS), *fu(IDR)], [SPS, PPS, IDR]),
        (fu(P, 2), [P]),
        ([P, P_REST], [P, P_REST]),
        ([SEI, P], [SEI, P]),
        ([b"\x09\xf0", P], [b"\x09\xf0", P]),
        # Several units in one, as some cameras send what leads a keyframe.
        ([SPS + START + PPS + START + IDR], [SPS, PPS, IDR]),
        ([annex_b(SPS, PPS, IDR)], [SPS, PPS, IDR]),
        (fu(SPS + START + PPS + START[1:] + IDR, 4), [SPS, PPS, IDR]),
        # What no camera of sense sends is passed over.
        ([b"\x00", b"\x1e??", stap(b"", P)], [P]),
        ([stap(P)[:-1], P], [P]),
        ([b"\x7c", b"\x7c\x85", P], [P]),
    ],
)
def test_h264_packets_become_a_picture(payloads, units):
    sender = Sender()
    sender.picture(*payloads)
    assert sender.pictures == [annex_b(*units)]


@pytest.mark.parametrize(
    "payloads, units",
    [
        ([H265_P], [H265_P]),
        ([H265_SPS, H265_IDR], [H265_SPS, H265_IDR]),
        ([h265_ap(H265_SPS, H265_IDR)], [H265_SPS, H265_IDR]),
        ([H265_SPS, *h265_fu(H265_IDR)], [H265_SPS, H265_IDR]),
        (h265_fu(H265_P), [H265_P]),
        ([H265_SPS + START + H265_IDR], [H265_SPS, H265_IDR]),
        ([annex_b(H265_SPS, H265_IDR)], [H265_SPS, H265_IDR]),
        ([b"\x62", b"\x62\x01", b"\x64\x01paci", H265_P], [H265_P]),
    ],
)
def test_h265_packets_become_a_picture(payloads, units):
    sender = Sender(h265=True)
    sender.picture(*payloads)
    assert sender.pictures == [annex_b(*units)]


@pytest.mark.parametrize(
    "h265, unit, pieces, ending",
    [(False, P, fu(P, 2), b"\x7c\x41"), (True, H265_P, h265_fu(H265_P), b"\x62\x01\x41")],
)
def test_a_last_piece_without_data_ends_its_unit_and_the_picture(h265, unit, pieces, ending):
    sender = Sender(h265=h265)
    last = bytearray(pieces[-1])
    last[2 if h265 else 1] &= ~0x40
    sender.picture(*pieces[:-1], bytes(last), ending)
    assert sender.pictures == [annex_b(unit)]


def test_the_end_of_a_sequence_leads_no_picture():
    sender = Sender(h265=True)
    sender.picture(H265_P)
    sender.picture(b"\x48\x01", H265_P)
    assert sender.pictures == [annex_b(H265_P)] * 2


def test_a_picture_ends_with_its_mark():
    sender = Sender()
    sender.packet(P)
    assert sender.pictures == []
    sender.packet(P_REST, marker=True)
    assert sender.pictures == [annex_b(P, P_REST)]


def test_a_picture_without_a_mark_ends_where_the_next_one_begins():
    sender = Sender()
    for _ in range(3):
        sender.picture(P, P_REST, marks="none")
    assert sender.pictures == [annex_b(P, P_REST)] * 2


def test_a_unit_whose_end_is_not_marked_is_whole_where_the_next_one_begins():
    sender = Sender()
    sender.picture(*fu(IDR, end=False), marks="none")
    sender.picture(*fu(P, end=False), *fu(P_REST, end=False), marks="none")
    sender.picture(P)
    assert sender.pictures == [annex_b(IDR), annex_b(P, P_REST), annex_b(P)]


@pytest.mark.parametrize(
    "payloads, whole",
    [
        ([SPS, PPS, IDR], [SPS, PPS, IDR]),
        ([P, P_REST], [P, P_REST]),
        ([*fu(IDR)], [IDR]),
        ([*fu(IDR), *fu(IDR_REST)], [IDR, IDR_REST]),
    ],
)
def test_a_camera_that_marks_every_packet_is_believed_no_more(payloads, whole):
    sender = Sender()
    for _ in range(5):
        sender.picture(*payloads, marks="all")
    assert sender.pictures[-2:] == [annex_b(*whole)] * 2
    assert len(sender.pictures) in (4, 5)


def test_pictures_that_share_a_time_stay_pictures():
    sender = Sender()
    for _ in range(4):
        sender.picture(IDR)
        sender.time -= STEP
    assert sender.pictures == [annex_b(IDR)] * 4


MIDDLE = [SEI, b"\x09\xf0", SPS, b"\x0c\xff\x80"]


def split_by_time(sender, *payloads, marks, ticks=1):
    """A picture's packets, the time of each `ticks` after the one before."""
    began = sender.time
    for index, payload in enumerate(payloads):
        is_last = index == len(payloads) - 1
        sender.packet(payload, marker=marks == "all" or (marks == "last" and is_last))
        sender.time += ticks
    sender.time = began + STEP


@pytest.mark.parametrize("marks", ["last", "none", "all"])
@pytest.mark.parametrize("ticks", [0, 1, 900, -7])
@pytest.mark.parametrize(
    "payloads, units",
    [
        ([P, P_REST, P_REST], [P, P_REST, P_REST]),
        ([*fu(P), *fu(P_REST)], [P, P_REST]),
        *[([P, each, P_REST], [P, each, P_REST]) for each in MIDDLE],
        *[([P, stap(each, P_REST)], [P, each, P_REST]) for each in MIDDLE],
    ],
)
def test_slices_stamped_apart_are_one_picture(payloads, units, ticks, marks):
    sender = Sender()
    split_by_time(sender, SPS, PPS, IDR, marks=marks, ticks=ticks)
    for _ in range(4):
        split_by_time(sender, *payloads, marks=marks, ticks=ticks)
    sender.packet(IDR)
    assert sender.pictures == [annex_b(SPS, PPS, IDR), *[annex_b(*units)] * 4]
    times = [unit.ticks for unit in sender.units]
    assert times == sorted(times)


@pytest.mark.parametrize("marks", ["last", "none"])
def test_h265_slices_stamped_apart_are_one_picture(marks):
    rest, suffix = b"\x02\x01\x20rest", b"\x50\x01suffix"
    sender = Sender(h265=True)
    split_by_time(sender, H265_SPS, H265_IDR, marks=marks)
    for _ in range(2):
        split_by_time(sender, H265_P, rest, suffix, marks=marks)
    sender.picture(H265_P)
    sender.picture(H265_P)
    assert sender.pictures[:3] == [
        annex_b(H265_SPS, H265_IDR),
        *[annex_b(H265_P, rest, suffix)] * 2,
    ]


@pytest.mark.parametrize("ending", [b"\x0a", b"\x0b", b"\x0c\xff\x80", b"\x74\xff\x80svc"])
def test_what_ends_a_picture_stays_with_it(ending):
    sender = Sender()
    for _ in range(3):
        sender.picture(P, ending, marks="none")
    assert sender.pictures == [annex_b(P, ending)] * 2


@pytest.mark.parametrize("marker", [False, True])
def test_sets_with_a_time_of_their_own_lead_the_picture_behind_them(marker):
    sender = Sender()
    for _ in range(2):
        sender.picture(P, marks="none")
        sender.packet(stap(SPS, PPS), marker=marker)
        sender.time += 1
        sender.picture(IDR, marks="none")
    sender.picture(P)
    assert sender.pictures[:4] == [annex_b(P), annex_b(SPS, PPS, IDR)] * 2


def test_a_delimiter_parts_pictures_of_one_time():
    sender = Sender()
    for _ in range(3):
        for unit in (b"\x09\xf0", P, P_REST):
            sender.packet(unit)
    assert sender.pictures == [annex_b(b"\x09\xf0", P, P_REST)] * 2


def test_marked_parameter_sets_tell_from_the_beginning_that_marks_lie():
    sender = Sender()
    for _ in range(3):
        sender.picture(SPS, PPS, IDR, IDR_REST, marks="all")
    assert sender.pictures == [annex_b(SPS, PPS, IDR, IDR_REST)] * 2


def test_a_hole_behind_a_marked_picture_tells_nothing_about_marks():
    sender = Sender()
    for _ in range(3):
        sender.picture(P)
        sender.picture(P, P_REST, lost={0})
    sender.picture(P)
    assert sender.pictures == [annex_b(P)] * 4


@pytest.mark.parametrize(
    "payloads, lost",
    [
        (fu(P, 4), {1}),
        (fu(P, 4), {0}),
        (fu(P, 4), {3}),
        (fu(P, 4), {0, 1, 2}),
        ([P, P_REST, P_REST], {1}),
        ([P, P_REST, P_REST], {0}),
        ([P, P_REST, P_REST], {2}),
        ([P, *fu(P_REST)], {3}),
    ],
)
def test_a_picture_with_a_hole_is_dropped_and_the_next_one_is_whole(payloads, lost):
    sender = Sender()
    sender.picture(IDR)
    sender.picture(*payloads, lost=lost)
    sender.picture(P, P_REST)
    assert sender.pictures == [annex_b(IDR), annex_b(P, P_REST)]


@pytest.mark.parametrize("lost, whole", [({1}, 3), ({0}, 2), ({2}, 3)])
def test_without_marks_a_hole_between_two_pictures_is_one_of_both(lost, whole):
    sender = Sender()
    sender.picture(IDR, marks="none")
    sender.picture(P, P_REST, P_REST, marks="none", lost=lost)
    sender.picture(P, marks="none")
    sender.picture(P)
    assert sender.pictures[-2:] == [annex_b(P)] * 2
    assert len(sender.pictures) == whole


def test_whole_pictures_that_were_left_out_cost_no_other():
    sender = Sender()
    sender.picture(IDR)
    sender.picture(P, P_REST, lost={0, 1})
    sender.picture(P)
    assert sender.pictures == [annex_b(IDR), annex_b(P)]


@pytest.mark.parametrize("numbered", ["never", "by picture", "backward"])
def test_a_camera_that_numbers_wrongly_is_believed_no_more(numbered):
    sender = Sender()
    for index in range(12):
        for payload in [*fu(IDR, 3), *fu(IDR_REST, 3)]:
            sender.sequence = {"never": 5, "by picture": index, "backward": -sender.sequence}[
                numbered
            ]
            sender.packet(
                payload, marker=payload[1] & 0x40 and payload[2:] == fu(IDR_REST, 3)[-1][2:]
            )
        sender.time += STEP
    assert sender.pictures[-4:] == [annex_b(IDR, IDR_REST)] * 4


def test_keyframes_come_though_only_they_need_numbers_that_are_wrong():
    sender = Sender()
    for _ in range(3):
        for payloads in ([P], [P], fu(IDR + bytes(20), 10)):
            for index, payload in enumerate(payloads):
                sender.sequence = 5
                sender.packet(payload, marker=index == len(payloads) - 1)
            sender.time += STEP
    assert sender.pictures[-1] == annex_b(IDR + bytes(20))


def test_numbers_wrap():
    sender = Sender(first=0xFFFE)
    for _ in range(3):
        sender.picture(P, P_REST)
    assert len(sender.units) == 3


def test_what_belongs_to_another_track_makes_no_hole():
    sender = Sender()
    sender.packet(P)
    sender.taken.pass_over(sender.sequence)
    sender.sequence += 1
    sender.taken.pass_over(31_000)
    sender.packet(P_REST, marker=True)
    assert sender.pictures == [annex_b(P, P_REST)]


@pytest.mark.parametrize(
    "payload", [b"\x06" + b"x" * 60_000, b"\x5c\x05" + b"x" * 60_000, fu(P)[0]]
)
@pytest.mark.parametrize("step", [0, STEP])
def test_what_never_becomes_a_picture_does_not_grow_without_end(payload, step):
    sender, most = Sender(), 0
    with measured() as held:
        for _ in range(400):
            sender.packet(bytes(bytearray(payload)), marker=False)
            sender.time += step
            most = max(most, held.size_bytes)
    # What is held and the newest packet; 400 of the long ones would be 24 MB.
    assert most <= MAX_PICTURE_BYTES + 200_000
    sender.time += STEP
    sender.picture(P)
    sender.picture(P)
    assert sender.pictures[-1].endswith(P)


def test_times_count_from_the_first_picture_and_wrap():
    sender = Sender()
    sender.time = 2**32 - STEP
    for _ in range(3):
        sender.picture(P)
        sender.time %= 2**32
    assert [unit.ticks for unit in sender.units] == [0, STEP, 2 * STEP]


@pytest.mark.parametrize(
    "times, expected",
    [
        ([5, 105, 90], [0, 100, 85]),
        ([2**32 - 10, 10], [0, 20]),
        ([10, 2**32 - 10], [0, -20]),
        ([0, 2**31 - 1], [0, 2**31 - 1]),
        ([2**32 - 100, 2**31 - 1, 2**32 - 50, 50], [0, 2**31 - 2**32 + 99, 50, 150]),
        ([100, 1_600_000_000, -1_600_000_000, 200], [0, 1_599_999_900, -1_600_000_100, 100]),
    ],
    ids=["back", "wrap", "wrap back", "far", "stray at the wrap", "two strays"],
)
def test_a_timeline_never_wraps(times, expected):
    timeline = Timeline()
    assert timeline.at(times[0]) is None
    assert [timeline.ticks(time % 2**32) for time in times] == expected


@pytest.mark.parametrize(
    "left_out, follows",
    [((), [True] * 4), ((1,), [True, False, True]), ((0,), [True] * 3), ((1, 2), [True, False])],
)
def test_a_picture_tells_whether_something_is_missing_before_it(left_out, follows):
    sender = Sender()
    for number in range(4):
        sender.picture(IDR, IDR_REST, lost=(0, 1) if number in left_out else ())
    assert [unit.follows for unit in sender.units] == follows


def test_a_timeline_goes_on_for_days():
    timeline, step = Timeline(), 2**24 - 1
    times = [timeline.ticks(number * step % 2**32) for number in range(2000)]
    assert times == [number * step for number in range(2000)]


def header(first=0x80, second=96, extra=b"", payload=b"\x41\x9a", tail=b""):
    return struct.pack(">BBHII", first, second, 7, 99, 1) + extra + payload + tail


@pytest.mark.parametrize(
    "data, payload",
    [
        (header(), b"\x41\x9a"),
        (header(0xA0, tail=b"\x00\x00\x03"), b"\x41\x9a"),
        (header(0x82, extra=b"csrccsrc"), b"\x41\x9a"),
        (header(0x90, extra=b"\xab\xac\x00\x02extenext"), b"\x41\x9a"),
        (header(0xB1, extra=b"csrc\xab\xac\x00\x01exte", tail=b"\x01"), b"\x41\x9a"),
        (header(0xA0, tail=b"\xff"), None),
        (header(0x90, extra=b"\xab\xac\xff\xff"), None),
        (header(0x9F), None),
        (header(0x40), None),
        (header(payload=b""), None),
        (b"\x80\x60\x00", None),
        (b"", None),
    ],
)
def test_the_payload_is_what_is_between_head_and_padding(data, payload):
    packet = parse_rtp(data)
    assert (packet.payload if packet else None) == payload


def test_a_packet_tells_its_mark_number_time_and_type():
    data = rtp(b"x", 513, 2**32 - 1, marker=True, payload_type=8)
    assert parse_rtp(data) == (True, 513, 2**32 - 1, b"x", 8)


@pytest.mark.parametrize(
    "encoding, clock_hz, parameters, taken",
    [
        ("H264", 90_000, {}, PictureDepacketizer),
        ("H265", 90_000, {"sprop-max-don-diff": "0"}, PictureDepacketizer),
        ("H265", 90_000, {"sprop-max-don-diff": "1"}, None),
        ("H264", 0, {}, None),
        ("JPEG", 90_000, {}, None),
        ("", 0, {}, None),
    ],
)
def test_what_is_known_has_a_depacketizer(encoding, clock_hz, parameters, taken):
    found = depacketizer(Track("x", 96, encoding, clock_hz, 1, "", parameters))
    assert type(found) is (taken or type(None))


def test_garbage_raises_nothing():
    dice = random.Random(2)
    takers = [
        PictureDepacketizer(h265=False),
        PictureDepacketizer(h265=True),
    ]
    heads = [bytes((0x80 | dice.getrandbits(6), dice.getrandbits(8))) for _ in range(40)]
    kinds = [28, 24, 1, 5, 7, 0, 49 << 1, 48 << 1, 2, 38]
    for sequence, head in itertools.islice(enumerate(itertools.cycle(heads)), 20_000):
        size = dice.choice((0, 1, 2, 3, 4, 40))
        payload = bytes((dice.choice(kinds),)) * bool(size) + dice.randbytes(max(0, size - 1))
        data = (
            head
            + struct.pack(">HI4x", dice.choice((sequence, 3)) & 0xFFFF, dice.choice((1, sequence)))
            + payload
        )
        packet = parse_rtp(data[: dice.randint(0, 60)])
        if packet is None:
            continue
        for taken in takers:
            taken.pass_over(packet.sequence ^ 1)
            assert all(unit.data for unit in taken.take(packet))
