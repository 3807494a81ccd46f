"""The program as a process: what it prints, how it ends, what it survives."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from time import monotonic

import av
import psutil
import pytest

from tests.support.camera_entries import always, entry
from tests.support.fakes import Behaviour, FakeCamera, Greeting
from tests.support.program import environment, program
from tests.support.video import crossing, encode, write_clip
from tests.support.waiting import wait_until
from vms_desktop import __version__
from vms_desktop.core.base.sleep_watch import STILL_S

pytestmark = pytest.mark.skipif(os.name != "posix", reason="platform: signals")

VIDEO = encode(300, width=160, height=96, fps=15)
SECRET = "s3cr3t"
STATES = {
    "initializing",
    "connecting",
    "live",
    "motion",
    "recording",
    "stream_lost",
    "failed",
    "paused",
    "inactive",
}


def run(*arguments, **more):
    """The program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "vms_desktop", *map(str, arguments)],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def seconds_of(path):
    with av.open(str(path)) as clip:
        return sum(1 for _ in clip.decode(video=0)) / 15


def parts(folder):
    return list((folder / "recordings").glob("*/*/*.part"))


def test_it_prints_states_and_clips_as_json_and_ends_whole_with_a_camera_that_hangs(data_dir):
    falls_mute = [Behaviour(pictures=20), Behaviour(greeting=Greeting.MUTE)]
    with FakeCamera(VIDEO) as camera, FakeCamera(VIDEO, falls_mute) as hanging:
        cameras = {
            "a": always(camera.url(), name="Entrée"),
            "b": entry(hanging.url(), name="B", username="me", password=SECRET),
            "c": entry("x.mp4", name="C", is_active=False),
        }
        with program(data_dir, cameras, "--log-level", "DEBUG") as running:
            running.until_state("recording")
            running.until_state("stream_lost", "b")
            assert SECRET not in everything_said_by_processes(running)
            code, seconds = running.end()
            lines, log = running.lines, running.log
    assert code == 0
    assert seconds < 5
    told = [line for line in lines if "state" in line]
    assert all(line.keys() == {"at", "camera", "id", "state", "reason"} for line in told)
    assert {line["state"] for line in told} <= STATES
    assert [line["state"] for line in told if line["id"] == "c"] == ["inactive"]
    assert [line["reason"] for line in told if line["id"] == "b"][-1] == "timed_out"
    (clip,) = (line for line in lines if "clip" in line)
    assert list(clip) == [
        *("at", "camera", "id", "clip", "start", "event_start", "duration_s", "trigger")
    ]
    assert (clip["camera"], clip["trigger"]) == ("Entrée", "always")
    assert clip["clip"].startswith("recordings/Entree/")
    # What FFmpeg read while it looked at the stream came late and all at once.
    assert seconds_of(data_dir / clip["clip"]) == pytest.approx(clip["duration_s"], abs=1)
    assert not parts(data_dir)
    assert SECRET not in log
    assert SECRET not in (data_dir / "logs" / "vms.log").read_text()


def everything_said_by_processes(running):
    processes = [running.process.pid, running.child.pid]
    texts = [
        psutil.Process(pid).cmdline() + list(psutil.Process(pid).environ().values())
        for pid in processes
    ]
    return str(texts)


def test_with_a_window_it_ends_as_cleanly(data_dir):
    with FakeCamera(VIDEO) as camera:
        with program(data_dir, {"a": always(camera.url())}, headless=False) as running:
            wait_until(lambda: parts(data_dir), 10)
            sent = camera.pictures_sent
            wait_until(lambda: camera.pictures_sent > sent + 15)
            code, seconds = running.end()
        assert code == 0
        assert seconds < 5
        assert "crashed" not in running.log
    (clip,) = data_dir.glob("recordings/Door/*/*.mp4")
    assert seconds_of(clip) > 1


