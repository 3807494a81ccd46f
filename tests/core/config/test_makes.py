"""The makes of cameras that come with the program, and those that a user adds."""

import json
import logging
from dataclasses import replace

import pytest

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.base.json_text import DefectError
from vms_desktop.core.config.address import network_address
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.makes import Make, MakeNote, filled_addresses, load_makes
from vms_desktop.resources import makes_json

ACME = {"name": "Acme", "url_sd": "rtsp://{host}/low", "url_hd": "rtsp://{host}/high"}
ACME_MAKE = Make(key="acme", name="Acme", url_sd=ACME["url_sd"], url_hd=ACME["url_hd"])


def table(**makes: object) -> bytes:
    return json.dumps(makes).encode()


@pytest.fixture(scope="module")
def shipped():
    return {make.key: make for make in load_makes(makes_json())}


@pytest.mark.parametrize("host", ["192.0.2.7", "cam.local:8554", "[2001:db8::7]", "2001:db8::7"])
def test_every_shipped_make_gives_addresses_that_a_camera_takes(shipped, host):
    for make in shipped.values():
        url_sd, url_hd = filled_addresses(make, host)
        if make.note is MakeNote.NO_RTSP:
            assert (url_sd, url_hd) == ("", "")
        else:
            CameraConfig(id="1", name=make.name, url_sd=url_sd, url_hd=url_hd)


def test_names_of_shipped_makes_are_told_apart_and_in_order(shipped):
    names = [make.name for make in shipped.values()]
    makers, others = names[:-3], names[-3:]
    assert len(set(names)) == len(names)
    assert makers == sorted(makers, key=str.casefold)
    assert others == ["go2rtc", "MediaMTX", "ONVIF"]


@pytest.mark.parametrize(
    "key, url_sd, url_hd",
    [
        (
            "hikvision",
            "rtsp://192.0.2.7/Streaming/Channels/102",
            "rtsp://192.0.2.7/Streaming/Channels/101",
        ),
        (
            "dahua",
            "rtsp://192.0.2.7/cam/realmonitor?channel=1&subtype=1",
            "rtsp://192.0.2.7/cam/realmonitor?channel=1&subtype=0",
        ),
        ("tapo", "rtsp://192.0.2.7/stream2", "rtsp://192.0.2.7/stream1"),
        ("reolink", "rtsp://192.0.2.7/Preview_01_sub", "rtsp://192.0.2.7/Preview_01_main"),
        ("uniview", "rtsp://192.0.2.7/media/video2", "rtsp://192.0.2.7/media/video1"),
        ("bosch", "rtsps://192.0.2.7:9554/?inst=2", "rtsps://192.0.2.7:9554/?inst=1"),
        ("foscam", "rtsp://192.0.2.7:88/videoSub", "rtsp://192.0.2.7:88/videoMain"),
    ],
)
def test_a_make_fills_both_addresses_from_the_host(shipped, key, url_sd, url_hd):
    assert filled_addresses(shipped[key], " 192.0.2.7 ") == (url_sd, url_hd)


@pytest.mark.parametrize("key", ["xmeye", "reolink_flv"])
def test_a_login_in_the_path_stays_a_placeholder_until_the_camera_is_opened(shipped, key):
    url_sd, _ = filled_addresses(shipped[key], "192.0.2.7")
    assert "{username}" in url_sd
    opened = network_address(url_sd, "me", "p&ss").url
    assert "{" not in opened
    assert "p%26ss" in opened


@pytest.mark.parametrize("key", ["tapo", "unifi", "hikvision", "wyze", "go2rtc"])
def test_what_an_owner_has_to_know_is_noted(shipped, key):
    assert shipped[key].note is not None


@pytest.mark.parametrize("key", ["foscam", "axis", "vivotek", "sony", "panasonic", "v380", "eufy"])
def test_what_nobody_documents_is_not_called_verified(shipped, key):
    assert not shipped[key].verified


@pytest.mark.parametrize(
    "pattern, host, address",
    [
        ("rtsp://{host}/x", "cam", "rtsp://cam/x"),
        ("rtsp://{host}/x", "cam:99", "rtsp://cam:99/x"),
        ("rtsp://{host}:88/x", "cam", "rtsp://cam:88/x"),
        ("rtsp://{host}:88/x", "cam:99", "rtsp://cam:99/x"),
        ("rtsp://{host}:88/x", "[::1]", "rtsp://[::1]:88/x"),
        ("rtsp://{host}:88/x", "[::1]:99", "rtsp://[::1]:99/x"),
        ("rtsp://{host}:88/x", "::1", "rtsp://[::1]:88/x"),
    ],
)
def test_a_port_given_with_the_host_goes_before_the_makers(pattern, host, address):
    assert filled_addresses(replace(ACME_MAKE, url_sd=pattern), host)[0] == address


def test_own_makes_come_first_and_shipped_ones_can_be_replaced():
    own = table(acme=ACME, bosch=ACME | {"name": "My Bosch", "note": "switch_on_rtsp"})
    makes = load_makes(table(axis=ACME | {"name": "Axis"}, bosch=ACME | {"name": "Bosch"}), own)
    assert [make.name for make in makes] == ["Acme", "Axis", "My Bosch"]
    assert makes[0] == ACME_MAKE
    assert makes[2].note is MakeNote.SWITCH_ON_RTSP


@pytest.mark.parametrize(
    "entry, field, reason",
    [
        ("rtsp://{host}/", "bad", Reason.WRONG_TYPE),
        ({"url_sd": "rtsp://{host}/x"}, "name", Reason.EMPTY),
        ({"name": "Acme"}, "url_sd", Reason.EMPTY),
        (ACME | {"url_hd": "rtsp://cam/x"}, "url_hd", Reason.BAD_ADDRESS),
        (ACME | {"url_hd": "gopher://{host}/x"}, "url_hd", Reason.UNKNOWN_SCHEME),
        (ACME | {"url_hd": "rtsp://{host}:99999/x"}, "url_hd", Reason.OUT_OF_RANGE),
        (ACME | {"url_sd": 7}, "url_sd", Reason.WRONG_TYPE),
        (ACME | {"verified": "yes"}, "verified", Reason.WRONG_TYPE),
        (ACME | {"note": "buy another"}, "note", Reason.UNKNOWN_VALUE),
    ],
)
def test_a_broken_own_entry_is_reported_and_the_others_stand(entry, field, reason, caplog):
    caplog.set_level(logging.WARNING)
    makes = load_makes(table(axis=ACME), table(bad=entry, good=ACME))
    assert [make.key for make in makes] == ["good", "axis"]
    assert f"bad: {field}: {reason}" in caplog.text
    with pytest.raises(ConfigError):
        load_makes(table(bad=entry))


@pytest.mark.parametrize("own", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_an_own_table_that_is_none_is_reported_and_not_used(own, caplog):
    assert len(load_makes(table(axis=ACME), own)) == 1
    assert "makes.json" in caplog.text
    with pytest.raises(DefectError):
        load_makes(own)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_own_table_may_come_from_any_editor(encoding):
    own = json.dumps({"acme": ACME | {"name": "Caméra"}}, ensure_ascii=False).encode(encoding)
    assert load_makes(table(), own)[0].name == "Caméra"
