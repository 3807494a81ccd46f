"""The budget of what waits for the disk: nothing is lost while there is room, then the oldest."""

import threading
import tracemalloc
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from tests.support.packets import audio_packet, small, video_packets
from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.clips.disk_buffer import (
    CLIP_COST_BYTES,
    MOTION_COST_BYTES,
    PACKET_COST_BYTES,
    DiskBuffer,
    PacketsLost,
    WaitingEnd,
    WaitingPacket,
)
from vms_desktop.core.motion import Motion

# Two groups of five pictures, and one that has no end.
PACKETS = [
    packet._replace(size_bytes=100, is_keyframe=number % 5 == 0)
    for number, packet in enumerate(video_packets(small(13)))
]
COST = 100 + PACKET_COST_BYTES


def sound(number):
    made = audio_packet(b"x", number, base=Fraction(1, 15), ticks=1)
    return made._replace(size_bytes=100)


def buffer(packets):
    return DiskBuffer(packets * COST)


def put(queue, clip, packets):
    for packet in packets:
        queue.put_packet(clip, packet)


def taken(queue):
    """Everything that waits, in words: a packet by its number in its stream."""
    queue.put(None)
    told: list[object] = []
    while (entry := queue.take()) is not None:
        if isinstance(entry, WaitingPacket):
            told.append((entry.clip, round(entry.packet.arrived * 15)))
        elif isinstance(entry, PacketsLost):
            told.append((entry.clip, "lost", entry.count, round(entry.since * 15)))
        elif isinstance(entry, WaitingEnd):
            told.append((entry.clip, "end", entry.end))
        else:
            told.append(entry())
    return told


def packets(clip, *numbers):
    return [(clip, number) for number in numbers]


def test_while_there_is_room_all_is_given_in_its_order():
    waiting = buffer(20)
    queue, other = waiting.queue(), waiting.queue()
    put(queue, 1, PACKETS[:3])
    queue.put(lambda: "job")
    put(other, 1, PACKETS[:2])
    put(queue, 2, PACKETS[:2])
    assert waiting.waiting_bytes == 7 * COST
    assert taken(queue) == [*packets(1, 0, 1, 2), "job", *packets(2, 0, 1)]
    assert taken(other) == packets(1, 0, 1)
    assert waiting.waiting_bytes == 0


@pytest.mark.parametrize(
    "room, told",
    [
        (13, packets(1, *range(13))),
        (12, [(1, "lost", 5, 0), *packets(1, *range(5, 13))]),
        (8, [(1, "lost", 5, 0), *packets(1, *range(5, 13))]),
        (7, [(1, "lost", 10, 0), *packets(1, 10, 11, 12)]),
        (3, [(1, "lost", 10, 0), *packets(1, 10, 11, 12)]),
        (2, [(1, "lost", 13, 0)]),
    ],
)
def test_what_waited_longest_goes_up_to_a_keyframe(room, told):
    queue = buffer(room).queue()
    put(queue, 1, PACKETS)
    assert taken(queue) == told


def test_a_group_whose_keyframe_is_written_goes_from_there_on():
    queue = buffer(4).queue()
    put(queue, 1, PACKETS[:2])
    assert isinstance(queue.take(), WaitingPacket)
    put(queue, 1, PACKETS[2:7])
    assert taken(queue) == [(1, "lost", 4, 1), *packets(1, 5, 6)]


def test_nothing_is_taken_of_a_torn_clip_before_its_next_keyframe():
    waiting = buffer(2)
    queue = waiting.queue()
    put(queue, 1, PACKETS[:3])
    assert waiting.waiting_bytes == 0
    put(queue, 1, [PACKETS[3], sound(3), PACKETS[4], PACKETS[5]])
    assert taken(queue) == [(1, "lost", 6, 0), *packets(1, 5)]


def test_a_loss_that_was_told_goes_on_as_another():
    queue = buffer(2).queue()
    put(queue, 1, PACKETS[:3])
    assert taken(queue) == [(1, "lost", 3, 0)]
    put(queue, 1, PACKETS[3:6])
    assert taken(queue) == [(1, "lost", 2, 3), *packets(1, 5)]


def test_sound_goes_with_its_pictures_and_is_no_beginning():
    queue = buffer(4).queue()
    put(queue, 1, [PACKETS[0], sound(0), PACKETS[1], sound(1), PACKETS[5]])
    assert taken(queue) == [(1, "lost", 4, 0), *packets(1, 5)]


def test_it_is_the_camera_that_waits_longest_that_loses():
    waiting = buffer(12)
    hangs, goes_on = waiting.queue(), waiting.queue()
    put(goes_on, 1, PACKETS[:1])
    put(hangs, 1, PACKETS[:8])
    goes_on.take()
    put(goes_on, 1, PACKETS[1:6])
    assert taken(hangs) == [(1, "lost", 5, 0), *packets(1, 5, 6, 7)]
    assert taken(goes_on) == packets(1, *range(1, 6))


