"""Log lines: one line each, in both forms, and no exception repeats what it was given."""

import json
import logging

import psycopg
import pytest

from guitu.logs import JsonFormatter, LineFormatter
from guitu.traces import trace_of
from server.errors import ConflictError

PERSON = "张三"
FORMATTERS = (LineFormatter, JsonFormatter)


def record(message="event key=value", exc_info=None, **extra):
    made = logging.LogRecord("guitu.part.place", logging.WARNING, "", 0, message, None, exc_info)
    made.created = 1_795_305_600.5
    made.__dict__.update(extra)
    return made


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_json_has_each_fact_as_a_member():
    line = json.loads(JsonFormatter("part").format(record(count=3, ok=True, what="a b")))
    assert line == {
        "time": "2026-11-22T00:00:00.500Z", "level": "WARNING", "part": "part", "where": "place",
        "event": "event key=value", "count": 3, "ok": True, "what": "a b",
    }  # fmt: skip


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_record_is_one_line_whatever_it_holds(formatter):
    error = raised(ConflictError("first\nsecond"))
    made = record("two\nlines", (type(error), error, error.__traceback__), more="a\nb")
    assert "\n" not in formatter("part").format(made)


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_foreign_exception_says_its_type_and_place_not_its_text(formatter):
    cause = raised(ValueError("身份证 330282199001011234"))
    error = raised(KeyError("张三"), cause)
    line = formatter("part").format(record(exc_info=(type(error), error, error.__traceback__)))
    assert "KeyError" in line
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert "张三" not in line
    assert "330282" not in line


def test_an_own_exception_and_the_systems_say_what_is_wrong():
    assert "ConflictError: it is closed" in trace_of(raised(ConflictError("it is closed")))
    said = trace_of(raised(FileNotFoundError(2, "No such file or directory", "/media/zhang.jpg")))
    assert "No such file" in said
    assert "zhang" not in said


def test_the_databases_word_is_kept_and_the_row_is_not(database):
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
        statement, row = "INSERT INTO person VALUES (%s)", [PERSON]
        connection.execute(statement, row)
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            connection.execute(statement, row)
    assert PERSON in str(caught.value)
    said = trace_of(caught.value)
    assert "UniqueViolation: SQLSTATE 23505" in said
    assert PERSON not in said
