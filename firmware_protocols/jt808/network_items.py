"""Items of vendors that list what radio the terminal hears: Wi-Fi access points, mobile cells.

`extra["wifi"]` holds `{"mac", "rssi_dbm"}` each, `extra["cells"]` `{"mcc", "mnc", "lac", "cell",
"signal"}`, the signal as the terminal gives it. A list is taken only when its form fits to the
byte, for other vendors use the same ids for other things.
"""

from struct import Struct
from typing import Any, Final

from firmware_protocols.jt808.items import Fields, Item

_MCC_LEAST: Final = 200
_MCC_GREATEST: Final = 799
"""ITU-T E.212 annex A: geographic country codes begin with 2 to 7."""

_WIFI: Final = Struct(">6sb")
_CELL_F0: Final = Struct(">HHIIB")
_PLACE_E1: Final = Struct(">HH")
_CELL_E1: Final = Struct(">3sIB")
_PLACE_EB: Final = Struct(">HB")
_CELL_EB: Final = Struct(">HHB")
_CELL_D8: Final = Struct(">HBHI")


def is_country(mcc: int) -> bool:
    """Tell whether a number can be a mobile country code."""
    return _MCC_LEAST <= mcc <= _MCC_GREATEST


def _add(fields: Fields, name: str, entries: list[dict[str, Any]]) -> bool:
    fields.extra[name] = [*fields.extra.get(name, ()), *entries]
    return True


def _read_wifi(value: bytes, fields: Fields) -> bool:
    if not value or len(value) % _WIFI.size:
        return False
    seen = list(_WIFI.iter_unpack(value))
    if any(rssi > 0 for _, rssi in seen):
        return False
    return _add(fields, "wifi", [{"mac": mac.hex(":"), "rssi_dbm": rssi} for mac, rssi in seen])


def _read_counted_wifi(value: bytes, fields: Fields) -> bool:
    if not value or len(value) != 1 + value[0] * _WIFI.size:
        return False
    return value[0] == 0 or _read_wifi(value[1:], fields)


def _read_cells_f0(value: bytes, fields: Fields) -> bool:
    if not value or len(value) % _CELL_F0.size:
        return False
    seen = list(_CELL_F0.iter_unpack(value))
    if not all(is_country(mcc) for mcc, *_ in seen):
        return False
    return _add(
        fields,
        "cells",
        [
            {"mcc": mcc, "mnc": mnc, "lac": lac, "cell": cell, "signal": signal}
            for mcc, mnc, cell, lac, signal in seen
        ],
    )


def read_cells_e1(value: bytes, fields: Fields) -> bool:
    """Take country and network once, then cells of 8 bytes."""
    if len(value) < _PLACE_E1.size + _CELL_E1.size:
        return False
    mcc, mnc = _PLACE_E1.unpack_from(value)
    if not is_country(mcc) or (len(value) - _PLACE_E1.size) % _CELL_E1.size:
        return False
    return _add(
        fields,
        "cells",
        [
            {
                "mcc": mcc,
                "mnc": mnc,
                "lac": int.from_bytes(lac, "big"),
                "cell": cell,
                "signal": signal,
            }
            for lac, cell, signal in _CELL_E1.iter_unpack(value[_PLACE_E1.size :])
        ],
    )


def read_cells_eb(value: bytes, fields: Fields) -> bool:
    """Take country and network once, then cells of 5 bytes."""
    if len(value) < _PLACE_EB.size + _CELL_EB.size:
        return False
    mcc, mnc = _PLACE_EB.unpack_from(value)
    if not is_country(mcc) or (len(value) - _PLACE_EB.size) % _CELL_EB.size:
        return False
    return _add(
        fields,
        "cells",
        [
            {"mcc": mcc, "mnc": mnc, "lac": lac, "cell": cell, "signal": signal}
            for lac, cell, signal in _CELL_EB.iter_unpack(value[_PLACE_EB.size :])
        ],
    )


def read_cell_d8(value: bytes, fields: Fields) -> bool:
    """Take one cell without its signal; some firmware adds bytes after it."""
    if len(value) < _CELL_D8.size:
        return False
    mcc, mnc, lac, cell = _CELL_D8.unpack_from(value)
    return _add(fields, "cells", [{"mcc": mcc, "mnc": mnc, "lac": lac, "cell": cell}])


def read_wifi_text(value: bytes, fields: Fields) -> bool:
    """Take a count and `mac,rssi,mac,rssi` in ASCII."""
    words = value[1:].decode("ascii").split(",")
    return _add(
        fields,
        "wifi",
        [
            {"mac": mac, "rssi_dbm": int(rssi)}
            for mac, rssi in zip(words[::2], words[1::2], strict=False)
        ],
    )


NETWORK_ITEMS: Final[dict[int, Item]] = {
    0x54: Item(_read_counted_wifi),
    0xEC: Item(_read_wifi),
    0xF0: Item(_read_cells_f0),
    0xF4: Item(_read_wifi),
}
