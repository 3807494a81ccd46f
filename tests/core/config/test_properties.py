"""Whatever is typed or stands in a file is taken or refused, and no password is shown."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume
from hypothesis import strategies as st

from tests.support import material
from tests.support.bounds import bounded
from tests.support.keyrings import MemoryKeyring
from tests.support.packets import HandClock
from tests.support.properties import given
from tests.support.strategies import (
    anything,
    changed_json,
    damaged,
    hosts,
    json_bytes,
    json_values,
    noise,
    paths,
    ports,
    schemes,
    secrets,
)
from vms_desktop.core.base.errors import ConfigError
from vms_desktop.core.base.json_file import QUIET_S
from vms_desktop.core.base.json_text import DefectError
from vms_desktop.core.config.address import (
    address_kind,
    check_address,
    completed_address,
    network_address,
    parse_network,
    redact,
    split_login,
)
from vms_desktop.core.config.camera import CameraConfig, camera_from_json, camera_to_json
from vms_desktop.core.config.camera_store import CameraStore, parse_cameras, sorted_out
from vms_desktop.core.config.declared import written
from vms_desktop.core.config.exchange import export_json, read_import
from vms_desktop.core.config.keyring import KeyringError, SystemKeyring
from vms_desktop.core.config.keyring_names import FolderKeyring
from vms_desktop.core.config.login import StreamLogin, kept_login, shown_login
from vms_desktop.core.config.makes import filled_addresses, load_makes
from vms_desktop.core.config.settings import Settings, SettingsStore, settings_from_json
from vms_desktop.resources import makes_json

WORD = "S3ntinel"

texts = st.one_of(
    st.text(anything, max_size=60),
    st.text("rtsp:/@#?%&=.ab1[]{}pwd ", max_size=60),
    damaged(
        lambda: (
            b"rtsp://admin:pa%40ss@10.0.0.9:554/live?a=b",
            b"http://cam.local/cgi?user=me&pwd=secret;token=abc",
            b"rtsp://10.0.0.9/user={username}_password={password}_channel=1",
            b"rtsps://u:p@[fe80::1%eth0]:322/x?enableSrtp",
        )
    ).map(lambda data: data.decode("utf-8", "surrogateescape")),
)


@given(text=texts)
def test_an_address_is_taken_or_refused(text):
    with bounded(len(text)):
        address_kind(text)
        redact(text)
        completed_address(text)
        for judge in (lambda: check_address("url_sd", text), lambda: split_login(text)):
            try:
                judge()
            except ConfigError as err:
                assert text not in str(err)
        try:
            parsed = parse_network(text)
        except ConfigError:
            return
        assert parse_network(parsed.url).url == parsed.url
        assert parsed.host in parsed.shown


@given(
    scheme=schemes, username=st.sampled_from(["admin", "", "a@b", "ü"]), secret=secrets,
    host=hosts, port=ports, path=paths,
)  # fmt: skip
def test_a_typed_password_is_never_shown(scheme, username, secret, host, port, path):
    """However it is written: what it means is one thing, what is shown of it another."""
    address = f"{scheme}://{username}:{secret}@{host}{port}{path}"
    assert WORD not in redact(address)
    assert WORD not in redact(f"cannot open '{address}', tried twice")
    try:
        parsed, split = parse_network(address), split_login(address)
    except ConfigError as err:
        assert WORD not in f"{err}{err!r}"
        return
    assert WORD not in f"{parsed}{parsed!r}{parsed.shown}{split}{split!r}{split.address}"
    assert WORD not in f"{parsed.origin}{parsed.host}"


@given(secret=secrets, scheme=schemes, host=hosts, port=ports, path=paths)
def test_an_address_says_what_it_was_made_of(secret, scheme, host, port, path):
    parsed = network_address(f"{scheme}://{host}{port}{path}", "me@home", secret)
    again = parse_network(parsed.url)
    assert (again.username, again.password) == ("me@home", secret)
    assert (again.host, again.port, again.rest) == (parsed.host, parsed.port, parsed.rest)


@given(
    secret=secrets,
    key=st.sampled_from(["pwd", "password", "passwd", "pass", "loginpas", "token", "auth_key"]),
    before=st.sampled_from(["?", "/x?a=b&", "/x;", "/"]),
    behind=st.sampled_from(["", "&b=c"]),
)
def test_a_secret_parameter_is_never_shown(secret, key, before, behind):
    secret = "".join(sign for sign in secret if sign not in "&;\"' ")
    address = f"http://10.0.0.9/{before}user=me&{key}={secret}{behind}"
    assert WORD not in redact(address)
    try:
        parsed = parse_network(address)
    except ConfigError:
        return
    assert WORD not in f"{parsed!r}{parsed.shown}"


@given(secret=secrets, host=hosts, path=paths, other=secrets)
def test_nothing_that_is_given_away_holds_a_password(secret, host, path, other):
    addresses = f"rtsp://u:{secret}@{host}{path}", f"http://{host}/x?user=u&pwd={other}"
    try:
        camera = CameraConfig(id="1", name="A", url_sd=addresses[0], url_hd=addresses[1],
                              password=other, extra={"key": secret})  # fmt: skip
    except ConfigError:
        assume(False)
    assert WORD not in repr(camera)
    assert WORD not in export_json([camera], with_passwords=False).decode()
    assert WORD not in repr(read_import(export_json([camera], with_passwords=True), ()))


@given(entry=changed_json(material.camera_entries), name=st.text(anything, max_size=8))
def test_a_camera_that_is_taken_is_written_and_read_as_the_same(entry, name):
    try:
        camera = camera_from_json("1", entry)
    except ConfigError as err:
        assert err.field
        return
    again = camera_from_json("1", camera_to_json(camera))
    assert replace(again, extra={}) == replace(camera, extra={})
    shown = shown_login(camera)
    kept = kept_login(camera, shown)
    assert (kept.url_sd, kept.url_hd) == (camera.url_sd, camera.url_hd)
    kept_login(camera, StreamLogin(shown.url_sd, shown.url_hd, name, name))


@given(value=json_values)
def test_any_value_is_a_camera_or_not(value):
    try:
        camera_from_json("1", value)
    except ConfigError as err:
        assert err.field


@given(data=st.one_of(json_bytes(material.camera_files), noise()))
def test_cameras_are_read_whatever_the_file_holds(data):
    with bounded(len(data)):
        try:
            entries = parse_cameras(data).entries
        except DefectError:
            return
        cameras, invalid = sorted_out(entries)
        assert len(cameras) + len(invalid) == len(entries)
        read_import(data, cameras[:2])


@given(
    first=st.sampled_from(range(3)),
    second=st.one_of(json_bytes(material.camera_files), noise()),
    index=st.integers(0, 3),
)
def test_no_camera_that_was_readable_is_lost(first, second, index):
    """Of a good file, then a damaged one: what is loaded, changed and saved is there again."""
    with TemporaryDirectory() as folder, bounded(len(second)):
        path, clock = Path(folder) / "cameras.json", HandClock()
        keyring = SystemKeyring(MemoryKeyring)
        store = CameraStore(path, Path(folder) / "backups", clock, keyring)
        store.file.save(material.camera_files()[first])
        good = store.load()
        path.write_bytes(second)
        store.load()
        clock.time += QUIET_S
        loaded = store.load()
        try:
            expected = sorted_out(parse_cameras(second).entries)[0]
        except DefectError:
            expected = good.cameras
        assert [camera.id for camera in loaded.cameras] == [camera.id for camera in expected]
        kept = list(loaded.cameras)
        del kept[index : index + 1]
        store.save(kept)
        again = CameraStore(
            path, Path(folder) / "backups", clock, SystemKeyring(MemoryKeyring)
        ).load()
        assert again.notice is None
        assert [camera.id for camera in again.cameras] == [camera.id for camera in kept]
        assert len(again.invalid) == len(loaded.invalid)


@given(entries=changed_json(material.settings_files))
def test_settings_are_read_whatever_stands_there(entries):
    if not isinstance(entries, dict):
        return
    found = settings_from_json(entries)
    known = written(found.settings)
    assert settings_from_json(known).settings == replace(found.settings, extra={})
    assert settings_from_json(known).invalid == ()
    if found.settings.recordings_root:
        assert "\0" not in str(found.settings.recordings_root)


@given(data=st.one_of(json_bytes(material.settings_files), noise()))
def test_the_program_has_settings_whatever_the_file_holds(data):
    with TemporaryDirectory() as folder, bounded(len(data)):
        path = Path(folder) / "settings.json"
        path.write_bytes(data)
        store = SettingsStore(path, Path(folder) / "backups", HandClock())
        found = store.load().settings
        assert isinstance(found, Settings)
        store.save(found)
        store.load()


MAKES = (
    {"own": {"name": "Own", "url_sd": "rtsp://{host}:554/sd", "url_hd": "rtsp://{host}/hd"}},
    {"axis": {"name": "Other", "url_sd": "http://{host}/x", "verified": True}},
    {"none": {"name": "None", "note": "no_rtsp"}},
)


@given(data=st.one_of(json_bytes(lambda: MAKES), noise()), host=st.one_of(hosts, texts))
def test_makes_of_ones_own_are_taken_or_passed_over(data, host):
    with bounded(len(data) + len(host), limit_bytes=2**22):
        shipped = load_makes(makes_json())
        makes = load_makes(makes_json(), data)
    assert {make.key for make in makes} >= {make.key for make in shipped}
    for make in makes[:3]:
        filled_addresses(make, host)


NAMES_OF_FOLDER = (
    {"id": "f1", "place": "/data", "before": [""], "own": ["1"]},
    {"id": "f1", "place": "/data", "before": ["", "f0"], "own": []},
)


@given(data=st.one_of(json_bytes(lambda: NAMES_OF_FOLDER), noise()), secret=secrets)
def test_a_password_is_kept_or_refused_whatever_the_names_say(data, secret):
    with TemporaryDirectory() as folder, bounded(len(data)):
        path = Path(folder) / "keyring.json"
        path.write_bytes(data)
        system = MemoryKeyring()
        keyring = FolderKeyring(SystemKeyring(lambda: system), path)
        try:
            keyring.put("1", secret)
            assert keyring.get("1") == secret
            again = FolderKeyring(SystemKeyring(lambda: system), path)
            assert again.get("1") == secret
            keyring.drop("1")
            assert keyring.get("1") == ""
        except KeyringError as err:
            assert WORD not in f"{err!r}"
            assert path.read_bytes() == data
