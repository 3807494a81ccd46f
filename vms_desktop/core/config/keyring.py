"""The system's keyring, asked in threads of their own: a prompt for its password may hang.

Knows nothing of cameras. Every call waits a moment at most; while one hangs,
the others fail at once.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from threading import Thread
from typing import Protocol, TypeVar
from uuid import uuid4

log = logging.getLogger(__name__)

SERVICE = "vms-desktop"
# A keyring that is open answers within milliseconds; closing the program has 5 s.
LIMIT_S = 2.0

# What keeps nothing, and what keeps passwords in files that are no safer than ours.
_NOT_SAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")

T = TypeVar("T")


class KeyringError(Exception):
    """The keyring is locked, missing, or does not keep what it is given."""


class Backend(Protocol):
    """The part that is used of a backend of the package `keyring`."""

    def get_password(self, service: str, username: str) -> str | None:
        """The password, None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the password."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget it; an error where there is none."""


def system_backend() -> Backend:
    """The backend that the system offers.

    Raises:
        KeyringError: There is none that keeps secrets.
    """
    import keyring  # Not before somebody wants it: it costs 50 ms and more of the start.

    backend = keyring.get_keyring()
    if _module(backend).startswith(_NOT_SAFE):
        raise KeyringError("no keyring")
    return backend


def would_prompt(backend: Backend) -> bool:
    """True if a call would ask a person for the keyring's own password, as far as it tells."""
    if _module(backend) != "keyring.backends.SecretService":
        return False
    import secretstorage

    with closing(secretstorage.dbus_init()) as connection:
        return bool(secretstorage.Collection(connection).is_locked())


def _module(backend: object) -> str:
    """The module of a backend; of several in a chain, that of the one that is asked first."""
    chained = getattr(backend, "backends", None)
    return type(chained[0] if chained else backend).__module__


class SystemKeyring:
    """Passwords by a key. Belongs to one thread.

    Args:
        open_backend: Gives the backend; called in the thread that may hang.
    """

    def __init__(
        self, open_backend: Callable[[], Backend] = system_backend, limit_s: float = LIMIT_S
    ) -> None:
        self._open = open_backend
        self._limit_s = limit_s
        self._hanging: Thread | None = None

    def get(self, key: str) -> str:
        """The password, empty where there is none.

        Raises:
            KeyringError: The keyring does not tell.
        """
        return self._ask(lambda backend: backend.get_password(SERVICE, key)) or ""

    def put(self, key: str, password: str) -> None:
        """Keep a password; it was read back when this returns.

        Raises:
            KeyringError: It may or may not be kept.
        """

        def keep(backend: Backend) -> bool:
            backend.set_password(SERVICE, key, password)
            return backend.get_password(SERVICE, key) == password

        if not self._ask(keep):
            raise KeyringError("read back another password")

    def drop(self, key: str) -> None:
        """Forget a password, if there is one.

        Raises:
            KeyringError: It may still be there.
        """

        def drop(backend: Backend) -> None:
            if backend.get_password(SERVICE, key) is not None:
                backend.delete_password(SERVICE, key)

        self._ask(drop)

    def works(self) -> bool:
        """True if it keeps and forgets a throw-away password; a locked one is left alone."""
        key = f"test-{uuid4().hex}"
        try:
            if self._ask(would_prompt):
                raise KeyringError("locked")
            self.put(key, uuid4().hex)
            self.drop(key)
        except KeyringError as err:
            log.info("the system's keyring is not used: %s", err)
            return False
        return True

    def came_back(self) -> bool:
        """True if a call that hung has ended since this was last asked."""
        if self._hanging is None or self._hanging.is_alive():
            return False
        self._hanging = None
        return True

    def _ask(self, job: Callable[[Backend], T]) -> T:
        if self._hanging is not None and self._hanging.is_alive():
            raise KeyringError("does not answer")
        answer: Future[T] = Future()
        thread = Thread(target=self._run, args=(job, answer), name="keyring", daemon=True)
        thread.start()
        try:
            return answer.result(self._limit_s)
        except TimeoutError:
            self._hanging = thread
            raise KeyringError("does not answer") from None

    def _run(self, job: Callable[[Backend], T], answer: Future[T]) -> None:
        try:
            answer.set_result(job(self._open()))
        except KeyringError as err:
            answer.set_exception(err)
        except Exception as err:  # noqa: BLE001 - a backend raises whatever its system's library does
            # Its kind alone: a text may quote what was to be kept.
            answer.set_exception(KeyringError(type(err).__name__))
