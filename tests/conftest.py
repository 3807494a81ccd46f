"""What every test runs under: no stray log, no forgotten thread, no trace outside its folder."""

import faulthandler
import logging
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import cv2
import pytest
from hypothesis import settings
from PySide6.QtCore import QThread

from tests.support.rtsp_server import RtspServer, default_mounts, missing_parts
from tests.support.screen import offscreen
from tests.support.strategies import LONG, register_profiles
from vms_desktop.core.base.layout import Layout

# opencv-python points Qt at the Qt that it brings along.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
cv2.setNumThreads(1)
register_profiles()

SCREENS_PX = ((1920, 1080), (1024, 640))
# How long a thread that was told to stop may take to be gone.
THREAD_GRACE_S = 2.0
# For a property, whose own bounds come first and name the input; and one with many inputs.
PROPERTY_LIMIT_S, LONG_LIMIT_S = 300, 900

_started_at: "WeakKeyDictionary[Any, str]" = WeakKeyDictionary()


def _remember_starts(kind: type) -> None:
    """Note the line that starts each thread of a kind, so that a forgotten one can be named."""
    start = kind.start  # type: ignore[attr-defined]

    def remembering(self: Any, *args: Any) -> None:
        caller = traceback.extract_stack(limit=2)[0]
        _started_at[self] = f"{caller.filename}:{caller.lineno}"
        start(self, *args)

    kind.start = remembering  # type: ignore[attr-defined]


_remember_starts(threading.Thread)
_remember_starts(QThread)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs what is marked `long` too."""
    parser.addoption("--long", action="store_true", help="run what takes minutes too")


def pytest_configure(config: pytest.Config) -> None:
    """Point everything that a program may write for its user into a folder of this run."""
    faulthandler.enable()
    if config.getoption("--long", default=False):
        settings.load_profile(LONG)
    home = Path(tempfile.mkdtemp(prefix="vms-test-home-"))
    config.add_cleanup(lambda: _remove(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = str(home / name.lower())
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        os.environ.pop(name, None)
    os.environ["LANG"] = "C.UTF-8"
    if os.environ["QT_QPA_PLATFORM"] == "offscreen":
        os.environ["QT_QPA_PLATFORM"] = offscreen(home, *SCREENS_PX)


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the chosen window system cannot show; `scripts/test` runs both kinds.

    What takes minutes is left out too unless it is asked for; properties tried for long may
    take long.
    """
    limit_s = LONG_LIMIT_S if settings.get_current_profile_name() == LONG else PROPERTY_LIMIT_S
    for item in items:
        if item.path.name == "test_properties.py":
            item.add_marker(pytest.mark.timeout(limit_s))
    marks = [] if config.getoption("--long") else ["long"]
    if os.environ["QT_QPA_PLATFORM"].startswith("offscreen"):
        marks.append("window")
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in marks)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one, unless its platform is the reason."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    if report.skipped:
        _refuse_skip(report)
    return report


def _refuse_skip(report: Any) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if os.environ.get("CI") and not reason.removeprefix("Skipped: ").startswith("platform:"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}"


@pytest.fixture(autouse=True)
def _no_errors_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs an error, unless it is marked `expects_log_errors`."""
    errors: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: errors.append(f"{record.name}: {record.getMessage()}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if errors and not request.node.get_closest_marker("expects_log_errors"):
        pytest.fail("errors were logged:\n  " + "\n  ".join(errors))


@pytest.fixture(autouse=True)
def _no_threads_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running, and name the line that started it."""
    before = set(threading.enumerate())
    qt_before = {thread for thread in _qt_threads() if thread.isRunning()}
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    names = [f"{thread.name} ({_started_at[thread]})" for thread in left if _stays(thread)]
    names += [
        f"{thread.objectName() or type(thread).__name__} ({_started_at[thread]})"
        for thread in _qt_threads()
        if thread not in qt_before and not thread.wait(int(THREAD_GRACE_S * 1000))
    ]
    if names and not request.node.get_closest_marker("keeps_threads"):
        pytest.fail("threads were left running: " + ", ".join(names))


def _stays(thread: threading.Thread) -> bool:
    # Threads that Python did not start (Qt's, FFmpeg's) show up without a start and cannot be
    # joined; a QThread among them is judged as a QThread.
    if thread not in _started_at:
        return False
    thread.join(THREAD_GRACE_S)
    return thread.is_alive()


def _qt_threads() -> list[QThread]:
    from shiboken6 import isValid

    return [
        thread for thread in list(_started_at) if isinstance(thread, QThread) and isValid(thread)
    ]


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """The command line that Qt sees."""
    return ["vms-desktop-tests"]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Where everything lies in an empty data folder."""
    return Layout(tmp_path)


@pytest.fixture(scope="session")
def rtsp_server() -> Iterator[RtspServer]:
    """A real RTSP server with the mounts of `tests.support.rtsp_server.default_mounts`."""
    if sys.platform != "linux":
        pytest.skip("platform: the RTSP server needs Linux")
    if missing := missing_parts():
        pytest.skip(f"no RTSP server: {missing}")
    with RtspServer(default_mounts()) as server:
        yield server
