"""校验程序: checks a bundle of evidence. Python 3.8 or newer and nothing else.

    python -I verifier.py [bundle.json] [--key BASE64]

It needs no network and nothing of who made the bundle. Give the public key as it was published
(--key): without it the key that the bundle brings is used, and proves only that nothing was
changed since somebody with that key signed.

What it computes, with H as each block names it (SHA-256, FIPS 180-4, or SM3, GB/T 32905-2016):

    commitment = H(salt || content)
    leaf       = H(0x00 || "position:source/form:" || commitment)
    node       = H(0x01 || left || right)                           (RFC 6962, 2.1)
    block      = H(block before || root || header)
    signature  = Ed25519 over the checkpoint's statement            (RFC 8032, 5.1.7)
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
from typing import Any, Tuple  # noqa: UP035 - 3.8

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)


Point = Tuple[int, int, int, int]  # noqa: UP006 - 3.8


class Wrong(Exception):  # noqa: N818 - what a reader of the output is told
    """Something in the bundle is not what was sealed."""


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest (GB/T 32905-2016) of bytes."""
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600]
    state += [0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack(">Q", 8 * len(data))
    for at in range(0, len(padded), 64):
        state = _sm3_block(state, padded[at : at + 64])
    return struct.pack(">8I", *state)


def _left(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF if by else word


def _sm3_block(state: list[int], block: bytes) -> list[int]:
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _left(w[j - 3], 15)
        w.append(x ^ _left(x, 15) ^ _left(x, 23) ^ _left(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        turn = 0x79CC4519 if j < 16 else 0x7A879D8A  # noqa: PLR2004 - clause 5.3.3
        ss1 = _left((_left(a, 12) + e + _left(turn, j)) & 0xFFFFFFFF, 7)
        if j < 16:  # noqa: PLR2004 - clause 4.2
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ _left(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
        tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
        a, b, c, d = tt1, a, _left(b, 9), c
        e, f, g, h = tt2 ^ _left(tt2, 9) ^ _left(tt2, 17), e, _left(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905 - 3.8


DIGESTS = {"sha256": lambda data: hashlib.sha256(data).digest(), "sm3": sm3}


def _add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: Point) -> Point:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _x_of(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _point(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature (RFC 8032, 5.1.7) is of a message by a key."""
    if len(public) != 32 or len(signature) != 64:  # noqa: PLR2004 - clause 5.1
        return False
    key, commitment = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(scalar, _BASE)
    right = _add(commitment, _times(int.from_bytes(hashed, "little") % _ORDER, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0


def _require(holds: object, where: str, what: str) -> None:
    if not holds:
        raise Wrong(where + ": " + what)


def check_block(block: Any) -> None:
    """Hold a block's hash against its parts."""
    where = f"block {block['org']}/{block['number']}"
    header = json.loads(block["header"])
    told = (header["org"], header["block"], header["algorithm"])
    mine = (block["org"], block["number"], block["algorithm"])
    _require(told == mine, where, "its header is of another block")
    parts = bytes.fromhex(block["prev_hash"] + block["root"]) + block["header"].encode()
    found = DIGESTS[block["algorithm"]](parts).hex()
    _require(found == block["hash"], where, "its hash is not of its parts")


def check_row(row: Any, block: Any) -> None:
    """Hold a row's content against the root of its block."""
    where = f"row {row['position']} of {row['org']}"
    header = json.loads(block["header"])
    inside = header["first"] <= row["position"] < header["first"] + header["leaves"]
    _require(inside, where, f"is not in block {block['number']}")
    named = f"{row['source']}/{row['form']} "
    _require(row["content"].startswith(named), where, "is of another table")
    digest = DIGESTS[block["algorithm"]]
    commitment = digest(bytes.fromhex(row["salt"]) + row["content"].encode())
    place = f"{row['position']}:{row['source']}/{row['form']}:"
    found = digest(b"\x00" + place.encode() + commitment)
    for side, neighbour in row["path"]:
        other = bytes.fromhex(neighbour)
        found = digest(b"\x01" + (other + found if side == "left" else found + other))
    _require(found.hex() == block["root"], where, "is not what was sealed")


def check_openings(row: Any) -> None:
    """Hold what commitments inside a row stand for against them; destroyed ones are absent."""
    openings = row.get("openings", {})
    told = row["content"] + "".join(one["content"] for one in openings.values())
    for name, one in openings.items():
        found = hashlib.sha256(bytes.fromhex(one["salt"]) + one["content"].encode()).hexdigest()
        where = f"row {row['position']} of {row['org']}"
        _require(found == name and name in told, where, "what it commits to was changed")


def check_checkpoint(checkpoint: Any, blocks: Any, keys: list[bytes]) -> tuple[str, int]:
    """Hold a signed statement against its block; return (organisation, block)."""
    said = json.loads(checkpoint["statement"])
    name: tuple[str, int] = (said["org"], said["block"])
    where = f"checkpoint {name[0]}/{name[1]}"
    block = blocks.get(name)
    _require(block is not None, where, "its block is not in the bundle")
    header = json.loads(block["header"])
    told = (said["hash"], said["leaves"], said["at"], said["algorithm"])
    last = header["first"] + header["leaves"] - 1
    mine = (block["hash"], last, header["sealed_at"], header["algorithm"])
    _require(said["format"] == "guitu-checkpoint/1" and told == mine, where, "is of another state")
    signature = base64.b64decode(checkpoint["signature"])
    message = checkpoint["statement"].encode()
    _require(any(is_signed(key, message, signature) for key in keys), where, "is not signed")
    return name


def check(bundle: Any, keys: list[bytes]) -> int:
    """Check everything in a bundle; return how many rows it proves.

    Raises:
        Wrong: With what is not as it was sealed.
    """
    _require(bundle["format"] == "guitu-bundle/1", "bundle", "is of another format")
    blocks = {(block["org"], block["number"]): block for block in bundle["blocks"]}
    for block in blocks.values():
        check_block(block)
    signed = {check_checkpoint(one, blocks, keys) for one in bundle["checkpoints"]}
    for row in bundle["rows"]:
        org, number = row["org"], row["block"]
        _require((org, number) in blocks, f"row {row['position']}", "its block is missing")
        check_row(row, blocks[org, number])
        check_openings(row)
        # An unsigned block is proved by the signed one that follows it, link by link.
        while (org, number) not in signed:
            after = blocks.get((org, number + 1))
            linked = after is not None and after["prev_hash"] == blocks[org, number]["hash"]
            _require(linked, f"block {org}/{number}", "no signature reaches it")
            number += 1
    return len(bundle["rows"])


def main(arguments: list[str]) -> int:
    """Check a file and say so; return the exit code."""
    arguments = list(arguments)
    given = None
    if "--key" in arguments:
        at = arguments.index("--key")
        given = arguments[at + 1]
        del arguments[at : at + 2]
    try:
        with open(arguments[0] if arguments else "bundle.json", encoding="utf-8") as file:  # noqa: PTH123
            bundle = json.load(file)
        keys = [base64.b64decode(key) for key in ([given] if given else bundle["public_keys"])]
        count = check(bundle, keys)
    except (Wrong, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        sys.stdout.write(f"不一致 / NOT WHOLE: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"一致 / WHOLE: {count} rows, as they were sealed and signed\n")
    for key in keys:
        sys.stdout.write(f"公钥 / public key: {base64.b64encode(key).decode()}\n")
    if given is None:
        sys.stdout.write(
            "公钥取自文件本身，请与公布的核对 / the key is the bundle's own: compare it\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
