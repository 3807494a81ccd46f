"""A login goes where its camera is, and no further."""

import pytest

from tests.support.bounds import bounded, tried_again
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.address import parse_network
from vms_desktop.core.stream.network.login import Login, redirected


@pytest.mark.parametrize(
    "here, there",
    [
        ("rtsp://me:s3cr3t@10.0.0.9/x", "rtsp://10.0.0.9:8554/y?z=1"),
        ("rtsp://me:s3cr3t@CAMERA/x", "rtsp://camera:554/y"),
        ("rtsp://me:s3cr3t@10.0.0.9/x", "rtsps://10.0.0.9/y"),
        ("https://me:s3cr3t@10.0.0.9/x", "https://other:login@10.0.0.9/y"),
        ("https://10.0.0.9/x", "http://10.0.0.9/y"),
    ],
)
def test_within_its_camera_the_login_goes_along(here, there):
    came_from, expected = parse_network(here), parse_network(there)
    led_to = redirected(came_from, there)
    assert (led_to.username, led_to.password) == (came_from.username, came_from.password)
    assert (led_to.scheme, led_to.host) == (expected.scheme, came_from.host)
    assert (led_to.port, led_to.rest) == (expected.port, expected.rest)


@pytest.mark.parametrize(
    "here, there",
    [
        ("rtsp://me:s3cr3t@10.0.0.9/x", "rtsp://10.0.0.8/x"),
        ("rtsp://me:s3cr3t@10.0.0.9/x", "rtsp://10.0.0.9@10.0.0.8/x"),
        ("rtsp://me:s3cr3t@10.0.0.9/x", "http://10.0.0.9/x"),
        ("rtsps://me:s3cr3t@10.0.0.9/x", "rtsp://10.0.0.9/x"),
        ("https://me:s3cr3t@10.0.0.9/x", "http://10.0.0.9/x"),
        ("rtsp://me:s3cr3t@10.0.0.9/x", "/x"),
        ("rtsp://10.0.0.9/x", ""),
    ],
)
def test_it_goes_to_no_other_host_or_protocol_and_never_in_the_clear(here, there):
    with pytest.raises(StreamError) as caught:
        redirected(parse_network(here), there)
    assert caught.value.kind is Problem.REDIRECTED
    assert "s3cr3t" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("piece", ["a", "a ", "a=", 'a="', "a,", " ", "\n", ", basic "])
@pytest.mark.parametrize("before", ["", "Digest ", 'Digest realm="'])
@tried_again
def test_a_challenge_without_end_is_read_at_once(before, piece):
    offers = before + piece * 20_000
    login = Login(parse_network("rtsp://me:s3cr3t@10.0.0.9/x"))
    with bounded(len(offers)):
        login.challenged(offers)
