"""`guitu score`: lints scoring policies, and tells what a score is made of."""

import json
from pathlib import Path
from typing import Any

import click

from guitu.commands.score_feeds import pull, push
from guitu.errors import ScorePolicyError
from guitu.score_table import lines
from guitu.score_trial_text import lines as trial_lines
from guitu.server_session import sign_in_options, signed_in
from server.scoring.policy_file import default, default_text, lint
from server.scoring.sample import explanation

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TRIAL_S = 600.0


@click.group
def command() -> None:
    """Check scoring policies, and explain scores (docs/scoring.md)."""


@command.command("lint")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def lint_file(*, file: Path, as_json: bool) -> None:
    """Check FILE, a scoring policy in YAML; every mistake with its line and column."""
    try:
        faults = lint(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ScorePolicyError(f"{file} is no UTF-8: save it as UTF-8") from error
    if as_json:
        said = {"ok": not faults, "faults": [one.described() for one in faults]}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for one in faults:
            click.echo(f"{file}:{one.line}:{one.column}: {one.kind}: {one.zh} · {one.en}")
    if faults:
        raise ScorePolicyError(f"{file} has {len(faults)} mistakes: mend them and check it again")


@command.command("policy")
@click.option("--markdown", is_flag=True, help="The table of docs/scoring.md.")
def print_policy(*, markdown: bool) -> None:
    """Print the policy that is in force where no other was signed, to start one's own from."""
    if markdown:
        click.echo("\n".join(lines(default())))
        return
    click.echo(default_text(), nl=False)


@command.command("explain")
@click.argument("subject")
@click.option("--at", help="As of when, with its zone: 2026-11-22T08:00:00+08:00; now if none.")
@click.option("--as-shown", is_flag=True, help="As it was shown then.")
@sign_in_options("Who reads ledgers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(*, subject: str, at: str | None, as_shown: bool, as_json: bool, **sign_in: Any) -> None:
    """Explain SUBJECT's score: every point, why, by whom, by which rule; Chinese, then English."""
    asked = {"as_shown": str(as_shown).lower()} | ({"at": at} if at else {})
    with signed_in(**sign_in) as session:
        found = session.json("GET", f"/api/v1/subjects/{subject}/score", params=asked)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(found["text"]["zh"])
    click.echo("")
    click.echo(found["text"]["en"])


@command.command("sample")
def print_sample() -> None:
    """Print the explanation of a made-up person, as docs/scoring.md has it."""
    text = explanation()["text"]
    click.echo(f"{text['zh']}\n\n{text['en']}")


@command.command("what-if")
@click.argument("file", type=_FILE)
@click.option("--since", required=True, help="First month that FILE is in force in: 2026-08.")
@click.option("--until", required=True, help="Month whose end the scores are as of: 2026-10.")
@click.option("--org", help="Whose people, with those below it; the login's own if none.")
@sign_in_options("A supervisor or head.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def what_if(
    *, file: Path, since: str, until: str, org: str | None, as_json: bool, **sign_in: Any
) -> None:
    """Try FILE, a scoring policy, on months that are over: who would change grade, and why."""
    content = file.read_text(encoding="utf-8")
    if faults := lint(content):
        raise ScorePolicyError(f"{file} has {len(faults)} mistakes: guitu score lint {file}")
    body = {"content": content, "since": since, "until": until, "org": org}
    with signed_in(**sign_in) as session:
        found = session.json("POST", "/api/v1/score-policies/what-if", json=body, timeout=_TRIAL_S)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in trial_lines(found):
        click.echo(line)


command.add_command(pull)
command.add_command(push)