def test_a_killed_child_loses_a_second_and_is_started_again_by_itself(data_dir):
    with FakeCamera(VIDEO) as camera:
        with program(data_dir, {"a": always(camera.url())}) as running:
            running.until_state("recording")
            sent = camera.pictures_sent
            wait_until(lambda: camera.pictures_sent > sent + 45)
            child, killed = running.child, camera.pictures_sent
            (part,) = parts(data_dir)
            child.kill()
            began = monotonic()
            wait_until(lambda: (now := running.child) and now.pid != child.pid, 5)
            wait_until(lambda: running.states().count("recording") == 2, 10)
            assert monotonic() - began < 6
            clip = part.with_suffix(".mp4")
            assert seconds_of(clip) > killed / 15 - 1.6
            thumbnails = data_dir / "thumbnails" / clip.relative_to(data_dir / "recordings")
            wait_until(thumbnails.with_suffix(".jpg").exists)
            assert json.loads(thumbnails.with_suffix(".json").read_text())
            code, _ = running.end()
        assert code == 0
        assert len(list(data_dir.glob("recordings/Door/*/*.mp4"))) == 2


def test_a_stop_of_the_whole_program_is_a_gap_and_clips_end_before_it(data_dir):
    with FakeCamera(VIDEO) as camera, program(data_dir, {"a": always(camera.url())}) as running:
        running.until_state("recording")
        sent = camera.pictures_sent
        wait_until(lambda: camera.pictures_sent > sent + 30)
        processes = [psutil.Process(running.process.pid), running.child]
        for process in processes:
            process.suspend()
        stopped = datetime.now(UTC)
        wait_until(lambda: datetime.now(UTC) - stopped > timedelta(seconds=STILL_S + 1), 8)
        woken = datetime.now(UTC)
        for process in processes:
            process.resume()
        wait_until(lambda: running.states().count("recording") == 2, 10)
        (lost,) = (line for line in running.lines if line.get("state") == "stream_lost")
        assert lost["reason"] == "asleep"
        sent = camera.pictures_sent
        wait_until(lambda: camera.pictures_sent > sent + 30)
        code, _ = running.end()
        assert code == 0
        first, second = running.clips()
    (journal,) = data_dir.glob("gaps/Door/*.jsonl")
    (gap,) = (json.loads(line) for line in journal.read_text().splitlines())
    assert gap["reason"] == "asleep"
    began_at, ended_at = (datetime.fromisoformat(gap[key]) for key in ("from", "to"))
    assert abs(began_at - stopped) < timedelta(seconds=1)
    assert timedelta() <= ended_at - woken < timedelta(seconds=3)
    ends = [
        datetime.fromisoformat(clip["start"]) + timedelta(seconds=clip["duration_s"])
        for clip in (first, second)
    ]
    # Told in milliseconds.
    assert ends[0] <= began_at + timedelta(milliseconds=2)
    assert datetime.fromisoformat(second["start"]) >= woken
    for clip in (first, second):
        # What the last group of packets holds came at once.
        assert seconds_of(data_dir / clip["clip"]) == pytest.approx(clip["duration_s"], abs=0.5)
        sidecar = data_dir / clip["clip"].replace("recordings", "thumbnails", 1)
        described = json.loads(sidecar.with_suffix(".json").read_text())
        assert described["start"][:19] == utc_second(clip["start"])


def utc_second(text):
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def test_a_native_crash_leaves_a_report_and_the_program_goes_on(data_dir):
    with program(data_dir, {}) as running:
        wait_until((data_dir / "recordings" / ".vms").exists, 8)
        child = running.child
        child.send_signal(signal.SIGSEGV)
        wait_until(lambda: (now := running.child) and now.pid != child.pid, 5)
        wait_until(lambda: any((data_dir / "logs").glob("crash-2*.txt")))
        (report,) = (data_dir / "logs").glob("crash-2*.txt")
        text = report.read_text()
        assert "SIGSEGV" in text
        assert "Thread" in text
        assert report.stat().st_mode & 0o777 == 0o600


