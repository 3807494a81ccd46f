"""What a crash in the middle of an export left is deleted, and nothing else."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.exporting import START, Folder
from vms_desktop.core.export.record import ExportRecord, hidden_name

HEAD = b"\0\0\0\x1cftypisom"

EXPORT = """
import sys
from datetime import datetime
from pathlib import Path
from tests.support.exporting import Recorded, blocks
from vms_desktop.core.export import ExportRequest, ExportTrack
from vms_desktop.core.export.record import ExportRecord
from vms_desktop.core.export.exporter import Exporter

clip, out, record = map(Path, sys.argv[1:4])
at = datetime.fromisoformat(sys.argv[4])
track = ExportTrack("Door", (Recorded(clip, at, at),))

def tell(done, whole):
    if done >= 0.3 * whole:
        print("far enough", flush=True)
        sys.stdin.read()

request = ExportRequest(tracks=(track,), folder=out)
Exporter(request, tell, lambda: False, blocks, ExportRecord(record)).run()
"""


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_for_good(tmp_path):
    folder, record = Folder(tmp_path), tmp_path / "exports.json"
    clip = folder.clip("a", 0, 60)
    command = [sys.executable, "-c", EXPORT, clip.path, folder.out, record, START.isoformat()]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"far enough\n"
        process.send_signal(signal.SIGKILL)
    (left,) = folder.files()
    assert left.startswith(".Door_2026")
    mine = folder.out / "Door.part"
    mine.write_bytes(HEAD)
    assert ExportRecord(record).clean() == (folder.out / left,)
    assert folder.files() == ["Door.part"]
    assert not record.exists()


def test_an_export_that_ends_well_leaves_no_record(tmp_path):
    folder, record = Folder(tmp_path), ExportRecord(tmp_path / "exports.json")
    part = folder.folder / hidden_name("a.mp4")
    record.begin(part)
    assert (tmp_path / "exports.json").exists()
    record.end(part)
    assert not (tmp_path / "exports.json").exists()
    assert record.clean() == ()


@pytest.mark.parametrize(
    "name, content, is_deleted",
    [
        (".a.mp4.0123456789ab.part", HEAD, True),
        (".a.mp4.0123456789ab.part", b"", True),  # It was claimed, and no more.
        (".a.mp4.0123456789ab.part", b"a letter to my aunt", False),
        ("a.part", HEAD, False),
        ("a.mp4", HEAD, False),
        (".a.mp4.012345.part", HEAD, False),
    ],
)
def test_only_what_an_export_makes_is_deleted(tmp_path, name, content, is_deleted):
    path, record = tmp_path / name, tmp_path / "exports.json"
    path.write_bytes(content)
    record.write_text(json.dumps({"parts": [str(path)]}))
    assert ExportRecord(record).clean() == ((path,) if is_deleted else ())
    assert path.exists() is not is_deleted


def test_what_lies_on_a_stick_that_is_not_there_is_remembered(tmp_path):
    stick, record = tmp_path / "stick", tmp_path / "exports.json"
    part = stick / hidden_name("a.mp4")
    record.write_text(json.dumps({"parts": [str(part)]}))
    assert ExportRecord(record).clean() == ()
    stick.mkdir()
    part.write_bytes(HEAD)
    assert ExportRecord(record).clean() == (part,)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"parts": [3, "relative"]}', '{"parts": 7}'])
def test_a_damaged_record_is_passed_over(tmp_path, text):
    path = tmp_path / "exports.json"
    path.write_text(text)
    assert ExportRecord(path).clean() == ()
