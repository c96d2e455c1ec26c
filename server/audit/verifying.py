"""`guitu audit verify`: recomputes every chain and holds it against its anchors."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from server.audit import reading_store as reading
from server.audit.anchors import Anchor, BrokenAnchor, read_anchors
from server.audit.chain import GENESIS, Block, commitment_of, statement_of
from server.audit.digest import DIGESTS
from server.audit.merkle import leaf_hash, root_of
from server.audit.report import Fault, Report
from server.audit.sources import SOURCES
from server.signing.checkpoints import TrustedKeys

_ROW, _LEAF, _BLOCK, _CHECKPOINT, _ANCHOR = range(5)
_END: Final[Any] = ("￿",)
"""Sorts after every organisation."""


@dataclass
class _Found:
    """What the chains hold, for what is held against them later.

    Attributes:
        statements: (organisation, block) to what its checkpoint has to say.
        ends: (organisation, block) to its last position.
        digests: Organisation to first positions and the algorithm from there on.
        destroyed: Destruction to the leaves that name it.
        signed: Blocks with a checkpoint.
        noted: Those that the database says are anchored.
    """

    statements: dict[tuple[str, int], str] = field(default_factory=dict)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    digests: dict[str, tuple[list[int], list[str]]] = field(default_factory=dict)
    destroyed: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))

    signed: set[tuple[str, int]] = field(default_factory=set)
    noted: set[tuple[str, int]] = field(default_factory=set)

    def algorithm(self, org: str, position: int) -> str:
        """Return the digest of a leaf."""
        firsts, names = self.digests.get(org, ([], []))
        at = bisect_right(firsts, position) - 1
        return names[at] if at >= 0 else "sha256"


def verify(dsn: str, *, keys: TrustedKeys | None = None, anchors: Path | None = None) -> Report:
    """Check every chain of a database in one snapshot.

    Args:
        dsn: Of guitu_worker or of the owner.
        keys: Whose signatures count; None: signatures are not looked at.
        anchors: Folder of anchors; None: nothing outside the database is looked at.

    Raises:
        AnchorError: The folder cannot be read.
        psycopg.Error: The database cannot be.
    """
    with reading.snapshot(dsn) as connection:
        return verify_in(connection, keys=keys, anchors=anchors)


def verify_in(
    connection: reading.Snapshot, *, keys: TrustedKeys | None = None, anchors: Path | None = None
) -> Report:
    """Check every chain as `verify` does, within a transaction that is open."""
    reading.prepare(connection)
    report, found = Report(), _Found()
    for org, count in reading.pending(connection).items():
        report.chain(org).pending = count
    report.add(list(_structure(connection, report, found)))
    for name in SOURCES:
        report.add(list(_rows(connection, name, found)))
    report.add(list(_destructions(connection, found)))
    _checkpoints(connection, report, found, keys)
    if anchors is not None:
        _against_anchors(anchors, report, found, keys)
    return report


def _structure(connection: reading.Snapshot, report: Report, found: _Found) -> Iterator[Fault]:
    """Leaves under their roots, blocks linked to each other."""
    stream: Iterator[Any] = iter(reading.leaves(connection))
    leaf = next(stream, _END)
    before: tuple[Block, bytes] | None = None
    for block, stored in reading.blocks(connection):
        org = block.org_id
        if before is not None and before[0].org_id != org:
            before = None
        yield from _link(block, stored, before)
        below = []
        while leaf is not _END and (leaf[0], leaf[1]) <= (org, block.last_position):
            if (leaf[0], leaf[1]) < (org, block.first_position):
                yield _stray(leaf)
            else:
                below.append(leaf)
            leaf = next(stream, _END)
        yield from _under(block, below)
        _note(report, found, block, below)
        before = (block, stored)
    while leaf is not _END:
        yield _stray(leaf)
        leaf = next(stream, _END)
    for org, position, source in reading.strangers(connection):
        yield Fault(org, position, _LEAF, "audit_leaf", f"{org}/{position}",
                    f"names the table {source}, which no chain covers")  # fmt: skip


def _link(block: Block, stored: bytes, before: tuple[Block, bytes] | None) -> Iterator[Fault]:
    number, first, prev_hash = 1, 1, GENESIS
    if before is not None:
        number, first = before[0].number + 1, before[0].last_position + 1
        prev_hash = before[1]
    if block.number != number:
        what = f"block {number} is missing before it"
    elif block.first_position != first:
        what = f"begins at {block.first_position}, and the block before it ends before {first}"
    elif block.prev_hash != prev_hash:
        what = "does not follow the block before it: prev_hash differs"
    elif block.hash() != stored:
        what = "its hash is not of its header, root and prev_hash"
    else:
        return
    yield _of_block(block, what)


def _under(block: Block, below: list[Any]) -> Iterator[Fault]:
    positions = {leaf[1] for leaf in below}
    wanted = range(block.first_position, block.last_position + 1)
    missing = [at for at in islice(wanted, 100_000) if at not in positions]
    if missing:
        yield Fault(block.org_id, missing[0], _LEAF, "audit_leaf", f"{block.org_id}/{missing[0]}",
                    f"{len(missing)} leaves of block {block.number} are missing")  # fmt: skip
        return
    digest = DIGESTS[block.algorithm]
    hashes = [
        leaf_hash(digest, position=at, source=source, form=form, commitment=commitment)
        for _, at, source, form, commitment, _ in below
    ]
    if root_of(digest, hashes) != block.root:
        yield _of_block(block, "its root is not of its leaves: a leaf or the root was changed")


def _note(report: Report, found: _Found, block: Block, below: list[Any]) -> None:
    org = block.org_id
    chain = report.chain(org)
    chain.blocks += 1
    chain.leaves = max(chain.leaves, block.last_position)
    found.statements[org, block.number] = statement_of(block)
    found.ends[org, block.number] = block.last_position
    firsts, names = found.digests.setdefault(org, ([], []))
    if not names or names[-1] != block.algorithm:
        firsts.append(block.first_position)
        names.append(block.algorithm)
    for leaf in below:
        if leaf[5] is not None:
            chain.destroyed += 1
            found.destroyed[leaf[5]].append((org, leaf[1]))


def _rows(connection: reading.Snapshot, name: str, found: _Found) -> Iterator[Fault]:
    """Rows against their commitments; rows without one."""
    for org, position, row_id, _, salt, commitment, content in reading.contents(connection, name):
        if content is None:
            yield Fault(
                org, position, _ROW, name, row_id, "the row is missing, and no destruction says why"
            )
        elif commitment_of(found.algorithm(org, position), salt, content) != commitment:
            yield Fault(org, position, _ROW, name, row_id,
                        "the row, its salt or its commitment is not what was sealed")  # fmt: skip
    for org, row_id in reading.uncovered(connection, name):
        yield Fault(
            org,
            0,
            _ROW,
            name,
            row_id,
            "was put in past the chain: it is not sealed, and does not wait for it",
        )
    for org, row_id in reading.vanished(connection, name):
        yield Fault(org, 0, _ROW, name, row_id, "was deleted before it was sealed")


def _destructions(connection: reading.Snapshot, found: _Found) -> Iterator[Fault]:
    """Leaves without salt against the records that say why."""
    for record_id, org, positions, _ in reading.destructions(connection):
        named = found.destroyed.pop(record_id, [])
        if sorted(named) != sorted((org, position) for position in positions):
            yield Fault(org, min(positions), _LEAF, "audit_destruction", str(record_id),
                        "names other leaves than those that lost their salt by it")  # fmt: skip
    for record_id, leaves in sorted(found.destroyed.items()):
        org, position = min(leaves)
        yield Fault(org, position, _LEAF, "audit_leaf", f"{org}/{position}",
                    f"lost its salt by destruction {record_id}, which is not there")  # fmt: skip


def _checkpoints(
    connection: reading.Snapshot, report: Report, found: _Found, keys: TrustedKeys | None
) -> None:
    """Statements against blocks."""
    faults = []
    report.signatures_checked = keys is not None
    for org, number, statement, key_id, signature, is_anchored in reading.checkpoints(connection):
        found.signed.add((org, number))
        if is_anchored:
            found.noted.add((org, number))
        if statement != found.statements.get((org, number)):
            what = "its statement is not of its block"
        elif keys is not None and not keys.signed(statement, key_id, signature):
            what = f"its signature is not by key {key_id} over its statement"
        else:
            continue
        faults.append(_of_checkpoint(found, org, number, what))
    begun: set[str] = set()
    for org, number in found.statements:
        if (org, number) in found.signed:
            begun.add(org)
        elif org in begun:
            faults.append(_of_checkpoint(found, org, number, "the checkpoint is missing"))
    for org, number in reading.stray_anchors(connection):
        faults.append(_of_checkpoint(found, org, number, "was anchored, and is gone"))
    report.add(faults)


def _against_anchors(
    folder: Path,
    report: Report,
    found: _Found,
    keys: TrustedKeys | None,
) -> None:
    """What is outside against what is inside, both ways."""
    seen: set[tuple[str, int]] = set()
    report.anchors_checked = 0
    for anchor in read_anchors(folder):
        report.anchors_checked += 1
        fault = _of_anchor(anchor, report, found, keys, seen)
        report.add([] if fault is None else [fault])
    for org, number in sorted(found.noted - seen):
        what = "the database says it is anchored, and no anchor is there"
        end = found.ends.get((org, number), 0)
        report.add([Fault(org, end, _ANCHOR, "audit_anchor", f"{org}/{number}", what)])


def _of_anchor(
    anchor: Anchor | BrokenAnchor,
    report: Report,
    found: _Found,
    keys: TrustedKeys | None,
    seen: set[tuple[str, int]],
) -> Fault | None:
    if isinstance(anchor, BrokenAnchor):
        return Fault("", 0, _ANCHOR, "anchor", anchor.place, "the line is no anchor")
    if keys is not None and not keys.signed(anchor.statement, anchor.key_id, anchor.signature):
        what = f"its signature is not by key {anchor.key_id}"
        return Fault("", 0, _ANCHOR, "anchor", anchor.place, what)
    org, number, leaves = _said(anchor.statement)
    seen.add((org, number))
    chain = report.chain(org)
    held = found.statements.get((org, number))
    if held == anchor.statement:
        chain.anchored = max(chain.anchored, found.ends[org, number])
        if (org, number) not in found.signed:
            what = f"the checkpoint is missing: {anchor.place} has it"
            return _of_checkpoint(found, org, number, what)
        return None
    if held is None:
        end = chain.leaves + 1
        what = f"{anchor.place} has it with {leaves} leaves, the chain ends after {chain.leaves}"
    else:
        end = found.ends[org, number]
        what = f"was rewritten: {anchor.place} says otherwise"
    return Fault(org, end, _ANCHOR, "audit_block", f"{org}/{number}", what)


def _said(statement: str) -> tuple[str, int, int]:
    told = json.loads(statement)
    return told["org"], told["block"], told["leaves"]


def _stray(leaf: Any) -> Fault:
    org, position = leaf[0], leaf[1]
    return Fault(org, position, _LEAF, "audit_leaf", f"{org}/{position}", "is in no block")


def _of_block(block: Block, what: str) -> Fault:
    name = f"{block.org_id}/{block.number}"
    return Fault(block.org_id, block.last_position, _BLOCK, "audit_block", name, what)


def _of_checkpoint(found: _Found, org: str, number: int, what: str) -> Fault:
    position = found.ends.get((org, number), 0)
    return Fault(org, position, _CHECKPOINT, "audit_checkpoint", f"{org}/{number}", what)
