import base64
import json
import zlib
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.library import at, put_file, scanned
from vms_desktop.core.base.picture import Box, Size
from vms_desktop.core.clips.clip import Clip, Trigger
from vms_desktop.core.clips.sidecar import (
    motion_grid_of,
    read_motion_grid,
    read_sidecar,
    read_sidecar_entry,
    read_sidecar_facts,
    sidecar_bytes,
    sidecar_json,
    write_sidecar,
)
from vms_desktop.core.index.backfill import Backfiller
from vms_desktop.core.index.writer import ClipIndexWriter, Want
from vms_desktop.core.library.archive import set_comment
from vms_desktop.core.motion.detector import Motion

START_AT = datetime(2026, 11, 22, 13, 31, 3, 250_000, tzinfo=UTC)


def cells(*places):
    grid = np.zeros((36, 64), bool)
    for row, column in places:
        grid[row, column] = True
    return np.packbits(grid).tobytes()


def motion(at, *places):
    return Motion(at, at, (Box(0.1, 0.2, 0.30004, 0.4),), 900, 500, cells(*places))


def clip(**changes: Any) -> Clip:
    facts: dict[str, Any] = {
        "camera_id": "id-1",
        "camera_name": "Entrée",
        "path": Path("14-31-03.mp4"),
        "start_at": START_AT,
        "end_at": START_AT + timedelta(seconds=2.5),
        "event_start_at": START_AT + timedelta(seconds=0.5),
        "trigger": Trigger.MOTION,
        "codec": "h264",
        "size": Size(640, 360),
        "size_bytes": 4321,
        "peak_at": START_AT + timedelta(seconds=1.2),
        "peak_area_px": 900.0,
        "motions": (motion(0.5, (0, 0)), motion(1.2, (35, 63)), motion(1.4, (10, 20), (35, 63))),
    }
    return Clip(**facts | changes)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "x" / "a.json"
    write_sidecar(path, clip())
    read = read_sidecar(path, Path("moved.mp4"))
    assert read is not None
    assert replace(read, motions=()) == clip(path=Path("moved.mp4"), motions=())
    assert [m.at for m in read.motions] == [0.5, 1.2, 1.4]
    assert read.motions[0].boxes == (Box(0.1, 0.2, 0.3, 0.4),)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_grid_of_a_second_is_all_that_moved_in_it(tmp_path):
    grid = motion_grid_of(clip())
    assert grid.shape == (3, 36, 64)
    where = [sorted(zip(*np.nonzero(second), strict=True)) for second in grid]
    assert where == [[(0, 0)], [(10, 20), (35, 63)], []]
    write_sidecar(tmp_path / "a.json", clip())
    read_grid = read_motion_grid(tmp_path / "a.json")
    assert read_grid is not None
    assert np.array_equal(read_grid, grid)
    read = read_sidecar(tmp_path / "a.json", Path("a.mp4"))
    assert read is not None
    assert np.array_equal(motion_grid_of(read), grid)


def test_motion_before_or_after_the_clip_counts_for_its_first_or_last_second():
    grid = motion_grid_of(clip(motions=(motion(-0.2, (1, 1)), motion(99, (2, 2)))))
    assert grid[0, 1, 1]
    assert grid[2, 2, 2]
    assert grid.sum() == 2


def test_the_format_is_as_documented():
    entry = sidecar_json(clip())
    packed = zlib.decompress(base64.b64decode(entry["grid"].pop("bits")))
    assert len(packed) == 3 * 288
    assert packed[0] == 0b1000_0000
    assert entry == {
        "version": 1,
        "camera_id": "id-1",
        "camera_name": "Entrée",
        "start": "2026-11-22T13:31:03.250+00:00",
        "end": "2026-11-22T13:31:05.750+00:00",
        "event_start": "2026-11-22T13:31:03.750+00:00",
        "trigger": "motion",
        "peak": {"at": "2026-11-22T13:31:04.450+00:00", "area_px": 900.0},
        "codec": "h264",
        "width": 640,
        "height": 360,
        "size_bytes": 4321,
        "boxes": [
            [0.5, [0.1, 0.2, 0.3, 0.4]],
            [1.2, [0.1, 0.2, 0.3, 0.4]],
            [1.4, [0.1, 0.2, 0.3, 0.4]],
        ],
        "grid": {"columns": 64, "rows": 36, "seconds": 3},
    }


def test_a_clip_in_which_nothing_moved_has_an_empty_grid(tmp_path):
    still = clip(trigger=Trigger.MANUAL, peak_at=None, peak_area_px=0, motions=())
    write_sidecar(tmp_path / "a.json", still)
    assert read_sidecar(tmp_path / "a.json", still.path) == still
    assert not motion_grid_of(still).any()


