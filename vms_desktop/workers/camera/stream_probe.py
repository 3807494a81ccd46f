"""The test of a camera's streams, in threads of its own."""

from PySide6.QtCore import QObject, QThread, Signal

from vms_desktop.core.camera import CameraProbe, StreamResult, StreamRole
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.stream import StreamOpener
from vms_desktop.workers import join_all, run_guarded

# FFmpeg's opening cannot be interrupted: a thread outlives the dialog that began it by up to
# 5 s, and a QThread that is deleted while it runs takes the process down.
_started: "list[_StreamThread]" = []


class StreamProbe(QObject):
    """Tests both streams of a camera, again and again if asked to. Belongs to the GUI thread.

    Signals:
        answered: A `StreamResult`; one per stream.
        finished: Every stream has answered, or the test was cancelled.
    """

    answered = Signal(object)
    finished = Signal()

    def __init__(self, opener: StreamOpener, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._threads: list[_StreamThread] = []
        # A bound method would be gone by then.
        threads = self._threads
        self.destroyed.connect(lambda: _stop(threads))

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._threads)

    def start(self, camera: CameraConfig) -> None:
        """Begin; a test that runs is given up without a word."""
        self._give_up()
        test = CameraProbe(self._opener, camera)
        self._threads += [_StreamThread(test, role) for role in test.roles]
        _started[:] = [*filter(QThread.isRunning, _started), *self._threads]
        for thread in self._threads:
            thread.done.connect(self._take)
            thread.start()

    def cancel(self) -> None:
        """End the test at once; its threads follow with the next packet. No answer comes after."""
        if self._threads:
            self._give_up()
            self.finished.emit()

    def _give_up(self) -> None:
        _stop(self._threads)
        self._threads.clear()

    def _take(self, thread: "_StreamThread", result: StreamResult | None) -> None:
        if thread not in self._threads:
            return
        self._threads.remove(thread)
        if result:
            self.answered.emit(result)
        if not self._threads:
            self.finished.emit()


def stop_stream_probes(deadline: float) -> bool:
    """End every test that runs in this process by monotonic `deadline`; whether all are gone."""
    _stop(_started)
    return join_all(_started, deadline)


class _StreamThread(QThread):
    """Tests one stream.

    Signals:
        done: Itself, and the `StreamResult`; None where there is none.
    """

    done = Signal(object, object)

    def __init__(self, test: CameraProbe, role: StreamRole) -> None:
        super().__init__()
        self.setObjectName(f"test-{role}")
        self.test = test
        self._role = role

    def run(self) -> None:
        # After a bug, too, whoever waits is told: there is no result.
        run_guarded(self, self._try, lambda: self.done.emit(self, None))

    def _try(self) -> None:
        self.done.emit(self, self.test.run(self._role))


def _stop(threads: "list[_StreamThread]") -> None:
    for thread in threads:
        thread.test.stop()
