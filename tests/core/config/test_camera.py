import json
from dataclasses import replace
from datetime import time

import pytest

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.camera import (
    CameraConfig,
    RecordingMode,
    Transport,
    camera_from_json,
    camera_to_json,
    shown_values,
    with_edits,
)
from vms_desktop.core.config.declared import bounds_of, declarations

NUMBERS = [key for key, each in declarations(CameraConfig).items() if each.bounds]

# As the web version writes it, numbers as strings.
WEB = {
    "name": " Front door ",
    "url_sd": "rtsp://10.0.0.2/sd",
    "url_hd": "rtsp://10.0.0.2/hd",
    "sensitivity": "500",
    "is_recording_enabled": "true",
    "min_recording_time": "15",
    "retention_days": "0",
}

FULL = {
    "name": "Gate",
    "url_sd": "rtsp://10.0.0.3/sd",
    "url_hd": "rtsp://10.0.0.3/hd",
    "username": "admin",
    "password": " p@ss ",
    "password_in_keyring": True,
    "transport": "udp",
    "tls_verify": False,
    "is_active": True,
    "is_recording_enabled": False,
    "show_detection": False,
    "record_audio": False,
    "sensitivity": 312.5,
    "recording_mode": "always",
    "schedule": [{"days": [0, 6], "from": "22:00", "to": "06:30"}],
    "zones": [{"name": "Lawn", "kind": "ignore", "points": [[0, 0], [1, 0.5], [0.25, 1]]}],
    "pre_record_seconds": 7,
    "post_record_seconds": 12,
    "min_recording_time": 20,
    "retention_days": 30,
    "rotation": 90,
    "a_key_of_tomorrow": {"kept": ["as", "it", "is"]},
}


def read(**changes):
    return camera_from_json("id", {"name": "A", "url_sd": "0"} | changes)


def test_a_file_of_the_web_version_is_taken():
    camera = camera_from_json("id", WEB)
    assert camera.name == "Front door"
    assert (camera.sensitivity, camera.min_recording_time, camera.retention_days) == (500, 15, 0)
    assert not camera.is_active
    assert camera.is_recording_enabled
    assert camera.show_detection


def test_absent_keys_have_the_documented_defaults():
    camera = read()
    assert camera_to_json(camera) == {
        "name": "A",
        "url_sd": "0",
        "url_hd": "",
        "username": "",
        "password": "",
        "password_in_keyring": False,
        "transport": "tcp",
        "tls_verify": True,
        "is_active": False,
        "is_recording_enabled": True,
        "show_detection": True,
        "record_audio": True,
        "sensitivity": 0,
        "recording_mode": "motion",
        "schedule": [],
        "zones": [],
        "pre_record_seconds": 5,
        "post_record_seconds": 10,
        "min_recording_time": 15,
        "retention_days": 0,
        "rotation": 0,
    }


def test_a_new_camera_is_shown_with_the_defaults_and_runs():
    shown = shown_values(None)
    usual = shown_values(read())
    differing = {key for key, value in shown.items() if value != usual[key]}
    assert differing == {"is_active"}
    assert shown["is_active"] is True
    assert usual.keys() - shown.keys() == {"id", "name", "url_sd", "extra"}


def test_every_key_survives_reading_and_writing():
    entry = json.loads(json.dumps(camera_to_json(camera_from_json("id", FULL))))
    assert entry == FULL
    assert set(entry) >= set(camera_to_json(read()))


def test_null_is_an_absent_key():
    assert read(**dict.fromkeys(set(FULL) - {"name", "url_sd", "a_key_of_tomorrow"})) == read()


@pytest.mark.parametrize(
    "key, value, taken",
    [
        ("url_sd", 0, "0"),
        ("sensitivity", "12.5", 12.5),
        ("retention_days", 7.0, 7),
        ("rotation", "270", 270),
        ("is_active", "1", True),
        ("is_active", "TRUE", True),
        ("is_active", 0, False),
        ("is_active", "off", False),
        ("password", 1234, "1234"),
        ("transport", "UDP", Transport.UDP),
        ("recording_mode", "Manual", RecordingMode.MANUAL),
    ],
)
def test_values_may_be_written_as_people_do(key, value, taken):
    assert getattr(read(**{key: value}), key) == taken


