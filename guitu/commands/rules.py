"""`guitu rules`: every rule and every parameter, as text, JSON or the tables of docs/rules.md."""

import importlib
import json
from collections.abc import Iterator
from typing import Any, Final

import click

from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.rules.catalogue import RULES
from gateway.parameters.catalogue import PARAMETERS

_CATEGORY: Final = {
    "violation": "conduct",
    "device": "the device",
    "integrity": "the truth of its data",
    "care": "the person's welfare",
    "notice": "something to know",
}

_CLOCKED: Final = "as time passes"


@click.command
@click.option("--json", "as_json", is_flag=True, help="One JSON object: rules and parameters.")
@click.option("--markdown", is_flag=True, help="The tables of docs/rules.md.")
def command(*, as_json: bool, markdown: bool) -> None:
    """List the rules, what they mean, and the parameters that they depend on."""
    if as_json and markdown:
        raise click.UsageError("--json and --markdown exclude each other")
    if as_json:
        click.echo(json.dumps(_document(), ensure_ascii=False, indent=2))
        return
    for line in _tables() if markdown else _list():
        click.echo(line)


def _meaning(rule: Rule) -> str:
    """Return the summary of the file that a rule has to itself."""
    module = importlib.import_module(f"gateway.engine.rules.{rule.name}")
    summary = (module.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(summary.split())


def _document() -> dict[str, Any]:
    rules = [
        {
            "name": rule.name,
            "title": rule.title._asdict(),
            "meaning": _meaning(rule),
            "severity": rule.severity,
            "category": rule.category,
            "raise_reports": rule.raise_reports,
            "raise_s": rule.raise_s,
            "clear_reports": rule.clear_reports,
            "clear_s": rule.clear_s,
            "closes": rule.closes,
            "kinds": sorted(rule.kinds),
            "by_arrival": rule.by_arrival,
            "parameters": _parameters(rule),
        }
        for rule in RULES.values()
    ]
    parameters = [
        {
            "name": one.name,
            "default": one.default,
            "least": one.least,
            "most": one.most,
            "reason": one.reason,
            "rules": _used_by(one.name),
        }
        for one in PARAMETERS.values()
    ]
    return {"rules": rules, "parameters": parameters}


def _list() -> Iterator[str]:
    width = max(map(len, RULES))
    for rule in RULES.values():
        title = f"{rule.title.zh}, {rule.title.en}"
        yield f"{rule.name:{width}}  {rule.severity:8}  {rule.category:9}  {title}"


def _tables() -> Iterator[str]:
    yield "## The rules"
    yield ""
    yield "| rule | name | what it means | about | urgency | raised after | over after | devices |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for rule in RULES.values():
        kinds = "every" if rule.kinds == EVERY_KIND else ", ".join(sorted(rule.kinds))
        cells = (
            f"`{rule.name}`",
            rule.title.zh,
            _meaning(rule),
            _CATEGORY[rule.category],
            rule.severity,
            _CLOCKED if rule.clocked else _streak(rule.raise_reports, rule.raise_s),
            _end(rule),
            kinds,
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "## Rules that depend on arrival"
    yield ""
    named = ", ".join(f"`{rule.name}`" for rule in RULES.values() if rule.by_arrival)
    yield f"{named or 'None'}."
    yield ""
    yield "## The parameters"
    yield ""
    yield "| parameter | default | allowed | of | what it does, and why |"
    yield "| --- | --- | --- | --- | --- |"
    for one in PARAMETERS.values():
        users = ", ".join(f"`{name}`" for name in _used_by(one.name)) or "the engine"
        yield (
            f"| `{one.name}` | {one.default:,} | {one.least:,} ... {one.most:,} | {users} | "
            f"{one.reason} |"
        )


def _end(rule: Rule) -> str:
    if not rule.closes:
        return _by_a_person(rule)
    return _CLOCKED if rule.clocked else _streak(rule.clear_reports, rule.clear_s)


def _used_by(parameter: str) -> list[str]:
    return [rule.name for rule in RULES.values() if parameter in _parameters(rule)]


def _parameters(rule: Rule) -> list[str]:
    """Return the parameters that go into the evidence, and those of its persistence."""
    limits = (rule.raise_reports, rule.raise_s, rule.clear_reports, rule.clear_s)
    named = [limit for limit in limits if isinstance(limit, str)]
    return list(dict.fromkeys([*rule.parameters, *named]))


def _streak(reports: str | int, lasting_s: str | int) -> str:
    """Return how many reports in a row, and how long."""
    told = "1 report" if reports == 1 else f"{_number(reports)} reports in a row"
    return told if lasting_s == 0 else f"{told}, {_number(lasting_s)} s"


def _by_a_person(rule: Rule) -> str:
    quiet = "" if rule.clear_s == 0 else f" (quiet for {_number(rule.clear_s)} s)"
    return f"a person's verdict{quiet}"


def _number(value: str | int) -> str:
    return f"`{value}`" if isinstance(value, str) else str(value)
