"""Two data folders with the same cameras, and one keyring."""

import json
import shutil

import pytest

from tests.support.keyrings import MemoryKeyring
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.config import keyring_names
from vms_desktop.core.config.keyring import KeyringError, SystemKeyring
from vms_desktop.core.config.keyring_names import FolderKeyring


@pytest.fixture
def backend():
    return MemoryKeyring()


@pytest.fixture
def opened(backend):
    def opened(folder):
        folder.mkdir(exist_ok=True)
        return FolderKeyring(SystemKeyring(lambda: backend), folder / "keyring.json")

    return opened


def test_two_folders_keep_a_password_each_for_the_same_camera(opened, tmp_path):
    home, barn = opened(tmp_path / "home"), opened(tmp_path / "barn")
    home.put("a", "h0me")
    barn.put("a", "b4rn")
    assert (home.get("a"), barn.get("a")) == ("h0me", "b4rn")
    home.drop("a")
    assert (home.get("a"), barn.get("a")) == ("", "b4rn")
    assert opened(tmp_path / "barn").get("a") == "b4rn"


def test_what_an_earlier_version_kept_is_found_copied_and_left(opened, backend, tmp_path):
    backend.kept["a"] = "0ld"
    home = opened(tmp_path / "home")
    assert home.get("a") == "0ld"
    assert backend.kept["a"] == "0ld"
    assert sorted(backend.kept.values()) == ["0ld", "0ld"]
    home.drop("a")
    # Nor does it come back by its old name.
    assert home.get("a") == opened(tmp_path / "home").get("a") == ""
    assert opened(tmp_path / "barn").get("a") == "0ld"


def test_a_copy_of_a_folder_reads_what_was_there_and_changes_its_own(opened, tmp_path):
    opened(tmp_path / "home").put("a", "s3cret")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    copy = opened(tmp_path / "copy")
    assert copy.get("a") == "s3cret"
    copy.drop("a")
    assert opened(tmp_path / "home").get("a") == "s3cret"
    assert copy.get("a") == ""


def test_a_folder_that_was_moved_keeps_its_entries(opened, backend, tmp_path):
    opened(tmp_path / "home").put("a", "s3cret")
    (tmp_path / "home").rename(tmp_path / "moved")
    moved = opened(tmp_path / "moved")
    assert moved.get("a") == "s3cret"
    moved.put("a", "newer")
    assert list(backend.kept.values()) == ["newer"]
    # Another one where it lay before is no reason for another id.
    opened(tmp_path / "home").put("b", "0ther")
    assert opened(tmp_path / "moved").get("a") == "newer"


def test_without_its_file_on_the_disk_no_password_goes_where_nobody_finds_it(
    opened, backend, tmp_path, monkeypatch
):
    backend.kept["a"] = "0ld"

    def fail(*_):
        raise StorageError(StorageProblem.READ_ONLY)

    monkeypatch.setattr(keyring_names, "write_whole", fail)
    home = opened(tmp_path / "home")
    assert home.get("a") == "0ld"
    with pytest.raises(KeyringError, match="read_only"):
        home.put("b", "s3cret")
    assert backend.kept == {"a": "0ld"}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[" * 5000, b'{"id": 1}', b'{"id": "x", "own": 3}']
)
def test_a_file_that_says_nothing_is_told_and_left_alone(opened, tmp_path, content):
    """Another id would leave every password without its name."""
    home = opened(tmp_path / "home")
    file = tmp_path / "home" / "keyring.json"
    file.write_bytes(content)
    for ask in (lambda: home.get("a"), lambda: home.put("a", "s3cret")):
        with pytest.raises(KeyringError, match="not usable"):
            ask()
    assert file.read_bytes() == content


def test_one_that_cannot_be_read_is_left_alone(opened, backend, tmp_path):
    home = opened(tmp_path / "home")
    (tmp_path / "home" / "keyring.json").mkdir()
    for ask in (lambda: home.get("a"), lambda: home.put("a", "s3cret")):
        with pytest.raises(KeyringError, match="not read"):
            ask()
    assert backend.kept == {}


def test_the_file_holds_no_password_and_is_its_owners(opened, tmp_path):
    opened(tmp_path / "home").put("a", "s3cret")
    path = tmp_path / "home" / "keyring.json"
    assert "s3cret" not in path.read_text()
    assert json.loads(path.read_text())["own"] == ["a"]
    assert path.stat().st_mode & 0o777 == 0o600
