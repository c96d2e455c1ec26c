"""A court bundle (证据包): what was recorded, the proofs of it, and what checks them."""

import base64
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from server.audit import bundle_store as store
from server.audit.certificate import README, bundle_text, certificate
from server.audit.chain import block_of, instant
from server.audit.digest import DIGESTS
from server.audit.errors import BundleError
from server.audit.merkle import leaf_hash, path_of
from server.audit.reading_store import Snapshot, prepare, snapshot
from server.signing.checkpoints import TrustedKeys

FORMAT: Final = "guitu-bundle/1"
_VERIFIER: Final = Path(__file__).with_name("verifier.py")


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle is of.

    Attributes:
        kind: `alert`, `fact` or `subject`.
        id: Of it.
    """

    kind: str
    id: str


def bundle(dsn: str, about: About, *, keys: TrustedKeys, now: datetime) -> bytes:
    """Return the bundle as a ZIP file.

    Raises:
        BundleError: Nothing is recorded of it, or nothing is signed yet.
    """
    with snapshot(dsn) as connection:
        prepare(connection)
        content = _content(connection, about, keys, now)
    files = {
        "bundle.json": bundle_text(content),
        "certificate.txt": certificate(content),
        "verifier.py": _VERIFIER.read_text(encoding="utf-8"),
        "README.txt": README,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()


def _content(
    connection: Snapshot, about: About, keys: TrustedKeys, now: datetime
) -> dict[str, Any]:
    rows = store.rows_of(connection, about.kind, about.id)
    if not rows:
        raise BundleError(f"nothing is recorded of {about.kind} {about.id}")
    blocks: dict[tuple[str, int], dict[str, Any]] = {}
    proved, unproved = [], []
    proofs = _Proofs(connection)
    for row in rows:
        proof = None if row["position"] is None else proofs.of(row["org_id"], row["position"])
        if proof is None:
            unproved.append({"source": row["source"], "id": row["row_id"], "org": row["org_id"]})
            continue
        number, path, over = proof
        blocks |= {(one["org_id"], one["number"]): one for one in over}
        proved.append(_row(row, number, path))
    if not proved:
        raise BundleError(
            f"nothing of {about.kind} {about.id} is signed yet: wait for the sealer, or see"
            " GUITU_SERVER_AUDIT_KEY_FILE"
        )
    return {
        "format": FORMAT,
        "about": {"kind": about.kind, "id": about.id},
        "made_at": instant(now),
        "software": f"guitu {version('guitu')}",
        "public_keys": [base64.b64encode(key).decode() for key in keys.by_id.values()],
        "rows": proved,
        "blocks": [_block(one) for one in blocks.values()],
        "checkpoints": [_checkpoint(one) for one in blocks.values() if one["statement"]],
        "not_signed_yet": unproved,
    }


class _Proofs:
    """Proofs of leaves; a block is read once."""

    def __init__(self, connection: Snapshot) -> None:
        self._connection = connection
        self._read: tuple[str, list[dict[str, Any]], list[bytes]] | None = None

    def of(self, org: str, position: int) -> tuple[int, list[tuple[str, bytes]], Any] | None:
        """Return block, path and the blocks up to a signature; None where none reaches it."""
        if not self._holds(org, position):
            over = store.blocks_over(self._connection, org, position)
            self._read = (org, over, self._hashes(org, over[0])) if over else None
        if self._read is None:
            return None
        _, over, hashes = self._read
        block = block_of(over[0])
        path = path_of(DIGESTS[block.algorithm], hashes, position - block.first_position)
        return block.number, path, over

    def _holds(self, org: str, position: int) -> bool:
        if self._read is None or self._read[0] != org:
            return False
        block = block_of(self._read[1][0])
        return block.first_position <= position <= block.last_position

    def _hashes(self, org: str, row: dict[str, Any]) -> list[bytes]:
        block = block_of(row)
        digest = DIGESTS[block.algorithm]
        leaves = store.leaves_of(self._connection, org, block.first_position, block.last_position)
        return [leaf_hash(digest, **leaf) for leaf in leaves]


def _row(row: dict[str, Any], number: int, path: list[tuple[str, bytes]]) -> dict[str, Any]:
    return {
        "org": row["org_id"],
        "block": number,
        "position": row["position"],
        "source": row["source"],
        "form": row["form"],
        "salt": row["salt"].hex(),
        "content": row["content"],
        "openings": row["openings"] or {},
        "path": [(side, neighbour.hex()) for side, neighbour in path],
    }


def _block(row: dict[str, Any]) -> dict[str, Any]:
    block = block_of(row)
    return {
        "org": block.org_id,
        "number": block.number,
        "algorithm": block.algorithm,
        "header": block.header(),
        "root": block.root.hex(),
        "prev_hash": block.prev_hash.hex(),
        "hash": row["hash"].hex(),
    }


def _checkpoint(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "statement": row["statement"],
        "key_id": row["key_id"],
        "signature": base64.b64encode(row["signature"]).decode(),
    }
