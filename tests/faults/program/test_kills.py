"""Kills of the whole program while its cameras record."""

import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.kills import MOST_LOST_S, Killing
from tests.support.sent_and_recorded import fault_video

pytestmark = pytest.mark.skipif(os.name != "posix", reason="platform: signals")


# Runs at once: a program that starts and stops mostly waits.
RUNS = 2


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.long)])
def test_a_kill_at_any_moment_costs_a_second_and_nothing_that_was_on_the_disk(tmp_path, kills):
    seed = random.randrange(10**6)
    print(f"seeds {seed}, {seed + 1}")  # noqa: T201 - shown where it fails
    killing = []
    for number in range(RUNS):
        folder = tmp_path / str(number) / "data"
        folder.mkdir(parents=True, mode=0o700)
        killing.append(Killing(folder, seed + number))
    fault_video()
    with ThreadPoolExecutor(RUNS) as pool:
        tallies = list(pool.map(lambda each: each.run(kills // RUNS), killing))
    assert sum(tally.kills for tally in tallies) == kills
    # Both cameras at every other kill; some of the others came before they recorded.
    assert sum(tally.recording for tally in tallies) >= 2 * (kills // RUNS // 2) * RUNS
    for tally in tallies:
        assert tally.damages == []
        assert tally.most_lost_s <= MOST_LOST_S
