import json
from dataclasses import replace
from uuid import UUID

import pytest

from vms_desktop.core.base.errors import Reason
from vms_desktop.core.base.json_text import Defect, DefectError
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.exchange import export_json, read_import

ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
DOOR = CameraConfig(
    id=ID,
    name="Door",
    url_sd="rtsp://10.0.0.1/sd",
    url_hd="rtsp://10.0.0.1/hd",
    username="admin",
    password="s3cret-1",
    retention_days=30,
)
WEB_VERSION = {"name": "Shop", "url_sd": "rtsp://u:p@10.0.0.9/1", "sensitivity": "500"}


def as_file(**entries):
    return json.dumps(entries).encode()


def test_a_file_of_the_web_version_is_taken_over():
    report = read_import(as_file(**{ID: WEB_VERSION}), ())
    [shop] = report.cameras
    assert (shop.id, shop.name, shop.sensitivity) == (ID, "Shop", 500)
    assert (report.known, report.refused) == ((), ())


def test_broken_cameras_among_good_ones_are_refused_one_by_one_with_their_reason():
    report = read_import(
        as_file(
            bad={"name": "Bad", "url_sd": "gopher://x"},
            worse={"name": "Worse"},
            worst=[],
            good={"name": "Good", "url_sd": "rtsp://h/1"},
        ),
        (),
    )
    assert [camera.name for camera in report.cameras] == ["Good"]
    told = [
        (each.number, each.name, each.error.field, each.error.reason) for each in report.refused
    ]
    assert told == [
        (1, "Bad", "url_sd", Reason.UNKNOWN_SCHEME),
        (2, "Worse", "url_sd", Reason.EMPTY),
        (3, "", "camera", Reason.WRONG_TYPE),
    ]


@pytest.mark.parametrize(
    "found",
    [
        DOOR,
        replace(DOOR, id=OTHER_ID),
        replace(DOOR, name="Gate"),
        replace(DOOR, retention_days=5, sensitivity=100),
        replace(DOOR, username="", password="", url_sd="rtsp://admin:s3cret-1@10.0.0.1/sd"),
    ],
)
def test_a_camera_that_is_there_already_is_known_and_not_changed(found):
    report = read_import(export_json([found], with_passwords=True), (DOOR,))
    assert report.cameras == ()
    assert report.known == (found.name,)


def test_an_export_without_passwords_is_known_too():
    assert read_import(export_json([DOOR], with_passwords=False), (DOOR,)).known == ("Door",)


@pytest.mark.parametrize("taken", [ID, "front-door", "../..", ""])
def test_an_id_that_another_camera_has_or_that_is_none_is_made_fresh(taken):
    report = read_import(as_file(**{taken: WEB_VERSION}), (DOOR,))
    [shop] = report.cameras
    assert UUID(shop.id)
    assert shop.id not in (ID, taken)


def test_one_camera_twice_in_a_file_is_taken_once():
    report = read_import(as_file(**{ID: WEB_VERSION, OTHER_ID: WEB_VERSION}), ())
    assert ([camera.id for camera in report.cameras], report.known) == ([ID], ("Shop",))


@pytest.mark.parametrize(
    "data, kind", [(b"", Defect.TORN), (b"\x00\x00\x00 ftypisom", Defect.TORN), (b"[]", "invalid")]
)
def test_a_file_that_is_no_list_of_cameras_is_refused_whole(data, kind):
    with pytest.raises(DefectError) as refused:
        read_import(data, ())
    assert refused.value.kind == kind


def test_what_was_exported_with_passwords_comes_back_the_same():
    report = read_import(export_json([DOOR], with_passwords=True), ())
    assert report.cameras == (DOOR,)


@pytest.mark.parametrize(
    "address, bare",
    [
        ("rtsp://admin:s3cret@10.0.0.1:554/sd", "rtsp://10.0.0.1:554/sd"),
        ("rtsp://10.0.0.1/sd?token=s3cret&x=1", "rtsp://10.0.0.1/sd?token=&x=1"),
        (
            "rtsp://10.0.0.1/user={username}&password={password}&channel=1",
            "rtsp://10.0.0.1/user={username}&password={password}&channel=1",
        ),
        ("films/s3cret.mp4", "films/s3cret.mp4"),
        ("0", "0"),
    ],
)
def test_an_export_without_passwords_holds_none_in_its_addresses(address, bare):
    camera = replace(DOOR, url_sd=address, url_hd="", password="s3cret", password_in_keyring=True)
    [entry] = json.loads(export_json([camera], with_passwords=False)).values()
    assert entry["url_sd"] == bare
    assert (entry["username"], entry["password"]) == ("admin", "")
    assert entry["password_in_keyring"] is False


def test_the_user_name_of_an_address_is_kept():
    camera = replace(DOOR, url_sd="rtsp://guest:s3cret@10.0.0.1/sd", username="")
    exported = export_json([camera], with_passwords=False)
    assert json.loads(exported)[ID]["username"] == "guest"
    assert b"s3cret" not in exported


def test_an_export_without_passwords_holds_no_key_that_nobody_knows():
    camera = replace(DOOR, extra={"onvif_password": "s3cret", "colour": "green"})
    assert b"s3cret" not in export_json([camera], with_passwords=False)
    assert b"s3cret" in export_json([camera], with_passwords=True)
