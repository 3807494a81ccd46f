"""A camera that is dead for days: every try to open it fails, and none of them costs anything."""

import os
import socket
import subprocess
import sys

import pytest

from tests.support.program import environment

TRIES, WARM = 10_000, 1_000
MOST_BYTES = 1_000_000
# In a process of its own, in which nothing else comes and goes.
OPENING = """
import sys
from pathlib import Path
import psutil
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.stream.opener import StreamOpener

url, tries, warm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
opener, process, inbox = StreamOpener(Path("."), Clock()), psutil.Process(), Inbox()
camera = CameraConfig(id="1", name="Dead", url_sd=url, username="me", password="x")
failed = before = 0
for number in range(tries + warm):
    if number == warm:
        before = process.memory_info().rss, process.num_fds(), process.num_threads()
    try:
        opener.open(camera, url, inbox)
    except StreamError as err:
        failed += str(err.kind) == "refused"
after = process.memory_info().rss, process.num_fds(), process.num_threads()
print(failed, *(new - old for new, old in zip(after, before)))
"""


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="platform: descriptors")
@pytest.mark.timeout(120)
def test_ten_thousand_tries_in_vain_take_no_memory_no_descriptor_and_no_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"rtsp://127.0.0.1:{port}/live"
    done = subprocess.run(
        [sys.executable, "-c", OPENING, url, str(TRIES), str(WARM)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failed, size_bytes, descriptors, threads = map(int, done.stdout.split())
    assert failed == TRIES + WARM
    assert size_bytes < MOST_BYTES
    # The last try may not have let go of all of it yet.
    assert descriptors <= 2
    assert threads <= 2
