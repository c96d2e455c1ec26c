"""Wraps every secret under the newest key of its file; what is sealed with it stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from server.rotation import store
from server.rotation.wrapped import WRAPPED, Wrapped
from server.secrecy.errors import SealError
from server.secrecy.key_file import KeyService

_BATCH: Final = 500
_FAULTS_MAX: Final = 10_000


@dataclass(slots=True)
class Rewrapped:
    """What was done.

    Attributes:
        count: Secrets that are wrapped anew.
        faults: Rows whose secret no key of the file opens, as `table id`.
    """

    count: int = 0
    faults: list[str] = field(default_factory=list)


def rewrap(owner: store.Owner, keys: Mapping[str, KeyService]) -> Rewrapped:
    """Wrap what older keys wrapped; a batch is a transaction, and a repeat goes on.

    Args:
        owner: Connection of the schema's owner, with autocommit.
        keys: Master keys by the setting that names their file; others are left alone.
    """
    done = Rewrapped()
    for what in WRAPPED:
        if what.setting in keys:
            _rewrap_column(owner, what, keys[what.setting], done)
    return done


def _rewrap_column(owner: store.Owner, what: Wrapped, keys: KeyService, done: Rewrapped) -> None:
    head = b"GW1" + bytes.fromhex(keys.current())
    passed: list[Any] = []
    while len(passed) < _FAULTS_MAX:
        with owner.transaction():
            rows = store.under_others(owner, what, head, passed, _BATCH)
            for row in rows:
                first = row[what.key[0]]
                try:
                    secret = keys.unwrap(bytes(row["wrapped"]), what.purpose(row))
                except SealError:
                    passed.append(first)
                    done.faults.append(f"{what.table} {first}")
                    continue
                store.put(owner, what, first, keys.wrap(secret, what.purpose(row)))
                done.count += 1
        if len(rows) < _BATCH:
            return
