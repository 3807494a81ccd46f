"""Old clips are mended where they lie, and whenever the program is killed they are whole."""

import io
import json
import logging
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.support.library import DAY, LONG_AGO_S, at, marked_layout, scanned
from tests.support.mp4 import (
    assert_heard,
    heard_by_ffmpeg,
    heard_by_gstreamer,
    needs_gstreamer,
    sound_entries,
)
from tests.support.old_clips import SECONDS, TAGS, old_clip, packets_of
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.files import write_whole
from vms_desktop.core.index import backfill, sound_repair
from vms_desktop.core.index.backfill import Backfiller, DiskFailedError
from vms_desktop.core.index.sound_repair import repair_clip, settle
from vms_desktop.core.index.writer import DayKey, Want
from vms_desktop.core.media.old_sound import sound_patch
from vms_desktop.core.stream.bitstream.aac import build_aac_config

START_AT = at("10:00:00")
# As docs/file-formats.md has them.
NOTE_KEYS = ("clip", "size_bytes", "accessed_ns", "changed_ns", "offset", "old", "new")
LONG_AGO_NS = int(LONG_AGO_S) * 10**9 + 123_456_789


@pytest.fixture
def layout(tmp_path):
    return marked_layout(tmp_path)


@pytest.fixture
def path(layout):
    return put_old(layout.clip_path("A", START_AT))


