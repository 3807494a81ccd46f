"""Testing a camera's streams blocks nobody, can be cancelled, and leaves no thread behind."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QCoreApplication, QObject

from tests.support.fakes import Behaviour, FakeCamera, Greeting
from tests.support.packets import small
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.camera.stream_probe import StreamResult, StreamRole
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.stream import Stream
from vms_desktop.workers.camera.stream_probe import StreamProbe, stop_stream_probes

VIDEO = small(60)
MUTE = Behaviour(greeting=Greeting.MUTE)
CLOCK = Clock()


def config(camera):
    return CameraConfig(id="1", name="Door", url_sd=camera.url(), url_hd=camera.url() + "/hd")


class ToldProbe(StreamProbe):
    """A test that keeps its answers, and how many there were each time it ended."""

    def __init__(self, opener: StreamOpener) -> None:
        super().__init__(opener)
        self.results: list[StreamResult] = []
        self.ends: list[int] = []
        self.answered.connect(self.results.append)
        self.finished.connect(lambda: self.ends.append(len(self.results)))


@pytest.fixture
def stream_test(qapp: object, tmp_path: Path) -> Iterator[ToldProbe]:
    test = ToldProbe(StreamOpener(tmp_path, CLOCK))
    yield test
    test.cancel()
    assert stop_stream_probes(monotonic() + 6)


def test_both_streams_answer_and_then_the_test_is_finished(stream_test, qtbot):
    with FakeCamera(VIDEO) as camera, qtbot.waitSignal(stream_test.finished):
        stream_test.start(config(camera))
        assert stream_test.running
    assert {result.role for result in stream_test.results} == set(StreamRole)
    assert all(result.facts for result in stream_test.results)
    assert (stream_test.ends, stream_test.running) == ([2], False)


def test_a_stream_that_fails_answers_at_once_and_does_not_wait_for_the_other(stream_test, qtbot):
    with FakeCamera(VIDEO) as sd, FakeCamera(VIDEO, [MUTE]) as hd:
        sd.refuse()
        camera = CameraConfig(id="1", name="Door", url_sd=sd.url(), url_hd=hd.url())
        with qtbot.waitSignal(stream_test.answered):
            stream_test.start(camera)
        result = stream_test.results[0]
        assert (result.role, result.problem) == (StreamRole.SD, Problem.REFUSED)
        assert stream_test.running


@pytest.mark.parametrize("behaviour", [MUTE, Behaviour()], ids=["connecting", "reading"])
def test_cancelling_is_instant_and_the_threads_follow_within_a_second(
    behaviour, stream_test, qtbot
):
    with FakeCamera(VIDEO, [behaviour]) as camera:
        stream_test.start(config(camera))
        qtbot.waitUntil(lambda: len(camera.connections) >= 2)
        began = monotonic()
        stream_test.cancel()
        assert monotonic() - began < 0.1
        assert (stream_test.ends, stream_test.running) == ([0], False)
        assert stop_stream_probes(monotonic() + 1)
    QCoreApplication.processEvents()  # What they have told by now.
    assert (stream_test.results, stream_test.ends) == ([], [0])


def test_cancelling_nothing_tells_nothing(stream_test):
    stream_test.cancel()
    assert stream_test.ends == []


def test_a_test_begun_anew_answers_for_the_new_camera_alone(stream_test, qtbot):
    with FakeCamera(VIDEO, [MUTE]) as mute, FakeCamera(VIDEO) as good:
        stream_test.start(config(mute))
        qtbot.waitUntil(lambda: bool(mute.connections))
        with qtbot.waitSignal(stream_test.finished):
            stream_test.start(config(good))
    assert [result.problem for result in stream_test.results] == [None, None]
    assert stream_test.ends == [2]


def test_beginning_does_not_wait_for_an_unknown_host(stream_test):
    camera = CameraConfig(id="1", name="Door", url_sd="rtsp://no-such-camera.invalid/x")
    began = monotonic()
    stream_test.start(camera)
    assert monotonic() - began < 0.2


def test_a_dialog_that_is_gone_ends_its_test(qapp, qtbot, tmp_path):
    dialog = QObject()
    with FakeCamera(VIDEO, [MUTE]) as camera:
        test = StreamProbe(StreamOpener(tmp_path, CLOCK), dialog)
        test.start(config(camera))
        qtbot.waitUntil(lambda: bool(camera.connections))
        dialog.deleteLater()
        qtbot.waitUntil(lambda: camera.open_connections() == 0, timeout=1000)
    assert stop_stream_probes(monotonic() + 1)


def test_the_end_of_the_program_ends_every_test(stream_test, qtbot):
    with FakeCamera(VIDEO, [MUTE]) as camera:
        stream_test.start(config(camera))
        qtbot.waitUntil(lambda: bool(camera.connections))
        assert not stop_stream_probes(monotonic())
        assert stop_stream_probes(monotonic() + 1)


@pytest.mark.expects_log_errors
def test_a_bug_in_a_test_leaves_no_button_waiting(qapp, qtbot, tmp_path):
    class Broken(StreamOpener):
        def open(self, *_: object) -> Stream:
            raise RuntimeError("a bug")

    test = StreamProbe(Broken(tmp_path, CLOCK))
    login = "rtsp://me:secret@127.0.0.1/"
    camera = CameraConfig(id="1", name="Door", url_sd=login, url_hd=login + "hd")
    with qtbot.waitSignal(test.finished):
        test.start(camera)
    assert stop_stream_probes(monotonic() + 1)