def test_the_other_stream_of_a_camera_loses_nothing_with_it():
    queue = buffer(9).queue()
    for one, other in zip(PACKETS[:5], PACKETS[5:10], strict=True):
        put(queue, 1, [one])
        put(queue, 2, [other])
    assert taken(queue) == [(1, "lost", 5, 0), *packets(2, *range(5, 10))]


def test_jobs_and_clips_that_begin_meanwhile_stay_in_their_order():
    queue = buffer(6).queue()
    put(queue, 1, PACKETS[:5])
    queue.put(lambda: "end of 1")
    put(queue, 2, PACKETS[5:7])
    queue.put(lambda: "end of 2")
    assert taken(queue) == [(1, "lost", 5, 0), "end of 1", *packets(2, 5, 6), "end of 2"]


def test_a_packet_larger_than_all_is_taken_where_nothing_else_waits():
    waiting = buffer(2)
    queue = waiting.queue()
    large = PACKETS[5]._replace(size_bytes=10 * COST)
    put(queue, 1, [PACKETS[0], large])
    assert taken(queue) == [(1, "lost", 1, 0), (1, 5)]
    assert waiting.waiting_bytes == 0


def test_what_nobody_takes_any_more_takes_no_room():
    waiting = buffer(3)
    queue, other = waiting.queue(), waiting.queue()
    put(queue, 1, PACKETS[:2])
    queue.close()
    put(queue, 1, PACKETS[2:3])
    assert waiting.waiting_bytes == 0
    put(other, 1, PACKETS[:3])
    assert taken(other) == packets(1, 0, 1, 2)


def test_a_clip_that_ended_torn_tears_none_of_the_same_number():
    queue = buffer(2).queue()
    put(queue, 1, PACKETS[:3])
    queue.put_end(1, None)
    assert taken(queue) == [(1, "lost", 3, 0), (1, "end", None)]
    put(queue, 1, PACKETS[1:2])
    assert taken(queue) == packets(1, 1)


def end(*sizes):
    thumbnail_bytes, motions = sizes
    motion = Motion(0.0, 0.0, (), 0.0, 0.0, b"")
    return ClipEnd(datetime(2026, 1, 1, tzinfo=UTC), (motion,) * motions, bytes(thumbnail_bytes))


def test_what_is_known_of_a_clip_waits_with_it_and_goes_after_its_packets():
    waiting = buffer(20)
    waiting.most_bytes = 3 * COST + CLIP_COST_BYTES + 1000 + 2 * MOTION_COST_BYTES
    queue, other = waiting.queue(), waiting.queue()
    put(queue, 1, PACKETS[:3])
    queue.put_end(1, end(1000, 2))
    assert waiting.waiting_bytes == waiting.most_bytes
    put(other, 1, PACKETS[:3])
    put(other, 1, PACKETS[3:4])
    assert waiting.waiting_bytes == CLIP_COST_BYTES + 4 * COST
    bare = end(0, 0)
    assert taken(queue) == [(1, "lost", 3, 0), (1, "end", bare)]
    assert taken(other) == packets(1, 0, 1, 2, 3)
    assert waiting.waiting_bytes == 0


def test_a_job_that_carries_more_than_there_is_room_for_is_not_taken():
    waiting = buffer(3)
    queue = waiting.queue()
    put(queue, 1, PACKETS[:2])
    assert not queue.put(lambda: "snapshot", COST + 1)
    assert queue.put(lambda: "snapshot", COST)
    assert waiting.waiting_bytes == waiting.most_bytes
    assert taken(queue) == [*packets(1, 0, 1), "snapshot"]
    assert waiting.waiting_bytes == 0


def test_a_disk_that_hangs_for_days_takes_no_more_than_the_budget():
    waiting = buffer(20)
    queue = waiting.queue()
    group = PACKETS[:5]
    put(queue, 1, group * 10)
    began = current_traced(lambda: put(queue, 1, group * 1000))
    assert began < 100_000
    assert waiting.waiting_bytes <= waiting.most_bytes


def current_traced(work):
    """How many bytes more than before are in use after some work."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_many_threads_lose_no_packet_that_is_not_told():
    waiting = buffer(20)
    queues = [waiting.queue() for _ in range(4)]
    rounds = [packet for _ in range(200) for packet in PACKETS[:10]]
    seen: list[list[int]] = [[0, 0] for _ in queues]

    def take(queue, counts):
        while (entry := queue.take()) is not None:
            if isinstance(entry, WaitingPacket):
                counts[0] += 1
            elif isinstance(entry, PacketsLost):
                counts[1] += entry.count

    def give(queue):
        put(queue, 1, rounds)
        queue.put(None)

    threads = [threading.Thread(target=give, args=[queue]) for queue in queues]
    threads += [threading.Thread(target=take, args=pair) for pair in zip(queues, seen, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [sum(counts) for counts in seen] == [len(rounds)] * 4
    assert waiting.waiting_bytes == 0
