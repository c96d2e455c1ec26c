"""Seals personal fields under the data key of their office, and opens them."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.db import Connection, Database
from server.secrecy import store
from server.secrecy.cipher import KEY_BYTES, Algorithm, context_of, derived, seal, unseal
from server.secrecy.errors import FieldsClosedError, SealError
from server.secrecy.key_file import KeyService

FRESH_S: Final = 30.0
"""So long a key is sealed with before the database is asked whether it is still in use."""

_HEAD: Final = b"GF1"
_ID_BYTES: Final = 8
_BEGIN_BYTES: Final = len(_HEAD) + _ID_BYTES
_ORGS_MAX: Final = 10_000
_INDEX: Final = ""
_AT_ONCE: Final = 100
"""Rows between two turns of other requests: some milliseconds. An export has tens of thousands."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed fields.

    Attributes:
        name: The table.
        key: The column that names a row.
        fields: Its fields: `x` is sealed in the column `x_sealed`.
        indexed: Those of them that are looked for: `x_index` has a keyed hash.
    """

    name: str
    key: str
    fields: tuple[str, ...]
    indexed: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Return the columns that hold what is sealed, and the keyed hashes."""
        sealed = tuple(f"{name}_sealed" for name in self.fields)
        return sealed + tuple(f"{name}_index" for name in self.indexed)


@dataclass(frozen=True, slots=True, repr=False)
class _Ring:
    """The keys of one organisation; `current` is the number of the one that seals, 0: none yet."""

    keys: Mapping[int, tuple[bytes, Algorithm]]
    current: int
    read_s: float


