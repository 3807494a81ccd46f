"""RTSP as cameras speak it: logins, answers in pieces and among frames, and no secret told."""

import hashlib
import logging
import random
import re
from base64 import b64decode
from contextlib import suppress
from threading import Event
from time import monotonic

import pytest

from tests.support.bounds import bounded, tried_again
from tests.support.wire import Wire, framed, reply
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.config.address import network_address
from vms_desktop.core.stream.rtsp import connection as rtsp
from vms_desktop.core.stream.rtsp.connection import RtspConnection

URL = "rtsp://10.0.0.9:554/live"
USER, SECRET = "ad min", "s3:cr3t"
BASIC = 'Basic realm="camera"'
DIGEST = 'Digest realm="cam\\x", nonce="n1"'


def never():
    return False


class Talk(RtspConnection):
    """A connection over a wire that can be looked at."""

    def __init__(self, wire, *args):
        super().__init__(wire, *args)
        self.wire = wire


def connection(answer, *, stopped=never, limit_s=2.0, login=(USER, SECRET), path="/live", **wire):
    address = network_address(f"rtsp://10.0.0.9:554{path}", *login)
    return Talk(Wire(answer, **wire), address, stopped, monotonic() + limit_s)


def answers(*given):
    """What a camera answers to each request in turn; the last one again and again."""
    left = list(given)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


def asked(*given, **options):
    """The answer to a request and the requests that it took."""
    talk = connection(answers(*given), **options)
    return talk.request("DESCRIBE", URL), talk.wire.requests


def problem_of(*given, **options):
    talk = connection(answers(*given), **options)
    with pytest.raises(StreamError) as caught:
        talk.request("DESCRIBE", URL)
    return caught.value.kind, talk.wire.requests


def wants(*challenges):
    return reply(401, {"WWW-Authenticate": "\r\nWWW-Authenticate: ".join(challenges)})


def fields(header):
    pairs = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^, ]+))', header.partition(" ")[2])
    return {name: quoted or bare for name, quoted, bare in pairs}


def expected_response(given, hashed, nonce):
    """By the book (RFC 7616, 3.4), from what the client says beside its password."""
    secret = hashed(f"{USER}:{given['realm']}:{SECRET}")
    if given.get("algorithm", "").endswith("-SESS"):
        secret = hashed(f"{secret}:{nonce}:{given['cnonce']}")
    question = hashed(f"DESCRIBE:{URL}")
    if "qop" not in given:
        return hashed(f"{secret}:{nonce}:{question}")
    return hashed(f"{secret}:{nonce}:{given['nc']}:{given['cnonce']}:auth:{question}")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_camera_that_asks_for_no_login_is_told_none():
    got, requests = asked(reply(body="v=0\r\n"))
    assert (got.status, got.body) == (200, "v=0\r\n")
    assert "Authorization" not in requests[0].headers


def test_basic_sends_user_and_password():
    got, requests = asked(wants(BASIC), reply())
    assert got.status == 200
    assert "Authorization" not in requests[0].headers
    scheme, _, login = requests[1].headers["Authorization"].partition(" ")
    assert (scheme, b64decode(login).decode()) == ("Basic", f"{USER}:{SECRET}")


@pytest.mark.parametrize(
    "challenges, hashed",
    [
        ([DIGEST], md5),
        ([f"{DIGEST}, algorithm=MD5"], md5),
        ([f'{DIGEST}, algorithm="md5", qop="auth"'], md5),
        ([f'{DIGEST}, qop="auth,auth-int", opaque="o"'], md5),
        ([f"{DIGEST}, qop=auth"], md5),
        ([f'{DIGEST}, qop="auth-int"'], md5),
        ([f"{DIGEST}, algorithm=MD5-sess"], md5),
        ([f'{DIGEST}, algorithm=SHA-256, qop="auth"'], sha256),
        ([f'{DIGEST}, algorithm=SHA-256-sess, qop="auth"'], sha256),
        ([BASIC, DIGEST], md5),
        ([f"{BASIC}, {DIGEST}"], md5),
        ([f"{DIGEST}, {BASIC}"], md5),
        ([f"{DIGEST}, algorithm=SHA-512-256", DIGEST], md5),
        (['digest realm="cam\\x",nonce="n1",stale=FALSE'], md5),
    ],
)
def test_digest_proves_the_password_without_sending_it(challenges, hashed):
    got, requests = asked(wants(*challenges), reply())
    assert got.status == 200
    said = requests[1].headers["Authorization"]
    given = fields(said)
    assert said.startswith("Digest ")
    assert (given["username"], given["realm"], given["nonce"]) == (USER, "cam\\x", "n1")
    assert given["uri"] == URL
    assert given["response"] == expected_response(given, hashed, "n1")
    assert ("opaque" in given) == ("opaque" in challenges[0])
    assert SECRET not in said


