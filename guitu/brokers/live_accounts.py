"""A broker's accounts, kept in step with the device table of a running site."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from guitu.brokers.accounts import Account, DeviceRow, device_accounts

_log = logging.getLogger("guitu.broker_accounts")


@dataclass(frozen=True, kw_only=True)
class LiveAccounts:
    """Where accounts come from and where they go.

    Attributes:
        ingest_dsn: Connection string of role guitu_ingest.
        gateway: The gateway's account.
        site_key: What devices' passwords are derived from.
        write: Writes the broker's files; returns whether they changed.
        reload: Makes a running broker read them again.
    """

    ingest_dsn: str
    gateway: Account
    site_key: bytes
    write: Callable[[Sequence[Account]], bool]
    reload: Callable[[], None]

    def render(self) -> bool:
        """Write the files from the device table as it is now; return whether they changed.

        Raises:
            psycopg.OperationalError: The database is away.
        """
        rows = device_rows(self.ingest_dsn)
        return self.write([self.gateway, *device_accounts(rows, self.site_key)])

    def refresh(self) -> None:
        """Do so, and let the broker read them if they changed.

        No database or no room on the disk: another time; the broker keeps what it has.
        """
        try:
            changed = self.render()
        except (psycopg.Error, OSError) as error:
            reason = str(error).partition("\n")[0]
            _log.warning("accounts_not_refreshed", extra={"reason": reason})
            return
        if changed:
            self.reload()
            _log.info("accounts_changed")


def device_rows(ingest_dsn: str) -> list[DeviceRow]:
    """Return every credential of the site's devices that holds now, ordered by device.

    Raises:
        psycopg.OperationalError: The database is away.
    """
    with psycopg.connect(ingest_dsn, connect_timeout=3) as connection:
        rows = connection.execute(
            "SELECT id, org_id, kind, generation FROM broker_credentials()"
        ).fetchall()
    return [DeviceRow(device, org, kind, generation) for device, org, kind, generation in rows]