@pytest.mark.parametrize(
    "key, value, reason",
    [
        ("name", "", Reason.EMPTY),
        ("name", "   ", Reason.EMPTY),
        ("name", "x" * 201, Reason.TOO_LONG),
        ("name", ["x"], Reason.WRONG_TYPE),
        ("name", "\ud800", Reason.WRONG_TYPE),
        ("url_sd", "", Reason.EMPTY),
        ("url_sd", 1.5, Reason.WRONG_TYPE),
        ("url_sd", True, Reason.WRONG_TYPE),
        ("url_sd", "gopher://cam/", Reason.UNKNOWN_SCHEME),
        ("url_hd", "rtsp://cam:0/", Reason.OUT_OF_RANGE),
        ("username", {}, Reason.WRONG_TYPE),
        ("password", False, Reason.WRONG_TYPE),
        ("transport", "sctp", Reason.UNKNOWN_VALUE),
        ("is_active", "perhaps", Reason.WRONG_TYPE),
        ("is_recording_enabled", 2, Reason.WRONG_TYPE),
        ("show_detection", [], Reason.WRONG_TYPE),
        ("record_audio", {}, Reason.WRONG_TYPE),
        ("sensitivity", "high", Reason.NOT_A_NUMBER),
        ("sensitivity", -1, Reason.OUT_OF_RANGE),
        ("sensitivity", float("nan"), Reason.NOT_A_NUMBER),
        ("sensitivity", float("inf"), Reason.OUT_OF_RANGE),
        ("sensitivity", 10**400, Reason.NOT_A_NUMBER),
        ("sensitivity", True, Reason.WRONG_TYPE),
        ("recording_mode", "sometimes", Reason.UNKNOWN_VALUE),
        ("rotation", 45, Reason.UNKNOWN_VALUE),
        ("rotation", 90.5, Reason.NOT_A_NUMBER),
        ("schedule", "always", Reason.WRONG_TYPE),
        ("schedule", ["x"], Reason.WRONG_TYPE),
        ("schedule", [{"from": "1:00", "to": "2:00"}], Reason.WRONG_TYPE),
        ("schedule", [{"days": [], "from": "01:00", "to": "02:00"}], Reason.EMPTY),
        ("schedule", [{"days": [7], "from": "01:00", "to": "02:00"}], Reason.OUT_OF_RANGE),
        ("schedule", [{"days": [0], "from": "25:00", "to": "02:00"}], Reason.WRONG_TYPE),
        ("schedule", [{"days": [0], "from": "01:00+02:00", "to": "02:00"}], Reason.WRONG_TYPE),
        ("schedule", [{"days": [0], "to": "02:00"}], Reason.WRONG_TYPE),
        ("zones", {}, Reason.WRONG_TYPE),
        ("zones", [{"points": [[0, 0], [1, 1]]}], Reason.TOO_FEW_POINTS),
        ("zones", [{"points": [[0, 0], [1, 1], [2, 0]]}], Reason.OUT_OF_RANGE),
        ("zones", [{"points": [[0, 0], [1, 1], [1]]}], Reason.WRONG_TYPE),
        ("zones", [{"kind": "hide", "points": []}], Reason.UNKNOWN_VALUE),
    ],
)
def test_a_bad_value_names_its_field_and_reason(key, value, reason):
    with pytest.raises(ConfigError) as caught:
        read(**{key: value})
    assert (caught.value.field, caught.value.reason) == (key, reason)


@pytest.mark.parametrize("entry", [None, [], "camera", 7])
def test_an_entry_that_is_no_object_is_refused(entry):
    with pytest.raises(ConfigError) as caught:
        camera_from_json("id", entry)
    assert caught.value.field == "camera"


@pytest.mark.parametrize("key", NUMBERS)
def test_bounds_are_part_of_what_they_bound(key):
    lowest, highest = bounds_of(CameraConfig, key)
    assert getattr(read(**{key: lowest}), key) == lowest
    assert getattr(read(**{key: highest}), key) == highest
    for value in (lowest - 1, highest + 1):
        with pytest.raises(ConfigError) as caught:
            read(**{key: value})
        assert (caught.value.field, caught.value.reason) == (key, Reason.OUT_OF_RANGE)