def test_every_request_counts_its_use_of_the_nonce():
    talk = connection(answers(wants(f'{DIGEST}, qop="auth"'), reply()))
    for _ in range(3):
        talk.request("DESCRIBE", URL)
    counted = [fields(each.headers["Authorization"])["nc"] for each in talk.wire.requests[1:]]
    assert counted == ["00000001", "00000002", "00000003"]


@pytest.mark.parametrize(
    "again",
    [wants('Digest realm="x", nonce="n2", stale=true'), wants('Digest realm="x", nonce="n2"')],
    ids=["said to be stale", "not said"],
)
def test_a_nonce_that_has_grown_old_is_taken_for_no_wrong_password(again):
    talk = connection(answers(wants(DIGEST), reply(), again, reply()))
    talk.request("DESCRIBE", URL)
    assert talk.request("SETUP", URL).status == 200
    assert fields(talk.wire.requests[-1].headers["Authorization"])["nonce"] == "n2"


@pytest.mark.parametrize("challenge", [BASIC, DIGEST, f"{DIGEST}, stale=true"])
def test_a_wrong_password_is_offered_once(challenge):
    kind, requests = problem_of(wants(challenge))
    assert kind is Problem.WRONG_PASSWORD
    assert ["Authorization" in each.headers for each in requests] == [False, True]


@pytest.mark.parametrize(
    "challenge, options",
    [
        (BASIC, {"login": ("", "")}),
        ("Negotiate", {}),
        (f"{DIGEST}, algorithm=SHA-512-256", {}),
        ("", {}),
        # The login has its place in the path: offered twice, it would be wrong twice.
        (BASIC, {"path": "/user={username}&password={password}"}),
        (DIGEST, {"path": "/user={username}&password={password}"}),
    ],
)
def test_where_no_login_can_be_offered_none_is(challenge, options):
    kind, requests = problem_of(wants(challenge), **options)
    assert kind is Problem.WRONG_PASSWORD
    assert ["Authorization" in each.headers for each in requests] == [False]


def test_a_password_without_a_user_is_offered():
    _, requests = asked(wants(BASIC), reply(), login=("", SECRET))
    assert b64decode(requests[1].headers["Authorization"].split()[1]).decode() == f":{SECRET}"


@pytest.mark.parametrize("challenge", [BASIC, DIGEST])
def test_a_password_that_is_no_utf8_is_sent_as_it_stands_in_the_address(challenge):
    _, requests = asked(wants(challenge), reply(), login=("us\udce9r", "p\udce9ss"))
    assert len(requests) == 2


def test_a_name_with_quotes_and_lines_stays_one_value():
    _, requests = asked(wants(DIGEST), reply(), login=('a"b\\c\r\nX: y', SECRET))
    assert fields(requests[1].headers["Authorization"])["username"] == 'a\\"b\\\\cX: y'


@pytest.mark.parametrize("challenge", [BASIC, DIGEST])
def test_nothing_that_can_be_shown_holds_the_password(challenge, caplog):
    caplog.set_level(logging.DEBUG)
    path = "/live?password={password}"
    talk = connection(answers(wants(challenge)), path=path)
    with pytest.raises(StreamError) as caught:
        talk.request("DESCRIBE", f"{URL}?password={SECRET}")
    other = connection(answers(wants(challenge), reply(200, {"Content-Base": SECRET}, SECRET)))
    got = other.request("DESCRIBE", URL)
    shown = f"{caught.value} {caught.value!r} {talk!r} {other!r} {got!r} {caplog.text}"
    assert SECRET not in shown
    assert "response" not in shown


@pytest.mark.parametrize("piece_bytes", [1, 2, 7, 64])
def test_answers_and_frames_come_in_any_pieces(piece_bytes):
    frames = [(0, b"$RTSP/1.0 in a picture"), (1, b""), (2, bytes(300))]
    told = reply(body="v=0\r\n") + b"".join(framed(*each) for each in frames) + reply(200)
    talk = connection(answers(told), piece_bytes=piece_bytes)
    assert talk.request("DESCRIBE", URL).body == "v=0\r\n"
    assert received(talk) == frames


def received(talk):
    """All frames that have come and still come."""
    found = list(talk.frames())
    while talk.fill():
        found += talk.frames()
    return found


def test_what_is_sent_before_the_answer_to_play_is_kept():
    first, last = (0, b"first"), (0, b"last")
    talk = connection(answers(framed(*first) + reply() + framed(*last)))
    talk.request("PLAY", URL)
    assert received(talk) == [first, last]


