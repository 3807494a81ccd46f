import sys
from types import SimpleNamespace

import pytest

from tests.support.keyrings import MemoryKeyring, PromptingKeyring
from tests.support.waiting import wait_until
from vms_desktop.core.config.keyring import KeyringError, SystemKeyring, system_backend


@pytest.fixture
def backend():
    return MemoryKeyring()


@pytest.fixture
def keyring(backend):
    return SystemKeyring(lambda: backend)


@pytest.fixture
def prompting():
    backend = PromptingKeyring(a="one")
    yield backend
    backend.answered.set()


def test_what_is_put_is_got_until_it_is_dropped(keyring, backend):
    keyring.put("a", "pässword")
    assert keyring.get("a") == "pässword"
    keyring.drop("a")
    assert keyring.get("a") == ""
    keyring.drop("a")
    assert backend.kept == {}


def test_it_works_where_a_throw_away_password_comes_back_and_goes(keyring, backend):
    assert keyring.works()
    assert backend.kept == {}
    assert [verb for verb, _ in backend.calls] == ["set", "get", "get", "delete"]


def test_one_that_keeps_nothing_does_not_work(keyring, backend):
    backend.forgetful = True
    with pytest.raises(KeyringError):
        keyring.put("a", "one")
    assert not keyring.works()


def test_a_failure_tells_its_kind_and_no_secret(keyring, backend):
    backend.kept, backend.locked = {"a": "s3cret"}, True
    with pytest.raises(KeyringError) as failed:
        keyring.get("a")
    assert str(failed.value) == "OSError"
    assert "s3cret" not in repr(failed.value.__cause__)


def test_one_that_hangs_is_waited_for_once_and_asked_again_when_it_is_back(prompting):
    keyring = SystemKeyring(lambda: prompting, limit_s=0.05)
    for _ in range(3):
        with pytest.raises(KeyringError):
            keyring.get("a")
    assert len(prompting.calls) == 1
    assert not keyring.came_back()
    prompting.answered.set()
    wait_until(keyring.came_back)
    assert not keyring.came_back()
    assert keyring.get("a") == "one"


def backend_of(module, **attributes):
    return type("Keyring", (), {"__module__": module, **attributes})()


@pytest.mark.parametrize(
    "backend, is_safe",
    [
        (backend_of("keyring.backends.SecretService"), True),
        (backend_of("keyring.backends.macOS"), True),
        (backend_of("keyring.backends.Windows"), True),
        (backend_of("keyring.backends.fail"), False),
        (backend_of("keyring.backends.null"), False),
        (backend_of("keyrings.alt.file"), False),
    ],
)
@pytest.mark.parametrize("chained", [False, True])
def test_only_a_keyring_that_keeps_secrets_is_used(backend, is_safe, chained, monkeypatch):
    found = backend_of("keyring.backends.chainer", backends=[backend]) if chained else backend
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_keyring=lambda: found))
    if is_safe:
        assert system_backend() is found
    else:
        with pytest.raises(KeyringError):
            system_backend()


class SecretServiceKeyring(MemoryKeyring):
    """What stands before a locked keyring of the desktop: any call would prompt."""

    __module__ = "keyring.backends.SecretService"


@pytest.mark.parametrize("locked", [False, True])
def test_nobody_is_asked_for_the_keyrings_password_only_to_find_out_whether_there_is_one(
    locked, monkeypatch
):
    connection = SimpleNamespace(close=lambda: None)
    desktop = SimpleNamespace(
        dbus_init=lambda: connection,
        Collection=lambda _: SimpleNamespace(is_locked=lambda: locked),
    )
    monkeypatch.setitem(sys.modules, "secretstorage", desktop)
    backend = SecretServiceKeyring()
    assert SystemKeyring(lambda: backend).works() is not locked
    assert bool(backend.calls) is not locked
