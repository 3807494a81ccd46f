"""Bytes that are kept for seconds, apart from the heap.

In the heap they lie among what lives for moments, and leave it full of holes:
with sixteen cameras 10 MB.
"""

import mmap
import sys

BLOCK_BYTES = 128 * 1024
"""A hundred blocks hold what a camera sends in half a minute; of the oldest, half is waste."""

# On Windows all of it is as it should be without a word.
_ALONE = {} if sys.platform == "win32" else {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}


class ByteStore:
    """Copies bytes, one behind the other, into blocks mapped from the system.

    A block goes back to the system with the last view into it.
    """

    def __init__(self) -> None:
        self._free = memoryview(bytearray())

    def keep(self, data: memoryview) -> memoryview:
        """A view of a copy of these bytes."""
        size = data.nbytes
        if size > self._free.nbytes:
            self._free = memoryview(mmap.mmap(-1, max(size, BLOCK_BYTES), **_ALONE))
        kept, self._free = self._free[:size], self._free[size:]
        kept[:] = data
        return kept