@pytest.mark.parametrize(
    "noise",
    [
        b"\r\n",
        b"a=recvonly\r\n",
        b"\xff\xfe costs $5",
        b"$$$",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"RTSP/ what\r\n\r\n",
        b"RTSP/" + b"x" * 70_000,
    ],
)
def test_noise_between_frames_costs_no_frame_after_it(noise):
    talk = connection(answers(reply()))
    talk.request("PLAY", URL)
    for number in range(3):
        talk.wire.feed(framed(0, b"picture %d" % number) + noise)
    found = received(talk)
    talk.wire.feed(framed(0, bytes(200)) * 40)
    found += received(talk)
    assert found[0] == (0, b"picture 0")
    assert found[-1] == (0, bytes(200))
    assert len([frame for frame in found if frame[1].startswith(b"picture")]) == 3


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("before", [b"", b"\r\n"])
def test_lines_end_as_they_like(end, before):
    first = reply(200, {"cseq": "1", "Public": "OPTIONS , GET_PARAMETER"}, "v=0\n", end=end)
    second = before + reply(200, {"SESSION ": "  77;timeout=60"}, end=end)
    talk = connection(answers(first, second))
    assert talk.request("DESCRIBE", URL).body == "v=0\n"
    assert talk.request("SETUP", URL).headers["session"] == "77;timeout=60"
    assert "GET_PARAMETER" in talk.methods


@pytest.mark.parametrize(
    "length, outcome",
    [
        ("4", "v=0\n"),
        ("4\r\nContent-Length: 4", "v=0\n"),
        ("-4", ""),
        ("four", ""),
        ("", ""),
        ("99", Problem.TIMED_OUT),
        ("2000000", Problem.BAD_DATA),
        ("999999999", Problem.BAD_DATA),
        ("99999999999999999999", ""),
    ],
)
def test_the_length_of_an_answer_is_believed_within_reason(length, outcome):
    given = answers(reply(200, {"Content-Length": length}, "v=0\n"))
    talk = connection(given, limit_s=0.1)
    if isinstance(outcome, Problem):
        with pytest.raises(StreamError, match=outcome):
            talk.request("DESCRIBE", URL)
    else:
        assert talk.request("DESCRIBE", URL).body == outcome


def test_an_answer_that_is_shorter_than_it_says_is_taken_after_a_while(monkeypatch):
    monkeypatch.setattr(rtsp, "_CUT_SHORT_S", 0.1)
    given = answers(reply(200, {"Content-Length": "99"}, "v=0\n"), reply())
    talk = connection(given)
    assert talk.request("DESCRIBE", URL).body == "v=0\n"
    assert talk.request("SETUP", URL).status == 200


@pytest.mark.parametrize(
    "given, problem",
    [
        (b"SSH-2.0-camera\r\n", Problem.BAD_DATA),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Problem.BAD_DATA),
        (b"\x15\x03\x01", Problem.BAD_DATA),
        (b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 400_000, Problem.BAD_DATA),
        (b"RTSP/1.0 2", Problem.TIMED_OUT),
        (b"", Problem.TIMED_OUT),
    ],
)
def test_what_is_no_answer_is_told(given, problem):
    assert problem_of(given, limit_s=0.1)[0] is problem


def test_a_closed_connection_is_told():
    talk = connection(answers(b""))
    talk.wire.is_over = True
    with pytest.raises(StreamError) as caught:
        talk.request("DESCRIBE", URL)
    assert (caught.value.kind, caught.value.answered) == (Problem.ENDED, True)


def test_one_deadline_holds_for_all_answers():
    began = monotonic()
    slow = reply(200, {"X-Long": "x" * 200})
    talk = connection(answers(slow), limit_s=0.3, piece_bytes=1, pause_s=0.001)
    talk.wire.recv_into = slowly(talk.wire.recv_into)
    with pytest.raises(StreamError, match=Problem.TIMED_OUT):
        ask_again_and_again(talk)
    assert 0.2 < monotonic() - began < 0.6


def slowly(recv_into):
    """A camera that trickles: each byte takes its time."""

    def one(room):
        Event().wait(0.0005)
        return recv_into(room)

    return one


def ask_again_and_again(talk):
    while True:
        talk.request("DESCRIBE", URL)


def test_waiting_ends_when_the_program_does():
    began = monotonic()
    kind, _ = problem_of(b"", stopped=lambda: monotonic() - began > 0.05)
    assert kind is Problem.ENDED
    assert monotonic() - began < 0.3


def test_what_is_asked_after_a_refusal_comes_with_the_new_nonce():
    fresh = wants('Digest realm="x", nonce="n2", stale=true')
    talk = connection(answers(wants(DIGEST), reply(), fresh, reply()))
    talk.request("PLAY", URL)
    for nonce in ("n1", "n2", "n2"):
        talk.take_answer()
        talk.send("OPTIONS", URL)
        received(talk)
        assert fields(talk.wire.requests[-1].headers["Authorization"])["nonce"] == nonce


