"""YAML as people expect it: nothing turns into something else, and what surprises is refused with its place."""

from pathlib import Path
from typing import Any

import pytest

from bot.config.document import SIZE_LIMIT, Document, load_document
from bot.config.problem import ConfigError


def read(text: str) -> Any:
    return load_document(Path("x.yaml"), text).data


def refused(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        load_document(Path("x.yaml"), text)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("off", "off"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("0o17", 15),
        ("0xff", 255),
        ("012", 12),
        ("-3", -3),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ('"true"', "true"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        (".inf", float("inf")),
        ("9" * 60, "9" * 60),
        ("=", "="),
        ("INC-42", "INC-42"),
        ("#incidents", None),
    ],
)
def test_a_plain_word_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    assert read(f"key: {text}") == {"key": value}
    assert type(read(f"key: {text}")["key"]) is type(value)


def test_a_key_is_always_text() -> None:
    assert read("on: 1\n5: 2\ntrue: 3\n1:30: 4\n") == {"on": 1, "5": 2, "true": 3, "1:30": 4}


def test_an_empty_file_holds_nothing() -> None:
    assert read("") is None
    assert read("# nothing but words\n") is None
    assert read("---\na: 1\n...\n") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", ['x.yaml:3:1 the key "a" is here twice; it is already on line 1']),
        ("a: {b: 1, b: 2}", ['x.yaml:1:11 the key "b" is here twice; it is already on line 1']),
        (
            "a: &one 1\nb: *one\n",
            [
                'x.yaml:1:4 the anchor "&one" is not read here; write the value out where needed',
                'x.yaml:2:4 the alias "*one" is not read here; write the value out',
            ],
        ),
        (
            "a:\n  <<: {b: 1}\n",
            ['x.yaml:2:3 the merge key "<<" is not read here; write the values out'],
        ),
        ("a: !!int 5", ['x.yaml:1:4 the tag "tag:yaml.org,2002:int" is not read here; remove it']),
        (
            "a: !!python/object/apply:os.getcwd []",
            [
                'x.yaml:1:4 the tag "tag:yaml.org,2002:python/object/apply:os.getcwd" is not read here; remove it'
            ],
        ),
        ("%TAG ! tag:x:\n---\na: 1", ["x.yaml:1:1 a %TAG directive is not read here; remove it"]),
        ("a: 1\n---\nb: 2\n", ["x.yaml:2:1 a second document begins here; put it into a file of its own"]),
        ("a:\n\tb: 1\n", ["x.yaml:2:1 a tab indents this line; YAML takes spaces only"]),
        ("a:\n  b:\n  \t- 1\n", ["x.yaml:3:3 a tab indents this line; YAML takes spaces only"]),
        ("? [a]\n: 1\n", ["x.yaml:1:3 a key must be plain text"]),
        ("a: \x07\n", ["x.yaml:1:4 the character U+0007 is invisible or a control character; remove it"]),
        ("a: x\u202ey\n", ["x.yaml:1:5 the character U+202E is invisible or a control character; remove it"]),
        (
            "a: b: c",
            [
                (
                    "x.yaml:1:5 YAML cannot be read here: mapping values are not allowed in this context; "
                    "a value with a colon or a special character needs quotes"
                )
            ],
        ),
        ("a: [1, 2\n", ["x.yaml:2:1 YAML cannot be read here: did not find expected ',' or ']'"]),
        ("[" * 60 + "]" * 60, ["x.yaml:1:42 this is nested deeper than 40 levels"]),
    ],
)
def test_a_trap_is_refused_with_its_place(text: str, said: list[str]) -> None:
    assert refused(text) == said


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert len(refused("\n".join(lines))) > 1


def test_all_faults_that_can_be_told_apart_are_told_at_once() -> None:
    assert refused("a: &x 1\nb: !t 2\nb: *x\n") == [
        'x.yaml:1:4 the anchor "&x" is not read here; write the value out where needed',
        'x.yaml:2:4 the tag "!t" is not read here; remove it',
        'x.yaml:3:1 the key "b" is here twice; it is already on line 2',
        'x.yaml:3:4 the alias "*x" is not read here; write the value out',
    ]


def test_a_file_that_is_absent_too_large_or_not_utf_8_is_named(tmp_path: Path) -> None:
    def said(raw: bytes | None) -> str:
        path = tmp_path / "people.yaml"
        if raw is not None:
            path.write_bytes(raw)
        with pytest.raises(ConfigError) as refusal:
            load_document(path)
        return str(refusal.value).removeprefix(f"{tmp_path}/")

    assert said(None) == "people.yaml:1:1 the file does not exist"
    assert said(b"a: 1\nb: caf\xe9\n") == "people.yaml:2:7 byte 0xe9 is not UTF-8; save the file as UTF-8"
    assert said(b"a: " + b"x" * SIZE_LIMIT) == (
        f"people.yaml:1:1 the file has {SIZE_LIMIT + 3} bytes, more than the {SIZE_LIMIT} that are read"
    )


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert load_document(path).data == {"a": 1, "b": 2}


NESTED = """services:
  architect:
    links:
      - title: War room
        url: nowhere
    été: {naïve: 1}
"""


@pytest.fixture
def nested() -> Document:
    return load_document(Path("x.yaml"), NESTED)


@pytest.mark.parametrize(
    ("loc", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("services",), (2, 3), (1, 1)),
        (("services", "architect", "links"), (4, 7), (3, 5)),
        (("services", "architect", "links", 0), (4, 9), (4, 9)),
        (("services", "architect", "links", 0, "url"), (5, 14), (5, 9)),
        (("services", "architect", "été", "naïve"), (6, 18), (6, 11)),
        (("services", "architect", "missing"), (3, 5), (2, 3)),
        (("services", "Branch", "architect", "function-after[check()]", "links"), (4, 7), (3, 5)),
    ],
)
def test_every_place_is_known(
    nested: Document, loc: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    there, named = nested.at(loc), nested.at(loc, key=True)
    assert (there.line, there.column) == value
    assert (named.line, named.column) == key


def test_a_value_can_be_asked_for_by_place(nested: Document) -> None:
    assert nested.get(("services", "architect", "links", 0, "title")) == "War room"
    assert nested.get(("services", "architect", "links", 7)) is None
    assert nested.get(("services", "nobody", "links")) is None
    assert str(nested.problem(("services", "architect", "links", 0, "url"), "is no address")) == (
        "x.yaml:5:14 services.architect.links[0].url: is no address"
    )
