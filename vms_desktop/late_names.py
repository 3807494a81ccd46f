"""The names of a package's face, each loaded with its module when it is first asked for."""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def late_names(package: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], object]:
    """A package's `__getattr__` (PEP 562): `modules` has the names that each module gives.

    What nobody asks for costs nothing: without a window no player is loaded, and no keyring
    before somebody has a password.
    """
    homes = {name: f"{package}.{module}" for module, names in modules.items() for name in names}

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
