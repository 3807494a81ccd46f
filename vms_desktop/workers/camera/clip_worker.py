"""The thread in which one camera's clips and snapshots are written."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from time import monotonic

import av
from PySide6.QtCore import QObject, QThread, Signal

from vms_desktop.core.base import StorageError, StorageProblem, write_whole
from vms_desktop.core.clips import Clip, ClipEnd, ClipSpec, ClipStore, OpenClip
from vms_desktop.core.library import StorageWatch, disk_hangs
from vms_desktop.core.stream import AudioFacts, Packet
from vms_desktop.workers import run_until_done

log = logging.getLogger(__name__)

# REC is shown only while what came reaches the disk within this time.
BEHIND_S = 5.0
# After a failure, how long until the next clip is tried.
RETRY_S = 3.0
# What may wait for a slow disk, per camera.
MAX_QUEUED_BYTES = 64 * 2**20

# The file of a folder that is gone still takes bytes, and nobody will ever find them.
_OUT_OF_REACH = frozenset({StorageProblem.HANGING, StorageProblem.MISSING})

Job = Callable[[], None]


@dataclass(slots=True)
class _Writing:
    clip: OpenClip
    last: float
    written_at: float | None = None
    waiting: int = 0
    waits_since: float = 0.0
    broken: bool = False

    def reaches_disk(self, now: float) -> bool:
        """True if what came is written in time; nothing may have come for a while."""
        is_behind = self.waiting > 0 and now - self.waits_since > BEHIND_S
        return self.written_at is not None and not is_behind and not self.broken


class ClipWorker(QThread):
    """Writes what a camera's sessions hand over, in the order in which it comes.

    A disk that hangs stops this thread and no other. The sink methods may be
    called from the sessions' threads, the rest belongs to the GUI thread and
    `run()` to its own.

    Signals:
        clip_closed: A `Clip` is whole and has its name.
        snapshot_saved: Camera id and path, empty where it could not be saved.
    """

    clip_closed = Signal(object)
    snapshot_saved = Signal(str, str)

    def __init__(
        self,
        camera_id: str,
        clip_store: ClipStore,
        watch: StorageWatch,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"clips-{camera_id}")
        self._camera_id = camera_id
        self._clip_store = clip_store
        self._watch = watch
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._numbers = count(1)
        self._lock = Lock()
        self._queued_bytes = 0
        self._writing: dict[int, _Writing] = {}
        self._claims: list[Job] = []
        self._busy_since: float | None = None
        self._failure: tuple[StorageProblem, float] | None = None
        self._told = ""

    # What the sessions call.

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written at the moment."""
        if disk_hangs(self._busy_since):
            return StorageProblem.HANGING
        failure = self._failure
        if failure and monotonic() - failure[1] < RETRY_S:
            return failure[0]
        return self._watch.problem

    @property
    def ready(self) -> bool:
        """Whether a clip may begin."""
        has_room = self._queued_bytes < MAX_QUEUED_BYTES // 2
        return self._watch.ready and has_room and self.problem is None

    def begin(self, spec: ClipSpec, first: Packet, audio: AudioFacts | None) -> int:
        """Begin a clip; gives its number."""
        number = next(self._numbers)
        writing = _Writing(self._clip_store.begin(spec, first, audio), first.arrived)
        with self._lock:
            self._writing[number] = writing
        return number

    def write(self, number: int, packet: Packet) -> bool:
        """Take a packet; False once the clip could not be written on."""
        writing = self._writing[number]
        if writing.broken or self.problem in _OUT_OF_REACH:
            return False
        with self._lock:
            if self._queued_bytes + packet.size_bytes > MAX_QUEUED_BYTES:
                return False
            self._queued_bytes += packet.size_bytes
            if not writing.waiting:
                writing.waits_since = monotonic()
            writing.waiting += 1
        self._jobs.put(lambda: self._write(writing, packet))
        return True

    def finish(self, number: int, end: ClipEnd) -> None:
        """End a clip, whole or with what there is of it."""
        self._jobs.put(lambda: self._finish(number, end))

    def save(self, path: Path, data: bytes) -> None:
        """Write a snapshot; empty data tells that there was no picture to save."""
        self._jobs.put(lambda: self._save(path, data))

    def recording_since(self, now: float) -> datetime | None:
        """The beginning of the clip that reaches the disk now; None where none does."""
        if not self._writing:  # Without the lock: asked for every frame.
            return None
        with self._lock:
            reaching = [
                writing.clip.spec.start_at
                for writing in self._writing.values()
                if writing.reaches_disk(now)
            ]
        return min(reaching, default=None)

    # What the GUI thread calls.

    def claim(self, job: Job) -> None:
        """Run a job once no file is open: what moves the camera's folder."""
        self._jobs.put(lambda: self._claim(job))

    def stop(self) -> None:
        """Ask the thread to end when everything handed over is written. Returns at once."""
        self._jobs.put(self._end)

    def run(self) -> None:
        run_until_done(self, self._work)

    # What runs in the thread.

    def _work(self) -> None:
        self._busy_since = None
        while (job := self._jobs.get()) is not None:
            self._busy_since = monotonic()
            job()
            self._busy_since = None

    def _end(self) -> None:
        for number in list(self._writing):
            self._jobs.put(partial(self._end_here, number))
        self._jobs.put(None)

    def _write(self, writing: _Writing, packet: Packet) -> None:
        with self._lock:
            self._queued_bytes -= packet.size_bytes
        if writing.broken:
            return
        try:
            writing.clip.write(packet)
        except (StorageError, av.FFmpegError) as err:
            # In this order: whoever sees the clip broken asks next whether it was the disk.
            self._note(err)
            writing.broken = True
        else:
            self._watch.recorded(packet.size_bytes)
            writing.last = packet.arrived
            writing.written_at = writing.waits_since = monotonic()
            self._failure = None
            with self._lock:
                writing.waiting -= 1

    def _finish(self, number: int, end: ClipEnd) -> None:
        with self._lock:
            writing = self._writing[number]
        try:
            clip = self._close(writing, end)
        finally:
            with self._lock:
                del self._writing[number]
        if clip:
            self.clip_closed.emit(clip)
        self._run_claims()

    def _end_here(self, number: int) -> None:
        """End a clip whose session hangs and cannot say so itself."""
        writing = self._writing.get(number)
        if writing is None:
            return  # Its session said so in the last moment.
        spec = writing.clip.spec
        end_at = spec.start_at + timedelta(seconds=writing.last - spec.start)
        self._finish(number, ClipEnd(end_at, ()))

    def _claim(self, job: Job) -> None:
        self._claims.append(job)
        self._run_claims()

    def _run_claims(self) -> None:
        # Also a clip that has no file yet carries the old name.
        while self._claims and not self._writing:
            self._claims.pop(0)()

    def _close(self, writing: _Writing, end: ClipEnd) -> Clip | None:
        if not writing.broken and writing.clip.part is not None:
            try:
                closed = writing.clip.close(end)
            except (StorageError, av.FFmpegError) as err:
                self._note(err)
            else:
                self._told = ""
                return closed
        return writing.clip.salvage(end)

    def _save(self, path: Path, data: bytes) -> None:
        saved = ""
        if data:
            try:
                write_whole(path, data, mode=0o644)
                saved = str(path)
            except StorageError as err:
                log.warning("snapshot not saved: %s", err)
        self.snapshot_saved.emit(self._camera_id, saved)

    def _note(self, err: Exception) -> None:
        """Remember a failure of the disk; a muxer's concerns its clip alone.

        Told once, until a clip has been closed well again.
        """
        if str(err) != self._told:
            log.warning("%s: %s", self.objectName(), err)
        self._told = str(err)
        if isinstance(err, StorageError):
            self._failure = (err.kind, monotonic())
