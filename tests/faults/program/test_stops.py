"""A program that is stopped for moments, or killed while the sound of its cameras is silent."""

import os
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from time import monotonic

import psutil
import pytest

from tests.faults.kills import MOST_LOST_S
from tests.support.camera_entries import write_cameras
from tests.support.camera_thread import CameraThread, FaultyCamera
from tests.support.numbered_cameras import FPS, GOP
from tests.support.numbered_pictures import pictures
from tests.support.program import ROOT, Program, program
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="platform: signals"),
    pytest.mark.timeout(120),
]

STOPPED_S = 3.0
CLIPS = ("*.mp4", "*.part")


def cameras(entries: dict[str, FaultyCamera]) -> dict[str, object]:
    return {key: camera.entry(key) for key, camera in entries.items()}


def until_all_record(running: Program, keys, times: int = 1) -> None:
    wait_until(
        lambda: (
            all(running.states(key).count("recording") >= times for key in keys)
            and all(running.states(key)[-1] == "recording" for key in keys)
        )
    )


def found_in(data: Path, camera: str) -> dict[str, Counter[int]]:
    """How often each picture of a camera is in its files, by stream."""
    found: dict[str, Counter[int]] = {"sd": Counter(), "hd": Counter()}
    for pattern in CLIPS:
        for path in sorted((data / "recordings" / camera).glob(f"*/{pattern}")):
            for one, is_whole in pictures(path):
                assert is_whole
                found[one.stream][one.number] += 1
    return found


def test_a_program_stopped_for_moments_writes_no_picture_twice_and_loses_none(data_dir):
    """SIGSTOP, as a computer that is put to sleep and woken at once."""
    both = {
        "Door": FaultyCamera(0, has_hd=True, has_sound=True),
        "Yard": FaultyCamera(1),
    }
    with CameraThread(both), program(data_dir, cameras(both)) as running:
        until_all_record(running, both)
        wait_until(lambda: found_in(data_dir, "Door")["hd"], 20)
        Event().wait(2)
        child = running.child
        begun = min(found_in(data_dir, "Door")["hd"])
        for _ in range(2):
            stopped = monotonic()
            for process in (psutil.Process(running.process.pid), child):
                process.suspend()
            Event().wait(STOPPED_S)
            assert child.status() == psutil.STATUS_STOPPED
            for process in (child, psutil.Process(running.process.pid)):
                process.resume()
            assert monotonic() - stopped >= STOPPED_S
            Event().wait(2.5)
        renamed = cameras(both)
        renamed["Yard"] = both["Yard"].entry("Court")
        rename(running, renamed, "Court")
        ended = monotonic()
        assert running.end()[0] == 0
    for name, camera in (("Door", both["Door"]), ("Court", both["Yard"])):
        found = found_in(data_dir, name)
        for stream, counts in found.items():
            assert [number for number, times in counts.items() if times > 1] == [], (name, stream)
        everything = found["sd"] + found["hd"]
        first = begun if name == "Door" else min(everything)
        sent = [n for at, n in camera.sent if at < ended - 1 and n >= first]
        assert [number for number in sent if number not in everything] == [], name
        assert len(camera.came) == (2 if camera.has_hd else 1)
    # HD was not taken for silent while nobody ran.
    assert [n for n in found_in(data_dir, "Door")["sd"] if n > begun + GOP] == []
    assert len(list((data_dir / "recordings" / "Court").glob("*/*.mp4"))) == 2


def rename(running: Program, entries: dict[str, object], name: str) -> None:
    write_cameras(running.folder, entries)
    folder = running.folder / "recordings" / name
    wait_until(lambda: list(folder.glob("*/*.part")))
    Event().wait(2)


def be_mute(cameras: Iterable[FaultyCamera]) -> None:
    for camera in cameras:
        camera.is_mute = True


def test_a_kill_while_the_sound_is_silent_costs_a_second_of_pictures(data_dir):
    both = {
        "Quiet": FaultyCamera(0, has_sound=True),
        "High": FaultyCamera(1, has_hd=True, has_sound=True),
    }
    lost: list[float] = []
    with CameraThread(both) as thread:
        for wait_s in (1.6, 2.0, 2.37):
            for camera in both.values():
                camera.is_mute = False
            with program(data_dir, cameras(both)) as running:
                until_all_record(running, both)
                Event().wait(1)
                begun = {key: monotonic() for key in both}
                thread.do(lambda: be_mute(both.values()))
                before = {key: camera.counts["sound_withheld"] for key, camera in both.items()}
                Event().wait(wait_s)
                killed = running.kill()
            for key, camera in both.items():
                assert camera.counts["sound_withheld"] - before[key] > FPS
                found = found_in(data_dir, key)
                there = found["sd"] + found["hd"]
                sent = [(at, n) for at, n in camera.sent if begun[key] < at <= killed]
                assert len(sent) > FPS
                lost += [killed - at for at, n in sent if n not in there]
    assert lost
    assert max(lost) <= MOST_LOST_S


def test_what_a_kill_leaves_of_side_cars_thumbnails_and_heartbeats_is_gone_soon(data_dir):
    notes = data_dir.parent / "killed"
    notes.mkdir()
    killing = Path(__file__).parents[2] / "support" / "killing"
    kinds = ("*/heartbeat.json", "*/thumbnails/*.json", "*/thumbnails/*.jpg")
    more = {
        "PYTHONPATH": os.pathsep.join(map(str, (killing, ROOT))),
        "VMS_TEST_KILLS": ":".join(kinds),
        "VMS_TEST_KILLED": str(notes),
    }
    both = {"Door": FaultyCamera(0)}
    with CameraThread(both), program(data_dir, cameras(both), more=more) as running:
        wait_until(lambda: list(notes.iterdir()))
        running.until_state("recording", "Door", 20)
        Event().wait(1.5)
        running.child.kill()  # What it was recording is described and pictured by the next one.
        wait_until(lambda: len(list(notes.iterdir())) == len(kinds), 30)
        left = [note.read_text() for note in notes.iterdir()]
        assert all(name.endswith(".tmp") for name in left)
        wait_until(lambda: not {path.name for path in data_dir.rglob("*.tmp")} & set(left))
        assert running.end(signal.SIGTERM)[0] == 0
    assert not list(data_dir.rglob("*.tmp"))
    assert list((data_dir / "thumbnails").glob("*/*/*.jpg"))
