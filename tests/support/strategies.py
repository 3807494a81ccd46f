"""Inputs that nobody thought of: what real ones become by damage, and what has only their form.

The tests draw a few of them, always the same ones; `python -m tests.fuzz` draws without end.
"""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

# With every change: the same inputs each time, for seconds. `long`: for minutes.
ORDINARY, LONG, FUZZ = "ordinary", "long", "fuzz"
# What a piece repeated makes of an input; squared it is felt.
MOST_BYTES = 60_000

_LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 63)
_TOKENS = (
    b"\0", b"\xff", b"\n", b"\r\n", b" ", b"a", b"0", b"9", b"=", b";", b",", b":", b"@", b"/",
    b"#", b"*", b"-", b"_", b"[", b"{", b'"', b"\\", b'\\"', b"/*", b"//", b"{}", b"[],", b'{"":',
    b"\0\0\1", b"\0\0\0\1", b"\0\0\3", b"\xff\xd8\xff", b"\xff\xd9", b"\x80", b"\xed\xa0\x80",
    b"\\ud800", b"NaN", b"1e999", b"-1", b"m=", b"a=b\n", b"RTSP/",
    b"RTSP/1.0 200 OK\r\n", b"OPTIONS * RTSP/1.0 ", b"A", b"a ", b"a=", b"://", b"/*a",
    b"$\0\0\1", b"pass", b"%",
)  # fmt: skip


def register_profiles() -> None:
    """Make the profiles known, and the ordinary one current."""
    common: dict[str, Any] = {
        "database": None,
        "deadline": None,  # `bounds` and `properties` have others.
        "suppress_health_check": list(HealthCheck),
        "report_multiple_bugs": False,
        "print_blob": False,
        "phases": (Phase.generate, Phase.shrink),
    }
    settings.register_profile(ORDINARY, max_examples=25, derandomize=True, **common)
    settings.register_profile(LONG, max_examples=300, derandomize=True, **common)
    settings.register_profile(FUZZ, max_examples=200, **common)
    settings.load_profile(ORDINARY)


class Edit(NamedTuple):
    """A piece of damage; how its numbers are understood depends on the kind."""

    kind: str
    at: int
    size: int
    piece: bytes


_edits = st.builds(
    Edit,
    st.sampled_from(("flip", "cut", "end", "put", "many", "again", "number", "move")),
    st.integers(0, 1 << 20),
    st.integers(0, 4000),
    st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=12)),
)


def edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The data with all that damage, one after the other."""
    changed = bytearray(data)
    for edit in edits:
        at = edit.at % (len(changed) + 1)
        piece = _piece(changed, at, edit)
        match edit.kind:
            case "flip" if changed:
                changed[at % len(changed)] ^= edit.size % 255 + 1
            case "cut":
                del changed[at : at + edit.size]
            case "end":
                del changed[at:]
            case "number":
                changed[at : at + len(piece)] = piece
            case "move":
                moved = changed[at : at + edit.size]
                del changed[at : at + edit.size]
                changed[:0] = moved
            case _:
                changed[at:at] = piece
    return bytes(changed)


def _piece(changed: bytearray, at: int, edit: Edit) -> bytes:
    room = max(0, MOST_BYTES - len(changed))
    match edit.kind:
        case "many":
            return (edit.piece * (edit.size * 4))[:room]
        case "again":
            chunk = bytes(changed[at : at + edit.size % 200 + 1])
            return (chunk * (len(edit.piece) ** 3 + 1))[:room]
        case "number":
            width = 1 << edit.size % 4
            return (_LENGTHS[edit.size % len(_LENGTHS)] % (1 << 8 * width)).to_bytes(width)
        case "put":
            return edit.piece
    return b""


def damaged(make: Callable[[], Sequence[bytes]], most: int = 5) -> st.SearchStrategy[bytes]:
    """Real material, made when the first is drawn, with some damage; the shortest has none."""
    real = st.deferred(lambda: st.sampled_from(list(make())))
    harmed = st.builds(edited, real, st.lists(_edits, max_size=most))
    return st.one_of(harmed, harmed, harmed, st.builds(_swollen, real, _edits))


def _swollen(data: bytes, edit: Edit) -> bytes:
    """The data with so much of one thing in it that what is looked at twice is felt."""
    return edited(data, [edit._replace(kind="many", size=1000 + edit.size)])


def noise(size: int = 300) -> st.SearchStrategy[bytes]:
    """Bytes that mean nothing, and those of which formats are made."""
    pieces = st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=8))
    made = st.lists(pieces, max_size=size // 8).map(b"".join)
    return st.one_of(st.binary(max_size=size), made, st.builds(edited, made, st.lists(_edits)))


# Half characters too, which no file takes and JSON can say. Hypothesis's own characters would
# make a table of all there are first, for seconds.
anything = st.one_of(
    st.sampled_from("aZ09_ ./\\:@\"'{}[]\0\n\t\x7f\x85éß€庭💥\u202e\u2028\ud800\udcff"),
    st.integers(0, 0x10FFFF).map(chr),
)
whole = anything.filter(lambda sign: not "\ud800" <= sign <= "\udfff")
names = st.one_of(
    st.text(anything, max_size=12),
    st.text(anything, max_size=400),
    st.sampled_from(
        ["../../etc/passwd", "/", "..", ".", "CON", "aux.txt", "nul", "\0", "C:\\x", "💥", "", " ",
         "COM1", "a" * 300, "Haustür €", "庭", "\u202e", ".camera", "-", "CON ", "con\u0301"]
    ),
)  # fmt: skip

numbers = st.one_of(
    st.integers(-5, 100_000),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([float("inf"), float("-inf"), float("nan"), 1e300, 2**63, 86_400, 86_401]),
)
times = st.one_of(
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.sampled_from(
        ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59",
         "0001-01-01T00:00:00+23:59", "2026-10-25T02:30:00", "2026-11-22", "24:00", "25:61", ""]
    ),
)  # fmt: skip
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(anything, max_size=20), times),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(anything, max_size=6), inner, max_size=3),
    ),
    max_leaves=6,
)


@st.composite
def changed_json(draw: st.DrawFn, make: Callable[[], Sequence[Any]], most: int = 4) -> Any:
    """A real JSON value in which some values, however deep, are others or missing."""
    value = json.loads(json.dumps(draw(st.sampled_from(list(make())))))
    for _ in range(draw(st.integers(0, most))):
        value = _changed(draw, value)
    return value


def _changed(draw: st.DrawFn, value: Any) -> Any:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 7)) == 7:
        return draw(json_values)
    if isinstance(value, dict):
        key = draw(st.sampled_from(list(value)))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if draw(st.integers(0, 9)) == 9 else value | {key: _changed(draw, value[key])}
    at = draw(st.integers(0, len(value) - 1))
    return [*value[:at], _changed(draw, value[at]), *value[at + 1 :]]


@st.composite
def json_bytes(draw: st.DrawFn, make: Callable[[], Sequence[Any]]) -> bytes:
    """A real JSON file with other values in it, or with damage, or too deep."""
    value = draw(changed_json(make))
    data = json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    data = edited(data, draw(st.lists(_edits, max_size=2)))
    if draw(st.integers(0, 9)) == 9:
        depth = draw(st.integers(80, 1500))
        deep = b"[" * depth + b"]" * depth
        data = data.replace(b"1", deep, 1) if draw(st.booleans()) else b'{"a":' + deep + b"}"
    return data


def pieces_of(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """The data as a network hands it out, cut at these places."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


cuts = st.lists(st.integers(0, 1 << 16), max_size=8)

# A password's own letters: all that addresses know as signs of their own.
secrets = st.text("abcXYZ019@:/?#%&;=+[]{}\\\"'!$*.-_~€é", min_size=1, max_size=10).map(
    lambda text: f"S3ntinel{text}W0rd"
)
hosts = st.sampled_from(["10.0.0.9", "cam.local", "[fe80::1]", "camera", "gate-2.example.org"])
ports = st.one_of(st.just(""), st.integers(1, 65535).map(lambda port: f":{port}"))
paths = st.one_of(
    st.sampled_from(["", "/", "/live", "/cam?size=2", "/Streaming/Channels/101?a=b&c=d", "/a@b"]),
    st.text("/?&=abc012.@_-", max_size=12).map(lambda text: f"/{text}"),
)
schemes = st.sampled_from(["rtsp", "rtsps", "http", "https", "rtmp", "RTSP"])
