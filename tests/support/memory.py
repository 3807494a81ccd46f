"""The memory that a piece of work holds, as Python counts it."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


class Held:
    """Bytes that were allocated since the beginning and are not free yet."""

    @property
    def size_bytes(self) -> int:
        return tracemalloc.get_traced_memory()[0]


@contextmanager
def measured() -> Iterator[Held]:
    """Count what is held from here on; it costs time."""
    tracemalloc.start()
    try:
        yield Held()
    finally:
        tracemalloc.stop()
