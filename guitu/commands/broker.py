"""`guitu broker`: configuration of a production broker."""

import json
from pathlib import Path

import click

from guitu.brokers import mosquitto, nats
from guitu.brokers.accounts import Account, DeviceRow, device_accounts, gateway_account
from guitu.errors import SettingsError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group
def command() -> None:
    """Configure the MQTT broker of a production site."""


@command.command("config")
@click.option("--kind", type=click.Choice(["nats", "mosquitto"]), required=True)
@click.option("--registry", type=_FILE, required=True, help="Registry file that lists devices.")
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
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="Folder to write to; its files hold password hashes.",
)  # fmt: skip
def render(
    *,
    kind: str,
    registry: Path,
    device_key_file: Path,
    gateway_user: str,
    gateway_password_file: Path,
    host: str,
    port: int,
    broker_folder: Path,
    out: Path,
) -> None:
    """Write the broker's files: one account per device under its own prefix, and the gateway's."""
    key = device_key_file.read_text().strip().encode()
    accounts: list[Account] = [
        gateway_account(gateway_user, gateway_password_file.read_text().strip()),
        *device_accounts(_device_rows(registry), key),
    ]
    out.mkdir(parents=True, exist_ok=True)
    if kind == "mosquitto":
        place = mosquitto.MosquittoSettings(folder=broker_folder, host=host, port=port)
        click.echo(mosquitto.render(place, accounts).write(out))
        return
    settings = nats.NatsSettings(
        store=broker_folder / "jetstream",
        mqtt_listen=f"{host}:{port}",
        client_listen="127.0.0.1:4222",
        monitor_listen="127.0.0.1:8222",
    )
    path = out / "nats.conf"
    path.touch(mode=0o600)
    path.write_text(nats.render(settings, accounts))
    click.echo(path)


def _device_rows(registry: Path) -> list[DeviceRow]:
    try:
        devices = json.loads(registry.read_text())["devices"]
        return [DeviceRow(item["device"], item["org"], item["kind"]) for item in devices]
    except (ValueError, TypeError, KeyError) as error:
        raise SettingsError(
            f"{registry} is not a registry file (docs/wire/registry-v1.md): {error!r}"
        ) from error