def put_old(path, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    old_clip(path, **how)
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return path


def patch_of(path):
    with path.open("rb") as file:
        return sound_patch(file)


def config_of(path):
    (entry,) = sound_entries(path.read_bytes())
    return entry.config


def is_settled(layout):
    """Whether nothing but the clips is left."""
    return not layout.sound_repair_json.exists() and not list(layout.root.rglob("*.tmp"))


@needs_gstreamer
@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(
    "rate, channels, clock_hz", [(8_000, 1, 8_000), (16_000, 1, 8_000), (44_100, 2, 90_000)]
)
def test_a_mended_clip_plays_whole_in_two_readers(layout, codec, rate, channels, clock_hz):
    path = layout.clip_path("A", START_AT)
    put_old(path, codec=codec, rate=rate, channels=channels, clock_hz=clock_hz)
    before, size = packets_of(path), path.stat().st_size
    assert repair_clip(layout, path, patch_of(path))
    assert config_of(path) == build_aac_config(2, rate, channels)
    assert (packets_of(path), path.stat().st_size) == (before, size)
    assert_heard(path, SECONDS, rate, channels, within_s=0.2)


@needs_gstreamer
def test_a_half_written_clip_plays_up_to_its_end(layout):
    path = put_old(layout.clip_path("A", START_AT), whole=False)
    assert repair_clip(layout, path, patch_of(path))
    for samples in (heard_by_ffmpeg(path)[0], heard_by_gstreamer(path, 1)):
        assert samples.shape[1] / 16_000 == pytest.approx(2.8, abs=0.2)


def test_time_and_mode_of_the_file_stay(layout, path):
    before = path.stat()
    assert repair_clip(layout, path, patch_of(path))
    after = path.stat()
    assert after.st_mtime_ns == before.st_mtime_ns == LONG_AGO_NS
    assert (after.st_mode & 0o777, after.st_ino) == (0o600, before.st_ino)
    assert is_settled(layout)


class _Killed(BaseException):
    """The process ends here."""


STEPS = ("write_whole", "sync_file", "set_times", "is_sound_mended")


def cut_short(monkeypatch, steps):
    """Have the process killed before or after its step of that number; the count of all."""
    count = 0

    def step(call):
        def done(*args):
            nonlocal count
            count += 1
            if count == steps:
                raise _Killed
            result = call(*args)
            count += 1
            if count == steps:
                raise _Killed
            return result

        return done

    for name in STEPS:
        monkeypatch.setattr(sound_repair, name, step(getattr(sound_repair, name)))
    return lambda: count


def test_a_kill_at_any_moment_leaves_the_old_clip_or_the_new_one(layout, path, monkeypatch, caplog):
    old, patch = path.read_bytes(), patch_of(path)
    end = patch.offset + len(patch.new)
    new = old[: patch.offset] + patch.new + old[end:]
    seen = set()
    for number in range(1, 100):
        with monkeypatch.context() as patches:
            steps = cut_short(patches, number)
            try:
                repair_clip(layout, path, patch)
                break
            except _Killed:
                seen.add(path.read_bytes())
        assert settle(layout)
        assert path.stat().st_mtime_ns == LONG_AGO_NS
        assert is_settled(layout)
        seen.add(path.read_bytes())
        path.write_bytes(old)
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    assert seen == {old, new}
    assert steps() >= 2 * len(STEPS)
    assert path.read_bytes() == new


@contextmanager
def begun(layout, path, patch, monkeypatch):
    """A repair that was killed before it wrote into the clip."""
    with monkeypatch.context() as patches:
        patches.setattr(sound_repair, "write_whole", write_and_die)
        with pytest.raises(_Killed):
            repair_clip(layout, path, patch)
    yield


def write_and_die(*args):
    write_whole(*args)
    raise _Killed


def test_what_a_power_cut_tore_is_put_back(layout, path, monkeypatch, caplog):
    old, patch = path.read_bytes(), patch_of(path)
    for torn in range(0, len(patch.new) + 1, 5):
        with begun(layout, path, patch, monkeypatch), path.open("r+b") as file:
            file.seek(patch.offset)
            file.write(patch.new[:torn])
        with caplog.at_level(logging.CRITICAL):
            assert settle(layout)
        assert path.read_bytes() == old
        assert path.stat().st_mtime_ns == LONG_AGO_NS
        assert is_settled(layout)


@pytest.mark.parametrize("where", ["renamed", "archived"])
def test_it_is_put_back_where_the_clip_lies_now(layout, path, monkeypatch, where, caplog):
    old, patch = path.read_bytes(), patch_of(path)
    with begun(layout, path, patch, monkeypatch), path.open("r+b") as file:
        file.seek(patch.offset)
        file.write(patch.new[:30])
    moved = layout.clip_path("B", START_AT) if where == "renamed" else layout.archive_path(path)
    moved.parent.mkdir(parents=True)
    path.rename(moved)
    with caplog.at_level(logging.CRITICAL):
        assert settle(layout)
    assert moved.read_bytes() == old
    assert is_settled(layout)


def test_another_file_under_its_name_is_not_touched(layout, path, monkeypatch):
    with begun(layout, path, patch_of(path), monkeypatch):
        other = bytes(path.stat().st_size)
        path.write_bytes(other)
    assert settle(layout)
    assert path.read_bytes() == other
    assert is_settled(layout)


def test_the_note_waits_for_a_disk_that_is_not_there(layout, path, monkeypatch):
    with begun(layout, path, patch_of(path), monkeypatch):
        layout.recordings.rename(layout.root / "elsewhere")
    assert not settle(layout)
    assert not is_settled(layout)
    (layout.root / "elsewhere").rename(layout.recordings)
    assert settle(layout)
    assert is_settled(layout)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "nonsense",
        json.dumps(dict.fromkeys(NOTE_KEYS, "x")),
        json.dumps(dict.fromkeys(NOTE_KEYS, None)),
        json.dumps(dict.fromkeys(NOTE_KEYS, 0)),
    ],
)
def test_a_note_that_is_none_is_deleted_and_nothing_else(layout, path, text, caplog):
    old = path.read_bytes()
    layout.sound_repair_json.write_text(text)
    with caplog.at_level(logging.CRITICAL):
        assert settle(layout)
    assert path.read_bytes() == old
    assert is_settled(layout)


def test_a_clip_that_does_not_play_afterwards_is_as_it_was(layout, path, monkeypatch):
    old, patch = path.read_bytes(), patch_of(path)
    answers = iter([True, False])
    monkeypatch.setattr(sound_repair, "is_sound_mended", lambda *_: next(answers))
    assert not repair_clip(layout, path, patch)
    assert path.read_bytes() == old
    assert is_settled(layout)


def test_a_clip_that_has_changed_meanwhile_is_left_alone(layout, path):
    patch = patch_of(path)
    put_old(path, rate=8_000)
    changed = path.read_bytes()
    assert not repair_clip(layout, path, patch)
    assert path.read_bytes() == changed
    assert is_settled(layout)


def test_a_copy_that_shares_its_bytes_is_not_changed(layout, path):
    old = path.read_bytes()
    copy = layout.root / "backup.mp4"
    copy.hardlink_to(path)
    assert not repair_clip(layout, path, patch_of(path))
    assert copy.read_bytes() == old


# By the library's background work.


def mend(index, in_use=frozenset):
    """How many clips were looked at."""
    steps = list(Backfiller(index, lambda _: 0, nullcontext, in_use).steps(Want.SOUND))
    return steps[-1].done if steps else 0


