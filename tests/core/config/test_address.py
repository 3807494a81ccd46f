from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests.support.bounds import bounded, tried_again
from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.address import (
    MAX_ADDRESS_CHARS,
    AddressKind,
    address_kind,
    check_address,
    completed_address,
    file_path,
    network_address,
    parse_network,
    redact,
    split_login,
)
from vms_desktop.core.config.camera import CameraConfig

HARD_PASSWORDS = [
    "plain",
    "p@ss",
    "p@@s@s",
    "a:b:c",
    "a/b",
    "a#b",
    "a?b",
    "100%",
    "%41",
    "@:/#?%",
    "/@/@",
    "#?@/:%zz",
    "ü§漢",
    "qu'ot\"e",
    "&=;+$,!",
]


@pytest.mark.parametrize(
    "address, kind",
    [
        ("0", AddressKind.WEBCAM),
        ("12", AddressKind.WEBCAM),
        ("²", AddressKind.FILE),
        ("films/gate.mp4", AddressKind.FILE),
        ("/srv/gate.mp4", AddressKind.FILE),
        (r"C:\films\gate.mp4", AddressKind.FILE),
        ("C:/films/gate.mp4", AddressKind.FILE),
        (r"\\server\films\gate.mp4", AddressKind.FILE),
        ("10:30.mp4", AddressKind.FILE),
        ("rtsp://10.0.0.2/live", AddressKind.NETWORK),
        ("RTSPS://10.0.0.2/live", AddressKind.NETWORK),
        ("concat:a|b", AddressKind.NETWORK),
        ("subfile:,,start,0,end,9,,:/etc/passwd", AddressKind.NETWORK),
    ],
)
def test_an_address_tells_its_kind_by_its_form(address, kind):
    assert address_kind(address) is kind


