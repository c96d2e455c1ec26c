"""`guitu broker`: configuration of a production broker."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from firmware_protocols.credential import MAX_GENERATION, device_password
from guitu import logs
from guitu.brokers import emqx, mosquitto, nats
from guitu.brokers.accounts import Account, device_accounts, gateway_account
from guitu.brokers.certificate import BrokerCertificate
from guitu.brokers.live_accounts import LiveAccounts
from guitu.brokers.registry_rows import registry_rows, site_key
from guitu.commands.broker_audit import audit
from guitu.private_file import write_changed

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_THERE: Final = click.Path(path_type=Path)
_EVERY_S: Final = 3.0


@click.group
def command() -> None:
    """Configure the MQTT broker of a production site."""


@command.command("config")
@click.option("--kind", type=click.Choice(["nats", "mosquitto", "emqx"]), required=True)
@click.option("--registry", type=_FILE, help="Take the devices from a registry file, or")
@click.option("--dsn-file", type=_FILE, help="from the database, as role guitu_ingest.")
@click.option("--device-key-file", type=_FILE, required=True, help="The site's device key.")
@click.option("--gateway-user", default="gateway-gw-1", show_default=True)
@click.option("--gateway-password-file", type=_FILE, required=True)
@click.option("--host", default="0.0.0.0", show_default=True, help="Address for MQTT.")  # noqa: S104 - a broker serves the network
@click.option("--port", type=click.IntRange(1, 65_535), default=1883, show_default=True)
@click.option(
    "--broker-folder", type=click.Path(path_type=Path), default=Path("/data"), show_default=True,
    help="Where the broker itself finds its files and keeps its data.",
)  # fmt: skip
@click.option(
    "--certificate", type=(_THERE, _THERE), metavar="CRT KEY",
    help="Speak TLS only, with this certificate and key, where the broker itself finds them.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="Folder to write to; its files hold password hashes.",
)  # fmt: skip
@click.option(
    "--watch-pid", type=click.IntRange(1),
    help="Keep running: follow the device table, SIGHUP this process when it changes.",
)  # fmt: skip
def render(
    *,
    kind: str,
    registry: Path | None,
    dsn_file: Path | None,
    device_key_file: Path,
    gateway_user: str,
    gateway_password_file: Path,
    host: str,
    port: int,
    broker_folder: Path,
    certificate: tuple[Path, Path] | None,
    out: Path,
    watch_pid: int | None,
) -> None:
    """Write the broker's files: one account per device under its own prefix, and the gateway's."""
    if kind == "emqx" and watch_pid is not None:
        raise click.UsageError(
            "EMQX reads these files when it starts: leave out --watch-pid (docs/operations.md)"
        )
    key = site_key(device_key_file)
    gateway = gateway_account(gateway_user, gateway_password_file.read_text().strip())
    proof = BrokerCertificate(*certificate) if certificate else None
    place = mosquitto.MosquittoSettings(
        folder=broker_folder, host=host, port=port, certificate=proof
    )
    write = _writer(kind, place, out)
    if registry is not None and dsn_file is None and watch_pid is None:
        write([gateway, *device_accounts(registry_rows(registry), key)])
        return
    if dsn_file is None or registry is not None:
        raise click.UsageError(
            "devices come from either --registry or --dsn-file; --watch-pid needs --dsn-file"
        )
    accounts = LiveAccounts(
        ingest_dsn=dsn_file.read_text().strip(),
        gateway=gateway,
        site_key=key,
        write=write,
        reload=lambda: os.kill(watch_pid, signal.SIGHUP) if watch_pid else None,
    )
    if watch_pid is None:
        accounts.render()
        return
    logs.configure("broker-accounts")
    while True:
        accounts.refresh()
        time.sleep(_EVERY_S)


@command.command("password")
@click.argument("device")
@click.option("--device-key-file", type=_FILE, required=True, help="The site's device key.")
@click.option(
    "--generation", type=click.IntRange(0, MAX_GENERATION), default=0, show_default=True,
    help="Which of its credentials; the user name of a later one is DEVICE~GENERATION.",
)  # fmt: skip
def password(*, device: str, device_key_file: Path, generation: int) -> None:
    """Print the MQTT password of DEVICE, to set on the device; its user name is its id."""
    click.echo(device_password(site_key(device_key_file), device, generation))


def _writer(
    kind: str, place: mosquitto.MosquittoSettings, out: Path
) -> Callable[[Sequence[Account]], bool]:
    if kind == "mosquitto":
        return lambda accounts: mosquitto.render(place, accounts).write(out)
    if kind == "emqx":
        settings = emqx.EmqxSettings(
            folder=place.folder, host=place.host, port=place.port, certificate=place.certificate
        )
        return lambda accounts: emqx.render(settings, accounts).write(out)
    listens = nats.NatsSettings(
        store=place.folder,
        mqtt_listen=f"{place.host}:{place.port}",
        client_listen="127.0.0.1:4222",
        monitor_listen="127.0.0.1:8222",
        certificate=place.certificate,
    )
    return lambda accounts: write_changed(out / "nats.conf", nats.render(listens, accounts))


command.add_command(audit)
