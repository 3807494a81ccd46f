"""The program started twice: the second start shows the window of the first."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from tests.support.waiting import wait_until
from tests.test_program import environment, program, run
from vms_desktop.app import second_start
from vms_desktop.app.second_start import TOKEN_VARIABLES, ShowRequests, ask_to_show, socket_name

posix = pytest.mark.skipif(os.name != "posix", reason="platform: sockets in the file system")


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path, monkeypatch):
    """Where sockets are laid."""
    made = tmp_path / "run"
    made.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made))
    for name in TOKEN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def listening(qapp, data_dir):
    made = ShowRequests(data_dir)
    yield made
    made.deleteLater()


ASK = """
import sys
from pathlib import Path
from vms_desktop.app.second_start import ask_to_show
sys.exit(not ask_to_show(Path(sys.argv[1]), 3.0))
"""


def asked(qtbot, folder):
    """What a second start hears, while the first one's events go on."""
    asking = subprocess.Popen([sys.executable, "-c", ASK, str(folder)], env=environment())
    try:
        qtbot.waitUntil(lambda: asking.poll() is not None, timeout=10_000)
    finally:
        asking.kill()
        asking.wait()
    return asking.returncode == 0


@pytest.mark.parametrize("token", ["", "gnome-shell_time123"])
def test_the_first_is_asked_to_show_its_window_with_the_launchers_token(
    listening, data_dir, qtbot, monkeypatch, token
):
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", token)
    tokens: list[str] = []
    listening.arrived.connect(tokens.append)
    assert asked(qtbot, data_dir)
    assert asked(qtbot, data_dir)
    assert tokens == [token, token]


def test_where_nobody_listens_the_second_start_learns_it_soon(data_dir):
    began = monotonic()
    assert not ask_to_show(data_dir, 0.3)
    assert monotonic() - began < 2


def test_another_data_folder_is_another_program(data_dir, tmp_path):
    assert socket_name(data_dir) != socket_name(tmp_path / "other")


def test_one_that_hangs_is_not_waited_for(listening, data_dir):
    # Its events do not go on: nobody takes the connection.
    assert not ask_to_show(data_dir, 0.3)


@posix
def test_one_path_by_another_name_is_the_same_folder(data_dir, tmp_path):
    (tmp_path / "link").symlink_to(data_dir)
    assert socket_name(tmp_path / "link") == socket_name(data_dir)


@posix
def test_what_a_crash_left_is_no_hindrance(qapp, data_dir, qtbot):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(socket_name(data_dir))
    made = ShowRequests(data_dir)
    assert asked(qtbot, data_dir)
    made.deleteLater()


@posix
def test_the_socket_is_for_its_user_alone(listening, data_dir, monkeypatch):
    name = socket_name(data_dir)
    assert Path(name).stat().st_mode & 0o077 == 0
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    monkeypatch.setattr(second_start, "QLocalSocket", None)  # Whoever connects would fail.
    assert not ask_to_show(data_dir, 0.2)


@posix
def test_nonsense_is_not_answered(listening, data_dir, qtbot):
    tokens: list[str] = []
    listening.arrived.connect(tokens.append)
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(socket_name(data_dir))
        asking.sendall(b"x" * 5000)
        asking.setblocking(False)
        qtbot.waitUntil(lambda: _is_closed(asking))
    assert tokens == []


def _is_closed(asking):
    try:
        return asking.recv(100) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@posix
def test_started_twice_the_program_is_shown_and_the_second_start_ends(data_dir, runtime_folder):
    with program(data_dir, {}, headless=False) as running:
        wait_until(lambda: any(runtime_folder.glob("vms-desktop-*")), 15)
        second = run("--data-dir", data_dir)
        wait_until(lambda: "started once more" in running.log)
        assert running.process.poll() is None
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [f"vms-desktop: already running with {data_dir}"]