@pytest.mark.parametrize(
    "address, reason",
    [
        ("ftp://10.0.0.2/x", Reason.UNKNOWN_SCHEME),
        ("file:///etc/passwd", Reason.UNKNOWN_SCHEME),
        ("concat:a|b", Reason.UNKNOWN_SCHEME),
        ("subfile:,,start,0,end,9,,:/etc/passwd", Reason.UNKNOWN_SCHEME),
        ("rtsp:camera", Reason.UNKNOWN_SCHEME),
        ("rtsp://", Reason.BAD_ADDRESS),
        ("rtsp:///live", Reason.BAD_ADDRESS),
        ("rtsp://user:pw@/live", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0.2:/live", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0.2:port/live", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0 .2/live", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0.2/li ve", Reason.BAD_ADDRESS),
        ("rtsp://user:p w@10.0.0.2/live", Reason.BAD_ADDRESS),
        ("rtsp://[::1/live", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0.2/\x00", Reason.BAD_ADDRESS),
        ("films/\x00.mp4", Reason.BAD_ADDRESS),
        ("films/\n.mp4", Reason.BAD_ADDRESS),
        ("films/\x7f.mp4", Reason.BAD_ADDRESS),
        ("rtsp://10.0.0.2:0/live", Reason.OUT_OF_RANGE),
        ("rtsp://10.0.0.2:65536/live", Reason.OUT_OF_RANGE),
    ],
)
def test_what_can_never_be_opened_is_refused_with_its_reason(address, reason):
    with pytest.raises(ConfigError) as caught:
        check_address("url_hd", address)
    assert (caught.value.field, caught.value.reason) == ("url_hd", reason)


@pytest.mark.parametrize(
    "address", ["0", "films/garden gate.mp4", r"C:\films\gate.mp4", "rtsp://cam.local/live?a=b#c"]
)
def test_what_can_be_opened_is_taken(address):
    assert CameraConfig(id="a", name="Gate", url_sd=address).watched_url == address


@pytest.mark.parametrize(
    "address, host, port, rest",
    [
        ("rtsp://10.0.0.2/live", "10.0.0.2", 554, "/live"),
        ("RTSP://cam.local", "cam.local", 554, ""),
        ("rtsps://cam/live", "cam", 322, "/live"),
        ("http://cam:8080?x=1", "cam", 8080, "?x=1"),
        ("https://cam/a#b", "cam", 443, "/a#b"),
        ("rtmp://cam/app/key", "cam", 1935, "/app/key"),
        ("rtsp://[::1]/live", "[::1]", 554, "/live"),
        ("rtsp://u:p@[2001:db8::7]:8554/live", "[2001:db8::7]", 8554, "/live"),
        ("rtsp://[fe80::1%eth0]:554/live", "[fe80::1%eth0]", 554, "/live"),
        ("rtsp://cam:65535/live", "cam", 65535, "/live"),
    ],
)
def test_host_port_and_the_rest_are_told_apart(address, host, port, rest):
    parsed = parse_network(address)
    assert (parsed.host, parsed.port, parsed.rest) == (host, port, rest)


@pytest.mark.parametrize("place", ["10.0.0.2", "10.0.0.2:8554", "cam.local:554", "[::1]:554"])
@pytest.mark.parametrize("password", HARD_PASSWORDS)
def test_a_password_survives_the_way_into_an_address_and_back(password, place):
    address = network_address(f"rtsp://{place}/live?a=b", "ad/min@home", password)
    again = parse_network(address.url)
    assert again == address
    assert (again.username, again.password) == ("ad/min@home", password)


@pytest.mark.parametrize("place", ["10.0.0.2/live", "cam.local:554/live"])
@pytest.mark.parametrize(
    "password", ["p@ss", "a:b", "a/b", "a#b", "a?b", "100%", "@:/#?%", "/@/@", "p/a@b"]
)
def test_a_password_may_stand_in_an_address_as_it_is(password, place):
    parsed = parse_network(f"rtsp://admin:{password}@{place}")
    assert (parsed.username, parsed.password) == ("admin", password)
    assert parsed.rest == "/live"


@pytest.mark.parametrize("password", ["a:b", "a/b", "a#b", "a?b", "100%", "/"])
def test_a_password_as_it_is_may_stand_before_a_bare_host_name(password):
    parsed = parse_network(f"rtsp://admin:{password}@cam/live")
    assert (parsed.password, parsed.host) == (password, "cam")


def test_an_at_sign_in_the_path_is_no_login():
    parsed = parse_network("rtsp://10.0.0.2:554/user@site/live")
    assert (parsed.host, parsed.rest, parsed.password) == ("10.0.0.2", "/user@site/live", "")


def test_percent_signs_are_decoded_even_where_they_hold_no_utf8():
    parsed = parse_network("rtsp://admin:p%40%E9@cam/live")
    assert parsed.password.startswith("p@")
    assert parsed.url == "rtsp://admin:p%40%E9@cam:554/live"


@pytest.mark.parametrize(
    "username, password, login",
    [
        ("", "", ("in", "side")),
        ("own", "secret", ("own", "secret")),
        ("", "secret", ("in", "secret")),
        ("own", "", ("own", "side")),
    ],
)
def test_the_cameras_own_credentials_go_before_those_in_the_address(username, password, login):
    address = network_address("rtsp://in:side@cam/live", username, password)
    assert (address.username, address.password) == login


@pytest.mark.parametrize("password", HARD_PASSWORDS)
def test_placeholders_in_path_and_query_are_filled_and_never_shown(password):
    pattern = "/user={username}&password={password}&channel=1?real_stream"
    address = network_address(f"rtsp://cam{pattern}", "ad/min", password)
    path = parse_network(address.url)
    before, after = address.url.split("&password=")
    assert before == "rtsp://cam:554/user=ad%2Fmin"
    assert unquote(after.removesuffix("&channel=1?real_stream")) == password
    # Nowhere else: a wrong password that is offered twice counts twice.
    assert (path.username, path.password) == ("", "")
    assert address.shown == "rtsp://cam:554/user={username}&password=***&channel=1?real_stream"
    assert password not in repr(address)


def test_a_password_that_looks_like_a_placeholder_is_none():
    url = network_address("http://cam/{username}/{password}", "{password}", "x").url
    assert url == "http://cam:80/%7Bpassword%7D/x"


@pytest.mark.parametrize(
    "username, password, url",
    [("me", "p@ss", "rtsp://me:p%40ss@cam:554/x"), ("", "", "rtsp://cam:554/x")],
)
def test_placeholders_may_stand_before_the_host_too(username, password, url):
    assert network_address("rtsp://{username}:{password}@cam/x", username, password).url == url


@pytest.mark.parametrize("place", ["10.0.0.2/live?a=b", "cam.local:8554/live", "cam", "[::1]/live"])
@pytest.mark.parametrize("password", HARD_PASSWORDS)
def test_a_pasted_address_is_split_from_its_encoded_login(password, place):
    pasted = f" rtsp://ad%2Fmin:{quote(password, safe='')}@{place}\n"
    split = split_login(pasted)
    assert (split.address, split.username) == (f"rtsp://{place}", "ad/min")
    assert split.password == password
    assert password not in repr(split)


@pytest.mark.parametrize(
    "pasted, address, username, password",
    [
        ("rtsp://user:p@ss/w#rd@host/path", "rtsp://host/path", "user", "p@ss/w#rd"),
        ("rtsp://user:p@ss/w#rd@10.0.0.2/path", "rtsp://10.0.0.2/path", "user", "p@ss/w#rd"),
        ("RTSP://user:p@cam:554/x", "RTSP://cam:554/x", "user", "p"),
        ("rtsp://user@cam/x", "rtsp://cam/x", "user", ""),
        ("rtsp://:p@cam/x", "rtsp://cam/x", "", "p"),
        ("rtsp://cam/x", "rtsp://cam/x", "", ""),
        ("rtsp://10.0.0.2:554/a@b", "rtsp://10.0.0.2:554/a@b", "", ""),
        (
            "http://cam/flv?stream=a&user=me&password=p%26w&x=1",
            "http://cam/flv?stream=a&user={username}&password={password}&x=1",
            "me",
            "p&w",
        ),
        (
            "rtsp://cam/user=me&password=&channel=1&stream=0.sdp?real_stream",
            "rtsp://cam/user={username}&password={password}&channel=1&stream=0.sdp?real_stream",
            "me",
            "",
        ),
        ("http://cam/x?usr=me&pwd=p", "http://cam/x?usr={username}&pwd={password}", "me", "p"),
        ("http://cam/x?user=me", "http://cam/x?user=me", "", ""),
        (
            "http://cam/x?user={username}&password={password}",
            "http://cam/x?user={username}&password={password}",
            "",
            "",
        ),
        ("rtsp://{username}:{password}@cam/x", "rtsp://{username}:{password}@cam/x", "", ""),
        ("rtsps://10.0.0.1:7441/aBcD?enableSrtp", "rtsps://10.0.0.1:7441/aBcD", "", ""),
        (" films/me:you@home.mp4 ", "films/me:you@home.mp4", "", ""),
        (" 0 ", "0", "", ""),
        ("", "", "", ""),
    ],
)
def test_pasting_an_address_gives_its_parts(pasted, address, username, password):
    split = split_login(pasted)
    assert (split.address, split.username, split.password) == (address, username, password)


def test_what_cannot_be_split_is_refused_at_its_field():
    with pytest.raises(ConfigError) as caught:
        split_login("gopher://me:secret@cam/x", "url_hd")
    assert (caught.value.field, caught.value.reason) == ("url_hd", Reason.UNKNOWN_SCHEME)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "typed, offered",
    [
        ("192.168.1.50", "rtsp://192.168.1.50"),
        ("  192.168.1.50\t", "rtsp://192.168.1.50"),
        ("192.168.1.50:554/stream1", "rtsp://192.168.1.50:554/stream1"),
        ("192.168.1.50/film.mp4", "rtsp://192.168.1.50/film.mp4"),
        ("cam.local/stream", "rtsp://cam.local/stream"),
        ("cam:8554", "rtsp://cam:8554"),
        ("localhost/stream", "rtsp://localhost/stream"),
        ("[::1]:554/stream", "rtsp://[::1]:554/stream"),
        ("admin:p@ss@192.168.1.50/x", "rtsp://admin:p@ss@192.168.1.50/x"),
        ("rtsp:192.168.1.50", "rtsp://192.168.1.50"),
        ("HTTP:/cam/x", "http://cam/x"),
        ("rtsp://192.168.1.50", None),
        ("http://cam", None),
        ("ftp://192.168.1.50", None),
        ("192.168.1.50:99999", None),
        ("192.168.1.50/a b", None),
        ("clips/a.mp4", None),
        ("a.mp4", None),
        ("old.films/a.mkv", None),
        (r"C:\x", None),
        ("C:/x", None),
        ("/x", None),
        ("./cam.local", None),
        ("../a", None),
        ("~/a", None),
        (r"\\server\films", None),
        ("10:30.mp4", None),
        ("cam", None),
        ("0", None),
        ("12", None),
        ("", None),
    ],
)
def test_an_address_without_its_scheme_is_completed_where_it_looks_like_a_host(typed, offered):
    assert completed_address(typed) == offered


