"""A camera is asked without its password before FFmpeg, which would carry it anywhere, is."""

from time import monotonic

import pytest

from tests.support.fakes import Behaviour, FakeCamera, Greeting
from tests.support.rtsp_camera import SECRET, VIDEO, never, opens, taken
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.address import network_address, parse_network
from vms_desktop.core.config.camera import Transport
from vms_desktop.core.stream.network.login import MOST_REDIRECTS
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.core.stream.packets.patience import Patience
from vms_desktop.core.stream.rtsp.opening import probe

# Another host by its name, where nonetheless somebody listens.
ABROAD = "localhost"


def probed(url, stopped=never, limit_s=2.0):
    patience = Patience(connect_s=limit_s, answer_s=limit_s)
    probe(parse_network(url), stopped, patience, verify=True)


def problem_of(url, stopped=never, limit_s=2.0):
    with pytest.raises(StreamError) as caught:
        probed(url, stopped, limit_s)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail}"
    assert caught.value.answered
    return caught.value.kind


def to(camera, path="other", host="127.0.0.1"):
    """A camera's behaviour that sends on to another."""
    return Behaviour(redirect=f"rtsp://{host}:{camera.port}/{path}")


def test_a_camera_that_takes_the_connection_and_says_nothing_times_out():
    began = monotonic()
    with FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera:
        assert problem_of(camera.url("me", SECRET), limit_s=0.6) is Problem.TIMED_OUT
    assert 0.5 < monotonic() - began < 1.5


def test_waiting_for_an_answer_ends_when_the_program_does():
    began = monotonic()
    with FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera:
        assert problem_of(camera.url(), lambda: monotonic() - began > 0.3) is Problem.ENDED
    assert monotonic() - began < 1.0


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(login=("me", SECRET)),
        Behaviour(status=404),
        Behaviour(status=500),
        Behaviour(nonsense=b"SSH-2.0-camera\r\n"),
        Behaviour(nonsense=b"RTSP/1.0 2"),
    ],
    ids=["locked", "not there", "out of order", "no RTSP", "hangs up in its answer"],
)
def test_any_answer_will_do_and_takes_one_connection(behaviour):
    with FakeCamera(VIDEO, [behaviour]) as camera:
        probed(camera.url("me", SECRET))
        assert len(camera.connections) == 1


def test_the_stranger_who_asks_tells_neither_password_nor_name():
    with FakeCamera(VIDEO, [Behaviour(login=("me", SECRET))]) as camera:
        probed(camera.url("me", SECRET))
        (request,) = camera.requests
    assert SECRET not in f"{request.url} {request.headers}"
    assert not {"Authorization", "User-Agent"} & request.headers.keys()


def test_where_the_password_belongs_into_the_path_the_stranger_asks_for_no_path():
    with FakeCamera(VIDEO) as camera:
        address = network_address(f"{camera.url()}?password={{password}}", "me", SECRET)
        probe(address, never, Patience(), verify=True)
        (request,) = camera.requests
    assert (request.method, request.url) == ("OPTIONS", f"rtsp://127.0.0.1:{camera.port}/")


@pytest.mark.parametrize("target", [f"rtsp://{ABROAD}:{{port}}/x", "nonsense", "rtsp://"])
def test_with_a_password_a_redirect_to_another_host_is_refused(target):
    with FakeCamera(VIDEO) as thief:
        away = Behaviour(redirect=target.format(port=thief.port))
        with FakeCamera(VIDEO, [away]) as camera:
            assert problem_of(camera.url("me", SECRET)) is Problem.REDIRECTED
        assert thief.connections == []


def test_without_a_password_there_is_nothing_to_protect():
    with FakeCamera(VIDEO) as other, FakeCamera(VIDEO, [to(other, host=ABROAD)]) as camera:
        probed(camera.url())
        assert other.connections == []


@pytest.mark.parametrize("path", ["other", "other?user={username}&pwd={password}"])
def test_a_redirect_within_the_host_is_followed_without_the_password(path):
    with FakeCamera(VIDEO) as other, FakeCamera(VIDEO, [to(other, path)]) as camera:
        probed(camera.url("me", SECRET))
        (request,) = other.requests
    assert request.method == "DESCRIBE"
    assert request.url.startswith(f"rtsp://127.0.0.1:{other.port}/other")
    assert SECRET not in f"{request.url} {request.headers}"


def test_a_redirect_abroad_behind_one_within_the_host_is_refused():
    with (
        FakeCamera(VIDEO) as thief,
        FakeCamera(VIDEO, [to(thief, host=ABROAD)]) as other,
        FakeCamera(VIDEO, [to(other)]) as camera,
    ):
        assert problem_of(camera.url("me", SECRET)) is Problem.REDIRECTED
        assert thief.connections == []


def test_redirects_in_a_circle_end_within_the_patience():
    with FakeCamera(VIDEO) as camera:
        camera.script = (to(camera),)
        assert problem_of(camera.url("me", SECRET)) is Problem.BAD_DATA
        assert len(camera.requests) == MOST_REDIRECTS + 1
    began = monotonic()
    with FakeCamera(VIDEO) as camera:
        camera.script = (Behaviour(redirect=camera.url(), delay_s=0.25),)
        assert problem_of(camera.url("me", SECRET), limit_s=0.6) is Problem.TIMED_OUT
    assert 0.5 < monotonic() - began < 1.5


@pytest.mark.parametrize("transport", Transport)
def test_a_camera_that_sends_on_to_another_port_is_read_there(transport, tmp_path):
    behaviour = Behaviour(login=("me", SECRET), over_udp=transport is Transport.UDP)
    with FakeCamera(VIDEO, [behaviour]) as other, FakeCamera(VIDEO, [to(other)]) as camera:
        stream = opens(
            StreamOpener(tmp_path, Clock()), camera.url("me", SECRET), transport=transport
        )
        assert len(taken(stream, 3)) == 3
        stream.close()


@pytest.mark.parametrize("transport", Transport)
def test_no_password_goes_abroad_by_way_of_another_port(transport, tmp_path):
    with (
        FakeCamera(VIDEO, [Behaviour(login=("me", SECRET))]) as thief,
        FakeCamera(VIDEO, [to(thief, host=ABROAD)]) as other,
        FakeCamera(VIDEO, [to(other)]) as camera,
    ):
        with pytest.raises(StreamError, match=Problem.REDIRECTED):
            opens(StreamOpener(tmp_path, Clock()), camera.url("me", SECRET), transport=transport)
        assert not any("Authorization" in each.headers for each in thief.requests)
