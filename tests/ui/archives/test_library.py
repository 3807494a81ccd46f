"""The Archives page over a real library: files move, comments reach the disk."""

import json
from contextlib import nullcontext
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from tests.support.exporting import blocks
from tests.support.library import at, put_clip
from tests.support.stand_in import FleetStandIn, camera
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.storage_guard import StorageGuard
from vms_desktop.ui.archives.page import ArchivesPage
from vms_desktop.ui.base.actions import Actions
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.ui.widgets.empty_page import EmptyPage
from vms_desktop.workers.jobs.library_jobs import LibraryJobs
from vms_desktop.workers.library.library_index import LibraryIndex


@pytest.fixture
def layout(tmp_path) -> Layout:
    made = Layout(tmp_path)
    StorageGuard(made, "").adopt()
    return made


@pytest.fixture
def jobs(qapp, layout, thumbnail_reader):
    index = LibraryIndex(layout, Clock(), nullcontext)
    made = LibraryJobs(layout, lambda paths, _gone: index.indexer.take_paths(paths), blocks)
    index.start()
    yield SimpleNamespace(index=index, jobs=made, thumbnails=thumbnail_reader)
    assert made.stop(monotonic() + 5)
    assert index.stop(monotonic() + 5)


@pytest.fixture
def page(qtbot, layout, jobs):
    fleet = FleetStandIn((camera(1, id="id-A", name="Alley"),), layout.root)
    owner = QObject()
    made = ArchivesPage(jobs, cast(Any, fleet), Actions(DARK_THEME, owner), DARK_THEME)
    for widget in (made, made.bar):
        qtbot.addWidget(widget)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.enter()
    yield made
    made.stop()


def test_a_clip_is_archived_commented_put_back_and_gone(page, jobs, layout, qtbot):
    clip = put_clip(layout, at("10:00:00"))
    kept = layout.archive_path(clip.path)
    jobs.jobs.archive((clip.path,))
    qtbot.waitUntil(lambda: page.view.card(kept) is not None)

    field = page.view.card(kept).comment
    field.setFocus()
    QTest.keyClicks(field, "Fox under the gate")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    meta = layout.sidecar_path(kept)
    qtbot.waitUntil(lambda: json.loads(meta.read_text())["comment"] == "Fox under the gate")
    qtbot.waitUntil(lambda: page.view.card(kept).clip.comment == "Fox under the gate")

    page.view.restore_wanted.emit((page.view.card(kept).clip,))
    qtbot.waitUntil(lambda: page.view.card(kept) is None)
    assert clip.path.exists()
    assert page.findChildren(EmptyPage)[0].isVisible()


def test_deleted_clips_are_gone_from_disk_and_page(page, jobs, layout, qtbot):
    clips = [put_clip(layout, at(f"10:0{number}:00")).path for number in range(2)]
    kept = [layout.archive_path(path) for path in clips]
    jobs.jobs.archive(tuple(clips))
    qtbot.waitUntil(lambda: all(page.view.card(path) for path in kept))
    page.view.delete_wanted.emit((page.view.card(kept[0]).clip,))
    (dialog,) = page.findChildren(DeleteClipsDialog)
    dialog.delete_chosen.emit((kept[0],))
    dialog.close()
    qtbot.waitUntil(lambda: page.view.card(kept[0]) is None)
    assert not kept[0].exists()
    assert page.view.card(kept[1]) is not None
