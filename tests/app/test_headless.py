from datetime import UTC, datetime

import pytest

from tests.support.stand_in import FleetStandIn, camera
from vms_desktop.app.headless import HeadlessReport
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.library.retention import PurgeQuestion, PurgeReason
from vms_desktop.workers.camera.parts import Notice, NoticeKind


@pytest.fixture
def fleet(qapp, tmp_path) -> FleetStandIn:
    return FleetStandIn((camera(1), camera(2)), tmp_path)


@pytest.fixture(autouse=True)
def report(fleet) -> HeadlessReport:
    return HeadlessReport(fleet, "text")


@pytest.mark.parametrize(
    "ask, told",
    [
        (
            PurgeQuestion(PurgeReason.AGE, "Door", 312, 42_000_000_000),
            "312 clips in Door, 42.0 GB: too old",
        ),
        (
            PurgeQuestion(PurgeReason.RESERVE, "", 7, 800_000_000),
            "7 clips, 0.8 GB: the disk is nearly full",
        ),
        (
            PurgeQuestion(PurgeReason.QUOTA, "", 7, 800_000_000),
            "7 clips, 0.8 GB: the quota is exceeded",
        ),
    ],
)
def test_a_question_is_a_line_of_its_own_beside_the_output(fleet, capsys, ask, told):
    fleet.question.emit(ask)
    fleet.question.emit(ask)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"vms-desktop: {told}")


def test_trouble_with_the_disk_is_told_once_for_all_cameras(fleet, capsys):
    for camera_id in ("cam1", "cam2"):
        fleet.become(camera_id, CameraState.LIVE, storage=StorageProblem.READ_ONLY)
    assert capsys.readouterr().err == "vms-desktop: disk read only: nothing is recorded\n"
    fleet.become("cam1", CameraState.LIVE)
    assert capsys.readouterr().err == ""
    fleet.become("cam2", CameraState.LIVE)
    assert capsys.readouterr().err == "vms-desktop: the disk is well again\n"


def test_a_notice_is_not_among_the_output(fleet, capsys):
    fleet.notice.emit(Notice(NoticeKind.FOLDER_SHARED, {"name": "Door", "folder": "Door_2"}))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "vms-desktop: folder shared (name: Door, folder: Door_2)\n")


def test_a_state_is_told_when_it_changes_and_only_then(fleet, capsys):
    for at in (1, 2):
        since = datetime(2026, 11, 22, 12, 0, at, tzinfo=UTC)
        fleet.become("cam1", CameraState.LIVE, since_at=since)
    fleet.become("cam1", CameraState.PAUSED)
    told = [line.split("  ")[1] for line in capsys.readouterr().out.splitlines()]
    assert told == ["Camera 1: live", "Camera 1: paused"]
