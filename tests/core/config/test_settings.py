import stat

import pytest

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.settings import Settings, SettingsStore, View, settings_from_json


@pytest.fixture
def store(tmp_path):
    return SettingsStore(tmp_path / "settings.json", tmp_path / "backups")


def test_without_a_file_the_defaults_hold(store):
    loaded = store.load()
    assert loaded.settings == Settings()


def test_what_is_saved_is_loaded(store):
    settings = Settings(
        purge_hour=5,
        language="fr",
        theme="light",
        recordings_folder="elsewhere",
        recordings_mark="0f",
        quota_gb=12.5,
        layout="1+5",
        views=(View("Façade", ("a", "b")), View("Empty", ())),
        view="Façade",
        order=("b", "a"),
        volume=0.25,
        muted=False,
        window={"geometry": "AAAA"},
        extra={"of_a_newer_version": [1, 2]},
    )
    store.save(settings)
    loaded = store.load()
    assert loaded.settings == settings
    assert loaded.invalid == ()


@pytest.mark.parametrize(
    "key, value, reason",
    [
        ("purge_hour", 24, Reason.OUT_OF_RANGE),
        ("purge_hour", -1, Reason.OUT_OF_RANGE),
        ("purge_hour", 3.5, Reason.NOT_A_NUMBER),
        ("purge_hour", "soon", Reason.NOT_A_NUMBER),
        ("purge_hour", True, Reason.WRONG_TYPE),
        ("language", "de", Reason.UNKNOWN_VALUE),
        ("language", None, Reason.WRONG_TYPE),
        ("theme", "pink", Reason.UNKNOWN_VALUE),
        ("layout", "5x5", Reason.UNKNOWN_VALUE),
        ("quota_gb", -1, Reason.OUT_OF_RANGE),
        ("quota_gb", float("nan"), Reason.NOT_A_NUMBER),
        ("quota_gb", 10**400, Reason.NOT_A_NUMBER),
        ("volume", 1.1, Reason.OUT_OF_RANGE),
        ("fill", "yes", Reason.WRONG_TYPE),
        ("order", "abc", Reason.WRONG_TYPE),
        ("order", [1], Reason.WRONG_TYPE),
        ("views", [3], Reason.WRONG_TYPE),
        ("views", [{"cameras": []}], Reason.WRONG_TYPE),
        ("window", {"geometry": 3}, Reason.WRONG_TYPE),
    ],
)
def test_a_wrong_value_gives_way_to_its_default_and_is_told(key, value, reason):
    loaded = settings_from_json({key: value, "theme": "light"} | {key: value})
    settings = loaded.settings
    assert getattr(settings, key) == getattr(Settings(), key)
    assert [(error.field, error.reason) for error in loaded.invalid] == [(key, reason)]
    assert key == "theme" or settings.theme == "light"


def test_a_number_may_be_a_string():
    assert settings_from_json({"purge_hour": "4"}).settings.purge_hour == 4


@pytest.mark.parametrize("value, taken", [("on", True), ("False", False), (1, True), ("0", False)])
def test_a_flag_may_be_said_as_in_the_cameras_file(value, taken):
    loaded = settings_from_json({"fill": value})
    assert (loaded.settings.fill, loaded.invalid) == (taken, ())


def test_settings_are_valid_or_do_not_exist():
    with pytest.raises(ConfigError):
        Settings(purge_hour=99)


def test_a_torn_file_is_left_alone_and_the_last_good_one_loaded(store, tmp_path):
    kept = Settings(purge_hour=7, order=("b", "a"), views=(View("V", ("a",)),), window={"w": "AA"})
    store.save(kept)
    (tmp_path / "settings.json").write_bytes(b'{"purge')
    assert store.load().settings == kept
    assert (tmp_path / "settings.json").read_bytes() == b'{"purge'


def test_what_was_written_into_the_file_meanwhile_is_kept_beside_it(store, tmp_path):
    store.save(Settings(purge_hour=7))
    for content in (b'{"purge', b'{"purge_hour": 9}'):
        (tmp_path / "settings.json").write_bytes(content)
        store.save(Settings(purge_hour=8))
        [kept] = [path for path in tmp_path.glob("settings.json.*") if path.read_bytes() == content]
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert store.load().settings.purge_hour == 8


@pytest.mark.parametrize("path", ["/mnt/a\0b", "\ud800"])
@pytest.mark.parametrize("key", ["recordings_folder", "pictures_folder"])
def test_what_no_system_takes_for_a_path_is_none(key, path):
    loaded = settings_from_json({key: path})
    assert getattr(loaded.settings, key) == ""
    assert [error.field for error in loaded.invalid] == [key]