def test_a_child_whose_parent_is_gone_is_gone_within_a_second(data_dir):
    with FakeCamera(VIDEO) as camera, program(data_dir, {"a": always(camera.url())}) as running:
        running.until_state("recording")
        child = running.child
        running.process.kill()
        running.process.wait()
        began = monotonic()
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 3)
        assert monotonic() - began < 1.3
        with program(data_dir) as again:
            wait_until(lambda: again.states().count("recording") >= 1, 10)


def test_a_second_instance_on_the_same_folder_ends_with_one_line(data_dir):
    with program(data_dir, {}) as running:
        wait_until((data_dir / "recordings" / ".vms").exists, 8)
        second = run("--headless", "--data-dir", data_dir)
        assert running.process.poll() is None
    assert second.returncode == 1
    assert second.stdout == ""
    assert len(second.stderr.splitlines()) == 1
    assert "already running" in second.stderr


@pytest.mark.parametrize(
    "more", [{"QT_QPA_PLATFORM": "xcb"}, {"QT_QPA_PLATFORM": ""}, {"DISPLAY": ":4711"}]
)
def test_without_a_display_one_line_names_the_way_out(data_dir, more):
    none = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": "xcb"}
    ended = run("--data-dir", data_dir, **(none | more))
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "--headless" in ended.stderr


def test_a_folder_that_cannot_be_used_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("--headless", "--data-dir", tmp_path / "file" / "data")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["--page", "nowhere"], ["detect"], ["--log-level", "LOUD"]]
)
def test_wrong_usage_ends_with_two(arguments):
    assert run(*arguments).returncode == 2


def test_the_version_is_told():
    ended = run("--version")
    assert (ended.returncode, ended.stdout) == (0, f"vms-desktop {__version__}\n")


def test_the_demo_runs_and_leaves_the_cameras_alone(data_dir):
    cameras = {"a": entry("mine.mp4")}
    with program(data_dir, cameras, "--demo") as running:
        before = (data_dir / "cameras.json").read_bytes()
        wait_until(lambda: [line.get("state") for line in running.lines].count("live") == 4, 10)
        assert "a" not in {line["id"] for line in running.lines}
        assert running.end()[0] == 0
        assert (data_dir / "cameras.json").read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_ways_of_asking_end_it_too(data_dir, number):
    with program(data_dir, {}) as running:
        wait_until((data_dir / "recordings" / ".vms").exists, 8)
        code, seconds = running.end(number)
    assert code == 0
    assert seconds < 3


def test_it_ends_even_while_it_starts(data_dir):
    with program(data_dir, {}) as running:
        wait_until(lambda: running.child)
        code, seconds = running.end()
    assert code == 0
    assert seconds < 4


def test_detect_prints_the_events_of_a_file(tmp_path):
    path = tmp_path / "scene.mp4"
    write_clip(path, 150, fps=15, paint=crossing([(90, 130)]))
    ended = run("detect", path, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    (event,) = (json.loads(line) for line in ended.stdout.splitlines())
    assert event.keys() == {"start_s", "end_s", "peak_area_px"}
    assert 5.9 < event["start_s"] < 6.7
    assert event["start_s"] < event["end_s"] < 9.5
    plain = run("detect", path)
    assert plain.returncode == 0
    assert "px²" in plain.stdout


def test_detect_shows_its_progress_on_a_terminal_beside_the_output(tmp_path):
    write_clip(tmp_path / "scene.mp4", 30, width=160, height=96)
    terminal, theirs = os.openpty()
    ended = subprocess.run(
        [sys.executable, "-m", "vms_desktop", "detect", tmp_path / "scene.mp4"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=20,
        check=False,
    )
    os.close(theirs)
    shown = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert shown.startswith("\r")
    assert "%\r" in shown
    assert shown.endswith("\r    \r")


def test_detect_tells_what_it_cannot_read(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"nothing" * 100)
    for path in (tmp_path / "x.mp4", tmp_path / "missing.mp4"):
        ended = run("detect", path)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert len(ended.stderr.splitlines()) == 1
