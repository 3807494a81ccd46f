"""The parent process: it starts a program that crashed again, and knows when to give up."""

import os
import signal
import subprocess

import pytest

from vms_desktop.app import supervisor

pytestmark = pytest.mark.skipif(os.name != "posix", reason="platform: signals")


@pytest.mark.parametrize("headless", [True, False])
def test_five_crashes_in_a_minute_are_enough_and_are_said(headless, tmp_path, monkeypatch, capsys):
    codes = iter([-signal.SIGSEGV] * 5)
    monkeypatch.setattr(supervisor, "RESTART_DELAY_S", 0.01)
    run: list[tuple[str, ...]] = []

    class Crashing:
        """Stands in for a child that ends at once."""

        stdin = None

        def __init__(self, command: list[str], **_: object) -> None:
            run.append(tuple(command[2:]))

        def wait(self) -> int:
            return next(codes, 0)

    monkeypatch.setattr(subprocess, "Popen", Crashing)
    assert supervisor.supervise(["--demo"], tmp_path, headless=headless) == 1
    assert "giving up" in capsys.readouterr().err
    assert list(tmp_path.glob("crash-*.txt"))
    said = [] if headless else [("vms_desktop.app.start_failures", str(tmp_path))]
    assert run == [*[("vms_desktop", "--demo")] * 5, *said]


@pytest.mark.parametrize(
    "code, is_crash",
    [
        (0, False),
        (1, False),
        (2, False),
        (-signal.SIGTERM, False),
        (-signal.SIGSEGV, True),
        (-signal.SIGKILL, True),
        (0xC0000005, True),
    ],
)
def test_only_a_native_crash_starts_the_program_again(code, is_crash):
    assert supervisor.crashed(code) is is_crash