class Vault:
    """What seals and opens. One of each process; it holds keys in memory only."""

    def __init__(
        self,
        master: KeyService,
        database: Database,
        *,
        algorithm: Algorithm = "aes-256-gcm",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what wraps the data keys, where they are, and what new ones are for."""
        self._master, self._database = master, database
        self._algorithm, self._monotonic = algorithm, monotonic
        self._rings: dict[str, _Ring] = {}

    async def sealed(
        self,
        connection: Connection,
        table: SealedTable,
        *,
        org: str,
        row: str,
        values: Mapping[str, str | None],
    ) -> dict[str, bytes | None]:
        """Return the sealed columns of a row, by name; None stays None.

        Args:
            connection: Any of the server's.
            table: Whose row.
            org: The organisation that the row belongs to.
            row: Its key.
            values: Its fields; what is missing is None.
        """
        ring = await self._sealing(connection, org)
        key, algorithm = ring.keys[ring.current]
        head = _HEAD + ring.current.to_bytes(_ID_BYTES)
        made: dict[str, bytes | None] = {}
        for name in table.fields:
            value = values.get(name)
            context = context_of("field", table.name, row, name, org)
            made[f"{name}_sealed"] = (
                None
                if value is None
                else head
                + seal(
                    derived(key, f"{table.name}.{name}"),
                    value.encode(),
                    context=context,
                    algorithm=algorithm,
                )
            )
        for name in table.indexed:
            value = values.get(name)
            index = await self._indexing(connection, ring)
            made[f"{name}_index"] = (
                None if value is None else _hash(index.keys[index.current][0], table, name, value)
            )
        return made

    async def sealed_rows(
        self,
        connection: Connection,
        table: SealedTable,
        rows: Iterable[Mapping[str, Any]],
        *,
        row: str = "id",
        org: str = "org",
    ) -> list[dict[str, Any]]:
        """Return rows with their sealed columns beside; `row` and `org` name the members."""
        found = []
        for number, one in enumerate(rows, 1):
            sealed = await self.sealed(connection, table, org=one[org], row=one[row], values=one)
            found.append({**one, **sealed})
            await _let_others(number)
        return found

    async def opened(
        self,
        connection: Connection,
        table: SealedTable,
        rows: Iterable[Mapping[str, Any]],
        *,
        row: str = "id",
        org: str = "org",
        drop: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Return rows with their fields open and without sealed columns.

        A field that is there in plain was written by a server of before and not sealed yet: it is
        the newer one.

        Args:
            connection: Any of the server's.
            table: Whose rows.
            rows: Each with its key, its organisation, and `x_sealed` beside `x`.
            row: The member that has the key.
            org: The member that has the organisation.
            drop: Members that the answer does not have.

        Raises:
            FieldsClosedError: The master key is another, or a field was changed or moved.
        """
        found = []
        for number, one in enumerate(rows, 1):
            told = dict(one)
            for name in table.fields:
                content = told.pop(f"{name}_sealed", None)
                if content is not None and told.get(name) is None:
                    place = (table.name, told[row], name, told[org])
                    told[name] = await self._open(connection, place, bytes(content))
            for name in drop:
                told.pop(name, None)
            found.append(told)
            await _let_others(number)
        return found

    async def indexes(
        self, connection: Connection, table: SealedTable, name: str, values: Iterable[str]
    ) -> dict[bytes, str]:
        """Return the keyed hashes that values of a field are found by, each with its value.

        While a rotation is under way a value has two.
        """
        ring = await self._read(connection, _INDEX)
        return {
            _hash(key, table, name, value): value
            for value in values
            for key, _ in ring.keys.values()
        }

    async def _open(
        self, connection: Connection, place: tuple[str, str, str, str], content: bytes
    ) -> str:
        table, row, name, org = place
        number = int.from_bytes(content[len(_HEAD) : _BEGIN_BYTES])
        try:
            key = derived(await self._key(connection, org, number), f"{table}.{name}")
            context = context_of("field", table, row, name, org)
            return unseal(key, content[_BEGIN_BYTES:], context=context).decode()
        except SealError as error:
            raise FieldsClosedError(
                f"{table}.{name} of {row}: {error}; see `guitu keys status`"
            ) from error

    async def _key(self, connection: Connection, org: str, number: int) -> bytes:
        ring = self._rings.get(org)
        if ring is None or number not in ring.keys:
            ring = await self._read(connection, org)
        if number not in ring.keys:
            raise SealError("no key of the office sealed it")
        return ring.keys[number][0]

    async def _sealing(self, connection: Connection, org: str) -> _Ring:
        """Return a ring with a key in use; it is made where there is none.

        A new key is committed by a transaction of its own before anything is sealed with it: the
        caller's may be undone, and what another had sealed meanwhile would be lost.
        """
        ring = self._rings.get(org)
        if ring is not None and ring.current and self._monotonic() - ring.read_s < FRESH_S:
            return ring
        ring = await self._read(connection, org)
        if ring.current:
            return ring
        use = "index" if org == _INDEX else "fields"
        wrapped = self._master.wrap(secrets.token_bytes(KEY_BYTES), key_purpose(org))
        async with self._database.entrance() as own:
            await store.add_key(own, org, use=use, algorithm=self._algorithm, wrapped=wrapped)
        return await self._read(connection, org)

    async def _indexing(self, connection: Connection, ring: _Ring) -> _Ring:
        """Return the ring of the keyed index, as new as an office's.

        A rotation renews the index first: what is sealed with a new key is found by a new one.
        """
        index = self._rings.get(_INDEX)
        if index is not None and index.read_s < ring.read_s:
            del self._rings[_INDEX]
        return await self._sealing(connection, _INDEX)

    async def _read(self, connection: Connection, org: str) -> _Ring:
        rows = await store.keys_of(connection, org)
        known = self._rings.get(org)
        keys: dict[int, tuple[bytes, Algorithm]] = {}
        for row in rows:
            number = int(row["id"])
            if known is not None and number in known.keys:
                keys[number] = known.keys[number]
            else:
                keys[number] = (self._unwrapped(org, bytes(row["wrapped"])), row["algorithm"])
        current = next((int(row["id"]) for row in rows if row["is_current"]), 0)
        if len(self._rings) >= _ORGS_MAX:
            self._rings.clear()
        ring = _Ring(keys, current, self._monotonic())
        self._rings[org] = ring
        return ring

    def _unwrapped(self, org: str, wrapped: bytes) -> bytes:
        try:
            return self._master.unwrap(wrapped, key_purpose(org))
        except SealError as error:
            raise FieldsClosedError(
                f"the data key of {org or 'the index'}: {error}; see `guitu keys status`"
            ) from error


async def _let_others(number: int) -> None:
    if number % _AT_ONCE == 0:
        await asyncio.sleep(0)


def _hash(key: bytes, table: SealedTable, name: str, value: str) -> bytes:
    message = context_of("index", table.name, name, value)
    return hmac.new(key, message, hashlib.sha256).digest()


def key_purpose(org: str) -> str:
    """Return what the data keys of an organisation are wrapped for."""
    return f"data key {org}"
