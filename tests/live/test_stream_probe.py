"""The streams of real RTSP cameras are tested: what they are, their sound, their passwords."""

from time import monotonic

import pytest

from tests.support.rtsp_server import LOCKED_PASSWORD, LOCKED_USER
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.camera.stream_probe import StreamAdvice, StreamResult, StreamRole
from vms_desktop.core.config.camera import CameraConfig, Transport
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.workers.camera.stream_probe import StreamProbe, stop_stream_probes

pytestmark = pytest.mark.live

SD, HD = StreamRole.SD, StreamRole.HD


@pytest.fixture
def results_of(qapp, qtbot, tmp_path):
    """Tests a camera and gives the results by role."""
    test = StreamProbe(StreamOpener(tmp_path, Clock()))
    found: dict[StreamRole, StreamResult] = {}
    test.answered.connect(lambda result: found.update({result.role: result}))

    def run(url_sd, url_hd="", **changes):
        camera = CameraConfig(id="1", name="Door", url_sd=url_sd, url_hd=url_hd, **changes)
        found.clear()
        with qtbot.waitSignal(test.finished, timeout=8000):
            test.start(camera)
        return dict(found)

    yield run
    assert stop_stream_probes(monotonic() + 2)


def test_both_streams_of_a_camera_tell_what_they_are(results_of, rtsp_server):
    found = results_of(rtsp_server.url("/cam1/sd"), rtsp_server.url("/cam1/hd"))
    sd, hd = found[SD].facts, found[HD].facts
    assert (found[SD].advice, found[HD].advice) == ((), ())
    assert (sd.codec_name, sd.size, sd.audio) == ("H.264", (320, 180), "")
    assert (hd.codec_name, hd.size) == ("H.264", (640, 360))
    assert (sd.frame_rate, hd.frame_rate) == (pytest.approx(15, 0.1), pytest.approx(15, 0.1))
    assert sd.keyframe_interval_s == pytest.approx(1, abs=0.1)
    assert hd.keyframe_interval_s == pytest.approx(2, abs=0.1)
    assert 10_000 < sd.bit_rate_bps < hd.bit_rate_bps


def test_hd_and_sd_the_wrong_way_round_are_told(results_of, rtsp_server):
    found = results_of(rtsp_server.url("/cam1/hd"), rtsp_server.url("/cam1/sd"))
    assert found[HD].advice == (StreamAdvice.HD_SMALLER,)


@pytest.mark.parametrize(
    "path, codec, audio",
    [("/aac/sd", "H.264", "AAC"), ("/pcma/sd", "H.264", "G.711"), ("/hevc/sd", "H.265", "")],
)
def test_codec_and_sound_are_told(path, codec, audio, results_of, rtsp_server):
    facts = results_of(rtsp_server.url(path))[SD].facts
    assert (facts.codec_name, facts.audio, facts.size) == (codec, audio, (160, 96))


def test_datagrams_are_tested_where_the_camera_is_set_to_them(results_of, rtsp_server):
    found = results_of(rtsp_server.url("/numbered/sd"), transport=Transport.UDP)
    assert found[SD].problem is None


@pytest.mark.parametrize(
    "password, problem", [(LOCKED_PASSWORD, None), ("wrong", Problem.WRONG_PASSWORD)]
)
def test_a_digest_is_answered_or_the_password_called_wrong(
    password, problem, results_of, rtsp_server
):
    url = rtsp_server.url("/locked/sd", credentials=False)
    before = rtsp_server.connected()
    found = results_of(url, url + "/", username=LOCKED_USER, password=password)
    assert found[SD].problem is problem
    if problem:
        assert found[HD].problem is problem
        # HD makes none.
        assert rtsp_server.connected() - before == 1