def _grid(**changes):
    return {"grid": sidecar_json(clip())["grid"] | changes}


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        {"trigger": "moon"},
        {"start": "yesterday"},
        {"start": 5},
        {"width": "wide"},
        {"boxes": 3},
        {"boxes": [[0.5, [1, 2]]]},
        {"peak": {"at": None}},
        _grid(bits="%%%"),
        _grid(bits=base64.b64encode(b"no zlib").decode()),
        _grid(seconds=2000),
        _grid(seconds=10**9),
        _grid(columns=32),
        {"grid": None},
    ],
)
def test_a_missing_or_torn_sidecar_is_none(text, tmp_path):
    path = tmp_path / "a.json"
    if isinstance(text, bytes):
        path.write_bytes(text)
    elif text is not None:
        path.write_text(json.dumps(sidecar_json(clip()) | text))
    assert read_sidecar(path, Path("a.mp4")) is None


# Half of a surrogate pair: JSON can say it, UTF-8 cannot.
HALF = json.loads('"\\ud800"')


def by_recorder(layout, described):
    path = layout.sidecar_path(described.path)
    write_sidecar(path, described)
    return path


def by_archive(layout, described):
    """A comment is set to what it was."""
    path = layout.sidecar_path(described.path)
    put_file(path, json.dumps(sidecar_json(described) | {"comment": "x"}).encode())
    set_comment(layout, described.path, "x")
    return path


def by_adoption(layout, described):
    """The facts are added to what the web version wrote."""
    path = layout.sidecar_path(described.path)
    put_file(path, b'{"comment": "x"}')
    with closing(ClipIndexWriter(layout.index_file, layout)) as index:
        scanned(index)
        for want in Want:
            list(Backfiller(index, lambda _: 0, nullcontext).steps(want))
    return path


def test_whoever_writes_a_side_car_writes_the_same_bytes(layout):
    path = put_file(layout.archive_path(layout.clip_path("Entrée", at("10:00:00"))))
    by_adoption(layout, clip(path=path))
    adopted = layout.sidecar_path(path).read_bytes()
    described = read_sidecar(layout.sidecar_path(path), path)
    assert described is not None
    assert described.camera_name == "Entrée"

    archived = by_archive(layout, described).read_bytes()
    recorded = by_recorder(layout, described).read_bytes()
    assert recorded[1:] == adopted.removeprefix(b'{"comment":"x",')
    assert recorded[:-1] == archived.removesuffix(b',"comment":"x"}')


@pytest.mark.parametrize(
    "encode",
    [
        lambda entry: json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        lambda entry: json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace"),
        lambda entry: json.dumps(entry).encode(),
        sidecar_bytes,
    ],
    ids=["no UTF-8", "escaped where it must be", "ASCII alone", "now"],
)
def test_side_cars_are_read_in_whichever_encoding_they_were_written(layout, encode):
    entry = {"comment": f"Vol à l'étalage {HALF}", "x": HALF, **sidecar_json(clip())}
    path = put_file(layout.sidecar_path(clip().path), encode(entry))
    assert read_sidecar_entry(path) == entry
    assert read_sidecar_facts(path, clip().path).clip == replace(clip(), motions=())
    assert read_sidecar_facts(path, clip().path).comment == "Vol à l'étalage ?"


def test_every_side_car_is_utf_8_for_other_programs(layout):
    path = put_file(layout.archive_path(layout.clip_path("A", at("10:00:00"))))
    put_file(layout.sidecar_path(path), json.dumps({"note": HALF}).encode())
    set_comment(layout, path, "Vol à l'étalage")
    text = layout.sidecar_path(path).read_bytes().decode("utf-8")
    assert json.loads(text) == {"note": HALF, "comment": "Vol à l'étalage"}


def test_keys_of_a_newer_version_are_no_obstacle(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sidecar_json(clip()) | {"version": 2, "weather": "rain"}))
    assert read_sidecar(path, clip().path, motions=False) == replace(clip(), motions=())


DEEP = json.loads("[" * 300 + "]" * 300)


@pytest.mark.parametrize("key", ["camera_id", "trigger", "codec", "boxes", "of_tomorrow"])
def test_a_sidecar_that_is_too_deep_is_none(tmp_path, key):
    path = tmp_path / "a.json"
    path.write_bytes(sidecar_bytes(sidecar_json(clip()) | {key: DEEP}))
    assert read_sidecar(path, Path("a.mp4")) is None
    assert read_sidecar_facts(path, Path("a.mp4")).is_torn
    assert read_sidecar_entry(path) is None


@pytest.mark.parametrize("box", [[float("nan"), 0, 1, 1], [0, 0, float("inf"), 1]])
def test_a_box_that_cannot_be_drawn_is_none(tmp_path, box):
    path = tmp_path / "a.json"
    path.write_bytes(sidecar_bytes(sidecar_json(clip()) | {"boxes": [[1.0, box]]}))
    assert read_sidecar(path, Path("a.mp4")) is None
    assert read_sidecar(path, Path("a.mp4"), motions=False) is not None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_clip_at_the_end_of_time_is_none(tmp_path, moment):
    path = tmp_path / "a.json"
    path.write_bytes(sidecar_bytes(sidecar_json(clip()) | {"start": moment}))
    assert read_sidecar(path, Path("a.mp4")) is None
