import gc

import psutil

from vms_desktop.core.byte_store import BLOCK_BYTES, ByteStore


def test_what_is_kept_stays_as_it_was_given():
    store = ByteStore()
    given = [bytes([number % 256]) * (number * 97) for number in range(200)]
    kept = [store.keep(memoryview(data)) for data in given]
    assert [bytes(view) for view in kept] == given


def test_it_is_a_copy():
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
