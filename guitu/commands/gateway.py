"""`guitu gateway`: the edge program alone."""

import click

from gateway.config import GatewaySettings
from gateway.main import serve
from guitu import logs
from guitu.environment import LogSettings, read_settings


@click.command
def command() -> None:
    """Run the gateway until it is asked to stop. Settings: GUITU_GATEWAY_... variables."""
    settings = read_settings(GatewaySettings)
    logs.configure("gateway", form=read_settings(LogSettings).format)
    serve(settings)
