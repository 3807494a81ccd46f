"""Disks that fail under the program while it records: all at once, each under its own program."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, time

import pytest

from tests.support.camera_entries import always, write_cameras
from tests.support.disks import SmallDisk, no_disks
from tests.support.fakes import FakeCamera
from tests.support.program import Program, program
from tests.support.sent_and_recorded import (
    FPS,
    Journalled,
    fault_video,
    journalled,
    lost,
    pictures_in,
)
from tests.support.sentinel import LOGIN, leaks, with_login
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(no_disks()), reason=no_disks() or "platform: none")

# A disk that fails is told within so many seconds.
ALARM_S = 10.0
# It records again so long after the disk is well: it looks every 5 s, tries again after 3, and
# begins with a keyframe.
RESUMES_S = 10.0
# What is no longer on its way to the disk when it fails, and waits for a keyframe when it is back.
EDGE_S = 1.5


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a disk, and what the program is to say of it.

    Attributes:
        comes, goes: What is done to the disk.
        reason: The word for it.
        from_start: It is there before the program starts.
        drops: The system takes some more bytes and drops them, before it refuses any.
        deletes: Recording goes on at the cost of the oldest clip.
    """

    comes: Callable[[SmallDisk], None]
    goes: Callable[[SmallDisk], None]
    reason: str
    from_start: bool = False
    drops: bool = False
    deletes: bool = False


