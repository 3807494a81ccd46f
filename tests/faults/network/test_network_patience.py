"""What takes a camera, or the program, minutes: passwords, slow answers, slow streams, crashes."""

import os
import signal
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from tests.support.camera_entries import always
from tests.support.camera_thread import CameraThread, FaultyCamera
from tests.support.fakes import Behaviour, FakeCamera, Greeting
from tests.support.program import Program, program
from tests.support.sent_and_recorded import fault_video
from tests.support.sentinel import LOGIN, leaks, with_login
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="platform: signals"),
    pytest.mark.timeout(240),
]

PASSWORD_APART_S = 30.0
ANSWER_S = 30.0
EVERY_S = 4.0


def test_what_takes_long_is_waited_for_and_no_longer(data_dir: Path) -> None:
    """A password that is refused, answers that take 7 s each, none at all, seldom a picture."""
    cameras = {
        "locked": FaultyCamera(0, has_hd=True),
        "slow": FaultyCamera(1),
        "rare": FaultyCamera(2),
    }
    cameras["locked"].refuses = True
    # Four answers before the first packet: 28 s.
    cameras["slow"].answers_after_s = 7.0
    cameras["rare"].every = round(EVERY_S * 10)
    mute = FakeCamera(fault_video(), (Behaviour(greeting=Greeting.MUTE),))
    with CameraThread(cameras), mute:
        entries = {key: camera.entry(key) for key, camera in cameras.items()}
        entries["mute"] = with_login(always(mute.url(), name="mute"))
        with program(data_dir, entries) as running:
            began = monotonic()
            wait_until(lambda: "stream_lost" in running.states("mute"), 45)
            # It starts meanwhile.
            assert ANSWER_S - 1 < monotonic() - began < ANSWER_S + 5
            running.until_state("recording", "slow", 45)
            assert cameras["slow"].counts["plays"] == 1
            wait_until(lambda: cameras["locked"].counts["refused"] == 3, 3 * PASSWORD_APART_S)
            assert monotonic() - began > 2 * PASSWORD_APART_S - 2
            running.until_state("recording", "rare", 45)
            came = len(cameras["rare"].came)
            Event().wait(PASSWORD_APART_S + 10)
            # Not a fourth time before an hour has passed.
            assert cameras["locked"].counts["refused"] == 3
            last = [line for line in running.lines if line["id"] == "locked"][-1]
            assert (last["state"], last["reason"]) == ("failed", "wrong_password")
            # A picture every four seconds is no silence.
            assert len(cameras["rare"].came) == came
            assert running.states("rare")[-1] == "recording"
            assert cameras["rare"].counts["sent"] > 8
            code, seconds = running.end()
    assert code == 0
    assert seconds < 5
    assert not list(data_dir.rglob("*.part"))
    assert leaks(data_dir) == []


def until_recorded(running: Program, times: int) -> None:
    """Wait until the camera was recorded from so many times."""
    try:
        wait_until(lambda: running.states().count("recording") >= times, 20)
    except AssertionError as err:
        raise AssertionError(f"{err}: {running.states()}, {running.log[-2000:]}") from None


def test_a_program_that_crashes_again_and_again_is_given_up_with_a_report_and_no_clip_lost(
    data_dir: Path,
) -> None:
    with FakeCamera(fault_video(), (LOGIN,)) as camera:
        with program(data_dir, {"a": with_login(always(camera.url()))}) as running:
            for number in range(1, 6):
                until_recorded(running, number)
                Event().wait(1)
                child = running.child
                assert child
                child.send_signal(signal.SIGSEGV)
                if number < 5:
                    running.until_another_child(child, 5)
            code = running.process.wait(10)
            assert code != 0
            assert "crashed" in running.log
        assert len(list((data_dir / "logs").glob("crash-2*.txt"))) == 5
        with program(data_dir) as again:
            again.until_state("recording", timeout_s=20)
            assert again.end()[0] == 0
    assert not list(data_dir.rglob("*.part"))
    assert len(list(data_dir.glob("recordings/Door/*/*.mp4"))) == 6