def test_a_user_without_a_password_has_no_colon():
    assert parse_network("rtsp://admin@cam/live").url == "rtsp://admin@cam:554/live"


@pytest.mark.parametrize("password", HARD_PASSWORDS)
def test_no_password_is_left_after_redacting(password):
    text = f"cannot open rtsp://admin:{password}@10.0.0.2/live now"
    assert redact(text) == "cannot open rtsp://***@10.0.0.2/live now"
    assert password not in repr(parse_network(f"rtsp://x:{password}@10.0.0.2/"))


@pytest.mark.parametrize("password", HARD_PASSWORDS)
def test_an_address_never_shows_its_password(password):
    address = network_address("rtsp://10.0.0.2/live", "admin", password)
    assert address.shown == "rtsp://10.0.0.2:554/live"
    assert "admin" not in repr(address)


@pytest.mark.parametrize(
    "name", ["password", "pwd", "loginpas", "PASS", "access_token", "apikey", "auth", "secret"]
)
@pytest.mark.parametrize("sign", ["?", "&", "/"])
def test_parameters_named_like_secrets_are_redacted(name, sign):
    text = redact(f"http://cam/video{sign}{name}=s3'c;r#t&size=2 lost")
    assert text == f"http://cam/video{sign}{name}=***&size=2 lost"


