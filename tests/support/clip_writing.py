"""What tests of the writing thread write, on a disk that can be made to hang or to fail."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt

from tests.support.packets import BEGAN_AT, CAMERA, small, spec, video_packets
from tests.support.written import sent_pictures, written_numbers
from vms_desktop.core.clips.clip import ClipEnd
from vms_desktop.core.clips.recording import Loss

VIDEO = small(45)
PACKETS = video_packets(VIDEO)
SENT = sent_pictures(VIDEO)
START_AT = BEGAN_AT.astimezone()
END = ClipEnd(START_AT + timedelta(seconds=3), ())


class Disk:
    """`os.write` on a disk that can be made to hang, or to fail."""

    def __init__(self, monkeypatch):
        self.writes = Event()
        self.free = Event()
        self.free.set()
        self.code = 0
        self.codes = []
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor, data):
        self.writes.set()
        self.free.wait()
        if code := self.codes.pop(0) if self.codes else self.code:
            raise OSError(code, os.strerror(code))
        return self._write(descriptor, data)

    def hang(self):
        self.writes.clear()
        self.free.clear()


def begin(worker, config=CAMERA):
    return worker.begin(spec(VIDEO, PACKETS[0], config=config, start_at=START_AT), PACKETS[0], None)


def write(worker, number, packets=PACKETS):
    return [worker.write(number, packet) for packet in packets]


def drained(worker):
    """Wait until the thread has done everything that it was given."""
    done = Event()
    told = worker.snapshot_saved.connect(lambda *_: done.set(), Qt.ConnectionType.DirectConnection)
    worker.save(Path(), b"")
    assert done.wait(5)
    worker.snapshot_saved.disconnect(told)


def clips(layout):
    return sorted(path.name for path in layout.recordings.rglob("*.mp4"))


def parts(layout):
    return sorted(layout.recordings.rglob("*.part"))


def beat(watch, times):
    for _ in range(times):
        watch.pulse.beat()


def numbers(layout):
    """The pictures in each clip, in the clips' order."""
    paths = sorted(layout.recordings.rglob("*.mp4"), key=lambda path: (len(path.name), path.name))
    return [written_numbers(path, SENT) for path in paths]


def told_losses(worker):
    losses: list[Loss] = []
    worker.packets_lost.connect(
        lambda _, loss: losses.append(loss), Qt.ConnectionType.DirectConnection
    )
    return losses


def lost_between(loss):
    """The pictures that arrived within what was told as lost, in whole ms."""
    since, until = (
        (at - START_AT).total_seconds() - 0.001 for at in (loss.since_at, loss.until_at)
    )
    return [number for number, each in enumerate(PACKETS) if since <= each.arrived < until]
