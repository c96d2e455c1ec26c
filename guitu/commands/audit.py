"""`guitu audit`: checks the evidence chain."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from server.audit.bundle import About, bundle
from server.audit.errors import AuditFaultError
from server.audit.report import Report
from server.audit.verifying import verify as verify_chains
from server.signing.checkpoints import read_public_keys

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN: Final = 10


@click.group
def command() -> None:
    """Check what was sealed (docs/evidence.md)."""


@command.command("verify")
@click.option(
    "--dsn-file", type=_FILE, envvar="GUITU_SERVER_WORKER_DSN_FILE", required=True,
    help="File with the connection string of guitu_worker or of the owner.",
)  # fmt: skip
@click.option("--key", "key_file", type=_FILE, help="Public keys (base64), a line each.")
@click.option(
    "--anchors", type=_FOLDER, envvar="GUITU_SERVER_AUDIT_ANCHOR_DIR", help="Folder of anchors."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(*, dsn_file: Path, key_file: Path | None, anchors: Path | None, as_json: bool) -> None:
    """Recompute every chain from database and anchors; name the first broken record."""
    keys = None if key_file is None else read_public_keys(key_file)
    report = verify_chains(dsn_file.read_text().strip(), keys=keys, anchors=anchors)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _show(report)
    if not report.is_whole:
        first = report.faults[0]
        raise AuditFaultError(
            f"{report.fault_count} faults; the first: {first.table} {first.id} of"
            f" {first.org or 'no organisation'}: {first.what}"
        )


@command.command("bundle")
@click.option(
    "--dsn-file", type=_FILE, envvar="GUITU_SERVER_WORKER_DSN_FILE", required=True,
    help="File with the connection string of guitu_worker or of the owner.",
)  # fmt: skip
@click.option("--key", "key_file", type=_FILE, required=True, help="Public keys (base64).")
@click.option("--alert", help="An alert, with its facts and ledger entries.")
@click.option("--fact", help="A fact.")
@click.option("--subject", help="Everything of one person.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def make_bundle(
    *,
    dsn_file: Path,
    key_file: Path,
    alert: str | None,
    fact: str | None,
    subject: str | None,
    out: Path,
) -> None:
    """Write a ZIP file that proves what was recorded, with its own verifier."""
    asked = [("alert", alert), ("fact", fact), ("subject", subject)]
    chosen = [About(kind, name) for kind, name in asked if name is not None]
    if len(chosen) != 1:
        raise click.UsageError("give one of --alert, --fact and --subject")
    dsn, keys = dsn_file.read_text().strip(), read_public_keys(key_file)
    content = bundle(dsn, chosen[0], keys=keys, now=datetime.now(UTC))
    # It holds what is said of a person: nobody else on this machine reads it.
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    click.echo(f"{out}: {len(content)} bytes")


def _show(report: Report) -> None:
    for org, chain in sorted(report.chains.items()):
        click.echo(
            f"{org}: {chain.leaves} rows in {chain.blocks} blocks, {chain.destroyed} destroyed"
            f" lawfully, {chain.unanchored} after the last anchor"
        )
    for fault in report.faults[:_SHOWN]:
        click.echo(f"{fault.org or '-'}: {fault.table} {fault.id}: {fault.what}")
    if not report.signatures_checked:
        click.echo("signatures were not checked: give --key")
    if report.anchors_checked is None:
        click.echo("anchors were not checked: give --anchors")
