"""Runs the gateway until SIGINT or SIGTERM."""

import asyncio
import gc
import logging
import signal

from gateway.app import Gateway
from gateway.config import GatewaySettings

log = logging.getLogger("guitu.gateway")


def serve(settings: GatewaySettings) -> None:
    """Run the gateway; returns when it was asked to stop.

    Raises:
        GatewayError: The journal or a credential cannot be used.
    """
    asyncio.run(_serve(settings))


async def _serve(settings: GatewaySettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(settings)
    gc.freeze()  # directory and journal stay: no collection need walk them again
    log.info("started id=%s data_dir=%s", settings.id, settings.data_dir)
    await gateway.run(stop)
    log.info("stopped")
