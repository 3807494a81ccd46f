"""`cameras.json` as people, editors and scripts leave it."""

import json

import pytest

from tests.support.bounds import bounded, tried_again
from vms_desktop.core.base.json_file import json_bytes
from vms_desktop.core.base.json_text import (
    MOST_DEPTH,
    Defect,
    DefectError,
    JsonOddity,
    load_json,
    parse_object,
)
from vms_desktop.core.config.camera_store import parse_cameras

DOOR = {"name": "Door", "url_sd": "rtsp://host/1 // #x ,}", "points": [[0.5, 1], [0, 0]]}
YARD = {"name": "Yard", "url_sd": "rtsp://host/2"}
GOOD = json.dumps({"a": DOOR, "b": YARD}, indent=1)


def odd(text, *oddities):
    return pytest.param(text, set(oddities), id=" ".join(oddities) or "plain")


@pytest.mark.parametrize(
    "text, oddities",
    [
        odd(GOOD),
        odd(GOOD.replace("\n", "\r\n")),
        odd("// mine\n" + GOOD, JsonOddity.COMMENTS),
        odd("/* two\nlines */" + GOOD + "# the end", JsonOddity.COMMENTS),
        odd(GOOD.replace('"Yard",', '"Yard", # the garden'), JsonOddity.COMMENTS),
        odd(GOOD.replace("]\n", "],\n"), JsonOddity.COMMAS),
        odd(GOOD.replace("\n }", ",\n }"), JsonOddity.COMMAS),
        odd(GOOD.replace("]\n", "], // why\n"), JsonOddity.COMMAS, JsonOddity.COMMENTS),
        odd(GOOD.replace("\n ", "\n\u00a0"), JsonOddity.BLANKS),
        odd("\ufeff\u2028" + GOOD, JsonOddity.BLANKS),
        odd(GOOD.replace("]\n", "]\u200b,\u00a0\n"), JsonOddity.BLANKS, JsonOddity.COMMAS),
    ],
)
def test_what_can_mean_one_thing_only_is_understood(text, oddities):
    parsed = parse_object(text.encode())
    assert parsed.entries == {"a": DOOR, "b": YARD}
    assert parsed.oddities == oddities


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_editors_encoding_is_nothing_odd(encoding):
    parsed = parse_object(GOOD.encode(encoding))
    assert (parsed.entries, parsed.oddities) == ({"a": DOOR, "b": YARD}, frozenset())


@pytest.mark.parametrize(
    "text, line, column",
    [
        ('{\n "a": {"name" "Door"}\n}', 2, 15),
        ("{\n // a comment\n 'a': {}\n}", 3, 2),
        ('{\n\n"a": {},\n"b": {"x": 1}', 4, 14),
        ('{"a": {}} {"b": {}}', 1, 11),
    ],
)
def test_what_is_not_understood_says_where(text, line, column):
    with pytest.raises(DefectError) as refused:
        parse_object(text.encode())
    assert (refused.value.kind, refused.value.line, refused.value.column) == (
        Defect.TORN,
        line,
        column,
    )


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_no_beginning_of_a_file_is_taken_for_all_of_it(end):
    with pytest.raises(DefectError):
        parse_object(GOOD[:end].encode())


def test_an_id_that_stands_twice_is_two_cameras_the_first_keeps_it():
    door, yard = json.dumps(DOOR), json.dumps(YARD)
    data = f'{{"a": {door}, "a": {yard}, "b": {yard}}}'.encode()
    parsed = parse_cameras(data)
    [new] = parsed.repeated
    assert parsed.entries == {"a": DOOR, new: YARD, "b": YARD}
    assert list(parsed.entries) == ["a", new, "b"]
    assert parsed.oddities == {JsonOddity.TWICE}
    assert parse_cameras(data) == parsed, "another id at each look would be another camera"


def test_an_id_that_stands_thrice_is_three_cameras():
    entries = [json.dumps({"name": name}) for name in ("One", "Two", "Three")]
    parsed = parse_cameras(f'{{"a": {entries[0]}, "a": {entries[1]}, "a": {entries[2]}}}'.encode())
    assert [entry["name"] for entry in parsed.entries.values()] == ["One", "Two", "Three"]
    assert len(parsed.repeated) == 2


