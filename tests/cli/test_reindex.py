"""`vms-desktop --reindex`: what it makes, and when it refuses."""

import json
from contextlib import closing

import pytest

from tests.support.library import DAY, at, put_clip, put_file
from vms_desktop.__main__ import main
from vms_desktop.app.data_folder import folder_lock
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.index.index import ClipIndex


@pytest.fixture
def layout(data_dir):
    return Layout(data_dir)


def reindex(layout):
    return main(["--reindex", "--data-dir", str(layout.root)])


def known(layout):
    with closing(ClipIndex(layout.index_file, layout)) as index:
        return [clip.path for clip in index.clips_of_day(DAY)]


def test_the_index_is_made_from_the_tree_and_the_result_told(layout, capsys):
    clip = put_clip(layout, at("10:00:00"))
    put_file(layout.clip_path("B", at("11:00:00")), b"no video")
    layout.index_file.write_bytes(b"damaged")
    assert reindex(layout) == 0
    assert known(layout)[0] == clip.path
    assert capsys.readouterr().out.startswith("2 clips of 2 cameras, ")


def test_recordings_that_lie_elsewhere_are_found(layout, tmp_path, capsys):
    elsewhere = Layout(layout.root, tmp_path / "disk")
    put_clip(elsewhere, at("10:00:00"))
    layout.settings_json.write_text(json.dumps({"recordings_folder": str(tmp_path / "disk")}))
    assert reindex(layout) == 0
    assert capsys.readouterr().out.startswith("1 clips of 1 cameras, ")


@pytest.mark.parametrize("settings", [{}, {"recordings_mark": "0123"}], ids=["none", "no mark"])
def test_without_the_recordings_disk_the_index_stays(layout, capsys, settings):
    put_clip(layout, at("10:00:00"))
    reindex(layout)
    before = layout.index_file.read_bytes()
    layout.settings_json.write_text(json.dumps(settings))
    layout.recordings.rename(layout.root / "away")
    if settings:
        layout.recordings.mkdir()
    assert reindex(layout) == 1
    assert "no recordings in" in capsys.readouterr().err
    assert layout.index_file.read_bytes() == before


def test_while_the_program_runs_it_refuses(layout, capsys):
    with folder_lock(layout.lock_file):
        assert reindex(layout) == 1
    assert "already running" in capsys.readouterr().err
    assert not layout.index_file.exists()
