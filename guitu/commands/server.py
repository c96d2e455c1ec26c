"""`guitu server`: the server alone, and what prepares its database."""

import json
from pathlib import Path

import click

from guitu import logs
from guitu.environment import LogSettings, read_settings
from guitu.private_file import write_changed
from server.config import ServerSettings
from server.main import serve
from server.migrate import migrate
from server.site import first_start

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_owner = click.option(
    "--owner-dsn-file", required=True, type=_FILE, envvar="GUITU_OWNER_DSN_FILE",
    help="File with the connection string of the role that owns the schema.",
)  # fmt: skip


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Run the server until it is asked to stop. Settings: GUITU_SERVER_... variables."""
    logs.configure("server", form=read_settings(LogSettings).format)
    if context.invoked_subcommand is None:
        serve(read_settings(ServerSettings))


@command.command("migrate")
@_owner
@click.option("--app-password-file", required=True, type=_FILE, help="For role guitu_app.")
@click.option("--ingest-password-file", required=True, type=_FILE, help="For role guitu_ingest.")
@click.option("--worker-password-file", required=True, type=_FILE, help="For role guitu_worker.")
def run_migrations(
    *,
    owner_dsn_file: Path,
    app_password_file: Path,
    ingest_password_file: Path,
    worker_password_file: Path,
) -> None:
    """Bring the database to this version's schema; prints what was applied."""
    applied = migrate(
        _line(owner_dsn_file),
        app_password=_line(app_password_file),
        ingest_password=_line(ingest_password_file),
        worker_password=_line(worker_password_file),
    )
    for name in applied:
        click.echo(name)


@command.command("first-start")
@_owner
@click.option("--gateway-id", required=True, help="Id of the first gateway.")
@click.option("--gateway-token-file", required=True, type=_FILE, help="Its secret for the server.")
@click.option("--registry", type=_FILE, help="Registry file (docs/wire/registry-v1.md).")
@click.option(
    "--logins-out", type=click.Path(dir_okay=False, path_type=Path), required=True,
    help="New file for the first logins, readable by its owner only.",
)  # fmt: skip
def fill(
    *,
    owner_dsn_file: Path,
    gateway_id: str,
    gateway_token_file: Path,
    registry: Path | None,
    logins_out: Path,
) -> None:
    """Make the first organisation, logins and gateway.

    Repeating it changes nothing, but gives an older site its security administrators.
    """
    logins = first_start(
        _line(owner_dsn_file),
        registry=json.loads(registry.read_text()) if registry else None,
        gateway_id=gateway_id,
        gateway_token=_line(gateway_token_file),
    )
    if logins:
        lines = [f"{login.role}\t{login.login}\t{login.password}\n" for login in logins]
        before = logins_out.read_text() if logins_out.exists() else ""
        write_changed(logins_out, before + "".join(lines))
        click.echo(f"first logins are in {logins_out}")


def _line(path: Path) -> str:
    return path.read_text().strip()