@pytest.mark.parametrize(
    "text, moment",
    [("24:00", time(0)), ("00:00", time(0)), ("06:30", time(6, 30)), ("22:00:30", time(22, 0, 30))],
)
def test_times_of_day_may_reach_to_24_00(text, moment):
    camera = read(schedule=[{"days": [0], "from": "12:00", "to": text}])
    assert camera.schedule[0].end == moment
    assert camera_from_json("id", camera_to_json(camera)) == camera


@pytest.mark.parametrize(
    "url_sd, url_hd, watched, recorded",
    [
        ("rtsp://a/sd", "rtsp://a/hd", "rtsp://a/sd", "rtsp://a/hd"),
        ("rtsp://a/sd", "", "rtsp://a/sd", ""),
        ("", "rtsp://a/hd", "rtsp://a/hd", ""),
        ("rtsp://a/x", "rtsp://a/x", "rtsp://a/x", ""),
    ],
)
def test_a_camera_with_one_stream_opens_one(url_sd, url_hd, watched, recorded):
    camera = CameraConfig(id="id", name="A", url_sd=url_sd, url_hd=url_hd)
    assert (camera.watched_url, camera.recorded_url) == (watched, recorded)


@pytest.mark.parametrize(
    "change, same",
    [
        ({"name": "B"}, True),
        ({"sensitivity": 100}, True),
        ({"rotation": 90}, True),
        ({"url_sd": "1"}, False),
        ({"url_hd": "rtsp://a/"}, False),
        ({"username": "admin"}, False),
        ({"password": "x"}, False),
        ({"password_in_keyring": True}, True),
        ({"transport": "udp"}, False),
    ],
)
def test_only_what_concerns_the_connection_changes_the_streams(change, same):
    assert read().same_streams(read(**change)) is same


@pytest.mark.parametrize(
    "changes, same",
    [
        ({"name": "Other", "sensitivity": 9, "rotation": 90, "zones": FULL["zones"]}, True),
        ({"url_hd": "rtsp://h/hd"}, True),
        ({"url_sd": "1"}, False),
        ({"username": "me"}, False),
        ({"password": "x"}, False),
        ({"transport": "udp"}, False),
        ({"tls_verify": False}, False),
    ],
)
def test_one_connection_serves_every_edit_but_of_the_watched_stream(changes, same):
    assert read().same_watched_stream(read(**changes)) is same


def test_of_a_camera_with_hd_alone_hd_is_what_is_watched():
    alone = read(url_sd="", url_hd="0")
    assert not alone.same_watched_stream(read(url_sd="", url_hd="1"))
    assert alone.same_watched_stream(read(url_sd="0", url_hd="1"))


def test_a_cameras_text_tells_no_secret():
    camera = read(url_hd="rtsp://admin:s3cret@a/", password="s3cret", key_x="s3cret")
    assert "s3cret" not in f"{camera!r} {camera}"


@pytest.mark.parametrize(
    "now, saved, expected",
    [
        ({}, {"name": "Gate"}, {"name": "Gate"}),
        ({"is_active": True}, {"name": "Gate"}, {"name": "Gate", "is_active": True}),
        ({"name": "Yard"}, {"name": "Gate"}, {"name": "Gate"}),
        ({"password": "s3cret"}, {"username": "ann"}, {"username": "ann", "password": "s3cret"}),
        ({"password": "s3cret"}, {"password": "other"}, {"password": "other"}),
        ({"new_key": 1}, {"retention_days": 3}, {"new_key": 1, "retention_days": 3}),
        # Each took one address away: together they are no camera.
        ({"url_sd": ""}, {"url_hd": ""}, {"url_hd": ""}),
    ],
)
def test_a_form_saves_what_was_edited_in_it_and_nothing_else(now, saved, expected):
    two = {"url_hd": "rtsp://a/hd"}
    found = with_edits(read(**two | now), read(**two), read(**two | saved))
    assert found == read(**two | expected)


@pytest.mark.parametrize("key", ["name", "url_sd", "username", "password"])
def test_half_a_character_is_refused_before_a_file_is_to_take_it(key):
    with pytest.raises(ConfigError) as refused:
        replace(read(), **{key: "caf\udce9"})
    assert (refused.value.field, refused.value.reason) == (key, Reason.WRONG_TYPE)
