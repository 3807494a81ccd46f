"""Whether a camera is there is known quickly and precisely, and certificates are looked at."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic

import pytest

from tests.support.fakes import Behaviour, FakeCamera
from tests.support.video import encode
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.address import parse_network
from vms_desktop.core.stream.network.connect import is_listening, open_socket
from vms_desktop.core.stream.packets.patience import Patience

VIDEO = encode(15, width=160, height=96)
SECRET = "s3cr3t"


def never():
    return False


def reached(url, stopped=never, *, limit_s=4.0, verify=True):
    patience = Patience(connect_s=limit_s, answer_s=limit_s)
    return open_socket(parse_network(url), stopped, patience, verify=verify)


def problem_of(url, stopped=never, **options):
    with pytest.raises(StreamError) as caught:
        reached(url, stopped, **options)
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
    assert problem_of("rtsp://camera/x", limit_s=0.4) is Problem.UNKNOWN_HOST
    assert problem_of("rtsp://camera/x", lambda: monotonic() - began > 0.6) is Problem.ENDED
    assert monotonic() - began < 1.5
    answered.set()


def test_packets_that_vanish_time_out_in_the_time_given():
    began = monotonic()
    with deaf_port() as port:
        assert problem_of(f"rtsp://127.0.0.1:{port}/x", limit_s=0.6) is Problem.TIMED_OUT
    assert 0.5 < monotonic() - began < 1.5


def test_waiting_for_a_connection_ends_when_the_program_does():
    began = monotonic()
    with deaf_port() as port:
        kind = problem_of(f"rtsp://127.0.0.1:{port}/x", lambda: monotonic() - began > 0.3)
    assert kind is Problem.ENDED
    assert monotonic() - began < 1.0


def test_a_dead_address_of_a_host_leaves_time_for_its_next_one(monkeypatch):
    with deaf_port() as deaf, FakeCamera(VIDEO) as camera:
        places = [("127.0.0.1", deaf), ("127.0.0.1", camera.port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        reached("rtsp://camera/x", limit_s=1.0).close()
        wait_until(lambda: len(camera.connections) > 0)


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with tls_camera(certificate) as (port, heard):
        url = f"rtsps://me:{SECRET}@127.0.0.1:{port}/x"
        assert problem_of(url) is Problem.BAD_CERTIFICATE
    assert heard == [b""]


def test_a_certificate_is_not_looked_at_where_the_camera_says_so(certificate):
    with (
        tls_camera(certificate) as (port, heard),
        reached(f"rtsps://127.0.0.1:{port}/x", verify=False) as sock,
    ):
        sock.sendall(b"hello")
    assert heard == [b"hello"]


def test_plain_text_behind_a_secure_address_is_bad_data():
    with FakeCamera(VIDEO, [Behaviour(nonsense=b"hello" * 20)]) as camera:
        kind = problem_of(f"rtsps://127.0.0.1:{camera.port}/x", limit_s=1.0)
    assert kind in (Problem.BAD_DATA, Problem.TIMED_OUT)


def test_knocking_tells_whether_anybody_is_there():
    with FakeCamera(VIDEO) as camera:
        address = parse_network(camera.url())
        assert is_listening(address, never)
        camera.refuse()
        assert not is_listening(address, never)
