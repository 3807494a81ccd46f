"""What the tests of the index share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from vms_desktop.core.base.layout import Layout
from vms_desktop.core.index.writer import ClipIndexWriter


@pytest.fixture
def index(layout: Layout) -> Iterator[ClipIndexWriter]:
    """An index of its own, open for writing."""
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        yield index
