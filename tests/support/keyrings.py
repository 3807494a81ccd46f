"""Keyrings for tests: one that keeps in memory, and its ways to fail."""

from threading import Event


class MemoryKeyring:
    """A backend of the package `keyring`, with a lock that a test turns.

    Attributes:
        kept: Passwords by key.
        calls: What was asked for, in order: the method's first word and the key.
    """

    def __init__(self, **kept):
        self.kept = dict(kept)
        self.calls = []
        self.locked = False
        self.forgetful = False

    def get_password(self, service, username):
        self._note("get", username)
        return self.kept.get(username)

    def set_password(self, service, username, password):
        self._note("set", username)
        if not self.forgetful:
            self.kept[username] = password

    def delete_password(self, service, username):
        self._note("delete", username)
        del self.kept[username]

    def _note(self, verb, key):
        self.calls.append((verb, key))
        if self.locked:
            raise OSError(f"locked, and says what it should not: {self.kept}")


class PromptingKeyring(MemoryKeyring):
    """Hangs until the person has answered its prompt."""

    def __init__(self, **kept):
        super().__init__(**kept)
        self.answered = Event()

    def _note(self, verb, key):
        super()._note(verb, key)
        self.answered.wait()
