"""The broker's accounts, kept in step with the device table."""

import logging
from collections.abc import Callable

import psycopg

from guitu.brokers.accounts import Account, DeviceRow, device_accounts, gateway_account
from guitu.embedded.broker import Broker
from guitu.up.data_folder import DataFolder
from guitu.up.settings import BROKER_USER

_log = logging.getLogger("guitu.broker_users")


class BrokerUsers:
    """Renders the broker's accounts from the device table."""

    def __init__(self, broker: Broker, folder: DataFolder) -> None:
        """Take the broker and the folder with the keys and the ingest role's connection."""
        self._broker = broker
        self._gateway = gateway_account(BROKER_USER, folder.secret("gateway-broker-password"))
        self._site_key = folder.secret("device_key").encode()
        self._dsn = folder.secret_file("ingest.dsn").read_text()
        self._rows: list[DeviceRow] | None = None

    def render(self) -> None:
        """Write the broker's configuration from the device table as it is now."""
        self._rows = device_rows(self._dsn)
        self._broker.write_configuration(self._accounts(self._rows))

    def refresh(self, reload: Callable[[], None]) -> None:
        """Write it again and call `reload` if the table has changed since.

        A database that is away is left for the next time.
        """
        try:
            rows = device_rows(self._dsn)
        except psycopg.OperationalError as error:
            _log.warning("device_table_away", extra={"reason": str(error).split("\n")[0]})
            return
        if rows == self._rows:
            return
        self._broker.write_configuration(self._accounts(rows))
        self._rows = rows
        reload()
        _log.info("accounts_changed", extra={"devices": len(rows)})

    def _accounts(self, rows: list[DeviceRow]) -> list[Account]:
        return [self._gateway, *device_accounts(rows, self._site_key)]


def device_rows(ingest_dsn: str) -> list[DeviceRow]:
    """Return every device of the site, ordered by id."""
    with psycopg.connect(ingest_dsn, connect_timeout=3) as connection:
        # The broker serves the whole site: the scope is the root of all organisations.
        connection.execute("SELECT set_config('guitu.scope', '/', true)")
        rows = connection.execute("SELECT id, org_id, kind FROM device ORDER BY id").fetchall()
    return [DeviceRow(device, org, kind) for device, org, kind in rows]
