"""The lock for disks that have none, and when it stands in."""

import json
import os
import subprocess
import sys

import pytest

from vms_desktop.core.base import pulse_lock
from vms_desktop.core.base.pulse_lock import SILENT_BEATS, HeldError, PulseLock


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(pulse_lock, "SETTLE_S", 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".lock.running"


def held(path, **how):
    lock = PulseLock(path, **how)
    lock.acquire()
    return lock


def write_owner(path, **owner):
    path.write_text(json.dumps({"token": "x", "beats": "1"} | owner))


def nobody():
    """A process number that no process has."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def test_a_second_start_is_refused_until_the_first_lets_go(path):
    first = held(path)
    with pytest.raises(HeldError):
        held(path)
    first.release()
    assert not path.exists()
    held(path).release()


@pytest.mark.parametrize("pid, began", [(nobody(), 1.0), (os.getpid(), 1.0), ("text", None)])
def test_an_owner_that_is_gone_is_no_owner_also_where_its_number_is_used_again(path, pid, began):
    write_owner(path, place="here", pid=pid, began=began)
    pauses: list[float] = []
    held(path, place="here", pause=pauses.append).release()
    assert pauses == [0], "on one machine nobody has to wait"


def test_an_owner_elsewhere_is_alive_as_long_as_its_file_changes(path):
    owner = held(path, place="there")
    with pytest.raises(HeldError):
        held(path, place="here", pause=lambda _: owner.beat())
    owner.release()


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"place": "there", "pid": 1}'])
def test_an_owner_elsewhere_whose_file_stands_still_is_gone(path, left):
    path.write_bytes(left)
    pauses: list[float] = []
    held(path, place="here", pause=pauses.append).release()
    assert len(pauses) == SILENT_BEATS + 1


def test_of_two_that_find_the_same_dead_owner_one_stays(path):
    write_owner(path, place="here", pid=nobody(), began=1.0)

    def another_is_faster(_):
        write_owner(path, place="here", pid=os.getpid(), began=1.0, token="another")

    with pytest.raises(HeldError):
        held(path, place="here", pause=another_is_faster)
    assert json.loads(path.read_bytes())["token"] == "another"


def test_letting_go_leaves_alone_what_is_another_ones(path):
    lock = held(path)
    write_owner(path, token="another")
    lock.release()
    assert path.exists()


def test_a_lock_in_which_nonsense_stands_is_taken(path):
    path.write_bytes(b"[" * 5000 + b"]" * 5000)
    held(path, pause=lambda _: None).release()