FAULTS = {
    "full": Fault(SmallDisk.fill, SmallDisk.empty, "full", deletes=True),
    "read only": Fault(SmallDisk.fail, SmallDisk.repair, "read_only", drops=True),
    "removed": Fault(SmallDisk.take_away, SmallDisk.put_back, "missing"),
    "not mounted": Fault(SmallDisk.take_away, SmallDisk.put_back, "missing", from_start=True),
    "refusing": Fault(SmallDisk.refuse, SmallDisk.allow, "forbidden"),
    "refusing inside": Fault(SmallDisk.refuse_inside, SmallDisk.allow, "forbidden"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the program bore it.

    Attributes:
        came: When the fault came (epoch).
        alarm_s, resumed_s: From the fault to the alarm, and from its end to recording.
        states: The camera's, while the disk was away.
        connections: How many the camera had in all.
        open_gap: What the heartbeat told meanwhile.
        lost_at: When each picture was sent that is in no file (epoch).
        there: How many are.
        deleted: The times of clips that were whole and had to go.
        beneath: Files in the folder below the mount.
        leaks: Where the password stands and should not.
    """

    came: float
    alarm_s: float
    resumed_s: float
    states: list[str]
    connections: int
    open_gap: str
    lost_at: list[float]
    there: int
    deleted: list[Journalled]
    gaps: list[Journalled]
    beneath: list[str]
    leaks: list[str]
    code: int


def bear(fault: Fault, folder: Path) -> Outcome:
    data = folder / "data"
    data.mkdir(parents=True, mode=0o700)
    with SmallDisk(folder) as disk, FakeCamera(fault_video(), (LOGIN,)) as camera:
        settings = {"recordings_folder": str(disk.place), "reserve_gb": 0.001}
        (data / "settings.json").write_text(json.dumps(settings))
        cameras = {"a": with_login(always(camera.url()))}
        if fault.from_start:
            with program(data, cameras) as running:
                running.until_state("recording", timeout_s=20)
                assert running.end()[0] == 0
            camera.sent.clear()
            camera.clients.clear()
            fault.comes(disk)
        with program(data, cameras) as running:
            if not fault.from_start:
                running.until_state("recording", timeout_s=20)
                until_sent(camera, 3)
                fault.comes(disk)
            return borne(fault, disk, camera, running)


def until_sent(camera: FakeCamera, seconds: float) -> None:
    """Let the camera send for some more seconds."""
    until = camera.pictures_sent + seconds * FPS
    wait_until(lambda: camera.pictures_sent > until)


def borne(fault: Fault, disk: SmallDisk, camera: FakeCamera, running: Program) -> Outcome:
    began, word = monotonic(), f"disk {fault.reason.replace('_', ' ')}: nothing is recorded"
    wait_until(lambda: word in running.log)
    alarm_s, told = monotonic() - began, len(running.states())
    wait_until(lambda: open_gap(running.folder))
    until_sent(camera, 3)
    gap, meanwhile = open_gap(running.folder), running.states()[max(0, told - 1) :]
    beneath = [] if any(disk.place.glob(".vms")) else list(map(str, disk.place.rglob("*")))
    fault.goes(disk)
    well = monotonic()
    running.until_state("recording", timeout_s=20)
    resumed_s = monotonic() - well
    until_sent(camera, 3)
    until = monotonic()
    code, _ = running.end()
    # A clip that could not have its name any more gets it at the next start.
    found = (*disk.place.glob("*/*/*.mp4"), *disk.place.glob("*/*/*.part"))
    files = [path for path in found if b"moof" in path.read_bytes()]
    to_epoch = time() - monotonic()
    # What came in the last moment was never read.
    sent = [each for each in camera.sent if each[0] < until - 1]
    return Outcome(
        began + to_epoch,
        alarm_s,
        resumed_s,
        meanwhile,
        len(camera.clients),
        gap,
        [at + to_epoch for at, _ in lost(sent, files)],
        sum(len(pictures_in(path, may_be_torn=True)) for path in files),
        list(deleted_clips(running, files)),
        journalled(running.folder, "Door"),
        beneath,
        leaks(running.folder),
        code,
    )


def deleted_clips(running: Program, files: list[Path]) -> Iterator[Journalled]:
    """The times of the clips that were told and are gone; the log has to tell of them too."""
    names = {path.name for path in files}
    for clip in running.clips():
        if Path(clip["clip"]).name not in names and "deleted 1 clips" in running.log:
            begins = datetime.fromisoformat(clip["start"]).timestamp()
            yield Journalled(begins, begins + clip["duration_s"], "deleted")


def open_gap(folder: Path) -> str:
    """The reason of the gap that the heartbeat has open."""
    try:
        gaps = json.loads((folder / "heartbeat.json").read_text())["open"]
    except FileNotFoundError:
        return ""
    return "".join(gap["reason"] for gap in gaps.values() if gap["reason"].startswith("disk"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, Future[Outcome]]:
    fault_video()
    with ThreadPoolExecutor(len(FAULTS)) as pool:
        return {
            name: pool.submit(bear, fault, tmp_path_factory.mktemp(name.replace(" ", "_")))
            for name, fault in FAULTS.items()
        }


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", FAULTS)
def test_a_disk_that_fails_is_told_and_costs_what_is_journalled_and_no_more(outcomes, name):
    fault, borne = FAULTS[name], outcomes[name].result()
    assert borne.alarm_s <= ALARM_S
    assert borne.open_gap == f"disk: {fault.reason}"
    # A full disk may take what a clip that it has refused leaves free.
    assert {"live"} <= set(borne.states) <= {"connecting", "live", "recording"}
    assert borne.connections == 1
    assert borne.resumed_s <= RESUMES_S
    assert borne.code == 0
    assert borne.beneath == []
    assert borne.leaks == []
    assert borne.there > 2 * FPS
    # That the disk was away shows: some is lost, and all of it in a gap for this reason.
    gaps = [gap for gap in borne.gaps if gap.reason == f"disk: {fault.reason}"]
    if fault.drops:
        gaps.append(Journalled(borne.came, borne.came + borne.alarm_s, "dropped"))
    assert bool(borne.deleted) <= fault.deletes
    gaps += borne.deleted
    assert borne.lost_at
    untold = [at for at in borne.lost_at if not is_told(at, gaps)]
    assert not untold, f"{len(untold)} of {len(borne.lost_at)} lost, {untold[0]}: {borne.gaps}"


def is_told(at: float, gaps: list[Journalled]) -> bool:
    return any(gap.begins - EDGE_S <= at <= gap.ends + EDGE_S for gap in gaps)


@pytest.mark.timeout(90)
def test_what_the_folder_around_alone_refuses_costs_nothing_and_is_no_gap(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with SmallDisk(tmp_path) as disk, FakeCamera(fault_video(), (LOGIN,)) as camera:
        settings = {"recordings_folder": str(disk.place), "reserve_gb": 0.001}
        (data / "settings.json").write_text(json.dumps(settings))
        with program(data, {"a": with_login(always(camera.url()))}) as running:
            running.until_state("recording", timeout_s=20)
            until_sent(camera, 2)
            try:
                disk.refuse_around()
                wait_until(lambda: "recordings folder: forbidden" in running.log)
                until_sent(camera, 2)
                # The next clip begins all the same.
                write_cameras(data, {"a": with_login(always(camera.url(), rotation=90))})
                wait_until(running.clips)
                until_sent(camera, 3)
                running.until_state("recording")
                until = monotonic()
                assert running.end()[0] == 0
            finally:
                disk.allow()
        sent = [each for each in camera.sent if each[0] < until - 1]
        files = list(disk.place.glob("*/*/*.mp4"))
        assert len(files) == 2
        assert lost(sent, files) == []
        assert journalled(running.folder, "Door") == []
        assert "nothing is recorded" not in running.log
