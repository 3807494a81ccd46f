"""What every fault leaves is looked through for the suite's password."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sentinel import leaks


@pytest.fixture(autouse=True)
def _password_stays_in_the_configuration(tmp_path: Path) -> Iterator[None]:
    yield
    for data_folder in (path.parent for path in tmp_path.rglob("cameras.json")):
        assert not leaks(data_folder)
