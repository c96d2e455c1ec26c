"""A person's redemption account: what a month is worth, which lines follow, the chain. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from server.scoring.policy import MILLI, Redemption
from server.signing.canonical import canonical

Kind = Literal["earned", "corrected", "waived", "redeemed", "returned"]
GENESIS: Final = bytes(32)
_HASHED: Final = (
    *("subject_id", "number", "kind", "month", "redemption_id", "points_milli", "balance_milli"),
    *("policy_version", "author"),
)


class Line(NamedTuple):
    """A line to be written; points in thousandths."""

    kind: Kind
    month: int | None
    points: int


def worth(nets: Mapping[tuple[str, str], int], of: Redemption | None) -> int:
    """Return what a month's gains are worth, in thousandths.

    Args:
        nets: What each account gained or lost in the month, by dimension and account.
        of: What is in force in that month; None: nothing is redeemed.
    """
    if of is None:
        return 0
    counted = (net for (dimension, _), net in nets.items() if dimension in of.dimensions)
    gained = sum(net for net in counted if net > 0)
    return min(of.month_most, gained * of.per_point // MILLI)


def lines(wanted: Mapping[int, int], booked: Mapping[int, int], balance: int) -> list[Line]:
    """Return what makes the credits of months what they are worth now.

    What fell is taken back as far as the balance goes; the rest is waived: nobody owes points
    for what was granted in good faith.

    Args:
        wanted: By month, what it is worth.
        booked: By month, what was credited and taken back.
        balance: Of the account.
    """
    changes = {month: wanted[month] - booked.get(month, 0) for month in sorted(wanted)}
    found = [Line("earned", month, change) for month, change in changes.items() if change > 0]
    balance += sum(line.points for line in found)
    for month, change in changes.items():
        if change >= 0:
            continue
        short = -change - balance
        if short > 0:
            found.append(Line("waived", month, short))
            balance += short
        found.append(Line("corrected", month, change))
        balance += change
    return found


def entries(
    of: Mapping[str, Any], last: Mapping[str, Any] | None, new: Sequence[Line], at: datetime
) -> list[dict[str, Any]]:
    """Return the rows of lines, chained to the account's last one.

    Args:
        of: What all rows have: `org_id`, `subject_id`, `policy_version`, `author`,
            `redemption_id`.
        last: The newest row; None: there is none.
        new: The lines.
        at: The instant, aware.
    """
    number, balance, prev_hash = 0, 0, GENESIS
    if last is not None:
        number, balance, prev_hash = last["number"], last["balance_milli"], last["hash"]
    rows = []
    for line in new:
        number, balance = number + 1, balance + line.points
        row = dict(of) | {"number": number, "kind": line.kind, "month": line.month}
        row |= {"points_milli": line.points, "balance_milli": balance, "recorded_at": at}
        row |= {"prev_hash": prev_hash, "hash": hash_of(prev_hash, row)}
        prev_hash = row["hash"]
        rows.append(row)
    return rows


def hash_of(prev_hash: bytes, row: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a line and of the one before it."""
    said = {name: row[name] for name in _HASHED} | {"at": row["recorded_at"].timestamp()}
    return hashlib.sha256(prev_hash + canonical(said).encode()).digest()


def is_whole(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether an account's lines, the oldest first, are chained and add up."""
    number, balance, prev_hash = 0, 0, GENESIS
    for row in rows:
        number, balance = number + 1, balance + row["points_milli"]
        if (row["number"], row["balance_milli"], row["prev_hash"]) != (number, balance, prev_hash):
            return False
        prev_hash = hash_of(prev_hash, row)
        if prev_hash != row["hash"]:
            return False
    return True
