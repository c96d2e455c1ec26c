"""`guitu up`: the whole system on embedded parts, in the foreground."""

import asyncio
import logging
from pathlib import Path
from typing import Final

import click

from guitu.logs import LineFormatter, take_over
from guitu.up.data_folder import DataFolder
from guitu.up.screen import LogFile, Screen
from guitu.up.settings import LOOPBACK, PORTS, UpSettings
from guitu.up.supervisor import Supervisor

_LAST_FIRST: Final = 65_536 - PORTS


class _ScreenHandler(logging.Handler):
    """The supervisor's own lines: to the screen and its log file, like any part's."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        super().__init__()
        self.setFormatter(LineFormatter("guitu"))
        self._screen = screen
        self._file = LogFile(folder / "guitu.log")

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self._screen.show(line)
        self._file.write(line)

    def close(self) -> None:
        self._file.close()
        super().close()


@click.command
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("var"),
    show_default=True, help="Folder for everything that is kept; one supervisor at a time.",
)  # fmt: skip
@click.option(
    "--devices", type=click.IntRange(1, 5000), metavar="N",
    help="Wristbands of the demo county; taken at the first start of a data folder.",
)  # fmt: skip
@click.option("--no-sims", is_flag=True, help="No demo county: an empty site for real devices.")
@click.option(
    "--port", type=click.IntRange(1, _LAST_FIRST), default=8210, show_default=True, metavar="P",
    help="The console's port; P+1 MQTT, P+2 gateway health, P+3 database, P+4 broker, "
    "P+5 JT/T 808, P+6 GT06, P+7 watches.",
)  # fmt: skip
@click.option("--mqtt-port", type=click.IntRange(1, 65_535), help="MQTT's port; default P+1.")
@click.option(
    "--host", default=LOOPBACK, show_default=True,
    help="Address of console and MQTT; the rest stays on loopback.",
)  # fmt: skip
@click.option(
    "--tcp-host", default=LOOPBACK, show_default=True,
    help="Address of the terminals' ports, on their private network: they do not encrypt.",
)  # fmt: skip
@click.option(
    "--backups", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Archive the database's log there, for `guitu restore` to any moment.",
)  # fmt: skip
def command(
    *,
    data: Path,
    devices: int | None,
    no_sims: bool,
    port: int,
    mqtt_port: int | None,
    host: str,
    tcp_host: str,
    backups: Path | None,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    Broker, database, server, gateway and a demo county, on embedded parts, without root or
    Docker. Prints the console's address and the first logins when everything is ready.
    """
    settings = UpSettings(
        data=data,
        host=host,
        port=port,
        mqtt_port=mqtt_port or port + 1,
        tcp_host=tcp_host,
        with_sims=not no_sims,
        devices=devices,
        backups=backups,
    )
    folder = DataFolder(settings.data)
    screen = Screen()
    handler = _ScreenHandler(screen, folder.logs)
    take_over(handler)
    try:
        settings.require_free_ports()
        asyncio.run(Supervisor(settings, folder, screen, click.echo).run())
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
        screen.close()
        folder.close()
