"""The sealer: chains what has been committed, signs each block and takes the signature outside.

One server of a site seals at a time. A batch is one transaction: the rows leave the list of those
that wait when their leaves are there, and not before.
"""

import asyncio
import os
from collections import defaultdict
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from server.audit import store
from server.audit.anchors import anchor_line, append_anchors
from server.audit.chain import GENESIS, SALT_BYTES, Block, commitment_of, statement_of
from server.audit.digest import DIGESTS, Algorithm
from server.audit.merkle import leaf_hash, root_of
from server.audit.sources import SOURCES, gone
from server.db import Connection
from server.rounds import Due, Round, Row
from server.signing.checkpoints import CheckpointSigner

BLOCK_LEAVES_MAX: Final = 5_000
"""A proof of one leaf reads its block; some 2 MB of a transaction."""
_ANCHORS_MAX: Final = 500

Leaf = tuple[str, int, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Sealer:
    """What a site seals with.

    Attributes:
        algorithm: Digest of new blocks; each block names its own.
        signer: None: blocks are chained, nothing is signed; where another server signed before,
            its work is left to that one: an unsigned block after a signed one is a fault.
        anchor_dir: None: nothing leaves the database.
    """

    algorithm: Algorithm
    signer: CheckpointSigner | None
    anchor_dir: Path | None

    def dues(self) -> tuple[Due, ...]:
        """Return the work of a round: seal, then anchor what has not left the database."""
        seal = Due(
            name="seal", find=_find if self.signer else _find_unsigned, settle=self._seal, most=1
        )
        if self.anchor_dir is None:
            return (seal,)
        anchor = Due(
            name="anchor", find=_to_anchor, settle=_none, finish=self._anchor, most=_ANCHORS_MAX
        )
        return (seal, anchor)

    async def _seal(self, work: Round, row: Row) -> None:
        await self.seal(work.connection, row["id"], work.now)

    async def seal(self, connection: Connection, org_id: str, now: Any) -> Block | None:
        """Seal the next batch of an organisation; None when nothing was left to seal."""
        taken = await store.take(connection, org_id, BLOCK_LEAVES_MAX)
        if not taken:
            return None
        leaves = await self._leaves(connection, taken)
        before = await store.last_block(connection, org_id)
        first = 1 if before is None else before[0].last_position + 1
        block = Block(
            org_id=org_id,
            number=1 if before is None else before[0].number + 1,
            first_position=first,
            leaf_count=len(leaves),
            algorithm=self.algorithm,
            software=f"guitu {version('guitu')}",
            sealed_at=now,
            root=self._root(leaves, first),
            prev_hash=GENESIS if before is None else before[1],
        )
        await store.insert_block(connection, block)
        await store.insert_leaves(connection, block, leaves)
        if self.signer is not None:
            statement = statement_of(block)
            signature = self.signer.sign(statement)
            await store.insert_checkpoint(
                connection, block, statement, self.signer.key_id, signature
            )
        return block

    async def _leaves(self, connection: Connection, taken: list[tuple[str, str]]) -> list[Leaf]:
        ids: dict[str, list[str]] = defaultdict(list)
        for name, row_id in taken:
            ids[name].append(row_id)
        contents = {name: await store.contents(connection, name, ids[name]) for name in ids}
        salts = os.urandom(SALT_BYTES * len(taken))
        leaves = []
        for number, (name, row_id) in enumerate(taken):
            salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
            form = SOURCES[name].form
            # Nobody may delete a covered row: that one is gone has to stand in the chain.
            content = contents[name].get(row_id, gone(name, form))
            commitment = commitment_of(self.algorithm, salt, content)
            leaves.append((name, form, row_id, salt, commitment))
        return leaves

    def _root(self, leaves: list[Leaf], first: int) -> bytes:
        digest = DIGESTS[self.algorithm]
        return root_of(
            digest,
            [
                leaf_hash(digest, position=at, source=name, form=form, commitment=commitment)
                for at, (name, form, _, _, commitment) in enumerate(leaves, first)
            ],
        )

    async def _anchor(self, work: Round, rows: Any) -> None:
        if rows and self.anchor_dir is not None:
            lines = [anchor_line(row) for row in rows]
            await asyncio.to_thread(append_anchors, self.anchor_dir, lines)
            await store.note_anchored(work.connection, rows)


async def _find(work: Round) -> list[dict[str, Any]]:
    if not await store.is_sealer(work.connection):
        return []
    return await store.waiting(work.connection, work.resting)


async def _find_unsigned(work: Round) -> list[dict[str, Any]]:
    if await store.has_signed(work.connection):
        return []
    return await _find(work)


async def _to_anchor(work: Round) -> list[dict[str, Any]]:
    if not await store.is_sealer(work.connection):
        return []
    return await store.unanchored(work.connection, work.most)


async def _none(_work: Round, _row: Row) -> None:
    """Do nothing: checkpoints leave together, at the end."""
