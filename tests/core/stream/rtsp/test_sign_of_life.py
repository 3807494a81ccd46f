"""A camera is told that somebody is there in the way that it takes for a sign of life."""

import socket
from time import monotonic
from typing import cast

import pytest

from tests.support.wire import Wire, reply
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.network.habits import Habits
from vms_desktop.core.stream.rtsp.connection import RtspConnection
from vms_desktop.core.stream.rtsp.sign_of_life import LONGEST_S, SignOfLife

URL = "rtsp://10.0.0.9:554/live"
ALL = "OPTIONS, PLAY, GET_PARAMETER"


class Talk:
    """A session with a camera that answers by method; time is set by hand."""

    def __init__(self, habits=None, *, timeout_s=60.0, public=ALL, **answers):
        self.wire = Wire(lambda asked: answers.get(asked.method, reply()), pause_s=0.0)
        address = network_address(URL, "", "")
        sock = cast(socket.socket, self.wire)
        self.connection = RtspConnection(sock, address, lambda: False, monotonic() + 2)
        self.connection.timeout_s = timeout_s
        self.connection.methods = public
        self.habits = habits or Habits()
        self.life = SignOfLife(self.connection, URL, self.habits, 0.0)

    def go_on(self, until_s, since_s=0.0):
        """Tend the session ten times a second."""
        for tick in range(round(since_s * 10), round(until_s * 10)):
            self.life.tend(tick / 10)
            self.connection.fill()
            list(self.connection.frames())
        return self.wire.methods


@pytest.mark.parametrize(
    "public, method", [(ALL, "GET_PARAMETER"), ("", "OPTIONS"), ("PLAY", "OPTIONS")]
)
def test_the_sign_is_one_that_the_camera_knows(public, method):
    assert Talk(public=public).go_on(1) == [method]


@pytest.mark.parametrize("timeout_s, count", [(60.0, 3), (20.0, 9), (120.0, 3), (3.0, 54)])
def test_signs_come_well_before_the_session_ends(timeout_s, count):
    assert len(Talk(timeout_s=timeout_s).go_on(59)) == pytest.approx(count, abs=1)


@pytest.mark.parametrize("status", [405, 454, 455, 501, 551])
def test_after_a_refusal_the_other_sign_follows_at_once_and_for_good(status):
    talk = Talk(GET_PARAMETER=reply(status))
    assert talk.go_on(30) == ["GET_PARAMETER", "OPTIONS", "OPTIONS"]
    assert Talk(talk.habits).go_on(1) == ["OPTIONS"]


def test_where_both_are_refused_the_reports_have_to_do():
    talk = Talk(GET_PARAMETER=reply(501), OPTIONS=reply(405))
    assert talk.go_on(70) == ["GET_PARAMETER", "OPTIONS"]


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_any_other_answer_is_a_sign_of_life_taken(status):
    assert set(Talk(GET_PARAMETER=reply(status)).go_on(50)) == {"GET_PARAMETER"}


@pytest.mark.parametrize(
    "lost_at_s, next_sign",
    [
        (0.5, "OPTIONS"),  # Soon after the sign.
        (10.0, "GET_PARAMETER"),
        (LONGEST_S + 1, "OPTIONS"),  # Soon after the second one.
        (35.0, "GET_PARAMETER"),
        (58.0, "OPTIONS"),  # When the session ends that heard nothing.
        (65.0, "OPTIONS"),
        (282.5, "OPTIONS"),
        (295.0, "GET_PARAMETER"),
    ],
)
def test_a_session_that_is_lost_tells_of_its_last_sign(lost_at_s, next_sign):
    talk = Talk()
    talk.go_on(lost_at_s)
    talk.life.lost(lost_at_s, hung_up=True)
    assert Talk(talk.habits).go_on(1) == [next_sign]


def test_a_network_that_fell_silent_did_not_mind_the_sign():
    talk = Talk()
    talk.go_on(0.5)
    talk.life.lost(0.5, hung_up=False)
    assert Talk(talk.habits).go_on(1) == ["GET_PARAMETER"]


def test_where_nothing_helps_everything_is_tried_again():
    habits = Habits()
    for expected in (["GET_PARAMETER"], ["OPTIONS"], [], ["GET_PARAMETER"]):
        talk = Talk(habits)
        assert talk.go_on(0.5) == expected
        talk.life.lost(0.5, hung_up=True)
