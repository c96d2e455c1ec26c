"""`guitu law`: what the law says here, as text, JSON or the tables of docs/law.md."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

import server
from guitu.law.page import lines
from guitu.law.sites import Sites, proof_sites, rule_sites
from server.law.articles import ARTICLES, SOURCES
from server.law.clocks import CLOCKS
from server.law.codes import TABLES
from server.law.days import BASIS
from server.law.policy import national


@click.command
@click.option("--json", "as_json", is_flag=True, help="One JSON object with everything.")
@click.option("--markdown", is_flag=True, help="The tables of docs/law.md.")
@click.option(
    "--tests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the tests, to say which of them prove an article.",
)
def command(*, as_json: bool, markdown: bool, tests: Path | None) -> None:
    """List the articles that act, whether their text was read, figures, clocks and codes."""
    if as_json and markdown:
        raise click.UsageError("--json and --markdown exclude each other")
    rules = rule_sites(Path(server.__file__).parent)
    proofs = proof_sites(tests.resolve()) if tests else {}
    if as_json:
        click.echo(json.dumps(_document(rules, proofs), ensure_ascii=False, indent=2))
        return
    if markdown:
        click.echo("\n".join(lines(rules, proofs)))
        return
    for key, one in ARTICLES.items():
        acts = "acts" if key in rules else "rests"
        click.echo(f"{key:13} {one.status:10}  {acts:5}  {one.title.zh}, {one.title.en}")


def _document(rules: Sites, tests: Sites) -> dict[str, Any]:
    policy = national()
    return {
        "articles": [
            _plain(one)
            | {
                "cited": _plain(one.cited),
                "rules": [str(site) for site in rules.get(key, ())],
                "tests": [str(site) for site in tests.get(key, ())],
            }
            for key, one in ARTICLES.items()
        ],
        "counted_by": [one.key for one in BASIS],
        "sources": {key: _plain(one) for key, one in SOURCES.items()},
        "policy": policy.version,
        "figures": [_plain(one) for one in policy.parameters.values()],
        "clocks": [_plain(one) for one in CLOCKS.values()],
        "code_tables": [_plain(one) for one in TABLES.values()],
    }


def _plain(one: object) -> Any:
    return msgspec.to_builtins(one)