def test_a_password_between_underscores_is_redacted():
    text = redact("rtsp://cam/user=admin_password=s3c_channel=1 lost")
    assert text == "rtsp://cam/user=admin_password=*** lost"


def test_text_without_secrets_stays():
    text = 'mail bob@x.org: rtsp://cam/live ended, {"a": "http://cam/?size=2"}'
    assert redact(text) == text


@pytest.mark.parametrize(
    "address, path",
    [
        ("films/gate.mp4", Path("/data/films/gate.mp4")),
        ("/srv/gate.mp4", Path("/srv/gate.mp4")),
        ("~/gate.mp4", Path("~/gate.mp4").expanduser()),
    ],
)
def test_a_plain_path_is_relative_to_the_data_folder(address, path):
    assert file_path(address, Path("/data")) == path


@pytest.mark.parametrize("piece", ["a", "://", "a://", "_", "pas", "_pass", "?pwd", "@", "a.-"])
@pytest.mark.parametrize("before", ["", "rtsp://", "?"])
@tried_again
def test_a_long_text_is_redacted_at_once(before, piece):
    text = before + piece * 20_000
    with bounded(len(text)):
        redact(text)


@pytest.mark.parametrize("host", ["cam&pwd=s3cr3t", "pwd=s3cr3t", "cam\x00", "cam\x7f"])
def test_a_host_is_a_name_and_no_query(host):
    with pytest.raises(ConfigError) as refused:
        parse_network(f"rtsp://{host}/live")
    assert refused.value.reason is Reason.BAD_ADDRESS


def test_an_address_that_its_encoding_makes_too_long_is_refused():
    with pytest.raises(ConfigError) as refused:
        parse_network("rtsp://admin:" + "%" * (MAX_ADDRESS_CHARS // 2) + "@10.0.0.9/")
    assert refused.value.reason is Reason.TOO_LONG


def test_an_address_longer_than_any_is_refused():
    address = "rtsp://admin:" + "%" * MAX_ADDRESS_CHARS + "@10.0.0.9/"
    with pytest.raises(ConfigError) as refused:
        parse_network(address, "url_hd")
    assert (refused.value.field, refused.value.reason) == ("url_hd", Reason.TOO_LONG)
