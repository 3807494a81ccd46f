"""Settings, each declared once: how it is read from JSON, what it may be, how it is written.

A frozen dataclass has a field for every setting, called like its key in the file, with
its default and `metadata=declared(…)`. All else is derived from that. Readers take a key
and what JSON has there, and raise a `ConfigError` for what is no such value.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from vms_desktop.core.base import ConfigError, Reason

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_FLAGS = {"true": True, "false": False, "1": True, "0": False, "on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One setting.

    Attributes:
        read: Reads it from JSON.
        write: Shows it in JSON.
        check: Refuses what cannot be meant, wherever it comes from.
        bounds: The lowest and the highest number.
        choices: All that it can be; empty for anything.
        reconnects: Running connections do not serve another value.
    """

    read: Callable[[str, object], Any]
    write: Callable[[Any], object]
    check: Callable[[str, Any], None] | None = None
    bounds: tuple[float, float] | None = None
    choices: tuple[Any, ...] = ()
    reconnects: bool = False

    def refuse(self, key: str, value: Any) -> None:
        """Raise a `ConfigError` for a value that cannot be meant."""
        if self.choices and value not in self.choices:
            raise ConfigError(key, Reason.UNKNOWN_VALUE)
        if self.bounds and not self.bounds[0] <= value <= self.bounds[1]:
            raise ConfigError(key, Reason.OUT_OF_RANGE)
        if self.check:
            self.check(key, value)


def plain(value: Any) -> object:
    """A value as JSON reads it again, and shows it best: 15 rather than 15.0."""
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def declared(
    read: Callable[[str, object], Any], write: Callable[[Any], object] = plain, **rest: Any
) -> Mapping[str, Declaration]:
    """The metadata of a field that is a setting; `rest` as in `Declaration`."""
    return {"declaration": Declaration(read, write, **rest)}


def declarations(settings: type[Any]) -> dict[str, Declaration]:
    """All settings of a dataclass by their keys, in the order of the file."""
    kept = (each for each in fields(settings) if "declaration" in each.metadata)
    return {each.name: each.metadata["declaration"] for each in kept}


def bounds_of(settings: type[Any], key: str) -> tuple[float, float]:
    """The lowest and the highest value of a number."""
    return declarations(settings)[key].bounds or (-math.inf, math.inf)


def check_all(settings: object) -> None:
    """Refuse a dataclass whose settings cannot all be meant.

    Raises:
        ConfigError: `field` is the key of the first that cannot.
    """
    for key, declaration in declarations(type(settings)).items():
        declaration.refuse(key, getattr(settings, key))


def written(settings: object) -> dict[str, Any]:
    """The settings of a dataclass as a JSON object."""
    found = declarations(type(settings)).items()
    return {key: declaration.write(getattr(settings, key)) for key, declaration in found}


def unknown(settings: type[Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a JSON object that is no setting; it is kept."""
    known = declarations(settings)
    return MappingProxyType({key: value for key, value in entry.items() if key not in known})


# Readers.


def of_type(kind: type[T], key: str, value: object) -> T:
    """The value, if it is of a type that JSON itself has: a list, an object, text."""
    if not isinstance(value, kind):
        raise ConfigError(key, Reason.WRONG_TYPE)
    return value


def text(key: str, value: object) -> str:
    """Text as it stands."""
    return of_type(str, key, value)


def typed_text(key: str, value: object) -> str:
    """Text that a person has typed: a number is some, too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(key, Reason.WRONG_TYPE)
    check_text(key, str(value))
    return str(value)


def trimmed(key: str, value: object) -> str:
    """Typed text without the blanks around it."""
    return typed_text(key, value).strip()


def flag(key: str, value: object) -> bool:
    """On or off; words and digits say it too."""
    try:
        return _FLAGS[str(value).strip().lower()]
    except KeyError:
        raise ConfigError(key, Reason.WRONG_TYPE) from None


def number(key: str, value: object) -> float:
    """A number; text that says one is one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(key, Reason.WRONG_TYPE)
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise ConfigError(key, Reason.NOT_A_NUMBER) from None
    if math.isnan(found):
        raise ConfigError(key, Reason.NOT_A_NUMBER)
    return found


def whole(key: str, value: object) -> int:
    """A number without a fraction."""
    found = number(key, value)
    if not found.is_integer():
        raise ConfigError(key, Reason.NOT_A_NUMBER)
    return int(found)


def member(kind: type[E]) -> Callable[[str, object], E]:
    """A reader of an enumeration's members, in whatever case they are written."""

    def read(key: str, value: object) -> E:
        try:
            return kind(str(value).strip().lower())
        except ValueError:
            raise ConfigError(key, Reason.UNKNOWN_VALUE) from None

    return read


def items(read: Callable[[str, object], T]) -> Callable[[str, object], tuple[T, ...]]:
    """A reader of a list of what `read` reads."""
    return lambda key, value: tuple(read(key, each) for each in of_type(list, key, value))


def check_text(key: str, value: str) -> None:
    """Refuse half a character (a surrogate), which no file takes."""
    if not is_text(value):
        raise ConfigError(key, Reason.WRONG_TYPE)


def is_text(value: str) -> bool:
    """True if it is made of whole characters."""
    return not any("\ud800" <= character <= "\udfff" for character in value)
