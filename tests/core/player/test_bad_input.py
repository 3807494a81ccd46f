"""Clips that are not what they should be."""

import pytest

from tests.support.playing import Rig, write_files
from vms_desktop.core.base.errors import Problem


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def rig(files):
    rig = Rig(files)
    yield rig
    rig.close()


# Bad input.


@pytest.mark.parametrize("rate, from_s", [(1, 3.0), (-1, 9.0)])
def test_a_clip_that_cannot_be_played_is_told_once_and_skipped(rig, rate, from_s):
    rig.play_clips(cam=[("a", 0), ("broken", 4), ("b", 8)])
    rig.seek(from_s)
    rig.player.play(rate)
    rig.settle()
    seen = rig.run(2.5)
    assert rig.failures() == [("broken", Problem.BAD_DATA)]
    assert seen[-1] == pytest.approx(1000 + 22 if rate > 0 else 37, abs=2)


def test_a_clip_that_failed_is_tried_again_when_somebody_asks_for_it(rig, tmp_path, files):
    rig.folder = tmp_path
    rig.play_clips(cam=[("a", 0)])
    rig.seek(1)
    assert (rig.failures(), rig.changes()) == ([("a", Problem.NOT_FOUND)], [])
    (tmp_path / "a.mp4").write_bytes((files / "a.mp4").read_bytes())
    rig.clock.time += 5
    rig.seek(1)
    assert rig.number() == 15


def test_a_clip_cut_short_ends_where_it_does(rig, tmp_path, files):
    rig.folder = tmp_path
    for name in "ab":
        (tmp_path / f"{name}.mp4").write_bytes((files / f"{name}.mp4").read_bytes())
    rig.play_clips(cam=[("a", 0, 30.0), ("b", 40)])
    rig.seek(3.5)
    rig.player.play(1)
    rig.settle()
    seen = rig.run(1)
    assert seen == [*range(53, 60), *range(1000, 1008)][: len(seen)]
    assert rig.number() >= 1006


def test_a_clip_of_unknown_length_gets_it_from_its_file(rig):
    rig.play_clips(cam=[("a", 0, 0.0), ("b", 40)])
    rig.seek(3.5)
    assert rig.number() == 52
    rig.seek(20)
    assert rig.changes()[-1] is None


def test_a_file_that_is_removed_while_it_plays_plays_on(rig, tmp_path, files):
    rig.folder = tmp_path
    (tmp_path / "a.mp4").write_bytes((files / "a.mp4").read_bytes())
    rig.play_clips(cam=[("a", 0)])
    rig.player.play(1)
    rig.settle()
    rig.run(0.2)
    (tmp_path / "a.mp4").unlink()
    seen = rig.run(3)
    assert seen == [*range(seen[0], seen[0] + len(seen))]
    assert not rig.failures()
