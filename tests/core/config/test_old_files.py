"""What earlier versions and people wrote is read and written as it always was, to the byte."""

from pathlib import Path

import pytest

from vms_desktop.core.config.camera_store import parse_cameras, sorted_out
from vms_desktop.core.config.exchange import export_json
from vms_desktop.core.config.settings import SettingsStore

OLD_FILES = Path(__file__).with_name("old_files")


def files(folder):
    """Each old file with what the program has to make of it."""
    found = sorted((OLD_FILES / folder).glob("*.json"))
    old = [path for path in found if not path.name.endswith(".saved.json")]
    return [pytest.param(path, path.with_suffix(".saved.json"), id=path.stem) for path in old]


@pytest.mark.parametrize("old, saved", files("cameras"))
def test_cameras_are_written_as_before(old, saved):
    cameras, _ = sorted_out(parse_cameras(old.read_bytes()).entries)
    assert export_json(cameras, with_passwords=True) == saved.read_bytes()


@pytest.mark.parametrize("old, saved", files("settings"))
def test_settings_are_written_as_before(old, saved, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(old.read_bytes())
    path.chmod(0o600)
    store = SettingsStore(path, tmp_path / "backups")
    store.save(store.load().settings)
    assert path.read_bytes() == saved.read_bytes()
