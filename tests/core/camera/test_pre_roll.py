import gc

import psutil
import pytest

from tests.support.packets import video_packet
from vms_desktop.core.camera.pre_roll import BLOCK_BYTES, MARGIN_S, ByteStore, PreRoll

FPS = 10


def fill(pre_roll, seconds, gop=10, size=10, begins=0.0):
    """Add packets, ten a second, with a keyframe every `gop` of them."""
    for number in range(round(seconds * FPS)):
        unit = bytes(size)
        pre_roll.add(video_packet(unit, number, FPS, is_keyframe=number % gop == 0, begins=begins))
    return pre_roll


def arrivals(packets):
    return [packet.arrived for packet in packets]


@pytest.mark.parametrize("moment, begins", [(12.0, 12), (12.9, 12), (13.0, 13), (99, 19)])
def test_a_clip_begins_with_the_last_keyframe_at_or_before_the_moment(moment, begins):
    packets = fill(PreRoll(10), 20).since(moment)
    assert packets[0].is_keyframe
    assert packets[0].arrived == begins
    assert arrivals(packets) == sorted(arrivals(packets))
    assert packets[-1].arrived == pytest.approx(19.9)


def test_a_clip_begins_with_the_oldest_keyframe_where_the_buffer_reaches_no_further():
    assert fill(PreRoll(5), 3).since(-100.0)[0].arrived == 0


@pytest.mark.parametrize("seconds", [0, 2, 5, 10])
@pytest.mark.parametrize("gop", [10, 40])
def test_what_is_asked_for_and_a_margin_is_kept_and_no_whole_group_more(seconds, gop):
    pre_roll = fill(PreRoll(seconds), 40, gop=gop)
    newest, wanted = 39.9, 39.9 - seconds - MARGIN_S
    oldest = pre_roll.since(0.0)[0].arrived
    assert oldest <= wanted
    assert newest - oldest <= seconds + MARGIN_S + gop / FPS


def test_nothing_is_kept_before_the_first_keyframe():
    pre_roll = PreRoll(5)
    pre_roll.add(video_packet(b"x", 0, FPS, is_keyframe=False))
    assert pre_roll.empty
    assert pre_roll.since(0.0) == []
    assert pre_roll.last_group() == []


def test_it_is_bounded_in_bytes():
    pre_roll = fill(PreRoll(60), 20, size=100, gop=10)
    assert sum(packet.size_bytes for packet in pre_roll.since(0.0)) == 20_000
    small = fill(PreRoll(60, max_bytes=2500), 20, size=100, gop=10)
    kept = small.since(0.0)
    assert sum(packet.size_bytes for packet in kept) <= 2500
    assert kept[0].is_keyframe
    assert kept[-1].arrived == pytest.approx(19.9)


def test_one_group_that_is_too_large_is_given_up_until_the_next_keyframe():
    pre_roll = fill(PreRoll(60, max_bytes=500), 1.5, size=100, gop=100)
    assert pre_roll.empty
    pre_roll.add(video_packet(b"x", 15, FPS, is_keyframe=True))
    assert len(pre_roll.since(0.0)) == 1


def test_the_last_group_leads_to_a_picture_right_now():
    group = fill(PreRoll(5), 2.5).last_group()
    assert arrivals(group) == pytest.approx([2.0, 2.1, 2.2, 2.3, 2.4])


def test_nothing_is_left_after_clearing():
    pre_roll = fill(PreRoll(60, max_bytes=2500), 2, size=100)
    pre_roll.clear()
    assert pre_roll.empty
    fill(pre_roll, 2, size=100)
    assert len(pre_roll.since(0.0)) == 20


def test_what_is_kept_stays_as_it_was_given():
    store = ByteStore()
    given = [bytes([number % 256]) * (number * 97) for number in range(200)]
    kept = [store.keep(memoryview(data)) for data in given]
    assert [bytes(view) for view in kept] == given


def test_what_is_kept_is_a_copy():
    given = bytearray(b"abc")
    kept = ByteStore().keep(memoryview(given))
    given[:] = b"xyz"
    assert bytes(kept) == b"abc"


def test_what_is_small_shares_a_block_and_what_is_larger_has_its_own():
    store = ByteStore()
    one, other = (store.keep(memoryview(bytes(BLOCK_BYTES // 3))) for _ in range(2))
    large = store.keep(memoryview(bytes(3 * BLOCK_BYTES)))
    assert one.obj is other.obj
    assert large.obj is not one.obj


def test_a_block_goes_back_to_the_system_with_the_last_view_into_it():
    store = ByteStore()
    kept = [store.keep(memoryview(bytes(BLOCK_BYTES))) for _ in range(64)]
    full = resident_bytes()
    del kept
    gc.collect()
    assert full - resident_bytes() > 60 * BLOCK_BYTES


def resident_bytes() -> int:
    return psutil.Process().memory_info().rss
