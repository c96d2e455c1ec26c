"""The tail of a location: cells, Wi-Fi networks and accuracy (Appendix I, last part).

`n, timing advance, mcc, mnc, n x (lac, cid, signal), w, w x (name, mac, dBm), accuracy`. Known
deviations: without cells the three fields behind `0` may be missing; SG watches leave w empty and
end with two figures of unknown meaning, and write lac and cid in hexadecimal on newer networks.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from firmware_protocols.watch.frame import text_of

_COUNT: Final = re.compile(r"\d{1,2}")
_DECIMAL: Final = re.compile(r"\d{1,10}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{1,8}")
_SIGNED: Final = re.compile(r"-?\d{1,4}")
_METRES: Final = re.compile(r"\d{1,6}(\.\d{1,9})?")
_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}")
_NOT_TOLD: Final = ("", "FFFF", "ffff")
_NAME_COMMAS_MAX: Final = 8
_CELL_FIELDS: Final = 3
_ACCURACY_MAX_M: Final = 100_000


class _Unread(Exception):  # noqa: N818  # not an error: the fields are kept as they came
    """The fields are not of the form that is being tried."""


def read_surroundings(fields: Sequence[bytes]) -> tuple[dict[str, Any], float | None]:
    """Return what the tail says, for a report's extra, and the accuracy in metres.

    What is not understood is kept as hex under "unknown".
    """
    texts = [text_of(field) for field in fields]
    try:
        said, used = _cells(texts)
        accuracy_m = None
        if used < len(texts):
            wifi, used, is_counted = _wifi(texts, used)
            said |= wifi
            if is_counted and used == len(texts) - 1 and _METRES.fullmatch(texts[used]):
                # Zero is what a watch says that does not know.
                accuracy_m = min(float(texts[used]), _ACCURACY_MAX_M) or None
                used += 1
    except _Unread:
        said, used, accuracy_m = {}, 0, None
    if any(fields[used:]):
        said["unknown"] = b",".join(fields[used:]).hex()
    return said, accuracy_m


def write_surroundings(extra: Mapping[str, Any], accuracy_m: float | None) -> list[str]:
    """Return the tail's fields: the inverse of `read_surroundings`, unknown ones left out."""
    cells = extra.get("cells", [])
    fields = [str(len(cells))]
    if cells:
        head = cells[0]
        fields += [
            _shown(extra.get("timing_advance")),
            _shown(head.get("mcc")),
            _shown(head.get("mnc")),
        ]
    for cell in cells:
        fields += [str(cell["lac"]), str(cell["cid"]), _shown(cell.get("signal"))]
    networks = extra.get("wifi", [])
    fields.append(str(len(networks)))
    for network in networks:
        fields += [network["ssid"], network["mac"], _shown(network.get("rssi_dbm"))]
    fields.append("0.0" if accuracy_m is None else f"{accuracy_m:.7f}")
    return fields


def _shown(value: int | None) -> str:
    return "" if value is None else str(value)


def _cells(texts: Sequence[str]) -> tuple[dict[str, Any], int]:
    count = _count(texts, 0)
    if count == 0:
        # `0,w,...` and `0,ta,mcc,mnc,w,...` differ only in what follows: try the short form.
        try:
            _, used, is_counted = _wifi(texts, 1)
        except _Unread:
            used, is_counted = 0, False
        is_short = len(texts) == 1 or (is_counted and used >= len(texts) - 1)
        return {}, 1 if is_short else 4
    said: dict[str, Any] = {}
    if _DECIMAL.fullmatch(_at(texts, 1)):
        said["timing_advance"] = int(texts[1])
    network = {
        name: _number(_at(texts, place), _DECIMAL, 10)
        for place, name in ((2, "mcc"), (3, "mnc"))
        if _at(texts, place) not in _NOT_TOLD
    }
    rows = [texts[4 + _CELL_FIELDS * row : 7 + _CELL_FIELDS * row] for row in range(count)]
    # One letter anywhere says that the watch writes all of them in hexadecimal.
    codes = [code for row in rows for code in row[:2]]
    has_letter = any(not code.isdecimal() for code in codes)
    pattern, radix = (_HEX, 16) if has_letter else (_DECIMAL, 10)
    said["cells"] = [_cell(row, network, pattern, radix) for row in rows]
    return said, 4 + _CELL_FIELDS * count


def _cell(
    row: Sequence[str], network: dict[str, int], pattern: re.Pattern[str], radix: int
) -> dict[str, int]:
    if len(row) < _CELL_FIELDS - 1:
        raise _Unread
    cell = network | {
        "lac": _number(row[0], pattern, radix),
        "cid": _number(row[1], pattern, radix),
    }
    if len(row) == _CELL_FIELDS and row[2]:
        cell["signal"] = _number(row[2], _SIGNED, 10)
    return cell


def _wifi(texts: Sequence[str], at: int) -> tuple[dict[str, Any], int, bool]:
    """Return the networks, the place behind them and whether their number was written."""
    if _at(texts, at) == "":
        return {}, at + 1, False
    count = _count(texts, at)
    at += 1
    networks: list[dict[str, Any]] = []
    for _ in range(count):
        # A name may hold commas, so the address behind it is looked for.
        places = range(at + 1, min(at + 2 + _NAME_COMMAS_MAX, len(texts)))
        place = next((place for place in places if _MAC.fullmatch(texts[place])), None)
        if place is None:
            raise _Unread
        network: dict[str, Any] = {"ssid": ",".join(texts[at:place]), "mac": texts[place]}
        if _at(texts, place + 1):
            network["rssi_dbm"] = _number(texts[place + 1], _SIGNED, 10)
        networks.append(network)
        at = min(place + 2, len(texts))
    return ({"wifi": networks} if networks else {}), at, True


def _count(texts: Sequence[str], at: int) -> int:
    return _number(_at(texts, at), _COUNT, 10)


def _number(text: str, pattern: re.Pattern[str], radix: int) -> int:
    if not (text.isascii() and pattern.fullmatch(text)):
        raise _Unread
    return int(text, radix)


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""