def test_the_same_entry_twice_is_one_camera():
    door = json.dumps(DOOR)
    parsed = parse_cameras(f'{{"a": {door}, "a": {door}}}'.encode())
    assert (parsed.entries, parsed.repeated) == ({"a": DOOR}, ())


def test_a_key_that_stands_twice_within_an_entry_has_its_last_value_and_is_odd():
    parsed = parse_cameras(b'{"a": {"name": "Old", "name": "New"}}')
    assert parsed.entries == {"a": {"name": "New"}}
    assert (parsed.repeated, parsed.oddities) == ((), {JsonOddity.TWICE})


def test_a_list_of_cameras_gets_ids_that_stay():
    twin = YARD | {"url_sd": "rtsp://host/3"}
    data = json.dumps([DOOR, {"id": "b", **YARD}, twin, twin | {"name": "Door"}]).encode()
    parsed = parse_cameras(data)
    assert list(parsed.entries.values()) == [DOOR, YARD, twin, twin | {"name": "Door"}]
    assert list(parsed.entries)[1] == "b"
    assert (parsed.repeated, parsed.oddities) == ((), {JsonOddity.LIST})
    moved = json.dumps([DOOR | {"url_sd": "rtsp://other/1"}]).encode()
    assert next(iter(parse_cameras(moved).entries)) == next(iter(parsed.entries))


@pytest.mark.parametrize("text", ["[]", "[1]", '["rtsp://host/1"]', "3", "null", '"text"'])
def test_what_holds_no_cameras_is_refused(text):
    with pytest.raises(DefectError) as refused:
        parse_cameras(text.encode())
    assert refused.value.kind is Defect.INVALID


def test_a_stray_byte_of_latin_1_leaves_all_other_words_as_they_are():
    data = '{"a": "Küche", "b": "'.encode() + b'K\xfcche"}'
    assert parse_object(data).entries == {"a": "Küche", "b": "Küche"}


def test_a_number_without_end_is_a_defect_like_others():
    with pytest.raises(DefectError):
        parse_object(b'{"a":' + b"9" * 5_000 + b"}")


@pytest.mark.parametrize(
    "data",
    [
        b"{" + b'\\"' * 20_000,
        b'{"' + b"/*a" * 20_000,
        b"{" + b"/*a" * 20_000,
        b'{"a' * 20_000,
        b"{" + b", " * 20_000,
        b"[" * 60_000,
    ],
)
@tried_again
def test_texts_and_comments_without_end_are_read_once(data):
    with bounded(len(data)), pytest.raises(DefectError):
        parse_object(data)


@pytest.mark.parametrize("tail", ["/* no end", '"no end', "/*"])
def test_what_has_no_end_makes_no_file_whole(tail):
    with pytest.raises(DefectError):
        parse_object((GOOD + tail).encode())


@tried_again
def test_an_id_that_stands_a_thousand_times_costs_a_thousand_ids():
    entries = ",".join(f'"a": {{"n": {number}}}' for number in range(3000))
    data = f"{{{entries}}}".encode()
    with bounded(len(data)):
        parsed = parse_cameras(data)
    assert len(parsed.entries) == 3000
    assert parsed.entries == parse_cameras(data).entries
    few = parse_cameras(b'{"a": {"n": 0}, "a": {"n": 1}, "a": {"n": 2}}').entries
    assert list(few) == list(parsed.entries)[:3]


@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 300, 900, 5000])
def test_what_is_too_deep_to_be_written_again_is_refused(depth):
    data = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(DefectError):
        parse_object(data)
    with pytest.raises(ValueError, match="deep"):
        load_json(data)


def test_what_is_as_deep_as_allowed_is_written_again():
    data = b'{"a":' + b"[" * (MOST_DEPTH - 1) + b"]" * (MOST_DEPTH - 1) + b"}"
    parsed = parse_object(data)
    assert parse_object(json_bytes(parsed.entries)).entries == parsed.entries
