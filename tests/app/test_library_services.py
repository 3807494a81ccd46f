"""The library's parts wired to the fleet: what a person does with clips is known everywhere."""

from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from tests.support.library import at, put_clip
from tests.support.mp4 import sound_entries
from tests.support.old_clips import old_clip
from tests.support.running import running_fleet
from vms_desktop.app.library_services import in_use, review_parts, stop_review
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.library.maintainer import BytesFreed
from vms_desktop.workers.library.maintainer_worker import LibraryWorker


@pytest.fixture
def running(qapp, data_dir):
    with running_fleet(data_dir, {}) as made:
        made.until(made.layout.recordings_mark.exists)
        yield made


@pytest.fixture
def review(running):
    folders = CameraFolders(running.layout, lambda *_: None)
    made = review_parts(running.fleet, Clock(), folders)
    yield made
    assert stop_review(made, monotonic() + 4)


@pytest.fixture
def clips(running):
    start = at("14:00:00")
    return [put_clip(running.layout, start + timedelta(seconds=20 * n)) for n in range(2)]


def test_clips_that_a_person_deletes_or_archives_are_gone_for_live_and_the_quota(
    running, review, clips, monkeypatch
):
    gone: list[tuple[Path, ...]] = []
    orders, results = [], []
    running.fleet.clips_deleted.connect(gone.append)
    monkeypatch.setattr(LibraryWorker, "post", lambda _worker, order: orders.append(order))
    review.jobs.finished.connect(lambda _job, result: results.append(result))
    deleted, archived = (clip.path for clip in clips)
    size = clips[0].size_bytes
    review.jobs.delete((deleted,))
    review.jobs.archive((archived,))
    running.until(lambda: len(results) == 2)
    review.jobs.restore(results[1].done)
    running.until(lambda: len(results) == 3)
    assert gone == [(deleted,), (archived,), results[1].done]
    assert orders == [BytesFreed(size), BytesFreed(size), BytesFreed(-size)]
    monkeypatch.undo()


def test_nothing_is_in_use_where_nothing_is_played_or_exported(review):
    assert in_use(review) == frozenset()


def test_old_clips_are_mended_in_the_background_but_not_while_they_are_played(
    running, review, monkeypatch
):
    def put_old(clip):
        old_clip(clip.path)
        return clip.path

    layout = running.layout
    older, played = (put_old(put_clip(layout, at(f"{hour}:00:00"))) for hour in (14, 15))
    before = played.read_bytes()
    monkeypatch.setattr(review.playback, "in_use", lambda: frozenset({played}))
    review.index.start()
    running.until(lambda: sound_entries(older.read_bytes())[0].config != b"")
    assert played.read_bytes() == before
