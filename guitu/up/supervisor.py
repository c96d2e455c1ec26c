"""The supervisor: everything up in order, kept up, down in reverse order.

data folder, ports -> database -> schema, first start -> broker -> server -> gateway -> sims
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from functools import partial
from typing import Final

from guitu.backups.wal_archive import archive_settings, prepare
from guitu.brokers.accounts import gateway_account
from guitu.brokers.live_accounts import LiveAccounts
from guitu.embedded.broker import Broker
from guitu.embedded.database import Cluster, is_accepting
from guitu.up.children import (
    at_once,
    gateway_spec,
    http_ready,
    port_ready,
    server_spec,
    sims_spec,
)
from guitu.up.data_folder import DataFolder
from guitu.up.part import Part
from guitu.up.screen import Screen
from guitu.up.settings import BROKER_USER, LOOPBACK, UpSettings
from guitu.up.site_setup import Demo, chosen_demo, set_up

_START_TIMEOUT_S: Final = 60.0
_ACCOUNTS_EVERY_S: Final = 3.0
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_log = logging.getLogger("guitu.supervisor")


class Supervisor:
    """One run of the whole system."""

    def __init__(
        self,
        settings: UpSettings,
        folder: DataFolder,
        screen: Screen,
        announce: Callable[[str], None],
    ) -> None:
        """Take what to run; nothing is started yet.

        Args:
            settings: What was asked for.
            folder: The locked data folder.
            screen: Where log lines are shown.
            announce: Takes the text for people once everything is ready.
        """
        self._settings = settings
        self._folder = folder
        self._screen = screen
        self._announce = announce
        self._cluster = Cluster(
            folder.path / "database",
            settings.database_port,
            {} if settings.backups is None else archive_settings(settings.backups),
        )
        self._broker = Broker(
            folder=folder.path / "broker",
            host=settings.host,
            mqtt_port=settings.mqtt_port,
            client_port=settings.nats_port,
        )
        self._parts: list[Part] = []

    async def run(self) -> None:
        """Bring everything up, keep it up until a signal asks to end, bring it down.

        Raises:
            GuituError: Something did not come up; everything that had is down again.
        """
        loop = asyncio.get_running_loop()
        asked = asyncio.Event()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_to_end, asked)
        work = asyncio.create_task(self._work(), name="supervisor work")
        waiting = asyncio.create_task(asked.wait(), name="supervisor end")
        try:
            await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            waiting.cancel()
            await asyncio.gather(work, waiting, return_exceptions=True)
            await self._stop()
        if not work.cancelled():
            work.result()

    def _ask_to_end(self, asked: asyncio.Event) -> None:
        if asked.is_set():
            # Asked a second time: whoever asks does not want to wait for orderly ends.
            for part in self._parts:
                part.kill()
        asked.set()

    async def _work(self) -> None:
        demo = chosen_demo(self._settings, self._folder)
        logins = await self._start_database(demo)
        accounts = await self._start_broker()
        await self._start_programs(demo)
        self._announce(ready_text(self._settings, self._folder, logins, demo))
        while True:
            await asyncio.sleep(_ACCOUNTS_EVERY_S)
            for part in self._parts:
                part.require_supervised()
            await asyncio.to_thread(accounts.refresh)

    async def _start_database(self, demo: Demo | None) -> str:
        if self._settings.backups is not None:
            prepare(self._settings.backups)
        password = self._folder.secret("database-owner")
        server_dsn = self._cluster.dsn(password=password)
        await self._start(
            Part(
                # Before each start, not only the first: it clears what a killed server left.
                self._cluster.spec(),
                prepare=partial(self._cluster.initialise, password),
                is_ready=partial(asyncio.to_thread, is_accepting, server_dsn),
                screen=self._screen,
                logs=self._folder.logs,
            )
        )
        return await asyncio.to_thread(set_up, self._cluster, self._folder, demo)

    async def _start_broker(self) -> LiveAccounts:
        folder = self._folder
        accounts = LiveAccounts(
            ingest_dsn=folder.secret("ingest.dsn"),
            gateway=gateway_account(BROKER_USER, folder.secret("gateway-broker-password")),
            site_key=folder.secret("device_key").encode(),
            write=self._broker.write_configuration,
            reload=self._reload_broker,
        )
        await asyncio.to_thread(accounts.render)
        await self._start(
            Part(
                self._broker.spec(),
                is_ready=port_ready(self._settings.local_host, self._settings.mqtt_port),
                screen=self._screen,
                logs=self._folder.logs,
            )
        )
        return accounts

    async def _start_programs(self, demo: Demo | None) -> None:
        settings, folder = self._settings, self._folder
        server_url = f"http://{settings.local_host}:{settings.port}"
        gateway_url = f"http://{LOOPBACK}:{settings.gateway_port}"
        programs = [
            (server_spec(settings, folder), http_ready(f"{server_url}/readyz")),
            (gateway_spec(settings, folder), http_ready(f"{gateway_url}/readyz")),
        ]
        if demo is not None:
            programs.append((sims_spec(settings, folder, demo), at_once))
        for spec, is_ready in programs:
            await self._start(
                Part(
                    spec,
                    is_ready=is_ready,
                    may_finish=spec.name == "sims",
                    screen=self._screen,
                    logs=folder.logs,
                )
            )

    async def _start(self, part: Part) -> None:
        self._parts.append(part)
        await part.start(_START_TIMEOUT_S)

    def _reload_broker(self) -> None:
        for part in self._parts:
            if part.name == "broker":
                part.signal(signal.SIGHUP)

    async def _stop(self) -> None:
        _log.info("stopping")
        for part in reversed(self._parts):
            await part.stop()


def ready_text(settings: UpSettings, folder: DataFolder, logins: str, demo: Demo | None) -> str:
    """Return what a person is told once everything runs."""
    lines = [
        "",
        f"归途 Guitu 已就绪 / is ready:  {settings.console_url}",
        "",
        f"首次登录 / first logins (只有本人可读 / owner-only: {folder.secret_file('logins.txt')})",
        *(f"    {line}" for line in logins.splitlines()),
        "",
        "动态口令 / second factor: 演示可选，正式部署默认必须 / optional here, required elsewhere;",
        "    试用 / to try it:  GUITU_SERVER_SECOND_FACTOR=required guitu up",
        "",
        f"日志 / logs:          {folder.logs}",
    ]
    if demo is not None:
        lines.append(f"真值标签 / labels:    {folder.path / 'labels.jsonl'}")
    return "\n".join([*lines, "停止 / stop:          Ctrl-C", ""])
