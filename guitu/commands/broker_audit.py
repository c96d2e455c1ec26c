"""`guitu broker audit`: which accounts of a broker have a credential that they must not have."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from guitu.brokers.account_files import Kind, kept_accounts, lets_anybody_in
from guitu.brokers.accounts import DeviceRow, device_accounts, gateway_account
from guitu.brokers.credential_audit import Expected, Weakness, weaknesses
from guitu.brokers.default_logins import DEFAULT_LOGINS
from guitu.brokers.live_accounts import device_rows
from guitu.brokers.registry_rows import registry_rows, site_key
from guitu.brokers.trying import BrokerPlace, lets_in

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("audit")
@click.option("--kind", type=click.Choice(["nats", "mosquitto", "emqx"]), required=True)
@click.option("--folder", type=_FOLDER, required=True, help="Where the broker's files are.")
@click.option("--registry", type=_FILE, help="Compare with a registry file, or")
@click.option("--dsn-file", type=_FILE, help="with the database, as role guitu_ingest.")
@click.option("--device-key-file", type=_FILE, help="The site's device key; goes with those two.")
@click.option("--gateway-user", default="gateway-gw-1", show_default=True)
@click.option("--gateway-password-file", type=_FILE, help="The gateway's password.")
@click.option("--try", "place", metavar="HOST:PORT", help="Try the well-known logins there.")
@click.option("--try-ca", type=_FILE, help="Speak TLS there; whom to trust (PEM).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def audit(
    *,
    kind: Kind,
    folder: Path,
    registry: Path | None,
    dsn_file: Path | None,
    device_key_file: Path | None,
    gateway_user: str,
    gateway_password_file: Path | None,
    place: str | None,
    try_ca: Path | None,
    as_json: bool,
) -> int:
    """Tell default, shared, weak and unchanged credentials of a broker. Exit 1: there is a fault.

    Nothing is changed. `--try` signs in at a broker with logins that are public: only at your own.
    """
    if (registry is not None and dsn_file is not None) or (
        (registry is not None or dsn_file is not None) != (device_key_file is not None)
    ):
        raise click.UsageError("--device-key-file goes with one of --registry and --dsn-file")
    rows: list[DeviceRow] | None = None
    if registry is not None or dsn_file is not None:
        rows = registry_rows(registry) if registry else _of_database(dsn_file)
    gateway = (
        gateway_account(gateway_user, gateway_password_file.read_text().strip())
        if gateway_password_file
        else None
    )
    devices = (
        {one.user: one for one in device_accounts(rows, site_key(device_key_file))}
        if rows is not None and device_key_file is not None
        else None
    )
    kept = kept_accounts(kind, folder)
    found = list(weaknesses(kept, Expected(gateway=gateway, devices=devices)))
    if lets_anybody_in(kind, folder):
        found.append(Weakness("", "anonymous", "the broker's file lets in who names no account"))
    if place is not None:
        found += _tried(_place(place, try_ca))
    return _told(found, len(kept), as_json=as_json)


def _of_database(dsn_file: Path | None) -> list[DeviceRow]:
    return device_rows(dsn_file.read_text().strip()) if dsn_file else []


def _place(text: str, ca: Path | None) -> BrokerPlace:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise click.UsageError(f"--try {text}: HOST:PORT is wanted, such as 127.0.0.1:1883")
    return BrokerPlace(host.strip("[]"), int(port), ca)


def _tried(place: BrokerPlace) -> Iterator[Weakness]:
    where = f"{place.host}:{place.port}"
    if lets_in(place, None):
        yield Weakness("", "anonymous", f"{where} lets in who names no account")
        # Then it lets in whatever name is given, and none of them tells anything.
        return
    for login in DEFAULT_LOGINS.login:
        if lets_in(place, (login.user, login.password)):
            told = f"{where} takes the default login of {login.of} ({login.source}): change it now"
            yield Weakness(login.user, "default", told)


def _told(found: list[Weakness], accounts: int, *, as_json: bool) -> int:
    faults = sum(one.is_fault for one in found)
    if as_json:
        said = {"ok": not faults, "accounts": accounts, "found": [one.described() for one in found]}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for one in found:
            mark = "FAULT" if one.is_fault else "note "
            click.echo(f"{mark} {one.user or 'the broker'}: {one.what}: {one.detail}")
        click.echo(f"{accounts} accounts, {faults} faults, {len(found) - faults} notes")
    return 1 if faults else 0
