"""`guitu retention`: what is due, and its destruction now."""

import asyncio
import json
from typing import Any

import click

from guitu.environment import read_settings
from server.config import ServerSettings
from server.db import Database
from server.retention import planning


@click.group
def command() -> None:
    """Say how long records are kept, and destroy what is due (docs/retention.md).

    Settings: GUITU_SERVER_... variables, as of the server.
    """


@command.command("plan")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def plan(*, as_json: bool) -> None:
    """Say of each class how long it is kept, by which article, and what is due or held."""
    _show(asyncio.run(_planned(read_settings(ServerSettings))), as_json=as_json)


@command.command("run")
@click.option("--dry-run", is_flag=True, help="Destroy nothing; the same as `plan`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def run(*, dry_run: bool, as_json: bool) -> None:
    """Destroy what is due; each destruction is recorded. A server does so by itself."""
    settings = read_settings(ServerSettings)
    if dry_run:
        _show(asyncio.run(_planned(settings)), as_json=as_json)
        return
    done = asyncio.run(_run(settings))
    if as_json:
        click.echo(json.dumps({"destroyed": done}))
        return
    for name, count in done.items():
        click.echo(f"{name}: {count} destroyed")


def _show(classes: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"classes": classes}, ensure_ascii=False))
        return
    for one in classes:
        kept = "kept" if one["days"] is None else f"{one['days']} days"
        source = one["article"] if one["verified"] else f"{one['article']}, period not of the law"
        click.echo(
            f"{one['record_class']} {one['zh']}: {kept} ({source}); due {one['due']},"
            f" held {one['held']}; {one['how']}"
        )


async def _planned(settings: ServerSettings) -> list[dict[str, Any]]:
    database = _database(settings)
    await database.open()
    try:
        async with database.work() as connection:
            return await planning.plan(connection, settings)
    finally:
        await database.close()


async def _run(settings: ServerSettings) -> dict[str, int]:
    database = _database(settings)
    await database.open()
    try:
        return await planning.run(database, settings)
    finally:
        await database.close()


def _database(settings: ServerSettings) -> Database:
    return Database(
        app_dsn=settings.app_dsn(),
        ingest_dsn=settings.ingest_dsn(),
        worker_dsn=settings.worker_dsn(),
        size=2,
        timeout_s=30,
    )
