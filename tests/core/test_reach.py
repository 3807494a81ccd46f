"""Whether a camera can be opened is known quickly, precisely, and without giving anything away."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic

import pytest

from tests.fakes import Behaviour, FakeCamera, Greeting
from tests.video import encode
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.address import network_address, parse_network
from vms_desktop.core.stream.network.connect import knock, reach

VIDEO = encode(15, width=160, height=96)
SECRET = "s3cr3t"


def never():
    return False


def problem_of(url, stopped=never, **options):
    with pytest.raises(StreamError) as caught:
        reach(parse_network(url), stopped, **options)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail}"
    return caught.value.kind


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full: packets to it vanish."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=camera", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def tls_camera(certificate) -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and what each client said to it over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    heard: list[bytes] = []

    def serve():
        with listener.accept()[0] as plain:
            plain.settimeout(3)
            try:
                with context.wrap_socket(plain, server_side=True) as client:
                    heard.append(client.recv(4096))
                    client.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
            except OSError:
                heard.append(b"")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join()


def test_a_closed_port_is_refused():
    assert problem_of(f"rtsp://me:{SECRET}@127.0.0.1:{free_port()}/x") is Problem.REFUSED


def test_a_name_that_nobody_has_is_an_unknown_host():
    assert problem_of("rtsp://no-such-camera.invalid/x") is Problem.UNKNOWN_HOST


def test_a_name_server_that_says_nothing_holds_up_nobody(monkeypatch):
    answered, began = threading.Event(), monotonic()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(5) and [])
    assert problem_of("rtsp://camera/x", timeout_s=0.4) is Problem.UNKNOWN_HOST
    assert problem_of("rtsp://camera/x", lambda: monotonic() - began > 0.6) is Problem.ENDED
    assert monotonic() - began < 1.5
    answered.set()


def test_packets_that_vanish_time_out_in_the_time_given():
    began = monotonic()
    with deaf_port() as port:
        assert problem_of(f"rtsp://127.0.0.1:{port}/x", timeout_s=0.6) is Problem.TIMED_OUT
    assert 0.5 < monotonic() - began < 1.5


def test_a_camera_that_takes_the_connection_and_says_nothing_times_out():
    began = monotonic()
    with FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera:
        assert problem_of(camera.url(), timeout_s=0.6) is Problem.TIMED_OUT
    assert 0.5 < monotonic() - began < 1.5


def test_waiting_for_a_connection_ends_when_the_program_does():
    began = monotonic()
    with deaf_port() as port:
        kind = problem_of(f"rtsp://127.0.0.1:{port}/x", lambda: monotonic() - began > 0.3)
    assert kind is Problem.ENDED
    assert monotonic() - began < 1.0


def test_waiting_for_an_answer_ends_when_the_program_does():
    began = monotonic()
    with FakeCamera(VIDEO, [Behaviour(greeting=Greeting.MUTE)]) as camera:
        assert problem_of(camera.url(), lambda: monotonic() - began > 0.3) is Problem.ENDED
    assert monotonic() - began < 1.0


def test_a_dead_address_of_a_host_leaves_time_for_its_next_one(monkeypatch):
    with deaf_port() as deaf, FakeCamera(VIDEO) as camera:
        places = [("127.0.0.1", deaf), ("127.0.0.1", camera.port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        reach(parse_network("rtsp://camera/x"), never, timeout_s=1.0)


@pytest.mark.parametrize("target", ["rtsp://127.0.0.2:{port}/x", "nonsense", "rtsp://"])
def test_with_a_password_a_redirect_to_another_host_is_refused(target):
    with FakeCamera(VIDEO) as thief:
        away = Behaviour(redirect=target.format(port=thief.port))
        with FakeCamera(VIDEO, [away]) as camera:
            url = camera.url("me", SECRET)
            assert problem_of(url) is Problem.REDIRECTED
            assert SECRET not in str(camera.requests[0].headers)
        assert thief.connections == []


def test_a_redirect_within_the_host_is_followed():
    with FakeCamera(VIDEO, [Behaviour(redirect="rtsp://127.0.0.1:1/other")]) as camera:
        reach(parse_network(camera.url("me", SECRET)), never)


def test_the_stranger_who_asks_carries_no_password():
    with FakeCamera(VIDEO, [Behaviour(login=("me", SECRET))]) as camera:
        reach(parse_network(camera.url("me", SECRET)), never)
        request = camera.requests[0]
    assert SECRET not in f"{request.url} {request.headers}"
    assert "Authorization" not in request.headers


def test_where_the_password_belongs_into_the_path_the_stranger_asks_for_no_path():
    with FakeCamera(VIDEO) as camera:
        address = network_address(f"{camera.url()}?password={{password}}", "me", SECRET)
        reach(address, never)
        request = camera.requests[0]
    assert (request.method, request.url) == ("OPTIONS", f"rtsp://127.0.0.1:{camera.port}/")


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with tls_camera(certificate) as (port, heard):
        url = f"rtsps://me:{SECRET}@127.0.0.1:{port}/x"
        assert problem_of(url) is Problem.BAD_CERTIFICATE
    assert heard == [b""]


def test_a_certificate_is_not_looked_at_where_the_camera_says_so(certificate):
    with tls_camera(certificate) as (port, heard):
        reach(parse_network(f"rtsps://127.0.0.1:{port}/x"), never, verify=False)
    assert heard[0].startswith(b"OPTIONS rtsps://")


def test_plain_text_behind_a_secure_address_is_bad_data():
    with FakeCamera(VIDEO, [Behaviour(nonsense=b"hello" * 20)]) as camera:
        kind = problem_of(f"rtsps://127.0.0.1:{camera.port}/x", timeout_s=1.0)
    assert kind in (Problem.BAD_DATA, Problem.TIMED_OUT)


def test_knocking_tells_whether_anybody_is_there():
    with FakeCamera(VIDEO) as camera:
        address = parse_network(camera.url())
        assert knock(address, never)
        camera.refuse()
        assert not knock(address, never)
