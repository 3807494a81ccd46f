import os

import pytest

from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.files import DiskUsage
from vms_desktop.core.library import system_load
from vms_desktop.core.library.system_load import DAY_S, MIN_RATE_SPAN_S, Machine

GB = 10**9


@pytest.fixture
def disk(monkeypatch):
    """A disk with 100 GB free, or none at all."""
    usage = {"free": 100 * GB}

    def ask(path):
        if usage["free"] is None:
            raise StorageError(StorageProblem.MISSING)
        return DiskUsage(500 * GB, usage["free"])

    monkeypatch.setattr(system_load, "disk_usage", ask)
    return usage


def test_the_load_is_that_of_this_process(disk, tmp_path):
    measured = Machine(tmp_path)
    load = measured.load(0, 0)
    assert 0 <= load.cpu_share <= 1
    assert 10 * 2**20 < load.memory_bytes < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert load.disk_free_bytes == 100 * GB


@pytest.mark.parametrize(
    "recorded_gb, span_s, days",
    [
        (1, DAY_S, 100),
        (1, DAY_S / 2, 50),
        (0, DAY_S, None),
        (1, MIN_RATE_SPAN_S - 1, None),
        (0.01, MIN_RATE_SPAN_S, 100 / (0.01 * DAY_S / MIN_RATE_SPAN_S)),
    ],
)
def test_the_days_left_follow_from_what_was_recorded_in_a_while(
    disk, tmp_path, recorded_gb, span_s, days
):
    load = Machine(tmp_path).load(int(recorded_gb * GB), span_s)
    assert load.days_left == (days if days is None else pytest.approx(days))


def test_a_disk_that_is_not_there_is_unknown_and_not_zero(disk, tmp_path):
    disk["free"] = None
    load = Machine(tmp_path).load(GB, DAY_S)
    assert (load.disk_free_bytes, load.days_left) == (None, None)
