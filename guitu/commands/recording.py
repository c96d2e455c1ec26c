"""`guitu sim recording`: a recorder's files, announced and delivered over a line that breaks."""

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from device_sims.errors import SimError
from device_sims.station import Site, announce, deliver, recorded
from guitu.sim_options import FILE, BrokerAddress

_BREAKS_MAX: Final = 1_000


@click.command("recording")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--broker", type=BrokerAddress(), required=True, help="MQTT broker.", metavar="HOST:PORT"
)
@click.option("--device-key-file", type=FILE, required=True, help="The site's device key.")
@click.option("--device", required=True, help="The recorder.")
@click.option("--org", required=True, help="Organisation in the recorder's topics.")
@click.option("--server", required=True, help="http(s)://HOST:PORT of the server.")
@click.option("--token-file", type=FILE, required=True, help="Token of a gateway of the site.")
@click.option(
    "--breaks", type=click.IntRange(0, _BREAKS_MAX), default=0, show_default=True,
    help="How often the line breaks in the midst of each file.",
)  # fmt: skip
@click.option("--only-announce", is_flag=True, help="Announce and deliver nothing.")
def recording(
    *,
    files: tuple[Path, ...],
    broker: tuple[str, int],
    device_key_file: Path,
    device: str,
    org: str,
    server: str,
    token_file: Path,
    breaks: int,
    only_announce: bool,
) -> None:
    """Announce FILES as recordings of a recorder, and upload them; one JSON object per file."""
    site = Site(server=server.rstrip("/"), token=token_file.read_text().strip(), breaks=breaks)
    host, port = broker
    try:
        held = recorded(device, files)
        key = device_key_file.read_text(encoding="utf-8").strip().encode()
        entries = [one.entry for one in held]
        asyncio.run(announce(entries, org=org, host=host, port=port, site_key=key))
        for one in held:
            broke = 0 if only_announce else deliver(one, site)
            said = {"file": one.path.name, "media": one.entry.media, "sha256": one.entry.sha256}
            click.echo(json.dumps(said | {"delivered": not only_announce, "breaks": broke}))
    except SimError as error:
        raise click.ClickException(str(error)) from error
