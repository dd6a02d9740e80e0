"""What may be shown of a foreign text."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redact import HIDDEN, LINE_LIMIT, forms, redact, strip, tidy, tidy_lines

SECRET = 'p4ss/w+rd "quoted"'


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps({"x": SECRET}),
        b64encode(f"user:{SECRET}".encode()).decode(),
        b64encode(f"ab{SECRET}!".encode()).decode(),
        urlsafe_b64encode(f"a{SECRET}".encode()).decode(),
    ],
)
def test_an_exact_secret_is_hidden_in_every_form(shown: str) -> None:
    hidden = redact(f"before {shown} after", [SECRET])
    assert HIDDEN in hidden
    assert all(form not in hidden for form in forms(SECRET))
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_a_secret_too_short_to_hide_is_left_or_all_would_be_hidden() -> None:
    assert redact("a cat and a dog", ["cat"]) == "a cat and a dog"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter22 next", f"password={HIDDEN} next"),
        ('{"db_password": "a b c", "user": "bob"}', f'{{"db_password": {HIDDEN}, "user": "bob"}}'),
        ("API_KEY: abc123", f"API_KEY: {HIDDEN}"),
        ("Authorization: Bearer abcdef", f"Authorization: Bearer {HIDDEN}"),
        ("max_tokens=512", "max_tokens=512"),
        ("postgres://bob:hunter22@db/app", f"postgres://bob:{HIDDEN}@db/app"),
        ("sent Bearer abcdefghijklmnop", f"sent Bearer {HIDDEN}"),
        ("nothing to hide here, 404 not found", "nothing to hide here, 404 not found"),
    ],
)
def test_values_under_telling_keys_are_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "parts",
    [
        ("AKIA", "A" * 16),
        ("gh", "p_", "a" * 36),
        ("github", "_pat_", "a" * 30),
        ("glpat", "-", "a" * 20),
        ("xo", "xb-", "1" * 20),
        ("xa", "pp-", "1" * 20),
        ("hooks.slack", ".com/services/", "T0/B0/abc123"),
        ("ey", "JhbGciOiJI", ".", "eyJzdWIiOiIx", ".", "sig"),
        ("AI", "za", "a" * 35),
        ("sk_", "live_", "a" * 20),
        ("sk-", "ant-", "a" * 30),
        ("npm", "_", "a" * 36),
        ("pypi", "-AgE", "a" * 40),
        ("SG", ".", "a" * 22, ".", "b" * 43),
    ],
)
def test_known_formats_are_hidden(parts: tuple[str, ...]) -> None:
    assert redact(f"x {''.join(parts)} y") == f"x {HIDDEN} y"


def test_a_private_key_is_hidden_whole_over_its_lines() -> None:
    lines = (
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "MIIEow",
        "abc",
        "-----END RSA " + "PRIVATE KEY-----",
        "after",
    )
    assert tidy_lines(lines) == (HIDDEN, "after")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("one\ttwo\r\nthree\x00", "one    two\nthree"),
    ],
)
def test_what_moves_hides_or_reorders_is_taken_out(raw: str, shown: str) -> None:
    assert strip(raw) == shown


def test_a_secret_split_by_invisible_characters_is_still_hidden() -> None:
    assert tidy("hun\u200bter22xx", ["hunter22xx"]) == HIDDEN


def test_lines_and_their_number_are_bounded() -> None:
    assert tidy("x" * 1000) == "x" * (LINE_LIMIT - 1) + "…"
    assert tidy("a\nb") == "a b"
    many = tidy_lines(["y" * 1000] * 100, most=3)
    assert [len(line) for line in many] == [LINE_LIMIT] * 3
    assert tidy_lines([]) == ()


@given(text=st.text(), secret=st.text(min_size=6, max_size=30))
def test_no_exact_secret_ever_remains(text: str, secret: str) -> None:
    known = strip(secret)
    shown = tidy(f"{text} {secret} {text}", [known])
    assert len(known) < 6 or known not in shown or known in HIDDEN
