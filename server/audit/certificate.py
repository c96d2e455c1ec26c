"""The certificate of the process (固定过程说明), in Chinese and English. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

README: Final = """\
证据包 / court bundle

bundle.json      记录原文、盐值、Merkle 证明、签名检查点
                 the records with their salts, Merkle proofs, signed checkpoints
certificate.txt  固定过程说明 / certificate of the process
verifier.py      校验程序，仅需 Python 3.8 及以上 / the verifier, needs Python 3.8 or newer only

校验 / to check:
    python -I verifier.py bundle.json --key <公布的公钥 / the public key as published>

退出码 0 为一致，1 为不一致 / exit code 0: whole, 1: not.
"""

_PROCESS: Final = """\
固定过程 / how it was recorded
1. 记录写入数据库的同时列入待封存清单（同一事务）。
   A record is noted for sealing in the transaction that writes it.
2. 封存程序取出已提交的记录，各加 16 字节随机盐值计算承诺值，
   合并为 Merkle 树，根值与前一区块链接。
   The sealer takes what is committed, commits to each record with 16 random bytes of salt,
   joins the commitments in a Merkle tree and links its root to the block before.
3. 每个区块由 Ed25519 密钥签名，签名写入数据库之外的只追加文件。
   Each block is signed with an Ed25519 key; the signature is appended to a file outside the
   database.
4. 本包由同一版本软件从数据库导出，未作改动；算式见 verifier.py 文首。
   This bundle was read from the database without a change; the formulas head verifier.py.

证明什么 / what it proves
- 下列记录自所列封存时间起未被改动、替换或移位，并由所列公钥的持有者签名。
  Since the times of sealing below, the records listed were not changed, replaced or moved;
  the holder of the public key signed them.
不证明什么 / what it does not
- 不证明记录内容属实，不证明封存之前未被改动，不证明记录齐全；时间为服务器时钟所示。
  Not that a record is true, not that it was unchanged before it was sealed, not that these are
  all records; times are those of the server's clock.
"""


def certificate(content: Mapping[str, Any]) -> str:
    """Return the certificate of a bundle's content."""
    about = content["about"]
    lines = [
        "电子数据固定过程说明 / Certificate of the process",
        "",
        f"对象 / of: {about['kind']} {about['id']}",
        f"导出时间 / made at: {content['made_at']}",
        f"导出软件 / made by: {content['software']}",
        f"bundle.json SHA-256: {_sha256(content)}",
        *(f"公钥 / public key: {key}" for key in content["public_keys"]),
        "",
        "记录 / records",
        *_records(content),
        "",
        "封存 / sealing",
        *_sealings(content),
        "",
        _PROCESS,
    ]
    return "\n".join(lines)


def _records(content: Mapping[str, Any]) -> list[str]:
    counts = Counter(row["source"] for row in content["rows"])
    lines = [f"- {source}: {count}" for source, count in sorted(counts.items())]
    waiting = len(content["not_signed_yet"])
    if waiting:
        lines.append(f"- 尚未签名，未列入 / not signed yet, not in here: {waiting}")
    return lines


def _sealings(content: Mapping[str, Any]) -> list[str]:
    headers = [json.loads(block["header"]) for block in content["blocks"]]
    return [
        f"- {one['org']} #{one['block']}: {one['sealed_at']}, {one['leaves']} 条 / leaves,"
        f" {one['algorithm']}, {one['software']}"
        for one in headers
    ]


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(bundle_text(content).encode()).hexdigest()


def bundle_text(content: Mapping[str, Any]) -> str:
    """Return the text of bundle.json."""
    return json.dumps(content, ensure_ascii=False, indent=1)
