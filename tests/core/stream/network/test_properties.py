"""Whatever a web server answers: pictures come of it, or a typed error, and no password leaves."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.packets import HandClock
from tests.support.properties import given
from tests.support.strategies import (
    anything,
    cuts,
    damaged,
    json_bytes,
    json_values,
    noise,
    pieces_of,
)
from tests.support.wire import Wire
from vms_desktop.core.base.errors import StreamError
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.network import http_connection
from vms_desktop.core.stream.network.habits import HabitBook, HabitFile
from vms_desktop.core.stream.network.http_connection import HttpConnection
from vms_desktop.core.stream.network.login import Login, redirected
from vms_desktop.core.stream.packets.patience import Patience

SECRET = "S3ntinelW0rd"


def address(scheme="http"):
    return network_address(f"{scheme}://10.0.0.9/video", "me", SECRET)


offers = st.one_of(
    damaged(
        lambda: (
            b'Digest realm="cam", nonce="n1", qop="auth,auth-int", stale=TRUE, opaque="o"',
            b'Basic realm="c"\nDigest realm="d", nonce="x", algorithm=SHA-256-sess',
            b'Digest realm="a\\"b", nonce=abc, Basic realm="c"',
        )
    ).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.text(anything, max_size=40).filter(lambda t: not any("\ud800" <= c < "\udc80" for c in t)),
)


@given(given=st.lists(offers, max_size=4))
def test_a_login_ends_and_hides_the_password(given):
    login, asked = Login(address()), 0
    with bounded(sum(map(len, given))):
        for offer in given * 3:
            told = login.authorization("GET", "/video")
            assert SECRET not in told
            assert "\n" not in told
            asked += login.challenged(offer)
    assert asked <= 3 * len(given)


@given(
    location=st.one_of(
        damaged(lambda: (b"http://10.0.0.9/else?a=b", b"https://10.0.0.9:8443/x", b"/y")).map(
            lambda data: data.decode("latin-1")
        ),
        st.text(max_size=40),
    ),
    scheme=st.sampled_from(["http", "https", "rtsp", "rtsps"]),
)
def test_a_password_follows_no_redirect_to_others(location, scheme):
    here = address(scheme)
    with bounded(len(location)):
        try:
            there = redirected(here, location)
        except StreamError as err:
            assert SECRET not in f"{err!r}{vars(err)}"
            return
    assert there.host == here.host
    assert there.is_encrypted or not here.is_encrypted


@given(data=st.one_of(damaged(material.http_replies), noise()), cuts=cuts)
def test_a_reply_is_read_to_its_end_or_refused(data, cuts):
    wires = []

    def opened(*_args, **_kwargs):
        wire = Wire(lambda _asked: b"")
        for piece in filter(None, pieces_of(data, cuts)):
            wire.feed(piece)
        wire.is_over = True
        wires.append(wire)
        return wire

    with pytest.MonkeyPatch.context() as patch, bounded(len(data), limit_bytes=2**22):
        patch.setattr(http_connection, "open_socket", opened)
        connection = HttpConnection(
            address(), lambda: False, HandClock(), Patience(answer_s=5), verify=True
        )
        try:
            reply = connection.get()
            assert sum(map(len, reply.chunks())) >= 0
            reply.leave()
        except StreamError as err:
            assert SECRET not in f"{err!r}{vars(err)}"
        finally:
            connection.close()
    assert len(wires) <= 8
    assert all(SECRET.encode() not in sent for wire in wires for sent in wire.sent)


@given(entries=st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_habits_are_known_or_not(entries):
    book = HabitBook(HandClock())
    book.take(entries)
    book.take({"a": {"learnt": "2026-03-02T12:00:00Z", **entries}})
    again = HabitBook(HandClock())
    again.take(book.entries())
    assert again.entries() == book.entries()


HABITS = (
    {"version": 1, "cameras": {"rtsp://10.0.0.9:554/live": {
        "learnt": "2026-03-02T12:00:00Z", "reordered": True, "over_udp": True, "no_sound": False,
    }}},
)  # fmt: skip


@given(data=st.one_of(json_bytes(lambda: HABITS), noise()))
def test_a_file_of_habits_is_used_or_not(data):
    with TemporaryDirectory() as folder, bounded(len(data)):
        path = Path(folder) / "habits.json"
        path.write_bytes(data)
        book = HabitBook(HandClock())
        file = HabitFile(path, book)
        file.load()
        book.of("rtsp://10.0.0.9:554/live").over_udp = True
        file.look()
        again = HabitBook(HandClock())
        HabitFile(path, again).load()
        assert again.of("rtsp://10.0.0.9:554/live").over_udp