def test_recorded_and_archived_clips_are_mended_once_and_stay_what_they_were(index, layout, path):
    archived = put_old(layout.archive_path(layout.clip_path("A", at("11:00:00"))), whole=False)
    scanned(index)
    known = [index.known(clip) for clip in (path, archived)]
    assert mend(index) == 2
    assert config_of(path) == config_of(archived) == build_aac_config(2, 16_000, 1)
    again = [index.known(clip) for clip in (path, archived)]
    assert [(clip, file.stamp) for clip, file in again] == [(c, file.stamp) for c, file in known]
    assert [file.wants & Want.SOUND for _, file in again] == [Want.NOTHING] * 2
    assert scanned(index) == set()
    assert mend(index) == 0


def test_a_clip_that_cannot_be_mended_is_remembered(index, layout):
    path = put_old(layout.clip_path("A", START_AT), sound=[b"\x01" * 100] * 40)
    old = path.read_bytes()
    scanned(index)
    assert mend(index) == 1
    assert mend(index) == 0
    assert path.read_bytes() == old


def test_a_clip_that_is_in_use_waits_and_the_others_do_not(index, layout, path):
    other = put_old(layout.clip_path("A", at("09:00:00")))
    old = path.read_bytes()
    scanned(index)
    mend(index, lambda: frozenset({path}))
    assert (path.read_bytes(), config_of(other)) == (old, build_aac_config(2, 16_000, 1))
    assert index.count_wanting(Want.SOUND) == 1
    mend(index)
    assert config_of(path)


def test_clips_of_an_index_of_earlier_versions_are_looked_at_once(index, path):
    scanned(index)
    _, file = index.known(path)
    index.put_day(DayKey("A", DAY), "", pictured={path.name: (False, file.wants & ~Want.SOUND)})
    index.want_sounds_once()
    assert index.count_wanting(Want.SOUND) == 1
    mend(index)
    index.want_sounds_once()
    assert index.count_wanting(Want.SOUND) == 0


def refuse(kind):
    def write_whole(*_):
        raise StorageError(kind)

    return write_whole


def test_a_full_disk_leaves_it_for_later(index, path, monkeypatch):
    old = path.read_bytes()
    scanned(index)
    monkeypatch.setattr(sound_repair, "write_whole", refuse(StorageProblem.FULL))
    with pytest.raises(DiskFailedError):
        mend(index)
    assert path.read_bytes() == old
    assert index.count_wanting(Want.SOUND) == 1


def test_a_disk_that_takes_half_of_it_loses_nothing(index, layout, path, monkeypatch, caplog):
    old = path.read_bytes()
    scanned(index)

    class HalfWritten(io.FileIO):
        def write(self, data):
            return super().write(data[:20])

    def opened(path, mode="r", **how):
        return HalfWritten(path, mode) if mode == "r+b" else open_(path, mode, **how)

    open_ = Path.open
    with monkeypatch.context() as patches:
        patches.setattr(Path, "open", opened)
        with pytest.raises(DiskFailedError):
            mend(index)
    assert path.read_bytes() != old
    with caplog.at_level(logging.CRITICAL):
        mend(index)
    assert config_of(path) == build_aac_config(2, 16_000, 1)
    assert is_settled(layout)


def test_an_archive_that_cannot_be_written_stays_as_it_is(index, path, monkeypatch):
    old = path.read_bytes()
    scanned(index)
    monkeypatch.setattr(sound_repair, "write_whole", refuse(StorageProblem.READ_ONLY))
    mend(index)
    assert path.read_bytes() == old
    assert index.count_wanting(Want.SOUND) == 0


def test_no_folder_moves_and_no_clip_while_it_is_written(index, path, monkeypatch):
    scanned(index)
    held = []

    @contextmanager
    def hold():
        held.append(True)
        yield
        held.append(False)

    def repair(*args):
        assert held[-1]
        return repair_clip(*args)

    monkeypatch.setattr(backfill, "repair_clip", repair)
    list(Backfiller(index, lambda _: 0, hold).steps(Want.SOUND))
    assert held == [True, False]
    assert config_of(path)


def test_clips_of_others_are_never_written(index, layout):
    tags = {key: value for key, value in TAGS.items() if key != "camera_id"}
    path = put_old(layout.clip_path("A", START_AT), tags=tags)
    old, inode = path.read_bytes(), path.stat()
    scanned(index)
    mend(index)
    assert (path.read_bytes(), path.stat().st_ctime_ns) == (old, inode.st_ctime_ns)
