"""The thread in which one camera's clips and snapshots are written."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Lock
from time import monotonic

import av
from PySide6.QtCore import QObject, QThread, Signal

from vms_desktop.core.base import DiskCalls, StorageError, StorageProblem, write_whole
from vms_desktop.core.clips import (
    Clip,
    ClipEnd,
    ClipSpec,
    ClipStore,
    DiskBuffer,
    Loss,
    PacketsLost,
    Recording,
    TellEnd,
    WaitingEnd,
    WaitingPacket,
)
from vms_desktop.core.library import CameraDisk, StorageWatch
from vms_desktop.core.stream import AudioFacts, Packet
from vms_desktop.workers import run_until_done

log = logging.getLogger(__name__)

# REC is shown only while what came reaches the disk within this time.
BEHIND_S = 5.0

Job = Callable[[], None]


@dataclass(slots=True)
class _Writing:
    """A recording, and how far behind its session it is.

    Attributes:
        waiting: How many of its packets wait or are being written.
        is_ending: Its session has ended it, and that waits or is being done.
        waits_since: Since when the oldest of all this waits.
    """

    recording: Recording
    is_begun: bool = False
    waiting: int = 0
    is_ending: bool = False
    waits_since: float = 0.0

    def reaches_disk(self, now: float) -> bool:
        """True if what came is written in time; nothing may have come for a while."""
        is_behind = self.waits and now - self.waits_since > BEHIND_S
        return self.is_begun and not is_behind and not self.recording.is_broken

    @property
    def waits(self) -> bool:
        """Whether there is anything to be done for it."""
        return self.waiting > 0 or self.is_ending


class ClipWorker(QThread):
    """Writes what a camera's sessions hand over, in the order in which it comes.

    A disk that hangs stops this thread and no other; what comes meanwhile waits in `buffer`,
    which all cameras share. The sink methods may be called from the sessions' threads, the
    rest belongs to the GUI thread and `run()` to its own.

    Args:
        tell_end: Asked where a clip ends and its session has not said how.

    Signals:
        clip_closed: A `Clip` is whole and has its name.
        packets_lost: Camera id and a `Loss`.
        snapshot_saved: Camera id and path, empty where it could not be saved.
    """

    clip_closed = Signal(object)
    packets_lost = Signal(str, object)
    snapshot_saved = Signal(str, str)

    def __init__(
        self,
        camera_id: str,
        clip_store: ClipStore,
        watch: StorageWatch,
        buffer: DiskBuffer,
        tell_end: TellEnd = lambda _start, _last, end_at: ClipEnd(end_at, ()),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"clips-{camera_id}")
        self._camera_id = camera_id
        self._clip_store = clip_store
        self._watch = watch
        self._tell_end = tell_end
        self._queue = buffer.queue()
        self._calls = DiskCalls(watch.pulse)
        self._numbers = count(1)
        self._lock = Lock()
        self._writing: dict[int, _Writing] = {}
        self._claims: list[Job] = []
        self._disk = CameraDisk(watch, self._calls, self._waits)
        self._told = ""

    # What the sessions call.

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written at the moment, or less than comes."""
        return self._disk.problem(monotonic())

    @property
    def ready(self) -> bool:
        """Whether a clip may begin: on a disk that only hangs, too, where it waits."""
        return self._disk.may_begin(monotonic())

    def begin(self, spec: ClipSpec, first: Packet, audio: AudioFacts | None) -> int:
        """Begin a clip; gives its number."""
        number = next(self._numbers)
        writing = _Writing(
            Recording(self._clip_store, spec, first, audio, self._calls, self._tell_end, self)
        )
        with self._lock:
            self._writing[number] = writing
        return number

    def write(self, number: int, packet: Packet) -> bool:
        """Take a packet; False once the clip could not be written on."""
        writing = self._writing.get(number)
        if writing is None:
            return False  # The end came meanwhile.
        now = monotonic()
        if writing.recording.is_broken or self._disk.is_gone(now):
            return False
        with self._lock:
            if not writing.waits:
                writing.waits_since = now
                self._disk.kept_up()
            writing.waiting += 1
        self._queue.put_packet(number, packet)
        return True

    def finish(self, number: int, end: ClipEnd) -> None:
        """End a clip, whole or with what there is of it."""
        if writing := self._writing.get(number):
            with self._lock:
                if not writing.waits:
                    writing.waits_since = monotonic()
                writing.is_ending = True
        self._queue.put_end(number, end)

    def save(self, path: Path, data: bytes) -> None:
        """Write a snapshot; empty data tells that there was no picture to save."""
        if not self._queue.put(lambda: self._save(path, data), len(data)):
            self.snapshot_saved.emit(self._camera_id, "")

    def recording_since(self, now: float) -> datetime | None:
        """The beginning of the clip that reaches the disk now; None where none does."""
        if not self._writing:  # Without the lock: asked for every frame.
            return None
        with self._lock:
            reaching = [
                writing.recording.spec.start_at
                for writing in self._writing.values()
                if writing.reaches_disk(now)
            ]
        return min(reaching, default=None)

    def _waits(self) -> bool:
        with self._lock:
            return any(each.waits for each in self._writing.values())

    # What the GUI thread calls.

    def claim(self, job: Job) -> None:
        """Run a job once no file is open: what moves the camera's folder."""
        self._queue.put(lambda: self._claim(job))

    def stop(self) -> None:
        """Ask the thread to end when everything handed over is written. Returns at once."""
        self._queue.put(self._end)

    def abandon(self) -> None:
        """Tell what is lost where the thread does not come back from the disk in time."""
        with self._lock:
            unwritten = [each.recording for each in self._writing.values() if each.waiting]
        problem = self._disk.why_unwritten()
        for recording in unwritten:
            self.packets_lost.emit(self._camera_id, recording.unwritten(monotonic(), problem))

    def run(self) -> None:
        run_until_done(self, self._work)
        self._queue.close()

    # What the recordings tell, in the thread.

    def closed(self, clip: Clip, *, is_whole: bool) -> None:
        if is_whole:
            self._told = ""
        self.clip_closed.emit(clip)

    def lost(self, loss: Loss) -> None:
        lasted_s = (loss.until_at - loss.since_at).total_seconds()
        log.warning("%s: %.1f s are lost: %s", self.objectName(), lasted_s, loss.problem)
        self.packets_lost.emit(self._camera_id, loss)

    def failed(self, err: StorageError | av.FFmpegError) -> None:
        """Remember a failure of the disk; a muxer's concerns its clip alone.

        Told once, until a clip has been closed well again.
        """
        if str(err) != self._told:
            log.warning("%s: %s", self.objectName(), err)
        self._told = str(err)
        if isinstance(err, StorageError):
            self._disk.failed(err.kind, monotonic())

    # What runs in the thread.

    def _work(self) -> None:
        while (entry := self._queue.take()) is not None:
            if isinstance(entry, WaitingPacket):
                self._write(entry)
            elif isinstance(entry, WaitingEnd):
                self._finish(entry.clip, entry.end)
            elif isinstance(entry, PacketsLost):
                self._lose(entry)
            else:
                entry()

    def _end(self) -> None:
        for number in list(self._writing):
            # None for a clip whose session hangs and cannot say so itself.
            self._queue.put_end(number, None)
        self._queue.put(None)

    def _write(self, waiting: WaitingPacket) -> None:
        writing = self._writing.get(waiting.clip)
        if writing is None:
            return
        writing.waits_since = waiting.at
        now = monotonic()
        if now - waiting.at <= BEHIND_S:
            self._disk.kept_up()
        try:
            is_written = writing.recording.write(waiting, now)
        finally:
            with self._lock:
                writing.waiting -= 1
        if is_written:
            self._watch.recorded(waiting.packet.size_bytes)
            self._disk.written(now)
            writing.is_begun = True

    def _lose(self, lost: PacketsLost) -> None:
        writing = self._writing.get(lost.clip)
        if writing is None:
            return
        with self._lock:
            writing.waiting -= lost.count
        writing.recording.lose(lost, self._disk.why_dropped(lost.since))

    def _finish(self, number: int, end: ClipEnd | None) -> None:
        with self._lock:
            writing = self._writing.get(number)
        if writing is None:
            return  # Its session said so in the last moment.
        try:
            writing.recording.end(end)
        finally:
            with self._lock:
                del self._writing[number]
        self._run_claims()

    def _claim(self, job: Job) -> None:
        self._claims.append(job)
        self._run_claims()

    def _run_claims(self) -> None:
        # Also a clip that has no file yet carries the old name.
        while self._claims and not self._writing:
            with self._calls:
                self._claims.pop(0)()

    def _save(self, path: Path, data: bytes) -> None:
        saved = ""
        if data:
            try:
                with self._calls:
                    write_whole(path, data, mode=0o644)
                saved = str(path)
            except StorageError as err:
                log.warning("snapshot not saved: %s", err)
        self.snapshot_saved.emit(self._camera_id, saved)
