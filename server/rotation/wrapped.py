"""Every column that holds a secret wrapped by a master key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.archive.keys import digest_purpose
from server.archive.keys import key_purpose as archive_purpose
from server.archive.ownership import Owner
from server.auth.second_factor import factor_purpose
from server.notifications.channel import address_purpose, secret_purpose
from server.secrecy.vault import key_purpose


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A column of secrets.

    Attributes:
        setting: The setting of the server that names the master key's file.
        table: Where it is.
        key: The columns that the purpose is made of, that of the row first.
        column: The wrapped secret.
        purpose: What it is wrapped for.
    """

    setting: str
    table: str
    key: tuple[str, ...]
    column: str
    purpose: Callable[[Mapping[str, Any]], str]


WRAPPED: Final = (
    Wrapped(
        *("master_key_file", "data_key", ("id", "org_id"), "wrapped"),
        lambda row: key_purpose(row["org_id"]),
    ),
    Wrapped(
        *("archive_key_file", "archive_key"),
        *(("id", "holder_kind", "holder_id", "order_id"), "wrapped"),
        lambda row: archive_purpose(
            Owner(row["holder_kind"], row["holder_id"], row["order_id"] or "")
        ),
    ),
    Wrapped(
        *("archive_key_file", "archive_mark", ("gateway_id",), "journal_digest"),
        lambda row: digest_purpose(row["gateway_id"]),
    ),
    Wrapped(
        *("second_factor_key_file", "second_factor", ("user_id",), "sealed"),
        lambda row: factor_purpose(row["user_id"]),
    ),
    Wrapped(
        *("notification_key_file", "notification_channel", ("id",), "address_sealed"),
        lambda row: address_purpose(row["id"]),
    ),
    Wrapped(
        *("notification_key_file", "notification_secret", ("id",), "sealed"),
        lambda row: secret_purpose(row["id"]),
    ),
)
