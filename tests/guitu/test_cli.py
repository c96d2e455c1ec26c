"""The command line: what is listed, and how failures read."""

import json
import logging

import click
import pytest
from click.testing import CliRunner

from guitu import cli
from guitu.errors import PortTakenError
from guitu.logs import LineFormatter


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes `guitu up` raise an error of the test's choice."""

    def arrange(error: Exception) -> None:
        @click.command
        def command() -> None:
            raise error

        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)

    return arrange


def test_every_listed_command_loads_and_has_a_help_text():
    with click.Context(cli.main) as context:
        for name in cli.main.list_commands(context):
            command = cli.main.get_command(context, name)
            assert command is not None
            assert command.help, f"guitu {name} has no help text"


def test_the_contract_is_printed_without_a_server():
    printed = json.loads(CliRunner().invoke(cli.main, ["contract"]).output)
    assert printed["openapi"].startswith("3.1")
    assert "/api/v1/session" in printed["paths"]


def test_a_command_without_module_is_not_listed(monkeypatch):
    monkeypatch.setitem(cli.COMMANDS, "absent", "guitu.commands.absent")
    assert "absent" not in CliRunner().invoke(cli.main, ["--help"]).output


def test_an_unknown_command_is_one_line_on_stderr():
    result = CliRunner().invoke(cli.main, ["nonsense"])
    assert result.exit_code == 2
    assert result.stderr == "guitu: No such command 'nonsense'.\n"
    assert result.stdout == ""


def test_an_expected_error_is_one_line_on_stderr(failing):
    failing(PortTakenError("port 1\nis taken"))
    result = CliRunner().invoke(cli.main, ["up"])
    assert result.exit_code == 1
    assert result.stderr == "guitu: port 1 is taken\n"


def test_an_error_that_nobody_expects_is_not_hidden(failing):
    failing(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(cli.main, ["up"], catch_exceptions=False)


def test_an_interrupt_ends_with_its_own_code(failing):
    failing(KeyboardInterrupt())
    assert CliRunner().invoke(cli.main, ["up"]).exit_code == 130


def record(name: str, message: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.INFO, "", 0, message, None, None)
    made.created = 1795309323.4564
    made.__dict__.update(fields)
    return made


def test_a_log_line_names_time_level_part_place_event_and_facts():
    line = LineFormatter("gateway").format(
        record("gateway.intake", "broker_connected", session_present=True, host="a b")
    )
    assert line == (
        "2026-11-22T01:02:03.456Z INFO gateway intake broker_connected "
        'session_present=true host="a b"'
    )


def test_a_record_is_one_line_whatever_it_holds():
    line = LineFormatter("gateway").format(record("other", "two\nlines", text="three\nfour"))
    assert "\n" not in line
    assert line.endswith(r'gateway other "two\nlines" text="three\nfour"')


@pytest.mark.parametrize(
    ("name", "where"),
    [("gateway", "main"), ("guitu.gateway.session", "session"), ("gateway.intake", "intake")],
)
def test_a_log_line_names_the_place_within_its_part(name, where):
    assert LineFormatter("gateway").format(record(name, "event")).split(" ")[3] == where
