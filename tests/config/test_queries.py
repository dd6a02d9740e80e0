"""`queries.yaml`: one statement each, typed values, bounded; and what the loader says about anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sql import SqlError, masked, statement
from tests.config.folder import Folder

READ = """
queries:
  look:
    summary: Look
    targets: [structured-prompt-db]
    sql: {sql}
"""
WRITE = """
writes:
  act:
    summary: Act
    targets: [structured-prompt-db-write]
    sql: {sql}
    preview: SELECT 1
    most_rows: 1
"""
ENV = {
    "STRUCTURED_PROMPT_DB_HOST": "127.0.0.1",
    "STRUCTURED_PROMPT_DB_READ_PASSWORD": "only-for-tests",
    "STRUCTURED_PROMPT_DB_ACT_PASSWORD": "only-for-tests",
}


def test_each_target_is_given_the_queries_that_may_run_there(folder: Folder) -> None:
    config = folder.load(ENV)
    assert sorted(config.queries) == ["busiest_customers", "raise_rate_limit", "rate_limit"]
    assert sorted(config.targets["structured-prompt-db"].settings["queries"]) == [
        "busiest_customers",
        "rate_limit",
    ]
    assert sorted(config.targets["structured-prompt-db-write"].settings["queries"]) == ["raise_rate_limit"]
    assert "queries" not in config.targets["architect-db"].settings


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM x", "must begin with SELECT or WITH or VALUES"),
        ("SELECT 1; DROP TABLE x", "there is more than one statement; a named query has exactly one"),
        ("'SELECT 1 -- all'", "a comment does not belong in the statement; write it in YAML, after #"),
        ("SELECT /* x */ 1", "a comment does not belong in the statement; write it in YAML, after #"),
        ("'SELECT :who'", 'there is no parameter "who"'),
        ("';'", "the statement is empty"),
    ],
)
def test_a_read_that_is_not_one_select_is_refused(folder: Folder, sql: str, said: str) -> None:
    folder.write("queries.yaml", READ.format(sql=sql))
    assert folder.said() == [f"config/queries.yaml:6:10 queries.look.sql: {said}"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE x SET a = 1", "UPDATE without WHERE would change every row"),
        ("DELETE FROM x", "DELETE without WHERE would change every row"),
        ("TRUNCATE x", "must begin with UPDATE or DELETE or INSERT"),
        ("GRANT ALL ON x TO y", "must begin with UPDATE or DELETE or INSERT"),
        ("COPY x TO PROGRAM 'sh'", "must begin with UPDATE or DELETE or INSERT"),
        ("DO $$ BEGIN END $$", "must begin with UPDATE or DELETE or INSERT"),
    ],
)
def test_a_write_that_is_not_one_bounded_change_is_refused(folder: Folder, sql: str, said: str) -> None:
    folder.write("queries.yaml", WRITE.format(sql=sql))
    assert folder.said() == [f"config/queries.yaml:6:10 writes.act.sql: {said}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[structured-prompt-db]\n    sql: |",
            "[structured-prompt-dbb]\n    sql: |",
            'there is no target "structured-prompt-dbb"',
        ),
        (
            "[structured-prompt-db]\n    sql: |",
            "[architect-health]\n    sql: |",
            "architect-health is of kind http, and SQL runs on postgres",
        ),
        (
            "[structured-prompt-db-write]",
            "[structured-prompt-db]",
            "structured-prompt-db is for reading only",
        ),
        ("most_rows: 1", "most_row: 1", 'unknown key "most_row"; did you mean "most_rows"?'),
        ("most_rows: 1", "most_rows: 1000000", "must be at most 10000"),
        ("    preview: SELECT", "    previews: SELECT", 'unknown key "previews"; did you mean "preview"?'),
        ("default: 15", "default: 0", 'the default of "minutes" must be at least 1'),
        ("default: 15", "default: soon", 'the default of "minutes" must be an integer'),
        ("mins => :minutes", "mins => 15", 'the parameter "minutes" is not used; write :minutes in the SQL'),
        (
            'type: text, pattern: "[a-z0-9][a-z0-9-]{0,60}"}\n  busiest',
            'type: text, pattern: "["}\n  busiest',
            "is not a regular expression",
        ),
        ("{type: integer, min: 1, max: 100000}", "{type: text, min: 1}", "min and max belong to numbers"),
        ("  raise_rate_limit:", "  rate_limit:", "a query of this name reads already"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_place(folder: Folder, old: str, new: str, said: str) -> None:
    folder.change("queries.yaml", old, new)
    found = folder.said(ENV)
    assert any(said in each for each in found), found
    assert all(each.startswith("config/queries.yaml:") for each in found)


def test_placeholders_are_found_outside_texts_casts_and_names_only() -> None:
    made = statement(
        """SELECT a::text, ':b', "c:d", $x$ :e $x$, E'\\':f' FROM t WHERE n LIKE 'a%' AND g = :h"""
    )
    assert made.params == {"h"}
    assert made.sql.endswith("n LIKE 'a%%' AND g = %(h)s")


def test_literals_of_other_peoples_statements_are_taken_out() -> None:
    assert masked("UPDATE u SET p = 'it''s', q=$$x$$, r = E'a\\'b' -- note\n WHERE s = 'cut") == (
        "UPDATE u SET p = '…', q='…', r = '…' WHERE s = '…'"
    )


@given(st.text(alphabet="a:;'\"$%-/*\\ E\n1", max_size=40))
def test_any_text_is_one_statement_or_refused(text: str) -> None:
    try:
        made = statement(text)
    except SqlError:
        return
    assert made.sql


@given(st.text(max_size=40))
def test_a_quoted_literal_never_survives_masking(inner: str) -> None:
    secret = inner.replace("'", "''")
    assert masked(f"SELECT '{secret}'") == "SELECT '…'"