@pytest.mark.parametrize("piece_bytes", [1, 7, 65536])
@pytest.mark.parametrize(
    "method, headers, word",
    [
        ("OPTIONS", "", "200 OK"),
        ("GET_PARAMETER", "", "200 OK"),
        ("SET_PARAMETER", "Content-Length: 9\r\n", "200 OK"),
        ("ANNOUNCE", "Content-Length: 9\r\nContent-Type: application/sdp\r\n", "200 OK"),
        ("PLAY", "", "405 Method Not Allowed"),
        ("X_REBOOT", "", "501 Not Implemented"),
    ],
)
def test_what_the_camera_asks_is_answered(method, headers, word, piece_bytes):
    talk = connection(answers(reply()), piece_bytes=piece_bytes)
    talk.request("SETUP", URL)
    talk.session = "77"
    talk.wire.feed(framed(0, b"first"))
    talk.wire.ask(method, headers)
    talk.wire.feed((b"barcode\r\n" if headers else b"") + framed(0, b"last"))
    assert received(talk) == [(0, b"first"), (0, b"last")]
    (said,) = talk.wire.replies
    first, *lines = said.split("\r\n")
    assert first == f"RTSP/1.0 {word}"
    assert {"CSeq: 7", "Session: 77"} <= set(lines)


@pytest.mark.parametrize("method", ["TEARDOWN", "REDIRECT"])
def test_a_camera_that_ends_the_session_is_answered_and_believed(method):
    talk = connection(answers(reply()))
    talk.request("PLAY", URL)
    talk.wire.ask(method, "Location: rtsp://10.0.0.7/x\r\n")
    with pytest.raises(StreamError, match=Problem.ENDED):
        received(talk)
    assert talk.wire.replies[0].startswith("RTSP/1.0 200")


def test_a_question_before_the_answer_is_answered_first():
    question = b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n"
    talk = connection(answers(question + reply(body="v=0\r\n")))
    assert talk.request("DESCRIBE", URL).body == "v=0\r\n"
    assert "CSeq: 9" in talk.wire.replies[0]


def test_an_answer_that_says_to_wait_is_none():
    talk = connection(answers(reply(100) + reply(200, {}, "v=0\r\n")))
    assert talk.request("DESCRIBE", URL).body == "v=0\r\n"


def test_the_end_of_a_session_is_waited_for_but_not_long():
    talk = connection(lambda asked: reply() if asked.method == "TEARDOWN" else b"")
    talk.wire.feed(framed(0, bytes(900)) * 3)
    talk.end_session(URL)
    assert talk.take_answer() is not None
    assert talk.wire.is_closed
    mute, began = connection(answers(b"")), monotonic()
    mute.end_session(URL)
    assert mute.wire.is_closed
    assert 0.4 < monotonic() - began < 1.0


def test_noise_raises_nothing_but_what_a_stream_may():
    dice = random.Random(3)
    pieces = [b"$", b"\x00\x00", b"\x00\x08", b"\xff", b"7", b": "]
    pieces += [b"RTSP/1.0 ", b"200", b"\r\n\r\n", b"\r\n", b"Content-Length: "]
    for _ in range(300):
        given = b"".join(dice.choices(pieces, k=40))
        talk = connection(answers(reply() + given), limit_s=0.05, pause_s=0.0)
        with suppress(StreamError):
            talk.request("PLAY", URL)
            received(talk)


def test_a_camera_that_asks_in_pieces_before_it_answers_is_heard():
    asks = b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n"
    talk = connection(lambda _: asks + reply(), piece_bytes=1)
    assert talk.request("OPTIONS", URL).status == 200
    assert talk.wire.replies[0].startswith("RTSP/1.0 200 OK\r\nCSeq: 7\r\n")


@pytest.mark.parametrize("noise", [b"RTSP/", b"OPTIONS * RTSP/1.0 ", b"$\xff", b"A_"])
@tried_again
def test_noise_that_looks_like_answers_is_passed_over_at_once(noise):
    data = reply() + noise * 30_000 + b"\r\n\r\n" + framed(0, b"packet")
    talk = connection(lambda _: data)
    talk.wire.is_over = True
    with bounded(len(data)), pytest.raises(StreamError) as ended:
        _hear_out(talk)
    assert ended.value.kind is Problem.ENDED


def _hear_out(talk):
    talk.request("OPTIONS", URL)
    while True:
        list(talk.frames())
        talk.fill()


@pytest.mark.parametrize(
    "name, asked", [("track 1", "track%201"), ("a\tb\x00", "a%09b%00"), ("\u00a0é", "%C2%A0é")]
)
def test_a_name_with_blanks_stays_one_word(name, asked):
    talk = connection(lambda _: reply())
    talk.request("SETUP", f"{URL}/{name}")
    assert talk.wire.requests[0].url == f"{URL}/{asked}"
