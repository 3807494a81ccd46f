"""JSON as people and their editors write it, understood where it can mean one thing only.

Knows no file. Any Unicode, Western letters, line ends and blanks are taken as
they are; comments and a comma too many are passed over, and said to be there.
"""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Defect(StrEnum):
    """The fault of a file that holds no JSON object."""

    TORN = "torn"
    INVALID = "invalid"


class DefectError(ValueError):
    """A JSON file does not hold an object.

    Attributes:
        line, column: Where it cannot be read on, from 1; 0 where that says nothing.
    """

    def __init__(self, kind: Defect, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{kind} (line {line}, column {column})" if line else str(kind))
        self.kind = kind
        self.line = line
        self.column = column


# Levels. Nothing that this program or the web version writes has as many. What is read is written
# again, and there Python ends at some thousand.
MOST_DEPTH = 100


class JsonOddity(StrEnum):
    """A thing that a file has and JSON has not; some are lost when it is written anew."""

    COMMENTS = "comments"
    COMMAS = "commas too many"
    BLANKS = "unusual blanks"
    LIST = "a list in place of an object"
    TWICE = "a key that stands twice"


# A file with these, written anew, is not what a person wrote.
LOSSY = frozenset({JsonOddity.COMMENTS, JsonOddity.LIST, JsonOddity.TWICE})


@dataclass(frozen=True, slots=True)
class ParsedJson:
    """The content of a file that was understood.

    Attributes:
        repeated: Keys that were given to entries whose own another entry has.
    """

    entries: dict[str, Any] = field(default_factory=dict)
    oddities: frozenset[JsonOddity] = frozenset()
    repeated: tuple[str, ...] = ()


class JsonPairs(dict[str, Any]):
    """A JSON object in which a key stood twice; as a dict it has the last value, as JSON does.

    Attributes:
        pairs: All of it, in the file's order.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = tuple(pairs)


def parse_object(data: bytes) -> ParsedJson:
    """The JSON object in a file's bytes.

    Raises:
        DefectError: There is none.
    """
    value, oddities = parse_value(data)
    if not isinstance(value, dict):
        raise DefectError(Defect.INVALID)
    return ParsedJson(value, oddities)


def parse_value(data: bytes) -> tuple[Any, frozenset[JsonOddity]]:
    """The JSON value in a file's bytes, and what is odd about it.

    Raises:
        DefectError: There is none.
    """
    text = _text(data)
    oddities: set[JsonOddity] = set()
    try:
        value = _loads(text, oddities)
    except ValueError:
        value = _loads_plain(text, oddities)
    except RecursionError:
        raise DefectError(Defect.TORN) from None
    if _is_deep(value):
        raise DefectError(Defect.INVALID)
    return value, frozenset(oddities)


def load_json(data: bytes) -> Any:
    """The value in a file that programs write, and no person. Raises ValueError for any other."""
    try:
        value = json.loads(data)
    except RecursionError:
        raise ValueError("too deep") from None
    if _is_deep(value):
        raise ValueError("too deep")
    return value


def _is_deep(value: Any) -> bool:
    """Whether it has more levels than may be; looked at level by level, without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _text(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        # Pasted into UTF-8, a few bytes of Latin-1 must not turn all other words into nonsense.
        mixed = data.decode("utf-8", "surrogateescape")
        return "".join(map(_from_latin_1, mixed))


def _from_latin_1(sign: str) -> str:
    return chr(ord(sign) - 0xDC00) if "\udc80" <= sign <= "\udcff" else sign


def _loads(text: str, oddities: set[JsonOddity]) -> Any:
    def taken(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) == len(pairs):
            return entries
        oddities.add(JsonOddity.TWICE)
        return JsonPairs(pairs)

    return json.loads(text, object_pairs_hook=taken)


def _loads_plain(text: str, oddities: set[JsonOddity]) -> Any:
    """The value once more, read without what JSON does not have."""
    found: set[JsonOddity] = set()
    plain = _made_plain(text, found) if _BEGINNING.match(text) else text
    oddities.clear()
    oddities |= found
    try:
        return _loads(plain, oddities)
    except json.JSONDecodeError as err:
        raise DefectError(Defect.TORN, err.lineno, err.colno) from None
    except (ValueError, RecursionError):  # A number of thousands of digits is one, too.
        raise DefectError(Defect.TORN) from None


_BLANK = "\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
# A film chosen by mistake is not searched for comments.
_BEGINNING = re.compile(rf"[\s{_BLANK}]*(?:[{{\[#]|//|/\*)")
# One that does not end is a string too: every letter is looked at once, however many begin.
_STRING = r'"(?:[^"\\\n]|\\.)*+"?'
# In this order: behind a comma too many there may be a comment.
_ODD = {
    JsonOddity.COMMENTS: re.compile(rf"{_STRING}|(//[^\n]*|#[^\n]*|/\*.*?\*/)|/\*.*+", re.DOTALL),
    JsonOddity.BLANKS: re.compile(rf"{_STRING}|([{_BLANK}\v\f])"),
    JsonOddity.COMMAS: re.compile(rf"{_STRING}|(,)(?=\s*[}}\]])"),
}


def _made_plain(text: str, oddities: set[JsonOddity]) -> str:
    """The text with blanks in place of what is odd, so that every line keeps its place."""
    for oddity, pattern in _ODD.items():
        plain = pattern.sub(_blanked, text)
        if plain != text:
            oddities.add(oddity)
        text = plain
    return text


def _blanked(match: re.Match[str]) -> str:
    if match[1] is None:  # A text, which may hold anything.
        return match[0]
    return re.sub(r"[^\n]", " ", match[1])
